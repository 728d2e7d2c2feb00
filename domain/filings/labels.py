"""What the form prints beside each of its places, in both languages, by the paths that the API shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic.alias_generators import to_camel

from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm, Table
from domain.filings.missing import PARTS, TABLES
from domain.text import Text


def _of_table(table: type[Table], path: str, within: Text) -> Iterator[tuple[str, Text]]:
    for name, field in table.model_fields.items():
        zh, _, en = (field.description or name).partition(" / ")
        part = PARTS.get(f"{path}.{name}")
        if part is not None:
            yield from _of_table(part, f"{path}.{name}", Text(f"{within.zh}{zh}的", f"{within.en}{en}: "))
        else:
            shown = ".".join(to_camel(step) for step in f"{path}.{name}".split("."))
            yield shown, Text(within.zh + zh, within.en + en)


def _all() -> Iterator[tuple[str, Text]]:
    for name, printed in TABLES.items():
        table = FilingForm.model_fields[name].annotation
        assert isinstance(table, type)  # noqa: S101 - the form's three tables
        yield from _of_table(table, name, printed)
    for kind in DocumentKind:
        yield kind.value, Text(kind.zh, kind.en)


LABELS: Mapping[str, Text] = dict(_all())


def label(item: str) -> Text:
    """The words for a place of the form or a kind of document; anything else is its own words."""
    return LABELS.get(item) or Text(item, item)
