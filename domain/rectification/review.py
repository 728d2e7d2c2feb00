"""What the city office and the panel do with an important system's plan (整改方案评审; workflow.md stage 3)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.panels.entities import PanelCase, PanelConclusion, Verdict
from domain.rectification.entities import RectificationPlan
from domain.rectification.life import LIFE
from domain.rectification.measures import begin, measures_of
from domain.text import Term
from domain.work import Work


class PlanDecision(Term):
    """What the city office answers to a plan (方案审核决定)."""

    APPROVE = "APPROVE", "同意", "the plan can be carried out"
    RETURN = "RETURN", "退回", "the plan is to be changed, for the reasons given"


async def review_rectification_plan(
    work: Work,
    *,
    rectification_plan_id: UUID,
    decision: PlanDecision,
    reason: str | None = None,
    version: int | None = None,
) -> RectificationPlan:
    """Approve (→ APPROVED) or return (→ RETURNED) a plan on which the panel has concluded.

    A return gives its reasons, and so does an approval that goes against the panel.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("reviewRectificationPlan")
    plan = await work.load(RectificationPlan, rectification_plan_id, field="rectificationPlanId", version=version)
    decided = PlanDecision[decision]
    step = f"reviewRectificationPlan.{decided.value.lower()}"
    LIFE.check(plan, step)
    verdict = await _concluded(work, plan)
    checks = Checks()
    text = checks.text(reason, "reason", limit=LONG)
    if text is None and decided is PlanDecision.RETURN:
        checks.wrong("reason", "请说明退回理由。", "Say why the plan is returned.")
    if text is None and decided is PlanDecision.APPROVE and verdict is Verdict.DISAGREE:
        checks.wrong(
            "reason",
            "专家评审不同意该方案。请说明未采纳专家意见的理由。",
            "The panel disagrees with the plan. Say why its opinion is not followed.",
        )
    checks.done()
    plan.review_reason, plan.reviewed_at, plan.reviewed_by_id = text, work.now, work.caller.user_id
    if decided is PlanDecision.APPROVE:
        begin(list((await measures_of(work, plan)).values()))
    LIFE.take(work, plan, step, decision=decided, reason=text)
    return plan


async def _concluded(work: Work, plan: RectificationPlan) -> Verdict:
    """What the panel concluded on the plan as it was last submitted. Raises: Refusal(INVALID_STATE)."""
    verdict = await work.session.scalar(
        select(PanelConclusion.verdict)
        .join(PanelCase, (PanelCase.tenant_id == PanelConclusion.tenant_id) & (PanelCase.id == PanelConclusion.case_id))
        .where(PanelCase.tenant_id == plan.tenant_id, PanelCase.id == plan.panel_case_id)
    )
    if verdict is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "专家评审尚未形成意见。请待其形成意见后再办理。",
            "The panel has not concluded on it yet. Decide when it has.",
            "rectificationPlanId",
        )
    return verdict
