"""What a rectification order says: 《信息系统安全等级保护限期整改通知书》 (公信安[2008]736号)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.checklists.items import WANTING, items_of
from domain.inspections.entities import Inspection, InspectionFinding, RectificationOrder
from domain.organisations.entities import Organisation
from domain.papers.chinese import official_date
from domain.papers.content import Attachment, Content, Layout, Paragraph, Table
from domain.systems.entities import System


async def order_letter_of(
    session: AsyncSession, order: RectificationOrder, inspection: Inspection, office: Organisation
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
    return Content(
        layout=Layout.LETTER,
        title=f"关于“{system.name}”信息系统安全等级保护限期整改的通知",
        issuer=office.name,
        day=official_date(local_date(order.issued_at)),
        at=order.issued_at,
        number=order.number,
        code=order.verification_code,
        addressees=(unit.name,),
        blocks=(
            Paragraph(
                f"{official_date(inspection.inspected_on)},我办对你单位“{system.name}”的信息安全等级保护工作进行了检查,"
                f"发现 {len(findings)} 项问题(见附件)。根据《信息安全等级保护管理办法》,现责令你单位限期整改。"
            ),
            *((Paragraph(order.demands),) if order.demands else ()),
            Paragraph(
                f"请于{official_date(order.due_on)}前({order.working_days}个工作日内)完成整改,并将整改情况及证明材料"
                "通过平台报送我办。逾期未整改的,将予以警告,并向你单位上级主管部门通报。"
            ),
        ),
        attachments=(
            Attachment(
                "检查发现的问题",
                (Table((("序号", "控制类", "检查内容", "发现的问题", "风险"), *rows), (1, 2, 4, 5, 1), header=True),),
            ),
        ),
    )


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
