"""The review's clock (审核时限; Measures art. 17): each run of it is kept, so that punctuality can be counted.

It starts when the city office has materials and data, a reply stops it, a resubmission starts a new one. Days come
from the official calendar and the city's own rulings; a day that either learns later moves the clocks that still run.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import REVIEW_WORKING_DAYS, local_date, nth_working_day
from domain.filings.entities import Filing, ReviewPeriod
from domain.replies.entities import ReplyLetter
from domain.tenants.entities import CalendarDay
from domain.work import KEY, TENANT, Work

_RUNNING_OF_FILING = select(*inspect(ReviewPeriod).columns).where(
    ReviewPeriod.tenant_id == TENANT, ReviewPeriod.filing_id == KEY, ReviewPeriod.ended_on.is_(None)
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A running review whose due date is another than it was."""

    filing: Filing
    before: dt.date
    after: dt.date


async def start_clock(work: Work, *filings: Filing, arrived: dt.date | None = None) -> None:
    """The review of filings that are in the session begins: today, or when materials and data had ``arrived``."""
    if not filings:
        return
    started = arrived or local_date(work.now)
    rulings = await rulings_after(work.session, work.caller.tenant_id, started)
    due = nth_working_day(started, REVIEW_WORKING_DAYS, rulings)
    for filing in filings:
        filing.review_started_at = work.now
        filing.review_due_on = due.date
        filing.review_due_provisional = due.provisional
        filing.replied_at = None
    await work.session.flush()  # a filing may be new, and its review points to it
    work.session.add_all(
        ReviewPeriod(
            tenant_id=filing.tenant_id,
            created_at=work.now,
            filing_id=filing.id,
            started_on=started,
            due_on=due.date,
            provisional=due.provisional,
        )
        for filing in filings
    )


async def stop_clock(work: Work, filing: Filing, reply: ReplyLetter) -> None:
    """The reply ends the review that runs."""
    filing.replied_at = work.now
    for running in await work.find(ReviewPeriod, _RUNNING_OF_FILING, filing.id):
        running.ended_on, running.reply_letter_id = local_date(work.now), reply.id


async def move_clocks(
    session: AsyncSession, tenant_id: UUID, *, touched: dt.date | None = None, provisional: bool = False
) -> list[Moved]:
    """Work out again when running reviews are due: those that the day ``touched`` may concern, or ``provisional`` ones.

    Whoever calls records what was moved.
    """
    wanted = _running(tenant_id)
    if touched is not None:
        wanted = wanted.where(ReviewPeriod.started_on < touched)
    if provisional:
        wanted = wanted.where(ReviewPeriod.provisional)
    # A review that a reply ends at this moment is waited for, and then no longer runs.
    filings = await session.scalars(
        select(Filing)
        .where(Filing.tenant_id == tenant_id, Filing.id.in_(wanted.with_only_columns(ReviewPeriod.filing_id)))
        .order_by(Filing.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    by_key = {filing.id: filing for filing in filings}
    periods = (await session.scalars(wanted.execution_options(populate_existing=True))).all()
    earliest = min((period.started_on for period in periods), default=dt.date.max)
    rulings = await rulings_after(session, tenant_id, earliest)
    moved = []
    for period in periods:
        due = nth_working_day(period.started_on, REVIEW_WORKING_DAYS, rulings)
        filing = by_key[period.filing_id]
        if due.date != period.due_on:
            moved.append(Moved(filing, period.due_on, due.date))
            filing.version += 1
        period.due_on, period.provisional = due.date, due.provisional
        filing.review_due_on, filing.review_due_provisional = due.date, due.provisional
    return moved


async def rulings_after(session: AsyncSession, tenant_id: UUID, day: dt.date) -> dict[dt.date, bool]:
    """The city's own rulings on days after ``day``: whether each is a working day."""
    rows = await session.execute(
        select(CalendarDay.day, CalendarDay.working).where(CalendarDay.tenant_id == tenant_id, CalendarDay.day > day)
    )
    return {row.day: row.working for row in rows}


def _running(tenant_id: UUID) -> Select[ReviewPeriod]:
    return select(ReviewPeriod).where(ReviewPeriod.tenant_id == tenant_id, ReviewPeriod.ended_on.is_(None))
