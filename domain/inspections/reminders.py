"""Reminders of orders whose deadline is near, and the warning of those that nobody answered in time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import exists, select

from domain.background import Background
from domain.calendar import nth_working_day
from domain.inspections.entities import Inspection, InspectionState, OrderState, OverdueNotice, RectificationOrder
from domain.notifications.delivery import tell
from domain.notifications.kinds import NotificationKind as K
from domain.notifications.rules import APPROVERS, CITY_LEADERS, CITY_OFFICERS, FILERS, SUPERVISORS

EARLY, LATE = 5, 1


async def remind_of_orders(background: Background, today: dt.date, rulings: Mapping[dt.date, bool]) -> None:
    """To the unit with five and with one working day left."""
    late = nth_working_day(today, LATE, rulings).date
    last = nth_working_day(today, EARLY, rulings).date
    found = await background.session.scalars(
        select(Inspection)
        .where(
            Inspection.tenant_id == background.tenant_id,
            Inspection.state == InspectionState.ORDER_ISSUED,
            Inspection.response_due_on.between(today, last),
        )
        .order_by(Inspection.response_due_on, Inspection.id)
    )
    for each in found.all():
        due = each.response_due_on
        assert due is not None  # noqa: S101 - it lies between two days
        occasion = f"{K.ORDER_DUE_SOON} {LATE if due <= late else EARLY} {each.id} {due}"
        await tell(background, K.ORDER_DUE_SOON, (FILERS, APPROVERS), each, occasion, due_on=due)


async def warn_of_overdue_orders(background: Background, today: dt.date) -> None:
    """Once for each deadline that passed without an answer: a notice, to the unit, its supervising unit, the office.

    The supervising unit sees the notice, and nothing else of the inspection (domain-facts.md, section 6: 警告, 通报).
    """
    warned = exists().where(
        OverdueNotice.tenant_id == Inspection.tenant_id,
        OverdueNotice.inspection_id == Inspection.id,
        OverdueNotice.due_on == Inspection.response_due_on,
    )
    found = await background.session.execute(
        select(Inspection, RectificationOrder.number)
        .join(
            RectificationOrder,
            (RectificationOrder.tenant_id == Inspection.tenant_id)
            & (RectificationOrder.inspection_id == Inspection.id),
        )
        .where(
            Inspection.tenant_id == background.tenant_id,
            Inspection.state == InspectionState.ORDER_ISSUED,
            Inspection.response_due_on < today,
            RectificationOrder.state == OrderState.ISSUED,
            ~warned,
        )
        .order_by(Inspection.id)
    )
    for inspection, number in found.all():
        notice = OverdueNotice(
            tenant_id=background.tenant_id,
            created_at=background.now,
            inspection_id=inspection.id,
            unit_id=inspection.unit_id,
            system_id=inspection.system_id,
            order_number=number,
            due_on=inspection.response_due_on,
        )
        background.session.add(notice)
        await background.session.flush()
        to = (FILERS, APPROVERS, SUPERVISORS, CITY_OFFICERS, CITY_LEADERS)
        await tell(background, K.ORDER_OVERDUE, to, notice, f"{K.ORDER_OVERDUE} {notice.id}", due_on=notice.due_on)
