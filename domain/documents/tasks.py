"""The background work of files: looking into them, keeping the same content once, throwing away what nobody needs."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import exists, select, update

from domain.background import Background, TaskFailure
from domain.documents.entities import Document, DocumentState
from domain.documents.examination import Announced, Unexamined
from domain.documents.keeping import claim
from domain.documents.keeping import settle as settle_document
from domain.documents.outcome import accept, discard, reject
from domain.ports import StoreUnavailable

# What came in time may be completed a little later.
GRACE = dt.timedelta(hours=1)
TIDY_BATCH = 200
SILENT = "the object store does not answer"


async def examine(background: Background, document_id: UUID) -> None:
    """Read a file that came, look into it, and store or refuse it."""
    document = await background.session.get(Document, (background.tenant_id, document_id))
    if document is None or document.state is not DocumentState.CHECKING:
        return

    async def progress(done: int) -> None:
        async with background.apart() as session:
            await session.execute(
                update(Document)
                .where(Document.tenant_id == background.tenant_id, Document.id == document_id)
                .values(checked_bytes=done)
            )

    try:
        stat = await background.files.stat(document.object_key)
        proven = stat is not None and stat.sha256 == document.sha256
        announced = Announced(document.object_key, document.filename, document.size, document.sha256, proven=proven)
        found = await background.files.examine(announced, progress)
    except Unexamined as silent:
        raise TaskFailure(str(silent)) from silent
    except StoreUnavailable as silent:
        raise TaskFailure(SILENT) from silent
    locked = await _locked(background, document_id)
    if locked is None or locked.state is not DocumentState.CHECKING:
        return
    locked.scan = found.scan
    if found.rejection is None:
        await accept(background.session, background.jobs, locked, found, background.now)
    else:
        await reject(background.session, background.jobs, locked, found.rejection)


async def settle(background: Background, document_id: UUID) -> None:
    """Give a stored document the key that its content has."""
    document = await _locked(background, document_id)
    if document is not None and document.state is DocumentState.STORED:
        await settle_document(background.session, background.files, background.jobs, document)


async def discard_object(background: Background, key: str) -> None:
    """Remove an object that no stored document has any more."""
    await claim(background.session, key)
    needed = (DocumentState.STORED, DocumentState.CHECKING, DocumentState.AWAITING_UPLOAD)
    used = exists().where(
        Document.tenant_id == background.tenant_id, Document.object_key == key, Document.state.in_(needed)
    )
    if key.startswith(f"{background.tenant_id}/") and not await background.session.scalar(select(used)):
        await background.files.discard(key)


async def tidy(background: Background) -> None:
    """Throw away uploads that were not finished in time."""
    late = await background.session.scalars(
        select(Document)
        .where(
            Document.tenant_id == background.tenant_id,
            Document.state == DocumentState.AWAITING_UPLOAD,
            Document.expires_at < background.now - GRACE,
        )
        .order_by(Document.expires_at)
        .limit(TIDY_BATCH)
        .with_for_update(skip_locked=True)
    )
    for document in late.all():
        if document.parts_name is not None:
            await background.files.parts.abort(document.object_key, document.parts_name)
        await discard(background.session, background.jobs, document)


async def _locked(background: Background, document_id: UUID) -> Document | None:
    return await background.session.scalar(
        select(Document)
        .where(Document.tenant_id == background.tenant_id, Document.id == document_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
