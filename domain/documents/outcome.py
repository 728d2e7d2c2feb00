"""What becomes of an upload once it was looked into: stored, refused with the reason, or thrown away."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.base import new_id
from domain.documents import quotas
from domain.documents.entities import ArchiveEntry, Document, DocumentState
from domain.documents.examination import Examination
from domain.ports import Jobs
from domain.text import Text

BATCH = 2000


async def accept(session: AsyncSession, jobs: Jobs, document: Document, found: Examination, now: dt.datetime) -> None:
    """The file can be attached from now on."""
    document.state, document.scan = DocumentState.STORED, found.scan
    document.stored_at, document.expires_at = now, None
    document.checked_bytes = document.size
    await session.flush()
    rows = [
        {
            "tenant_id": document.tenant_id,
            "id": new_id(),
            "created_at": now,
            "document_id": document.id,
            "place": place,
            "name": entry.name,
            "size": entry.size,
            "sha256": entry.sha256,
            "depth": entry.depth,
        }
        for place, entry in enumerate(found.entries, 1)
    ]
    for start in range(0, len(rows), BATCH):
        await session.execute(insert(ArchiveEntry), rows[start : start + BATCH])
    await jobs.enqueue(session, document.tenant_id, "documents.settle", {"document_id": document.id})


async def reject(session: AsyncSession, jobs: Jobs, document: Document, reason: Text) -> None:
    """The file cannot be taken; its bytes are removed."""
    document.state, document.expires_at = DocumentState.REJECTED, None
    document.rejection_zh, document.rejection_en = reason
    await _throw_away(session, jobs, document)


async def discard(session: AsyncSession, jobs: Jobs, document: Document) -> None:
    """The upload was given up, or not finished in time; what there is of it is removed."""
    document.state, document.expires_at = DocumentState.DISCARDED, None
    await _throw_away(session, jobs, document)


async def _throw_away(session: AsyncSession, jobs: Jobs, document: Document) -> None:
    await session.flush()
    await quotas.release(session, document)
    await jobs.enqueue(session, document.tenant_id, "documents.discard", {"key": document.object_key})
