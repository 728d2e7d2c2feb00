"""Working days (工作日) after China's official calendar with its make-up days (调休).

The official notice for a year appears in the November before. For days outside the published years, Monday to Friday
are taken, and the answer is marked provisional.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Measures art. 17; workflow.md stage 2: the city office replies within ten working days.
REVIEW_WORKING_DAYS = 10
# Days are counted one by one, and anyone may ask.
MOST_WORKING_DAYS = 1000


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A working day; ``provisional`` when some day up to it lies in a year whose calendar is not published."""

    date: dt.date
    provisional: bool


def local_date(moment: dt.datetime) -> dt.date:
    """The day that it is in China at ``moment``."""
    return moment.astimezone(SHANGHAI).date()


def nth_working_day(start: dt.date, count: int, rulings: Mapping[dt.date, bool] | None = None) -> WorkingDay:
    """The ``count``-th working day after ``start``, whose next day is the first that can count.

    ``rulings`` are the tenant's own: whether a day is a working day. Raises: ValueError when ``count`` is not 1 to
    ``MOST_WORKING_DAYS``, or the answer lies beyond the year 9999.
    """
    if not 1 <= count <= MOST_WORKING_DAYS:
        raise ValueError(f"count runs from 1 to {MOST_WORKING_DAYS}")
    day, provisional = start, False
    while count:
        if day == dt.date.max:
            raise ValueError("no calendar goes beyond the year 9999")
        day += dt.timedelta(days=1)
        working, known = _is_working(day, rulings or {})
        provisional = provisional or not known
        count -= working
    return WorkingDay(day, provisional)


def is_working_day(day: dt.date, rulings: Mapping[dt.date, bool] | None = None) -> bool:
    """Whether ``day`` is a working day, as far as is known."""
    return _is_working(day, rulings or {})[0]


def _is_working(day: dt.date, rulings: Mapping[dt.date, bool]) -> tuple[bool, bool]:
    """Whether ``day`` is a working day, and whether that is known."""
    if day in rulings:
        return rulings[day], True
    try:
        return chinese_calendar.is_workday(day), True
    except NotImplementedError:
        return day.isoweekday() <= 5, False
