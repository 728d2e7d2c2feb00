"""A tenant's permission policy (权限策略), as Casbin reads it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.access import Duty, Role
from domain.base import Base, TenantRow, refers, term


class PolicyRule(Base):
    """One line of policy: this role, or this role with this duty, may do this action. Lines never name people."""

    __tablename__ = "policy_rules"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (
        CheckConstraint("subject ~ '^[A-Z_]+([.][A-Z_]+)?$'", name="subject"),
        CheckConstraint("action ~ '^[a-zA-Z]+$'", name="action"),
    )


class PolicyChange(TenantRow):
    """One change of the policy (权限变更): who allowed what to whom, or no longer, when and why; kept for good."""

    __tablename__ = "policy_changes"

    operation: Mapped[str]
    role: Mapped[Role] = mapped_column(term(Role))
    # None: whatever duty within the role.
    duty: Mapped[Duty | None] = mapped_column(term(Duty))
    allowed: Mapped[bool]
    reason: Mapped[str]
    changed_by_id: Mapped[UUID]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("changed_by_id", "users"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "operation", "created_at", "id"),
    )
