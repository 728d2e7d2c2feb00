"""From a row's JSON to cells: what people read, in their language, at the clock of China."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from api.exports.columns import Column
from domain.calendar import SHANGHAI
from domain.text import Text

Cell = str | int | float | dt.datetime | dt.date | None
YES, NO = Text("是", "yes"), Text("否", "no")
BETWEEN = Text("、", ", ")


def _moment(value: str) -> dt.datetime:
    return dt.datetime.fromisoformat(value).astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)


READERS: dict[str, Callable[[Any], Cell]] = {
    "DateTime": _moment,
    "Date": dt.date.fromisoformat,
    "Int": int,
    "BigInt": int,
    "Float": float,
}


def reader(columns: Sequence[Column], language: str) -> Callable[[bytes], list[Cell]]:
    """What turns one row's JSON into its cells."""
    readers = [(column.path, _reader(column, language)) for column in columns]

    def read(row: bytes) -> list[Cell]:
        given = orjson.loads(row)
        return [each(_at(given, path)) for path, each in readers]

    return read


def _reader(column: Column, language: str) -> Callable[[Any], Cell]:
    single = _single(column, language)

    def read(value: Any) -> Cell:
        if isinstance(value, list):
            parts = (single(each) for each in value if each is not None)
            return BETWEEN.in_language(language).join(str(part) for part in parts) or None
        return None if value is None else single(value)

    return read


def _single(column: Column, language: str) -> Callable[[Any], Cell]:
    if column.terms is not None:
        terms = {name: term.in_language(language) for name, term in column.terms.items()}
        return lambda value: terms.get(value, value)
    if column.kind == "Boolean":
        yes, no = YES.in_language(language), NO.in_language(language)
        return lambda value: yes if value else no
    return READERS.get(column.kind, str)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if value is None:
            return None
        value = value[step]
    return value
