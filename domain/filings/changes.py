"""Two versions of a filing, place by place (版本比较): what was said before, what is said now, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel

from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm, Table
from domain.filings.labels import LABELS, label
from domain.text import Term, Text

NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Version:
    """A filing as it is, or as it was handed in; documents are ``{"kind", "filename", "sha256"}``."""

    form: Mapping[str, Any]
    documents: Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Change:
    """One place of which two versions say different things; what is empty was not answered."""

    path: str
    label: Text
    before: Text
    after: Text


def changes(before: Version, after: Version) -> list[Change]:
    """Every place at which the versions differ, in the form's order, documents last."""
    old, new = _places(before), _places(after)
    return [
        Change(path, label(path), old.get(path, NOTHING), new.get(path, NOTHING))
        for path in LABELS
        if old.get(path, NOTHING) != new.get(path, NOTHING)
    ]


def _places(version: Version) -> dict[str, Text]:
    """What a version says at each place that it answers."""
    form = FilingForm.model_validate(version.form)
    said = {
        path: words
        for name in ("unit", "system", "grading")
        for path, words in _of_table(getattr(form, name), name)
        if words != NOTHING
    }
    for each in version.documents:
        kind = DocumentKind[each["kind"]].value
        # Two files of one name are told apart by their digests.
        words = f"{each['filename']} (SHA-256 {each['sha256'][:12]}…)"
        former = said.get(kind)
        said[kind] = Text(words, words) if former is None else _joined([former, Text(words, words)])
    return said


def _of_table(table: Table, path: str) -> Iterator[tuple[str, Text]]:
    for name in type(table).model_fields:
        value = getattr(table, name)
        place = f"{path}.{to_camel(name)}"
        if isinstance(value, Table):
            yield from _of_table(value, place)
        else:
            yield place, _words(value)


def _words(value: Any) -> Text:
    """An answer in words."""
    match value:
        case None | []:
            return NOTHING
        case Term():
            return Text(value.zh, value.en)
        case bool():
            return Text("是", "yes") if value else Text("否", "no")
        case dt.date():
            return Text(value.isoformat(), value.isoformat())
        case list():
            return _joined([_words(each) for each in value])
        case Table():
            return _row(value)
    return Text(str(value), str(value))


def _row(row: Table) -> Text:
    """A row of a list: its answers with their columns' names, its kind first."""
    zh, en = [], []
    for name, field in type(row).model_fields.items():
        words = _words(getattr(row, name))
        if words != NOTHING:
            column_zh, _, column_en = (field.description or name).partition(" / ")
            zh.append(words.zh if name == "kind" else f"{column_zh} {words.zh}")
            en.append(words.en if name == "kind" else f"{column_en} {words.en}")
    return Text(",".join(zh), ", ".join(en))


def _joined(parts: list[Text]) -> Text:
    return Text(";".join(part.zh for part in parts), "; ".join(part.en for part in parts))
