"""Papers as Word files, from the same content as their PDF: for whoever takes them into the own document exchange.

The type is named, not embedded: 仿宋, 黑体 and 宋体 are on the machines of those who get it.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.papers.content import Attachment, Block, Chart, Content, Heading, Layout, Paragraph, Table
from storage.papers.plain import lines
from storage.papers.verification import as_png, qr_code
from storage.papers.word_file import PICTURE, Page, Properties, word_file
from storage.papers.wordml import (
    CENTRED,
    HEADING,
    INDENTED,
    PLAIN,
    SIZE,
    TITLE,
    Box,
    Face,
    Lines,
    field,
    kept,
    mm,
    paragraph,
    picture,
    points,
    run,
    table,
    text,
)

BLOCK, LONGEST_BAR = "█", 20
CHART_WIDTHS = (1, 2)
COLON, COMMA = "\uff1a", "\uff0c"
WIDTH = mm(210) - mm(28) - mm(26)
QR, BESIDE = mm(25), mm(36)
LABEL = Face(font=HEADING)
SMALL = Face(size=9)
NUMBER = Face(size=14)
CELL, CELL_NAME = Face(size=12), Face(size=12, font=HEADING)
# The red head is as wide as the rule below it, or less; the rules reach over the text on both sides (170 mm).
HEAD, HEAD_WIDTH, LONGEST_HEAD = 36.0, 470.0, 21
LEFT, RIGHT = -mm(8), -mm(6)


def docx(content: Content, public_url: str | None = None) -> bytes:
    """``content`` as a Word file: the same bytes whenever it is made."""
    code = qr_code(content, public_url)
    return word_file(
        "".join(_body(content, verified=code is not None)),
        _page(content),
        Properties(content.title, content.issuer, content.at, content.template or ""),
        as_png(code) if code else None,
    )


def _body(content: Content, *, verified: bool) -> Iterator[str]:
    letter = content.layout is Layout.LETTER
    yield from _head(content) if letter else _report_head(content)
    *before, last = [*_blocks(content.blocks)] or [paragraph()]
    attached = _attached(content.attachments) if letter else ()
    yield from before
    # As in the PDF, no page has the signature alone: the last of the text goes with it.
    yield from (kept(each) for each in (last, *attached, paragraph(lines=Lines(pitch=20))))
    yield _signed(content, verified=verified)
    for number, attachment in enumerate(content.attachments, 1):
        yield from _attachment(attachment, str(number) if len(content.attachments) > 1 else "")
    if content.copies:
        yield _copies(content)
    yield paragraph(lines=Lines(pitch=1))  # a table does not end a document


def _page(content: Content) -> Page:
    number = (run("— ", NUMBER), field("PAGE", NUMBER), run(" —", NUMBER))
    edge = points(14)
    footers = {
        "default": paragraph(*number, lines=Lines(align="right", right=edge, after=14, pitch=None)),
        "even": paragraph(*number, lines=Lines(align="left", left=edge, after=14, pitch=None)),
    }
    if content.layout is Layout.LETTER:
        footers["first"] = paragraph(lines=Lines(pitch=4, rule=("top", "thinThickSmallGap"), left=LEFT, right=RIGHT))
    head = _red_head(content) if content.layout is Layout.LETTER else ""
    return Page(top=37, bottom=35, left=28, right=26, footer=18, footers=footers, head=head)


def _red_head(content: Content) -> str:
    """The office's name above the red double rule: on one line, a very long one on two."""
    head = content.head or content.issuer
    lines_ = 2 if len(head) > LONGEST_HEAD else 1
    size = min(HEAD, lines_ * HEAD_WIDTH / (1.06 * (len(head) + lines_ - 1 or 1)))
    face = Face(size=round(size * 2) / 2, font=TITLE, bold=True, red=True, spaced=size * 0.06)
    return text(
        head, face, Lines(align="center", pitch=None, rule=("bottom", "thickThinSmallGap"), left=LEFT, right=RIGHT)
    )


def _head(content: Content) -> Iterator[str]:
    if content.number:
        yield text(content.number, lines=Lines(align="right", before=14))
    yield paragraph()
    yield _title(content.title)
    yield paragraph()
    if content.addressees:
        yield text("、".join(content.addressees) + COLON, lines=Lines(align="left"))


def _report_head(content: Content) -> Iterator[str]:
    yield _title(content.title)
    if content.number:
        yield text(content.number, lines=CENTRED)
    yield paragraph(lines=Lines(pitch=16))


