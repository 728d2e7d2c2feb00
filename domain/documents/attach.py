"""Files that come with a message or another subject: the caller's own, stored, and not yet used elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from domain.checks import Checks
from domain.documents.entities import Document, DocumentState
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
                f"“{name}”尚未上传完成,请先调用 completeUpload。",
                f"{name} is not stored yet. Complete its upload first.",
            )
        elif document.kind is not kind:
            checks.wrong(field, f"“{name}”须以用途 {kind} 上传。", f"Upload {name} with the purpose {kind}.")
        elif document.is_attached:
            checks.wrong(field, f"“{name}”已用于他处,请另行上传。", f"{name} is used elsewhere. Upload it again.")
    checks.done()
    return documents
