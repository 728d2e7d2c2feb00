"""Systems (信息系统): what is graded and filed."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, unique


class System(Versioned, TenantRow):
    """An information system of a unit; level and mark are those of its confirmed grading."""

    __tablename__ = "systems"

    unit_id: Mapped[UUID]
    # Its unit's, where that files with the district: kept by the database (migration 0020), for the district's lists.
    district_id: Mapped[UUID | None]
    name: Mapped[str]
    code: Mapped[str]
    # The five digits that the system carries in its filing number, given with the first acceptance.
    system_serial: Mapped[int | None]
    important: Mapped[bool] = mapped_column(default=False)
    important_since: Mapped[dt.date | None]
    # Kept by domain/inspections/coverage.py: what of the inspection in every 24 months is behind and ahead.
    last_inspected_on: Mapped[dt.date | None]
    inspection_due_on: Mapped[dt.date | None]
    next_inspection_on: Mapped[dt.date | None]
    level: Mapped[int | None] = mapped_column(level())
    security_mark: Mapped[str | None]
    current_grading_id: Mapped[UUID | None]
    current_filing_id: Mapped[UUID | None]
    # Graded anew since its filing was accepted: an amended filing is owed (Measures art. 17).
    amendment_due: Mapped[bool] = mapped_column(default=False)
    next_assessment_due_on: Mapped[dt.date | None]
    parent_system_id: Mapped[UUID | None]
    in_service_on: Mapped[dt.date | None]
    retired_on: Mapped[dt.date | None]
    # Name and code as texts are looked for in them (`search_text`); kept by the database (migration 0031).
    found_by: Mapped[str | None]

    __table_args__ = (
        refers("unit_id", "organisations"),
        refers("district_id", "districts"),
        refers("parent_system_id", "systems"),
        unique("unit_id", "code"),
        unique("unit_id", "system_serial"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("important = (important_since IS NOT NULL)", name="important_since_known"),
        CheckConstraint("important = (inspection_due_on IS NOT NULL)", name="inspection_due_if_important"),
        CheckConstraint("parent_system_id IS DISTINCT FROM id", name="not_its_own_parent"),
        # A text that very many have is looked for along the list by name: all that takes is in its index.
        Index(None, "tenant_id", "name", "id", postgresql_include=["found_by"]),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "name", "id"),
        Index(None, "tenant_id", "level", "id"),
        Index(None, "tenant_id", "level", "name", "id"),
        Index(None, "tenant_id", "important", "name", "id"),
        Index(None, "tenant_id", "next_assessment_due_on", "id"),
        Index(None, "tenant_id", "important", "next_assessment_due_on", "id"),
        Index(None, "tenant_id", "inspection_due_on", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "parent_system_id", "id"),
    )
