"""The QR code that a numbered paper carries: where to verify it, by its number and code."""

from __future__ import annotations

import io
from functools import lru_cache
from urllib.parse import urlencode

import segno

from domain.papers.content import Content

PAGE = "/verify"


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
    """A letter's two files are made one after the other, and a code takes as long as a PDF."""
    return segno.make(text, micro=False, error="m")


def as_svg(code: segno.QRCode) -> str:
    """The code as a picture of lines."""
    buffer = io.BytesIO()
    code.save(buffer, kind="svg", border=0, xmldecl=False, nl=False)
    return buffer.getvalue().decode()


def as_png(code: segno.QRCode) -> bytes:
    """The code as a picture of points."""
    buffer = io.BytesIO()
    code.save(buffer, kind="png", border=0, scale=8)
    return buffer.getvalue()
