"""What the receipt of an assessment report says (等级测评报告接收回执): what came, and what is due next."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.assessments.entities import Assessment
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.findings import Severity
from domain.organisations.entities import Organisation
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Content, Table
from domain.systems.entities import System
from domain.templates.compose import Facts, compose
from domain.templates.content import Chosen
from domain.templates.forms import LetterKind
from domain.tenants.entities import Tenant


async def receipt_of(
    session: AsyncSession, assessment: Assessment, report: AssessmentReport, office: Organisation, chosen: Chosen
) -> Content:
    """The receipt of a report that ``office`` has received, to the unit, with a copy to the body."""
    received_at = report.received_at
    assert received_at is not None  # noqa: S101 - it is received
    tenant = assessment.tenant_id
    system = await session.get_one(System, (tenant, assessment.system_id))
    unit = await session.get_one(Organisation, (tenant, assessment.unit_id))
    body = await session.get_one(Organisation, (tenant, assessment.body_id))
    due = system.next_assessment_due_on
    following = (
        f"该系统下次等级测评应于{official_date(due)}前完成。" if due else "该系统依据特殊安全需求开展下次等级测评。"
    )
    city = await session.get_one(Tenant, tenant)
    particulars = Table(
        (
            ("报告编号", report.number),
            ("信息系统名称", system.name),
            ("安全保护等级", level_name(assessment.level)),
            ("测评机构", body.name),
            ("报告日期", official_date(report.reported_on)),
            ("测评结论", report.conclusion.zh),
            *_figure(report),
            ("发现的问题", await _findings(session, report)),
        ),
        (2, 5),
    )
    facts = Facts(
        at=received_at,
        number=report.number,
        addressees=(unit.name,),
        copies=(body.name,),
        values={
            "city": city.name.removesuffix("市"),
            "office": office.name,
            "unit": unit.name,
            "system": system.name,
            "following": following,
        },
        blocks={"particulars": (particulars,)},
    )
    return compose(LetterKind.ASSESSMENT_RECEIPT, chosen, facts)


def _figure(report: AssessmentReport) -> tuple[tuple[str, str], ...]:
    if report.score is not None:
        return (("得分", f"{report.score / 100:g}"),)
    if report.conformity_rate is not None:
        return (("符合率", f"{report.conformity_rate / 100:g}%"),)
    return ()


async def _findings(session: AsyncSession, report: AssessmentReport) -> str:
    found = await session.scalars(
        select(AssessmentFinding.severity).where(
            AssessmentFinding.tenant_id == report.tenant_id, AssessmentFinding.report_id == report.id
        )
    )
    counted = Counter(found)
    if not counted:
        return "无"
    return ",".join(f"{severity.zh}风险 {counted[severity]} 项" for severity in Severity if counted[severity])
