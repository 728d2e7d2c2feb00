"""A city's own templates (公文模板): every version is kept, as papers were made of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.templates.forms import LetterKind


class LetterTemplate(TenantRow):
    """One version of a kind's template, never changed; without ``content``: back to the platform's own."""

    __tablename__ = "letter_templates"

    kind: Mapped[LetterKind] = mapped_column(term(LetterKind))
    version: Mapped[int]
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reason: Mapped[str]
    changed_by_id: Mapped[UUID]

    __table_args__ = (
        refers("changed_by_id", "users"),
        unique("kind", "version"),
        CheckConstraint("version > 0", name="version"),
    )
