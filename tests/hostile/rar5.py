"""Writing RAR 5 archives whose members are stored: enough of the format to make good ones, and bad ones."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

MARK = b"Rar!\x1a\x07\x01\x00"
MAIN, FILE, ENCRYPTION, END = 1, 2, 4, 5
DATA, EXTRA = 0x02, 0x01
UNIX = 1
CRC, SYMLINK = 0x04, 5


def rar5_archive(
    files: Mapping[str, bytes], *, volume: bool = False, link: bool = False, locked: bool = False
) -> bytes:
    """An archive of ``files``; as one ``volume`` of several, with symbolic ``link``s, or with encrypted headers."""
    parts = [MARK]
    if locked:
        parts.append(_block(ENCRYPTION, 0, _vint(0) + _vint(0) + b"\x0f" + bytes(16)))
    parts.append(_block(MAIN, 0, _vint(1 if volume else 0)))
    for name, content in files.items():
        encoded = name.encode()
        extra = _extra(_vint(SYMLINK) + _vint(1) + _vint(0) + _vint(4) + b"/etc") if link else b""
        body = b"".join(
            (
                _vint(CRC),
                _vint(len(content)),
                _vint(0o644),
                struct.pack("<I", zlib.crc32(content)),
                _vint(0),
                _vint(UNIX),
                _vint(len(encoded)),
                encoded,
            )
        )
        parts += [_block(FILE, DATA, body, len(content), extra), content]
    parts.append(_block(END, 0, _vint(1 if volume else 0)))
    return b"".join(parts)


def _block(kind: int, flags: int, body: bytes, data: int = 0, extra: bytes = b"") -> bytes:
    head = _vint(kind) + _vint(flags | (EXTRA if extra else 0))
    head += _vint(len(extra)) if extra else b""
    head += _vint(data) if flags & DATA else b""
    head += body + extra
    whole = _vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(whole)) + whole


def _extra(record: bytes) -> bytes:
    return _vint(len(record)) + record


def _vint(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*made, number])
