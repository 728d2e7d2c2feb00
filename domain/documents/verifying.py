"""Comparing what the database says of files with what the store has (文件核验): missing, changed, unlocked, orphaned.

Everything is read: a digest that is only asked for is the store's word. Objects are read one at a time, as streams.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.documents.entities import Document, DocumentState
from domain.ports import Files
from domain.text import Term


class Fault(Term):
    """What is wrong with a file (核验结果)."""

    MISSING = "MISSING", "缺失", "the store does not have it"
    CHANGED = "CHANGED", "已改变", "the store has other bytes under its key"
    ORPHANED = "ORPHANED", "无主", "no document has this object"


@dataclass(frozen=True, slots=True)
class Verified:
    """One object that was looked at; ``fault`` None when it is what it has to be. ``documents`` have its bytes."""

    key: str
    size: int
    documents: int
    fault: Fault | None


@dataclass(frozen=True, slots=True)
class _Kept:
    size: int
    sha256: str
    documents: int


# An upload may just be on its way into the store, or its remains on their way out.
RECENT = dt.timedelta(days=1)
IN_STORE = (DocumentState.STORED, DocumentState.CHECKING, DocumentState.AWAITING_UPLOAD)


async def verify(session: AsyncSession, files: Files, tenant_id: UUID, now: dt.datetime) -> AsyncIterator[Verified]:
    """Each object of a city, what is wrong with it told. ``session`` is bound to the city."""
    kept = await _kept(session, tenant_id)
    for key, expected in sorted(kept.items()):
        found = await files.digest(key)
        fault = None
        if found is None:
            fault = Fault.MISSING
        elif (found.size, found.sha256) != (expected.size, expected.sha256):
            fault = Fault.CHANGED
        yield Verified(key, expected.size, expected.documents, fault)
    underway = set(
        await session.scalars(
            select(Document.object_key).where(Document.tenant_id == tenant_id, Document.state.in_(IN_STORE))
        )
    )
    async for listed in files.list_under(f"{tenant_id}/"):
        of_documents = listed.key.split("/")[1] in {"uploads", "content", "papers"}
        if of_documents and listed.key not in underway and listed.modified < now - RECENT:
            yield Verified(listed.key, listed.size, 0, Fault.ORPHANED)


async def _kept(session: AsyncSession, tenant_id: UUID) -> Mapping[str, _Kept]:
    """What every stored document's object has to be, by its key. The same key is of the same content."""
    rows = await session.execute(
        select(Document.object_key, func.max(Document.size), func.max(Document.sha256), func.count())
        .where(Document.tenant_id == tenant_id, Document.state == DocumentState.STORED)
        .group_by(Document.object_key)
    )
    return {key: _Kept(size, sha256, count) for key, size, sha256, count in rows}
