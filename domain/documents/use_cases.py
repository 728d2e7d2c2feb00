"""Files (文件): announced, put straight into the object store, checked, attached; downloads one by one.

The bytes never pass through here: the store refuses what is not what was announced, and we look again.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from domain.base import new_id
from domain.checks import Checks
from domain.documents.entities import Document, DocumentState, ScanState
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.work import Work

MAX_BYTES = 500 * 1024 * 1024
UPLOAD_TIME = dt.timedelta(hours=1)
DOWNLOAD_TIME = dt.timedelta(minutes=5)
HEAD_BYTES = 16
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file we take: its media type, and how its bytes begin (empty: anything)."""

    media_type: str
    magic: tuple[bytes, ...]


_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
FILE_TYPES: Mapping[str, FileType] = {
    ".pdf": FileType("application/pdf", (b"%PDF-",)),
    ".docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".xlsx": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".doc": FileType("application/msword", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    ".xls": FileType("application/vnd.ms-excel", (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)),
    ".zip": FileType("application/zip", _ZIP),
    ".rar": FileType("application/vnd.rar", (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")),
    ".7z": FileType("application/x-7z-compressed", (b"7z\xbc\xaf\x27\x1c",)),
    ".png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
}
ARCHIVES = (".rar", ".zip", ".7z")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that was granted: PUT the bytes to ``url`` with exactly these headers, before it expires."""

    document: Document
    url: str
    headers: Mapping[str, str]
    expires_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Download:
    """A short-lived link to a document."""

    document: Document
    url: str
    expires_at: dt.datetime


async def request_upload(work: Work, *, filename: str, size: int, sha256: str, purpose: DocumentKind) -> Upload:
    """Announce a file. Raises: Refusal(FORBIDDEN, INVALID_INPUT)."""
    work.require("requestUpload")
    purpose = DocumentKind[purpose]
    checks = Checks()
    name = checks.text(filename, "filename", required=True) or ""
    suffix = PurePosixPath(name).suffix.lower()
    if any(char in name for char in "/\\") or any(ord(char) < 32 for char in name):
        checks.wrong("filename", "文件名不得含有路径或控制字符。", "A file name has no path and no control characters.")
    elif suffix not in FILE_TYPES:
        known = " ".join(FILE_TYPES)
        checks.wrong("filename", f"只接受以下类型的文件:{known}。", f"Files of these types are taken: {known}.")
    elif purpose is DocumentKind.FILING_ARCHIVE and suffix not in ARCHIVES:
        known = " ".join(ARCHIVES)
        checks.wrong(
            "filename", f"备案电子数据须为压缩包:{known}。", f"The filing's data comes as an archive: {known}."
        )
    if not 0 < size <= MAX_BYTES:
        limit = MAX_BYTES // 1024 // 1024
        checks.wrong("size", f"文件大小须在 1 字节至 {limit} MiB 之间。", f"A file has from 1 byte to {limit} MiB.")
    digest = sha256.strip().lower()
    if not SHA256.fullmatch(digest):
        checks.wrong("sha256", "sha256 须为 64 位十六进制数。", "sha256 is written as 64 hexadecimal digits.")
    checks.done()
    key = new_id()
    document = Document(
        tenant_id=work.caller.tenant_id,
        id=key,
        created_at=work.now,
        owner_id=work.caller.organisation_id,
        uploaded_by_id=work.caller.user_id,
        kind=purpose,
        filename=name,
        media_type=FILE_TYPES[suffix].media_type,
        size=size,
        sha256=digest,
        object_key=f"{work.caller.tenant_id}/{key}",
        state=DocumentState.AWAITING_UPLOAD,
        scan=ScanState.PENDING,
        expires_at=work.now + UPLOAD_TIME,
    )
    work.session.add(document)
    await work.session.flush()
    url, headers = await work.files.presign_put(document.object_key, size, digest, document.media_type, UPLOAD_TIME)
    work.record("requestUpload", document, after={"filename": name, "size": size, "sha256": digest})
    return Upload(document, url, headers, work.now + UPLOAD_TIME)


async def complete_upload(work: Work, *, upload_id: UUID) -> Document:
    """Check what came: there, of the size and digest announced, and of the type its name says.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, UPLOAD_REJECTED).
    """
    work.require("completeUpload")
    document = await work.load(Document, upload_id, field="uploadId")
    work.require_own(document.owner_id)
    if document.state is DocumentState.STORED:
        return document
    stat = await work.files.stat(document.object_key)
    if stat is None:
        raise _rejected(
            "尚未收到文件。请按 requestUpload 给出的地址上传后再试。", "The file has not come. PUT it first."
        )
    if stat.size != document.size or stat.sha256 not in {None, document.sha256}:
        raise _rejected(
            "收到的文件与登记的大小或摘要不符。请重新申请上传。",
            "What came is not what was announced, by size or digest. Request a new upload.",
        )
    expected = FILE_TYPES[PurePosixPath(document.filename).suffix.lower()]
    head = await work.files.read_head(document.object_key, HEAD_BYTES)
    if not head.startswith(expected.magic):
        raise _rejected(
            "文件内容与扩展名不符。请以正确的格式重新上传。",
            "The content is not of the type that the name says. Upload it in the right form.",
        )
    document.state, document.stored_at, document.expires_at = DocumentState.STORED, work.now, None
    document.scan = ScanState.SKIPPED
    work.record("completeUpload", document, after={"state": document.state})
    return document


async def request_download(work: Work, *, document_id: UUID) -> Download:
    """A link to a document that the caller may see; each one is audited. Raises: Refusal(NOT_FOUND, INVALID_STATE)."""
    work.require("requestDownload")
    document = await work.load(Document, document_id, field="documentId", lock=False)
    if document.state is not DocumentState.STORED:
        raise refuse(ErrorCode.INVALID_STATE, "该文件尚未上传完成。", "The document is not stored yet.", "documentId")
    url = await work.files.presign_get(document.object_key, document.filename, document.media_type, DOWNLOAD_TIME)
    work.record("requestDownload", document)
    return Download(document, url, work.now + DOWNLOAD_TIME)


def _rejected(zh: str, en: str) -> Exception:
    return refuse(ErrorCode.UPLOAD_REJECTED, zh, en, "uploadId")
