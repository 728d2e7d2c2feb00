"""The report of a campaign (执法检查情况报告, 检查评估报告): figures, counted when it is published, and charts.

It names no unit: whoever sees the campaign may read it. Published once, and never changed afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.checklists.items import WANTING
from domain.checks import LONG, Checks
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.findings import ControlArea, Severity
from domain.inspections.coverage import InspectionStanding, standing_on
from domain.inspections.entities import (
    CampaignKind,
    CampaignPartner,
    Inspection,
    InspectionCampaign,
    InspectionFinding,
    InspectionState,
    OrderResponse,
)
from domain.inspections.life import CAMPAIGN
from domain.inspections.proposals import forget_proposals
from domain.organisations.entities import Organisation
from domain.papers.chinese import official_date
from domain.papers.content import Block, Chart, Content, Paragraph, Table
from domain.papers.issue import issue_paper
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.templates.numbers import take_number
from domain.templates.use_cases import template_of
from domain.tenants.entities import District, Tenant
from domain.work import Work

S = InspectionState
UNDONE = (S.SCHEDULED, S.IN_PROGRESS)
KINDS = {
    CampaignKind.JOINT_ENFORCEMENT: LetterKind.CAMPAIGN_REPORT,
    CampaignKind.ROLLING_TWO_YEAR: LetterKind.PROGRAMME_REPORT,
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report says in numbers; counts by the names that are printed."""

    units: int
    systems: int
    by_state: Mapping[InspectionState, int]
    by_district: Mapping[str, int]
    by_month: Mapping[str, int]
    wanting_by_area: Mapping[ControlArea, int]
    wanting_by_severity: Mapping[Severity, int]
    orders: int
    in_time: int
    late: int
    standings: Mapping[InspectionStanding, int]


