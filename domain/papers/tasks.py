"""The background work of papers: their files."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from uuid import UUID

from sqlalchemy import select

from domain.background import Background
from domain.documents.entities import Document, DocumentState, ScanState
from domain.documents.file_types import FILE_TYPES
from domain.documents.keeping import retention
from domain.filings.reports import put_with_filing
from domain.papers.content import Content, read
from domain.papers.entities import SUBJECTS, Paper
from domain.ports import Files, Papers
from domain.transaction import Transaction

# What no file system takes in a name.
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|\n', "-"))
_LONGEST_NAME = 80


async def render(background: Background, paper_id: UUID) -> None:
    """Make a paper's files and put them with its subject; a grading report with its filing as well."""
    paper = await background.session.get_one(Paper, (background.tenant_id, paper_id))
    await make_files(background.session, background.files, background.papers, paper, background.now)
    if paper.grading_id is not None:
        await put_with_filing(background, paper)


async def make_files(session: Transaction, files: Files, papers: Papers, paper: Paper, now: dt.datetime) -> None:
    """Make a paper's files, keep them under object lock, and put them with its subject; what is there stays.

    Done again it leaves the same: the same content gives the same bytes, under the key that follows from them.
    """
    content = read(paper.content)
    subject = {name: getattr(paper, name) for name in SUBJECTS}
    there = await session.scalars(
        select(Document.media_type).where(
            Document.tenant_id == paper.tenant_id,
            Document.kind == paper.kind,
            *(getattr(Document, name) == value for name, value in subject.items() if value is not None),
        )
    )
    done = frozenset(there)
    formats = {".pdf": papers.pdf, ".docx": papers.word}
    wanting = {suffix: make for suffix, make in formats.items() if FILE_TYPES[suffix].media_type not in done}
    # Beside one another: the store is waited for once.
    made = await asyncio.gather(*(make(content) for make in wanting.values()))
    documents = [_document(paper, content, each, suffix, now) for suffix, each in zip(wanting, made, strict=True)]
    locks = [paper.created_at + await retention(session, document) for document in documents]
    await asyncio.gather(*(_keep(files, *each) for each in zip(documents, made, locks, strict=True)))
    session.add_all(documents)
    await session.flush()


async def _keep(files: Files, document: Document, made: bytes, until: dt.datetime) -> None:
    """Have the file in the store, under lock; one that a former attempt left is locked as it is."""
    if await files.stat(document.object_key) is None:
        await files.put(document.object_key, made, document.media_type, until)
    else:
        await files.lock_until(document.object_key, until)


def _document(paper: Paper, content: Content, made: bytes, suffix: str, now: dt.datetime) -> Document:
    digest = hashlib.sha256(made).hexdigest()
    return Document(
        tenant_id=paper.tenant_id,
        created_at=now,
        owner_id=paper.owner_id,
        uploaded_by_id=paper.made_by_id,
        kind=paper.kind,
        filename=_filename(content, suffix),
        media_type=FILE_TYPES[suffix].media_type,
        size=len(made),
        sha256=digest,
        object_key=f"{paper.tenant_id}/papers/{paper.id}/{digest}",
        state=DocumentState.STORED,
        scan=ScanState.SKIPPED,
        stored_at=now,
        attached_at=now,
        template=content.template,
        **{name: getattr(paper, name) for name in SUBJECTS},
    )


def _filename(content: Content, suffix: str) -> str:
    name = f"{content.title}({content.number})" if content.number else content.title
    return "".join(char for char in name.translate(_NOT_IN_NAMES) if char.isprintable())[:_LONGEST_NAME] + suffix
