"""The trail of what was done (审计), what the outside is told of it, and answers kept for repeated requests."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, TenantRow, refers


class AuditEvent(TenantRow):
    """One accepted write, refusal or sign-in: who, acting as what, on what, before and after."""

    __tablename__ = "audit_events"

    action: Mapped[str]
    user_id: Mapped[UUID | None]
    membership_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("organisation_id", "organisations"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "user_id", "created_at", "id"),
        Index(None, "tenant_id", "organisation_id", "created_at", "id"),
        Index(None, "tenant_id", "subject_type", "subject_id", "id"),
    )


class OutboxEvent(TenantRow):
    """What happened, for those to be told: written with its cause, delivered afterwards."""

    __tablename__ = "outbox_events"

    sequence: Mapped[int] = mapped_column(BigInteger(), Identity(always=True))
    event: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    delivered_at: Mapped[dt.datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "delivered_at", "sequence"),
    )


class IdempotencyKey(Base):
    """The answer given to a person's request under a key, to be given again (幂等键)."""

    __tablename__ = "idempotency_keys"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    input_digest: Mapped[str]
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime]

    __table_args__ = (
        refers("user_id", "users"),
        Index(None, "tenant_id", "created_at"),
    )
