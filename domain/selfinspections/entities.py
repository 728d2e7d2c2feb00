"""Self-inspections (自查): one of a system and a period, with an answer to each item of the checklist."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term, unique
from domain.checklists.items import ItemResult
from domain.findings import ControlArea
from domain.text import Term


class SelfInspectionState(Term):
    """Where a self-inspection stands (自查状态)."""

    DRAFT = "DRAFT", "自查中", "to be answered item by item, and submitted by the due date"
    SUBMITTED = "SUBMITTED", "已报送", "submitted, never changed afterwards"


class SelfInspection(Versioned, TenantRow):
    """One self-inspection of a system (自查): yearly at level 3, half-yearly at level 4 (Measures art. 14).

    ``items`` is how many items its checklist has, ``answered`` how many of them have an answer.
    """

    __tablename__ = "self_inspections"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    district_id: Mapped[UUID | None]
    level: Mapped[int] = mapped_column(level())
    period_starts_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    edition: Mapped[str]
    state: Mapped[SelfInspectionState] = mapped_column(term(SelfInspectionState), default=SelfInspectionState.DRAFT)
    items: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str | None]
    saved_by_id: Mapped[UUID | None]
    submitted_at: Mapped[dt.datetime | None]
    submitted_by_id: Mapped[UUID | None]
    late: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("district_id", "districts"),
        refers("saved_by_id", "users"),
        refers("submitted_by_id", "users"),
        unique("system_id", "period_starts_on"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("due_on >= period_starts_on", name="period"),
        CheckConstraint("answered BETWEEN 0 AND items", name="answered"),
        CheckConstraint("(state = 'SUBMITTED') = (submitted_at IS NOT NULL)", name="submitted_at_known"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "due_on", "id"),
        Index(None, "tenant_id", "state", "due_on", "id"),
        Index(None, "tenant_id", "level", "due_on", "id"),
        Index(None, "tenant_id", "late", "due_on", "id"),
        Index(None, "tenant_id", "unit_id", "due_on", "id"),
        Index(None, "tenant_id", "district_id", "due_on", "id"),
    )


class SelfInspectionAnswer(TenantRow):
    """What a unit found of one item of the checklist, and what it does about it (自查记录)."""

    __tablename__ = "self_inspection_answers"

    self_inspection_id: Mapped[UUID]
    item: Mapped[str]
    area: Mapped[ControlArea] = mapped_column(term(ControlArea))
    result: Mapped[ItemResult] = mapped_column(term(ItemResult))
    text: Mapped[str | None]

    __table_args__ = (
        refers("self_inspection_id", "self_inspections"),
        unique("self_inspection_id", "item"),
        CheckConstraint("result NOT IN ('PARTLY', 'NON_CONFORMING') OR text IS NOT NULL", name="wanting_says_what"),
    )
