"""The archive of a city (城市归档): one file, a compressed tar, read and written from front to back in constant memory.

``manifest.json`` comes first (what it is, of which city, at which schema), then ``rows/<table>.jsonl`` with a row a
line, tables after those that they point to, ``jobs.jsonl``, ``objects/<n>`` with their bytes, ``objects.jsonl`` that
describes them, and last ``digests.json``: size and SHA-256 of each member before it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, cast

from storage.settings import SetupError

FORMAT = "dengbao tenant 1"
MANIFEST, DIGESTS = "manifest.json", "digests.json"
PIECE = 1 << 20
# More than any manifest or list of digests has.
SMALL = 64 << 20


class _Digesting:
    """Passes a stream on and takes its digest."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.sha256, self.size = hashlib.sha256(), 0

    def read(self, count: int = PIECE) -> bytes:
        piece = cast(bytes, self._source.read(count))
        self.sha256.update(piece)
        self.size += len(piece)
        return piece


@dataclass
class Writer:
    """Writes an archive to ``path``, which only its owner can read; under its name once it is whole."""

    path: Path
    digests: dict[str, tuple[int, str]] = field(default_factory=dict, init=False)

    def __enter__(self) -> Self:
        self._partial = self.path.with_name(f"{self.path.name}.partial")
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w|gz", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.add_json(DIGESTS, self.digests)
        self._tar.close()
        self._file.close()
        if kind is None:
            self._partial.rename(self.path)
        else:
            self._partial.unlink()

    def add(self, name: str, source: Any, size: int) -> None:
        """Add ``size`` bytes that ``source`` reads."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        read = _Digesting(source)
        self._tar.addfile(member, cast(Any, read))
        self.digests[name] = (read.size, read.sha256.hexdigest())

    def add_json(self, name: str, value: Any) -> None:
        """Add a small document."""
        content = json.dumps(value, ensure_ascii=False).encode()
        self.add(name, io.BytesIO(content), len(content))

    def spool(self) -> IO[bytes]:
        """A temporary file for what has to be counted before it can be added."""
        return tempfile.TemporaryFile()

    def add_spool(self, name: str, spool: IO[bytes]) -> None:
        """Add what was written to ``spool``."""
        size = spool.tell()
        spool.seek(0)
        self.add(name, spool, size)


def members(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    """The members of an archive in their order: name, size, bytes."""
    with tarfile.open(path, "r|gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is None or not member.isreg():
                raise SetupError(f"{path} has an entry that is no file: it is none of ours.")
            yield member.name, member.size, content


def check(path: Path) -> dict[str, Any]:
    """Go through an archive: every member is there as it was written. Gives its manifest. Raises: SetupError."""
    try:
        return _check(path)
    except (OSError, EOFError, tarfile.TarError, zlib.error, ValueError) as error:
        raise SetupError(f"{path} cannot be read as an archive of a city ({type(error).__name__}).") from error


def _check(path: Path) -> dict[str, Any]:
    found: dict[str, tuple[int, str]] = {}
    declared: dict[str, list[Any]] | None = None
    manifest: dict[str, Any] = {}
    for name, _, content in members(path):
        read = _Digesting(content)
        if name in {MANIFEST, DIGESTS}:
            document = json.loads(read.read(SMALL))
            manifest, declared = (document, declared) if name == MANIFEST else (manifest, document)
        else:
            while read.read(PIECE):
                pass
        if name != DIGESTS:
            found[name] = (read.size, read.sha256.hexdigest())
    if manifest.get("format") != FORMAT:
        raise SetupError(f"{path} is no archive of a city, or of another version of the program.")
    if declared is None:
        raise SetupError(f"{path} ends too soon.")
    wrong = [name for name in {**declared, **found} if tuple(declared.get(name, ())) != found.get(name)]
    if wrong:
        raise SetupError(f"{path} was changed since it was written: {', '.join(sorted(wrong)[:5])}.")
    return manifest
