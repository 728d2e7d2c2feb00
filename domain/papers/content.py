"""What a paper says (公文内容): one model of its parts, from which both its PDF and its Word file are made.

It is plain data, kept as JSON with the paper from the moment it is issued, so that rendering it again, however much
later, gives the same. Texts are shown as they are: no markup is understood in them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from domain.text import Term


class Layout(Term):
    """The form in which a paper is laid out (版式)."""

    LETTER = "LETTER", "公文信函格式", "an official letter (GB/T 9704-2012, 10.1)"
    REPORT = "REPORT", "报告", "a report: title, sections, signature"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ``level`` 1 is ``一、``, 2 is ``(一)``, 3 is ``1.``; its numbering is in its text."""

    text: str
    level: int = 1
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; line breaks in it begin new ones."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many cells each; with ``header`` the first row, else the first cell of each row, says what is there.

    ``widths`` are shares of the page's width.
    """

    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    header: bool = False
    kind: Literal["table"] = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart (条形图): a bar for each label, as long as its count is to the greatest."""

    title: str
    bars: tuple[tuple[str, int], ...]
    kind: Literal["chart"] = "chart"


Block = Heading | Paragraph | Table | Chart


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is attached (附件), on pages of its own behind the text."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """One paper. ``issuer`` signs it, and heads it where no ``head`` is given (红头); ``day`` is the day it bears,
    ``at`` the moment that its files carry, ``seal_text`` a line below the day; ``template`` of which kind its words
    are, and which version of them.

    ``addressees`` are those it is to (主送), ``copies`` those who get a copy (抄送). With ``code`` it tells how to
    verify it, by number and code.
    """

    layout: Layout
    title: str
    issuer: str
    day: str
    at: dt.datetime
    blocks: tuple[Block, ...]
    number: str | None = None
    addressees: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    copies: tuple[str, ...] = ()
    code: str | None = None
    head: str | None = None
    seal_text: str | None = None
    template: str | None = None


_CONTENT = TypeAdapter(Content)


def stored(content: Content) -> dict[str, Any]:
    """The content as JSON."""
    made: dict[str, Any] = _CONTENT.dump_python(content, mode="json")
    return made


def read(kept: dict[str, Any]) -> Content:
    """The content from its JSON."""
    return _CONTENT.validate_python(kept)
