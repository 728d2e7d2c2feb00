"""A rectification plan's life (workflow.md stage 3 and "Rectification"): one table of what may follow what.

An important system's plan goes to the city office, through the panel, and is approved or returned; any other is the
unit's own, and begins once its approver has submitted it.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.rectification.entities import PlanState, RectificationPlan, RectificationPlanTransition
from domain.transitions import Life, Step, step
from domain.work import Work

S = PlanState

_OF_THE_UNIT = {
    "zh": "只有草稿或被退回的方案可以修改、提交。",
    "en": "Only a draft, or a plan that was returned, can be changed and submitted.",
}
_OF_REVIEW = {
    "zh": "重要信息系统的方案须经专家评审形成意见后,方可同意或退回。",
    "en": "A plan is approved or returned once the panel has concluded on it.",
}
_OF_THE_PANEL = {"zh": "只有已报送的方案由专家评审。", "en": "The panel reviews plans that were submitted."}
_UNDER_WAY = {
    "zh": "只有已同意或整改中的方案可以更新措施进展。",
    "en": "Measures are reported on while the plan is approved or in progress.",
}

STEPS: Mapping[str, Step[PlanState]] = {
    "saveRectificationPlan": step(S.DRAFT, S.RETURNED, to=None, **_OF_THE_UNIT),
    "discardRectificationPlan": step(
        S.DRAFT,
        to=S.DISCARDED,
        zh="只有未提交过的草稿可以作废。",
        en="Only a draft that was never submitted is discarded.",
    ),
    "submitRectificationPlan": step(S.DRAFT, S.RETURNED, to=S.IN_PROGRESS, **_OF_THE_UNIT),
    "submitRectificationPlan.important": step(S.DRAFT, S.RETURNED, to=S.SUBMITTED, **_OF_THE_UNIT),
    "assignExperts": step(S.SUBMITTED, to=S.IN_PANEL_REVIEW, **_OF_THE_PANEL),
    "concludePanelCase": step(S.IN_PANEL_REVIEW, to=None, **_OF_THE_PANEL),
    "reviewRectificationPlan.approve": step(S.IN_PANEL_REVIEW, to=S.APPROVED, **_OF_REVIEW),
    "reviewRectificationPlan.return": step(S.IN_PANEL_REVIEW, to=S.RETURNED, **_OF_REVIEW),
    "updateMeasure": step(S.APPROVED, S.IN_PROGRESS, to=S.IN_PROGRESS, **_UNDER_WAY),
    "completeRectification": step(
        S.IN_PROGRESS, to=S.COMPLETED, zh="只有整改中的方案可以办结。", en="Only a plan in progress is completed."
    ),
}


def remember(work: Work, plan: RectificationPlan, action: str, before: PlanState | None) -> None:
    """Add a line to the plan's history where its state has moved, with the reason of a review."""
    if before is plan.state:
        return
    work.session.add(
        RectificationPlanTransition(
            tenant_id=plan.tenant_id,
            created_at=work.now,
            plan_id=plan.id,
            action=action,
            from_state=before,
            to_state=plan.state,
            by_id=work.caller.user_id,
            reason=plan.review_reason if action == "reviewRectificationPlan" else None,
        )
    )


LIFE = Life("rectificationPlanId", STEPS, remember)
