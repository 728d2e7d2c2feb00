"""Level assessments (等级测评): which accredited body assesses which system."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term
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


class Assessment(Versioned, TenantRow):
    """One assessment of one system by one body."""

    __tablename__ = "assessments"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    body_id: Mapped[UUID]
    state: Mapped[AssessmentState] = mapped_column(term(AssessmentState), default=AssessmentState.PLANNED)
    level: Mapped[int] = mapped_column(level())
    due_on: Mapped[dt.date | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("body_id", "organisations"),
        CheckConstraint("level BETWEEN 2 AND 5", name="level"),
        Index(None, "tenant_id", "body_id", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )
