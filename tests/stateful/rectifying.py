"""Stage 3 in a walk: risk assessments and rectification plans, restated from workflow.md and api.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import rule

from domain.access import Duty, Role
from domain.documents.kinds import DocumentKind
from domain.panels import opinions
from domain.panels import use_cases as panels
from domain.panels.entities import PanelCase
from domain.rectification import progress, review
from domain.rectification import use_cases as plans
from domain.rectification.entities import PlanState, RectificationMeasure, RectificationPlan
from domain.risk import use_cases as risks
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding
from tests.stateful.city import BY_NAME, PEOPLE, SYSTEMS, Person
from tests.stateful.model import DAY
from tests.stateful.stages import ANYBODY, IMPORTANT, Stages, Ways, youngest

EXPERTS = [person for person in PEOPLE if person.role is Role.EXPERT]
OPEN_TO_THE_UNIT = {"DRAFT", "RETURNED"}
UNDER_WAY = {"APPROVED", "IN_PROGRESS"}
OVER = {"COMPLETED", "DISCARDED"}
NEXT: Ways = {
    None: (("assess_risk", "plan_whole", "submit_plan"), ("assess_risk", "plan"), ("plan_whole", "submit_plan")),
    "DRAFT": (("plan_whole", "submit_plan"), ("assess_risk", "plan_whole", "submit_plan"), ("discard_plan",)),
    "SUBMITTED": (("panel", "panel", "review"), ("panel",)),
    "IN_PANEL_REVIEW": (("panel", "review"), ("review",)),
    "RETURNED": (("plan_whole", "submit_plan"),),
    "APPROVED": (("measure",), ("work_off", "complete")),
    "IN_PROGRESS": (("work_off", "complete"), ("measure",)),
}

ALONE = (
    "assess_risk",
    "discard_risk",
    "plan",
    "plan_whole",
    "submit_plan",
    "discard_plan",
    "review",
    "measure",
    "complete",
)
# What is read after each step.
READ = (
    ("risks", RiskAssessment, "id state"),
    ("findings", RiskFinding, "id closed_at"),
    ("plans", RectificationPlan, "id state"),
    ("measures", RectificationMeasure, "id plan_id due_on done_at under_way"),
)


@dataclass
class ModelRisk:
    """A risk assessment with its one finding."""

    system: int
    treatment: str
    key: UUID
    finding: UUID
    state: str = "RECORDED"
    closed: bool = False


@dataclass
class ModelMeasure:
    """A measure, and the finding that it treats."""

    treats: UUID | None
    due: dt.date
    key: UUID | None = None
    done: bool = False


@dataclass
class ModelPlan:
    """A rectification plan, as far as its steps depend on it."""

    system: int
    key: UUID
    state: str = "DRAFT"
    basis: ModelRisk | None = None
    measures: list[ModelMeasure] = field(default_factory=list)
    text: bool = False
    verdict: str | None = None

    @property
    def treated(self) -> set[UUID | None]:
        """The findings that its measures treat."""
        return {each.treats for each in self.measures}


class Rectifying(Stages):
    """The steps of stage 3."""

    def __init__(self) -> None:
        super().__init__()
        self.risks: list[ModelRisk] = []
        self.plans: list[ModelPlan] = []

    @rule(person=ANYBODY, number=st.integers(0, 60), way=st.integers(0, 5), steps=st.integers(1, 4))
    def rectify(self, person: Person | None, number: int, way: int, steps: int) -> None:
        for _ in range(steps):
            plan = self.open_plan(number % len(SYSTEMS))
            self.go(person, NEXT, plan.state if plan else None, way, number)
            person = None

    def open_plan(self, system: int) -> ModelPlan | None:
        """The system's plan that is not over."""
        return next((each for each in self.plans if each.system == system and each.state not in OVER), None)

    def a_plan(self, number: int) -> ModelPlan | None:
        """The system's open plan, else any that it had."""
        system = number % len(SYSTEMS)
        had = [each for each in self.plans if each.system == system]
        return self.open_plan(system) or (youngest(had, number)[1] if had else None)

    def risk_of(self, system: int) -> ModelRisk | None:
        """The system's latest risk assessment that stands."""
        found = [each for each in self.risks if each.system == system and each.state != "DISCARDED"]
        return found[-1] if found else None

    # --- risk assessments ---

    def _assess_risk(self, person: Person | None, number: int) -> None:
        """A new one, or the latest one is changed."""
        system = number % len(SYSTEMS)
        person = person or self.filer(system)
        latest = self.risk_of(system) if number % 4 == 0 else None
        treatment = "ACCEPT" if number % 3 == 0 else "MITIGATE"
        finding = {"title": "弱口令", "area": "COMPUTING_ENVIRONMENT", "severity": "HIGH", "treatment": treatment}
        finding |= {"treatmentReason": "可控", **({"findingId": latest.finding} if latest else {})}
        allowed = self.of_unit(person, Duty.FILER, system) and (latest is None or latest.state == "RECORDED")
        given = (
            {"risk_assessment_id": latest.key, "version": self.version(RiskAssessment, latest.key)} if latest else {}
        )
        made = self.attempt(
            person,
            risks.record_risk_assessment,
            allowed=allowed,
            system_id=self.city.systems[system],
            title="风险评估",
            assessed_on=self.today,
            findings=[finding],
            **given,
        )
        if made is not None and latest is not None:
            latest.treatment = treatment
        elif made is not None:
            found = self.city.rows(RiskFinding.id, risk_assessment_id=made.id)[0][0]
            self.risks.append(ModelRisk(system, treatment, made.id, found))

    def _discard_risk(self, person: Person | None, number: int) -> None:
        if not self.risks:
            return
        risk = youngest(self.risks, number)[1]
        person = person or self.filer(risk.system)
        plan = self.open_plan(risk.system)
        rests = plan is not None and (plan.basis is risk or risk.finding in plan.treated)
        allowed = self.of_unit(person, Duty.FILER, risk.system) and risk.state == "RECORDED" and not rests
        if self.attempt(person, risks.discard_risk_assessment, allowed=allowed, risk_assessment_id=risk.key):
            risk.state = "DISCARDED"

    # --- the unit's plan ---

    def _plan(self, person: Person | None, number: int) -> None:
        self.save(person, number, whole=False)

    def _plan_whole(self, person: Person | None, number: int) -> None:
        self.save(person, number, whole=True)

    def save(self, person: Person | None, number: int, *, whole: bool) -> None:
        """Begin a plan, or write it anew: with all that it needs, or without measures against what was found."""
        system = number % len(SYSTEMS)
        person = person or self.filer(system)
        plan, basis = self.open_plan(system), self.risk_of(system) if whole else None
        wanted = [ModelMeasure(each, self.today + DAY * (5 + number % 30)) for each in self.to_treat(system, basis)]
        wanted += [ModelMeasure(None, self.today + DAY * 40)] if whole or number % 2 else []
        documents = None
        if whole:
            owner = person.home if person.role is not Role.EXPERT else SYSTEMS[system]
            documents = [self.city.document(owner, DocumentKind.RECTIFICATION_PLAN, self.now)]
        again = plan is not None and number % 6 != 5
        allowed = self.of_unit(person, Duty.FILER, system)
        allowed &= plan.state in OPEN_TO_THE_UNIT if again and plan else plan is None
        given = (
            {"rectification_plan_id": plan.key, "version": self.version(RectificationPlan, plan.key)}
            if again and plan
            else {}
        )
        made = self.attempt(
            person,
            plans.save_rectification_plan,
            allowed=allowed,
            system_id=self.city.systems[system],
            title="整改方案",
            measures=[self.given(each) for each in wanted],
            risk_assessment_id=basis.key if basis else None,
            document_ids=documents,
            **given,
        )
        if made is None:
            return
        if plan is None:
            plan = ModelPlan(system, made.id)
            self.plans.append(plan)
        plan.basis, plan.measures, plan.text = basis, wanted, plan.text or whole
        for measure, row in zip(wanted, self.measures_of(plan), strict=True):
            measure.key = row

    def measures_of(self, plan: ModelPlan) -> list[UUID]:
        """The keys of the plan's measures, in their order."""
        found = self.city.rows(RectificationMeasure.position, RectificationMeasure.id, plan_id=plan.key)
        return [key for _, key in sorted(found)]

    def given(self, measure: ModelMeasure) -> dict[str, object]:
        """A measure as the API has it."""
        kind = "assessmentFindingId" if any(measure.treats in found for found in self.standing) else "riskFindingId"
        return {"title": "整改措施", "owner": "张三", "dueOn": measure.due, "budget": 100, kind: measure.treats}

    def to_treat(self, system: int, basis: ModelRisk | None) -> list[UUID]:
        """What a plan has to treat: the risk of its basis, unless accepted, and grave findings of assessments."""
        risk = [basis.finding] if basis and basis.treatment != "ACCEPT" and not basis.closed else []
        return risk + [key for key, severity in self.standing[system].items() if severity == "HIGH"]

    def is_whole(self, plan: ModelPlan) -> bool:
        """Whether the plan lacks nothing today."""
        in_time = bool(plan.measures) and all(each.done or each.due >= self.today for each in plan.measures)
        treated = set(self.to_treat(plan.system, plan.basis)) <= plan.treated
        return in_time and treated and (plan.system not in IMPORTANT or (plan.basis is not None and plan.text))

    def _submit_plan(self, person: Person | None, number: int) -> None:
        plan = self.a_plan(number)
        if plan is None:
            return
        person = person or self.approver(plan.system)
        allowed = (
            self.of_unit(person, Duty.APPROVER, plan.system) and plan.state in OPEN_TO_THE_UNIT and self.is_whole(plan)
        )
        given = {"rectification_plan_id": plan.key}
        if self.attempt(person, plans.submit_rectification_plan, allowed=allowed, **given):
            plan.state, plan.verdict = "SUBMITTED" if plan.system in IMPORTANT else "IN_PROGRESS", None
            for risk in self.risks:
                if risk.state == "RECORDED" and (risk is plan.basis or risk.finding in plan.treated):
                    risk.state = "SUBMITTED"

    def _discard_plan(self, person: Person | None, number: int) -> None:
        plan = self.a_plan(number)
        if plan is None:
            return
        person = person or self.filer(plan.system)
        allowed = self.of_unit(person, Duty.FILER, plan.system) and plan.state == "DRAFT"
        if self.attempt(person, plans.discard_rectification_plan, allowed=allowed, rectification_plan_id=plan.key):
            plan.state = "DISCARDED"

    # --- the city office and the panel ---

    def _panel(self, _: Person | None, number: int) -> None:
        """The panel meets on a plan that waits for it; then its three experts agree or not, and it concludes."""
        plan, officer = self.a_plan(number), BY_NAME["officer"]
        if plan is None or plan.state not in {"SUBMITTED", "IN_PANEL_REVIEW"} or plan.verdict:
            return
        case = self.city.rows(PanelCase.id, rectification_plan_id=plan.key, concluded_at=None)[0][0]
        if plan.state == "SUBMITTED":
            purpose = "PLAN_REVIEW"
            met = self.attempt(officer, panels.create_panel_session, allowed=True, held_on=self.today, purpose=purpose)
            given = {"panel_session_id": met.id, "panel_case_id": case}
            self.attempt(officer, panels.add_panel_case, allowed=True, **given)
            asked = [self.city.users[expert.name] for expert in EXPERTS]
            self.attempt(officer, panels.assign_experts, allowed=True, panel_case_id=case, expert_ids=asked)
            plan.state = "IN_PANEL_REVIEW"
            return
        verdict = "DISAGREE" if number % 3 == 0 else "AGREE"
        for expert in EXPERTS:
            given = {"panel_case_id": case, "reasons": "理由", "verdict": verdict}
            self.attempt(expert, opinions.submit_opinion, allowed=True, **given)
        self.attempt(officer, panels.conclude_panel_case, allowed=True, panel_case_id=case)
        plan.verdict = verdict

    def _review(self, person: Person | None, number: int) -> None:
        plan = self.a_plan(number)
        if plan is None:
            return
        person = person or BY_NAME["officer"]
        approves, reason = number % 4 != 0, "理由" if number % 5 else None
        explained = reason is not None or (approves and plan.verdict == "AGREE")
        allowed = (
            self.of_city(person, Duty.OFFICER)
            and plan.state == "IN_PANEL_REVIEW"
            and plan.verdict is not None
            and explained
        )
        given = {"rectification_plan_id": plan.key, "reason": reason, "decision": "APPROVE" if approves else "RETURN"}
        if self.attempt(person, review.review_rectification_plan, allowed=allowed, **given):
            plan.state = "APPROVED" if approves else "RETURNED"

    # --- carrying it out ---

    def _measure(self, person: Person | None, number: int) -> None:
        """Report on a measure; every third time its last day is moved, now and then to one that has passed."""
        plan = self.a_plan(number)
        if plan is None or not plan.measures:
            return
        moved = self.today + DAY * (number % 30 - 3) if number % 3 == 0 else None
        self.report(person, plan, plan.measures[number % len(plan.measures)], number * 10 % 110, moved)

    def _work_off(self, person: Person | None, number: int) -> None:
        plan = self.a_plan(number)
        for measure in plan.measures if plan else ():
            assert plan
            self.report(person, plan, measure, 100, None)

    def report(
        self, person: Person | None, plan: ModelPlan, measure: ModelMeasure, done: int, moved: dt.date | None
    ) -> None:
        """Say how far a measure is."""
        person = person or self.filer(plan.system)
        allowed = (
            self.of_unit(person, Duty.FILER, plan.system)
            and plan.state in UNDER_WAY
            and (moved is None or moved == measure.due or moved >= self.today)
        )
        given = {"measure_id": measure.key, "progress": done, "note": "进展", "due_on": moved}
        if self.attempt(person, progress.update_measure, allowed=allowed, **given):
            plan.state, measure.done, measure.due = "IN_PROGRESS", done == 100, moved or measure.due

    def _complete(self, person: Person | None, number: int) -> None:
        plan = self.a_plan(number)
        if plan is None:
            return
        person = person or self.filer(plan.system)
        evidence = []
        if number % 7:
            owner = person.home if person.role is not Role.EXPERT else SYSTEMS[plan.system]
            evidence = [self.city.document(owner, DocumentKind.OTHER, self.now)]
        allowed = (
            self.of_unit(person, Duty.FILER, plan.system)
            and plan.state == "IN_PROGRESS"
            and all(each.done for each in plan.measures)
            and bool(evidence)
        )
        given = {"rectification_plan_id": plan.key, "evidence_ids": evidence}
        if self.attempt(person, progress.complete_rectification, allowed=allowed, **given):
            plan.state = "COMPLETED"
            for risk in self.risks:
                risk.closed = risk.closed or risk.finding in plan.treated

    # --- what always holds ---

    def check_rectification(self, there: Mapping[str, Any]) -> None:
        """The database is what the model is."""
        self.reach(RiskAssessmentState, (each.state for each in self.risks))
        self.reach(PlanState, (each.state for each in self.plans))
        assert {row.id: row.state.value for row in there["risks"]} == {each.key: each.state for each in self.risks}
        assert {row.id: row.closed_at is not None for row in there["findings"]} == {
            each.finding: each.closed for each in self.risks
        }
        assert {row.id: row.state.value for row in there["plans"]} == {each.key: each.state for each in self.plans}
        # A measure is under way, and reminded of, while its plan is carried out and it is not done.
        assert {
            row.id: (row.plan_id, row.due_on, row.done_at is not None, row.under_way) for row in there["measures"]
        } == {
            each.key: (plan.key, each.due, each.done, plan.state in UNDER_WAY and not each.done)
            for plan in self.plans
            for each in plan.measures
        }
