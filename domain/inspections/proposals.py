"""How proposed batches are kept: what is proposed as before stays, what is not is forgotten, the rest is written.

Of 20,000 rows each has keys that the database looks up, and so each that need not be written anew is worth it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    SmallInteger,
    Text,
    Uuid,
    any_,
    bindparam,
    column,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.types import TypeEngine

from domain.base import new_id
from domain.checklists.items import CURRENT
from domain.inspections.entities import BatchState, Inspection, InspectionBatch, InspectionCampaign, InspectionState
from domain.inspections.programme import Candidate, Planned
from domain.work import Work

# The columns that differ between proposed inspections.
_COLUMNS: Mapping[str, TypeEngine[Any]] = {
    "id": Uuid(),
    "batch_id": Uuid(),
    "system_id": Uuid(),
    "unit_id": Uuid(),
    "district_id": Uuid(),
    "level": SmallInteger(),
    "planned_on": Date(),
}
_COMPARED = ("system_id", "unit_id", "district_id", "level", "planned_on")


async def write_proposals(
    work: Work, campaign: InspectionCampaign, planned: Sequence[Planned], levels: Mapping[Candidate, int | None]
) -> None:
    """Have the campaign's proposed batches be what is ``planned``."""
    wanted = {
        (each.candidate.system_id, each.candidate.unit_id, each.candidate.district_id, level, each.planned_on)
        for each in planned
        for level in (levels[each.candidate],)
    }
    found = await work.session.execute(
        select(Inspection.id, *(getattr(Inspection, name) for name in _COMPARED)).where(*_proposed(campaign))
    )
    there = {tuple(row)[1:]: row.id for row in found}
    gone = [key for values, key in there.items() if values not in wanted]
    await work.session.execute(
        delete(Inspection).where(*_proposed(campaign), Inspection.id == any_(literal(gone, ARRAY(Uuid()))))
    )
    batches = await _batches(work, campaign, {values[-1].replace(day=1) for values in wanted})
    await _insert(
        work, campaign, [(new_id(), batches[values[-1].replace(day=1)], *values) for values in wanted - there.keys()]
    )


async def forget_proposals(work: Work, campaign: InspectionCampaign) -> None:
    """Nothing is proposed any more."""
    await write_proposals(work, campaign, (), {})


def _proposed(campaign: InspectionCampaign) -> tuple[Any, ...]:
    return (
        Inspection.tenant_id == campaign.tenant_id,
        Inspection.campaign_id == campaign.id,
        Inspection.state == InspectionState.PROPOSED,
    )


async def _batches(work: Work, campaign: InspectionCampaign, months: set[dt.date]) -> dict[dt.date, UUID]:
    """The proposed batch of each of the months; those of others are taken out."""
    found = await work.session.scalars(
        select(InspectionBatch).where(
            InspectionBatch.tenant_id == campaign.tenant_id,
            InspectionBatch.campaign_id == campaign.id,
            InspectionBatch.state == BatchState.PROPOSED,
        )
    )
    there = {batch.month: batch for batch in found}
    for month in there.keys() - months:
        await work.session.delete(there.pop(month))
    for month in sorted(months - there.keys()):
        there[month] = InspectionBatch(
            tenant_id=campaign.tenant_id,
            id=new_id(),
            created_at=work.now,
            campaign_id=campaign.id,
            month=month,
            state=BatchState.PROPOSED,
            version=1,
        )
        work.session.add(there[month])
    await work.session.flush()
    return {month: batch.id for month, batch in there.items()}


async def _insert(work: Work, campaign: InspectionCampaign, rows: Sequence[tuple[Any, ...]]) -> None:
    """The rows in one statement, each column as one array."""
    if not rows:
        return
    arrays = [
        bindparam(name, list(values), type_=ARRAY(type_))
        for (name, type_), values in zip(_COLUMNS.items(), zip(*rows, strict=True), strict=True)
    ]
    columns = (column(name, type_) for name, type_ in _COLUMNS.items())
    given = func.unnest(*arrays).table_valued(*columns).render_derived()
    same = {
        "tenant_id": literal(campaign.tenant_id, Uuid()),
        "created_at": literal(work.now),
        "campaign_id": literal(campaign.id, Uuid()),
        "state": literal(InspectionState.PROPOSED.value, Text()),
        "edition": literal(CURRENT, Text()),
        "version": literal(1),
    }
    values: list[Any] = [*same.values(), *given.c]
    await work.session.execute(
        insert(Inspection).from_select([*same, *_COLUMNS], select(*values), include_defaults=False)
    )
