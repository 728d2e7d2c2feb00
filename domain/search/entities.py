"""What is found by its text, and the entries that the database keeps of it.

Text is searched by its characters and pairs of neighbours (bigrams, 二元切分): Chinese has no spaces to go by, and
two characters are what people type. Triggers keep the entries (`migrations/searchable.py`), normalised by NFKC and
in lower case.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base

# Table, and the columns whose text its rows are found by.
SEARCHED: Mapping[str, tuple[str, ...]] = {
    "districts": ("name",),
    "organisations": ("name",),
    "users": ("display_name", "username"),
    "systems": ("name", "code"),
    "filings": ("number",),
    "panel_sessions": ("place", "note"),
    "expert_appointments": ("employer_name",),
    "inquiries": ("title",),
    "assessments": ("number",),
    "assessment_bodies": ("body_code", "accreditation_number"),
    "assessment_findings": ("title", "description"),
    "inspection_campaigns": ("title", "report_number"),
    "knowledge_articles": ("title", "question", "answer"),
    "providers": ("description",),
    "risk_assessments": ("title",),
    "risk_findings": ("title", "asset"),
    "rectification_plans": ("title",),
    "rectification_measures": ("title", "owner"),
}


class SearchEntry(Base):
    """One row's text; ``kind`` is the row's table.

    ``terms`` are hashes of tenant, kind and a character or a pair: so one narrow index serves all tenants, and no
    tenant's search meets the lists of another.
    """

    __tablename__ = "search_entries"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[str]
    terms: Mapped[list[int]] = mapped_column(ARRAY(BigInteger()))

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        # What waits to be sorted into the index is read by every search: it is kept short.
        Index(None, "terms", postgresql_using="gin", postgresql_with={"gin_pending_list_limit": 256}),
    )
