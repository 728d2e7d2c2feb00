"""Batches of the rolling programme (批次), and the scheduling of inspections in either kind of campaign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update

from domain.calendar import local_date
from domain.checklists.items import CURRENT
from domain.checks import Checks
from domain.errors import ErrorCode, refuse
from domain.filings.clock import rulings_after
from domain.inspections.coverage import settle_planned
from domain.inspections.due import DAY
from domain.inspections.entities import (
    AHEAD,
    BatchState,
    CampaignKind,
    Inspection,
    InspectionBatch,
    InspectionCampaign,
    InspectionState,
)
from domain.inspections.life import CAMPAIGN
from domain.inspections.programme import Candidate, Fixed, is_of_span, months_of, propose
from domain.inspections.proposals import write_proposals
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.systems.entities import System
from domain.work import Work

MOST_AT_ONCE = 1_000
FROM_LEVEL = 3


async def propose_batches(work: Work, *, campaign_id: UUID, version: int | None = None) -> InspectionCampaign:
    """Propose the programme's batches anew, for all important systems due in its time and not scheduled yet.

    What was proposed before is forgotten, what is scheduled stays and counts. A proposal is the city office's alone.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("proposeBatches")
    campaign = await work.load(InspectionCampaign, campaign_id, field="campaignId", version=version)
    CAMPAIGN.check(campaign, "proposeBatches")
    first = max(local_date(work.now) + DAY, campaign.starts_on)
    months = months_of(first, campaign.ends_on, await rulings_after(work.session, campaign.tenant_id, first - DAY))
    if campaign.kind is not CampaignKind.ROLLING_TWO_YEAR or not months:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "只有未到期的两年滚动检查可以由平台建议批次。",
            "Batches are proposed for a rolling programme that still has working days.",
            "campaignId",
        )
    candidates = await _candidates(work, campaign)
    planned = propose(list(candidates), months, await _fixed(work, campaign))
    await write_proposals(work, campaign, planned, candidates)
    late = sum(each.planned_on > each.candidate.due_on for each in planned)
    CAMPAIGN.take(work, campaign, "proposeBatches", systems=len(planned), late=late)
    return campaign


async def schedule_inspections(
    work: Work,
    *,
    campaign_id: UUID,
    batch_ids: Sequence[UUID] | None = None,
    system_ids: Sequence[UUID] | None = None,
    unit_ids: Sequence[UUID] | None = None,
    planned_on: dt.date | None = None,
) -> InspectionCampaign:
    """Give inspections their days: those of proposed batches as they are, or of systems, or of all that units have.

    Of a unit, its important systems and those of level 3 and above that are in use. Raises: Refusal(FORBIDDEN,
    NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("scheduleInspections")
    campaign = await work.load(InspectionCampaign, campaign_id, field="campaignId")
    CAMPAIGN.check(campaign, "scheduleInspections")
    checks = Checks()
    named = bool(system_ids or unit_ids)
    if not named and not batch_ids:
        checks.wrong("systemIds", "请列出批次、系统或单位。", "Name batches, systems or units.")
    if named and planned_on is None:
        checks.wrong("plannedOn", "请填写检查日期。", "Give the day of the inspection.")
    elif planned_on is not None:
        check_day(checks, work, campaign, planned_on)
    checks.done()
    scheduled = [key for batch in batch_ids or () for key in await _schedule_batch(work, campaign, batch)]
    if named and planned_on is not None:
        systems = await _systems(work, campaign, system_ids or (), unit_ids or ())
        scheduled += await _schedule_systems(work, campaign, systems, planned_on)
    await settle_planned(work.session, campaign.tenant_id, scheduled)
    CAMPAIGN.take(work, campaign, "scheduleInspections", inspections=len(scheduled))
    return campaign


def check_day(checks: Checks, work: Work, campaign: InspectionCampaign, day: dt.date) -> None:
    """An inspection's day lies in its campaign, and not in the past."""
    if day < local_date(work.now):
        checks.wrong("plannedOn", "检查日期不能早于今天。", "The day lies not in the past.")
    elif not campaign.starts_on <= day <= campaign.ends_on:
        checks.wrong(
            "plannedOn",
            f"检查日期须在 {campaign.starts_on} 至 {campaign.ends_on} 之间。",
            f"The day lies from {campaign.starts_on} to {campaign.ends_on}.",
        )


# --- proposing ---


async def _candidates(work: Work, campaign: InspectionCampaign) -> dict[Candidate, int | None]:
    """Important systems in use that are due in the programme's time and have no day yet, with their levels."""
    rows = await work.session.execute(
        select(
            System.id,
            System.unit_id,
            System.level,
            System.inspection_due_on,
            Organisation.authority_level,
            Organisation.district_id,
        )
        .join(Organisation, (Organisation.tenant_id == System.tenant_id) & (Organisation.id == System.unit_id))
        .where(System.tenant_id == campaign.tenant_id, System.inspection_due_on.is_not(None))
        .where(System.retired_on.is_(None), System.next_inspection_on.is_(None))
    )
    found = {}
    for row in rows:
        if is_of_span(row.inspection_due_on, campaign.ends_on):
            district = row.district_id if row.authority_level is AuthorityLevel.DISTRICT else None
            found[Candidate(row.id, row.unit_id, district, row.inspection_due_on)] = row.level
    return found


