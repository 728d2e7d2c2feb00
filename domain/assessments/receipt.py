"""What the receipt of an assessment report says (等级测评报告接收回执): what came, and what is due next."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.assessments.entities import Assessment
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.calendar import local_date
from domain.findings import Severity
from domain.organisations.entities import Organisation
from domain.papers.chinese import level_name, official_date
from domain.papers.content import Content, Layout, Paragraph, Table
from domain.systems.entities import System


async def receipt_of(
    session: AsyncSession, assessment: Assessment, report: AssessmentReport, office: Organisation
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
    return Content(
        layout=Layout.REPORT,
        title="信息系统安全等级测评报告接收回执",
        issuer=office.name,
        day=official_date(local_date(received_at)),
        at=received_at,
        number=report.number,
        addressees=(unit.name,),
        copies=(body.name,),
        blocks=(
            Paragraph(f"{unit.name}确认报送的“{system.name}”信息系统安全等级测评报告收悉,内容如下:"),
            Table(
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
            ),
            Paragraph(f"请针对报告中的问题制定整改方案并落实整改。{following}"),
        ),
    )


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
