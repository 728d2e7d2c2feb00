"""How rectification orders and inspection reports are numbered (文号): per city, year and kind."""

from __future__ import annotations

from domain.calendar import local_date
from domain.inspections.entities import CampaignKind
from domain.numbering import next_number
from domain.tenants.entities import Tenant
from domain.work import Work

ORDER = "{city}信息办责改〔{year}〕{number}号"
REPORTS = {
    CampaignKind.JOINT_ENFORCEMENT: "{city}信息办检执〔{year}〕{number}号",
    CampaignKind.ROLLING_TWO_YEAR: "{city}信息办检评〔{year}〕{number}号",
}


async def take_order_number(work: Work) -> str:
    """The next order's number; others wait until this transaction ends."""
    return await _take(work, "rectification-order", ORDER)


async def take_report_number(work: Work, kind: CampaignKind) -> str:
    """The next report's number of its kind."""
    return await _take(work, f"inspection-report:{kind}", REPORTS[kind])


async def _take(work: Work, series: str, form: str) -> str:
    year = local_date(work.now).year
    tenant = await work.session.get_one(Tenant, work.caller.tenant_id)
    number = await next_number(work, f"{series}:{year}")
    return form.format(city=tenant.name.removesuffix("市"), year=year, number=number)
