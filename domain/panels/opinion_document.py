"""What an opinion document says: 《XXXX信息系统定级专家评审意见》 (workflow.md stage 2), or that on a plan (stage 3).

The conclusion and how it came about, and nothing of what each expert said: that is not for everybody who reads it.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.organisations.entities import Organisation
from domain.panels.entities import PanelCase, PanelConclusion, PanelPurpose, PanelSession, Verdict
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Content, Table
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.tenants.entities import Tenant

# Of which kind the document of a conclusion is.
KINDS = {
    PanelPurpose.GRADING_ADVICE: LetterKind.OPINION_ON_GRADING,
    PanelPurpose.FILING_RE_REVIEW: LetterKind.OPINION_ON_FILING,
    PanelPurpose.PLAN_REVIEW: LetterKind.OPINION_ON_PLAN,
}


async def opinion_document_of(
    session: AsyncSession, case: PanelCase, conclusion: PanelConclusion, chosen: Chosen
) -> Content:
    """The document of a conclusion, in the name of the city's expert group."""
    tenant = await session.get_one(Tenant, case.tenant_id)
    system = await session.get_one(System, (case.tenant_id, case.system_id))
    unit = await session.get_one(Organisation, (case.tenant_id, case.unit_id))
    meeting = await session.get_one(PanelSession, (case.tenant_id, case.session_id)) if case.session_id else None
    held_on = meeting.held_on if meeting else local_date(conclusion.created_at)
    group = f"{tenant.name}电子政务等级保护专家组"
    particulars = Table(
        (
            ("信息系统名称", system.name),
            ("运营使用单位", unit.name),
            ("评审目的", case.purpose.zh),
            ("系统等级" if _of_a_plan(case) else "送评等级", level_name(case.level)),
            ("评审日期", official_date(held_on)),
            *((("评审地点", meeting.place),) if meeting and meeting.place else ()),
        ),
        (2, 5),
    )
    facts = Facts(
        at=conclusion.created_at,
        number=conclusion.number,
        values={
            "city": tenant.name.removesuffix("市"),
            "office": group,
            "unit": unit.name,
            "system": system.name,
            "purpose": case.purpose.zh,
            "opinions": str(conclusion.opinions),
            "quorum": str(conclusion.quorum),
            "majority": conclusion.majority.zh,
            "conclusion": _conclusion(case, conclusion, system),
            "wording": conclusion.text,
        },
        blocks={"particulars": (particulars,)},
    )
    return compose(KINDS[case.purpose], chosen, facts)


def _conclusion(case: PanelCase, conclusion: PanelConclusion, system: System) -> str:
    if conclusion.level is not None:
        stands = "同意所定等级。" if conclusion.level == case.level else f"所定{level_name(case.level)}应予调整。"
        return f"“{system.name}”的安全保护等级应为{level_name(conclusion.level)},{stands}"
    stands = "同意" if conclusion.verdict is Verdict.AGREE else "不同意"
    return f"{stands}“{system.name}”的等级保护整改建设方案。"


def _of_a_plan(case: PanelCase) -> bool:
    return case.purpose is PanelPurpose.PLAN_REVIEW
