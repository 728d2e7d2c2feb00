"""How a unit plans its rectification and hands the plan in (整改方案; workflow.md stage 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.assessments.findings import standing
from domain.calendar import local_date
from domain.checks import LONG, Checks, require_version
from domain.documents.attach import attached, keep_attached, lock_away
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.findings import Severity
from domain.listed import known_entries, replace_entries
from domain.panels.entities import PanelPurpose
from domain.panels.use_cases import open_case
from domain.rectification.entities import CLOSED, PlanState, RectificationMeasure, RectificationPlan
from domain.rectification.life import LIFE, remember
from domain.rectification.measures import begin, measures_of, read_measures, sum_up
from domain.rectification.missing import missing_items
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding
from domain.risk.life import LIFE as RISK
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.text import Text
from domain.work import Work


async def save_rectification_plan(
    work: Work,
    *,
    system_id: UUID,
    title: str,
    measures: Sequence[Mapping[str, Any]],
    rectification_plan_id: UUID | None = None,
    version: int | None = None,
    risk_assessment_id: UUID | None = None,
    summary: str | None = None,
    document_ids: Sequence[UUID] | None = None,
) -> RectificationPlan:
    """Begin a plan, or change one that is a draft or was returned (``rectification_plan_id``, ``version``).

    ``measures`` is the whole list; ``document_ids`` are all texts of the plan (purpose RECTIFICATION_PLAN), None: those
    that it has. What is still missing is listed with the plan.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveRectificationPlan")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    plan = await _open_plan(work, system, rectification_plan_id, version)
    checks = Checks()
    plan.title = checks.text(title, "title", required=True) or ""
    plan.summary = checks.text(summary, "summary", limit=LONG)
    plan.risk_assessment_id = await _basis(work, checks, system, risk_assessment_id)
    present = await measures_of(work, plan) if rectification_plan_id else {}
    kept = known_entries(checks, measures, present, "measureId", "measures")
    values = await read_measures(work, checks, system, measures)
    checks.done()
    plan.important, plan.level, plan.saved_by_id = system.important, system.level, work.caller.user_id
    work.session.add(plan)
    await work.session.flush()
    listed = await replace_entries(work, present, kept, values, lambda: _new_measure(work, plan))
    if document_ids is not None:
        kind = DocumentKind.RECTIFICATION_PLAN
        await keep_attached(work, document_ids, "documentIds", kind, rectification_plan_id=plan.id)
    await _refresh(work, plan, listed)
    if rectification_plan_id is None:
        remember(work, plan, "saveRectificationPlan", None)
        work.record("saveRectificationPlan", plan, after={"measures": len(listed), "budget": plan.budget})
    else:
        LIFE.take(work, plan, "saveRectificationPlan", measures=len(listed), budget=plan.budget)
    return plan


async def discard_rectification_plan(
    work: Work, *, rectification_plan_id: UUID, version: int | None = None
) -> RectificationPlan:
    """DRAFT → DISCARDED. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT)."""
    work.require("discardRectificationPlan")
    plan = await own_plan(work, rectification_plan_id, version)
    LIFE.take(work, plan, "discardRectificationPlan")
    return plan


async def submit_rectification_plan(
    work: Work, *, rectification_plan_id: UUID, version: int | None = None
) -> RectificationPlan:
    """The unit's approver submits: an important system's plan to the city office and its experts (→ SUBMITTED), any
    other to be carried out (→ IN_PROGRESS). The documents, and the risk assessments it rests on, are frozen.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT), Refusal(MISSING_ITEMS) with all that is missing.
    """
    work.require("submitRectificationPlan")
    plan = await own_plan(work, rectification_plan_id, version)
    LIFE.check(plan, "submitRectificationPlan")
    system = await work.session.get_one(System, (plan.tenant_id, plan.system_id))
    require_in_use(system)
    plan.important, plan.level = system.important, system.level
    measures = list((await measures_of(work, plan)).values())
    await _refresh(work, plan, measures)
    _require_whole(plan)
    plan.submitted_at, plan.submitted_by_id = work.now, work.caller.user_id
    await _hand_in(work, plan, measures)
    if plan.important:
        case = await open_case(work, PanelPurpose.PLAN_REVIEW, plan)
        plan.panel_case_id = case.id
        LIFE.take(work, plan, "submitRectificationPlan.important", panelCaseId=str(case.id))
    else:
        begin(measures)
        LIFE.take(work, plan, "submitRectificationPlan")
    plan.review_reason = None
    return plan


