"""A filing's life (workflow.md): one table of what may follow what, and the only place that moves a filing."""

from __future__ import annotations

from collections.abc import Mapping

from domain.filings.entities import Filing, FilingState, FilingTransition
from domain.transitions import Life, Step, step
from domain.work import Work

S = FilingState

EDITABLE = (S.DRAFT, S.INCOMPLETE, S.LEVEL_ADJUSTMENT)
_WHILEEDITABLE = {
    "zh": "只有草稿、资料不全或调整级别中的备案可以修改。",
    "en": "Only a draft, or one sent back, can be changed.",
}
_AFTER_REVIEW = {"zh": "只有审核中的备案可以答复。", "en": "Only a filing under review can be answered."}
_AFTER_PANEL = {"zh": "只有再评审中的备案可以据评审意见办理。", "en": "Only a filing in re-review follows the panel."}

# The state in which a filing begins, by how it is begun.
BEGINNINGS: Mapping[str, FilingState] = {
    "createFiling": S.DRAFT,
    "amendFiling": S.DRAFT,
    "enterFiling.district": S.RECEIVED,
    "enterFiling.city": S.UNDER_REVIEW,
}

STEPS: Mapping[str, Step[FilingState]] = {
    "saveFiling": step(*EDITABLE, to=None, **_WHILEEDITABLE),
    "attachDocument": step(*EDITABLE, to=None, **_WHILEEDITABLE),
    "detachDocument": step(*EDITABLE, to=None, **_WHILEEDITABLE),
    "submitFiling": step(S.DRAFT, to=S.SUBMITTED, zh="只有草稿可以提交。", en="Only a draft can be submitted."),
    "discardFiling": step(S.DRAFT, to=S.DISCARDED, zh="只有草稿可以作废。", en="Only a draft can be discarded."),
    "withdrawFiling": step(
        S.SUBMITTED, to=S.WITHDRAWN, zh="只有尚未接收的备案可以撤回。", en="Only one not yet received can be withdrawn."
    ),
    # What was sent back has nowhere to go when its system has since been graded level 1: that is not filed.
    "withdrawFiling.level_1": step(
        S.INCOMPLETE,
        S.LEVEL_ADJUSTMENT,
        to=S.WITHDRAWN,
        zh="只有尚未接收的备案,或退回后其系统改定为第一级的备案可以撤回。",
        en="Only one not yet received, or one sent back whose system is now of level 1, can be withdrawn.",
    ),
    "receiveFiling.district": step(
        S.SUBMITTED, to=S.RECEIVED, zh="只有已提交的备案可以接收。", en="Only a submitted filing can be received."
    ),
    "receiveFiling.city": step(
        S.SUBMITTED, to=S.UNDER_REVIEW, zh="只有已提交的备案可以接收。", en="Only a submitted filing can be received."
    ),
    "submitMonthlyReturn": step(
        S.RECEIVED, to=S.UNDER_REVIEW, zh="只有已接收的备案可以报送。", en="Only a received filing can be handed on."
    ),
    "draftReply": step(S.UNDER_REVIEW, to=None, **_AFTER_REVIEW),
    "issueReply.A": step(S.UNDER_REVIEW, to=S.ACCEPTED, **_AFTER_REVIEW),
    "issueReply.B": step(S.UNDER_REVIEW, to=S.INCOMPLETE, **_AFTER_REVIEW),
    "issueReply.C": step(S.UNDER_REVIEW, to=S.RE_REVIEW, **_AFTER_REVIEW),
    # The panel's conclusion of a re-review: another level, or the filed one stands.
    "concludePanelCase.adjusts": step(S.RE_REVIEW, to=S.LEVEL_ADJUSTMENT, **_AFTER_PANEL),
    "concludePanelCase.stands": step(S.RE_REVIEW, to=S.UNDER_REVIEW, **_AFTER_PANEL),
    "resubmitFiling": step(
        S.INCOMPLETE,
        S.LEVEL_ADJUSTMENT,
        to=S.UNDER_REVIEW,
        zh="只有资料不全或调整级别中的备案可以重新提交。",
        en="Only a filing sent back can be submitted again.",
    ),
    # The accepted filing stands until the one that amends it is accepted.
    "amendFiling": step(S.ACCEPTED, to=None, zh="只有已接受的备案可以变更。", en="Only an accepted one is amended."),
    "cancelFiling": step(
        S.ACCEPTED, to=S.CANCELLED, zh="只有已接受的备案可以注销。", en="Only an accepted one is cancelled."
    ),
    "replace": step(S.ACCEPTED, to=S.REPLACED, zh="只有已接受的备案可被替代。", en="Only an accepted one is replaced."),
}


def record_transition(work: Work, filing: Filing, action: str, before: FilingState | None) -> None:
    """Add a line to the filing's history."""
    work.session.append(
        FilingTransition(
            tenant_id=filing.tenant_id,
            created_at=work.now,
            filing_id=filing.id,
            action=action,
            from_state=before,
            to_state=filing.state,
            by_id=work.caller.user_id,
        )
    )


LIFE = Life("filingId", STEPS, record_transition)
check, take = LIFE.check, LIFE.take
