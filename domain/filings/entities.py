"""Filings (备案): a system's filing, its form, its life."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term, unique
from domain.organisations.entities import AuthorityLevel
from domain.text import Term


class FilingState(Term):
    """Where a filing stands (备案状态)."""

    DRAFT = "DRAFT", "草稿", "being written"
    SUBMITTED = "SUBMITTED", "已提交", "handed in, not yet received"
    RECEIVED = "RECEIVED", "区县已接收", "received by the district office"
    UNDER_REVIEW = "UNDER_REVIEW", "审核中", "with the city office, the clock runs"
    INCOMPLETE = "INCOMPLETE", "资料不全", "answered with reply B"
    RE_REVIEW = "RE_REVIEW", "再评审", "answered with reply C, with the expert panel"
    LEVEL_ADJUSTMENT = "LEVEL_ADJUSTMENT", "调整级别", "the unit adjusts the level"
    ACCEPTED = "ACCEPTED", "已接受备案", "answered with reply A"
    WITHDRAWN = "WITHDRAWN", "已撤回", "taken back by the unit"
    CANCELLED = "CANCELLED", "已注销", "the system is retired"
    REPLACED = "REPLACED", "已被替代", "a later filing stands in its place"
    DISCARDED = "DISCARDED", "已作废", "a draft that was given up and never handed in"


class FilingChannel(Term):
    """By which way a filing came (备案渠道)."""

    ONLINE = "ONLINE", "在线填报", "entered on the platform by the unit"
    EMAIL = "EMAIL", "电子邮件", "by e-mail"
    COURIER = "COURIER", "专人送达", "by courier"
    DOCUMENT_EXCHANGE = "DOCUMENT_EXCHANGE", "公文交换", "by official document exchange"


# By which an office enters a filing that came past the platform.
OFFLINE = (FilingChannel.EMAIL, FilingChannel.COURIER, FilingChannel.DOCUMENT_EXCHANGE)

# Offices see no drafts, which have none of the dates that lists are ordered by: an index leaves them out.
_SUBMITTED = "state <> 'DRAFT'"


class Filing(Versioned, TenantRow):
    """One filing of one system; what was submitted stays as it was.

    ``form`` holds the tables of the printed form (edition ``form_edition``) as the API shows them: whole and in their
    order, as text, for it is handed on as it is (``FilingForm.stored``).
    """

    __tablename__ = "filings"

    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    grading_id: Mapped[UUID]
    number: Mapped[str | None]
    state: Mapped[FilingState] = mapped_column(term(FilingState), default=FilingState.DRAFT)
    channel: Mapped[FilingChannel] = mapped_column(term(FilingChannel), default=FilingChannel.ONLINE)
    level: Mapped[int] = mapped_column(level())
    # The jurisdiction as it was when the filing was made: a unit that moves does not take its filings along.
    authority: Mapped[AuthorityLevel] = mapped_column(term(AuthorityLevel))
    district_id: Mapped[UUID | None]
    form_edition: Mapped[str]
    form: Mapped[dict[str, Any]] = mapped_column(JSON())
    # What is still missing, worked out whenever form or documents change: [{"path", "zh", "en", "required"}].
    missing_items: Mapped[list[Any]] = mapped_column(JSONB(), default=list)
    saved_by_id: Mapped[UUID]
    submitted_at: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime | None]
    review_started_at: Mapped[dt.datetime | None]
    review_due_on: Mapped[dt.date | None]
    review_due_provisional: Mapped[bool] = mapped_column(default=False)
    replied_at: Mapped[dt.datetime | None]
    monthly_return_id: Mapped[UUID | None]
    replaces_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]

    __table_args__ = (
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("grading_id", "gradings"),
        refers("district_id", "districts"),
        refers("saved_by_id", "users"),
        refers("monthly_return_id", "monthly_returns"),
        refers("replaces_id", "filings"),
        unique("number"),
        CheckConstraint("level BETWEEN 2 AND 5", name="level"),
        CheckConstraint("(authority = 'DISTRICT') = (district_id IS NOT NULL)", name="district_of_authority"),
        CheckConstraint("state IN ('DRAFT', 'DISCARDED') OR submitted_at IS NOT NULL", name="submitted_at_known"),
        CheckConstraint("state <> 'UNDER_REVIEW' OR review_due_on IS NOT NULL", name="review_has_a_due_date"),
        CheckConstraint("state <> 'ACCEPTED' OR number IS NOT NULL", name="accepted_has_a_number"),
        CheckConstraint("state <> 'CANCELLED' OR cancel_reason IS NOT NULL", name="cancelled_for_a_reason"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "submitted_at", "id", postgresql_where=_SUBMITTED),
        Index(None, "tenant_id", "review_due_on", "id", postgresql_where=_SUBMITTED),
        Index(None, "tenant_id", "state", "review_due_on", "id"),
        Index(None, "tenant_id", "state", "submitted_at", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "authority", "created_at", "id"),
        Index(None, "tenant_id", "channel", "created_at", "id"),
        Index(None, "tenant_id", "level", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "unit_id", "created_at", "id"),
        Index(None, "tenant_id", "system_id", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "submitted_at", "id", postgresql_where=_SUBMITTED),
        Index(None, "tenant_id", "monthly_return_id", "id"),
        Index(
            "uq_filings_one_open",
            "tenant_id",
            "system_id",
            unique=True,
            postgresql_where="state IN ('DRAFT','SUBMITTED','RECEIVED','UNDER_REVIEW','INCOMPLETE',"
            "'RE_REVIEW','LEVEL_ADJUSTMENT')",
        ),
    )


class FilingTransition(TenantRow):
    """One step of a filing's life (办理记录): what was done, by whom, when."""

    __tablename__ = "filing_transitions"

    filing_id: Mapped[UUID]
    action: Mapped[str]
    from_state: Mapped[FilingState | None] = mapped_column(term(FilingState, "from_state"))
    to_state: Mapped[FilingState] = mapped_column(term(FilingState, "to_state"))
    by_id: Mapped[UUID]

    __table_args__ = (
        refers("filing_id", "filings"),
        refers("by_id", "users"),
        Index(None, "tenant_id", "filing_id", "id"),
    )


