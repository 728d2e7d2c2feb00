"""What a system carries of its inspections: when the last was, when the next is due, when it is planned.

Kept with the system, so that what is uncovered is a list and a figure like any other (``InspectionStanding``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.inspections.due import inspection_due
from domain.inspections.entities import Inspection, InspectionState
from domain.systems.entities import System
from domain.text import Term


class InspectionStanding(Term):
    """How an important system stands with its inspection in 24 months (检查覆盖情况): why it is uncovered."""

    INSPECTED = "INSPECTED", "二十四个月内已检查", "covered: inspected within the last 24 months"
    SCHEDULED = "SCHEDULED", "已安排,期限内检查", "not inspected yet, and scheduled for a day before it is due"
    UNSCHEDULED = "UNSCHEDULED", "尚未安排", "uncovered: not inspected yet, not scheduled, not yet due"
    SCHEDULED_LATE = "SCHEDULED_LATE", "安排晚于期限", "uncovered: scheduled, but for a day after it is due"
    OVERDUE = "OVERDUE", "逾期未检查", "uncovered: due in the past, and not scheduled"


def standing_on(today: dt.date, last: dt.date | None, due: dt.date, planned: dt.date | None) -> InspectionStanding:
    """How an important system stands on a day, by its last inspection, when it is due and for when it is planned.

    The API says the same in SQL (``api/schema/systems.py``).
    """
    S = InspectionStanding  # noqa: N806 - a table reads better
    if last is not None and due >= today:
        return S.INSPECTED
    if planned is None:
        return S.UNSCHEDULED if due >= today else S.OVERDUE
    return S.SCHEDULED if planned <= due else S.SCHEDULED_LATE


def settle_due(system: System) -> None:
    """Work out when the system's next inspection is due: where it is important, from then or from the last."""
    since = system.important_since
    system.inspection_due_on = inspection_due(since, system.last_inspected_on) if since is not None else None


def settle_importance(system: System, today: dt.date) -> None:
    """A system that is important has been so from ``today``, unless it was before."""
    if not system.important:
        system.important_since = None
    elif system.important_since is None:
        system.important_since = today
    settle_due(system)


def mark_inspected(system: System, day: dt.date) -> None:
    """An inspection of the system took place on ``day``."""
    system.last_inspected_on = max(day, system.last_inspected_on or day)
    settle_due(system)


async def settle_planned(session: AsyncSession, tenant_id: UUID, systems: Sequence[UUID]) -> None:
    """Keep with each of the systems the day for which its next inspection is scheduled."""
    await session.flush()
    planned = (
        select(func.min(Inspection.planned_on))
        .where(
            Inspection.tenant_id == tenant_id,
            Inspection.system_id == System.id,
            Inspection.state == InspectionState.SCHEDULED,
        )
        .scalar_subquery()
    )
    await session.execute(
        update(System)
        .where(System.tenant_id == tenant_id, System.id.in_(systems))
        .values(next_inspection_on=planned)
        .execution_options(synchronize_session=False)
    )
