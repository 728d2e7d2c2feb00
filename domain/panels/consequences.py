"""What a conclusion does to what was before the panel (workflow.md, the lives of a filing and of a grading)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from domain.errors import ErrorCode, refuse
from domain.filings import life as filings
from domain.filings.clock import start_clock
from domain.filings.entities import Filing, FilingState
from domain.grading import life as gradings
from domain.grading.entities import Grading
from domain.panels.entities import PanelCase, PanelConclusion, PanelPurpose, Verdict
from domain.rectification.entities import PlanState, RectificationPlan
from domain.rectification.life import LIFE as PLAN
from domain.work import Work


async def carry_out(work: Work, case: PanelCase, conclusion: PanelConclusion) -> None:
    """Re-review: the filing's level is adjusted, or stands. Advice: the grading goes back with the opinion.

    A plan waits for the city office to decide.
    """
    if case.purpose is PanelPurpose.FILING_RE_REVIEW:
        await _re_reviewed(work, case, conclusion)
    elif case.purpose is PanelPurpose.GRADING_ADVICE:
        await _advised(work, case, conclusion)
    elif case.purpose is PanelPurpose.PLAN_REVIEW:
        plan = await _plan(work, case)
        PLAN.take(work, plan, "concludePanelCase", "panelCaseId", verdict=conclusion.verdict)


async def taken_up(work: Work, case: PanelCase) -> None:
    """Experts are asked: a plan that waited for them is now before the panel."""
    if case.purpose is PanelPurpose.PLAN_REVIEW:
        plan = await _plan(work, case)
        if plan.state is PlanState.SUBMITTED:
            PLAN.take(work, plan, "assignExperts", "panelCaseId")


async def _plan(work: Work, case: PanelCase) -> RectificationPlan:
    return await work.session.get_one(
        RectificationPlan, (case.tenant_id, case.rectification_plan_id), with_for_update=True
    )


async def _re_reviewed(work: Work, case: PanelCase, conclusion: PanelConclusion) -> None:
    """Another level: LEVEL_ADJUSTMENT. The level stands: UNDER_REVIEW again, with a new clock."""
    filing = await work.session.get_one(Filing, (case.tenant_id, case.filing_id), with_for_update=True)
    if conclusion.verdict is Verdict.DISAGREE:
        filings.take(work, filing, "concludePanelCase.adjusts", "panelCaseId")
        return
    filings.check(filing, "concludePanelCase.stands", "panelCaseId")
    await start_clock(work, filing)
    filings.take(work, filing, "concludePanelCase.stands", "panelCaseId")


async def _advised(work: Work, case: PanelCase, conclusion: PanelConclusion) -> None:
    """The unit sees the opinion with its grading, and may follow it or say why not."""
    grading = await work.session.get_one(Grading, (case.tenant_id, case.grading_id), with_for_update=True)
    grading.expert_opinion, grading.opinion_case_id = opinion_of(conclusion), case.id
    gradings.LIFE.take(work, grading, "concludePanelCase", "panelCaseId")


async def require_regraded(work: Work, filing: Filing) -> None:
    """A level that the panel found wrong is determined anew before it is filed again, whatever it then is.

    Raises: Refusal(INVALID_STATE).
    """
    if filing.state is not FilingState.LEVEL_ADJUSTMENT:
        return
    concluded = await work.session.scalar(
        select(func.max(PanelCase.concluded_at)).where(
            PanelCase.tenant_id == filing.tenant_id, PanelCase.filing_id == filing.id
        )
    )
    grading = await work.session.get_one(Grading, (filing.tenant_id, filing.grading_id))
    if concluded is not None and grading.confirmed_at is not None and grading.confirmed_at < concluded:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "专家评审认为定级不准。请先重新定级(saveGrading)并经审批,再重新提交;不采纳专家意见的,须在定级中说明理由。",
            "The panel found the level wrong. Grade the system anew (saveGrading) and have it approved, then submit "
            "again; who goes against the panel says why in the grading.",
            "filingId",
        )


def opinion_of(conclusion: PanelConclusion) -> dict[str, Any]:
    """A conclusion as a grading keeps it."""
    return {
        "level": conclusion.level,
        "verdict": conclusion.verdict.value,
        "text": conclusion.text,
        "number": conclusion.number,
        "concludedAt": conclusion.created_at.isoformat(),
    }
