"""One city's expert panel: appointments, sessions, cases in every state with their opinions and conclusions."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from itertools import cycle
from uuid import UUID

from api.demo.rows import CityRows, Row
from domain.access import Role
from domain.calendar import local_date
from domain.panels.entities import PanelPurpose
from domain.panels.opinion_document import KINDS
from domain.panels.voting import Majority, TieRule, concluded_level
from domain.templates.forms import FORMS
from domain.templates.numbers import prefix_of, series, written

EXPERTS = ("expert", "expert2", "expert3")
FIELDS = (
    ["LEVEL_PROTECTION", "NETWORK_SECURITY"],
    ["E_GOVERNMENT", "SECURITY_MANAGEMENT"],
    ["DATA_SECURITY", "CRYPTOGRAPHY", "RISK_ASSESSMENT"],
)
# How far the cases that are not concluded have come, in turn.
STAGES = ("waiting for one", "open", "all in", "conflict", "just assigned")
PLAN_REVIEW = PanelPurpose.PLAN_REVIEW.value
QUORUM, MAJORITY, TIE_RULE = 3, Majority.SIMPLE, TieRule.HIGHER_LEVEL


def panel(rows: CityRows, counters: Counter[str]) -> None:
    """The panel's rows, for the cases that the filings and gradings have brought."""
    made = _Panel(rows, counters)
    made.appoint()
    made.ask_advice()
    of_plans, of_others = cycle(STAGES), cycle(STAGES)
    for case in sorted(rows.rows["panel_cases"], key=lambda row: row["created_at"]):
        if case["state"] == "CONCLUDED":
            made.conclude(case)
        else:
            made.proceed(case, next(of_plans if case["purpose"] == PLAN_REVIEW else of_others))


