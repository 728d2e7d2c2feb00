"""Reply letters (备案情况复函): A accepts, B names what is missing, C sends the level to re-review."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, refers, term, unique
from domain.text import Term


class ReplyKind(Term):
    """What a reply says (复函类别)."""

    A = "A", "接受备案", "the filing is accepted"
    B = "B", "资料不全", "the materials are incomplete"
    C = "C", "定级不准", "the level is plainly wrong and goes to the experts"


class ReplyState(Term):
    """Where a reply stands (复函状态)."""

    DRAFT = "DRAFT", "拟稿", "waits for the leader"
    ISSUED = "ISSUED", "已签发", "a numbered letter, never changed again"
    RETURNED = "RETURNED", "退回修改", "sent back to its drafter"


class ReplyLetter(Versioned, TenantRow):
    """One reply to one filing."""

    __tablename__ = "reply_letters"

    filing_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    kind: Mapped[ReplyKind] = mapped_column(term(ReplyKind))
    state: Mapped[ReplyState] = mapped_column(term(ReplyState), default=ReplyState.DRAFT)
    body: Mapped[str]
    # Reply B: what is missing, as it was named (a place of the form, a kind of document, or free words) and in words:
    # [{"path", "zh", "en"}], the path null where there is none.
    missing_items: Mapped[list[str]] = mapped_column(ARRAY(Text()), default=list)
    named_items: Mapped[list[Any]] = mapped_column(JSONB(), default=list)
    number: Mapped[str | None]
    verification_code: Mapped[str | None]
    drafted_by_id: Mapped[UUID]
    issued_by_id: Mapped[UUID | None]
    issued_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None]

    __table_args__ = (
        refers("filing_id", "filings"),
        refers("unit_id", "organisations"),
        refers("drafted_by_id", "users"),
        refers("issued_by_id", "users"),
        unique("number"),
        CheckConstraint(
            "(state = 'ISSUED') = (number IS NOT NULL AND verification_code IS NOT NULL AND "
            "issued_by_id IS NOT NULL AND issued_at IS NOT NULL)",
            name="issued_is_complete",
        ),
        CheckConstraint("issued_by_id IS DISTINCT FROM drafted_by_id", name="issued_by_another_person"),
        CheckConstraint("kind <> 'B' OR cardinality(missing_items) > 0", name="b_names_what_is_missing"),
        Index(None, "tenant_id", "filing_id", "id"),
        Index(None, "tenant_id", "unit_id", "state", "id"),
        Index(
            "uq_reply_letters_one_draft",
            "tenant_id",
            "filing_id",
            unique=True,
            postgresql_where="state = 'DRAFT'",
        ),
    )
