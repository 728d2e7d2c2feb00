"""Uploads that the platform passes on (转送): where the bytes of an upload, or of one of its parts, belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.documents.uploads import URL_TIME, awaited, part_size
from domain.errors import not_found
from domain.work import Work


@dataclass(frozen=True, slots=True)
class Target:
    """One PUT to the store, of ``size`` bytes."""

    url: str
    headers: Mapping[str, str]
    size: int


async def relay_target(work: Work, *, upload_id: UUID, part: int | None) -> Target:
    """Where to pass on an upload, or its ``part``. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE)."""
    work.require("requestUpload")
    document = await awaited(work, upload_id, lock=False)
    if part is None:
        put = work.files.presign_put(document.object_key, document.size, document.sha256, document.media_type, URL_TIME)
        return Target(*await put, document.size)
    size = part_size(document, part)
    if size is None or document.parts_name is None:
        raise not_found("part")
    url, headers = work.files.parts.presign(document.object_key, document.parts_name, part, size, URL_TIME)
    return Target(url, headers, size)