class _Panel:
    def __init__(self, rows: CityRows, counters: Counter[str]) -> None:
        self.rows = rows
        self.counters = counters
        self.sessions: dict[tuple[str, str], UUID] = {}
        self.officer = rows.users["city.officer"]

    def appoint(self) -> None:
        """The three experts of the demo's accounts, one whose term is over, and one who works for a party."""
        home = self.rows.organisations[f"{self.rows.city.name}信息化工作办公室"]
        laboratory = self.rows.organisations[f"{self.rows.city.name}信息安全测评中心第一实验室"]
        for number, name in enumerate(EXPERTS):
            self._appointment(self.rows.users[name], number, -300, 430, employer_name="某大学网络空间安全学院")
        began = self.rows.ago(900)
        former = self.rows.person("expert.former", "钱卫东", home, Role.EXPERT, "EXPERT", began)
        self._appointment(former, 0, -800, -70, employer_name="某研究院")
        employed = self.rows.person("expert.lab", "何文静", home, Role.EXPERT, "EXPERT", began)
        self._appointment(employed, 1, -300, 430, employer_id=laboratory, employer_name="信息安全测评中心第一实验室")

    def _appointment(self, user: UUID, number: int, begins: int, ends: int, **employer: object) -> None:
        self.rows.add(
            "expert_appointments",
            self.rows.ago(-begins + 5),
            user_id=user,
            fields=FIELDS[number],
            valid_from=self.rows.ago(-begins).date(),
            valid_until=self.rows.ago(-ends).date(),
            appointed_by_id=self.officer,
            **employer,
        )

    def ask_advice(self) -> None:
        """Gradings before the experts, and those that came back from them with an opinion."""
        for grading in self.rows.rows["gradings"]:
            if grading["state"] in {"IN_EXPERT_REVIEW", "DRAFT"} and grading.get("advice_requested_at"):
                moment = grading["advice_requested_at"]
                back = grading["state"] == "DRAFT"
                case = self.rows.add(
                    "panel_cases",
                    moment,
                    purpose="GRADING_ADVICE",
                    state="CONCLUDED" if back else "OPEN",
                    unit_id=grading["unit_id"],
                    system_id=grading["system_id"],
                    grading_id=grading["id"],
                    level=grading["level"],
                    concluded_at=moment + dt.timedelta(days=6) if back else None,
                    version=1,
                )
                if back:
                    grading["opinion_case_id"] = case

    def proceed(self, case: Row, stage: str) -> None:
        """Bring an open case to a stage."""
        case["state"], case["version"] = "OPEN", 1
        if stage == "open":
            return
        moment = case["created_at"] + dt.timedelta(hours=3)
        self._schedule(case, "PLANNED")
        assigned = self._assign(case, moment)
        case["state"] = "IN_REVIEW"
        given = {"all in": EXPERTS, "waiting for one": EXPERTS[1:], "conflict": EXPERTS[2:]}.get(stage, ())
        for name in given:
            self._opinion(case, name, case["level"] + (name != "expert3"), moment, agrees=name != "expert2")
        if stage == "all in":
            case["state"] = "OPINIONS_IN"
        if stage == "conflict":
            row = assigned["expert2"]
            row["conflict_declared_at"], row["conflict_reason"] = moment, "曾参与该系统的设计。"

    def conclude(self, case: Row) -> None:
        """The opinions and the conclusion of a case that is over: another level, or a plan that was then approved."""
        self._schedule(case, "CONCLUDED")
        moment = case["concluded_at"]
        self._assign(case, moment - dt.timedelta(hours=20))
        votes = [case["level"] + 1, case["level"] + 1, case["level"]]
        agrees = case["purpose"] == PLAN_REVIEW and not self._was_returned(case)
        for name, vote in zip(EXPERTS, votes, strict=True):
            self._opinion(case, name, vote, moment - dt.timedelta(hours=10), agrees=agrees)
        level = None if case["purpose"] == PLAN_REVIEW else concluded_level(votes, MAJORITY, TIE_RULE)
        purpose, year = PanelPurpose[case["purpose"]], local_date(moment).year
        prefix = prefix_of(FORMS[KINDS[purpose]].template, self.rows.city.name)
        self.counters[series(prefix, year)] += 1
        number = written(prefix, year, self.counters[series(prefix, year)])
        text = f"专家组经评审(有效意见 3 份),送评的第 {case['level']} 级不准确,建议定为第 {level} 级。"
        if level is None:
            judged = "同意该整改建设方案" if agrees else "该整改建设方案须修改完善后重新报送"
            text = f"专家组经评审(有效意见 3 份),{judged}。"
        self.rows.add(
            "panel_conclusions",
            moment,
            case_id=case["id"],
            number=number,
            level=level,
            verdict="AGREE" if agrees else "DISAGREE",
            text=text,
            opinions=3,
            quorum=QUORUM,
            majority=MAJORITY.value,
            tie_rule=TIE_RULE.value,
            chair_id=self.rows.users["expert"],
            concluded_by_id=self.officer,
        )
        opinion = {"level": level, "verdict": "DISAGREE", "text": text, "number": number}
        for grading in self.rows.rows["gradings"]:
            if grading.get("opinion_case_id") == case["id"]:
                grading["expert_opinion"] = {**opinion, "concludedAt": moment.isoformat()}

    def _schedule(self, case: Row, state: str) -> None:
        """A session of the case's purpose; those that are over have one for each month."""
        concluded = state == "CONCLUDED"
        key = (case["purpose"], f"{case['concluded_at']:%Y-%m}" if concluded else state)
        if key not in self.sessions:
            day = case["concluded_at"] if concluded else self.rows.ago(-7)
            self.sessions[key] = self.rows.add(
                "panel_sessions",
                case["created_at"],
                held_on=day.date(),
                purpose=case["purpose"],
                state=state,
                place=f"{self.rows.city.name}信息化工作办公室第二会议室",
                created_by_id=self.officer,
                version=1,
            )
        case["session_id"] = self.sessions[key]

    def _assign(self, case: Row, moment: dt.datetime) -> dict[str, Row]:
        for name in EXPERTS:
            self.rows.add(
                "panel_assignments",
                moment,
                case_id=case["id"],
                expert_id=self.rows.users[name],
                is_chair=name == "expert",
            )
        return dict(zip(EXPERTS, self.rows.rows["panel_assignments"][-len(EXPERTS) :], strict=True))

    def _was_returned(self, case: Row) -> bool:
        """Whether the case is of a plan that the city office returned."""
        return any(
            plan["id"] == case["rectification_plan_id"] and plan["state"] == "RETURNED"
            for plan in self.rows.rows["rectification_plans"]
        )

    def _opinion(self, case: Row, expert: str, level: int, moment: dt.datetime, *, agrees: bool = False) -> None:
        """An expert's opinion: a level, or of a plan whether the expert ``agrees``."""
        of_a_plan = case["purpose"] == PLAN_REVIEW
        for row in self.rows.rows["panel_assignments"][-len(EXPERTS) :]:
            if row["expert_id"] == self.rows.users[expert]:
                row["opinion_given_at"] = moment
        self.rows.add(
            "opinions",
            moment,
            case_id=case["id"],
            expert_id=self.rows.users[expert],
            recommended_level=None if of_a_plan else level,
            verdict="AGREE" if (agrees if of_a_plan else level == case["level"]) else "DISAGREE",
            reasons="措施与风险相对应,期限和责任明确。"
            if of_a_plan
            else f"从业务信息和系统服务受破坏后的影响看,定为第 {level} 级为宜。",
        )
