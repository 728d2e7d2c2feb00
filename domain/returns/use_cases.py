"""Monthly returns (月报): opened by the first filing received (workflow.md stage 2)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checks import wrong_state
from domain.errors import ErrorCode, refuse
from domain.filings.entities import Filing, FilingState
from domain.filings.life import start_clock, take
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.work import Work


async def open_return(work: Work) -> MonthlyReturn:
    """The caller's district's return for this month, or for the next where this one has been handed in already."""
    if work.caller.district_id is None:
        raise refuse(ErrorCode.FORBIDDEN, "当前身份不属于任何区县。", "Your membership is of no district.")
    month = local_date(work.now).replace(day=1)
    while True:
        found = await work.session.scalar(
            select(MonthlyReturn)
            .where(
                MonthlyReturn.tenant_id == work.caller.tenant_id,
                MonthlyReturn.district_id == work.caller.district_id,
                MonthlyReturn.month == month,
            )
            .with_for_update()
        )
        if found is None:
            found = MonthlyReturn(
                tenant_id=work.caller.tenant_id,
                created_at=work.now,
                district_id=work.caller.district_id,
                month=month,
                state=MonthlyReturnState.OPEN,
                version=1,
            )
            work.session.add(found)
            await work.session.flush()
        if found.state is MonthlyReturnState.OPEN:
            return found
        month = _next(month)


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
    found.late = local_date(work.now) >= _next(found.month)
    found.version += 1
    work.record("submitMonthlyReturn", found, after={"filings": len(filings), "late": found.late})
    return found


def _next(month: dt.date) -> dt.date:
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
