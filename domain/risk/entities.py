"""Risk assessments (风险评估) and what they find (workflow.md stage 3)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, refers, term
from domain.findings import ControlArea, Severity
from domain.text import Term


class RiskAssessmentState(Term):
    """Where a risk assessment stands (风险评估状态)."""

    RECORDED = "RECORDED", "已登记", "the unit's own, and can be changed"
    SUBMITTED = "SUBMITTED", "已随方案提交", "handed in with a plan that rests on it; frozen"
    DISCARDED = "DISCARDED", "已作废", "recorded by mistake"


class RiskTreatment(Term):
    """What is to be done about a risk (风险处置方式)."""

    MITIGATE = "MITIGATE", "降低", "measures make it smaller"
    AVOID = "AVOID", "规避", "what brings it is given up"
    TRANSFER = "TRANSFER", "转移", "others carry it"
    ACCEPT = "ACCEPT", "接受", "it is accepted, for a stated reason"


class RiskAssessment(Versioned, TenantRow):
    """One risk assessment of one system, by the unit itself or by a provider of the directory.

    ``severity`` is that of the gravest finding, null where nothing was found.
    """

    __tablename__ = "risk_assessments"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    # Null: by the unit itself.
    provider_id: Mapped[UUID | None]
    state: Mapped[RiskAssessmentState] = mapped_column(term(RiskAssessmentState), default=RiskAssessmentState.RECORDED)
    title: Mapped[str]
    assessed_on: Mapped[dt.date]
    summary: Mapped[str | None]
    severity: Mapped[Severity | None] = mapped_column(term(Severity))
    recorded_by_id: Mapped[UUID]
    submitted_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("provider_id", "providers"),
        refers("recorded_by_id", "users"),
        CheckConstraint("state <> 'SUBMITTED' OR submitted_at IS NOT NULL", name="submitted_at_known"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "assessed_on", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "provider_id", "id"),
    )


class RiskFinding(TenantRow):
    """One risk that was found (风险), with its severity and treatment; ``position`` is its place in the assessment.

    ``closed_at`` is when the rectification that treats it was completed.
    """

    __tablename__ = "risk_findings"

    risk_assessment_id: Mapped[UUID]
    position: Mapped[int]
    title: Mapped[str]
    description: Mapped[str | None]
    asset: Mapped[str | None]
    area: Mapped[ControlArea] = mapped_column(term(ControlArea))
    severity: Mapped[Severity] = mapped_column(term(Severity))
    treatment: Mapped[RiskTreatment] = mapped_column(term(RiskTreatment))
    treatment_reason: Mapped[str | None]
    closed_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("risk_assessment_id", "risk_assessments"),
        CheckConstraint("treatment <> 'ACCEPT' OR treatment_reason IS NOT NULL", name="accepted_for_a_reason"),
        Index(None, "tenant_id", "risk_assessment_id", "position", "id"),
        Index(None, "tenant_id", "severity", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )
