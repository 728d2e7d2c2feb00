"""Tasks for the tests of the queue. They leave their traces in a city's calendar, a table like any other."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import UUID, uuid5

from sqlalchemy import func, select

from domain.background import Background, Task, TaskFailure, Tasks
from domain.tenants.entities import CalendarDay

SECRET = "the-applicants-phone-number"


async def mark(background: Background, day: dt.date, reason: str = "") -> None:
    """Leave a mark on ``day``; doing it again leaves the same."""
    await background.session.merge(_day(background, day, f"{reason} {background.now:%Y}"))


def _day(background: Background, day: dt.date, reason: str) -> CalendarDay:
    return CalendarDay(
        tenant_id=background.tenant_id,
        id=uuid5(background.tenant_id, day.isoformat()),
        created_at=background.now,
        day=day,
        working=True,
        reason=reason,
    )


async def interrupted(background: Background, day: dt.date) -> None:
    """Hang the first time, in the middle of its work; succeed the second time."""
    async with background.apart() as session:
        of_tenant = CalendarDay.tenant_id == background.tenant_id
        tried = await session.scalar(select(func.count()).select_from(CalendarDay).where(of_tenant))
        assert tried is not None
        begun = day + dt.timedelta(days=tried + 1)
        session.add(_day(background, begun, "begun"))
    await mark(background, day, "done")
    if not tried:
        await background.session.flush()
        await asyncio.sleep(600)


async def keyed(_: Background, key: UUID) -> None:
    """Take a key."""
    assert type(key) is UUID


async def chain(background: Background, day: dt.date, left: int) -> None:
    """Mark ``day``, and have the next day marked ``left`` times."""
    await mark(background, day)
    if left:
        await background.enqueue("chain", day=day + dt.timedelta(days=1), left=left - 1)


async def broken(background: Background, day: dt.date) -> None:
    """Fail after having written something."""
    await mark(background, day, "half done")
    await background.session.flush()
    raise ValueError(SECRET)


async def refused(background: Background) -> None:
    """Fail for good, for a reason that may be told."""
    raise TaskFailure("the other side refused", final=True)


TASKS: Tasks = {
    "mark": Task(mark),
    "interrupted": Task(interrupted),
    "chain": Task(chain),
    "keyed": Task(keyed),
    "broken": Task(broken, attempts=3),
    "refused": Task(refused),
}