async def own_plan(work: Work, key: UUID, version: int | None) -> RectificationPlan:
    """A plan of the caller's own unit, locked. Raises: Refusal(NOT_FOUND, FORBIDDEN, CONFLICT)."""
    plan = await work.load(RectificationPlan, key, field="rectificationPlanId", version=version)
    work.require_own(plan.unit_id)
    return plan


async def _open_plan(work: Work, system: System, key: UUID | None, version: int | None) -> RectificationPlan:
    """The plan to change, or a new one where the system has none open."""
    if key is not None:
        plan = await own_plan(work, key, require_version(version))
        if plan.system_id != system.id:
            raise refuse(
                ErrorCode.INVALID_INPUT,
                "该方案不属于此系统。",
                "The plan is of another system.",
                "rectificationPlanId",
            )
        LIFE.check(plan, "saveRectificationPlan")
        return plan
    is_open = await work.session.scalar(
        select(RectificationPlan.id).where(
            RectificationPlan.tenant_id == system.tenant_id,
            RectificationPlan.system_id == system.id,
            RectificationPlan.state.not_in(CLOSED),
        )
    )
    if is_open is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统已有办理中的整改方案。请给出 rectificationPlanId 修改,或待其完成。",
            "The system has a plan under way. Give its rectificationPlanId to change it, or complete it first.",
            "systemId",
        )
    return RectificationPlan(
        tenant_id=system.tenant_id,
        created_at=work.now,
        system_id=system.id,
        unit_id=system.unit_id,
        state=PlanState.DRAFT,
        missing_items=[],
        budget=0,
        progress=0,
        version=1,
    )


async def _basis(work: Work, checks: Checks, system: System, key: UUID | None) -> UUID | None:
    """The risk assessment that the plan rests on: one of the same system."""
    if key is None:
        return None
    assessment = await work.load(RiskAssessment, key, field="riskAssessmentId", lock=False)
    if assessment.system_id != system.id or assessment.state is RiskAssessmentState.DISCARDED:
        checks.wrong(
            "riskAssessmentId",
            "方案须以同一系统的、未作废的风险评估为依据。",
            "A plan rests on a risk assessment of the same system that was not discarded.",
        )
    return assessment.id


async def _refresh(work: Work, plan: RectificationPlan, measures: Sequence[RectificationMeasure]) -> None:
    """The plan's figures, and what it lacks."""
    sum_up(plan, measures)
    findings = await work.session.scalars(
        select(RiskFinding)
        .where(
            RiskFinding.tenant_id == plan.tenant_id,
            RiskFinding.risk_assessment_id == plan.risk_assessment_id,
            RiskFinding.closed_at.is_(None),
        )
        .order_by(RiskFinding.position, RiskFinding.id)
    )
    kinds = {each.kind for each in await attached(work, rectification_plan_id=plan.id)}
    assessed = await standing(work, plan.system_id, Severity.HIGH)
    plan.missing_items = missing_items(plan, measures, findings.all(), assessed, kinds, local_date(work.now))


def _require_whole(plan: RectificationPlan) -> None:
    if plan.missing_items:
        raise Refusal(
            *(
                Problem(ErrorCode.MISSING_ITEMS, Text(item["zh"], item["en"]), item["path"])
                for item in plan.missing_items
            )
        )


async def _hand_in(work: Work, plan: RectificationPlan, measures: Sequence[RectificationMeasure]) -> None:
    """Freeze the plan's documents, and the risk assessments that it or its measures rest on, with theirs."""
    await lock_away(work, await attached(work, rectification_plan_id=plan.id))
    found = select(RiskFinding.risk_assessment_id).where(
        RiskFinding.tenant_id == plan.tenant_id,
        RiskFinding.id.in_([each.risk_finding_id for each in measures if each.risk_finding_id is not None]),
    )
    assessments = await work.session.scalars(
        select(RiskAssessment)
        .where(
            RiskAssessment.tenant_id == plan.tenant_id,
            (RiskAssessment.id == plan.risk_assessment_id) | RiskAssessment.id.in_(found),
        )
        .order_by(RiskAssessment.id)
        .with_for_update()
    )
    for assessment in assessments.all():
        if assessment.state is RiskAssessmentState.RECORDED:
            await lock_away(work, await attached(work, risk_assessment_id=assessment.id))
            assessment.submitted_at = work.now
            RISK.take(work, assessment, "submitRectificationPlan")


def _new_measure(work: Work, plan: RectificationPlan) -> RectificationMeasure:
    return RectificationMeasure(
        tenant_id=plan.tenant_id,
        created_at=work.now,
        plan_id=plan.id,
        system_id=plan.system_id,
        unit_id=plan.unit_id,
        progress=0,
        under_way=False,
        version=1,
    )
