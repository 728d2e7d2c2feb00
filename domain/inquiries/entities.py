"""Consultation (咨询): inquiries of units, their threads, and what the security centre publishes of them."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.access import Role
from domain.base import TenantRow, Versioned, refers, term
from domain.text import Term


class InquiryTopic(Term):
    """What an inquiry is about (咨询事项)."""

    GRADING = "GRADING", "系统定级", "grading: method and process"
    FILING = "FILING", "定级备案", "filing: form, materials, channels"
    REPLY = "REPLY", "审核与复函", "review and reply letters"
    RECTIFICATION = "RECTIFICATION", "风险评估与整改建设", "risk assessment and rectification"
    ASSESSMENT = "ASSESSMENT", "等级测评", "level assessment"
    INSPECTION = "INSPECTION", "监督检查", "supervision and inspection"
    PLATFORM = "PLATFORM", "平台使用", "how to use the platform"
    OTHER = "OTHER", "其他", "something else"


class InquiryState(Term):
    """Where an inquiry stands (咨询状态)."""

    OPEN = "OPEN", "待答复", "waits for the security centre"
    ANSWERED = "ANSWERED", "已答复", "answered; the unit may ask further"
    CLOSED = "CLOSED", "已办结", "ended by one of the two; a further question opens it again"


class ArticleState(Term):
    """Whether an answer is published (发布状态)."""

    PUBLISHED = "PUBLISHED", "已发布", "everybody in the city can read it"
    WITHDRAWN = "WITHDRAWN", "已撤回", "no longer shown outside the city office"


class Inquiry(Versioned, TenantRow):
    """A question of a unit to the security centre (咨询), with all that was said on it."""

    __tablename__ = "inquiries"

    unit_id: Mapped[UUID]
    opened_by_id: Mapped[UUID]
    title: Mapped[str]
    topic: Mapped[InquiryTopic] = mapped_column(term(InquiryTopic))
    state: Mapped[InquiryState] = mapped_column(term(InquiryState), default=InquiryState.OPEN)
    last_message_at: Mapped[dt.datetime]
    answered_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[UUID | None]
    close_reason: Mapped[str | None]

    __table_args__ = (
        refers("unit_id", "organisations"),
        refers("opened_by_id", "users"),
        refers("closed_by_id", "users"),
        CheckConstraint("state <> 'ANSWERED' OR answered_at IS NOT NULL", name="answered_at_known"),
        CheckConstraint(
            "(state = 'CLOSED') = (closed_at IS NOT NULL AND closed_by_id IS NOT NULL)", name="closed_is_complete"
        ),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "last_message_at", "id"),
        Index(None, "tenant_id", "state", "last_message_at", "id"),
        Index(None, "tenant_id", "topic", "last_message_at", "id"),
        Index(None, "tenant_id", "unit_id", "last_message_at", "id"),
    )


class InquiryMessage(TenantRow):
    """One message of an inquiry's thread, never changed; ``side`` is the role its author spoke in."""

    __tablename__ = "inquiry_messages"

    inquiry_id: Mapped[UUID]
    author_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    side: Mapped[Role] = mapped_column(term(Role, "side"))
    text: Mapped[str]

    __table_args__ = (
        refers("inquiry_id", "inquiries"),
        refers("author_id", "users"),
        refers("organisation_id", "organisations"),
        Index(None, "tenant_id", "inquiry_id", "id"),
    )


class KnowledgeArticle(Versioned, TenantRow):
    """An answer that the security centre publishes to the city (知识库), freed of whose question it was.

    ``inquiry_id`` is the city office's alone: nobody else can read, filter or sort by it.
    """

    __tablename__ = "knowledge_articles"

    inquiry_id: Mapped[UUID]
    topic: Mapped[InquiryTopic] = mapped_column(term(InquiryTopic))
    title: Mapped[str]
    question: Mapped[str]
    answer: Mapped[str]
    state: Mapped[ArticleState] = mapped_column(term(ArticleState), default=ArticleState.PUBLISHED)
    published_by_id: Mapped[UUID]
    withdrawn_at: Mapped[dt.datetime | None]
    withdraw_reason: Mapped[str | None]

    __table_args__ = (
        refers("inquiry_id", "inquiries"),
        refers("published_by_id", "users"),
        CheckConstraint("(state = 'WITHDRAWN') = (withdrawn_at IS NOT NULL)", name="withdrawn_at_known"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "title", "id"),
        Index(None, "tenant_id", "topic", "created_at", "id"),
        Index(None, "tenant_id", "inquiry_id", "id"),
        Index(
            "uq_knowledge_articles_one_published",
            "tenant_id",
            "inquiry_id",
            unique=True,
            postgresql_where="state = 'PUBLISHED'",
        ),
    )
