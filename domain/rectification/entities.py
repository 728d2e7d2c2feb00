"""Rectification (整改建设): plans, their measures, and how each came to its state (workflow.md stage 3)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term
from domain.text import Term


class PlanState(Term):
    """Where a rectification plan stands (整改方案状态)."""

    DRAFT = "DRAFT", "草稿", "being written"
    SUBMITTED = "SUBMITTED", "已报送", "with the city office, which asks the experts"
    IN_PANEL_REVIEW = "IN_PANEL_REVIEW", "专家评审中", "with the expert panel, and then for the city office to decide"
    APPROVED = "APPROVED", "已同意", "the city office agrees; it can begin"
    RETURNED = "RETURNED", "已退回", "sent back to the unit with reasons"
    IN_PROGRESS = "IN_PROGRESS", "整改中", "being carried out"
    COMPLETED = "COMPLETED", "已完成", "all measures are carried out"
    DISCARDED = "DISCARDED", "已作废", "a draft that was given up"


# In which a plan's measures are carried out, and in which nothing more is done.
UNDER_WAY = (PlanState.APPROVED, PlanState.IN_PROGRESS)
CLOSED = (PlanState.COMPLETED, PlanState.DISCARDED)


class RectificationPlan(Versioned, TenantRow):
    """A system's rectification plan (等级保护整改建设方案).

    ``important`` and ``level`` are the system's, as of the last saving or submission: an important system's plan goes
    to the city office and the panel.
    ``missing_items`` is what a submission lacks, ``{"path", "zh", "en", "required"}``. ``budget`` in yuan, ``due_on``,
    ``next_due_on`` (of what is not done) and ``progress`` in percent follow from the measures.
    """

    __tablename__ = "rectification_plans"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    risk_assessment_id: Mapped[UUID | None]
    # The panel's latest case of it, which in turn points here: without a foreign key.
    panel_case_id: Mapped[UUID | None]
    state: Mapped[PlanState] = mapped_column(term(PlanState), default=PlanState.DRAFT)
    title: Mapped[str]
    summary: Mapped[str | None]
    important: Mapped[bool]
    level: Mapped[int | None] = mapped_column(level())
    missing_items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB())
    budget: Mapped[int] = mapped_column(BigInteger())
    due_on: Mapped[dt.date | None]
    next_due_on: Mapped[dt.date | None]
    progress: Mapped[int] = mapped_column(SmallInteger())
    saved_by_id: Mapped[UUID]
    submitted_by_id: Mapped[UUID | None]
    submitted_at: Mapped[dt.datetime | None]
    reviewed_by_id: Mapped[UUID | None]
    reviewed_at: Mapped[dt.datetime | None]
    # Why it was returned, or approved against the panel's opinion.
    review_reason: Mapped[str | None]
    completed_at: Mapped[dt.datetime | None]
    completion_note: Mapped[str | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("risk_assessment_id", "risk_assessments"),
        refers("saved_by_id", "users"),
        refers("submitted_by_id", "users"),
        refers("reviewed_by_id", "users"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("state IN ('DRAFT', 'DISCARDED') OR submitted_at IS NOT NULL", name="submitted_at_known"),
        CheckConstraint("(state = 'COMPLETED') = (completed_at IS NOT NULL)", name="completed_at_known"),
        CheckConstraint("state <> 'RETURNED' OR review_reason IS NOT NULL", name="returned_with_a_reason"),
        CheckConstraint("state <> 'IN_PANEL_REVIEW' OR panel_case_id IS NOT NULL", name="case_known"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "submitted_at", "id"),
        Index(None, "tenant_id", "next_due_on", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "important", "created_at", "id"),
        Index(None, "tenant_id", "level", "created_at", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "risk_assessment_id", "id"),
        Index(
            "uq_rectification_plans_one_open",
            "tenant_id",
            "system_id",
            unique=True,
            postgresql_where="state NOT IN ('COMPLETED', 'DISCARDED')",
        ),
    )


class RectificationMeasure(Versioned, TenantRow):
    """One measure of a plan (整改措施): who sees to it, by when, for how much (yuan), how far it has come (percent).

    What it treats is named by one key for each kind of finding, of which one at most is set. ``under_way`` holds while
    the plan is carried out and the measure is not done; ``original_due_on`` is the day that the plan had, once moved.
    """

    __tablename__ = "rectification_measures"

    plan_id: Mapped[UUID]
    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    position: Mapped[int]
    title: Mapped[str]
    description: Mapped[str | None]
    owner: Mapped[str]
    due_on: Mapped[dt.date]
    original_due_on: Mapped[dt.date | None]
    budget: Mapped[int] = mapped_column(BigInteger())
    progress: Mapped[int] = mapped_column(SmallInteger(), default=0)
    note: Mapped[str | None]
    under_way: Mapped[bool] = mapped_column(default=False)
    done_at: Mapped[dt.datetime | None]
    risk_finding_id: Mapped[UUID | None]
    assessment_finding_id: Mapped[UUID | None]
    inspection_finding_id: Mapped[UUID | None]

    __table_args__ = (
        refers("plan_id", "rectification_plans"),
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("risk_finding_id", "risk_findings"),
        refers("assessment_finding_id", "assessment_findings"),
        refers("inspection_finding_id", "inspection_findings"),
        CheckConstraint(
            "num_nonnulls(risk_finding_id, assessment_finding_id, inspection_finding_id) <= 1", name="one_finding"
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("budget >= 0", name="budget"),
        CheckConstraint("(progress = 100) = (done_at IS NOT NULL)", name="done_at_known"),
        CheckConstraint("NOT (under_way AND progress = 100)", name="done_is_not_under_way"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "due_on", "id"),
        Index(None, "tenant_id", "under_way", "due_on", "id"),
        Index(None, "tenant_id", "plan_id", "position", "id"),
        Index(None, "tenant_id", "system_id", "due_on", "id"),
        Index(None, "tenant_id", "unit_id", "due_on", "id"),
        Index(None, "tenant_id", "risk_finding_id", "id"),
        Index(None, "tenant_id", "assessment_finding_id", "id"),
        Index(None, "tenant_id", "inspection_finding_id", "id"),
    )


class RectificationPlanTransition(TenantRow):
    """One step of a plan's life (整改方案办理记录): what was done, by whom, when, and why where a reason is given."""

    __tablename__ = "rectification_plan_transitions"

    plan_id: Mapped[UUID]
    action: Mapped[str]
    from_state: Mapped[PlanState | None] = mapped_column(term(PlanState, "from_state"))
    to_state: Mapped[PlanState] = mapped_column(term(PlanState, "to_state"))
    by_id: Mapped[UUID]
    reason: Mapped[str | None]

    __table_args__ = (
        refers("plan_id", "rectification_plans"),
        refers("by_id", "users"),
        Index(None, "tenant_id", "plan_id", "id"),
    )
