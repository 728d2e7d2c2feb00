"""Papers as Word files, from the same content as their PDF: for whoever takes them into the own document exchange.

The type is named, not embedded: 仿宋, 黑体 and 宋体 are on the machines of those who get it.
"""

from __future__ import annotations

import io
import struct
import zipfile

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.table import _Cell
from docx.text.paragraph import Paragraph as WordParagraph
from docx.text.run import Run

from domain.papers.content import Attachment, Block, Chart, Content, Heading, Layout, Paragraph, Table
from storage.papers.plain import lines
from storage.papers.verification import as_png, qr_code

BODY, HEADING, TITLE = "仿宋", "黑体", "宋体"
RED = RGBColor(0xD7, 0x00, 0x0F)
PITCH = Pt(29)
INDENT = Pt(32)
BLOCK, LONGEST_BAR = "█", 20
CHART_WIDTHS = (1, 2)
MEMBERS_DATE = struct.pack("<HH", 0, 0x21)  # 1980-01-01, the earliest that a zip can bear
COLON, COMMA = "\uff1a", "\uff0c"


def docx(content: Content, public_url: str | None = None) -> bytes:
    """``content`` as a Word file: the same bytes whenever it is made."""
    word = Document()
    _properties(word, content)
    _page(word, content)
    if content.layout is Layout.LETTER:
        _head(word, content)
    else:
        _title(word, content.title)
        if content.number:
            _text(word, content.number, align=WD_ALIGN_PARAGRAPH.CENTER)
    _blocks(word, content.blocks)
    if content.layout is Layout.LETTER:
        _attached(word, content.attachments)
    _verification(word, content, public_url)
    _signature(word, content)
    for number, attachment in enumerate(content.attachments, 1):
        _attachment(word, attachment, number if len(content.attachments) > 1 else None)
    if content.copies:
        _text(word, f"抄送{COLON}{COMMA.join(content.copies)}。", size=14)
    return _same_bytes(word)


def _properties(word: WordDocument, content: Content) -> None:
    core = word.core_properties
    core.title, core.author, core.language = content.title, content.issuer, "zh-CN"
    core.created = core.modified = content.at.replace(tzinfo=None, microsecond=0)
    core.last_modified_by, core.comments = content.issuer, ""
    core.keywords = content.template or ""


def _page(word: WordDocument, content: Content) -> None:
    section = word.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    section.different_first_page_header_footer = content.layout is Layout.LETTER
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", 14)
    _page_number(paragraph)
    _run(paragraph, " —", 14)


def _page_number(paragraph: WordParagraph) -> None:
    run = _run(paragraph, "", 14)
    for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = code
        run._r.append(mark)


def _head(word: WordDocument, content: Content) -> None:
    head = _text(
        word,
        content.head or content.issuer,
        size=36,
        font=TITLE,
        align=WD_ALIGN_PARAGRAPH.CENTER,
        red=True,
        exact=False,
    )
    _rule(head)
    if content.number:
        _text(word, content.number, align=WD_ALIGN_PARAGRAPH.RIGHT)
    _text(word, "")
    _title(word, content.title)
    _text(word, "")
    if content.addressees:
        _text(word, "、".join(content.addressees) + COLON)


def _rule(paragraph: WordParagraph) -> None:
    """The red double rule below the office's name."""
    borders = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "thickThinSmallGap"), ("sz", "24"), ("space", "4"), ("color", str(RED))):
        bottom.set(qn(f"w:{name}"), value)
    borders.append(bottom)
    paragraph._p.get_or_add_pPr().append(borders)


def _title(word: WordDocument, title: str) -> None:
    _text(word, title, size=22, font=TITLE, bold=True, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)


def _blocks(word: WordDocument, blocks: tuple[Block, ...]) -> None:
    for block in blocks:
        match block:
            case Heading(text, level):
                _text(word, text, font=HEADING if level == 1 else BODY, bold=level == 2, indent=True)
            case Paragraph(text):
                for line in lines(text):
                    _text(word, line, indent=True)
            case Table():
                _table(word, block)
            case Chart():
                _chart(word, block)


