"""Papers as PDF/A-2b, set by typst: the same bytes whenever they are made."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

import typst

from domain.papers.content import Content, Layout
from domain.papers.sheets import PrintedForm
from storage.papers.fonts import folder
from storage.papers.verification import as_svg, qr_code

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = {Layout.LETTER: "letter.typ", Layout.REPORT: "report.typ"}
_lock = threading.Lock()


def pdf(content: Content, public_url: str | None = None) -> bytes:
    """``content`` as a PDF. Raises: typst.TypstError when it cannot be set."""
    code = qr_code(content, public_url)
    return _set(TEMPLATE[content.layout], {**_plain(content), "qr": as_svg(code) if code else None}, content.at)


def form_pdf(form: PrintedForm) -> bytes:
    """``form`` as a PDF. Raises: typst.TypstError when it cannot be set."""
    return _set("form.typ", _plain(form), form.at)


def _set(template: str, data: dict[str, Any], at: dt.datetime) -> bytes:
    with _lock:  # a compiler does one thing at a time
        made = _compiler().compile(
            input=(TEMPLATES / template).as_posix(),
            format="pdf",
            # Data, not text of the template: nothing in it is understood as markup.
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            pdf_standards="a-2b",
            timestamp=int(at.timestamp()),
        )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _compiler() -> typst.Compiler:
    """One a process, with the fonts read."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder()])
    return typst.Compiler(root=TEMPLATES, font_paths=fonts)


def _plain(content: Content | PrintedForm) -> dict[str, Any]:
    plain = dataclasses.asdict(content)
    plain["at"] = content.at.isoformat()
    return plain
