"""A grading's life (workflow.md, "Life of a grading"): one table of what may follow what."""

from __future__ import annotations

from collections.abc import Mapping

from domain.grading.entities import Grading, GradingState, GradingTransition
from domain.transitions import Life, Step, step
from domain.work import Work

S = GradingState

_OF_A_DRAFT = {
    "zh": "只有草稿可以修改、提交或送评。",
    "en": "Only a draft can be changed, submitted or sent to experts.",
}
_OF_APPROVAL = {"zh": "只有待审批的定级可以确认或退回。", "en": "Only one awaiting approval is confirmed or returned."}

STEPS: Mapping[str, Step[GradingState]] = {
    "saveGrading": step(S.DRAFT, to=None, **_OF_A_DRAFT),
    "discardGrading": step(S.DRAFT, to=S.DISCARDED, zh="只有草稿可以作废。", en="Only a draft can be discarded."),
    "requestGradingAdvice": step(S.DRAFT, to=S.IN_EXPERT_REVIEW, **_OF_A_DRAFT),
    "concludePanelCase": step(
        S.IN_EXPERT_REVIEW,
        to=S.DRAFT,
        zh="只有专家评审中的定级可以据评审意见办理。",
        en="Only a grading with the panel follows its opinion.",
    ),
    "submitGrading": step(S.DRAFT, to=S.AWAITING_APPROVAL, **_OF_A_DRAFT),
    "confirmGrading": step(S.AWAITING_APPROVAL, to=S.CONFIRMED, **_OF_APPROVAL),
    "returnGrading": step(S.AWAITING_APPROVAL, to=S.DRAFT, **_OF_APPROVAL),
    "supersede": step(
        S.CONFIRMED, to=S.SUPERSEDED, zh="只有现行定级可被取代。", en="Only the one in force is superseded."
    ),
}


def remember(work: Work, grading: Grading, action: str, before: GradingState | None) -> None:
    """Add a line to the grading's history, with the reason that it was returned for."""
    work.session.add(
        GradingTransition(
            tenant_id=grading.tenant_id,
            created_at=work.now,
            grading_id=grading.id,
            action=action,
            from_state=before,
            to_state=grading.state,
            by_id=work.caller.user_id,
            reason=grading.return_reason if action == "returnGrading" else None,
        )
    )


# A grading begins as a draft of the unit's; one that came with a paper filing is in force at once.
BEGINNINGS: Mapping[str, GradingState] = {"saveGrading": S.DRAFT, "enterFiling": S.CONFIRMED}
LIFE = Life("gradingId", STEPS, remember)
