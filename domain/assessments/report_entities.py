"""Assessment reports (测评报告) and what they found."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.assessments.conclusions import Conclusion, ConclusionVocabulary
from domain.base import TenantRow, refers, term
from domain.findings import ControlArea, Severity


class AssessmentReport(TenantRow):
    """One upload of an assessment's report; what was confirmed stays, and a returned one is followed by another.

    ``score`` (0 to 100) and ``conformity_rate`` (percent) are in hundredths. ``reported_on`` is the report's own day.
    """

    __tablename__ = "assessment_reports"

    assessment_id: Mapped[UUID]
    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    number: Mapped[str]
    reported_on: Mapped[dt.date]
    vocabulary: Mapped[ConclusionVocabulary] = mapped_column(term(ConclusionVocabulary))
    conclusion: Mapped[Conclusion] = mapped_column(term(Conclusion))
    score: Mapped[int | None]
    conformity_rate: Mapped[int | None]
    summary: Mapped[str | None]
    uploaded_by_id: Mapped[UUID]
    # Offices see it from here on.
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by_id: Mapped[UUID | None]
    received_at: Mapped[dt.datetime | None]
    received_by_id: Mapped[UUID | None]
    returned_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None]

    __table_args__ = (
        refers("assessment_id", "assessments"),
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("uploaded_by_id", "users"),
        refers("confirmed_by_id", "users"),
        refers("received_by_id", "users"),
        CheckConstraint("score BETWEEN 0 AND 10000", name="score"),
        CheckConstraint("conformity_rate BETWEEN 0 AND 10000", name="conformity_rate"),
        CheckConstraint("num_nonnulls(score, conformity_rate) <= 1", name="one_figure"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_by_somebody"),
        CheckConstraint("(received_at IS NULL) = (received_by_id IS NULL)", name="received_by_somebody"),
        CheckConstraint("(returned_at IS NULL) = (return_reason IS NULL)", name="returned_for_a_reason"),
        CheckConstraint("num_nonnulls(received_at, returned_at) <= 1", name="received_or_returned"),
        CheckConstraint("coalesce(received_at, returned_at) IS NULL OR confirmed_at IS NOT NULL", name="confirmed"),
        Index(None, "tenant_id", "assessment_id", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
    )


class AssessmentFinding(TenantRow):
    """One thing that a report found wanting (测评发现的问题), open from the report's receipt on.

    The system's next assessment closes it, unless it finds the same again and says so (``repeats_id``).
    """

    __tablename__ = "assessment_findings"

    report_id: Mapped[UUID]
    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    place: Mapped[int]
    area: Mapped[ControlArea] = mapped_column(term(ControlArea))
    severity: Mapped[Severity] = mapped_column(term(Severity))
    title: Mapped[str]
    description: Mapped[str | None]
    suggestion: Mapped[str | None]
    repeats_id: Mapped[UUID | None]
    # Whether it stands: its report is received, and no later one has closed it.
    open: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[dt.datetime | None]
    closed_by_report_id: Mapped[UUID | None]

    __table_args__ = (
        refers("report_id", "assessment_reports"),
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("repeats_id", "assessment_findings"),
        refers("closed_by_report_id", "assessment_reports"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_report_id IS NULL)", name="closed_by_a_report"),
        CheckConstraint("NOT open OR closed_at IS NULL", name="open_or_closed"),
        Index(None, "tenant_id", "report_id", "place", "id"),
        Index(None, "tenant_id", "system_id", "open", "created_at", "id"),
        Index(None, "tenant_id", "unit_id", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "open", "severity", "created_at", "id"),
        Index(None, "tenant_id", "area", "created_at", "id"),
        Index(None, "tenant_id", "severity", "created_at", "id"),
    )