async def publish_campaign_report(
    work: Work, *, campaign_id: UUID, summary: str | None = None, version: int | None = None
) -> InspectionCampaign:
    """Close a campaign whose inspections have all taken place, with its report in figures and charts.

    Rectification may still go on. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("publishCampaignReport")
    campaign = await work.load(InspectionCampaign, campaign_id, field="campaignId", version=version)
    CAMPAIGN.check(campaign, "publishCampaignReport")
    checks = Checks()
    said = checks.text(summary, "summary", limit=LONG)
    checks.done()
    figures = await figures_of(work.session, campaign, local_date(work.now))
    undone = sum(figures.by_state.get(state, 0) for state in UNDONE)
    if undone or not figures.systems:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"尚有 {undone} 项检查未完成,请先完成或取消。" if undone else "尚无已开展的检查,不能形成报告。",
            f"{undone} inspections are not done. Finish or cancel them first."
            if undone
            else "Nothing was inspected yet that a report could tell of.",
            "campaignId",
        )
    await forget_proposals(work, campaign)
    chosen = await template_of(work.session, campaign.tenant_id, KINDS[campaign.kind])
    campaign.report_number, campaign.report_summary = await take_number(work, chosen.template), said
    campaign.published_at, campaign.published_by_id = work.now, work.caller.user_id
    CAMPAIGN.take(work, campaign, "publishCampaignReport", number=campaign.report_number)
    office = await work.session.get_one(Organisation, (campaign.tenant_id, work.caller.organisation_id))
    content = await report_of(work.session, campaign, figures, office, chosen)
    await issue_paper(work, DocumentKind.INSPECTION_REPORT, office.id, content, inspection_campaign_id=campaign.id)
    return campaign


# --- figures ---


async def figures_of(session: AsyncSession, campaign: InspectionCampaign, today: dt.date) -> Figures:
    """The figures of a campaign, as they are now."""
    of_campaign = (Inspection.tenant_id == campaign.tenant_id, Inspection.campaign_id == campaign.id)
    made = (*of_campaign, Inspection.inspected_on.is_not(None))
    month = func.to_char(Inspection.inspected_on, "YYYY-MM")
    wanting = (
        *made,
        InspectionFinding.tenant_id == Inspection.tenant_id,
        InspectionFinding.inspection_id == Inspection.id,
        InspectionFinding.result.in_(WANTING),
    )
    answers = (*made, OrderResponse.tenant_id == Inspection.tenant_id, OrderResponse.inspection_id == Inspection.id)
    totals = (
        await session.execute(
            select(
                func.count(Inspection.unit_id.distinct()),
                func.count(Inspection.system_id.distinct()),
                func.count(Inspection.order_issued_at),
            ).where(*made)
        )
    ).one()
    districts = {
        row.id: row.name
        for row in await session.execute(
            select(District.id, District.name).where(District.tenant_id == campaign.tenant_id)
        )
    }
    by_district = await _counted(session, Inspection.district_id, made)
    lateness = await _counted(session, OrderResponse.late, answers)
    return Figures(
        units=totals[0],
        systems=totals[1],
        by_state=await _counted(session, Inspection.state, of_campaign),
        by_district={districts.get(key, "市级单位"): count for key, count in by_district.items()},
        by_month=await _counted(session, month, made),
        wanting_by_area=await _counted(session, InspectionFinding.area, wanting),
        wanting_by_severity=await _counted(session, InspectionFinding.severity, wanting),
        orders=totals[2],
        in_time=lateness.get(False, 0),
        late=lateness.get(True, 0),
        standings=await _standings(session, campaign.tenant_id, today),
    )


async def _counted(session: AsyncSession, by: Any, conditions: Sequence[Any]) -> dict[Any, int]:
    rows = await session.execute(select(by, func.count()).where(*conditions).group_by(by).order_by(by))
    return {row[0]: row[1] for row in rows}


async def _standings(session: AsyncSession, tenant_id: UUID, today: dt.date) -> dict[InspectionStanding, int]:
    """How the city's important systems stand: the programme's coverage."""
    rows = await session.execute(
        select(System.last_inspected_on, System.inspection_due_on, System.next_inspection_on).where(
            System.tenant_id == tenant_id, System.inspection_due_on.is_not(None), System.retired_on.is_(None)
        )
    )
    return dict(Counter(standing_on(today, last, due, planned) for last, due, planned in rows if due is not None))


# --- words ---


async def report_of(
    session: AsyncSession, campaign: InspectionCampaign, figures: Figures, office: Organisation, chosen: Chosen
) -> Content:
    """The report that ``office`` publishes."""
    assert campaign.published_at is not None  # noqa: S101 - a report is a published campaign's
    partners = await session.scalars(
        select(CampaignPartner.name)
        .where(CampaignPartner.tenant_id == campaign.tenant_id, CampaignPartner.campaign_id == campaign.id)
        .order_by(CampaignPartner.name)
    )
    city = await session.get_one(Tenant, campaign.tenant_id)
    facts = Facts(
        at=campaign.published_at,
        number=campaign.report_number,
        values={
            "city": city.name.removesuffix("市"),
            "office": office.name,
            "title": f"{campaign.title}{campaign.kind.code}",
            "startsOn": official_date(campaign.starts_on),
            "endsOn": official_date(campaign.ends_on),
            "together": f"会同{'、'.join(found)}," if (found := list(partners)) else "",
            "units": str(figures.units),
            "systems": str(figures.systems),
            "purpose": campaign.kind.zh,
            "rectification": _rectification(figures),
            "summary": campaign.report_summary or "",
        },
        blocks={
            "overview": tuple(_overview(campaign, figures)),
            "findings": tuple(_findings(figures)),
            "coverage": tuple(_coverage(campaign, figures)),
        },
    )
    return compose(KINDS[campaign.kind], chosen, facts)


def _overview(campaign: InspectionCampaign, figures: Figures) -> Iterator[Block]:
    rows = [
        (state.zh, str(figures.by_state[state]))
        for state in S
        if figures.by_state.get(state) and state is not S.PROPOSED
    ]
    yield Table((("检查状态", "项数"), *rows), (3, 2), header=True)
    yield Chart("各区县(市级)检查项数", tuple(figures.by_district.items()))
    if campaign.kind is CampaignKind.ROLLING_TWO_YEAR:
        yield Chart("各月检查项数", tuple(figures.by_month.items()))


def _findings(figures: Figures) -> Iterator[Block]:
    total = sum(figures.wanting_by_area.values())
    if not total:
        yield Paragraph("各项检查内容均符合要求,未发现问题。")
        return
    parts = "、".join(f"{each.zh}风险 {figures.wanting_by_severity.get(each, 0)} 项" for each in Severity)
    yield Paragraph(f"共发现问题 {total} 项,其中{parts}。")
    yield Chart(
        "各控制类问题项数",
        tuple((area.zh, figures.wanting_by_area[area]) for area in ControlArea if area in figures.wanting_by_area),
    )


def _rectification(figures: Figures) -> str:
    closed = figures.by_state.get(S.CLOSED, 0)
    return (
        f"签发限期整改通知书 {figures.orders} 份,收到单位按期反馈 {figures.in_time} 份、逾期反馈 {figures.late} 份;"
        f"已结案 {closed} 项,尚待反馈 {figures.by_state.get(S.ORDER_ISSUED, 0)} 项。"
    )


def _coverage(campaign: InspectionCampaign, figures: Figures) -> Iterator[Block]:
    if campaign.kind is not CampaignKind.ROLLING_TWO_YEAR:
        return
    total = sum(figures.standings.values())
    yield Paragraph(f"全市现有重要信息系统 {total} 个。")
    rows = [
        (each.zh, str(figures.standings.get(each, 0)), f"{figures.standings.get(each, 0) / max(total, 1):.1%}")
        for each in InspectionStanding
    ]
    yield Table((("覆盖情况", "系统数", "占比"), *rows), (4, 2, 2), header=True)
    yield Chart(
        "重要信息系统检查覆盖情况", tuple((each.zh, figures.standings.get(each, 0)) for each in InspectionStanding)
    )
