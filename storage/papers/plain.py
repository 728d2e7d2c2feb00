"""A paper's content as it is set: marks as Chinese prints them, nothing that the fonts cannot show, a note of that."""

from __future__ import annotations

import re
from dataclasses import replace

from domain.papers.chinese import punctuated
from domain.papers.content import Attachment, Block, Chart, Content, Paragraph, Table
from domain.papers.sheets import OPEN, TICKED, PrintedForm, Sheet
from storage.papers.fonts import Shown

BOXES = re.compile(f"([{OPEN}{TICKED}])")


def settable(content: Content) -> Content:
    """``content`` as it is set; where a character cannot be shown, the last paragraph says which it was."""
    shown = Shown()
    made = replace(
        content,
        title=_line(shown, content.title),
        issuer=_line(shown, content.issuer),
        day=_line(shown, content.day),
        number=_line(shown, content.number) if content.number else None,
        head=_line(shown, content.head) if content.head else None,
        seal_text=_line(shown, content.seal_text) if content.seal_text else None,
        addressees=tuple(_line(shown, each) for each in content.addressees),
        blocks=_blocks(shown, content.blocks),
        attachments=tuple(
            Attachment(_line(shown, each.title), _blocks(shown, each.blocks)) for each in content.attachments
        ),
        copies=tuple(_line(shown, each) for each in content.copies),
    )
    note = shown.note()
    return replace(made, blocks=(*made.blocks, Paragraph(punctuated(note)))) if note else made


def settable_form(form: PrintedForm) -> PrintedForm:
    """``form`` as it is set; where a character cannot be shown, the last table's notes say which it was."""
    shown = Shown()
    made = replace(
        form,
        title=_line(shown, form.title),
        subtitle=_line(shown, form.subtitle),
        issuer=_line(shown, form.issuer),
        cover=tuple((_line(shown, name), _line(shown, value)) for name, value in form.cover),
        sheets=tuple(_sheet(shown, each) for each in form.sheets),
    )
    note = shown.note()
    if note is None:
        return made
    *before, last = made.sheets
    return replace(made, sheets=(*before, replace(last, notes=(*last.notes, punctuated(note)))))


def _sheet(shown: Shown, sheet: Sheet) -> Sheet:
    rows = tuple(tuple(replace(cell, text=_boxed(shown, cell.text)) for cell in row) for row in sheet.rows)
    return replace(sheet, caption=punctuated(sheet.caption), rows=rows, notes=tuple(map(punctuated, sheet.notes)))


def _boxed(shown: Shown, text: str) -> str:
    """A cell's text; its boxes are drawn, whatever the type has."""
    return punctuated("".join(each if BOXES.fullmatch(each) else shown.text(each) for each in BOXES.split(text)))


def lines(text: str) -> list[str]:
    """The paragraphs of a text."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _line(shown: Shown, text: str) -> str:
    return punctuated(" ".join(lines(shown.text(text))))


def _blocks(shown: Shown, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return tuple(_block(shown, block) for block in blocks)


def _block(shown: Shown, block: Block) -> Block:
    if isinstance(block, Table):
        rows = tuple(tuple(punctuated("\n".join(lines(shown.text(cell)))) for cell in row) for row in block.rows)
        return replace(block, rows=rows)
    if isinstance(block, Chart):
        bars = tuple((_line(shown, label), count) for label, count in block.bars)
        return replace(block, title=_line(shown, block.title), bars=bars)
    return replace(block, text=punctuated(shown.text(block.text)))
