"""What a reply letter says: 《信息系统安全保护等级备案情况复函》 A, B and C (workflow.md stage 2)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.filings.entities import Filing
from domain.filings.labels import label
from domain.grading.entities import Grading
from domain.organisations.entities import Organisation, OrganisationKind
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Attachment, Block, Content, Layout, Paragraph, Table
from domain.replies.entities import ReplyKind, ReplyLetter
from domain.systems.entities import System

# What an accepted filing commits to, by level (Measures art. 14; workflow.md stage 4).
ASSESSMENT = {
    2: "请按照《信息安全等级保护管理办法》的要求,选择具有资质的测评机构开展等级测评。",
    3: "请按照《信息安全等级保护管理办法》的要求,每年至少进行一次等级测评,测评由我办统一组织实施。",
    4: "请按照《信息安全等级保护管理办法》的要求,每半年至少进行一次等级测评,测评由我办统一组织实施。",
    5: "请按照《信息安全等级保护管理办法》的要求,依据特殊安全需求进行等级测评,测评由我办统一组织实施。",
}


async def letter_of(session: AsyncSession, reply: ReplyLetter, filing: Filing, office: Organisation) -> Content:
    """The letter of a reply that ``office`` issues: to unit and supervising unit, a copy to the district office."""
    issued_at = reply.issued_at
    assert issued_at is not None  # noqa: S101 - a letter is an issued reply
    tenant = reply.tenant_id
    unit = await session.get_one(Organisation, (tenant, reply.unit_id))
    system = await session.get_one(System, (tenant, filing.system_id))
    grading = await session.get_one(Grading, (tenant, filing.grading_id))
    addressees = [unit.name]
    if unit.supervising_unit_id is not None:
        addressees.append((await session.get_one(Organisation, (tenant, unit.supervising_unit_id))).name)
    copies = await session.scalars(
        select(Organisation.name).where(
            Organisation.tenant_id == tenant,
            Organisation.kind == OrganisationKind.DISTRICT_OFFICE,
            Organisation.district_id == filing.district_id,
        )
    )
    accepted = reply.kind is ReplyKind.A
    return Content(
        layout=Layout.LETTER,
        title=f"关于“{system.name}”信息系统安全保护等级备案情况的复函",
        issuer=office.name,
        day=official_date(local_date(issued_at)),
        at=issued_at,
        number=reply.number,
        code=reply.verification_code,
        addressees=tuple(addressees),
        blocks=(
            Paragraph(
                f"{unit.name}报送的“{system.name}”信息系统安全等级保护备案材料及电子数据收悉。根据《信息安全等级保护管理办法》"
                "(公通字〔2007〕43号)和本市电子政务等级保护工作要求,经审核,现函复如下:"
            ),
            *_SAYS[reply.kind](reply, filing, grading, system),
            Paragraph("特此函复。"),
        ),
        attachments=(_particulars(filing, grading, system, unit),) if accepted else (),
        copies=tuple(copies),
    )


def _accepted(reply: ReplyLetter, filing: Filing, grading: Grading, system: System) -> Iterator[Block]:
    yield Paragraph(
        f"一、接受“{system.name}”的备案,备案编号为{filing.number},安全保护等级为{level_name(filing.level)}"
        f"({grading.security_mark})。"
    )
    said = reply.body.strip()
    if said and said != ReplyKind.A.zh:
        yield Paragraph(f"二、{said}")
    number = "三" if said and said != ReplyKind.A.zh else "二"
    yield Paragraph(
        f"{number}、请按照所定安全保护等级落实安全保护措施,开展风险评估和整改建设。{ASSESSMENT[filing.level]}"
        "备案事项发生变更的,应当及时办理变更备案;系统停用的,应当办理注销。"
    )


def _incomplete(reply: ReplyLetter, _: Filing, __: Grading, ___: System) -> Iterator[Block]:
    yield Paragraph("备案材料不全,暂不能接受备案。请补充下列材料:")
    for number, item in enumerate(reply.missing_items, 1):
        yield Paragraph(f"{number}.{' '.join(label(item).zh.split())}")
    said = reply.body.strip()
    if said and said != ReplyKind.B.zh:
        yield Paragraph(said)
    yield Paragraph("请补齐后重新提交。审核期限自重新提交之日起重新计算,为10个工作日。")


def _wrong_level(reply: ReplyLetter, filing: Filing, _: Grading, system: System) -> Iterator[Block]:
    yield Paragraph(f"经初步审核,“{system.name}”所定安全保护等级({level_name(filing.level)})明显不准。理由如下:")
    yield Paragraph(reply.body)
    yield Paragraph(
        "现提请市电子政务等级保护专家组对该系统的安全保护等级进行再评审,评审意见形成后另行函告。"
        "请做好配合评审和调整等级的准备。"
    )


_SAYS = {ReplyKind.A: _accepted, ReplyKind.B: _incomplete, ReplyKind.C: _wrong_level}


def _particulars(filing: Filing, grading: Grading, system: System, unit: Organisation) -> Attachment:
    """The table that goes with an acceptance."""
    rows = (
        ("备案编号", filing.number or ""),
        ("信息系统名称", system.name),
        ("备案单位", unit.name),
        ("安全保护等级", f"{level_name(filing.level)}({grading.security_mark})"),
        ("业务信息安全保护等级", level_name(grading.business_information_level)),
        ("系统服务安全保护等级", level_name(grading.system_service_level)),
        ("备案层级", filing.authority.zh),
        ("提交日期", official_date(local_date(filing.submitted_at)) if filing.submitted_at else ""),
        ("接收日期", official_date(local_date(filing.received_at)) if filing.received_at else ""),
    )
    return Attachment("信息系统安全等级保护备案信息表", (Table(rows, (3, 5)),))
