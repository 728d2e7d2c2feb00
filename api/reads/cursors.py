"""Keyset cursors: a row's place in an ordering, written by SQL, read back here.

A page continues after the values of the last row rather than after a number of rows: it stays right while rows are
added, and costs the same however far it goes. PostgreSQL's own order of nulls is kept (they count as the greatest),
so that every ordering is an index read forwards or backwards.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, FromClause, String, Text, and_, cast, false, func, literal, or_, tuple_

from api.http.errors import Code, request_error

MAX_CURSOR = 2000
READERS: dict[type, Callable[[Any], Any]] = {
    dt.datetime: dt.datetime.fromisoformat,
    dt.date: dt.date.fromisoformat,
    UUID: UUID,
    str: str,
    int: int,
    bool: bool,
}


@dataclass(frozen=True, slots=True)
class Term:
    """One column of an ordering."""

    column: str
    descending: bool
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Ordering:
    """What a list is ordered by; the last term is always the id, so that no two rows are equal."""

    terms: tuple[Term, ...]

    @property
    def signature(self) -> str:
        """Names the ordering in its cursors: a cursor of another ordering is refused."""
        return ",".join(("-" if term.descending else "") + term.column for term in self.terms)

    def clauses(self, table: FromClause, *, backward: bool = False) -> list[ColumnElement[Any]]:
        """The ORDER BY, for reading backwards with every direction turned round."""
        return [
            table.c[term.column].desc() if term.descending != backward else table.c[term.column].asc()
            for term in self.terms
        ]

    def cursor(self, table: FromClause) -> ColumnElement[Any]:
        """The row's cursor: base64url of a JSON array, made by PostgreSQL."""
        values = func.json_build_array(literal(self.signature, Text()), *(table.c[t.column] for t in self.terms))
        encoded = func.encode(func.convert_to(cast(values, Text()), "UTF8"), "base64")
        return func.translate(encoded, "+/\n", "-_", type_=String())

    def ranges(self, values: Sequence[ColumnElement[Any] | None], *, backward: bool) -> int:
        """How many ranges of an index lie beyond the place with these values; known from its nulls alone."""
        first = self.terms[0]
        down = first.descending != backward
        return 2 if (down if values[0] is None else first.nullable and not down) else 1

    def beyond(
        self, table: FromClause, values: Sequence[ColumnElement[Any] | None], *, backward: bool
    ) -> list[ColumnElement[bool]]:
        """The rows after (``backward``: before) the place with these values, as ranges of an index that leads with the
        first column; None stands for null, and nulls count as the greatest.
        """
        downs = [term.descending != backward for term in self.terms]
        column, value, down = table.c[self.terms[0].column], values[0], downs[0]
        if value is None:
            further = and_(column.is_(None), self._further(table, values, downs, 1))
            return [further, column.is_not(None)] if down else [further]
        if len(set(downs)) == 1 and not any(term.nullable for term in self.terms[1:]):
            place, here = tuple_(*(table.c[term.column] for term in self.terms)), tuple_(*values)
            found = place < here if down else place > here
        else:
            # The first comparison follows from the second, and is what an index can begin at.
            found = and_(column <= value if down else column >= value, self._further(table, values, downs, 0))
        return [found, column.is_(None)] if self.terms[0].nullable and not down else [found]

    def at(self, table: FromClause, values: Sequence[ColumnElement[Any] | None]) -> ColumnElement[bool]:
        """The row at the place itself."""
        return and_(*(_equal(table.c[term.column], value) for term, value in zip(self.terms, values, strict=True)))

    def _further(
        self,
        table: FromClause,
        values: Sequence[ColumnElement[Any] | None],
        downs: Sequence[bool],
        start: int,
    ) -> ColumnElement[bool]:
        """Column by column from ``start``: equal so far, and further on in this one."""
        chances: list[ColumnElement[bool]] = []
        equal: list[ColumnElement[bool]] = []
        for term, value, down in list(zip(self.terms, values, downs, strict=True))[start:]:
            column = table.c[term.column]
            chances.append(and_(*equal, _beyond(column, value, down, term.nullable)))
            equal.append(_equal(column, value))
        return or_(*chances)


def _equal(column: ColumnElement[Any], value: ColumnElement[Any] | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value


def _beyond(
    column: ColumnElement[Any], value: ColumnElement[Any] | None, down: bool, nullable: bool
) -> ColumnElement[bool]:
    if value is None:
        return column.is_not(None) if down else false()
    if down:
        return column < value
    return or_(column > value, column.is_(None)) if nullable else column > value


def nulls_of(cursor: Any) -> tuple[bool, ...] | None:
    """The question which of a cursor's values are null; None for what is no cursor."""
    values = _decode(cursor)
    return None if values is None else tuple(value is None for value in values[1:])


def value_of(signature: str, index: int, kind: type, cursor: Any) -> Any:
    """One value of a cursor. Raises: RequestError(BAD_USER_INPUT) for a cursor of another list or ordering."""
    values = _decode(cursor)
    if values is None or values[0] != signature:
        raise bad_cursor()
    value = values[1 + index]
    if value is None:
        return None
    try:
        return READERS[kind](value)
    except (TypeError, ValueError):
        raise bad_cursor() from None


def bad_cursor(**facts: str) -> Exception:
    """A cursor that was not given out for this list and ordering."""
    return request_error(
        Code.BAD_USER_INPUT,
        "游标无效,或属于另一种排序。请使用同一列表、同一排序返回的游标,或从头开始。",
        "The cursor is not one of this list in this order. Use a cursor that it gave, or start again without one.",
        **facts,
    )


def _decode(cursor: Any) -> list[Any] | None:
    if not isinstance(cursor, str) or len(cursor) > MAX_CURSOR:
        return None
    try:
        values = orjson.loads(base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return values if isinstance(values, list) and values and isinstance(values[0], str) else None
