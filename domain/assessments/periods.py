"""When the next assessment is due (下次测评期限), by level: periods are data, by editions (domain facts 2, art. 14).

Level 2 has no period in the Measures; two years are the practice, and are only asked for. Level 5 is assessed as its
special needs require, and has no day of its own.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping

# Measures (公通字[2007]43号) art. 14: level 3 at least once a year, level 4 at least once every half-year. In months.
PERIODS: Mapping[int, int] = {2: 24, 3: 12, 4: 6}


def next_due(level: int, assessed_on: dt.date) -> dt.date | None:
    """The last day for the assessment that follows one of ``assessed_on``; None where the level has no period."""
    months = PERIODS.get(level)
    return None if months is None else months_later(assessed_on, months)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, or the last one of a month that is too short for it."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
