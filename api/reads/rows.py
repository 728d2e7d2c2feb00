"""The rows of a paged list: on the right side of the cursors, in order, each way of finding them served by an index.

What lies beyond a cursor may be more than one range of an index (rows with a value, then those with none), and a text
may be found in two ways. Written as one condition with OR, PostgreSQL would walk the list from its start. So each
way is a page of ids of its own, and the page is read from these.
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
    literal_column,
    select,
    union_all,
)

from api.reads.cursors import Ordering

Conditions = list[ColumnElement[bool]]
Way = Callable[[FromClause], Conditions]
Place = Sequence[ColumnElement[Any] | None]


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
class ListRows:
    """A list's rows. ``named`` gives the table under a new name, and what holds for the rows: scope and filters."""

    named: Callable[[], tuple[FromClause, Conditions]]
    parent: FromClause | None
    ordering: Ordering
    page: Page
    hits: Callable[[], CTE] | None = None

    def read(self, columns: Sequence[Any], table: FromClause, where: Conditions, size: int) -> Select[Any]:
        """The page's rows in their order, up to ``size``."""
        rows = select(*columns).select_from(table).where(*where)
        ways = self._inside()
        if len(ways) == 1 and self.hits is None:
            rows = rows.where(*ways[0](table))
        else:
            rows = rows.where(table.c.id.in_(self._each(ways, lambda other: self._ids(other, size))))
        return self._beside(self._ordered(rows, table, size))

    def some(self, most: int) -> Select[Any]:
        """A row for each of up to ``most`` of all the list's rows."""
        if self.hits is None:
            table, where = self.named()
            return self._beside(_ones(table, most).where(*where))
        return self._each([_everywhere], lambda table: _ones(table, most)).limit(number(most))

    def behind(self) -> ColumnElement[bool]:
        """Whether there are rows on the side that the page does not read towards: at the cursor, or beyond it."""
        place = self.page.before if self.page.backward else self.page.after
        if place is None:
            return false()
        at: Way = lambda table: [self.ordering.at(table, place)]  # noqa: E731 - one of the ways
        ways = [*self._beyond(place, backward=not self.page.backward), at]
        # In order, nearest first, and no EXISTS: that would let PostgreSQL look from the wrong end.
        nearest = self._each(ways, lambda table: self._ordered(_ones(table, 1), table, 1, back=True))
        return self._beside(nearest.limit(number(1))).scalar_subquery().is_not(None)

    # --- ways ---

    def _inside(self) -> list[Way]:
        """The ranges between the cursors; each row of the page is in one of them."""
        after = [_everywhere] if self.page.after is None else self._beyond(self.page.after, backward=False)
        before = [_everywhere] if self.page.before is None else self._beyond(self.page.before, backward=True)
        return [_both(one, other) for one, other in itertools.product(after, before)]

    def _beyond(self, place: Place, *, backward: bool) -> list[Way]:
        def range_(index: int) -> Way:
            return lambda table: [self.ordering.beyond(table, place, backward=backward)[index]]

        return [range_(index) for index in range(self.ordering.ranges(place, backward=backward))]

    def _each(self, ways: Sequence[Way], rows: Callable[[FromClause], Select[Any]]) -> Select[Any]:
        """Rows by each of the ways. With a text, by the hits where they are few, else without them."""
        found = self.hits() if self.hits is not None else None
        parts = []
        for way, text in itertools.product(ways, _by_text(found)):
            table, where = self.named()
            parts.append(self._beside(rows(table).where(*where, *way(table), *text(table))))
        both = union_all(*parts)
        ids = (both if found is None else both.add_cte(found, nest_here=True)).subquery()
        return select(*ids.c)

    # --- helpers ---

    def _ids(self, table: FromClause, size: int) -> Select[Any]:
        return self._ordered(select(table.c.id), table, size)

    def _ordered(self, rows: Select[Any], table: FromClause, size: int, *, back: bool = False) -> Select[Any]:
        return rows.order_by(*self.ordering.clauses(table, backward=self.page.backward != back)).limit(number(size))

    def _beside(self, rows: Select[Any]) -> Select[Any]:
        return rows if self.parent is None else rows.correlate(self.parent)


def _everywhere(_: FromClause) -> Conditions:
    return []


def _both(one: Way, other: Way) -> Way:
    return lambda table: [*one(table), *other(table)]


def _by_text(found: CTE | None) -> list[Way]:
    """PostgreSQL runs the one that applies: the hits are null when they are many."""
    if found is None:
        return [_everywhere]
    ids = select(found.c.ids)
    # The cast makes it an array: without it the sub-select would be compared row by row.
    return [
        lambda table: [table.c.id == any_(cast(ids.scalar_subquery(), ARRAY(Uuid())))],
        lambda _: [ids.scalar_subquery().is_(None)],
    ]


def _ones(table: FromClause, most: int) -> Select[Any]:
    return select(literal_column("1").label("one")).select_from(table).limit(number(most))
