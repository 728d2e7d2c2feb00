"""Connections (Relay): a page of rows, its edges, what lies around it, and how many there are, as one SELECT.

Only what is selected is computed. A plain ``nodes`` is the quick way; edges and page information number the page's
rows once and gather everything from them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    String,
    Text,
    func,
    literal,
    literal_column,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.dialects.postgresql import aggregate_order_by as ordered_by

from api.http.errors import Code, request_error
from api.reads.arguments import Fields, arguments_of
from api.reads.cursors import Ordering, Term, bad_cursor, nulls_of, value_of
from api.reads.filters import FilterCompiler, hidden_argument
from api.reads.json_rows import PlainSelect, labelled
from api.reads.rows import ListRows, OneOf, Page, Rows, Searched, Way, everywhere, number
from api.reads.search import hits
from api.reads.selections import Selected
from api.reads.sources import Connection, EntityType, registry
from authz.scopes import reached_by
from domain.search.entities import SEARCHED

if TYPE_CHECKING:
    from api.reads.compiler import Compiler


DEFAULT_SIZE = 20
MAX_COUNT = 100_000
MAX_ORDERS = 4
EMPTY: ColumnElement[Any] = literal_column("'[]'::json")


class ConnectionCompiler:
    """Compiles one connection field."""

    def __init__(
        self,
        compiler: Compiler,
        definition: GraphQLField,
        source: Connection,
        nodes: list[FieldNode],
        parent: FromClause | None,
    ) -> None:
        self._compiler = compiler
        self._source = source
        self._parent = parent
        self._type = _object(definition.type)
        self._node_type = _object(self._type.fields["nodes"].type)
        self._entity: EntityType = registry.by_type[self._node_type.name]
        self._selected = compiler.selections.of(self._type, nodes)
        self._arguments = Fields({**arguments_of(nodes[0]).fields, **compiler.passed})
        self._page = self._read_page()
        self._ordering = self._read_order()
        filters = FilterCompiler(compiler)
        self._matches = filters.rows(source.listing, self._arguments.get("filter"))
        self._text, found = self._searched(filters)
        self._list = ListRows(self._rows, parent, self._ordering, self._page, found, self._one_of(filters))

    def value(self) -> ColumnElement[Any]:
        """The connection as a JSON object."""
        names = [nodes[0].name.value for nodes in self._selected.values()]
        # A count, or what lies around the page, shows none of its rows, and costs as one.
        shown = self._page.size if {"nodes", "edges"} & set(names) else 1
        with self._compiler.times(shown), self._compiler.passing({}):
            if not self._page.backward and names.count("nodes") <= 1 and not {"edges", "pageInfo"} & set(names):
                return self._plain()
            return self._numbered()

    def every(self, nodes: list[FieldNode]) -> Select[Any]:
        """All of the list's rows, whatever the page: each as one JSON object with what ``nodes`` select of it."""
        rows = self._rows()
        return self._list.every([self._compiler.row(self._node_type, nodes, rows.table)], rows)

    # --- the quick way ---

    def _plain(self) -> ColumnElement[Any]:
        columns = {}
        for key, nodes in self._selected.items():
            make = self._nodes if nodes[0].name.value == "nodes" else self._summary
            columns[key] = self._compiler.within(key, make, nodes)
        return self._compiler.object_of(PlainSelect(columns))

    def _nodes(self, nodes: list[FieldNode]) -> ColumnElement[Any]:
        rows = self._rows()
        made = labelled(self._compiler.columns_of(self._node_type, nodes, rows.table))
        return self._compiler.list_of(self._list.read(made, rows, self._page.size))

    # --- with edges or page information ---

    def _numbered(self) -> ColumnElement[Any]:
        rows = self._rows()
        table = rows.table
        order = self._ordering.clauses(table, backward=self._page.backward)
        columns: list[Any] = [
            func.row_number().over(order_by=order).label("position"),
            self._ordering.cursor(table).label("cursor"),
        ]
        gathered: dict[str, Any] = {}
        for key, nodes in self._selected.items():
            gathered[key] = self._compiler.within(key, self._gather, nodes, table, columns)
        # One more than asked for tells whether there is a next page.
        page = self._list.read(columns, rows, self._page.size + 1).subquery()
        made = [(build(page) if callable(build) else build).label(key) for key, build in gathered.items()]
        # HAVING makes it one row whatever is selected: counts alone would be repeated for every row of the page.
        return self._compiler.object_of(self._beside(select(*made).select_from(page).having(literal_column("true"))))

    def _gather(self, nodes: list[FieldNode], table: FromClause, columns: list[Any]) -> Any:
        """What one selected field becomes: a function of the page, after its columns were added to it."""
        match nodes[0].name.value:
            case "nodes":
                name = self._add(self._compiler.row(self._node_type, nodes, table), columns)
                return lambda page: self._listed(page, page.c[name])
            case "edges":
                return self._edges(nodes, table, columns)
            case "pageInfo":
                type_ = _object(self._type.fields["pageInfo"].type)
                return self._page_info(type_, self._compiler.selections.of(type_, nodes))
            case _:
                return self._summary(nodes)

    def _edges(self, nodes: list[FieldNode], table: FromClause, columns: list[Any]) -> Any:
        type_ = _object(self._type.fields["edges"].type)
        parts: dict[str, str | None] = {}
        for key, selected in self._compiler.selections.of(type_, nodes).items():
            name = selected[0].name.value
            if name == "node":
                made = self._compiler.within(key, self._compiler.row, self._node_type, selected, table)
                parts[key] = self._add(made, columns)
            else:
                parts[key] = "cursor" if name == "cursor" else None

        def build(page: FromClause) -> ColumnElement[Any]:
            values = [
                (literal(type_.name, Text()) if name is None else page.c[name]).label(key)
                for key, name in parts.items()
            ]
            return self._listed(page, self._compiler.object_of(select(*values).correlate(page)))

        return build

    @staticmethod
    def _add(value: ColumnElement[Any], columns: list[Any]) -> str:
        name = f"node{len(columns)}"
        columns.append(value.label(name))
        return name

    def _listed(self, page: FromClause, value: ColumnElement[Any]) -> ColumnElement[Any]:
        position = page.c.position.desc() if self._page.backward else page.c.position.asc()
        gathered = func.json_agg(ordered_by(value, position)).filter(page.c.position <= number(self._page.size))
        return type_coerce(func.coalesce(gathered, EMPTY), JSON())

    def _page_info(self, type_: GraphQLObjectType, selected: Selected) -> Any:
        backward = self._page.backward
        behind = self._list.behind()

        def build(page: FromClause) -> ColumnElement[Any]:
            more = func.count() > number(self._page.size)
            values: dict[str, Any] = {
                "hasNextPage": behind if backward else more,
                "hasPreviousPage": more if backward else behind,
                "startCursor": self._cursor_at(page, last=backward),
                "endCursor": self._cursor_at(page, last=not backward),
                "__typename": literal(type_.name, Text()),
            }
            pairs: list[Any] = []
            for key, nodes in selected.items():
                pairs += [literal(key, Text()), values[nodes[0].name.value]]
            return type_coerce(func.json_build_object(*pairs), JSON())

        return build

    def _cursor_at(self, page: FromClause, *, last: bool) -> ColumnElement[Any]:
        position = page.c.position.desc() if last else page.c.position.asc()
        inside = page.c.position <= number(self._page.size)
        cursors = func.array_agg(ordered_by(page.c.cursor, position), type_=ARRAY(String())).filter(inside)
        return func.coalesce(cursors, literal_column("'{}'::text[]"), type_=ARRAY(String()))[1]

    # --- what both ways share ---

    def _rows(self) -> Rows:
        table, scope = self._compiler.rows_of(self._entity, reached_by(self._source.key, self._parent))
        found = [self._matches(table)] if self._matches else []
        if self._source.on is not None and self._parent is not None:
            found.append(self._source.on(self._parent, table))
        return Rows(table, scope, [*found, *self._text(table)])

    def _searched(self, filters: FilterCompiler) -> tuple[Way, Searched | None]:
        """A text that is asked for, as a condition on the rows, or found by the database."""
        if filters.searched is None:
            return everywhere, None
        offered, value = filters.searched
        kind = str(self._entity.model.__tablename__)

        def contains(table: FromClause) -> list[ColumnElement[bool]]:
            return [offered.condition(table, value)]

        # Below a parent, its own index is enough.
        if kind not in SEARCHED or self._parent is not None:
            return contains, None
        return everywhere, Searched(contains, partial(hits, kind, value))

    def _one_of(self, filters: FilterCompiler) -> list[OneOf]:
        """What the filter lists values of, and what the scope does."""
        if self._parent is not None or filters.searched is not None:
            return []
        found = []
        if filters.listed is not None:
            offered, values = filters.listed
            found.append(OneOf(str(offered.each), values))
        few = self._compiler.spread_of(self._entity)
        if few is not None:
            column, keys = few
            found.append(OneOf(column, func.array(keys.scalar_subquery())))
        return found

    def _beside(self, rows: Select[Any]) -> Select[Any]:
        return rows if self._parent is None else rows.correlate(self._parent)

    def _summary(self, nodes: list[FieldNode]) -> ColumnElement[Any]:
        name = nodes[0].name.value
        if name == "__typename":
            return literal(self._type.name, Text())
        few = self._list.some(MAX_COUNT + 1).subquery()
        counted = select(
            func.least(func.count(), MAX_COUNT) if name == "totalCount" else func.count() <= MAX_COUNT
        ).select_from(few)
        return counted.scalar_subquery()

    # --- arguments ---

    def _read_page(self) -> Page:
        first, last = (self._compiler.page_size(name, self._arguments) for name in ("first", "last"))
        if first is not None and last is not None:
            raise _bad("first", "first 与 last 只能给出一个。", "Give first or last, not both.")
        size = first if first is not None else last
        return Page(
            DEFAULT_SIZE if size is None else size,
            last is not None,
            self._arguments.get("after"),
            self._arguments.get("before"),
        )

    def _read_order(self) -> Ordering:
        listing = self._source.listing
        wanted = self._arguments.get("orderBy").items(self._compiler.trace)
        if len(wanted) > MAX_ORDERS:
            raise _bad("orderBy", f"orderBy 最多 {MAX_ORDERS} 项。", f"orderBy takes {MAX_ORDERS} entries at most.")
        names: dict[str, bool] = {}
        for index, each in enumerate(wanted):
            name = self._compiler.structural(each.get("field"))
            if name is not None:
                descending = self._compiler.structural(each.get("direction")) == "DESC"
                if self._compiler.is_hidden(self._entity.table, frozenset({listing.orders[name]})):
                    raise hidden_argument(f"orderBy.{index}.field")
                names.setdefault(listing.orders[name], descending)
        if not names:
            name, descending = listing.default
            names = {listing.orders[name]: descending}
        last = list(names.values())[-1]
        names.setdefault("id", last)
        ordering = Ordering(
            # A column of rows that are worked out by SQL says nothing of nulls.
            tuple(
                Term(name, down, bool(getattr(self._entity.table.c[name], "nullable", True)))
                for name, down in names.items()
            )
        )
        self._page = Page(
            self._page.size,
            self._page.backward,
            self._place("after", self._page.after, ordering),
            self._place("before", self._page.before, ordering),
        )
        return ordering

    def _place(self, name: str, cursor: Any, ordering: Ordering) -> list[ColumnElement[Any] | None] | None:
        """A cursor's values as parameters; which of them are null is part of the statement's shape."""
        if cursor.is_null(self._compiler.trace):
            return None
        pattern = cursor.shape(self._compiler.trace, nulls_of)
        if pattern is None or len(pattern) != len(ordering.terms):
            raise bad_cursor(argument=name)
        columns = self._entity.table.c
        values: list[ColumnElement[Any] | None] = []
        for index, term in enumerate(ordering.terms):
            kind = columns[term.column].type
            read = partial(value_of, ordering.signature, index, kind.python_type)
            values.append(None if pattern[index] else self._compiler.bind(cursor, _plain_type(kind), read, name))
        return values


def _plain_type(kind: Any) -> Any:
    """The type under which a cursor's value is sent: a vocabulary's values are texts."""
    return Text() if kind.python_type is str or hasattr(kind, "enums") else kind


def _bad(argument: str, zh: str, en: str) -> Exception:
    return request_error(Code.BAD_USER_INPUT, zh, en, argument=argument)


def _object(type_: Any) -> GraphQLObjectType:
    named = get_named_type(type_)
    assert isinstance(named, GraphQLObjectType)  # noqa: S101 - a connection's parts are object types
    return named
