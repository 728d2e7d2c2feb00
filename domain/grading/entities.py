"""Gradings (定级): how a system's level was determined."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term
from domain.text import Term


class GradingState(Term):
    """Where a grading stands (定级状态)."""

    DRAFT = "DRAFT", "草稿", "being written"
    IN_EXPERT_REVIEW = "IN_EXPERT_REVIEW", "专家评审中", "with the expert panel"
    AWAITING_APPROVAL = "AWAITING_APPROVAL", "待审批", "waits for the supervising unit's approval"
    CONFIRMED = "CONFIRMED", "已确认", "in force"
    SUPERSEDED = "SUPERSEDED", "已被取代", "replaced by a later grading"
    DISCARDED = "DISCARDED", "已作废", "a draft that was given up"


class Grading(Versioned, TenantRow):
    """One grading of one system; the levels follow from the harms and are never typed in.

    ``business_information`` and ``system_service`` hold ``{"harms": [{"object", "degree"}], "description",
    "objectReasoning", "degreeReasoning", "consequences", "reasoning"}``, ``system_description`` the report's first
    section ``{"responsibility", "elements", "boundary", "business"}``; ``matrix`` names the matrix's edition.
    One that came with a paper filing is ``as_filed``: an office entered it, and nobody confirmed it on the platform.
    ``expert_opinion`` is the panel's, ``{"level", "verdict", "text", "number", "concludedAt"}``, and
    ``supervisor_approval`` the supervising unit's, ``{"unit", "at"}``, as they were given.
    """

    __tablename__ = "gradings"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    state: Mapped[GradingState] = mapped_column(term(GradingState), default=GradingState.DRAFT)
    matrix: Mapped[str]
    business_information: Mapped[dict[str, Any]]
    business_information_level: Mapped[int] = mapped_column(level())
    system_service: Mapped[dict[str, Any]]
    system_service_level: Mapped[int] = mapped_column(level())
    level: Mapped[int] = mapped_column(level())
    security_mark: Mapped[str]
    description: Mapped[str | None]
    system_description: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    advice_requested_at: Mapped[dt.datetime | None]
    # Points to the panel's case, which in turn points here: without a foreign key, like a system's current grading.
    opinion_case_id: Mapped[UUID | None]
    expert_opinion: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason_against_opinion: Mapped[str | None]
    supervisor_approval: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    return_reason: Mapped[str | None]
    as_filed: Mapped[bool] = mapped_column(default=False)
    saved_by_id: Mapped[UUID]
    submitted_at: Mapped[dt.datetime | None]
    confirmed_by_id: Mapped[UUID | None]
    confirmed_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("saved_by_id", "users"),
        refers("confirmed_by_id", "users"),
        CheckConstraint("(expert_opinion IS NULL) = (opinion_case_id IS NULL)", name="opinion_of_a_case"),
        CheckConstraint("NOT as_filed OR confirmed_by_id IS NULL", name="as_filed"),
        CheckConstraint("confirmed_by_id IS DISTINCT FROM saved_by_id", name="confirmed_by_another_person"),
        CheckConstraint("business_information_level BETWEEN 1 AND 5", name="business_information_level"),
        CheckConstraint("system_service_level BETWEEN 1 AND 5", name="system_service_level"),
        CheckConstraint("level = greatest(business_information_level, system_service_level)", name="level"),
        Index(None, "tenant_id", "system_id", "created_at", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "level", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(
            "uq_gradings_confirmed",
            "tenant_id",
            "system_id",
            unique=True,
            postgresql_where="state = 'CONFIRMED'",
        ),
        Index(
            "uq_gradings_one_open",
            "tenant_id",
            "system_id",
            unique=True,
            postgresql_where="state IN ('DRAFT','IN_EXPERT_REVIEW','AWAITING_APPROVAL')",
        ),
    )


class GradingTransition(TenantRow):
    """One step of a grading's life (定级办理记录): what was done, by whom, when, and why where a reason is given."""

    __tablename__ = "grading_transitions"

    grading_id: Mapped[UUID]
    action: Mapped[str]
    from_state: Mapped[GradingState | None] = mapped_column(term(GradingState, "from_state"))
    to_state: Mapped[GradingState] = mapped_column(term(GradingState, "to_state"))
    by_id: Mapped[UUID]
    reason: Mapped[str | None]

    __table_args__ = (
        refers("grading_id", "gradings"),
        refers("by_id", "users"),
        Index(None, "tenant_id", "grading_id", "id"),
    )
