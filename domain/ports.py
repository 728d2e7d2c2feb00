"""What the domain needs of the outside; ``storage`` implements it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.papers.content import Content


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

    async def fetch(self, key: str, path: Path) -> None:
        """Copy the object's bytes to a file of ours, which is not there yet."""
        ...

    async def put(self, key: str, content: bytes, media_type: str, until: dt.datetime | None = None) -> None:
        """Store a file that the platform made itself, under object lock ``until`` then where that is given."""
        ...

    async def lock_until(self, key: str, until: dt.datetime) -> None:
        """Keep the object unchangeable until then (object lock, compliance mode)."""
        ...


class Papers(Protocol):
    """Where papers get their files; the same content gives the same bytes, whenever they are made."""

    async def pdf(self, content: Content) -> bytes:
        """``content`` as PDF/A-2b with its fonts in it."""
        ...

    async def word(self, content: Content) -> bytes:
        """``content`` as a Word file (DOCX)."""
        ...


class Jobs(Protocol):
    """The queue of background work (后台任务): what is enqueued runs once the transaction is committed, or never."""

    async def enqueue(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        task: str,
        payload: Mapping[str, Any],
        *,
        after: dt.timedelta | None = None,
        key: str | None = None,
    ) -> None:
        """Have ``task`` (a name in ``domain.tasks``) run with ``payload``, not before ``after`` has passed.

        The payload is keys and plain values, nothing confidential: the queue belongs to no tenant. While a job of the
        same tenant, task and ``key`` waits, no second one is added; one that already runs does not count.
        Raises: KeyError, TypeError when there is no such task, or it takes something else.
        """
        ...

    async def enqueue_all(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        task: str,
        payloads: Sequence[Mapping[str, Any]],
        *,
        after: dt.timedelta | None = None,
        keys: Sequence[str | None] | None = None,
    ) -> None:
        """Enqueue one job for each of ``payloads``, in one statement; ``keys``, all different, go with them."""
        ...


class Seals(Protocol):
    """What encrypts secrets that have to be read again (an authenticator's), under a key kept outside the database."""

    def seal(self, content: bytes) -> str:
        """``content`` as a text that only ``open`` can read."""
        ...

    def open(self, sealed: str) -> bytes:
        """What was sealed. Raises: ValueError for what was not, or under another key."""
        ...


class MailRefused(Exception):  # noqa: N818 - an answer of the mail server
    """An e-mail was not taken; ``reason`` names neither address nor content. ``final``: nor will it ever be."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


class Mail(Protocol):
    """The mail server, where one is configured."""

    @property
    def link(self) -> str | None:
        """Where people sign in, None where the settings do not say."""
        ...

    async def send(self, to: str, subject: str, body: str, key: str) -> None:
        """Send one e-mail; ``key`` makes its Message-ID, the same each time it is tried. Raises: MailRefused."""
        ...
