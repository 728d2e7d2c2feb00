"""The QR code that a numbered paper carries: where to verify it, by its number and code."""

from __future__ import annotations

import io
import struct
import zlib
from functools import lru_cache
from urllib.parse import urlencode

import segno

from domain.papers.content import Content

PAGE = "/verify"
# Any of the eight masks is read alike. To find the one of fewest penalties takes longer than the paper's PDF.
MASK = 3
POINTS = 8  # of a module's side


def qr_code(content: Content, public_url: str | None) -> segno.QRCode | None:
    """The page that verifies the paper, or, where nobody said where we are, number and code, a line each.

    None for a paper that cannot be verified.
    """
    if not content.number or not content.code:
        return None
    if public_url is None:
        return _made(f"{content.number}\n{content.code}")
    query = urlencode({"number": content.number, "code": content.code})
    return _made(f"{public_url.rstrip('/')}{PAGE}?{query}")


@lru_cache(maxsize=64)
def _made(text: str) -> segno.QRCode:
    """A letter's two files are made one after the other."""
    return segno.make(text, micro=False, error="m", mask=MASK)


def as_svg(code: segno.QRCode) -> str:
    """The code as a picture of lines."""
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", border=0, xmldecl=False, nl=False)
    return buffer.getvalue().decode()


def as_png(code: segno.QRCode) -> bytes:
    """The code as a picture of points, one bit each."""
    rows = [b"\0" + _bits(row) for row in code.matrix]
    side = len(rows) * POINTS
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)),
            _chunk(b"IDAT", zlib.compress(b"".join(row * POINTS for row in rows))),
            _chunk(b"IEND", b""),
        )
    )


def _bits(row: bytearray) -> bytes:
    """A row of modules, dark ones as noughts: each a byte, since it is ``POINTS`` wide."""
    return bytes(0 if dark else 0xFF for dark in row)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
