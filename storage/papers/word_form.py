"""Printed forms as Word files, from the same model as their PDF: whoever has to can go on filling them in."""

from __future__ import annotations

from collections.abc import Iterator

from domain.papers.sheets import Cell, PrintedForm, Sheet
from storage.papers.word_file import Page, Properties, word_file
from storage.papers.wordml import HEADING, Box, Face, Lines, field, mm, paragraph, run, table, text

COLON = "\uff1a"
WIDTH = mm(166)  # between the margins
FREE = Lines(pitch=None)
MIDDLE = Lines(align="center", pitch=None)
FILLED, NOTE, CAPTION, COVER = Face(size=10.5), Face(size=9), Face(size=15, font=HEADING), Face(size=15)


def form_docx(form: PrintedForm) -> bytes:
    """``form`` as a Word file: the same bytes whenever it is made."""
    body = [*_cover(form), *(part for sheet in form.sheets for part in _sheet(sheet)), paragraph(lines=Lines(pitch=1))]
    # As in the PDF: the cover is not counted.
    number = paragraph(run("— ", NOTE), field("PAGE", NOTE), run(" —", NOTE), lines=MIDDLE)
    footers = {"first": paragraph(), "default": number, "even": number}
    page = Page(top=22, bottom=20, left=22, right=22, footer=10, footers=footers, number=0)
    return word_file("".join(body), page, Properties(form.title, form.issuer, form.at))


def _cover(form: PrintedForm) -> Iterator[str]:
    number, *others = form.cover
    yield text(f"{number[0]}{COLON}{number[1] or '_' * 22}", Face(size=14), Lines(align="center", before=110))
    yield text(form.title, Face(size=26, font=HEADING), Lines(align="center", pitch=None, before=110))
    yield text(form.subtitle, lines=Lines(align="center", pitch=None, before=12, after=130))
    for name, value in others:
        answer = run(value or " " * 30, Face(size=15, underlined=True))
        yield paragraph(run(f"{name}{COLON}", COVER), answer, lines=Lines(align="left", left=mm(28), after=12))


def _sheet(sheet: Sheet) -> Iterator[str]:
    yield text(sheet.caption, CAPTION, Lines(align="center", pitch=None, after=6, new_page=True))
    widths = [WIDTH * width // sum(sheet.widths) for width in sheet.widths]
    yield table([[_box(cell) for cell in row] for row in sheet.rows], widths)
    for note in sheet.notes:
        yield text(note, NOTE, FREE)


def _box(cell: Cell) -> Box:
    laid = MIDDLE if cell.label else Lines(align="left", pitch=None)
    return Box("".join(text(line, FILLED, laid) for line in cell.text.split("\n")), cell.columns, cell.rows)
