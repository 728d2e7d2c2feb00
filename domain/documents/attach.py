"""Files that come with a message or another subject: the caller's own, stored, and not yet used elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.checks import Checks
from domain.documents.entities import Document, DocumentState
from domain.documents.keeping import keep
from domain.documents.kinds import DocumentKind
from domain.work import Work

MAX_ATTACHMENTS = 20


async def attachable(
    work: Work, keys: Sequence[UUID], field: str, kind: DocumentKind = DocumentKind.OTHER
) -> list[Document]:
    """The documents of ``keys``, locked, each of ``kind`` and fit to be attached; all that are not are told at once.

    Raises: Refusal(NOT_FOUND) for what the caller may not see, Refusal(INVALID_INPUT).
    """
    checks = Checks()
    if len(keys) > MAX_ATTACHMENTS:
        checks.wrong(field, f"最多附 {MAX_ATTACHMENTS} 个文件。", f"At most {MAX_ATTACHMENTS} files.")
        checks.done()
    # In the order of their keys, so that two requests do not wait for each other.
    documents = [await work.load(Document, key, field=field) for key in sorted(set(keys))]
    for document in documents:
        name = document.filename
        if document.owner_id != work.caller.organisation_id:
            checks.wrong(field, f"“{name}”不是本机构上传的文件。", f"{name} was not uploaded by your organisation.")
        elif document.state is not DocumentState.STORED:
            checks.wrong(
                field,
                f"“{name}”当前为“{document.state.zh}”,须上传完成并通过检查(completeUpload)。",
                f"{name} is {document.state.value}. Complete its upload, and wait until it was checked.",
            )
        elif document.kind is not kind:
            checks.wrong(field, f"“{name}”须以用途 {kind} 上传。", f"Upload {name} with the purpose {kind}.")
        elif document.is_attached:
            checks.wrong(field, f"“{name}”已用于他处,请另行上传。", f"{name} is used elsewhere. Upload it again.")
    checks.done()
    return documents


async def attach(
    work: Work, keys: Sequence[UUID], field: str, kind: DocumentKind = DocumentKind.OTHER, **subject: UUID
) -> list[Document]:
    """Attach documents to their one ``subject`` (``filing_id=…``), beside those that it has.

    Raises: Refusal(NOT_FOUND, INVALID_INPUT).
    """
    documents = await attachable(work, keys, field, kind)
    ((name, key),) = subject.items()
    for document in documents:
        setattr(document, name, key)
        document.attached_at = work.now
    return documents


async def keep_attached(work: Work, keys: Sequence[UUID], field: str, kind: DocumentKind, **subject: UUID) -> None:
    """Let ``keys`` be all of the subject's documents of ``kind``: others are taken off it, new ones attached.

    Raises: Refusal(NOT_FOUND, INVALID_INPUT).
    """
    present = {each.id: each for each in await attached(work, **subject) if each.kind is kind}
    for key, document in present.items():
        if key not in keys:
            setattr(document, next(iter(subject)), None)
            document.attached_at = None
    await attach(work, [key for key in keys if key not in present], field, kind, **subject)
    await work.session.flush()


async def attached(work: Work, **subject: UUID) -> Sequence[Document]:
    """The subject's documents, locked."""
    ((name, key),) = subject.items()
    found = await work.session.scalars(
        select(Document)
        .where(Document.tenant_id == work.caller.tenant_id, getattr(Document, name) == key)
        .order_by(Document.id)
        .with_for_update()
    )
    return found.all()


async def lock_away(work: Work, documents: Sequence[Document]) -> None:
    """Put documents that were handed in under object lock for the time that they are kept."""
    for document in documents:
        await keep(work, document)
