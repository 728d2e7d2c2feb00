"""Level assessments (等级测评): which accredited body assesses which system, how far it is, and what it took."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term, unique
from domain.organisations.entities import AuthorityLevel
from domain.text import Term


class AssessmentState(Term):
    """Where an assessment stands (测评状态)."""

    PLANNED = "PLANNED", "计划中", "planned by the city office"
    COMMISSIONED = "COMMISSIONED", "已委托", "waits for the body's acceptance"
    IN_PROGRESS = "IN_PROGRESS", "测评中", "the body is at work"
    REPORT_UPLOADED = "REPORT_UPLOADED", "报告已上传", "waits for the unit's confirmation"
    CONFIRMED = "CONFIRMED", "单位已确认", "with the authority"
    RECEIVED = "RECEIVED", "已接收", "the authority has the report"
    RETURNED = "RETURNED", "已退回", "sent back to the body"
    DECLINED = "DECLINED", "机构已谢绝", "the body did not take it"
    CANCELLED = "CANCELLED", "已取消", "called off"


class AssessmentOrganiser(Term):
    """Who has an assessment done (组织方): the unit at level 2, else the city office (workflow.md stage 4)."""

    UNIT = "UNIT", "运营使用单位", "commissioned by the unit"
    CITY_OFFICE = "CITY_OFFICE", "市信息办", "organised by the city office"


class AssessmentMilestone(Term):
    """How far a body's work has come (测评进度): the activities of an assessment, in their order (GB/T 28449)."""

    PREPARED = "PREPARED", "测评准备完成", "preparation is done"
    PLAN_AGREED = "PLAN_AGREED", "测评方案确定", "the plan is agreed"
    ON_SITE_STARTED = "ON_SITE_STARTED", "现场测评开始", "work on site has begun"
    ON_SITE_DONE = "ON_SITE_DONE", "现场测评完成", "work on site is done"
    REPORT_DRAFTED = "REPORT_DRAFTED", "报告编制完成", "the report is written"


class AssessmentPlan(Versioned, TenantRow):
    """What the city office has assessed in one year (年度测评计划), level 3 and above; its assessments name it."""

    __tablename__ = "assessment_plans"

    year: Mapped[int]
    adopted_by_id: Mapped[UUID]

    __table_args__ = (
        refers("adopted_by_id", "users"),
        unique("year"),
        CheckConstraint("year BETWEEN 2000 AND 2999", name="year"),
    )


ENDED = (AssessmentState.RECEIVED, AssessmentState.DECLINED, AssessmentState.CANCELLED)


class Assessment(Versioned, TenantRow):
    """One assessment of one system by one body; who plans one may name the body later.

    ``progress`` is in percent. ``number`` is its report's, ``funding`` ``{"amount" (yuan), "source", "securedOn"}``.
    """

    __tablename__ = "assessments"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    body_id: Mapped[UUID | None]
    state: Mapped[AssessmentState] = mapped_column(term(AssessmentState), default=AssessmentState.PLANNED)
    level: Mapped[int] = mapped_column(level())
    organised_by: Mapped[AssessmentOrganiser] = mapped_column(term(AssessmentOrganiser))
    # Whether it has not ended: the overview is by this, among all that were ever made.
    under_way: Mapped[bool] = mapped_column(default=True)
    # The jurisdiction as it was when the assessment began: a unit that moves does not take it along.
    authority: Mapped[AuthorityLevel] = mapped_column(term(AuthorityLevel))
    district_id: Mapped[UUID | None]
    # Whether the system is an important one, kept up to date with it: the security centre's overview is by this.
    important: Mapped[bool] = mapped_column(default=False)
    plan_id: Mapped[UUID | None]
    due_on: Mapped[dt.date | None]
    progress: Mapped[int] = mapped_column(default=0)
    number: Mapped[str | None]
    # The report that counts: the last one uploaded.
    report_id: Mapped[UUID | None]
    funding: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    accepted_at: Mapped[dt.datetime | None]
    closed_reason: Mapped[str | None]
    commissioned_by_id: Mapped[UUID | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("body_id", "organisations"),
        refers("district_id", "districts"),
        refers("plan_id", "assessment_plans"),
        refers("commissioned_by_id", "users"),
        unique("number"),
        CheckConstraint("level BETWEEN 2 AND 5", name="level"),
        CheckConstraint("(organised_by = 'UNIT') = (level = 2)", name="organiser_of_level"),
        CheckConstraint("(authority = 'DISTRICT') = (district_id IS NOT NULL)", name="district_of_authority"),
        CheckConstraint("body_id IS NOT NULL OR state IN ('PLANNED', 'CANCELLED')", name="body_known"),
        CheckConstraint("under_way = (state NOT IN ('RECEIVED', 'DECLINED', 'CANCELLED'))", name="under_way"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint(
            "(state IN ('DECLINED', 'CANCELLED')) = (closed_reason IS NOT NULL)", name="closed_for_a_reason"
        ),
        # Whether a body assesses a system, or a system of a unit, is asked of each row that it reads of them.
        Index(None, "tenant_id", "body_id", "system_id"),
        Index(None, "tenant_id", "body_id", "unit_id"),
        Index(None, "tenant_id", "system_id", "created_at", "id"),
        Index(None, "tenant_id", "unit_id", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "due_on", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "state", "due_on", "id"),
        Index(None, "tenant_id", "important", "due_on", "id"),
        Index(None, "tenant_id", "important", "state", "due_on", "id"),
        Index(None, "tenant_id", "under_way", "due_on", "id"),
        Index(None, "tenant_id", "important", "under_way", "due_on", "id"),
        Index(None, "tenant_id", "level", "created_at", "id"),
        Index(None, "tenant_id", "body_id", "created_at", "id"),
        Index(None, "tenant_id", "plan_id", "id"),
        Index(
            "uq_assessments_one_open",
            "tenant_id",
            "system_id",
            unique=True,
            postgresql_where="state NOT IN ('RECEIVED', 'DECLINED', 'CANCELLED')",
        ),
    )


class AssessmentTransition(TenantRow):
    """One step of an assessment's life (办理记录): what was done, by whom, when, and why where a reason is given."""

    __tablename__ = "assessment_transitions"

    assessment_id: Mapped[UUID]
    action: Mapped[str]
    from_state: Mapped[AssessmentState | None] = mapped_column(term(AssessmentState, "from_state"))
    to_state: Mapped[AssessmentState] = mapped_column(term(AssessmentState, "to_state"))
    reason: Mapped[str | None]
    by_id: Mapped[UUID]

    __table_args__ = (
        refers("assessment_id", "assessments"),
        refers("by_id", "users"),
        Index(None, "tenant_id", "assessment_id", "id"),
    )


class MilestoneReached(TenantRow):
    """That a milestone was reached (进度记录), on which day, as the body says."""

    __tablename__ = "assessment_milestones"

    assessment_id: Mapped[UUID]
    milestone: Mapped[AssessmentMilestone] = mapped_column(term(AssessmentMilestone))
    reached_on: Mapped[dt.date]
    note: Mapped[str | None]
    by_id: Mapped[UUID]

    __table_args__ = (
        refers("assessment_id", "assessments"),
        refers("by_id", "users"),
        unique("assessment_id", "milestone"),
    )
