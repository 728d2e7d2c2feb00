"""Monthly returns (月报): opened by the first filing received (workflow.md stage 2)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checks import wrong_state
from domain.errors import ErrorCode, refuse
from domain.filings.clock import start_clock
from domain.filings.entities import Filing, FilingState
from domain.filings.life import take
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.returns.months import month_after, month_of
from domain.work import Work


async def open_monthly_return(work: Work, *, month: dt.date | None = None) -> MonthlyReturn:
    """The district's return for a month, this one where none is given, opened without filings where there is none.

    One without filings is handed in as a nil return (零报). A month may be named by any of its days.
    Raises: Refusal(FORBIDDEN, INVALID_INPUT, INVALID_STATE).
    """
    work.require("openMonthlyReturn")
    this = month_of(local_date(work.now))
    wanted = month_of(month) if month else this
    if wanted > this:
        raise refuse(ErrorCode.INVALID_INPUT, "该月尚未开始,不能开立月报。", "That month has not begun yet.", "month")
    found = await _found(work, wanted)
    if found is None:
        found = await _opened(work, wanted)
        work.record("openMonthlyReturn", found, after={"month": wanted.isoformat()})
    elif found.state is not MonthlyReturnState.OPEN:
        raise wrong_state(found, "该月月报已经报送。", "That month's return was handed in before.", "month")
    return found


async def open_return(work: Work) -> MonthlyReturn:
    """The caller's district's return for this month, or for the next where this one has been handed in already."""
    month = month_of(local_date(work.now))
    while True:
        found = await _found(work, month)
        if found is None:
            return await _opened(work, month)
        if found.state is MonthlyReturnState.OPEN:
            return found
        month = month_after(month)


async def _found(work: Work, month: dt.date) -> MonthlyReturn | None:
    """The district's return for ``month``, locked."""
    if work.caller.district_id is None:
        raise refuse(ErrorCode.FORBIDDEN, "当前身份不属于任何区县。", "Your membership is of no district.")
    return await work.session.scalar(
        select(MonthlyReturn)
        .where(
            MonthlyReturn.tenant_id == work.caller.tenant_id,
            MonthlyReturn.district_id == work.caller.district_id,
            MonthlyReturn.month == month,
        )
        .with_for_update()
    )


async def _opened(work: Work, month: dt.date) -> MonthlyReturn:
    made = MonthlyReturn(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        district_id=work.caller.district_id,
        month=month,
        state=MonthlyReturnState.OPEN,
        version=1,
    )
    work.session.add(made)
    await work.session.flush()
    return made


async def submit_monthly_return(work: Work, *, monthly_return_id: UUID, version: int | None = None) -> MonthlyReturn:
    """Hand in a return: all its received filings go under review, the clock starts; late ones are marked.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("submitMonthlyReturn")
    found = await work.load(MonthlyReturn, monthly_return_id, field="monthlyReturnId", version=version)
    if found.state is not MonthlyReturnState.OPEN:
        raise wrong_state(found, "该月报已经报送。", "This return was handed in before.", "monthlyReturnId")
    filings = (
        await work.session.scalars(
            select(Filing)
            .where(
                Filing.tenant_id == found.tenant_id,
                Filing.monthly_return_id == found.id,
                Filing.state == FilingState.RECEIVED,
            )
            .order_by(Filing.id)
            .with_for_update()
        )
    ).all()
    await start_clock(work, *filings)
    for filing in filings:
        take(work, filing, "submitMonthlyReturn", "monthlyReturnId")
    found.state, found.submitted_at, found.submitted_by_id = (
        MonthlyReturnState.SUBMITTED,
        work.now,
        work.caller.user_id,
    )
    found.late = local_date(work.now) >= month_after(found.month)
    found.version += 1
    work.record("submitMonthlyReturn", found, after={"filings": len(filings), "late": found.late})
    return found
