"""A paper's files: they hold what it says and nothing else, the same each time, with their type in them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from collections.abc import Iterator

import pypdf
import pytest
from docx import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.papers.chinese import punctuated
from domain.papers.content import Attachment, Content, Heading, Layout, Paragraph, Table, read, stored
from storage.papers.fonts import GETA, covered
from storage.papers.pdf import pdf
from storage.papers.plain import settable
from storage.papers.word import docx

LETTER = Content(
    layout=Layout.LETTER,
    title="关于“预算管理系统”信息系统安全保护等级备案情况的复函",
    issuer="北京市信息化工作办公室",
    day="2026年11月24日",
    at=dt.datetime(2026, 11, 24, 1, 2, 3, tzinfo=dt.UTC),
    number="北京信息办备复〔2026〕12号",
    code="ABCD23456789",
    addressees=("海淀区财政局", "北京市财政局"),
    blocks=(
        Paragraph("经审核,现函复如下:"),
        Heading("一、意见"),
        Heading("(一)结论", 2),
        Heading("1.等级", 3),
        Paragraph("接受备案(S3A2G3)。\n请按照要求落实。"),
        Table((("甲", "乙"), ("丙", "丁")), (1, 1), header=True),
    ),
    attachments=(Attachment("备案信息表", (Table((("备案编号", "11010800001-00001"),), (1, 2)),)),),
    copies=("海淀区信息化工作办公室",),
)
REPORT = dataclasses.replace(
    LETTER, layout=Layout.REPORT, title="定级报告", number=None, code=None, addressees=(), copies=()
)
BOTH = [LETTER, REPORT]


def of_pdf(made: bytes) -> str:
    """The text of a PDF, without blanks and breaks."""
    return joined("".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages))


def of_word(made: bytes) -> str:
    """The text of a Word file in its order, without blanks and breaks."""
    word = WordDocument(io.BytesIO(made))
    found = [each.text for each in word.sections[0].first_page_header.paragraphs]
    for block in word.iter_inner_content():
        if hasattr(block, "rows"):
            found += [cell.text for row in block.rows for cell in row.cells]
        else:
            found.append(block.text)
    return joined("".join(found))


def joined(text: str) -> str:
    return re.sub("[\\s\u200b]", "", text)


def placed(page: pypdf.PageObject) -> list[tuple[str, float]]:
    """The pieces of text on a page with where they begin, in points from its left edge."""
    found: list[tuple[str, float]] = []

    def note(text: str, outer: list[float], inner: list[float], *_: object) -> None:
        if text.strip():
            found.append((text, inner[4] * outer[0] + inner[5] * outer[2] + outer[4]))

    page.extract_text(visitor_text=note)
    return found


def texts(content: Content) -> Iterator[str]:
    """All that a paper says."""
    yield from (content.title, content.issuer, content.day, *content.addressees, *content.copies)
    for blocks in (content.blocks, *(each.blocks for each in content.attachments)):
        for block in blocks:
            if isinstance(block, Table):
                yield from (cell for row in block.rows for cell in row)
            else:
                yield from block.text.split("\n")
    yield from (each.title for each in content.attachments)
    yield from (each for each in (content.number, content.code) if each)


@pytest.mark.parametrize("content", BOTH, ids=["letter", "report"])
def test_both_files_hold_all_that_the_paper_says(content: Content) -> None:
    for found in (of_pdf(pdf(settable(content))), of_word(docx(settable(content)))):
        for text in texts(content):
            assert joined(punctuated(text)) in found, text


@pytest.mark.parametrize("content", BOTH, ids=["letter", "report"])
def test_the_same_paper_gives_the_same_bytes(content: Content) -> None:
    again = read(stored(content))
    assert again == content
    assert pdf(settable(content)) == pdf(settable(again))
    assert docx(settable(content)) == docx(settable(again))


@pytest.mark.parametrize("content", BOTH, ids=["letter", "report"])
def test_the_pdf_is_an_archivable_one_with_its_type_in_it(content: Content) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf(settable(content))))
    metadata = reader.xmp_metadata
    assert metadata
    packet = metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in packet
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in packet
    (intent,) = (each.get_object() for each in reader.root_object["/OutputIntents"])
    assert intent["/S"] == "/GTS_PDFA1"
    assert intent["/DestOutputProfile"].get_object().get_data()[36:40] == b"acsp"  # a profile, whole
    assert "/ID" in reader.trailer
    assert "/Encrypt" not in reader.trailer
    assert reader.metadata
    assert (reader.metadata.title, reader.metadata.author) == (content.title, content.issuer)
    assert reader.metadata.creation_date == content.at
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts
    assert all("/FontFile3" in font for font in fonts)
    assert all("Noto" in font["/FontName"] for font in fonts)
    assert all(tuple(round(float(side)) for side in page.mediabox[2:]) == (595, 842) for page in reader.pages)


def test_only_letters_carry_what_they_are_verified_by() -> None:
    def pictures(made: bytes) -> int:
        return len(WordDocument(io.BytesIO(made)).inline_shapes)

    assert (pictures(docx(settable(LETTER))), pictures(docx(settable(REPORT)))) == (1, 0)
    assert "验证码" in of_pdf(pdf(settable(LETTER)))
    assert "验证码" not in of_pdf(pdf(settable(REPORT)))


def test_an_office_of_a_very_long_name_leaves_room_for_what_the_paper_is_verified_by() -> None:
    issuer = "甲" * 60
    reader = pypdf.PdfReader(io.BytesIO(pdf(settable(dataclasses.replace(LETTER, issuer=issuer, head="市信息办")))))
    places = [at for page in reader.pages for text, at in placed(page) if "甲甲" in text]
    assert places
    # Right of the code and what is beside it.
    assert min(places) > (28 + 62) / 25.4 * 72 - 1


def test_a_letters_red_head_is_on_the_first_page_of_its_word_file() -> None:
    section = WordDocument(io.BytesIO(docx(settable(LETTER)))).sections[0]
    assert [each.text for each in section.first_page_header.paragraphs] == [LETTER.issuer]
    assert section.different_first_page_header_footer


HOSTILE = [
    '#panic("x") #import "/etc/passwd" #read("letter.typ")',
    "$ x^2 $ \\ ` ``` */ // /* ] } ) [ { <label> @ref _a_ *b* = c",
    "<w:t>&amp;</w:t> & <script> ]]> <?xml?> {{ jinja }} {% x %}",
    '"; sys.inputs.data "quotes" \\u{41} \\n',
    "=HYPERLINK() ../../x %s %(x)s ${x}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_is_shown_as_it_is(text: str) -> None:
    content = dataclasses.replace(
        LETTER, title=text, issuer=text, number=text, addressees=(text,), copies=(text,), blocks=(Paragraph(text),)
    )
    for found in (of_pdf(pdf(settable(content))), of_word(docx(settable(content)))):
        assert found.count(joined(text)) >= 6


def test_what_the_type_cannot_show_is_marked_and_named() -> None:
    content = dataclasses.replace(LETTER, blocks=(Paragraph("𠮷田\u202e反\x07😀和𠮷"),))
    for found in (of_pdf(pdf(settable(content))), of_word(docx(settable(content)))):
        assert "\u202e" not in found
        said = f"{GETA if ord('𠮷') not in covered() else '𠮷'}田{GETA}反{GETA}{GETA}和"
        assert said in found
        assert all(code in found for code in ("U+202E", "U+0007", "U+1F600"))


def test_all_of_gb_2312_is_shown() -> None:
    characters = []
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            try:
                characters.append(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    assert len(characters) == 6763
    assert all(ord(char) in covered() for char in characters)


def test_what_is_very_long_goes_over_many_pages_and_within_their_margins() -> None:
    long = dataclasses.replace(LETTER, title="长" * 200, blocks=(Paragraph("x" * 2000), Paragraph("长" * 20_000)))
    reader = pypdf.PdfReader(io.BytesIO(pdf(settable(long))))
    assert 30 < len(reader.pages) < 45
    assert joined("".join(page.extract_text() for page in reader.pages)).count("长") == 20_200
    right = 595 - 26 / 25.4 * 72

    begun = [at for _, at in placed(reader.pages[0])]
    assert min(begun) > 0
    assert max(begun) < right


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_set(title: str, text: str) -> None:
    content = dataclasses.replace(
        LETTER,
        title=title,
        addressees=(text,),
        blocks=(Heading(title), Paragraph(text), Table(((text, title),), (1, 1))),
    )
    assert pdf(settable(content)).startswith(b"%PDF-1.7")
    assert docx(settable(content)).startswith(b"PK")
