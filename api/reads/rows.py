"""The rows of a paged list: on the right side of the cursors, in order, each way of finding them served by an index.

What lies beyond a cursor may be more than one range of an index (rows with a value, then those with none), and a text
may be found in two ways; of several values, each has a range. Written as one condition with OR, PostgreSQL would walk
the list from its start. So each way is a page of ids of its own, and the page is read from these.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    any_,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
    union_all,
)

from api.reads.cursors import Ordering

Conditions = list[ColumnElement[bool]]
Way = Callable[[FromClause], Conditions]
Place = Sequence[ColumnElement[Any] | None]
Spread = Callable[[Select[Any], FromClause], Select[Any]]


def number(value: int) -> ColumnElement[int]:
    """A number in the SQL itself: with a parameter as limit PostgreSQL plans anew each time."""
    return literal_column(str(int(value)))


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted: so many rows, after and before the places of two cursors."""

    size: int
    backward: bool
    after: Any
    before: Any


@dataclass(frozen=True, slots=True)
class Rows:
    """A table under a name of its own, the role's scope on it, and what else holds for a list's rows."""

    table: FromClause
    scope: ColumnElement[bool]
    conditions: Conditions

    @property
    def all(self) -> Conditions:
        """Everything that holds for them."""
        return [self.scope, *self.conditions]


@dataclass(frozen=True, slots=True)
class Searched:
    """A text that all rows contain: as a condition, and as the ids of those that do (null: too many to list)."""

    condition: Way
    hits: Callable[[], CTE]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A column that has one of several values in all rows, each value's rows being a range of an index."""

    column: str
    values: ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class ListRows:
    """A list's rows. ``named`` gives the table under a new name with what holds for the rows, but for ``searched``."""

    named: Callable[[], Rows]
    parent: FromClause | None
    ordering: Ordering
    page: Page
    searched: Searched | None = None
    one_of: Sequence[OneOf] = ()

    def read(self, columns: Sequence[Any], rows: Rows, size: int) -> Select[Any]:
        """The page's rows in their order, up to ``size``."""
        ways, found = self._inside(), select(*columns).select_from(rows.table)
        if len(ways) == 1 and self.searched is None and not self.one_of:
            found = found.where(*rows.all, *ways[0](rows.table))
        else:
            # A list, looked up by key: joined with a sub-select, PostgreSQL may walk all of a table beside it.
            ids = self._each(ways, lambda other: self._ids(other, size), self._value_by_value)
            found = found.where(rows.scope, rows.table.c.id == any_(func.array(ids.scalar_subquery())))
        return self._beside(self._ordered(found, rows.table, size))

    def every(self, columns: Sequence[Any], rows: Rows) -> Select[Any]:
        """All rows in their order, whatever the page."""
        text = self.searched.condition(rows.table) if self.searched is not None else []
        found = select(*columns).select_from(rows.table).where(*rows.all, *text)
        return found.order_by(*self.ordering.clauses(rows.table))

    def some(self, most: int) -> Select[Any]:
        """A row for each of up to ``most`` of all the list's rows."""
        if self.searched is None:
            rows = self.named()
            return self._beside(_ones(rows.table, most).where(*rows.all))
        return self._each([everywhere], lambda table: _ones(table, most)).limit(number(most))

    def behind(self) -> ColumnElement[bool]:
        """Whether there are rows on the side that the page does not read towards: at the cursor, or beyond it."""
        place = self.page.before if self.page.backward else self.page.after
        if place is None:
            return false()
        at: Way = lambda table: [self.ordering.at(table, place)]  # noqa: E731 - one of the ways
        ways = [*self._beyond(place, backward=not self.page.backward), at]
        # In order, nearest first, and no EXISTS: that would let PostgreSQL look from the wrong end.
        nearest = self._each(
            ways, lambda table: self._ordered(_ones(table, 1), table, 1, back=True), self._value_by_value
        )
        return self._beside(nearest.limit(number(1))).scalar_subquery().is_not(None)

    # --- ways ---

    def _inside(self) -> list[Way]:
        """The ranges between the cursors; each row of the page is in one of them."""
        after = [everywhere] if self.page.after is None else self._beyond(self.page.after, backward=False)
        before = [everywhere] if self.page.before is None else self._beyond(self.page.before, backward=True)
        return [_both(one, other) for one, other in itertools.product(after, before)]

    def _beyond(self, place: Place, *, backward: bool) -> list[Way]:
        def range_(index: int) -> Way:
            return lambda table: [self.ordering.beyond(table, place, backward=backward)[index]]

        return [range_(index) for index in range(self.ordering.ranges(place, backward=backward))]

    def _each(
        self, ways: Sequence[Way], read: Callable[[FromClause], Select[Any]], spread: Spread | None = None
    ) -> Select[Any]:
        """Rows by each of the ways. With a text, by the hits where they are few, else without them."""
        found = self.searched.hits() if self.searched is not None else None
        parts = []
        for way, text in itertools.product(ways, self._by_text(found)):
            rows = self.named()
            part = read(rows.table).where(*rows.all, *way(rows.table), *text(rows.table))
            parts.append(self._beside(spread(part, rows.table) if spread else part))
        both = union_all(*parts)
        ids = (both if found is None else both.add_cte(found, nest_here=True)).subquery()
        return select(*ids.c)

    def _by_text(self, found: CTE | None) -> list[Way]:
        """PostgreSQL runs the one that applies: the hits are null when they are many."""
        if self.searched is None or found is None:
            return [everywhere]
        ids, contains = select(found.c.ids), self.searched.condition
        # The cast makes it an array: without it the sub-select would be compared row by row.
        return [
            lambda table: [table.c.id == any_(cast(ids.scalar_subquery(), ARRAY(Uuid())))],
            lambda table: [ids.scalar_subquery().is_(None), *contains(table)],
        ]

    @property
    def _value_by_value(self) -> Spread | None:
        """A page of each value's rows: of several values at once PostgreSQL would walk past all others' rows."""
        if not self.one_of:
            return None

        def spread(part: Select[Any], table: FromClause) -> Select[Any]:
            each = [func.unnest(one_of.values).table_valued("value").render_derived() for one_of in self.one_of]
            for one_of, values in zip(self.one_of, each, strict=True):
                part = part.where(table.c[one_of.column] == values.c.value)
            page = part.lateral()
            beside: FromClause = each[0]
            for other in (*each[1:], page):
                beside = beside.join(other, true())
            return select(*page.c).select_from(beside)

        return spread

    # --- helpers ---

    def _ids(self, table: FromClause, size: int) -> Select[Any]:
        return self._ordered(select(table.c.id), table, size)

    def _ordered(self, rows: Select[Any], table: FromClause, size: int, *, back: bool = False) -> Select[Any]:
        return rows.order_by(*self.ordering.clauses(table, backward=self.page.backward != back)).limit(number(size))

    def _beside(self, rows: Select[Any]) -> Select[Any]:
        return rows if self.parent is None else rows.correlate(self.parent)


def everywhere(_: FromClause) -> Conditions:
    """Nothing more is asked."""
    return []


def _both(one: Way, other: Way) -> Way:
    return lambda table: [*one(table), *other(table)]


def _ones(table: FromClause, most: int) -> Select[Any]:
    return select(literal_column("1").label("one")).select_from(table).limit(number(most))
