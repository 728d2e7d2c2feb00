"""Reminders of self-inspections that are due, and of those that are not handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from domain.background import Background
from domain.calendar import nth_working_day
from domain.notifications.delivery import tell
from domain.notifications.kinds import NotificationKind as K
from domain.notifications.rules import APPROVERS, FILERS, SUPERVISORS
from domain.selfinspections.entities import SelfInspection, SelfInspectionState

# So many working days before the due date units hear of it, and again.
EARLY, LATE = 20, 3
OVERDUE_DAYS = 30


async def remind_of_self_inspections(background: Background, today: dt.date, rulings: Mapping[dt.date, bool]) -> None:
    """To the unit with twenty and with three working days left; once overdue, to its supervising unit as well."""
    late = nth_working_day(today, LATE, rulings).date
    for each in await _not_submitted(background, today, nth_working_day(today, EARLY, rulings).date):
        left = LATE if each.due_on <= late else EARLY
        occasion = f"{K.SELF_INSPECTION_DUE_SOON} {left} {each.id}"
        await tell(background, K.SELF_INSPECTION_DUE_SOON, (FILERS, APPROVERS), each, occasion, due_on=each.due_on)
    day = dt.timedelta(days=1)
    for each in await _not_submitted(background, today - OVERDUE_DAYS * day, today - day):
        to, occasion = (FILERS, APPROVERS, SUPERVISORS), f"{K.SELF_INSPECTION_OVERDUE} {each.id}"
        await tell(background, K.SELF_INSPECTION_OVERDUE, to, each, occasion, due_on=each.due_on)


async def _not_submitted(background: Background, first: dt.date, last: dt.date) -> list[SelfInspection]:
    found = await background.session.scalars(
        select(SelfInspection)
        .where(
            SelfInspection.tenant_id == background.tenant_id,
            SelfInspection.state == SelfInspectionState.DRAFT,
            SelfInspection.due_on.between(first, last),
        )
        .order_by(SelfInspection.due_on, SelfInspection.id)
    )
    return list(found)
