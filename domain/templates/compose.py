"""A paper's content from its template and the facts of its subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.calendar import local_date
from domain.papers.chinese import numeral, official_date
from domain.papers.content import Attachment, Block, Content, Heading, Paragraph, Table
from domain.templates.content import COUNT, PLACEHOLDER, Chosen, Part, PartStyle
from domain.templates.forms import FORMS, Form, LetterKind


@dataclass(frozen=True, slots=True)
class Facts:
    """What the platform knows: ``values`` and ``blocks`` by their placeholders, and what no template decides."""

    at: dt.datetime
    values: Mapping[str, str]
    blocks: Mapping[str, Sequence[Block]] = field(default_factory=dict)
    number: str | None = None
    code: str | None = None
    addressees: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def compose(kind: LetterKind, chosen: Chosen, facts: Facts) -> Content:
    """The paper that says ``facts`` in the words of ``chosen``."""
    template, form = chosen.template, FORMS[kind]
    return Content(
        layout=form.layout,
        title=filled(template.title, facts.values),
        issuer=filled(template.signer, facts.values),
        head=filled(template.head, facts.values) if template.head else None,
        seal_text=template.seal_text,
        day=official_date(local_date(facts.at)),
        at=facts.at,
        number=facts.number,
        code=facts.code,
        addressees=facts.addressees,
        copies=facts.copies,
        attachments=facts.attachments,
        blocks=tuple(_blocks(form, template.parts, facts)),
        template=f"{kind}/{chosen.version}",
    )


def filled(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced, once: what is put in is not looked into."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def sample_facts(kind: LetterKind, at: dt.datetime, number: str | None) -> Facts:
    """Facts of nobody, for previews."""
    form = FORMS[kind]
    known = form.placeholders.items()
    return Facts(
        at=at,
        values={name: each.sample for name, each in known if not each.block},
        blocks={
            name: (Table((("样例", "内容"), (each.says.zh, each.sample)), (1, 2), header=True),)
            for name, each in known
            if each.block
        },
        number=number,
        code="SAMPLE234567",
        addressees=("某市财政局",),
    )


def _blocks(form: Form, parts: Sequence[Part], facts: Facts) -> Iterator[Block]:
    printed, heading = 0, None
    for part in parts:
        if part.style is PartStyle.HEADING:
            heading = part
            continue
        made = _part(form, part, facts)
        if made is None:
            continue
        if heading is not None:
            printed += COUNT in _names(heading)
            yield Heading(_counted(heading, facts, printed))
            heading = None
        if isinstance(made, str):
            printed += COUNT in _names(part)
            yield Paragraph(_counted(part, facts, printed))
        else:
            yield from made


def _part(form: Form, part: Part, facts: Facts) -> str | Sequence[Block] | None:
    """What a part has to say, None for nothing."""
    names = _names(part)
    block = next((name for name in names if name != COUNT and form.placeholders[name].block), None)
    if block is not None:
        return facts.blocks[block] or None
    drops = (name for name in names if name != COUNT and form.placeholders[name].drops)
    return None if any(not facts.values[name] for name in drops) else part.text


def _counted(part: Part, facts: Facts, count: int) -> str:
    values = {**facts.values, COUNT: numeral(count)} if count else facts.values
    return filled(part.text, values)


def _names(part: Part) -> list[str]:
    return PLACEHOLDER.findall(part.text)
