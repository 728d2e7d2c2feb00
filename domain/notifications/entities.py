"""Notifications (通知): what a person was told, and by which ways each wants to be told."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.notifications.kinds import NotificationKind


class Notification(TenantRow):
    """One thing told to one person, once an ``occasion``: an event's key, or a reminder's name and day."""

    __tablename__ = "notifications"

    user_id: Mapped[UUID]
    # The membership by which the person has to do with it, and can see the subject.
    membership_id: Mapped[UUID]
    kind: Mapped[NotificationKind] = mapped_column(term(NotificationKind))
    occasion: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    due_on: Mapped[dt.date | None]
    in_app: Mapped[bool] = mapped_column(default=True)
    unread: Mapped[bool] = mapped_column(default=True)
    read_at: Mapped[dt.datetime | None]
    mailed_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("user_id", "users"),
        refers("membership_id", "memberships"),
        unique("user_id", "occasion"),
        CheckConstraint("unread = (read_at IS NULL)", name="read_at_known"),
        Index(None, "tenant_id", "user_id", "created_at", "id"),
        Index(None, "tenant_id", "user_id", "unread", "created_at", "id"),
    )


class NotificationPreference(TenantRow):
    """By which ways a person wants to be told of one kind of thing; without a row: by all."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID]
    kind: Mapped[NotificationKind] = mapped_column(term(NotificationKind))
    in_app: Mapped[bool] = mapped_column(default=True)
    email: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (refers("user_id", "users"), unique("user_id", "kind"))
