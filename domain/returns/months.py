"""Calendar months, each by its first day."""

from __future__ import annotations

import datetime as dt


def month_of(day: dt.date) -> dt.date:
    """The month that a day is in."""
    return day.replace(day=1)


def month_after(month: dt.date) -> dt.date:
    """The month after."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
