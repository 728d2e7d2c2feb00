"""What a unit is told before an inspection: 《信息安全等级保护监督检查通知书》 (公信安[2008]736号, domain facts 6)."""

from __future__ import annotations

from domain.checklists.items import items_of
from domain.documents.kinds import DocumentKind
from domain.inspections.entities import Inspection, InspectionCampaign
from domain.organisations.entities import Organisation
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Attachment, Table
from domain.papers.issue import issue_paper
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.templates.numbers import take_number
from domain.tenants.entities import Tenant
from domain.work import Work


async def issue_notice(work: Work, inspection: Inspection, chosen: Chosen) -> None:
    """The notice of an inspection, numbered, to its unit, with what will be looked at attached."""
    tenant = inspection.tenant_id
    office = await work.session.get_one(Organisation, (tenant, work.caller.organisation_id))
    unit = await work.session.get_one(Organisation, (tenant, inspection.unit_id))
    system = await work.session.get_one(System, (tenant, inspection.system_id))
    campaign = await work.session.get_one(InspectionCampaign, (tenant, inspection.campaign_id))
    city = await work.session.get_one(Tenant, tenant)
    facts = Facts(
        at=work.now,
        number=await take_number(work, chosen.template),
        addressees=(unit.name,),
        values={
            "city": city.name.removesuffix("市"),
            "office": office.name,
            "unit": unit.name,
            "system": system.name,
            "level": f"({level_name(inspection.level)})" if inspection.level else "",
            "campaign": campaign.title,
            "plannedOn": official_date(inspection.planned_on),
        },
        attachments=(Attachment("检查内容", (_items(inspection),)),),
    )
    content = compose(LetterKind.INSPECTION_NOTICE, chosen, facts)
    await issue_paper(work, DocumentKind.INSPECTION_NOTICE, office.id, content, inspection_notice_id=inspection.id)


def _items(inspection: Inspection) -> Table:
    """The checklist of the inspection's edition and level."""
    items = items_of(inspection.edition, inspection.level or 1).values()
    rows = tuple((str(number), each.area.zh, each.requirement.zh) for number, each in enumerate(items, 1))
    return Table((("序号", "控制类", "检查内容"), *rows), (1, 2, 7), header=True)
