"""What a reply letter says: 《信息系统安全保护等级备案情况复函》 A, B and C (workflow.md stage 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from domain.calendar import local_date
from domain.filings.entities import Filing
from domain.filings.labels import label
from domain.grading.entities import Grading
from domain.organisations.entities import Organisation, OrganisationKind
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Attachment, Content, Table
from domain.replies.entities import ReplyKind, ReplyLetter
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.tenants.entities import Tenant
from domain.transaction import Transaction
from domain.work import KEY, TENANT

# What an accepted filing commits to, by level (Measures art. 14; workflow.md stage 4).
ASSESSMENT = {
    2: "请按照《信息安全等级保护管理办法》的要求,选择具有资质的测评机构开展等级测评。",
    3: "请按照《信息安全等级保护管理办法》的要求,每年至少进行一次等级测评,测评由我办统一组织实施。",
    4: "请按照《信息安全等级保护管理办法》的要求,每半年至少进行一次等级测评,测评由我办统一组织实施。",
    5: "请按照《信息安全等级保护管理办法》的要求,依据特殊安全需求进行等级测评,测评由我办统一组织实施。",
}

_COPIES = select(Organisation.name).where(
    Organisation.tenant_id == TENANT,
    Organisation.kind == OrganisationKind.DISTRICT_OFFICE,
    Organisation.district_id == KEY,
)


def kind_of(reply: ReplyLetter) -> LetterKind:
    """Of which kind the letter of a reply is."""
    return LetterKind[f"REPLY_{reply.kind}"]


@dataclass(frozen=True, slots=True)
class Told:
    """What a letter about a filing tells that nobody changes meanwhile: read before others have to wait."""

    city: Tenant
    grading: Grading
    copies: Sequence[str]


async def told_of(session: Transaction, filing: Filing) -> Told:
    """What a letter about ``filing`` tells, and the district office that has a copy."""
    tenant = filing.tenant_id
    return Told(
        city=await session.get_one(Tenant, tenant),
        grading=await session.get_one(Grading, (tenant, filing.grading_id)),
        copies=[name for (name,) in await session.fetch(_COPIES, {TENANT.key: tenant, KEY.key: filing.district_id})],
    )


async def letter_of(
    session: Transaction, reply: ReplyLetter, filing: Filing, office: Organisation, told: Told, chosen: Chosen
) -> Content:
    """The letter of a reply that ``office`` issues: to unit and supervising unit, a copy to the district office."""
    issued_at = reply.issued_at
    assert issued_at is not None  # noqa: S101 - a letter is an issued reply
    tenant, grading = reply.tenant_id, told.grading
    unit = await session.get_one(Organisation, (tenant, reply.unit_id))
    system = await session.get_one(System, (tenant, filing.system_id))
    addressees = [unit.name]
    if unit.supervising_unit_id is not None:
        addressees.append((await session.get_one(Organisation, (tenant, unit.supervising_unit_id))).name)
    accepted = reply.kind is ReplyKind.A
    facts = Facts(
        at=issued_at,
        number=reply.number,
        code=reply.verification_code,
        addressees=tuple(addressees),
        copies=tuple(told.copies),
        values={
            "city": told.city.name.removesuffix("市"),
            "office": office.name,
            "unit": unit.name,
            "system": system.name,
            **_SAYS[reply.kind](reply, filing, grading),
        },
        attachments=(_particulars(filing, grading, system, unit),) if accepted else (),
    )
    return compose(kind_of(reply), chosen, facts)


def _accepted(reply: ReplyLetter, filing: Filing, grading: Grading) -> dict[str, str]:
    return {
        "filingNumber": filing.number or "",
        "level": level_name(filing.level),
        "securityMark": grading.security_mark,
        "remark": _remark(reply),
        "assessment": ASSESSMENT[filing.level],
    }


def _incomplete(reply: ReplyLetter, _: Filing, __: Grading) -> dict[str, str]:
    items = (f"{number}.{' '.join(label(item).zh.split())}" for number, item in enumerate(reply.missing_items, 1))
    return {"items": "\n".join(items), "remark": _remark(reply)}


def _wrong_level(reply: ReplyLetter, filing: Filing, _: Grading) -> dict[str, str]:
    return {"level": level_name(filing.level), "reasons": reply.body}


def _remark(reply: ReplyLetter) -> str:
    """What the drafter added; where nothing was, the body is the kind's own name."""
    said = reply.body.strip()
    return "" if said == reply.kind.zh else said


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