def _table(word: WordDocument, table: Table) -> None:
    made = word.add_table(rows=0, cols=len(table.widths))
    made.style = "Table Grid"
    for at, row in enumerate(table.rows):
        cells = made.add_row().cells
        for place, (cell, text) in enumerate(zip(cells, row, strict=True)):
            named = at == 0 if table.header else place == 0
            _cell(cell, text, HEADING if named else BODY)
            cell.width = Mm(156 * table.widths[place] // sum(table.widths))
    _text(word, "")


def _chart(word: WordDocument, chart: Chart) -> None:
    """A table of labels, bars and counts: bars of full blocks, which every machine can show and edit."""
    _text(word, chart.title, size=12, font=HEADING, align=WD_ALIGN_PARAGRAPH.CENTER)
    made = word.add_table(rows=0, cols=2)
    most = max((count for _, count in chart.bars), default=0)
    for label, count in chart.bars:
        cells = made.add_row().cells
        _cell(cells[0], label, BODY)
        bar = BLOCK * round(LONGEST_BAR * count / most) if most else ""
        _cell(cells[1], f"{bar} {count}", BODY)
        for cell, share in zip(cells, CHART_WIDTHS, strict=True):
            cell.width = Mm(156 * share // sum(CHART_WIDTHS))
    _text(word, "")


def _cell(cell: _Cell, text: str, font: str) -> None:
    for number, line in enumerate(lines(text)):
        paragraph = cell.add_paragraph() if number else cell.paragraphs[0]
        _run(paragraph, line, 12, font)


def _attached(word: WordDocument, attachments: tuple[Attachment, ...]) -> None:
    if not attachments:
        return
    _text(word, "")
    for number, attachment in enumerate(attachments, 1):
        name = attachment.title if len(attachments) == 1 else f"{number}. {attachment.title}"
        _text(word, (f"附件{COLON}" if number == 1 else "   ") + name, indent=True)


def _verification(word: WordDocument, content: Content, public_url: str | None) -> None:
    code = qr_code(content, public_url)
    if code is None:
        return
    paragraph = _text(word, "", exact=False)
    paragraph.add_run().add_picture(io.BytesIO(as_png(code)), width=Cm(2.4))
    _text(word, f"验证码{COLON}{content.code}{COMMA}扫码或凭文号和验证码核验真伪", size=9, exact=False)


def _signature(word: WordDocument, content: Content) -> None:
    for line in (content.issuer, content.day, content.seal_text):
        if line is None:
            continue
        paragraph = _text(word, line, align=WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = INDENT


def _attachment(word: WordDocument, attachment: Attachment, number: int | None) -> None:
    _text(word, "").add_run().add_break(WD_BREAK.PAGE)
    _text(word, f"附件{number or ''}", font=HEADING)
    _title(word, attachment.title)
    _blocks(word, attachment.blocks)


def _text(
    word: WordDocument,
    text: str,
    *,
    size: float = 16,
    font: str = BODY,
    bold: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: bool = False,
    red: bool = False,
    exact: bool = True,
) -> WordParagraph:
    """A paragraph; ``exact``: on the pitch of 22 lines a page."""
    paragraph = word.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment = align
    form.space_before = form.space_after = Pt(0)
    if exact:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    if indent:
        form.first_line_indent = INDENT
    run = _run(paragraph, text, size, font)
    run.bold = bold
    if red:
        run.font.color.rgb = RED
    return paragraph


def _run(paragraph: WordParagraph, text: str, size: float, font: str = BODY) -> Run:
    run: Run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), font
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return run


def _same_bytes(word: WordDocument) -> bytes:
    """The file without the time at which it was made, which python-docx puts on its members."""
    buffer = io.BytesIO()
    word.save(buffer)
    made = bytearray(buffer.getvalue())
    # Written over in place, at the head of each member and in the directory: to pack it all again takes 15 ms.
    with zipfile.ZipFile(buffer) as archive:
        entry = archive.start_dir
        for member in archive.infolist():
            made[member.header_offset + 10 : member.header_offset + 14] = MEMBERS_DATE
            made[entry + 12 : entry + 16] = MEMBERS_DATE
            entry += 46 + sum(struct.unpack_from("<HHH", made, entry + 28))
    return bytes(made)
