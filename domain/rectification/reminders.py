"""Reminders of measures (整改措施提醒): those that are due soon, and those that have slipped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from domain.background import Background
from domain.calendar import nth_working_day
from domain.notifications.delivery import tell
from domain.notifications.kinds import NotificationKind as K
from domain.notifications.rules import APPROVERS, CITY_ADVISORS, FILERS, SUPERVISORS, Audience
from domain.rectification.entities import RectificationMeasure, RectificationPlan

# A measure takes longer than a review: the unit hears of it when so many working days are left.
EARLY, LATE = 10, 3
# For so long a measure that has slipped is looked at again, in case nothing ran on the day after.
OVERDUE_DAYS = 30


async def remind_of_measures(background: Background, today: dt.date, rulings: Mapping[dt.date, bool]) -> None:
    """To the unit's filers, with ten and with three working days left; of one that has slipped also to its approvers,
    the supervising unit and, of an important system, the security centre. Once for each last day that it has.
    """
    early, late = (nth_working_day(today, count, rulings).date for count in (EARLY, LATE))
    day = dt.timedelta(days=1)
    for measure, _ in await _under_way(background, today, early):
        left = LATE if measure.due_on <= late else EARLY
        await _tell(background, K.MEASURE_DUE_SOON, (FILERS,), measure, f"{left}")
    for measure, important in await _under_way(background, today - OVERDUE_DAYS * day, today - day):
        advisors = (CITY_ADVISORS,) if important else ()
        await _tell(background, K.MEASURE_OVERDUE, (FILERS, APPROVERS, SUPERVISORS, *advisors), measure, "")


async def _tell(
    background: Background, kind: K, to: Sequence[Audience], measure: RectificationMeasure, when: str
) -> None:
    occasion = f"{kind} {when} {measure.id} {measure.due_on}"
    await tell(background, kind, to, measure, occasion, due_on=measure.due_on)


async def _under_way(
    background: Background, first: dt.date, last: dt.date
) -> Sequence[tuple[RectificationMeasure, bool]]:
    """The measures that are due then and not done, each with whether its system is important."""
    found = await background.session.execute(
        select(RectificationMeasure, RectificationPlan.important)
        .join(
            RectificationPlan,
            (RectificationPlan.tenant_id == RectificationMeasure.tenant_id)
            & (RectificationPlan.id == RectificationMeasure.plan_id),
        )
        .where(
            RectificationMeasure.tenant_id == background.tenant_id,
            RectificationMeasure.under_way,
            RectificationMeasure.due_on.between(first, last),
        )
        .order_by(RectificationMeasure.due_on, RectificationMeasure.id)
    )
    return [(measure, important) for measure, important in found]
