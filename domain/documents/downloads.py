"""Downloads (下载): one by one, short-lived, each on the record."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from domain.documents.entities import Document, DocumentState
from domain.errors import ErrorCode, refuse
from domain.work import Work

DOWNLOAD_TIME = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Download:
    """A short-lived link to a document."""

    document: Document
    url: str
    expires_at: dt.datetime


async def request_download(work: Work, *, document_id: UUID) -> Download:
    """A link to a document that the caller may see; each one is audited. Raises: Refusal(NOT_FOUND, INVALID_STATE)."""
    work.require("requestDownload")
    document = await work.load(Document, document_id, field="documentId", lock=False)
    if document.state is not DocumentState.STORED:
        raise refuse(ErrorCode.INVALID_STATE, "该文件尚未上传完成。", "The document is not stored yet.", "documentId")
    url = await work.files.presign_get(document.object_key, document.filename, document.media_type, DOWNLOAD_TIME)
    work.record("requestDownload", document)
    return Download(document, url, work.now + DOWNLOAD_TIME)
