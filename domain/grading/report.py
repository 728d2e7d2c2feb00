"""What a grading report says: 《信息系统安全等级保护定级报告》, section by section (domain facts 1.6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.grading.content import SYSTEM_TEXTS
from domain.grading.entities import Grading
from domain.grading.levels import HarmConsequence, HarmDegree, HarmObject
from domain.organisations.entities import Organisation
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Block, Content, Heading, Paragraph, Table
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.tenants.entities import Tenant

NOT_GIVEN = "(未填写)"


async def report_of(session: AsyncSession, grading: Grading, chosen: Chosen) -> Content:
    """The report of a confirmed grading, in the unit's name."""
    confirmed_at = grading.confirmed_at
    assert confirmed_at is not None  # noqa: S101 - it is confirmed
    system = await session.get_one(System, (grading.tenant_id, grading.system_id))
    unit = await session.get_one(Organisation, (grading.tenant_id, grading.unit_id))
    city = await session.get_one(Tenant, grading.tenant_id)
    facts = Facts(
        at=confirmed_at,
        values={
            "city": city.name.removesuffix("市"),
            "office": unit.name,
            "unit": unit.name,
            "system": system.name,
            **_opinions(grading),
        },
        blocks={
            "particulars": (
                Table((("信息系统名称", system.name), ("运营使用单位", unit.name), ("系统编号", system.code)), (2, 5)),
            ),
            "description": tuple(_description(grading)),
            "determination": tuple(_determinations(grading, system)),
        },
    )
    return compose(LetterKind.GRADING_REPORT, chosen, facts)


def _description(grading: Grading) -> Iterator[Block]:
    """Section one: who is responsible, what it consists of, where it ends, what it does."""
    said = grading.system_description or {}
    texts = [text for name in SYSTEM_TEXTS if (text := said.get(name))]
    if grading.description:
        texts.insert(0, grading.description)
    for text in texts or [NOT_GIVEN]:
        yield Paragraph(text)


def _determinations(grading: Grading, system: System) -> Iterator[Block]:
    yield from _determination("一", "业务信息", grading.business_information, grading.business_information_level)
    yield from _determination("二", "系统服务", grading.system_service, grading.system_service_level)
    yield Heading("(三)安全保护等级的确定", 2)
    yield Paragraph(
        "信息系统的安全保护等级由业务信息安全等级和系统服务安全等级的较高者决定,"
        f"最终确定“{system.name}”的安全保护等级为{level_name(grading.level)}({grading.security_mark})。"
        f"所依据的定级矩阵为{grading.matrix}。"
    )
    yield _levels(grading, system)


def _determination(number: str, what: str, given: Mapping[str, Any], level: int) -> Iterator[Block]:
    """One of the two determinations: description, objects, degrees, level."""
    harms = given["harms"]
    objects = "、".join(dict.fromkeys(HarmObject[harm["object"]].zh for harm in harms))
    yield Heading(f"({number}){what}安全保护等级的确定", 2)
    yield Heading(f"1.{what}描述", 3)
    yield Paragraph(given.get("description") or NOT_GIVEN)
    yield Heading(f"2.{what}受到破坏时所侵害客体的确定", 3)
    yield Paragraph(f"{what}受到破坏时,所侵害的客体为:{objects}。")
    yield from _said(given, "objectReasoning")
    yield Heading(f"3.{what}受到破坏后对侵害客体的侵害程度的确定", 3)
    for harm in harms:
        yield Paragraph(f"对{HarmObject[harm['object']].zh}造成{HarmDegree[harm['degree']].zh}。")
    if consequences := given.get("consequences"):
        yield Paragraph(f"危害后果:{'、'.join(HarmConsequence[each].zh for each in consequences)}。")
    yield from _said(given, "degreeReasoning")
    yield Heading(f"4.{what}安全等级的确定", 3)
    yield from _said(given, "reasoning")
    yield Paragraph(f"依据受侵害的客体和侵害程度,{what}安全保护等级为{level_name(level)}。")


def _said(given: Mapping[str, Any], name: str) -> Iterator[Block]:
    if text := given.get(name):
        yield Paragraph(text)


def _levels(grading: Grading, system: System) -> Table:
    return Table(
        (
            ("信息系统名称", "安全保护等级", "业务信息安全等级", "系统服务安全等级"),
            (
                system.name,
                level_name(grading.level),
                level_name(grading.business_information_level),
                level_name(grading.system_service_level),
            ),
        ),
        (3, 2, 2, 2),
        header=True,
    )


def _opinions(grading: Grading) -> dict[str, str]:
    """What the experts and the supervising unit had to say of it, where they were asked."""
    opinion, approval = grading.expert_opinion, grading.supervisor_approval
    said = approved = ""
    if opinion:
        said = f"{opinion['text']}(专家评审意见书{opinion['number']},建议{level_name(opinion['level'])})"
    if approval:
        day = official_date(local_date(dt.datetime.fromisoformat(approval["at"])))
        approved = f"{approval['unit']}于{day}审批同意。"
    against = grading.reason_against_opinion if opinion else None
    return {"opinion": said, "reasonAgainst": against or "", "approval": approved}
