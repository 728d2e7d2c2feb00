"""The grading report (定级报告) that the platform makes goes with the filing that rests on it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.entities import AuditEvent
from domain.background import Background
from domain.documents.entities import Document
from domain.documents.file_types import FILE_TYPES
from domain.documents.kinds import DocumentKind
from domain.filings.drafting import attached, keep
from domain.filings.entities import Filing
from domain.filings.form import FilingForm
from domain.filings.life import EDITABLE
from domain.grading.entities import Grading
from domain.papers.entities import Paper

PDF = FILE_TYPES[".pdf"].media_type


async def put_with_filing(background: Background, paper: Paper) -> None:
    """A report that was just made goes with the filing of its grading that the unit can still change."""
    session = background.session
    filing = await session.scalar(
        select(Filing)
        .where(
            Filing.tenant_id == paper.tenant_id,
            Filing.grading_id == paper.grading_id,
            Filing.state.in_(EDITABLE),
        )
        .with_for_update()
    )
    if filing is None or not await take_report(session, filing):
        return
    grading = await session.get_one(Grading, (filing.tenant_id, filing.grading_id))
    keep(filing, FilingForm.model_validate(filing.form), grading, await attached(session, filing))
    session.add(
        AuditEvent(
            tenant_id=filing.tenant_id,
            created_at=background.now,
            action="attachReport",
            subject_type="Filing",
            subject_id=filing.id,
            after={"gradingId": str(grading.id)},
        )
    )


async def take_report(session: AsyncSession, filing: Filing) -> bool:
    """Put the report of the filing's grading with it, if there is one: the same bytes, kept once.

    A former grading's gives way; one that the unit has uploaded stays. Whether anything changed.
    """
    made = await session.scalar(
        select(Document).where(
            Document.tenant_id == filing.tenant_id,
            Document.grading_id == filing.grading_id,
            Document.kind == DocumentKind.GRADING_REPORT,
            Document.media_type == PDF,
        )
    )
    if made is None:
        return False
    of_kind = (Document.tenant_id == filing.tenant_id, Document.kind == DocumentKind.GRADING_REPORT)
    there = (await session.scalars(select(Document).where(*of_kind, Document.filing_id == filing.id))).all()
    keys = [each.object_key for each in there]
    ours = set(
        await session.scalars(
            select(Document.object_key).where(*of_kind, Document.grading_id.is_not(None), Document.object_key.in_(keys))
        )
    )
    if made.object_key in ours or len(ours) < len(keys):
        return False
    for each in there:
        each.filing_id = each.attached_at = None
    values = {column.key: getattr(made, column.key) for column in Document.__table__.c if column.key != "id"}
    session.add(Document(**{**values, "grading_id": None, "filing_id": filing.id}))
    await session.flush()
    return True
