"""Documents (文件): uploads on their way, and what is kept."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.documents.kinds import DocumentKind
from domain.text import Term


class DocumentState(Term):
    """Whether a document's bytes are known to be there (文件状态)."""

    AWAITING_UPLOAD = "AWAITING_UPLOAD", "待上传", "its bytes have not come yet"
    STORED = "STORED", "已存储", "size, digest and content were checked"
    REJECTED = "REJECTED", "已拒收", "it is not what was announced, or cannot be taken"
    CHECKING = "CHECKING", "检查中", "its bytes have come and are being looked into"
    DISCARDED = "DISCARDED", "已放弃", "the upload was given up, or never finished"


class ScanState(Term):
    """What the virus scanner said (病毒扫描结果)."""

    PENDING = "PENDING", "待扫描", "not scanned yet"
    CLEAN = "CLEAN", "未发现病毒", "nothing found"
    INFECTED = "INFECTED", "发现病毒", "malware found"
    SKIPPED = "SKIPPED", "未扫描", "no scanner is configured, or the file is larger than it takes"


# Whose a document can be: one key each, of which one at most is set. A further subject adds its own.
SUBJECTS = (
    "filing_id",
    "inquiry_message_id",
    "grading_id",
    "panel_case_id",
    "reply_letter_id",
    "assessment_report_id",
    "inspection_id",
    "rectification_order_id",
    "order_response_id",
    "inspection_campaign_id",
    "self_inspection_id",
    "risk_assessment_id",
    "rectification_plan_id",
    "inspection_notice_id",
)
# How long what was submitted or issued stays under object lock, where its city does not say.
RETENTION = dt.timedelta(days=3650)
# What is made of a paper (domain/papers) there is once in each form.
_PAPERS = {
    "grading_id": "GRADING_REPORT",
    "panel_case_id": "OPINION_DOCUMENT",
    "reply_letter_id": "REPLY_LETTER",
    "assessment_report_id": "ASSESSMENT_RECEIPT",
    "rectification_order_id": "RECTIFICATION_ORDER",
    "inspection_campaign_id": "INSPECTION_REPORT",
    "inspection_notice_id": "INSPECTION_NOTICE",
}


class Document(TenantRow):
    """A file in the object store, from its announcement on; one subject's (``SUBJECTS``) once it is attached.

    ``object_key`` is the platform's own and never taken from an input; ``size`` is in bytes, ``sha256`` in hex.
    """

    __tablename__ = "documents"

    owner_id: Mapped[UUID]
    uploaded_by_id: Mapped[UUID]
    kind: Mapped[DocumentKind] = mapped_column(term(DocumentKind))
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str]
    object_key: Mapped[str]
    state: Mapped[DocumentState] = mapped_column(term(DocumentState), default=DocumentState.AWAITING_UPLOAD)
    scan: Mapped[ScanState] = mapped_column(term(ScanState), default=ScanState.PENDING)
    # Of an upload in parts: the store's name for it, and how many bytes a part has.
    parts_name: Mapped[str | None]
    part_size: Mapped[int | None]
    # How much has come, as far as was seen, and how much of it was looked at.
    received_bytes: Mapped[int] = mapped_column(BigInteger(), default=0, server_default="0")
    checked_bytes: Mapped[int] = mapped_column(BigInteger(), default=0, server_default="0")
    rejection_zh: Mapped[str | None]
    rejection_en: Mapped[str | None]
    expires_at: Mapped[dt.datetime | None]
    stored_at: Mapped[dt.datetime | None]
    filing_id: Mapped[UUID | None]
    inquiry_message_id: Mapped[UUID | None]
    grading_id: Mapped[UUID | None]
    panel_case_id: Mapped[UUID | None]
    reply_letter_id: Mapped[UUID | None]
    assessment_report_id: Mapped[UUID | None]
    inspection_id: Mapped[UUID | None]
    rectification_order_id: Mapped[UUID | None]
    order_response_id: Mapped[UUID | None]
    inspection_campaign_id: Mapped[UUID | None]
    self_inspection_id: Mapped[UUID | None]
    risk_assessment_id: Mapped[UUID | None]
    rectification_plan_id: Mapped[UUID | None]
    # The inspection that it gives notice of; evidence is of ``inspection_id``.
    inspection_notice_id: Mapped[UUID | None]
    attached_at: Mapped[dt.datetime | None]
    # Of a paper that the platform made: of which kind its words are, and which version of them (REPLY_A/3).
    template: Mapped[str | None]

    __table_args__ = (
        refers("owner_id", "organisations"),
        refers("uploaded_by_id", "users"),
        refers("filing_id", "filings"),
        refers("inquiry_message_id", "inquiry_messages"),
        refers("grading_id", "gradings"),
        refers("panel_case_id", "panel_cases"),
        refers("reply_letter_id", "reply_letters"),
        refers("assessment_report_id", "assessment_reports"),
        refers("inspection_id", "inspections"),
        refers("rectification_order_id", "rectification_orders"),
        refers("order_response_id", "order_responses"),
        refers("inspection_campaign_id", "inspection_campaigns"),
        refers("self_inspection_id", "self_inspections"),
        refers("risk_assessment_id", "risk_assessments"),
        refers("rectification_plan_id", "rectification_plans"),
        refers("inspection_notice_id", "inspections"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint(f"num_nonnulls({', '.join(SUBJECTS)}) <= 1", name="one_subject"),
        CheckConstraint(f"num_nonnulls({', '.join(SUBJECTS)}) = 0 OR state = 'STORED'", name="attached_is_stored"),
        CheckConstraint("state <> 'STORED' OR scan IN ('CLEAN', 'SKIPPED')", name="stored_is_harmless"),
        CheckConstraint("(state = 'REJECTED') = (rejection_zh IS NOT NULL)", name="rejected_with_reason"),
        *(Index(None, "tenant_id", key, "id") for key in SUBJECTS),
        *(
            Index(
                f"uq_documents_{key}_paper",
                "tenant_id",
                key,
                "media_type",
                unique=True,
                postgresql_where=f"kind = '{kind}'",
            )
            for key, kind in _PAPERS.items()
        ),
        Index(None, "tenant_id", "owner_id", "id"),
        Index(None, "tenant_id", "state", "expires_at"),
        Index(None, "tenant_id", "object_key"),
    )

    @property
    def is_attached(self) -> bool:
        """Whether it belongs to a subject already."""
        return any(getattr(self, key) is not None for key in SUBJECTS)


class ArchiveEntry(TenantRow):
    """One file in an archive that was uploaded (压缩包条目), or in an archive within it; ``place`` counts from 1."""

    __tablename__ = "archive_entries"

    document_id: Mapped[UUID]
    place: Mapped[int]
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str]
    depth: Mapped[int]

    __table_args__ = (
        refers("document_id", "documents"),
        unique("document_id", "place"),
        CheckConstraint("size >= 0 AND place > 0 AND depth > 0", name="counts"),
        Index(None, "tenant_id", "document_id", "name", "id"),
        Index(None, "tenant_id", "document_id", "place", "id"),
    )


class StorageUse(TenantRow):
    """How many bytes of uploads are one person's (存储用量), known by the person's key: what is refused counts not."""

    __tablename__ = "storage_uses"

    bytes: Mapped[int] = mapped_column(BigInteger(), default=0)

    __table_args__ = (refers("id", "users"), CheckConstraint("bytes >= 0", name="bytes"))
