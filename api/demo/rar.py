"""Writing RAR 4 archives whose members are stored, not compressed: what the old filing software handed in."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

MARK = b"Rar!\x1a\x07\x00"
ARCHIVE, FILE, END = 0x73, 0x74, 0x7B
UNICODE_NAME, LONG_BLOCK = 0x0200, 0x8000
STORED = 0x30
MS_DOS = 0
# 2026-01-01 00:00 in MS-DOS form, always the same.
WHEN = ((2026 - 1980) << 25) | (1 << 21) | (1 << 16)


def rar_archive(files: Mapping[str, bytes]) -> bytes:
    """An archive of ``files`` by name; the same files give the same bytes."""
    parts = [MARK, _block(ARCHIVE, 0, b"\0" * 6)]
    for name, content in files.items():
        encoded = name.encode("utf-8")
        head = struct.pack(
            "<IIBIIBBHI",
            len(content),
            len(content),
            MS_DOS,
            zlib.crc32(content),
            WHEN,
            20,
            STORED,
            len(encoded),
            0x20,
        )
        # With the flag and no zero byte in it, the name is UTF-8.
        parts += [_block(FILE, UNICODE_NAME | LONG_BLOCK, head + encoded), content]
    parts.append(_block(END, 0x4000, b""))
    return b"".join(parts)


def _block(kind: int, flags: int, body: bytes) -> bytes:
    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head
