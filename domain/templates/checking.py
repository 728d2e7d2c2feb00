"""Whether a template can be used: every problem at once, each with its place and remedy."""

from __future__ import annotations

import re

from domain.checks import Checks
from domain.papers.content import Layout
from domain.templates.content import COUNT, PLACEHOLDER, Part, Template
from domain.templates.forms import FORMS, Form, LetterKind

MOST_PARTS, LONGEST_PART, LONGEST_LINE, LONGEST_HEAD, LONGEST_PREFIX = 60, 2000, 200, 40, 30
# A prefix is followed by 〔year〕 and a running number: with digits or brackets of its own two series could meet.
PREFIX = re.compile(r"[^\s\d〔〕\[\]()()]+")


def check_template(checks: Checks, kind: LetterKind, given: Template) -> Template:
    """``given`` without surrounding blanks; what is wrong with it goes to ``checks``."""
    form = FORMS[kind]
    made = Template(
        title=checks.text(given.title, "template.title", required=True, limit=LONGEST_LINE) or "",
        signer=checks.text(given.signer, "template.signer", required=True, limit=LONGEST_LINE) or "",
        head=checks.text(given.head, "template.head", required=_is_letter(form), limit=LONGEST_HEAD),
        number_prefix=checks.text(
            given.number_prefix, "template.numberPrefix", required=_is_numbered(form), limit=LONGEST_PREFIX
        ),
        seal_text=checks.text(given.seal_text, "template.sealText", limit=LONGEST_LINE),
        parts=tuple(
            Part(
                checks.text(part.text, f"template.parts.{at}.text", required=True, limit=LONGEST_PART) or "", part.style
            )
            for at, part in enumerate(given.parts[:MOST_PARTS])
        ),
    )
    if len(given.parts) > MOST_PARTS:
        checks.wrong("template.parts", f"最多 {MOST_PARTS} 段。", f"At most {MOST_PARTS} parts.")
    if made.head and not _is_letter(form):
        checks.wrong("template.head", "该种公文没有红头,请删去。", "This kind of paper has no red head: leave it out.")
    _check_prefix(checks, form, made.number_prefix)
    single = (
        ("title", made.title),
        ("signer", made.signer),
        ("head", made.head or ""),
        ("sealText", made.seal_text or ""),
    )
    for name, text in single:
        _check_names(checks, form, f"template.{name}", text, values_only=True)
    for at, part in enumerate(made.parts):
        _check_names(checks, form, f"template.parts.{at}.text", part.text)
    _check_required(checks, form, made)
    return made


def _is_letter(form: Form) -> bool:
    return form.layout is Layout.LETTER


def _is_numbered(form: Form) -> bool:
    return form.template.number_prefix is not None


def _check_prefix(checks: Checks, form: Form, prefix: str | None) -> None:
    if prefix is None:
        return
    if not _is_numbered(form):
        checks.wrong(
            "template.numberPrefix",
            "该种公文不另编文号,请删去机关代字。",
            "This kind of paper has no number of the office's own: leave the prefix out.",
        )
    elif not PREFIX.fullmatch(prefix.replace("{city}", "")):
        checks.wrong(
            "template.numberPrefix",
            "机关代字只写年份之前的文字,不含数字、括号和空格;可用 {city}。例如 {city}信息办备复。",
            "The prefix is what stands before the year, without digits, brackets and blanks; it may name {city}. "
            "For example {city}信息办备复.",
        )


def _check_names(checks: Checks, form: Form, field: str, text: str, *, values_only: bool = False) -> None:
    """Only known placeholders, and a block by itself."""
    names = PLACEHOLDER.findall(text)
    if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
        checks.wrong(field, "花括号须成对,内写占位符名。", "Braces go in pairs, around a placeholder's name.")
    for name in dict.fromkeys(names):
        known = form.placeholders.get(name)
        if name == COUNT and not values_only:
            continue
        if known is None or (known.block and values_only):
            able = "、".join(f"{{{each}}}" for each, it in form.placeholders.items() if not (values_only and it.block))
            checks.wrong(
                field,
                f"此处没有占位符 {{{name}}}。可用:{able}。",
                f"There is no placeholder {{{name}}} here. Use {able}.",
            )
        elif known.block and text != f"{{{name}}}":
            checks.wrong(
                field,
                f"{{{name}}} 是图表或多段内容,须独占一段。",
                f"{{{name}}} stands for blocks: give it a part of its own.",
            )


def _check_required(checks: Checks, form: Form, made: Template) -> None:
    named = {name for text in (made.title, *(part.text for part in made.parts)) for name in PLACEHOLDER.findall(text)}
    for name, each in form.placeholders.items():
        if each.required and name not in named:
            checks.wrong(
                "template.parts",
                f"正文须包含 {{{name}}}({each.says.zh})。",
                f"The text has to contain {{{name}}} ({each.says.en}).",
            )
