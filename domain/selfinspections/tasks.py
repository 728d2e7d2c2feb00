"""Background work of self-inspections: each period's are opened by themselves, so that they wait for their units."""

from __future__ import annotations

from sqlalchemy import case, exists, select

from domain.background import Background
from domain.calendar import local_date
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.selfinspections.entities import SelfInspection
from domain.selfinspections.periods import OPENED, TOO_LATE, period_of
from domain.selfinspections.use_cases import opened
from domain.systems.entities import System

BATCH = 1_000


async def open_self_inspections(background: Background) -> None:
    """Open those of the present periods that are not there yet; done again it finds none."""
    today = local_date(background.now)
    district = case((Organisation.authority_level == AuthorityLevel.DISTRICT, Organisation.district_id))
    for level in OPENED:
        period = period_of(level, today)
        if period.due_on - today < TOO_LATE:
            continue
        there = exists().where(
            SelfInspection.tenant_id == System.tenant_id,
            SelfInspection.system_id == System.id,
            SelfInspection.period_starts_on == period.starts_on,
        )
        rows = await background.session.execute(
            select(System, district)
            .join(Organisation, (Organisation.tenant_id == System.tenant_id) & (Organisation.id == System.unit_id))
            .where(System.tenant_id == background.tenant_id, System.level == level, System.retired_on.is_(None), ~there)
        )
        for number, (system, district_id) in enumerate(rows.all(), 1):
            background.session.add(opened(system, district_id, background.now))
            if number % BATCH == 0:
                await background.session.flush()
        await background.session.flush()
