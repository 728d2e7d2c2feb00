"""The trail of what was done (审计), what the outside is told of it, and answers kept for repeated requests."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, ForeignKeyConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.audit import origin
from domain.audit.redaction import Redacted
from domain.base import Base, TenantRow, refers, term, unique
from domain.text import Term


class AuditOutcome(Term):
    """What became of what somebody set out to do (结果)."""

    ACCEPTED = "ACCEPTED", "已办理", "was done"
    REFUSED = "REFUSED", "被拒绝", "was refused"


class AuditEvent(TenantRow):
    """One accepted write, refusal, sign-in, download or export: who, acting as what, from where, on what, what changed.

    ``attempts`` is how many alike a refusal stands for, ``reason`` its codes. The database itself fills in
    ``transaction`` and ``digest``, by which events are sealed (``domain/audit/sealing.py``), and lets nobody change or
    delete an event.
    """

    __tablename__ = "audit_events"
    # What the database fills in is not asked back from it.
    __mapper_args__ = {"eager_defaults": False}

    action: Mapped[str]
    outcome: Mapped[AuditOutcome] = mapped_column(
        term(AuditOutcome), default=AuditOutcome.ACCEPTED, server_default=AuditOutcome.ACCEPTED.value
    )
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=1, server_default="1")
    user_id: Mapped[UUID | None]
    membership_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    before: Mapped[dict[str, Any] | None] = mapped_column(Redacted())
    after: Mapped[dict[str, Any] | None] = mapped_column(Redacted())
    address: Mapped[str | None] = mapped_column(default=origin.address)
    user_agent: Mapped[str | None] = mapped_column(default=origin.user_agent)
    request_id: Mapped[str | None] = mapped_column(default=origin.request_id)
    transaction: Mapped[int] = mapped_column(BigInteger(), FetchedValue())
    digest: Mapped[str] = mapped_column(FetchedValue())

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("organisation_id", "organisations"),
        CheckConstraint("attempts > 0", name="attempts"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "user_id", "created_at", "id"),
        Index(None, "tenant_id", "organisation_id", "created_at", "id"),
        Index(None, "tenant_id", "subject_id", "created_at", "id"),
        Index(None, "tenant_id", "action", "created_at", "id"),
        Index(None, "tenant_id", "outcome", "created_at", "id"),
        Index(None, "tenant_id", "transaction", "id"),
    )


class AuditSeal(TenantRow):
    """A run of a tenant's events, sealed: the root of their Merkle tree, chained to the seal before (审计封存).

    Sealed are the events of the transactions after the former seal's ``through`` up to this one's; ``number`` is dense
    from 1, ``total`` counts all events sealed so far. ``root`` is the digest of all this (``domain/audit/merkle.py``).
    """

    __tablename__ = "audit_seals"

    number: Mapped[int]
    events: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger())
    through: Mapped[int] = mapped_column(BigInteger())
    tree: Mapped[str]
    former_root: Mapped[str]
    root: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        CheckConstraint("number > 0 AND events > 0 AND total >= events", name="counts"),
        unique("number"),
        # Two sealers cannot both follow the same seal: the chain does not fork.
        unique("former_root"),
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
