"""Background work on filings."""

from __future__ import annotations

from domain.audit.entities import AuditEvent
from domain.background import Background
from domain.filings.clock import move_clocks


async def settle_due_dates(background: Background) -> None:
    """Provisional due dates become certain, and right, once the year's official calendar is known."""
    for moved in await move_clocks(background.session, background.tenant_id, provisional=True):
        background.session.add(
            AuditEvent(
                tenant_id=background.tenant_id,
                created_at=background.now,
                action="settleDueDates",
                subject_type="Filing",
                subject_id=moved.filing.id,
                before={"reviewDueOn": moved.before.isoformat()},
                after={"reviewDueOn": moved.after.isoformat()},
            )
        )
