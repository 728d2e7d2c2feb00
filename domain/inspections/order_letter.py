"""What a rectification order says: 《信息系统安全等级保护限期整改通知书》 (公信安[2008]736号)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.checklists.items import WANTING, items_of
from domain.inspections.entities import Inspection, InspectionFinding, RectificationOrder
from domain.organisations.entities import Organisation
from domain.papers.chinese import official_date
from domain.papers.content import Attachment, Content, Table
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.tenants.entities import Tenant


async def order_letter_of(
    session: AsyncSession, order: RectificationOrder, inspection: Inspection, office: Organisation, chosen: Chosen
) -> Content:
    """The letter of an order that ``office`` issues to the unit, with what was found wanting attached."""
    assert order.issued_at is not None  # noqa: S101 - a letter is an issued order
    assert order.due_on is not None  # noqa: S101
    assert inspection.inspected_on is not None  # noqa: S101
    unit = await session.get_one(Organisation, (order.tenant_id, order.unit_id))
    system = await session.get_one(System, (order.tenant_id, inspection.system_id))
    findings = await _wanting(session, inspection)
    items = items_of(inspection.edition, inspection.level or 1)
    rows = [
        (
            str(number),
            each.area.zh,
            items[each.item].requirement.zh,
            each.text or "",
            each.severity.zh if each.severity else "",
        )
        for number, each in enumerate(findings, 1)
    ]
    city = await session.get_one(Tenant, order.tenant_id)
    facts = Facts(
        at=order.issued_at,
        number=order.number,
        code=order.verification_code,
        addressees=(unit.name,),
        values={
            "city": city.name.removesuffix("市"),
            "office": office.name,
            "unit": unit.name,
            "system": system.name,
            "inspectedOn": official_date(inspection.inspected_on),
            "findings": str(len(findings)),
            "demands": order.demands or "",
            "dueOn": official_date(order.due_on),
            "workingDays": str(order.working_days),
        },
        attachments=(
            Attachment(
                "检查发现的问题",
                (Table((("序号", "控制类", "检查内容", "发现的问题", "风险"), *rows), (1, 2, 4, 5, 1), header=True),),
            ),
        ),
    )
    return compose(LetterKind.RECTIFICATION_ORDER, chosen, facts)


async def _wanting(session: AsyncSession, inspection: Inspection) -> list[InspectionFinding]:
    found = await session.scalars(
        select(InspectionFinding)
        .where(
            InspectionFinding.tenant_id == inspection.tenant_id,
            InspectionFinding.inspection_id == inspection.id,
            InspectionFinding.result.in_(WANTING),
        )
        .order_by(InspectionFinding.item)
    )
    return list(found)
