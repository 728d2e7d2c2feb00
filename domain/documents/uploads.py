"""Uploads (上传): announced, put straight into the object store, whole or in parts, looked into, and only then stored.

The bytes never pass through here. The store refuses what is not what was announced where it can; what it cannot check
(a file put together from parts) is read as a stream in the background, like everything that is not small.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.base import new_id
from domain.checks import Checks
from domain.documents import quotas
from domain.documents.entities import Document, DocumentState, ScanState
from domain.documents.examination import DIGEST_DIFFERS, Announced, Unexamined
from domain.documents.file_types import ARCHIVES, FILE_TYPES, suffix_of
from domain.documents.kinds import DocumentKind
from domain.documents.outcome import accept, discard, reject
from domain.errors import ErrorCode, Problem, Refusal, Verdict, refuse
from domain.text import Text
from domain.work import Work

MIB = 1 << 20
MAX_BYTES = 5 << 30  # what a store copies in one go (S3)
# Beyond, an upload can be made in parts. Stores take parts from 5 MiB on, and up to 10,000 of them.
WHOLE_BYTES = 64 * MIB
PART_BYTES, MOST_PARTS = 16 * MIB, 400
# Up to this size a file is looked into while its client waits, if it does not take longer than ``PATIENCE``.
AT_ONCE_BYTES = 8 * MIB
PATIENCE = 5.0
# How long a URL is good for, and how long an upload in parts may take in all.
URL_TIME = dt.timedelta(hours=1)
PARTS_TIME = dt.timedelta(days=7)
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload: its ``size`` in bytes, whether it has come, and where else to PUT it."""

    number: int
    size: int
    received: bool
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that was granted: PUT the bytes to ``url`` with exactly these headers, or each of its ``parts``."""

    document: Document
    url: str
    headers: Mapping[str, str]
    expires_at: dt.datetime
    parts: Sequence[Part] = ()


async def request_upload(work: Work, *, filename: str, size: int, sha256: str, purpose: DocumentKind) -> Upload:
    """Announce a file. Raises: Refusal(FORBIDDEN, INVALID_INPUT, UPLOAD_REJECTED), StoreUnavailable."""
    work.require("requestUpload")
    purpose = DocumentKind[purpose]
    name, digest = _checked(filename, size, sha256, purpose)
    await quotas.reserve(work, size)
    key = new_id()
    document = Document(
        tenant_id=work.caller.tenant_id,
        id=key,
        created_at=work.now,
        owner_id=work.caller.organisation_id,
        uploaded_by_id=work.caller.user_id,
        kind=purpose,
        filename=name,
        media_type=FILE_TYPES[suffix_of(name)].media_type,
        size=size,
        sha256=digest,
        object_key=f"{work.caller.tenant_id}/uploads/{key}",
        state=DocumentState.AWAITING_UPLOAD,
        scan=ScanState.PENDING,
        expires_at=work.now + (PARTS_TIME if size > WHOLE_BYTES else URL_TIME),
    )
    if size > WHOLE_BYTES:
        document.part_size = max(PART_BYTES, -(-size // MOST_PARTS // MIB) * MIB)
        document.parts_name = await work.files.parts.start(document.object_key, document.media_type)
    work.session.add(document)
    await work.session.flush()
    work.record("requestUpload", document, after={"filename": name, "size": size, "sha256": digest})
    return await _granted(work, document, {})


async def resume_upload(work: Work, *, upload_id: UUID) -> Upload:
    """What has come of an upload, and fresh URLs for what has not. Raises: Refusal(NOT_FOUND, INVALID_STATE)."""
    work.require("resumeUpload")
    document = await awaited(work, upload_id)
    there: Mapping[int, int] = {}
    if document.parts_name is not None:
        found = await work.files.parts.there(document.object_key, document.parts_name)
        if found is None:
            raise _gone()
        there = found
        document.received_bytes = min(sum(there.values()), document.size)
    else:
        document.expires_at = work.now + URL_TIME
    return await _granted(work, document, there)


async def abort_upload(work: Work, *, upload_id: UUID) -> Document:
    """Give an upload up; what has come of it is thrown away. Raises: Refusal(NOT_FOUND, INVALID_STATE)."""
    work.require("abortUpload")
    document = await _own(work, upload_id)
    if document.state is DocumentState.DISCARDED:
        return document
    _require_awaiting(document)
    if document.parts_name is not None:
        await work.files.parts.abort(document.object_key, document.parts_name)
    await discard(work.session, work.jobs, document)
    work.record("abortUpload", document, after={"state": document.state})
    return document


async def complete_upload(work: Work, *, upload_id: UUID) -> Document:
    """Have what came looked into. A small file is STORED afterwards, a larger one CHECKING until it was read.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, UPLOAD_REJECTED), StoreUnavailable.
    """
    work.require("completeUpload")
    document = await _own(work, upload_id)
    if document.state is DocumentState.REJECTED:
        raise Refusal(_rejection(document))
    if document.state in {DocumentState.STORED, DocumentState.CHECKING}:
        return document
    _require_awaiting(document)
    announced = await _arrived(work, document)
    document.received_bytes = document.size
    if document.size > AT_ONCE_BYTES or not await _examined_at_once(work, document, announced):
        document.state, document.expires_at = DocumentState.CHECKING, None
        await work.enqueue("documents.examine", document_id=document.id)
    work.record("completeUpload", document, after={"state": document.state})
    return document


# --- what has come ---


async def _arrived(work: Work, document: Document) -> Announced:
    """The object that came, of the size that was announced, and of its digest where the store can tell."""
    stat = await work.files.stat(document.object_key)
    if stat is None and document.parts_name is not None:
        await _finish_parts(work, document)
        stat = await work.files.stat(document.object_key)
    if stat is None:
        raise _rejected(
            "尚未收到文件。请按 requestUpload 给出的地址上传后再试。", "The file has not come. PUT it first."
        )
    if stat.size != document.size or stat.sha256 not in {None, document.sha256}:
        await _refuse(work, document, DIGEST_DIFFERS)
    return Announced(
        document.object_key, document.filename, document.size, document.sha256, proven=stat.sha256 is not None
    )


async def _finish_parts(work: Work, document: Document) -> None:
    """Put the parts together, if all have come. Raises: Refusal(UPLOAD_REJECTED) naming those that have not."""
    assert document.parts_name is not None  # noqa: S101 - asked for uploads in parts only
    there = await work.files.parts.there(document.object_key, document.parts_name)
    if there is None:
        raise _gone()
    lacking = [number for number, size in _sizes(document) if there.get(number) != size]
    if lacking:
        named = ", ".join(map(str, lacking[:20])) + ("…" if len(lacking) > 20 else "")
        raise _rejected(
            f"还有 {len(lacking)} 个分片未收到({named})。请用 resumeUpload 续传。",
            f"{len(lacking)} parts have not come ({named}). Go on with resumeUpload.",
        )
    if not await work.files.parts.finish(document.object_key, document.parts_name):
        raise _gone()


async def _examined_at_once(work: Work, document: Document, announced: Announced) -> bool:
    """Whether the file was looked into here and now. Raises: Verdict when it cannot be taken."""
    try:
        found = await asyncio.wait_for(work.files.examine(announced, _unheard), PATIENCE)
    except (TimeoutError, Unexamined):
        return False
    if found.rejection is not None:
        document.scan = found.scan
        await _refuse(work, document, found.rejection)
    await accept(work.session, work.jobs, document, found, work.now)
    return True


async def _refuse(work: Work, document: Document, reason: Text) -> None:
    await reject(work.session, work.jobs, document, reason)
    work.record("completeUpload", document, after={"state": document.state, "reason": reason.en})
    raise Verdict(_rejection(document))


async def _unheard(_: int) -> None:
    """Nobody waits for news of what is done at once."""


# --- what is granted ---


async def _granted(work: Work, document: Document, there: Mapping[int, int]) -> Upload:
    key, size, media_type = document.object_key, document.size, document.media_type
    url, headers = await work.files.presign_put(key, size, document.sha256, media_type, URL_TIME)
    parts = []
    for number, length in _sizes(document):
        assert document.parts_name is not None  # noqa: S101 - there are sizes only of uploads in parts
        at, with_ = work.files.parts.presign(key, document.parts_name, number, length, URL_TIME)
        parts.append(Part(number, length, there.get(number) == length, at, with_))
    return Upload(document, url, headers, work.now + URL_TIME, parts)


def _sizes(document: Document) -> list[tuple[int, int]]:
    """The parts of an upload by number, with how many bytes each has."""
    if document.part_size is None:
        return []
    starts = range(0, document.size, document.part_size)
    return [(n, min(document.part_size, document.size - start)) for n, start in enumerate(starts, 1)]


def part_size(document: Document, number: int) -> int | None:
    """How many bytes part ``number`` has, None where there is no such part."""
    return dict(_sizes(document)).get(number)


# --- checks ---


def _checked(filename: str, size: int, sha256: str, purpose: DocumentKind) -> tuple[str, str]:
    """The name and digest as they are kept. Raises: Refusal(INVALID_INPUT) with every problem."""
    checks = Checks()
    name = checks.text(filename, "filename", required=True) or ""
    suffix = suffix_of(name)
    if any(char in name for char in "/\\") or not name.isprintable():
        checks.wrong(
            "filename", "文件名不得含有路径或不可见字符。", "A file name has no path and no invisible characters."
        )
    elif suffix not in FILE_TYPES:
        known = " ".join(FILE_TYPES)
        checks.wrong("filename", f"只接受以下类型的文件:{known}。", f"Files of these types are taken: {known}.")
    elif purpose is DocumentKind.FILING_ARCHIVE and suffix not in ARCHIVES:
        known = " ".join(ARCHIVES)
        checks.wrong(
            "filename", f"备案电子数据须为压缩包:{known}。", f"The filing's data comes as an archive: {known}."
        )
    if not 0 < size <= MAX_BYTES:
        limit = MAX_BYTES // MIB
        checks.wrong("size", f"文件大小须在 1 字节至 {limit} MiB 之间。", f"A file has from 1 byte to {limit} MiB.")
    digest = sha256.strip().lower()
    if not SHA256.fullmatch(digest):
        checks.wrong("sha256", "sha256 须为 64 位十六进制数。", "sha256 is written as 64 hexadecimal digits.")
    checks.done()
    return name, digest


async def awaited(work: Work, upload_id: UUID, *, lock: bool = True) -> Document:
    """One of the caller's uploads that waits for its bytes. Raises: Refusal(NOT_FOUND, FORBIDDEN, INVALID_STATE)."""
    document = await _own(work, upload_id, lock=lock)
    _require_awaiting(document)
    return document


async def _own(work: Work, upload_id: UUID, *, lock: bool = True) -> Document:
    document = await work.load(Document, upload_id, field="uploadId", lock=lock)
    work.require_own(document.owner_id)
    return document


def _require_awaiting(document: Document) -> None:
    if document.state is not DocumentState.AWAITING_UPLOAD:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"该上传当前为“{document.state.zh}”。请重新申请上传。",
            f"The upload is {document.state.value}. Request a new one.",
            "uploadId",
        )


def _gone() -> Refusal:
    return _rejected("该上传已失效。请重新申请上传。", "The store has forgotten this upload. Request a new one.")


def _rejection(document: Document) -> Problem:
    reason = Text(document.rejection_zh or "", document.rejection_en or "")
    return Problem(ErrorCode.UPLOAD_REJECTED, reason, "uploadId")


def _rejected(zh: str, en: str) -> Refusal:
    return refuse(ErrorCode.UPLOAD_REJECTED, zh, en, "uploadId")
