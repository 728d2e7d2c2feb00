"""A tenant's permission policy (权限策略), as Casbin reads it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base


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
