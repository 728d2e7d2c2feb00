"""Filters: from the argument ``filter`` to a condition on a table's rows.

Fields of one filter hold together; ``and``, ``or`` and ``not`` combine filters; the name of a relation asks for a row
that it points to, that the caller can see, and that its own filter matches. ``not`` is the complement: what the filter
does not match, also where a column is null or a related row is out of sight. So a filter never says more than reading
does. A column that is hidden from the role is refused wherever it is named: matching nothing would tell, under ``not``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, false, literal_column, or_, select, true

from api.http.errors import Code, request_error
from api.http.limits import refusal
from api.reads.arguments import expanded
from api.reads.listings import LISTINGS, Filter, Listing, Relation
from api.reads.sources import registry
from domain.text import Text

if TYPE_CHECKING:
    from api.reads.compiler import Compiler

Rows = Callable[[FromClause], ColumnElement[bool]]
DEPTH = 7
CONDITIONS = 100


@dataclass(slots=True)
class FilterCompiler:
    """Compiles the filter of one list."""

    compiler: Compiler
    conditions: int = 0
    # What all of the rows have to have, where it is asked for: a text, and one of several values of a column.
    searched: tuple[Filter, ColumnElement[Any]] | None = None
    listed: tuple[Filter, ColumnElement[Any]] | None = None

    def rows(self, listing: Listing, given: Any) -> Rows | None:
        """The rows that the argument ``given`` asks for, None for all. Raises: RequestError.

        A text that all of them have to contain is left to whoever reads them (``searched``).
        """
        given = expanded(given, self.compiler.trace)
        return None if given.is_null(self.compiler.trace) else self._filter(listing, given, "filter", 0)

    def _filter(self, listing: Listing, given: Any, path: str, depth: int) -> Rows:
        """All conditions of one filter; ``path`` names it to the client."""
        if depth > DEPTH:
            raise refusal("filterDepth", depth, DEPTH, Text("筛选条件嵌套层数", "levels of nested filters"))
        found = [
            self._offered(listing, offered, given.get(offered.name), f"{path}.{offered.name}", depth)
            for offered in listing.filters.values()
            if not given.get(offered.name).is_null(self.compiler.trace)
        ]
        for name, combine in (("and", _all), ("or", _any)):
            parts = given.get(name)
            if not parts.is_null(self.compiler.trace):
                each = enumerate(parts.items(self.compiler.trace))
                rows = [self._filter(listing, part, f"{path}.{name}.{index}", depth + 1) for index, part in each]
                found.append(combine(rows))
        if not given.get("not").is_null(self.compiler.trace):
            found.append(_not(self._filter(listing, given.get("not"), f"{path}.not", depth + 1)))
        return _all(found)

    def _offered(self, listing: Listing, offered: Filter | Relation, given: Any, path: str, depth: int) -> Rows:
        self.conditions += 1
        if self.conditions > CONDITIONS:
            raise refusal("filterConditions", self.conditions, CONDITIONS, Text("筛选条件数", "conditions in a filter"))
        if self.compiler.is_hidden(listing.model.__table__, offered.needs):
            raise hidden_argument(path)
        if isinstance(offered, Relation):
            return self._related(offered, self._filter(LISTINGS[offered.target], given, path, depth + 1))
        if offered.chosen:
            chosen = offered.convert(self.compiler.structural(given))
            return lambda table: offered.condition(table, chosen)
        value = self.compiler.bind(given, offered.type_, offered.convert, path)
        if offered.search and depth == 0:
            self.searched = offered, value
            return lambda _: true()
        if offered.each and depth == 0:
            self.listed = offered, value
        return lambda table: offered.condition(table, value)

    def _related(self, relation: Relation, matches: Rows) -> Rows:
        def rows(table: FromClause) -> ColumnElement[bool]:
            other, seen = self.compiler.rows_of(registry.by_type[relation.target])
            found: Select[Any] = select(literal_column("1")).select_from(other)
            return exists(found.where(seen, other.c.id == table.c[relation.key], matches(other)).correlate(table))

        return rows


def hidden_argument(path: str) -> Exception:
    """A filter or an ordering by what the role cannot see: the same answer wherever it stands."""
    return request_error(
        Code.BAD_USER_INPUT,
        "此项对您的角色不可见,不能据以筛选或排序。请去掉该条件。",
        "Your role cannot see this, and cannot filter or order by it. Leave it out.",
        argument=path,
    )


def _all(parts: Sequence[Rows]) -> Rows:
    return lambda table: and_(true(), *(part(table) for part in parts))


def _any(parts: Sequence[Rows]) -> Rows:
    return lambda table: or_(false(), *(part(table) for part in parts))


def _not(part: Rows) -> Rows:
    return lambda table: part(table).is_not(True)
