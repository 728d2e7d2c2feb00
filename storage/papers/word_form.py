"""Printed forms as Word files, from the same model as their PDF: whoever has to can go on filling them in."""

from __future__ import annotations

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.shared import Mm, Pt
from docx.table import _Cell

from domain.papers.sheets import PrintedForm, Sheet
from storage.papers.word import BODY, COLON, HEADING, _run, _same_bytes, _text

WIDTH = 166  # mm between the margins


def form_docx(form: PrintedForm) -> bytes:
    """``form`` as a Word file: the same bytes whenever it is made."""
    word = Document()
    core = word.core_properties
    core.title, core.author, core.language = form.title, form.issuer, "zh-CN"
    core.created = core.modified = form.at.replace(tzinfo=None, microsecond=0)
    core.last_modified_by, core.comments = form.issuer, ""
    section = word.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    _cover(word, form)
    for sheet in form.sheets:
        _sheet(word, sheet)
    return _same_bytes(word)


def _cover(word: WordDocument, form: PrintedForm) -> None:
    number, *others = form.cover
    _gap(word, 4)
    _text(word, f"{number[0]}{COLON}{number[1] or '_' * 22}", size=14, align=WD_ALIGN_PARAGRAPH.CENTER)
    _gap(word, 4)
    _text(word, form.title, size=26, font=HEADING, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)
    _text(word, form.subtitle, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)
    _gap(word, 6)
    for name, value in others:
        paragraph = _text(word, f"{name}{COLON}", size=15)
        paragraph.paragraph_format.left_indent = Mm(28)
        _run(paragraph, value or " " * 30, 15).underline = True
        paragraph.paragraph_format.space_after = Pt(12)


def _gap(word: WordDocument, lines: int) -> None:
    for _ in range(lines):
        _text(word, "")


def _sheet(word: WordDocument, sheet: Sheet) -> None:
    caption = _text(word, "", exact=False, align=WD_ALIGN_PARAGRAPH.CENTER)
    caption.add_run().add_break(WD_BREAK.PAGE)
    _run(caption, sheet.caption, 15, HEADING)
    made = word.add_table(rows=len(sheet.rows), cols=len(sheet.widths))
    made.style, made.autofit = "Table Grid", False
    widths = [Mm(WIDTH * width / sum(sheet.widths)) for width in sheet.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width
    grid = [list(row.cells) for row in made.rows]
    for cells in grid:
        for each, width in zip(cells, widths, strict=True):
            each.width = width
    taken: set[tuple[int, int]] = set()
    for at, row in enumerate(sheet.rows):
        place = 0
        for cell in row:
            while (at, place) in taken:
                place += 1
            last = grid[at + cell.rows - 1][place + cell.columns - 1]
            whole = grid[at][place].merge(last) if cell.rows * cell.columns > 1 else grid[at][place]
            _fill(whole, cell.text, label=cell.label)
            taken |= {(at + down, place + right) for down in range(cell.rows) for right in range(cell.columns)}
    for note in sheet.notes:
        _text(word, note, size=9, exact=False)


def _fill(cell: _Cell, text: str, *, label: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    for number, line in enumerate(text.split("\n")):
        paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
        if label:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _run(paragraph, line, 10.5, BODY)