async def _fixed(work: Work, campaign: InspectionCampaign) -> list[Fixed]:
    """What is scheduled in the campaign and has not begun."""
    rows = await work.session.execute(
        select(Inspection.district_id, Inspection.planned_on).where(
            Inspection.tenant_id == campaign.tenant_id,
            Inspection.campaign_id == campaign.id,
            Inspection.state == InspectionState.SCHEDULED,
        )
    )
    return [Fixed(row.district_id, row.planned_on) for row in rows]


# --- scheduling ---


async def _schedule_batch(work: Work, campaign: InspectionCampaign, key: UUID) -> list[UUID]:
    """The systems of a batch, whose proposed inspections now have their days."""
    batch = await work.load(InspectionBatch, key, field="batchIds")
    if batch.campaign_id != campaign.id or batch.state is not BatchState.PROPOSED:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该批次不属于此项工作,或已安排。",
            "This batch is another campaign's, or scheduled already.",
            "batchIds",
        )
    batch.state, batch.version = BatchState.SCHEDULED, batch.version + 1
    found = await work.session.scalars(
        update(Inspection)
        .where(
            Inspection.tenant_id == batch.tenant_id,
            Inspection.batch_id == batch.id,
            Inspection.state == InspectionState.PROPOSED,
        )
        .values(state=InspectionState.SCHEDULED, version=Inspection.version + 1)
        .returning(Inspection.system_id)
        .execution_options(synchronize_session=False)
    )
    work.record("scheduleInspections", batch, before={"state": BatchState.PROPOSED}, after={"state": batch.state})
    return list(found)


async def _systems(
    work: Work, campaign: InspectionCampaign, system_ids: Sequence[UUID], unit_ids: Sequence[UUID]
) -> list[System]:
    """The systems named, and those of the units; all that cannot be inspected is told at once."""
    checks = Checks()
    systems = {key: await work.load(System, key, field="systemIds", lock=False) for key in dict.fromkeys(system_ids)}
    for unit_id in dict.fromkeys(unit_ids):
        unit = await work.load(Organisation, unit_id, field="unitIds", lock=False)
        found = await work.session.scalars(
            select(System)
            .where(System.tenant_id == campaign.tenant_id, System.unit_id == unit.id, System.retired_on.is_(None))
            .where(System.important | (System.level >= FROM_LEVEL))
        )
        systems |= {system.id: system for system in found}
        if not any(system.unit_id == unit.id for system in systems.values()):
            checks.wrong("unitIds", f"“{unit.name}”没有须检查的系统。", f"{unit.name} has no system to inspect.")
    ahead = await work.session.scalars(
        select(Inspection.system_id).where(
            Inspection.tenant_id == campaign.tenant_id,
            Inspection.campaign_id == campaign.id,
            Inspection.state.in_(AHEAD),
            Inspection.system_id.in_(systems),
        )
    )
    for key in ahead:
        name = systems[key].name
        checks.wrong("systemIds", f"“{name}”在此项工作中已有安排。", f"{name} is planned in this campaign already.")
    for system in systems.values():
        if system.retired_on is not None:
            checks.wrong("systemIds", f"“{system.name}”已停用。", f"{system.name} is retired.")
    if len(systems) > MOST_AT_ONCE:
        checks.wrong("systemIds", f"一次最多 {MOST_AT_ONCE} 个系统。", f"At most {MOST_AT_ONCE} systems at a time.")
    checks.done()
    return list(systems.values())


async def _schedule_systems(
    work: Work, campaign: InspectionCampaign, systems: Sequence[System], planned_on: dt.date
) -> list[UUID]:
    units = {
        unit.id: unit
        for unit in await work.session.scalars(
            select(Organisation).where(
                Organisation.tenant_id == campaign.tenant_id,
                Organisation.id.in_({system.unit_id for system in systems}),
            )
        )
    }
    for system in systems:
        unit = units[system.unit_id]
        work.session.add(
            Inspection(
                tenant_id=campaign.tenant_id,
                created_at=work.now,
                campaign_id=campaign.id,
                system_id=system.id,
                unit_id=system.unit_id,
                district_id=unit.district_id if unit.authority_level is AuthorityLevel.DISTRICT else None,
                level=system.level,
                state=InspectionState.SCHEDULED,
                planned_on=planned_on,
                edition=CURRENT,
                version=1,
            )
        )
    await work.session.flush()
    return [system.id for system in systems]
