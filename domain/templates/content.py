"""What a template (公文模板) is: texts with named placeholders, and nothing that is executed.

A placeholder ``{unit}`` is replaced by what the platform knows; what is put in is not looked into again. ``{n}``
counts (一, 二, …) the parts that are printed. A part whose placeholder has nothing to say is left out where its form
says so, a heading without anything below it always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from domain.text import Term, Text

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
COUNT = "n"


class PartStyle(Term):
    """How a part of the text is set (段落样式)."""

    HEADING = "HEADING", "标题", "a heading"
    PARAGRAPH = "PARAGRAPH", "正文", "a paragraph; line breaks begin new ones"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the text."""

    text: str
    style: PartStyle = PartStyle.PARAGRAPH


@dataclass(frozen=True, slots=True)
class Template:
    """The words of one kind of paper.

    ``head`` is the red head (红头), of letters only; ``number_prefix`` the issuer's abbreviation (机关代字) before the
    year, None where the number is not the office's own; ``signer`` who signs (落款); ``seal_text`` a line below the day
    that speaks of the seal.
    """

    title: str
    parts: tuple[Part, ...]
    signer: str = "{office}"
    head: str | None = None
    number_prefix: str | None = None
    seal_text: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """The template that holds, and which version it is; 0: the platform's own, never replaced."""

    template: Template
    version: int = 0


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a template may name, and an example for previews.

    ``required``: a template has to name it, as the paper would say too little without. ``drops``: it may have nothing
    to say, and its part is then left out. ``block``: tables, charts or several paragraphs, which stand by themselves.
    """

    says: Text
    sample: str
    required: bool = False
    drops: bool = False
    block: bool = False


_TEMPLATE = TypeAdapter(Template)


def stored(template: Template) -> dict[str, Any]:
    """The template as JSON."""
    made: dict[str, Any] = _TEMPLATE.dump_python(template, mode="json")
    return made


def read(kept: dict[str, Any]) -> Template:
    """The template from its JSON."""
    return _TEMPLATE.validate_python(kept)
