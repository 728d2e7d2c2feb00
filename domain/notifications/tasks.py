"""Background work of notifications."""

from __future__ import annotations

from uuid import UUID

from domain.audit.entities import OutboxEvent
from domain.background import Background
from domain.notifications.delivery import deliver_event


async def deliver(background: Background, event_id: UUID) -> None:
    """Deliver one event that could not be delivered in its turn."""
    await deliver_event(background, await background.session.get_one(OutboxEvent, (background.tenant_id, event_id)))
