"""The kinds of file that are taken (文件类型): by the end of their names, and how their bytes begin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file we take: its media type, and how its bytes begin."""

    media_type: str
    magic: tuple[bytes, ...]


_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
FILE_TYPES: Mapping[str, FileType] = {
    ".pdf": FileType("application/pdf", (b"%PDF-",)),
    ".docx": FileType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    ".xlsx": FileType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    ".doc": FileType("application/msword", _OLE),
    ".xls": FileType("application/vnd.ms-excel", _OLE),
    ".zip": FileType("application/zip", _ZIP),
    ".rar": FileType("application/vnd.rar", (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00")),
    ".7z": FileType("application/x-7z-compressed", (b"7z\xbc\xaf\x27\x1c",)),
    ".png": FileType("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".jpg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": FileType("image/jpeg", (b"\xff\xd8\xff",)),
}
# Opened and listed; the packages are opened all the same, since they are ZIP archives inside.
ARCHIVES = (".rar", ".zip", ".7z")
PACKAGES = (".docx", ".xlsx")
# Enough of a file's beginning to tell its type.
HEAD_BYTES = 16


def suffix_of(filename: str) -> str:
    """The end of a file's name, by which its type is known: ``.pdf``."""
    return PurePosixPath(filename).suffix.lower()


def archive_kind(head: bytes) -> str | None:
    """Which kind of archive begins with ``head``, None when it is none."""
    return next((suffix for suffix in ARCHIVES if head.startswith(FILE_TYPES[suffix].magic)), None)
