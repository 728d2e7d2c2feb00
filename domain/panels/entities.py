"""Panel cases (评审事项): what the expert group is asked, and whom."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.text import Term


class PanelCaseState(Term):
    """Where a panel case stands (评审状态)."""

    OPEN = "OPEN", "待评审", "waits for opinions"
    CONCLUDED = "CONCLUDED", "已形成意见", "the panel has concluded"


class PanelPurpose(Term):
    """Why the panel meets (评审目的)."""

    GRADING_ADVICE = "GRADING_ADVICE", "定级咨询评审", "advice on a grading"
    FILING_RE_REVIEW = "FILING_RE_REVIEW", "备案再评审", "re-review of a filing's level"
    PLAN_REVIEW = "PLAN_REVIEW", "整改方案评审", "review of a rectification plan"


class PanelCase(TenantRow):
    """One matter before the expert group: a grading or a filing."""

    __tablename__ = "panel_cases"

    purpose: Mapped[PanelPurpose] = mapped_column(term(PanelPurpose))
    state: Mapped[PanelCaseState] = mapped_column(term(PanelCaseState), default=PanelCaseState.OPEN)
    unit_id: Mapped[UUID]
    system_id: Mapped[UUID]
    grading_id: Mapped[UUID | None]
    filing_id: Mapped[UUID | None]
    concluded_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("unit_id", "organisations"),
        refers("system_id", "systems"),
        refers("grading_id", "gradings"),
        refers("filing_id", "filings"),
        CheckConstraint("num_nonnulls(grading_id, filing_id) = 1", name="one_subject"),
        CheckConstraint("(state = 'CONCLUDED') = (concluded_at IS NOT NULL)", name="concluded_at_known"),
        Index(None, "tenant_id", "filing_id", "id"),
        Index(None, "tenant_id", "grading_id", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class PanelAssignment(TenantRow):
    """An expert asked for an opinion on a case; a declared conflict ends the access it gave."""

    __tablename__ = "panel_assignments"

    case_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    conflict_declared_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("case_id", "panel_cases"),
        refers("expert_id", "users"),
        unique("case_id", "expert_id"),
        Index(None, "tenant_id", "expert_id", "case_id"),
    )
