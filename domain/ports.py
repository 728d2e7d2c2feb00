"""What the domain needs of the outside; ``storage`` implements it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """A stored object's size in bytes and, where the store knows it, its SHA-256 in hex."""

    size: int
    sha256: str | None


class Files(Protocol):
    """The object store, as use cases see it; keys are the platform's own."""

    async def presign_put(
        self, key: str, size: int, sha256: str, media_type: str, expires: dt.timedelta
    ) -> tuple[str, dict[str, str]]:
        """A URL for one PUT of exactly these bytes, and the headers the client must send with it."""
        ...

    async def presign_get(self, key: str, filename: str, media_type: str, expires: dt.timedelta) -> str:
        """A short-lived URL that downloads the object under ``filename``."""
        ...

    async def stat(self, key: str) -> ObjectStat | None:
        """Size and digest of the object, or None when there is none."""
        ...

    async def read_head(self, key: str, count: int) -> bytes:
        """The first ``count`` bytes of the object."""
        ...

    async def lock_until(self, key: str, until: dt.datetime) -> None:
        """Keep the object unchangeable until then (object lock, compliance mode)."""
        ...
