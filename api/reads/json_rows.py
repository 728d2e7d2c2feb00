"""Rows as JSON, written as they are given.

SQLAlchemy works out of every SELECT what it reads from, what it takes from those around it and how its columns are
called, which took most of the time in which an operation is compiled. Of the SELECTs that make objects all that is
known: they are written in one piece (``visit_…`` in `plan.py`). What stands in them is SQLAlchemy's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, FromClause, Select
from sqlalchemy.dialects.postgresql import JSON

Columns = Mapping[str, ColumnElement[Any]]
_JSON = JSON()
# PostgreSQL would take a column of this name before the row: it has a character that no response key has.
ROW = "row$"


@dataclass(eq=False)
class PlainSelect(ClauseElement):
    """Named columns of one table's rows; of a single row without a table where ``table`` is None."""

    __visit_name__ = "plain_select"
    inherit_cache = False

    columns: Columns
    table: FromClause | None = None
    where: Sequence[ColumnElement[bool]] = ()
    order: Sequence[ColumnElement[Any]] = ()
    limit: int | None = None


class RowsAsJson(ColumnElement[Any]):
    """Rows as a JSON array of objects in their order; not ``listed``: the one that there is, null without it."""

    __visit_name__ = "rows_as_json"
    inherit_cache = False

    def __init__(self, rows: Select[Any] | PlainSelect, *, listed: bool) -> None:
        self.rows = rows
        self.listed = listed
        self.type = _JSON

    @property
    def value(self) -> str:
        """What becomes of the rows."""
        return f"coalesce(json_agg({ROW}), '[]'::json)" if self.listed else f"row_to_json({ROW})"


def labelled(columns: Columns) -> list[ColumnElement[Any]]:
    """Named columns as SQLAlchemy's own SELECT takes them."""
    return [column.label(name) for name, column in columns.items()]
