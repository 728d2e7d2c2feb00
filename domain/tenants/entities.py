"""Tenants (a city and all under it), what they decide for themselves, districts, calendars' exceptions."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, TenantRow, Versioned, new_id, refers, term, unique
from domain.grading.levels import MatrixEdition
from domain.panels.voting import DEFAULT_QUORUM, MOST_QUORUM, Majority, TieRule
from domain.text import Term


class TenantState(Term):
    """Whether a city is served (租户状态)."""

    ACTIVE = "ACTIVE", "正常", "is served"
    SUSPENDED = "SUSPENDED", "已暂停", "nobody signs in until it is resumed"
    DELETING = "DELETING", "待删除", "as suspended, and erased once its grace is over"
    ERASED = "ERASED", "已删除", "its rows are gone; what was locked stays until its time"


# Object lock cannot be shortened by anybody: a slip of the finger must not be for ever.
MOST_YEARS = 30


class Tenant(Base):
    """A city (市): the border that nobody sees across; its state and limits are the operator's to set.

    ``most_users`` counts accounts that are not disabled, ``most_requests`` those of a minute; without one there is no
    limit.
    """

    __tablename__ = "tenants"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    division_code: Mapped[str]
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]
    state: Mapped[TenantState] = mapped_column(
        term(TenantState), default=TenantState.ACTIVE, server_default=TenantState.ACTIVE.value
    )
    erase_after: Mapped[dt.datetime | None]
    most_users: Mapped[int | None]
    most_requests: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,30}$'", name="slug"),
        CheckConstraint("division_code ~ '^[0-9]{6}$'", name="division_code"),
        CheckConstraint("least(most_users, most_requests) > 0", name="limits"),
        CheckConstraint("(state IN ('DELETING', 'ERASED')) = (erase_after IS NOT NULL)", name="erase_after"),
        Index("uq_tenants_is_default", "is_default", unique=True, postgresql_where="is_default"),
    )


class TenantSettings(Versioned, TenantRow):
    """What a city may decide for itself (租户设置); one row a tenant, known by the tenant's own key."""

    __tablename__ = "tenant_settings"

    panel_quorum: Mapped[int] = mapped_column(default=DEFAULT_QUORUM)
    panel_majority: Mapped[Majority] = mapped_column(term(Majority), default=Majority.SIMPLE)
    panel_tie_rule: Mapped[TieRule] = mapped_column(term(TieRule), default=TieRule.HIGHER_LEVEL)
    grading_matrix: Mapped[MatrixEdition] = mapped_column(term(MatrixEdition), default=MatrixEdition.GB_T_22240_2008)
    # How many bytes of uploads the city, and one person in it, may have; how long what was handed in is kept.
    storage_quota: Mapped[int] = mapped_column(BigInteger(), default=1 << 40, server_default=str(1 << 40))
    person_storage_quota: Mapped[int] = mapped_column(BigInteger(), default=50 << 30, server_default=str(50 << 30))
    retention_years: Mapped[int] = mapped_column(default=10, server_default="10")

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        CheckConstraint("id = tenant_id", name="one_a_tenant"),
        CheckConstraint("storage_quota > 0 AND person_storage_quota > 0", name="quotas"),
        CheckConstraint(f"retention_years BETWEEN 1 AND {MOST_YEARS}", name="retention_years"),
        CheckConstraint(f"panel_quorum BETWEEN 1 AND {MOST_QUORUM}", name="panel_quorum"),
    )


class District(TenantRow):
    """A jurisdiction (区县) with its code of GB/T 2260."""

    __tablename__ = "districts"

    name: Mapped[str]
    division_code: Mapped[str]
    mailbox: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        CheckConstraint("division_code ~ '^[0-9]{6}$'", name="division_code"),
        unique("division_code"),
    )


class CalendarDay(TenantRow):
    """A city's own ruling that one day is, or is not, a working day (工作日调整)."""

    __tablename__ = "calendar_days"

    day: Mapped[dt.date]
    working: Mapped[bool]
    reason: Mapped[str | None]
    decided_by_id: Mapped[UUID | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("decided_by_id", "users"),
        unique("day"),
    )
