"""How stored files are kept (文件保存): the same content once in a city, and unchangeable once it was handed in.

A file that was looked into gets a key that follows from its digest. Where that is taken already, by the same bytes,
nothing is copied. Which of the two it was shows nowhere: the upload was made and looked into all the same, the copy is
made in the background, and everybody's key is made in the same way.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.documents.entities import RETENTION, Document
from domain.documents.uploads import URL_TIME
from domain.ports import Files, Jobs
from domain.tenants.entities import TenantSettings
from domain.transaction import Transaction
from domain.work import TENANT, Work

YEAR = dt.timedelta(days=365)
_YEARS = select(TenantSettings.retention_years).where(TenantSettings.tenant_id == TENANT)


def content_key(document: Document) -> str:
    """Where a city keeps the content of a digest."""
    return f"{document.tenant_id}/content/{document.sha256}"


async def claim(session: AsyncSession, key: str) -> None:
    """Nobody else begins to use a content's key, or removes what nobody uses, before this transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def settle(session: AsyncSession, files: Files, jobs: Jobs, document: Document) -> None:
    """Give an uploaded document, which is locked, its content's key; where it has one of another kind, it stays."""
    former, key = document.object_key, content_key(document)
    if not former.startswith(f"{document.tenant_id}/uploads/") or await files.locked_until(former):
        return  # what is locked stays where it is
    await claim(session, key)
    await copy_content(files, document)
    document.object_key = key
    await session.flush()
    # Later, for links to it were given out; and until then it could be put there again.
    await jobs.enqueue(session, document.tenant_id, "documents.discard", {"key": former}, after=URL_TIME)


async def copy_content(files: Files, document: Document) -> None:
    """Have the uploaded document's bytes under its content's key as well, where they are not there yet."""
    key = content_key(document)
    stat = await files.stat(key)
    if stat is None or stat.size != document.size:
        await files.copy(document.object_key, key)


async def retention(session: Transaction, document: Document) -> dt.timedelta:
    """How long the document's city keeps what was handed in or issued."""
    found = await session.fetch(_YEARS, {TENANT.key: document.tenant_id})
    years = found[0][0] if found else None
    return YEAR * years if years else RETENTION


async def keep(work: Work, document: Document) -> None:
    """Put a document that is handed in under object lock, for as long as its city says."""
    await settle(work.session, work.files, work.jobs, document)
    await work.files.lock_until(document.object_key, work.now + await retention(work.session, document))
