"""What the domain needs of the outside; ``storage`` implements it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.documents.examination import Announced, Examination
from domain.packages.layout import Unpacked
from domain.papers.content import Content
from domain.papers.sheets import PrintedForm

Progress = Callable[[int], Awaitable[None]]


class StoreUnavailable(Exception):  # noqa: N818 - an event, nobody's fault
    """The object store does not answer, or has no room; nothing was done there, or it can be done again."""


@dataclass(frozen=True, slots=True)
class ObjectStat:
    """A stored object's size in bytes and, where the store knows it, its SHA-256 in hex."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as the store lists it; ``size`` in bytes, ``modified`` when it was put there."""

    key: str
    size: int
    modified: dt.datetime


class Parts(Protocol):
    """Uploads in parts (分片上传): ``name`` is the store's own for one upload, parts are numbered from 1."""

    async def start(self, key: str, media_type: str) -> str:
        """Begin one; its name."""
        ...

    def presign(self, key: str, name: str, number: int, size: int, expires: dt.timedelta) -> tuple[str, dict[str, str]]:
        """A URL for one PUT of a part of ``size`` bytes, and the headers to send with it."""
        ...

    async def there(self, key: str, name: str) -> dict[int, int] | None:
        """The sizes of the parts that have come, by number; None when there is no such upload."""
        ...

    async def finish(self, key: str, name: str) -> bool:
        """Make one object of the parts that have come; False when there is no such upload."""
        ...

    async def abort(self, key: str, name: str) -> None:
        """Throw the parts away; nothing where there are none."""
        ...


class Files(Protocol):
    """The object store, as use cases see it; keys are the platform's own. All may raise StoreUnavailable."""

    @property
    def parts(self) -> Parts:
        """Uploads in parts."""
        ...

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

    async def examine(self, announced: Announced, progress: Progress) -> Examination:
        """What is in a stored file; ``progress`` is told how many of its bytes were read. Raises: Unexamined."""
        ...

    async def digest(self, key: str) -> ObjectStat | None:
        """Size and digest of the object by reading all of it, or None when there is none."""
        ...

    def list_under(self, prefix: str) -> AsyncIterator[Listed]:
        """The objects whose keys begin with ``prefix``."""
        ...

    async def copy(self, source: str, target: str) -> None:
        """Have the store copy an object."""
        ...

    async def discard(self, key: str) -> None:
        """Remove an object for good; nothing where there is none."""
        ...

    async def fetch(self, key: str, path: Path) -> None:
        """Copy the object's bytes to a file of ours, which is not there yet."""
        ...

    async def unpack(self, key: str, folder: Path) -> Sequence[Unpacked]:
        """The files of a stored archive, unpacked within a package's bounds into ``folder``. Raises: Unreadable."""
        ...

    async def put_file(self, key: str, path: Path, media_type: str) -> None:
        """Store a file that lies at ``path``."""
        ...

    async def put(self, key: str, content: bytes, media_type: str, until: dt.datetime | None = None) -> None:
        """Store a file that the platform made itself, under object lock ``until`` then where that is given."""
        ...

    async def read(self, key: str) -> bytes:
        """The whole of a small object that the platform made itself."""
        ...

    async def keys(self, prefix: str) -> list[str]:
        """The keys that begin with ``prefix``, in order."""
        ...

    async def locked_until(self, key: str) -> dt.datetime | None:
        """Until when the object is unchangeable, None where it is not."""
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

    async def form_pdf(self, form: PrintedForm) -> bytes:
        """A printed form as PDF/A-2b."""
        ...

    async def form_word(self, form: PrintedForm) -> bytes:
        """A printed form as a Word file (DOCX)."""
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


class Signer(Protocol):
    """The key that the platform signs its audit trail with (Ed25519)."""

    @property
    def public_key(self) -> str:
        """What verifies its signatures: 32 bytes in hex."""
        ...

    def sign(self, statement: bytes) -> str:
        """The signature in hex."""
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
