"""A filing's life (workflow.md): one table of what may follow what, and the only place that moves a filing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from domain.calendar import REVIEW_WORKING_DAYS, local_date, nth_working_day
from domain.checks import wrong_state
from domain.filings.entities import Filing, FilingState, FilingTransition
from domain.tenants.entities import CalendarDay
from domain.work import Work

S = FilingState


@dataclass(frozen=True, slots=True)
class Step:
    """From which states an action leads where (``to`` None: it stays), and what to do instead, in both languages."""

    sources: frozenset[FilingState]
    to: FilingState | None
    zh: str
    en: str


def _step(*sources: FilingState, to: FilingState | None, zh: str, en: str) -> Step:
    return Step(frozenset(sources), to, zh, en)


_EDITABLE = (S.DRAFT, S.INCOMPLETE, S.LEVEL_ADJUSTMENT)
_WHILE_EDITABLE = {
    "zh": "只有草稿、资料不全或调整级别中的备案可以修改。",
    "en": "Only a draft, or one sent back, can be changed.",
}
_AFTER_REVIEW = {"zh": "只有审核中的备案可以答复。", "en": "Only a filing under review can be answered."}

STEPS: Mapping[str, Step] = {
    "saveFiling": _step(*_EDITABLE, to=None, **_WHILE_EDITABLE),
    "attachDocument": _step(*_EDITABLE, to=None, **_WHILE_EDITABLE),
    "detachDocument": _step(*_EDITABLE, to=None, **_WHILE_EDITABLE),
    "submitFiling": _step(S.DRAFT, to=S.SUBMITTED, zh="只有草稿可以提交。", en="Only a draft can be submitted."),
    "withdrawFiling": _step(
        S.SUBMITTED, to=S.WITHDRAWN, zh="只有尚未接收的备案可以撤回。", en="Only one not yet received can be withdrawn."
    ),
    "receiveFiling.district": _step(
        S.SUBMITTED, to=S.RECEIVED, zh="只有已提交的备案可以接收。", en="Only a submitted filing can be received."
    ),
    "receiveFiling.city": _step(
        S.SUBMITTED, to=S.UNDER_REVIEW, zh="只有已提交的备案可以接收。", en="Only a submitted filing can be received."
    ),
    "submitMonthlyReturn": _step(
        S.RECEIVED, to=S.UNDER_REVIEW, zh="只有已接收的备案可以报送。", en="Only a received filing can be handed on."
    ),
    "draftReply": _step(S.UNDER_REVIEW, to=None, **_AFTER_REVIEW),
    "issueReply.A": _step(S.UNDER_REVIEW, to=S.ACCEPTED, **_AFTER_REVIEW),
    "issueReply.B": _step(S.UNDER_REVIEW, to=S.INCOMPLETE, **_AFTER_REVIEW),
    "issueReply.C": _step(S.UNDER_REVIEW, to=S.RE_REVIEW, **_AFTER_REVIEW),
    "resubmitFiling": _step(
        S.INCOMPLETE,
        S.LEVEL_ADJUSTMENT,
        to=S.UNDER_REVIEW,
        zh="只有资料不全或调整级别中的备案可以重新提交。",
        en="Only a filing sent back can be submitted again.",
    ),
    "replace": _step(
        S.ACCEPTED, to=S.REPLACED, zh="只有已接受的备案可被替代。", en="Only an accepted one is replaced."
    ),
}


def check(filing: Filing, step: str, field: str = "filingId") -> Step:
    """The step's row of the table, if it can be taken now. Raises: Refusal(INVALID_STATE)."""
    row = STEPS[step]
    if filing.state not in row.sources:
        raise wrong_state(filing, row.zh, row.en, field)
    return row


def take(work: Work, filing: Filing, step: str, field: str = "filingId") -> None:
    """Take a step: the state moves, the version counts, history, audit and outbox are written.

    Raises: Refusal(INVALID_STATE).
    """
    row = check(filing, step, field)
    action = step.partition(".")[0]
    before = filing.state
    filing.version += 1
    if row.to is not None:
        filing.state = row.to
        record_transition(work, filing, action, before)
    work.record(action, filing, before={"state": before}, after={"state": filing.state})


def record_transition(work: Work, filing: Filing, action: str, before: FilingState | None) -> None:
    """Add a line to the filing's history."""
    work.session.add(
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


async def start_clock(work: Work, *filings: Filing) -> None:
    """The review begins today and is due on the tenth working day after (Measures art. 17; workflow.md stage 2)."""
    today = local_date(work.now)
    rows = await work.session.execute(
        select(CalendarDay.day, CalendarDay.working).where(
            CalendarDay.tenant_id == work.caller.tenant_id, CalendarDay.day > today
        )
    )
    due = nth_working_day(today, REVIEW_WORKING_DAYS, {row.day: row.working for row in rows})
    for filing in filings:
        filing.review_started_at = work.now
        filing.review_due_on = due.date
        filing.review_due_provisional = due.provisional
        filing.replied_at = None
