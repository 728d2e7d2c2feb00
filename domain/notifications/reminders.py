"""Reminders (提醒) and escalation: what is due soon, what is overdue, what a month's end still asks for.

Run on each working day, by the city's own calendar; run again, nobody is reminded twice of one occasion. A day on which
nothing ran is made up for by the next: what is told depends on how much time is left, not on the day it ran.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select

from domain.access import Duty, Role
from domain.assessments.reminders import assessments_due
from domain.background import Background
from domain.base import TenantRow
from domain.calendar import is_working_day, local_date, nth_working_day
from domain.filings.clock import rulings_after
from domain.filings.entities import Filing, FilingState
from domain.inspections.reminders import remind_of_orders, warn_of_overdue_orders
from domain.notifications.delivery import tell
from domain.notifications.kinds import NotificationKind as K
from domain.notifications.rules import CITY_LEADERS, CITY_OFFICERS, Audience
from domain.organisations.entities import Organisation
from domain.rectification.reminders import remind_of_measures
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.returns.months import month_after, month_of
from domain.selfinspections.reminders import remind_of_self_inspections
from domain.tenants.entities import District

# Officers hear of a review when so many working days are left (issue 5.4), districts on so many last ones of a month.
EARLY, LATE = 3, 1
LAST_WORKING_DAYS = 3
# For so long an overdue review is looked at again, in case nothing ran on the day after.
OVERDUE_DAYS = 30

Rulings = Mapping[dt.date, bool]


async def remind(background: Background) -> None:
    """Remind the tenant's people of what is due, as of the working day that it is; on other days of nothing."""
    today = local_date(background.now)
    rulings = await rulings_after(background.session, background.tenant_id, today - dt.timedelta(days=1))
    if not is_working_day(today, rulings):
        return
    await _reviews_due(background, today, rulings)
    await _reviews_overdue(background, today)
    await remind_of_orders(background, today, rulings)
    await warn_of_overdue_orders(background, today)
    await remind_of_self_inspections(background, today, rulings)
    await remind_of_measures(background, today, rulings)
    if is_among_last(today, rulings):
        await _returns_due(background, today)
    await assessments_due(background, today)


def is_among_last(day: dt.date, rulings: Rulings) -> bool:
    """Whether a working day is one of the last ``LAST_WORKING_DAYS`` of its month."""
    return nth_working_day(day, LAST_WORKING_DAYS, rulings).date >= month_after(month_of(day))


async def _reviews_due(background: Background, today: dt.date, rulings: Rulings) -> None:
    """To the officers: three working days are left, one is left."""
    early = nth_working_day(today, EARLY, rulings).date
    late = nth_working_day(today, LATE, rulings).date
    for filing in await _under_review(background, today, early):
        assert filing.review_due_on is not None  # noqa: S101 - a review has a last day
        left = LATE if filing.review_due_on <= late else EARLY
        occasion = f"{K.REVIEW_DUE_SOON} {left} {filing.id} {filing.review_due_on}"
        await tell(background, K.REVIEW_DUE_SOON, (CITY_OFFICERS,), filing, occasion, due_on=filing.review_due_on)


async def _reviews_overdue(background: Background, today: dt.date) -> None:
    """To the leaders: the last day has passed without an answer."""
    day = dt.timedelta(days=1)
    for filing in await _under_review(background, today - OVERDUE_DAYS * day, today - day):
        occasion = f"{K.REVIEW_OVERDUE} {filing.id} {filing.review_due_on}"
        await tell(background, K.REVIEW_OVERDUE, (CITY_LEADERS,), filing, occasion, due_on=filing.review_due_on)


async def _under_review(background: Background, first: dt.date, last: dt.date) -> list[Filing]:
    found = await background.session.scalars(
        select(Filing)
        .where(
            Filing.tenant_id == background.tenant_id,
            Filing.state == FilingState.UNDER_REVIEW,
            Filing.review_due_on.between(first, last),
        )
        .order_by(Filing.review_due_on, Filing.id)
    )
    return list(found)


async def _returns_due(background: Background, today: dt.date) -> None:
    """To each district's officers: this month's return, which may be a nil one, has not been handed in."""
    month = month_of(today)
    last_day = month_after(month) - dt.timedelta(days=1)
    districts = await background.session.scalars(
        select(District).where(District.tenant_id == background.tenant_id).order_by(District.id)
    )
    returns = await background.session.scalars(
        select(MonthlyReturn).where(MonthlyReturn.tenant_id == background.tenant_id, MonthlyReturn.month == month)
    )
    by_district = {each.district_id: each for each in returns}
    for district in districts:
        opened = by_district.get(district.id)
        if opened is not None and opened.state is MonthlyReturnState.SUBMITTED:
            continue
        # Where no filing came, there is no return yet that it could be about.
        subject: TenantRow = district if opened is None else opened
        occasion = f"{K.RETURN_DUE} {district.id} {today}"
        await tell(background, K.RETURN_DUE, (_officers_of(district),), subject, occasion, due_on=last_day)


def _officers_of(district: District) -> Audience:
    return Audience(Role.DISTRICT_OFFICE, Duty.OFFICER, lambda _: Organisation.district_id.in_([district.id]))
