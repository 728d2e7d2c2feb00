"""When an important system has to be inspected again (workflow.md stage 5: once in any 24 months).

A window of 24 months is as many calendar months from its first day. So that none is without an inspection, the next
one is due on the last day of the window that begins the day after the last; a system that became important is due on
the last day of the window that began then.
"""

from __future__ import annotations

import calendar
import datetime as dt

WINDOW_MONTHS = 24
DAY = dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The day so many months later, or the last of its month where that has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def inspection_due(important_since: dt.date, last_inspected_on: dt.date | None) -> dt.date:
    """The last day on which a system's next inspection keeps every window of 24 months covered."""
    begins = important_since if last_inspected_on is None else max(important_since, last_inspected_on + DAY)
    return add_months(begins, WINDOW_MONTHS) - DAY
