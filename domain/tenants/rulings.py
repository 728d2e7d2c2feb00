"""The city's own rulings on single days (工作日调整), and what they do to the reviews that run."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from domain.checks import Checks
from domain.filings.clock import move_clocks
from domain.tenants.entities import CalendarDay
from domain.work import Work


async def set_calendar_day(
    work: Work, *, day: dt.date, working: bool | None = None, reason: str | None = None
) -> CalendarDay:
    """Rule that a day is, or is not, a working day in this city; without ``working`` the official calendar holds again.

    Reviews that run and that the day concerns are due anew, in the same transaction.
    Raises: Refusal(FORBIDDEN, INVALID_INPUT).
    """
    work.require("setCalendarDay")
    checks = Checks()
    text = checks.text(reason, "reason", required=working is not None)
    former = await work.session.scalar(
        select(CalendarDay)
        .where(CalendarDay.tenant_id == work.caller.tenant_id, CalendarDay.day == day)
        .with_for_update()
    )
    if working is None and former is None:
        checks.wrong("working", "该日没有本市的调整可撤销。", "The city has no ruling on this day to take back.")
    checks.done()
    before = {"working": former.working, "reason": former.reason} if former else None
    ruling = former or CalendarDay(tenant_id=work.caller.tenant_id, created_at=work.now, day=day)
    if working is None:
        await work.session.delete(ruling)
    else:
        ruling.working, ruling.reason, ruling.decided_by_id = working, text, work.caller.user_id
        work.session.add(ruling)
    await work.session.flush()
    after = {"day": day.isoformat(), "working": working, "reason": text}
    work.record("setCalendarDay", ruling, before=before, after=after)
    for moved in await move_clocks(work.session, work.caller.tenant_id, touched=day):
        work.record(
            "setCalendarDay",
            moved.filing,
            before={"reviewDueOn": moved.before.isoformat()},
            after={"reviewDueOn": moved.after.isoformat()},
        )
    return ruling
