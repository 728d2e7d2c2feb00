"""One city's risk assessments and rectification: the directory of providers, and plans in every state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import cycle
from typing import Any
from uuid import UUID

from api.demo.filings import Filings
from api.demo.names import PROVIDERS
from api.demo.rows import CityRows, Row, StoredFile
from domain.calendar import local_date
from domain.documents.kinds import DocumentKind
from domain.rectification.entities import RectificationMeasure, RectificationPlan
from domain.rectification.measures import begin, sum_up
from domain.rectification.missing import missing_items
from domain.risk.entities import RiskFinding

# Who is in the directory: what it offers, for how many days from now it is recommended, and why no longer.
ENTRIES: Sequence[tuple[list[str], int, str | None]] = (
    (["SECURITY_SERVICE", "RISK_ASSESSMENT"], 300, None),
    (["RISK_ASSESSMENT"], 500, None),
    (["TESTING"], -20, None),
    (["RISK_ASSESSMENT", "SECURITY_SERVICE"], 200, "出具的评估报告与现场情况不符。"),
)
# Title, asset, control area, severity, treatment, and the measure that treats it.
FINDINGS: Sequence[tuple[str, str, str, str, str, str]] = (
    ("互联网出口缺少访问控制", "边界路由器", "AREA_BOUNDARY", "HIGH", "MITIGATE", "部署边界防火墙并收敛端口"),
    ("管理员口令长期未更换", "应用服务器", "COMPUTING_ENVIRONMENT", "MEDIUM", "MITIGATE", "启用口令策略和双因素登录"),
    ("数据库无异地备份", "业务数据库", "COMPUTING_ENVIRONMENT", "HIGH", "MITIGATE", "建设异地备份并每季度演练"),
    ("机房未设独立监控", "机房", "PHYSICAL_ENVIRONMENT", "LOW", "ACCEPT", ""),
)
# The demo unit's plans by the place of their systems: story, and whether the system is important.
OF_THE_DEMO_UNIT = (
    (0, "with the panel", True), (1, "returned", True), (2, "draft", False), (3, "approved", True),
    (4, "in progress", False), (5, "with the panel", True), (6, "completed", False), (7, "lacking draft", True),
    (8, "discarded", False), (9, "in progress", True), (10, "to decide", True), (11, "completed", True),
)  # fmt: skip
# Of others' systems, in turn: of important ones, and of every third of the rest.
OF_IMPORTANT = ("with the panel", "completed", "approved", "in progress", "returned", "to decide")
OF_THE_REST = ("in progress", "draft", "completed", "discarded")
STATES = {
    "draft": "DRAFT", "lacking draft": "DRAFT", "discarded": "DISCARDED", "with the panel": "IN_PANEL_REVIEW",
    "to decide": "IN_PANEL_REVIEW", "approved": "APPROVED", "returned": "RETURNED", "in progress": "IN_PROGRESS",
    "completed": "COMPLETED",
}  # fmt: skip
NOT_HANDED_IN = frozenset({"draft", "lacking draft", "discarded"})
# How long ago a plan was begun, in days.
AGE = {"draft": 5, "lacking draft": 4, "discarded": 90, "with the panel": 20, "to decide": 30, "completed": 200}
EVERY, MOST = 3, 18
PROGRESS = (100, 60, 30)


def rectification(rows: CityRows, filings: Filings) -> None:
    """The rows, cases for the panel among them: what is to be there before ``panel`` makes its own."""
    made = _Rectification(rows, filings)
    made.directory()
    demo, *_ = filings.units
    systems = [row for row in rows.rows["systems"] if row["unit_id"] == demo]
    for place, story, important in OF_THE_DEMO_UNIT:
        if important and not systems[place]["important"]:
            systems[place].update(important=True, important_since=rows.ago(300).date())
        made.plan(systems[place], story)
    others = [row for row in rows.rows["systems"] if row["unit_id"] != demo and (row.get("level") or 0) > 1]
    marked = [row for row in others if row["important"]][:MOST]
    rest = [row for row in others if not row["important"]][: EVERY * MOST : EVERY]
    for some, stories in ((marked, OF_IMPORTANT), (rest, OF_THE_REST)):
        for system, story in zip(some, cycle(stories), strict=False):
            made.plan(system, story)


def follow_cases(rows: CityRows) -> None:
    """Plans whose case has not been taken up by experts are still with the city office alone."""
    plans = {row["id"]: row for row in rows.rows["rectification_plans"]}
    for case in rows.rows["panel_cases"]:
        if case.get("rectification_plan_id") and case["state"] == "OPEN":
            plan = plans[case["rectification_plan_id"]]
            plan["state"] = "SUBMITTED"
            rows.rows["rectification_plan_transitions"] = [
                row
                for row in rows.rows["rectification_plan_transitions"]
                if row["plan_id"] != plan["id"] or row["to_state"] != "IN_PANEL_REVIEW"
            ]


class _Rectification:
    def __init__(self, rows: CityRows, filings: Filings) -> None:
        self.rows = rows
        self.filings = filings
        self.providers: list[UUID] = []
        self.turn = 0

    def directory(self) -> None:
        began = self.rows.ago(360)
        for number, (name, entry) in enumerate(zip(PROVIDERS, ENTRIES, strict=True)):
            services, days, withdrawn = entry
            self.providers.append(
                self.rows.add(
                    "providers",
                    began,
                    organisation_id=self.rows.organisations[f"{self.rows.city.name}{name}"],
                    services=services,
                    qualifications=[
                        {
                            "name": "信息安全服务资质证书",
                            "number": f"CCRC-2026-ISV-RA-{number + 1:03d}",
                            "issuedBy": "中国网络安全审查认证和市场监管大数据中心",
                            "validFrom": began.date().isoformat(),
                            "validUntil": self.rows.ago(-days).date().isoformat(),
                        }
                    ],
                    description="面向党政机关的等级保护相关服务。",
                    state="WITHDRAWN" if withdrawn else "RECOMMENDED",
                    valid_from=began.date(),
                    valid_until=self.rows.ago(-days).date(),
                    recommended_by_id=self.rows.users["city.officer"],
                    withdrawn_at=self.rows.ago(30) if withdrawn else None,
                    withdraw_reason=withdrawn,
                    version=2 if withdrawn else 1,
                )
            )

    def plan(self, system: Row, story: str) -> None:
        """A system's plan as far as its story goes, with the risk assessment that it rests on."""
        self.turn += 1
        days = AGE.get(story, 60) + self.turn % 5
        filer, approver = self.filings.people[system["unit_id"]]
        assessment, findings = self._assess(system, story, days + 10, filer)
        moment = self.rows.ago(days)
        key = self.rows.add(
            "rectification_plans",
            moment,
            system_id=system["id"],
            unit_id=system["unit_id"],
            risk_assessment_id=assessment,
            state=STATES[story],
            title=f"{system['name']}等级保护整改建设方案",
            summary="针对风险评估发现的问题,分期落实整改措施。",
            important=system["important"],
            level=system.get("level"),
            saved_by_id=filer,
            version=2,
        )
        plan = self.rows.rows["rectification_plans"][-1]
        measures = self._measures(plan, findings, story, moment)
        if story != "lacking draft":
            self._document(plan, DocumentKind.RECTIFICATION_PLAN, moment, rectification_plan_id=key)
        self._history(plan, "saveRectificationPlan", None, "DRAFT", moment, filer)
        self._walk(plan, story, moment, filer, approver)
        self._sum_up(plan, measures, findings)

    def _assess(self, system: Row, story: str, days: int, filer: UUID) -> tuple[UUID, list[Row]]:
        moment = self.rows.ago(days)
        submitted = story not in NOT_HANDED_IN
        key = self.rows.add(
            "risk_assessments",
            moment,
            system_id=system["id"],
            unit_id=system["unit_id"],
            provider_id=self.providers[self.turn % 2] if self.turn % 3 else None,
            state="SUBMITTED" if submitted else "RECORDED",
            title=f"{system['name']}风险评估",
            assessed_on=moment.date(),
            summary="总体风险可控,个别问题须限期整改。",
            severity="HIGH",
            recorded_by_id=filer,
            submitted_at=moment + dt.timedelta(days=11) if submitted else None,
            version=1,
        )
        report = DocumentKind.RISK_ASSESSMENT_REPORT
        self._document(self.rows.rows["risk_assessments"][-1], report, moment, risk_assessment_id=key)
        for position, (title, asset, area, severity, treatment, _) in enumerate(FINDINGS):
            self.rows.add(
                "risk_findings",
                moment,
                risk_assessment_id=key,
                position=position,
                title=title,
                asset=asset,
                area=area,
                severity=severity,
                treatment=treatment,
                treatment_reason="影响有限,已有值班巡查。" if treatment == "ACCEPT" else None,
            )
        return key, self.rows.rows["risk_findings"][-len(FINDINGS) :]

    def _measures(self, plan: Row, findings: Sequence[Row], story: str, moment: dt.datetime) -> list[Row]:
        treated = [each for each in zip(findings, FINDINGS, strict=True) if each[1][5]]
        for position, (finding, (*_, measure)) in enumerate(treated):
            done = story == "completed"
            progress = 100 if done else PROGRESS[position] if story == "in progress" else 0
            self.rows.add(
                "rectification_measures",
                moment,
                plan_id=plan["id"],
                system_id=plan["system_id"],
                unit_id=plan["unit_id"],
                position=position,
                title=measure,
                owner=("信息中心", "运维科", "办公室")[position],
                due_on=self._due_on(position, progress),
                budget=(180_000, 60_000, 420_000)[position],
                progress=progress,
                note="已完成采购,正在实施。" if 0 < progress < 100 else None,
                under_way=False,
                done_at=self.rows.ago(10 + position) if progress == 100 else None,
                risk_finding_id=finding["id"],
                version=1,
            )
            finding["closed_at"] = self.rows.ago(8) if done else None
        return self.rows.rows["rectification_measures"][-len(treated) :]

    def _due_on(self, position: int, progress: int) -> dt.date:
        """One measure has slipped in every fifth plan that is in progress."""
        slipped = self.turn % 5 == 0 and progress == PROGRESS[1]
        return self.rows.ago(3 if slipped else -40 * (position + 1)).date()

    def _walk(self, plan: Row, story: str, moment: dt.datetime, filer: UUID, approver: UUID) -> None:
        """The steps that led to the plan's state."""
        state, officer, day = plan["state"], self.rows.users["city.officer"], dt.timedelta(days=1)
        if story == "discarded":
            self._history(plan, "discardRectificationPlan", "DRAFT", state, moment + day, filer)
        if story in NOT_HANDED_IN:
            return
        plan["submitted_at"], plan["submitted_by_id"] = moment + day, approver
        former = "DRAFT"
        if plan["important"]:
            self._history(plan, "submitRectificationPlan", former, "SUBMITTED", moment + day, approver)
            self._history(plan, "assignExperts", "SUBMITTED", "IN_PANEL_REVIEW", moment + 3 * day, officer)
            former = "IN_PANEL_REVIEW"
            self._case(plan, moment + day, None if story == "with the panel" else moment + 8 * day)
            if state != former:
                decided = "RETURNED" if state == "RETURNED" else "APPROVED"
                plan["reviewed_at"], plan["reviewed_by_id"] = moment + 9 * day, officer
                plan["review_reason"] = "请按专家意见补充异地备份的建设内容。" if decided == "RETURNED" else None
                self._history(plan, "reviewRectificationPlan", former, decided, moment + 9 * day, officer)
                former = decided
        if state in {"IN_PROGRESS", "COMPLETED"}:
            action = "updateMeasure" if plan["important"] else "submitRectificationPlan"
            self._history(plan, action, former, "IN_PROGRESS", moment + 10 * day, filer)
        if state == "COMPLETED":
            plan["completed_at"], plan["completion_note"] = self.rows.ago(8), "各项措施均已落实并经复测。"
            self._document(plan, DocumentKind.OTHER, self.rows.ago(8), rectification_plan_id=plan["id"])
            self._history(plan, "completeRectification", "IN_PROGRESS", state, self.rows.ago(8), filer)

    def _case(self, plan: Row, moment: dt.datetime, concluded: dt.datetime | None) -> None:
        plan["panel_case_id"] = self.rows.add(
            "panel_cases",
            moment,
            purpose="PLAN_REVIEW",
            state="CONCLUDED" if concluded else "OPEN",
            unit_id=plan["unit_id"],
            system_id=plan["system_id"],
            rectification_plan_id=plan["id"],
            level=plan["level"],
            concluded_at=concluded,
            version=1,
        )

    def _sum_up(self, plan: Row, measures: Sequence[Row], findings: Sequence[Row]) -> None:
        """The plan's figures and what it lacks, worked out as the platform does."""
        entity = RectificationPlan(**plan)
        parts = [RectificationMeasure(**{"done_at": None, **row}) for row in measures]
        if plan["state"] in {"APPROVED", "IN_PROGRESS"}:
            begin(parts)
        sum_up(entity, parts)
        kinds = {row["kind"] for row in self.rows.rows["documents"] if row.get("rectification_plan_id") == plan["id"]}
        open_ = [RiskFinding(**row) for row in findings if row.get("closed_at") is None]
        plan["missing_items"] = missing_items(
            entity, parts, open_, (), {DocumentKind[kind] for kind in kinds}, local_date(self.rows.now)
        )
        for name in ("budget", "due_on", "next_due_on", "progress"):
            plan[name] = getattr(entity, name)
        for row, part in zip(measures, parts, strict=True):
            row["under_way"] = part.under_way

    def _document(self, subject: Row, kind: DocumentKind, moment: dt.datetime, **key: UUID) -> None:
        stored: StoredFile = self.filings.files[kind][self.turn % len(self.filings.files[kind])]
        by = self.filings.people[subject["unit_id"]][0]
        self.rows.document(stored, moment, kind.value, subject["unit_id"], by, **key)

    def _history(self, plan: Row, action: str, before: str | None, after: str, moment: dt.datetime, by: UUID) -> None:
        values: dict[str, Any] = {"action": action, "from_state": before, "to_state": after, "by_id": by}
        reason = plan.get("review_reason") if action == "reviewRectificationPlan" else None
        self.rows.add("rectification_plan_transitions", moment, plan_id=plan["id"], reason=reason, **values)
