"""Looking into one file that lies before us: its type, what is in it, what the scanner says; archives to their depth.

Each archive is read once, file by file, in constant memory: counted, named, measured, hashed and scanned on the way.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.documents.entities import ScanState
from domain.documents.examination import (
    BOMB,
    CORRUPT,
    INFECTED,
    NOT_OFFICE,
    OTHER_TYPE,
    POLYGLOT,
    TOO_DEEP,
    TOO_MANY,
    Entry,
    Examination,
    Limits,
)
from domain.documents.file_types import ARCHIVES, FILE_TYPES, HEAD_BYTES, PACKAGES, archive_kind, suffix_of
from storage.archives.members import PIECE, Member, Refused
from storage.archives.streams import read_7z, read_rar
from storage.archives.zips import is_zip, read_zip, zip_names
from storage.scanner import Scan, Scanner

READERS: Mapping[str, Callable[[Path, Limits], Iterator[Member]]] = {
    ".zip": read_zip,
    ".rar": read_rar,
    ".7z": read_7z,
}
CONTENT_TYPES = "[Content_Types].xml"


def look_into(path: Path, filename: str, scanner: Scanner | None = None, limits: Limits | None = None) -> Examination:
    """What is in the file at ``path``, which was sent as ``filename``. Raises: Unexamined."""
    looking = _Looking(path, scanner, limits or Limits())
    try:
        looking.look(suffix_of(filename))
    except Refused as refused:
        return Examination(looking.state(), rejection=refused.reason)
    return Examination(looking.state(), tuple(looking.entries))


@dataclass
class _Looking:
    """One file being looked into; the sums are over all archives within it."""

    path: Path
    scanner: Scanner | None
    limits: Limits
    entries: list[Entry] = field(default_factory=list)
    unpacked: int = 0
    infected: bool = False
    skipped: bool = False

    def state(self) -> ScanState:
        if self.infected:
            return ScanState.INFECTED
        if self.scanner is None or self.skipped:
            return ScanState.SKIPPED
        return ScanState.CLEAN

    def look(self, suffix: str) -> None:
        """Raises: Refused."""
        with self.path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if not head.startswith(FILE_TYPES[suffix].magic):
            raise Refused(OTHER_TYPE)
        packed = suffix in ARCHIVES or suffix in PACKAGES
        if not packed and is_zip(self.path):
            raise Refused(POLYGLOT)
        self._scan_whole(ignore_skipped=suffix in ARCHIVES)
        if packed:
            with tempfile.TemporaryDirectory(prefix="dengbao-nested-") as folder:
                self._archive(self.path, suffix if suffix in ARCHIVES else ".zip", "", 1, Path(folder))
        if suffix in PACKAGES:
            if CONTENT_TYPES not in zip_names(self.path):
                raise Refused(NOT_OFFICE)
            self.entries.clear()  # an Office document's parts are nothing that anybody put together

    def _scan_whole(self, *, ignore_skipped: bool) -> None:
        scan = self.scanner.begin() if self.scanner else None
        if scan is None:
            return
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                scan.feed(piece)
        self._heed(scan, ignore_skipped=ignore_skipped)

    def _heed(self, scan: Scan, *, ignore_skipped: bool = False) -> None:
        said = scan.said()
        if said.signature is not None:
            self.infected = True
            raise Refused(INFECTED.format(signature=said.signature))
        self.skipped = self.skipped or (said.skipped and not ignore_skipped)

    def _archive(self, path: Path, kind: str, within: str, depth: int, folder: Path) -> None:
        if depth > self.limits.depth:
            raise Refused(TOO_DEEP.format(limit=self.limits.depth))
        for member in READERS[kind](path, self.limits):
            if len(self.entries) >= self.limits.entries:
                raise Refused(TOO_MANY.format(limit=self.limits.entries))
            self._bound(member.size)
            self._member(member, f"{within}{member.name}", depth, folder)

    def _member(self, member: Member, name: str, depth: int, folder: Path) -> None:
        digest, size = hashlib.sha256(), 0
        scan = self.scanner.begin() if self.scanner else None
        kind, nested = None, None
        try:
            for piece in member.pieces:
                if not size and suffix_of(member.name) not in PACKAGES and (kind := archive_kind(piece)):
                    nested = tempfile.NamedTemporaryFile(dir=folder, delete=False)  # noqa: SIM115 - closed below
                size += len(piece)
                if size > member.size:
                    raise Refused(CORRUPT)
                digest.update(piece)
                if scan:
                    scan.feed(piece)
                if nested:
                    nested.write(piece)
        finally:
            if nested:
                nested.close()
        if scan:
            self._heed(scan, ignore_skipped=kind is not None)
        self.unpacked += size
        self.entries.append(Entry(name, size, digest.hexdigest(), depth))
        if nested and kind:
            inner = Path(nested.name)
            self._archive(inner, kind, f"{name}/", depth + 1, folder)
            inner.unlink()

    def _bound(self, further: int) -> None:
        """Refuse what would unpack to too much, by what it says before it is unpacked."""
        total = self.unpacked + further
        packed = max(self.path.stat().st_size, 1)
        if total > self.limits.unpacked or (total > self.limits.ratio_from and total > packed * self.limits.ratio):
            raise Refused(BOMB)
