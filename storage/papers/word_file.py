"""A Word file: its parts in one archive, the same bytes each time (Office Open XML, ECMA-376 part 2)."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import dataclass
from xml.sax.saxutils import escape

from storage.papers.wordml import BODY, PITCH, SIZE, mm, points

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_NAMES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    f'xmlns:r="{_OFFICE}/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
# The earliest time that a zip's member can bear.
_MEMBERS_DATE = (1980, 1, 1, 0, 0, 0)
PICTURE = "picture"
FOOTERS = ("first", "default", "even")


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself."""

    title: str
    author: str
    at: dt.datetime
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A4 with margins in mm; ``footers`` by kind (``FOOTERS``), ``footer`` mm from the sheet's edge, the first page
    being ``number``; ``head`` is the first page's, 30 mm from the edge."""

    top: float
    bottom: float
    left: float
    right: float
    footer: float
    footers: dict[str, str]
    number: int = 1
    head: str = ""

    @property
    def width(self) -> int:
        """Between the margins, in twips."""
        return mm(210) - mm(self.left) - mm(self.right)


def word_file(body: str, page: Page, said: Properties, picture: bytes | None = None) -> bytes:
    """The file of ``body``; ``picture`` is the PNG that it names as ``PICTURE``."""
    parts = {
        "[Content_Types].xml": _types(page),
        "_rels/.rels": _RELATIONS,
        "docProps/core.xml": _core(said),
        "word/document.xml": f"<w:document {_NAMES}><w:body>{body}{_section(page)}</w:body></w:document>",
        "word/_rels/document.xml.rels": _document_relations(page, picture is not None),
        "word/styles.xml": _STYLES,
        "word/settings.xml": _SETTINGS,
        **({"word/header-first.xml": f"<w:hdr {_NAMES}>{page.head}</w:hdr>"} if page.head else {}),
        **{f"word/footer-{kind}.xml": f"<w:ftr {_NAMES}>{each}</w:ftr>" for kind, each in page.footers.items()},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(_member(name), _HEAD + part)
        if picture is not None:
            archive.writestr(_member("word/media/picture.png", zipfile.ZIP_STORED), picture)
    return buffer.getvalue()


def _member(name: str, compression: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _MEMBERS_DATE)
    member.compress_type = compression
    return member


def _types(page: Page) -> str:
    parts = (
        ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
        ("word/document.xml", f"{_WORD}.document.main+xml"),
        ("word/styles.xml", f"{_WORD}.styles+xml"),
        ("word/settings.xml", f"{_WORD}.settings+xml"),
        *((("word/header-first.xml", f"{_WORD}.header+xml"),) if page.head else ()),
        *((f"word/footer-{kind}.xml", f"{_WORD}.footer+xml") for kind in page.footers),
    )
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts)
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
        f"{overrides}</Types>"
    )


def _relations(*related: tuple[str, str, str]) -> str:
    made = (f'<Relationship Id="{id_}" Type="{kind}" Target="{target}"/>' for id_, kind, target in related)
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(made)}</Relationships>'


_RELATIONS = _relations(
    ("document", f"{_OFFICE}/relationships/officeDocument", "word/document.xml"),
    ("core", f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
)


def _document_relations(page: Page, pictured: bool) -> str:
    return _relations(
        ("styles", f"{_OFFICE}/relationships/styles", "styles.xml"),
        ("settings", f"{_OFFICE}/relationships/settings", "settings.xml"),
        *((("head", f"{_OFFICE}/relationships/header", "header-first.xml"),) if page.head else ()),
        *((kind, f"{_OFFICE}/relationships/footer", f"footer-{kind}.xml") for kind in page.footers),
        *(((PICTURE, f"{_OFFICE}/relationships/image", "media/picture.png"),) if pictured else ()),
    )


def _core(said: Properties) -> str:
    at = said.at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    author = escape(said.author)
    return (
        f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(said.title)}</dc:title><dc:creator>{author}</dc:creator>"
        f"<cp:keywords>{escape(said.keywords)}</cp:keywords><cp:lastModifiedBy>{author}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{at}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{at}</dcterms:modified><dc:language>zh-CN</dc:language>'
        "</cp:coreProperties>"
    )


def _section(page: Page) -> str:
    footers = (f'<w:footerReference w:type="{kind}" r:id="{kind}"/>' for kind in page.footers)
    head = '<w:headerReference w:type="first" r:id="head"/>' if page.head else ""
    first = "<w:titlePg/>" if "first" in page.footers else ""
    return (
        f'<w:sectPr>{head}{"".join(footers)}<w:pgSz w:w="{mm(210)}" w:h="{mm(297)}"/>'
        f'<w:pgMar w:top="{mm(page.top)}" w:right="{mm(page.right)}" w:bottom="{mm(page.bottom)}" '
        f'w:left="{mm(page.left)}" w:header="{mm(30)}" w:footer="{mm(page.footer)}" w:gutter="0"/>'
        f'<w:pgNumType w:start="{page.number}"/>'
        f"{first}</w:sectPr>"
    )


_STYLES = (
    f"<w:styles {_NAMES}><w:docDefaults><w:rPrDefault><w:rPr>"
    f'<w:rFonts w:ascii="{BODY}" w:hAnsi="{BODY}" w:eastAsia="{BODY}" w:cs="{BODY}"/>'
    f'<w:sz w:val="{round(SIZE * 2)}"/><w:szCs w:val="{round(SIZE * 2)}"/>'
    '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr>'
    # As in the PDF: nothing between Chinese and digits.
    '<w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
    f'<w:spacing w:after="0" w:line="{points(PITCH)}" w:lineRule="exact"/></w:pPr></w:pPrDefault></w:docDefaults>'
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/></w:style></w:styles>'
)
_SETTINGS = (
    f"<w:settings {_NAMES}><w:evenAndOddHeaders/><w:characterSpacingControl "
    'w:val="compressPunctuation"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>'
)