def _title(title: str) -> str:
    return text(title, Face(size=22, font=TITLE, bold=True), Lines(align="center", pitch=36))


HEADINGS = {1: LABEL, 2: Face(bold=True), 3: PLAIN}


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading(words, level):
                yield text(words, HEADINGS[level], Lines(first=INDENTED.first, level=level, keep=True))
            case Paragraph(words):
                yield from (text(line, lines=INDENTED) for line in lines(words))
            case Table():
                yield paragraph(lines=Lines(pitch=6))
                yield _table(block)
                yield paragraph(lines=Lines(pitch=10))
            case Chart():
                yield from _chart(block)


def _table(given: Table) -> str:
    rows = [
        [_cell(cell, named=at == 0 if given.header else place == 0) for place, cell in enumerate(row)]
        for at, row in enumerate(given.rows)
    ]
    return table(rows, _shared(given.widths), header=given.header)


def _chart(chart: Chart) -> Iterator[str]:
    """A table of labels, bars and counts: bars of full blocks, which every machine can show and edit."""
    yield text(chart.title, CELL_NAME, Lines(align="center", keep=True))
    most = max((count for _, count in chart.bars), default=0)
    rows = []
    for label, count in chart.bars:
        bar = run(BLOCK * round(LONGEST_BAR * count / most) if most else "", Face(size=9, red=True))
        line = paragraph(bar, run(f" {count}", CELL), lines=Lines(align="left", pitch=None))
        rows.append([Box(text(label, CELL, Lines(align="right", pitch=None))), Box(line)])
    if rows:
        yield table(rows, _shared(CHART_WIDTHS), ruled=False)
    yield paragraph(lines=Lines(pitch=13))


def _shared(widths: tuple[int, ...]) -> list[int]:
    return [WIDTH * width // sum(widths) for width in widths]


def _cell(words: str, *, named: bool) -> Box:
    laid = Lines(align="center" if named else "left", pitch=18)
    return Box("".join(text(line, CELL_NAME if named else CELL, laid) for line in lines(words)))


def _attached(attachments: tuple[Attachment, ...]) -> Iterator[str]:
    if attachments:
        yield paragraph()
    hanging = points(3 * SIZE)
    for number, attachment in enumerate(attachments, 1):
        name = attachment.title if len(attachments) == 1 else f"{number}. {attachment.title}"
        laid = Lines(left=INDENTED.first + hanging, hanging=hanging if number == 1 else 0)
        yield text((f"附件{COLON}" if number == 1 else "") + name, lines=laid)


def _signed(content: Content, *, verified: bool) -> str:
    """By what it is verified, on the left; who signs it and when, on the right, with room for the seal."""
    middle = Lines(align="center")
    signers = [content.issuer, content.day, *([content.seal_text] if content.seal_text else [])]
    signature = Box("".join(text(each, lines=middle) for each in signers), bottom=True)
    if not verified:
        return table([[Box(paragraph()), signature]], [QR + BESIDE, WIDTH - QR - BESIDE], ruled=False)
    tight = Lines(align="left", pitch=13)
    beside = (("验证码", SMALL), (content.code or "", Face(size=11, font=HEADING)))
    said = "".join(
        text(words, face, tight) for words, face in (*beside, ("扫码或凭文号和", SMALL), ("验证码核验真伪", SMALL))
    )
    code = paragraph(picture(PICTURE, "核验二维码", 22 / 25.4 * 72), lines=Lines(align="left", pitch=None))
    return table([[Box(code, bottom=True), Box(said), signature]], [QR, BESIDE, WIDTH - QR - BESIDE], ruled=False)


def _attachment(attachment: Attachment, number: str) -> Iterator[str]:
    yield text(f"附件{number}", LABEL, Lines(align="left", new_page=True))
    yield paragraph()
    yield _title(attachment.title)
    yield paragraph(lines=Lines(pitch=13))
    yield from _blocks(attachment.blocks)


def _copies(content: Content) -> str:
    """Who gets a copy, at the foot of the last page."""
    edge = points(14)
    frame = (
        f'<w:framePr w:w="{WIDTH}" w:wrap="notBeside" w:vAnchor="margin" w:hAnchor="margin" w:xAlign="center" '
        'w:yAlign="bottom"/>'
    )
    laid = Lines(left=edge + points(42), right=edge, hanging=points(42), frame=frame)
    return text(f"抄送{COLON}{COMMA.join(content.copies)}。", NUMBER, laid)
