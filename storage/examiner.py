"""Looking into stored files: their bytes are read once, as a stream; what has to be opened lies on disk meanwhile.

Small files are looked into in a thread, larger ones in a process of their own (``storage.archives``).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from domain.documents.entities import ScanState
from domain.documents.examination import CORRUPT, DIGEST_DIFFERS, Announced, Examination, Unexamined
from domain.documents.file_types import ARCHIVES, PACKAGES, suffix_of
from storage.archives.__main__ import UNEXAMINED
from storage.archives.looking import look_into
from storage.archives.outcome import decoded
from storage.scanner import Scanner

PIECE, STRETCH, END = 1 << 18, 32 << 20, 1 << 17
# Up to this size a file is looked into beside everything else; beyond, by a process of its own.
SMALL = 2 << 20
SECONDS = 3600.0

Progress = Callable[[int], Awaitable[None]]


class Stream(Protocol):
    """An object's bytes as they come from the store."""

    def read(self, count: int, /) -> bytes:
        """The next ``count`` bytes, or fewer."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


class Examiner:
    """Examines files of one store; ``open_`` gives so many bytes of an object from an offset on."""

    def __init__(self, open_: Callable[[str, int, int], Stream], scanner: Scanner | None) -> None:
        self._open = open_
        self._scanner = scanner

    async def examine(self, announced: Announced, progress: Progress) -> Examination:
        """What is in the file; ``progress`` is told now and then how many of its bytes were read.

        Raises: Unexamined, and whatever the store raises.
        """
        suffix = suffix_of(announced.filename)
        if self._scanner is None and announced.proven and suffix not in (*ARCHIVES, *PACKAGES):
            # Its digest is known to be right, and nothing is in it to be opened: both its ends are enough.
            return await self._look_at_ends(announced)
        with tempfile.TemporaryDirectory(prefix="dengbao-file-") as folder:
            path = Path(folder, f"file{suffix}")
            if await self._spool(announced, path, progress) != announced.sha256:
                return Examination(ScanState.SKIPPED, rejection=DIGEST_DIFFERS)
            return await self._look(path, announced)

    async def _look(self, path: Path, announced: Announced) -> Examination:
        if announced.size <= SMALL:
            return await asyncio.to_thread(look_into, path, path.name, self._scanner)
        return await self._look_apart(path)

    async def _look_apart(self, path: Path) -> Examination:
        given = [self._scanner.address] if self._scanner else []
        command = [sys.executable, "-m", "storage.archives", str(path), path.name, *given]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            outcome, _ = await asyncio.wait_for(process.communicate(), SECONDS)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == UNEXAMINED:
            raise Unexamined("the scanner does not answer")
        # Killed by its bounds, or undone by what it read: nobody would get more out of the file.
        return decoded(outcome) if process.returncode == 0 else Examination(ScanState.SKIPPED, rejection=CORRUPT)

    async def _look_at_ends(self, announced: Announced) -> Examination:
        with tempfile.TemporaryDirectory(prefix="dengbao-file-") as folder:
            path = Path(folder, f"file{suffix_of(announced.filename)}")
            await asyncio.to_thread(self._copy_ends, announced, path)
            return await asyncio.to_thread(look_into, path, path.name)

    def _copy_ends(self, announced: Announced, path: Path) -> None:
        """The file's beginning and its end, where a second archive's directory would be."""
        ends = [(0, announced.size)]
        if announced.size > 2 * END:
            ends = [(0, END), (announced.size - END, END)]
        with path.open("wb") as file:
            for offset, length in ends:
                with contextlib.closing(self._open(announced.key, offset, length)) as stream:
                    _copy(stream, file, hashlib.sha256())

    async def _spool(self, announced: Announced, path: Path, progress: Progress) -> str:
        """Copy the object to ``path``; its SHA-256."""
        digest, done = hashlib.sha256(), 0
        stream = await asyncio.to_thread(self._open, announced.key, 0, announced.size)
        with contextlib.closing(stream), path.open("wb") as file:
            while count := await asyncio.to_thread(_copy, stream, file, digest):
                done += count
                await progress(done)
        return digest.hexdigest()


def _copy(stream: Stream, file: BinaryIO, digest: Any) -> int:
    """Copy a stretch of ``stream``, and no more than that; how many bytes it was, 0 at the end."""
    count = 0
    while count < STRETCH and (piece := stream.read(PIECE)):
        count += len(piece)
        digest.update(piece)
        file.write(piece)
    return count
