"""ZIP archives: names in UTF-8 where they say so, else in whatever of UTF-8 and GBK they can be."""

from __future__ import annotations

import contextlib
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from lzma import LZMAError
from pathlib import Path

from domain.documents.examination import BOMB, CORRUPT, EMPTY, ENCRYPTED, METHOD, MULTI_VOLUME, TOO_MANY, Limits
from storage.archives.members import PIECE, Member, Names, Refused

ENCRYPTED_FLAG, UTF8_FLAG = 0x1, 0x800
UNIX = 3
ENCODINGS = ("utf-8", "gb18030")
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
END, END_BYTES, ZIP64, MAX_COMMENT = b"PK\x05\x06", 22, 0xFFFF, 0xFFFF
BROKEN = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, OSError, ValueError, struct.error, IndexError)


def read_zip(path: Path, limits: Limits) -> Iterator[Member]:
    """The archive's files. Raises: Refused."""
    with _refusing():
        _bound_directory(path, limits)
        with zipfile.ZipFile(path) as archive:
            items = _looked_at(archive, path, limits)
            for item in items:
                yield Member(_name(item), item.file_size, _pieces(archive, item))


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """What the library stumbles over is a reason to refuse the archive."""
    try:
        yield
    except NotImplementedError as error:
        raise Refused(METHOD) from error
    except BROKEN as error:
        raise Refused(CORRUPT) from error


def is_zip(path: Path) -> bool:
    """Whether programs that open ZIP archives would open this, whatever it begins with."""
    try:
        return zipfile.is_zipfile(path)
    except BROKEN:
        return True


def zip_names(path: Path) -> frozenset[str]:
    """The names in an archive that was read before."""
    with zipfile.ZipFile(path) as archive:
        return frozenset(archive.namelist())


def _bound_directory(path: Path, limits: Limits) -> None:
    """Refuse a directory that is not fit to be held, before the library reads it whole."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - END_BYTES - MAX_COMMENT))
        tail = file.read()
    at = tail.rfind(END, 0, len(tail) - END_BYTES + len(END))
    if at < 0:
        raise Refused(CORRUPT)
    _, _, _, count, length, _, _ = struct.unpack("<HHHHIIH", tail[at + 4 : at + END_BYTES])
    if count != ZIP64 and count > limits.entries:
        raise Refused(TOO_MANY.format(limit=limits.entries))
    if min(length, size) > limits.directory:
        raise Refused(TOO_MANY.format(limit=limits.entries))


def _looked_at(archive: zipfile.ZipFile, path: Path, limits: Limits) -> list[zipfile.ZipInfo]:
    """The archive's files, after all that can be told without unpacking. Raises: Refused."""
    items, names = archive.infolist(), Names(limits)
    if len(items) > limits.entries:
        raise Refused(TOO_MANY.format(limit=limits.entries))
    for item in items:
        mode = item.external_attr >> 16 if item.create_system == UNIX else 0
        special = stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}
        names.check(_name(item), plain=not special)
        if item.flag_bits & ENCRYPTED_FLAG:
            raise Refused(ENCRYPTED)
        if item.volume:
            raise Refused(MULTI_VOLUME)
        if item.compress_type not in METHODS:
            raise Refused(METHOD)
    # Members that lie upon each other: a few bytes that are unpacked again and again.
    if sum(item.compress_size for item in items) > path.stat().st_size:
        raise Refused(BOMB)
    files = [item for item in items if not item.is_dir()]
    if not files:
        raise Refused(EMPTY)
    return files


def _name(item: zipfile.ZipInfo) -> str:
    # The library cuts the name at a zero byte, and takes for cp437 what is not marked as UTF-8.
    given = item.orig_filename
    if item.flag_bits & UTF8_FLAG:
        return given
    raw = given.encode("cp437")
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return given


def _pieces(archive: zipfile.ZipFile, item: zipfile.ZipInfo) -> Iterator[bytes]:
    """The file's bytes; the library checks their sum at the end."""
    with _refusing(), archive.open(item) as file:
        read = 0
        while piece := file.read(PIECE):
            read += len(piece)
            yield piece
    if read != item.file_size:
        raise Refused(CORRUPT)