class ReviewPeriod(TenantRow):
    """One run of the review's clock (审核期): from the day that all had arrived to the reply that ended it.

    It was kept where ``ended_on`` is not after ``due_on``.
    """

    __tablename__ = "review_periods"

    filing_id: Mapped[UUID]
    started_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    provisional: Mapped[bool]
    ended_on: Mapped[dt.date | None]
    reply_letter_id: Mapped[UUID | None]

    __table_args__ = (
        refers("filing_id", "filings"),
        refers("reply_letter_id", "reply_letters"),
        CheckConstraint("(ended_on IS NULL) = (reply_letter_id IS NULL)", name="ended_by_a_reply"),
        Index(None, "tenant_id", "filing_id", "id"),
        Index(None, "tenant_id", "ended_on", "id"),
        Index(
            "uq_review_periods_one_running",
            "tenant_id",
            "filing_id",
            unique=True,
            postgresql_where="ended_on IS NULL",
        ),
    )


class FilingSubmission(TenantRow):
    """What was handed in, as it was: the form and the documents at one submission, never changed (workflow.md).

    ``documents`` holds ``[{"kind", "filename", "size", "sha256"}]``.
    """

    __tablename__ = "filing_submissions"

    filing_id: Mapped[UUID]
    level: Mapped[int] = mapped_column(level())
    form_edition: Mapped[str]
    form: Mapped[dict[str, Any]] = mapped_column(JSON())
    documents: Mapped[list[Any]] = mapped_column(JSONB())
    by_id: Mapped[UUID]

    __table_args__ = (
        refers("filing_id", "filings"),
        refers("by_id", "users"),
        CheckConstraint("level BETWEEN 2 AND 5", name="level"),
        Index(None, "tenant_id", "filing_id", "id"),
    )
