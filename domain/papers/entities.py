"""Papers (公文): what was issued, word for word, from the moment that it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.documents.kinds import DocumentKind

# Whose a paper can be: exactly one, and of each at most one paper.
SUBJECTS = (
    "grading_id",
    "reply_letter_id",
    "panel_case_id",
    "assessment_report_id",
    "rectification_order_id",
    "inspection_campaign_id",
    "inspection_notice_id",
)


class Paper(TenantRow):
    """One paper of one subject, never changed: its files are made from ``content`` (``domain.papers.content``)."""

    __tablename__ = "papers"

    kind: Mapped[DocumentKind] = mapped_column(term(DocumentKind))
    owner_id: Mapped[UUID]
    made_by_id: Mapped[UUID]
    grading_id: Mapped[UUID | None]
    reply_letter_id: Mapped[UUID | None]
    panel_case_id: Mapped[UUID | None]
    assessment_report_id: Mapped[UUID | None]
    rectification_order_id: Mapped[UUID | None]
    inspection_campaign_id: Mapped[UUID | None]
    inspection_notice_id: Mapped[UUID | None]
    # By which anyone who holds it can verify it (``verify_letter``); None where the paper has no number.
    number: Mapped[str | None]
    verification_code: Mapped[str | None]
    content: Mapped[dict[str, Any]]

    __table_args__ = (
        refers("owner_id", "organisations"),
        refers("made_by_id", "users"),
        refers("grading_id", "gradings"),
        refers("reply_letter_id", "reply_letters"),
        refers("panel_case_id", "panel_cases"),
        refers("assessment_report_id", "assessment_reports"),
        refers("rectification_order_id", "rectification_orders"),
        refers("inspection_campaign_id", "inspection_campaigns"),
        refers("inspection_notice_id", "inspections"),
        CheckConstraint(f"num_nonnulls({', '.join(SUBJECTS)}) = 1", name="one_subject"),
        *(unique(key) for key in SUBJECTS),
        Index(None, "tenant_id", "number"),
    )
