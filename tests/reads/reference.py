"""A naive executor to compare the compiler with: graphql-core, field by field, a statement for each, scopes by hand.

It shares with the compiler where a single field's data is, and nothing of how fields become one statement: nesting,
paging, filters, fragments and scopes are done here a second time, in Python, over the contract's restated table.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import orjson
from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
)
from sqlalchemy import FromClause, Text, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.reads.listings import GLOBAL_ID, LISTINGS, Filter, Listing, Relation
from api.reads.sources import (
    Connection,
    Embedded,
    Expression,
    Figures,
    Json,
    JsonExpression,
    NodeById,
    ToMany,
    ToOne,
    ToOneOf,
    Virtual,
    registry,
    source_of,
)
from api.schema.build import sdl
from authz.scopes import HIDDEN, scope_values
from domain.access import Caller
from storage.database import Database
from tests.e2e.oracle import PREFIXES, Viewer

DEFAULT = 20


@cache
def plain_schema() -> GraphQLSchema:
    """The schema without anything behind it: values go in and out as they are."""
    return build_schema(sdl())


class Hidden(Exception):  # noqa: N818 - what happened
    """A filter or an ordering by what the viewer cannot see."""


@dataclass(frozen=True)
class Row:
    """An entity's row."""

    type_name: str
    id: UUID

    @property
    def table(self) -> FromClause:
        return registry.by_type[self.type_name].table


@dataclass
class Part:
    """A part of an embedded document."""

    value: Any


@dataclass
class Page:
    """A page of a list: all that it could show, and what it shows."""

    rows: list[Row]
    shown: list[Row]
    cursors: list[str]
    more: bool
    behind: bool


@dataclass(frozen=True)
class Figure:
    """A count of rows, by the values that they share."""

    values: dict[str, Any]
    count: int

    @property
    def row(self) -> Any:
        """What the figure's fields take to be their row."""
        return SimpleNamespace(c={**self.values, "count": self.count})


