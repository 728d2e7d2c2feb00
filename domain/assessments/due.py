"""When a system's next assessment is due (下次测评期限), as its last report and its level have it."""

from __future__ import annotations

from sqlalchemy import select

from domain.assessments.periods import next_due
from domain.assessments.report_entities import AssessmentReport
from domain.systems.entities import System
from domain.work import Work


async def settle_due(work: Work, system: System, level: int) -> None:
    """Write the system's next day by its last report that was received; one that has none keeps what it has."""
    reported_on = await work.session.scalar(
        select(AssessmentReport.reported_on)
        .where(
            AssessmentReport.tenant_id == system.tenant_id,
            AssessmentReport.system_id == system.id,
            AssessmentReport.received_at.is_not(None),
        )
        .order_by(AssessmentReport.reported_on.desc())
        .limit(1)
    )
    if reported_on is not None:
        system.next_assessment_due_on = next_due(level, reported_on)
