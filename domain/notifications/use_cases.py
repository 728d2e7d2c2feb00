"""What people do with what they were told (通知)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.base import new_id
from domain.checks import Checks
from domain.errors import not_found
from domain.notifications.entities import Notification, NotificationPreference
from domain.notifications.kinds import NotificationKind
from domain.work import Work

MOST_IDS = 100


async def mark_notifications_read(work: Work, *, notification_ids: Sequence[UUID] | None = None) -> int:
    """Mark one's own notifications as read: those named, or all of them; how many are unread then.

    Those that are read stay so. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("markNotificationsRead")
    checks = Checks()
    if notification_ids is not None and len(notification_ids) > MOST_IDS:
        checks.wrong("notificationIds", f"一次最多 {MOST_IDS} 条。", f"At most {MOST_IDS} at a time.")
    checks.done()
    mine = (
        Notification.tenant_id == work.caller.tenant_id,
        Notification.user_id == work.caller.user_id,
        Notification.in_app,
    )
    read = update(Notification).where(*mine, Notification.unread).values(unread=False, read_at=work.now)
    if notification_ids is not None:
        named = set(notification_ids)
        known = await work.session.scalars(select(Notification.id).where(*mine, Notification.id.in_(named)))
        if named - set(known):
            raise not_found("notificationIds")
        read = read.where(Notification.id.in_(named))
    await work.session.execute(read)
    left = select(func.count()).select_from(Notification).where(*mine, Notification.unread)
    return await work.session.scalar(left) or 0


async def set_notification_preferences(
    work: Work, *, preferences: Sequence[Mapping[str, Any]]
) -> list[NotificationPreference]:
    """Say by which ways one wants to be told of which kinds; kinds not named stay as they are. All that one has said.

    Raises: Refusal(FORBIDDEN, INVALID_INPUT).
    """
    work.require("setNotificationPreferences")
    checks = Checks()
    kinds = [given["kind"] for given in preferences]
    for number, kind in enumerate(kinds):
        if kind in kinds[:number]:
            checks.wrong(f"preferences.{number}.kind", "同一事项只能设置一次。", "Each kind can be named once.")
    checks.done()
    table = NotificationPreference
    if preferences:
        said = insert(table).values(
            [
                {
                    "tenant_id": work.caller.tenant_id,
                    "id": new_id(),
                    "created_at": work.now,
                    "user_id": work.caller.user_id,
                    "kind": NotificationKind[given["kind"]],
                    "in_app": given["inApp"],
                    "email": given["email"],
                }
                for given in preferences
            ]
        )
        await work.session.execute(
            said.on_conflict_do_update(
                index_elements=[table.tenant_id, table.user_id, table.kind],
                set_={"in_app": said.excluded.in_app, "email": said.excluded.email},
            )
        )
    found = await work.session.scalars(
        select(table)
        .where(table.tenant_id == work.caller.tenant_id, table.user_id == work.caller.user_id)
        .order_by(table.kind)
    )
    return list(found)
