"""Small real files for the demo, the same bytes each time: PDF, DOCX, XLSX, ZIP, RAR."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from docx import Document as WordDocument
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from api.demo.rar import rar_archive
from domain.documents.file_types import FILE_TYPES
from domain.documents.kinds import DocumentKind
from domain.imports.entities import ImportKind
from domain.imports.template import make_template

FONT = "STSong-Light"
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class SampleFile(NamedTuple):
    """A file: its name, media type and bytes."""

    filename: str
    media_type: str
    content: bytes
    # What an archive holds, by name.
    members: Mapping[str, bytes] = MappingProxyType({})


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """A page of PDF in Chinese type."""
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.setFont(FONT, 18)
    canvas.drawString(72, 770, title)
    canvas.setFont(FONT, 12)
    for number, line in enumerate(lines):
        canvas.drawString(72, 730 - 20 * number, line)
    canvas.save()
    return buffer.getvalue()


def docx(title: str, lines: Sequence[str]) -> bytes:
    """A Word document."""
    document = WordDocument()
    document.core_properties.created = document.core_properties.modified = LONG_AGO.replace(tzinfo=None)
    document.core_properties.title = title
    document.add_heading(title)
    for line in lines:
        document.add_paragraph(line)
    buffer = io.BytesIO()
    document.save(buffer)
    # python-docx stamps the members with the present time.
    with zipfile.ZipFile(buffer) as made:
        return zip_archive({member.filename: made.read(member) for member in made.infolist()})


def zip_archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP archive; names are marked as UTF-8."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def sample(kind: DocumentKind, city: str, variant: int) -> SampleFile:
    """One of a city's sample files of a kind; variants alternate between the forms that the kind comes in."""
    members: dict[str, bytes] = {}
    title, lines = kind.zh, [f"{city}电子政务等级保护演示材料", f"第 {variant + 1} 份", "本文件仅供演示。"]
    if kind is DocumentKind.FILING_ARCHIVE:
        form = f'<?xml version="1.0" encoding="UTF-8"?>\n<filing city="{city}" number="{variant + 1}"/>\n'
        members = {"备案表.xml": form.encode(), "备案表.pdf": pdf(title, lines)}
        suffix = (".rar", ".zip")[variant % 2]
        content = rar_archive(members) if suffix == ".rar" else zip_archive(members)
    elif kind is DocumentKind.OTHER:
        title, suffix, content = "导入文件", ".xlsx", make_template(list(ImportKind)[variant % len(ImportKind)], [])
    else:
        suffix = (".pdf", ".docx")[variant % 2]
        content = pdf(title, lines) if suffix == ".pdf" else docx(title, lines)
    return SampleFile(f"{title}-{variant + 1}{suffix}", FILE_TYPES[suffix].media_type, content, members)
