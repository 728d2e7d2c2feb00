"""What an opinion document says: 《XXXX信息系统定级专家评审意见》 (workflow.md stage 2), or that on a plan (stage 3).

The conclusion and how it came about, and nothing of what each expert said: that is not for everybody who reads it.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.organisations.entities import Organisation
from domain.panels.entities import PanelCase, PanelConclusion, PanelPurpose, PanelSession, Verdict
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Block, Content, Heading, Layout, Paragraph, Table
from domain.systems.entities import System
from domain.tenants.entities import Tenant


async def opinion_document_of(session: AsyncSession, case: PanelCase, conclusion: PanelConclusion) -> Content:
    """The document of a conclusion, in the name of the city's expert group."""
    tenant = await session.get_one(Tenant, case.tenant_id)
    system = await session.get_one(System, (case.tenant_id, case.system_id))
    unit = await session.get_one(Organisation, (case.tenant_id, case.unit_id))
    meeting = await session.get_one(PanelSession, (case.tenant_id, case.session_id)) if case.session_id else None
    held_on = meeting.held_on if meeting else local_date(conclusion.created_at)
    group = f"{tenant.name}电子政务等级保护专家组"
    return Content(
        layout=Layout.REPORT,
        title=f"“{system.name}”信息系统{_matter(case)}专家评审意见",
        issuer=group,
        day=official_date(local_date(conclusion.created_at)),
        at=conclusion.created_at,
        number=conclusion.number,
        blocks=(
            Table(
                (
                    ("信息系统名称", system.name),
                    ("运营使用单位", unit.name),
                    ("评审目的", case.purpose.zh),
                    ("系统等级" if _of_a_plan(case) else "送评等级", level_name(case.level)),
                    ("评审日期", official_date(held_on)),
                    *((("评审地点", meeting.place),) if meeting and meeting.place else ()),
                ),
                (2, 5),
            ),
            *_how(case, conclusion, group, system, unit),
            *_conclusion(case, conclusion, system),
            Paragraph("专家组组长(签字):"),
        ),
    )


def _how(
    case: PanelCase, conclusion: PanelConclusion, group: str, system: System, unit: Organisation
) -> Iterator[Block]:
    what = "等级保护整改建设方案" if _of_a_plan(case) else "安全保护等级"
    yield Heading("一、评审情况")
    yield Paragraph(
        f"{group}对{unit.name}“{system.name}”的{what}进行了{case.purpose.zh}。共有{conclusion.opinions}名专家提出意见,"
        f"达到规定的{conclusion.quorum}名。结论按{conclusion.majority.zh}形成。"
    )


def _conclusion(case: PanelCase, conclusion: PanelConclusion, system: System) -> Iterator[Block]:
    yield Heading("二、评审结论")
    if conclusion.level is not None:
        stands = "同意所定等级。" if conclusion.level == case.level else f"所定{level_name(case.level)}应予调整。"
        yield Paragraph(f"“{system.name}”的安全保护等级应为{level_name(conclusion.level)},{stands}")
    else:
        stands = "同意" if conclusion.verdict is Verdict.AGREE else "不同意"
        yield Paragraph(f"{stands}“{system.name}”的等级保护整改建设方案。")
    yield Paragraph(conclusion.text)


def _of_a_plan(case: PanelCase) -> bool:
    return case.purpose is PanelPurpose.PLAN_REVIEW


def _matter(case: PanelCase) -> str:
    return "整改建设方案" if _of_a_plan(case) else "定级"