@dataclass
class Reference:
    """Answers operations for one viewer."""

    schema: GraphQLSchema
    database: Database
    caller: Caller
    viewer: Viewer
    visible: dict[str, set[UUID]] = field(default_factory=dict)
    # What a statement found, as long as nothing is written; and one statement at a time in an operation's transaction.
    found: dict[Any, Any] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    session: AsyncSession | None = None

    async def answer(self, document: str, variables: dict[str, Any]) -> Any:
        """The data of an operation, naively. Raises: Hidden."""
        async with self.database.transaction(self.caller.tenant_id) as self.session:
            result: Any = execute(
                plain_schema(),
                parse(document),
                root_value=None,
                variable_values=variables,
                field_resolver=self._resolve,
                type_resolver=lambda row, *_: row.type_name,
            )
            if hasattr(result, "__await__"):
                result = await result
        for error in result.errors or ():
            if isinstance(error.original_error, Hidden):
                raise error.original_error
        assert not result.errors, result.errors
        return result.data

    # --- fields ---

    async def _resolve(self, parent: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
        definition = self._definition(info)
        source = source_of(definition)
        arguments = _named(info, given)
        if isinstance(parent, Page):
            return await self._of_page(parent, info)
        if isinstance(parent, tuple):  # an edge, or page information
            return dict(parent)[info.field_name]
        if isinstance(parent, Part | Figure):
            return await self._of_value(parent, source, info)
        match source:
            case Expression(build, needs):
                return await self._value(parent, build, needs)
            case Embedded(build, needs):
                return _wrapped(definition.type, await self._value(parent, build, needs))
            case ToOne():
                return await self._to_one(parent, definition, source)
            case ToOneOf():
                return await self._one_of(parent, definition, source)
            case ToMany():
                rows = await self._rows(parent, definition, source.on, _order(source.order))
                first = arguments.get("first")
                return rows if first is None else rows[:first]
            case Connection():
                return await self._page(parent, definition, source, arguments)
            case Figures():
                return await self._figures(parent, source, arguments)
            case Virtual():
                return arguments
            case NodeById(many):
                return [self._node(each) for each in arguments["ids"]] if many else self._node(arguments["id"])
        raise AssertionError(f"{info.parent_type.name}.{info.field_name}")

    def _definition(self, info: GraphQLResolveInfo) -> Any:
        """The field as the platform declares it, with its source."""
        return self.schema.type_map[info.parent_type.name].fields[info.field_name]  # type: ignore[attr-defined]

    def _node(self, identifier: str) -> Row | None:
        match = GLOBAL_ID.fullmatch(identifier)
        name = registry.by_prefix.get(match[1]) if match else None
        if match is None or name is None:
            return None
        row = Row(name, UUID(match[2]))
        return row if self._sees(row) else None

    async def _value(self, row: Row, build: Any, needs: frozenset[str]) -> Any:
        if needs & self._hidden(row.type_name):
            return None
        key = (build, row) if not isinstance(build, partial) else (build.args, row)
        if key not in self.found:
            table = row.table.alias()
            statement = select(cast(func.to_json(build(table)), Text)).where(table.c.id == row.id)
            rows = await self._all(statement)
            self.found[key] = orjson.loads(rows[0][0]) if rows and rows[0][0] is not None else None
        return self.found[key]

    def _hidden(self, type_name: str) -> frozenset[str]:
        return HIDDEN.get((self.caller.role, str(registry.by_type[type_name].model.__tablename__)), frozenset())

    async def _to_one(self, parent: Any, definition: Any, source: ToOne) -> Row | None:
        if isinstance(parent, Row) and source.needs & self._hidden(parent.type_name):
            return None
        rows = await self._rows(parent, definition, source.on, [("id", False)])
        assert len(rows) <= 1
        return rows[0] if rows else None

    async def _one_of(self, parent: Row, definition: Any, source: ToOneOf) -> Row | None:
        names = [type_.name for type_ in self.schema.get_possible_types(get_named_type(definition.type))]  # type: ignore[arg-type]
        for member in source.members(names):
            if await self._value(parent, member.when, member.needs):
                column = member.key
                key = await self._value(parent, partial(_column, column), member.needs)
                row = Row(member.type_name, UUID(key))
                return row if self._sees(row) else None
        return None

    async def _rows(self, parent: Any, definition: Any, on: Any, order: list[tuple[str, bool]]) -> list[Row]:
        """The target's rows that ``on`` finds and the viewer sees, in order."""
        name = get_named_type(definition.type).name
        key = (name, parent if isinstance(parent, Row) else None, on, tuple(order))
        if key not in self.found:
            other = registry.by_type[name].table.alias()
            statement = select(other.c.id)
            if isinstance(parent, Row):
                mine = parent.table.alias()
                statement = statement.where(mine.c.id == parent.id)
                if on is not None:
                    statement = statement.where(on(mine, other))
            elif on is not None:
                statement = statement.where(on(other, other))
            statement = statement.order_by(*(other.c[c].desc() if down else other.c[c].asc() for c, down in order))
            self.found[key] = [Row(name, row[0]) for row in await self._all(statement)]
        return [row for row in self.found[key] if self._sees(row)]

    # --- pages ---

    async def _page(self, parent: Any, definition: Any, source: Connection, given: dict[str, Any]) -> Page:
        listing = source.listing
        if isinstance(parent, dict) and "text" in parent:
            given = {**given, "filter": {"text": parent["text"]}}
        order: dict[str, bool] = {}
        for each in given.get("orderBy") or []:
            order.setdefault(listing.orders[each["field"]], each.get("direction") == "DESC")
        if order.keys() & self._hidden(listing.name):
            raise Hidden
        if not order:
            value, down = listing.default
            order = {listing.orders[value]: down}
        order.setdefault("id", list(order.values())[-1])
        wanted = await self._matching(listing, given.get("filter") or {})
        nodes = self.schema.get_type(get_named_type(definition.type).name).fields["nodes"]  # type: ignore[union-attr]
        rows = await self._rows(parent, nodes, source.on, list(order.items()))
        rows = [row for row in rows if row.id in wanted]
        first, last = given.get("first"), given.get("last")
        size = first if first is not None else last if last is not None else DEFAULT
        shown = rows[len(rows) - min(size, len(rows)) :] if last is not None else rows[:size]
        return (
            Page(rows, shown, [], len(rows) > size, False)
            if last is None
            else Page(rows, shown, [], False, len(rows) > size)
        )

    # --- figures ---

    async def _figures(self, parent: Any, source: Figures, given: dict[str, Any]) -> list[Figure]:
        """The list's rows one by one, counted by what each says of itself."""
        name = source.listing.name
        if source.needs & self._hidden(name):
            return []
        wanted = await self._matching(source.listing, given.get("filter") or {})
        nodes = SimpleNamespace(type=self.schema.get_type(name))
        counted: Counter[tuple[Any, ...]] = Counter()
        for row in await self._rows(parent, nodes, source.on, [("id", False)]):
            if row.id in wanted and (source.where is None or await self._value(row, source.where, frozenset())):
                counted[tuple([await self._value(row, by, frozenset()) for by in source.by.values()])] += 1
        return [
            Figure(dict(zip(source.by, values, strict=True)), count)
            for values, count in sorted(counted.items(), key=lambda each: [(v is None, v or 0) for v in each[0]])
        ]

    async def _of_value(self, parent: Part | Figure, source: Any, info: GraphQLResolveInfo) -> Any:
        if isinstance(parent, Part):
            return self._of_part(parent, source, info)
        return source.build(parent.row) if isinstance(source, Expression) else await self._joined(parent, source, info)

    async def _joined(self, figure: Figure, source: ToOne, info: GraphQLResolveInfo) -> Row | None:
        type_name = get_named_type(self._definition(info).type).name
        other = registry.by_type[type_name].table.alias()
        found = await self._all(select(other.c.id).where(source.on(figure.row, other)))
        rows = [Row(type_name, each[0]) for each in found]
        return next((row for row in rows if self._sees(row)), None)

    # --- filters, as sets of rows ---

    async def _matching(self, listing: Listing, given: dict[str, Any]) -> set[UUID]:
        """The ids of a list's rows, seen or not, that match a filter."""
        rows = self.viewer.all.rows.get(_table(listing.name))
        if rows is None:  # worked out, and kept nowhere
            rows = {key: {} for key in self.viewer.work_items()}
        found = set(rows)
        for name, value in given.items():
            if value is None:
                continue
            match name:
                case "and":
                    for each in value:
                        found &= await self._matching(listing, each)
                case "or":
                    some: set[UUID] = set()
                    for each in value:
                        some |= await self._matching(listing, each)
                    found &= some
                case "not":
                    found -= await self._matching(listing, value)
                case _:
                    found &= await self._offered(listing, listing.filters[name], value, rows)
        return found

    async def _offered(
        self, listing: Listing, offered: Filter | Relation, value: Any, rows: dict[UUID, dict[str, Any]]
    ) -> set[UUID]:
        if offered.needs & self._hidden(listing.name):
            raise Hidden
        if isinstance(offered, Relation):
            targets = await self._matching(LISTINGS[offered.target], value)
            targets = {each for each in targets if self._sees(Row(offered.target, each))}
            return {key for key, row in rows.items() if row[offered.key] in targets}
        if offered.search:
            words = _plain(value).split()
            return {key for key, row in rows.items() if _holds(row, offered.needs, words)}
        key = (offered, repr(value))
        if key not in self.found:
            table = registry.by_type[listing.name].table.alias()
            written = offered.convert(_raw(value))
            given = written if offered.chosen else literal(written, offered.type_)
            statement = select(table.c.id).where(offered.condition(table, given))
            self.found[key] = {row[0] for row in await self._all(statement)}
        found: set[UUID] = self.found[key]
        return found

    async def _of_page(self, page: Page, info: GraphQLResolveInfo) -> Any:
        match info.field_name:
            case "nodes":
                return page.shown
            case "edges":
                return [(("node", row),) for row in page.shown]
            case "pageInfo":
                return (("hasNextPage", page.more), ("hasPreviousPage", page.behind))
            case "totalCount":
                return len(page.rows)
            case "totalCountIsExact":
                return True
        raise AssertionError(info.field_name)

    # --- documents ---

    def _of_part(self, parent: Part, source: Any, info: GraphQLResolveInfo) -> Any:
        definition = self._definition(info)
        match source:
            case Json(key):
                return _wrapped(definition.type, parent.value.get(key))
            case JsonExpression():  # a message in the caller's language
                return parent.value[self.caller.language]
        raise AssertionError(info.field_name)

    # --- the viewer ---

    def _sees(self, row: Row) -> bool:
        name = str(row.table.name)  # type: ignore[attr-defined]  # a Table
        if name not in self.visible:
            self.visible[name] = self._visible(name)
        return row.id in self.visible[name]

    def _visible(self, name: str) -> set[UUID]:
        everything = self.viewer.all
        if name in PREFIXES:
            return {UUID(each.partition("_")[2]) for each in self.viewer.visible(name)}
        if name == "tenants":
            return {self.caller.tenant_id}
        if name == "work_items":
            return self.viewer.work_items()
        rows = everything.rows[name]
        if name in {"filing_transitions", "filing_submissions"}:
            filings = {UUID(each.partition("_")[2]) for each in self.viewer.visible("filings")}
            return {key for key, row in rows.items() if row["filing_id"] in filings}
        if name == "audit_events":
            if self.viewer.role == "EXPERT":
                return {key for key, row in rows.items() if row["user_id"] == self.viewer.user}
            return set(rows) if "ADMIN" in self.caller.duties and self.viewer.role == "CITY_OFFICE" else set()
        raise AssertionError(name)

    async def _all(self, statement: Any) -> list[Any]:
        assert self.session
        values = {**scope_values(self.caller), "scope_language": self.caller.language}
        async with self.lock:
            return list((await self.session.execute(statement.params(values))).all())


def _column(name: str, table: FromClause) -> Any:
    return table.c[name]


def _table(type_name: str) -> str:
    return str(registry.by_type[type_name].model.__tablename__)


def _holds(row: dict[str, Any], columns: frozenset[str], words: list[str]) -> bool:
    """Every word stands in one of the row's columns, whatever case or width it is written in."""
    texts = [_plain(row[column]) for column in columns if row[column] is not None]
    return all(any(word in text for text in texts) for word in words)


def _order(names: tuple[str, ...]) -> list[tuple[str, bool]]:
    return [(name.removeprefix("-"), name.startswith("-")) for name in names]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _raw(value: Any) -> Any:
    """A coerced value as it was written."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    return [_raw(each) for each in value] if isinstance(value, list) else value


def _named(info: GraphQLResolveInfo, given: dict[str, Any]) -> dict[str, Any]:
    """Coerced arguments under their names, enums by their names."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        return getattr(value, "name", value)

    return {key: plain(value) for key, value in given.items()}


def _wrapped(type_: Any, value: Any) -> Any:
    """A document's part: objects as parts, lists of them, leaves typed."""
    bare = get_nullable_type(type_)
    if value is None:
        return [] if is_list_type(bare) and bare is not type_ else None
    if is_list_type(bare):
        return [_wrapped(bare.of_type, each) for each in value]
    return Part(value) if isinstance(value, dict) else value
