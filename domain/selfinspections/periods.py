"""How often a unit inspects its own systems (自查; Measures art. 14): level 3 once a year, level 4 once half a year.

Periods are those of the calendar, so that everybody knows them. For level 5 the Measures name none ("as special
security asks"): its periods are level 4's, and nothing is opened by itself.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from domain.inspections.due import DAY, add_months

MONTHS = {3: 12, 4: 6, 5: 6}
# Of these a self-inspection is opened by itself when its period begins, or once the system has such a level.
OPENED = (3, 4)
# A system that has its level only so late in a period begins with the next one.
TOO_LATE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Period:
    """A period, both days included; the self-inspection is due on its last day."""

    starts_on: dt.date
    due_on: dt.date


def period_of(level: int, day: dt.date) -> Period:
    """The period in which ``day`` lies. Raises: KeyError for a level without self-inspections."""
    months = MONTHS[level]
    starts_on = dt.date(day.year, (day.month - 1) // months * months + 1, 1)
    return Period(starts_on, add_months(starts_on, months) - DAY)
