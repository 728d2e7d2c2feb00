"""Campaigns (检查工作): the yearly joint enforcement inspection, the rolling programme, and who takes part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.inspections.due import DAY, WINDOW_MONTHS, add_months
from domain.inspections.entities import CampaignKind, CampaignPartner, CampaignState, InspectionCampaign
from domain.inspections.life import CAMPAIGN
from domain.work import Work

EARLIEST, LATEST = 2007, 2100
MOST_PARTNERS = 30


async def create_campaign(
    work: Work,
    *,
    kind: CampaignKind,
    year: int,
    title: str | None = None,
    starts_on: dt.date | None = None,
    partners: Sequence[dict[str, Any]] | None = None,
    note: str | None = None,
) -> InspectionCampaign:
    """Begin a campaign: a joint inspection of the year ``year``, or the rolling programme of two years from then on.

    ``starts_on`` lies in ``year`` (its first day by default); a joint inspection ends with the year, a programme
    after 24 months. Raises: Refusal(FORBIDDEN, INVALID_INPUT).
    """
    work.require("createCampaign")
    kind = CampaignKind[kind]
    checks = Checks()
    if not EARLIEST <= year <= LATEST:
        checks.wrong("year", f"年份须在 {EARLIEST} 至 {LATEST} 之间。", f"The year lies from {EARLIEST} to {LATEST}.")
    elif starts_on is not None and starts_on.year != year:
        checks.wrong("startsOn", "开始日期须在所填年份内。", "The first day lies in the year that is given.")
    given_title = checks.text(title, "title")
    given_note = checks.text(note, "note", limit=LONG)
    given = [_partner(checks, each, f"partners.{place}") for place, each in enumerate(partners or ())]
    if len(given) > MOST_PARTNERS:
        checks.wrong("partners", f"最多 {MOST_PARTNERS} 个部门。", f"At most {MOST_PARTNERS} departments.")
    if len({each["name"] for each in given}) < len(given):
        checks.wrong("partners", "同一部门只列一次。", "Each department is named once.")
    checks.done()
    if await work.session.scalar(
        select(InspectionCampaign.id).where(
            InspectionCampaign.tenant_id == work.caller.tenant_id,
            InspectionCampaign.kind == kind,
            InspectionCampaign.year == year,
        )
    ):
        checks.wrong(
            "year",
            f"{year} 年的“{kind.zh}”已有。请在其中办理。",
            f"There is a {kind.value} of {year} already. Go on with that one.",
        )
        checks.done()
    first = starts_on or dt.date(year, 1, 1)
    joint = kind is CampaignKind.JOINT_ENFORCEMENT
    campaign = InspectionCampaign(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        kind=kind,
        year=year,
        title=given_title or f"{year}年度{kind.zh.removeprefix('年度')}",
        starts_on=first,
        ends_on=dt.date(year, 12, 31) if joint else add_months(first, WINDOW_MONTHS) - DAY,
        note=given_note,
        state=CampaignState.OPEN,
        created_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(campaign)
    await work.session.flush()
    for each in given:
        work.session.add(_partner_of(work, campaign, each))
    work.record("createCampaign", campaign, after={"kind": kind, "year": year})
    return campaign


async def add_campaign_partner(
    work: Work, *, campaign_id: UUID, name: str, contact: str | None = None, phone: str | None = None
) -> InspectionCampaign:
    """A further department takes part. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT)."""
    work.require("addCampaignPartner")
    campaign = await work.load(InspectionCampaign, campaign_id, field="campaignId")
    CAMPAIGN.check(campaign, "addCampaignPartner")
    checks = Checks()
    given = _partner(checks, {"name": name, "contact": contact, "phone": phone}, "")
    there = await _partners(work, campaign)
    if given["name"] in there:
        checks.wrong("name", "该部门已在其列。", "This department takes part already.")
    if len(there) >= MOST_PARTNERS:
        checks.wrong("name", f"最多 {MOST_PARTNERS} 个部门。", f"At most {MOST_PARTNERS} departments.")
    checks.done()
    work.session.add(_partner_of(work, campaign, given))
    CAMPAIGN.take(work, campaign, "addCampaignPartner", partner=given["name"])
    return campaign


async def remove_campaign_partner(work: Work, *, campaign_id: UUID, name: str) -> InspectionCampaign:
    """A department no longer takes part. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE)."""
    work.require("removeCampaignPartner")
    campaign = await work.load(InspectionCampaign, campaign_id, field="campaignId")
    CAMPAIGN.check(campaign, "removeCampaignPartner")
    partner = (await _partners(work, campaign)).get(name.strip())
    if partner is None:
        raise refuse(ErrorCode.NOT_FOUND, "没有这个部门。", "There is no department of this name in it.", "name")
    await work.session.delete(partner)
    CAMPAIGN.take(work, campaign, "removeCampaignPartner", partner=partner.name)
    return campaign


async def _partners(work: Work, campaign: InspectionCampaign) -> dict[str, CampaignPartner]:
    found = await work.session.scalars(
        select(CampaignPartner).where(
            CampaignPartner.tenant_id == campaign.tenant_id, CampaignPartner.campaign_id == campaign.id
        )
    )
    return {each.name: each for each in found}


def _partner(checks: Checks, given: dict[str, Any], path: str) -> dict[str, Any]:
    prefix = f"{path}." if path else ""
    return {
        "name": checks.text(given.get("name"), f"{prefix}name", required=True),
        "contact": checks.text(given.get("contact"), f"{prefix}contact"),
        "phone": checks.text(given.get("phone"), f"{prefix}phone"),
    }


def _partner_of(work: Work, campaign: InspectionCampaign, given: dict[str, Any]) -> CampaignPartner:
    return CampaignPartner(tenant_id=campaign.tenant_id, created_at=work.now, campaign_id=campaign.id, **given)
