"""When a system's next assessment is due (下次测评期限), as its last report and its level have it."""

from __future__ import annotations

from sqlalchemy import select

from domain.assessments.periods import next_due
from domain.assessments.report_entities import AssessmentReport
from domain.systems.entities import System
from domain.work import KEY, TENANT, Work

_LAST_REPORTED = (
    select(AssessmentReport.reported_on)
    .where(
        AssessmentReport.tenant_id == TENANT,
        AssessmentReport.system_id == KEY,
        AssessmentReport.received_at.is_not(None),
    )
    .order_by(AssessmentReport.reported_on.desc())
    .limit(1)
)


async def settle_due(work: Work, system: System, level: int) -> None:
    """Write the system's next day by its last report that was received; one that has none keeps what it has."""
    for (reported_on,) in await work.rows(_LAST_REPORTED, system.id):
        system.next_assessment_due_on = next_due(level, reported_on)
