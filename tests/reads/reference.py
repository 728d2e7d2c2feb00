"""A naive executor to compare the compiler with: graphql-core, field by field, a statement for each, scopes by hand.

It shares with the compiler where a single field's data is, and nothing of how fields become one statement: nesting,
paging, filters, fragments and scopes are done here a second time, in Python, over the contract's restated table.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, field
from functools import cache
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
from sqlalchemy import ColumnElement, FromClause, Text, cast, func, literal, select

from api.reads.listings import GLOBAL_ID
from api.reads.sources import (
    Connection,
    Embedded,
    Expression,
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
from authz.scopes import HIDDEN
from domain.access import Caller
from storage.database import Database
from tests.e2e.oracle import PREFIXES, Viewer

DEFAULT = 20


@cache
def plain_schema() -> GraphQLSchema:
    """The schema without anything behind it: values go in and out as they are."""
    return build_schema(sdl())


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


@dataclass
class Reference:
    """Answers operations for one viewer."""

    schema: GraphQLSchema
    database: Database
    caller: Caller
    viewer: Viewer
    visible: dict[str, set[UUID]] = field(default_factory=dict)

    async def answer(self, document: str, variables: dict[str, Any]) -> Any:
        """The data of an operation, naively."""
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
        if isinstance(parent, Part):
            return self._of_part(parent, source, info)
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
            case Virtual():
                return {}
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
        if needs & HIDDEN.get((self.caller.role, row.table.name), frozenset()):  # type: ignore[attr-defined]  # a Table
            return None
        table = row.table.alias()
        statement = select(cast(func.to_json(build(table)), Text)).where(table.c.id == row.id)
        text = await self._scalar(statement)
        return None if text is None else orjson.loads(text)

    async def _to_one(self, parent: Any, definition: Any, source: ToOne) -> Row | None:
        if isinstance(parent, Row):
            hidden = HIDDEN.get((self.caller.role, parent.table.name), frozenset())  # type: ignore[attr-defined]
            if source.needs & hidden:
                return None
        rows = await self._rows(parent, definition, source.on, [("id", False)])
        assert len(rows) <= 1
        return rows[0] if rows else None

    async def _one_of(self, parent: Row, definition: Any, source: ToOneOf) -> Row | None:
        names = [type_.name for type_ in self.schema.get_possible_types(get_named_type(definition.type))]  # type: ignore[arg-type]
        for member in source.members(names):
            if await self._value(parent, member.when, member.needs):
                key = await self._value(parent, lambda t, member=member: t.c[member.key], member.needs)
                row = Row(member.type_name, UUID(key))
                return row if self._sees(row) else None
        return None

    async def _rows(
        self, parent: Any, definition: Any, on: Any, order: list[tuple[str, bool]], *conditions: Any
    ) -> list[Row]:
        """The target's rows that ``on`` finds and the viewer sees, in order."""
        name = get_named_type(definition.type).name
        other = registry.by_type[name].table.alias()
        statement = select(other.c.id, *(other.c[column] for column, _ in order))
        if isinstance(parent, Row):
            mine = parent.table.alias()
            statement = statement.where(mine.c.id == parent.id)
            if on is not None:
                statement = statement.where(on(mine, other))
        elif on is not None:
            statement = statement.where(on(other, other))
        statement = statement.where(*(condition(other) for condition in conditions))
        statement = statement.order_by(*(other.c[c].desc() if down else other.c[c].asc() for c, down in order))
        found = [Row(name, row[0]) for row in await self._all(statement)]
        return [row for row in found if self._sees(row)]

    # --- pages ---

    async def _page(self, parent: Any, definition: Any, source: Connection, given: dict[str, Any]) -> Page:
        listing = source.listing
        order: dict[str, bool] = {}
        for each in given.get("orderBy") or []:
            order.setdefault(listing.orders[each["field"]], each.get("direction") == "DESC")
        if not order:
            value, down = listing.default
            order = {listing.orders[value]: down}
        order.setdefault("id", list(order.values())[-1])
        conditions, texts = [], []
        for name, value in (given.get("filter") or {}).items():
            if value is not None and name == "text":
                texts.append((listing.filters[name].needs, _plain(value).split()))
            elif value is not None:
                conditions.append(_condition(listing.filters[name], value))
        nodes = self.schema.get_type(get_named_type(definition.type).name).fields["nodes"]  # type: ignore[union-attr]
        hidden = HIDDEN.get((self.caller.role, registry.by_type[listing.name].table.name), frozenset())  # type: ignore[attr-defined]
        if any(
            listing.filters[name].needs & hidden
            for name, value in (given.get("filter") or {}).items()
            if value is not None
        ):
            rows: list[Row] = []
        else:
            rows = await self._rows(parent, nodes, source.on, list(order.items()), *conditions)
            rows = [row for row in rows if all(self._holds(row, *text) for text in texts)]
        first, last = given.get("first"), given.get("last")
        size = first if first is not None else last if last is not None else DEFAULT
        shown = rows[len(rows) - min(size, len(rows)) :] if last is not None else rows[:size]
        return (
            Page(rows, shown, [], len(rows) > size, False)
            if last is None
            else Page(rows, shown, [], False, len(rows) > size)
        )

    def _holds(self, row: Row, columns: frozenset[str], words: list[str]) -> bool:
        """Every word stands in one of the row's columns, whatever case or width it is written in."""
        values = self.viewer.all.rows[str(row.table.name)][row.id]  # type: ignore[attr-defined]  # a Table
        texts = [_plain(values[column]) for column in columns if values[column] is not None]
        return all(any(word in text for text in texts) for word in words)

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
        if name in {"filing_transitions", "filing_submissions", "review_periods"}:
            filings = {UUID(each.partition("_")[2]) for each in self.viewer.visible("filings")}
            return {key for key, row in rows.items() if row["filing_id"] in filings}
        if name == "memberships":
            if self.viewer.role == "CITY_OFFICE":
                return set(rows)
            mine = {key for key, row in rows.items() if row["user_id"] == self.viewer.user}
            home = self.viewer.home["id"]
            ours = {key for key, row in rows.items() if row["organisation_id"] == home}
            return mine if self.viewer.role == "EXPERT" else mine | ours
        if name == "audit_events":
            if self.viewer.role == "EXPERT":
                return {key for key, row in rows.items() if row["user_id"] == self.viewer.user}
            return set(rows) if "ADMIN" in self.caller.duties and self.viewer.role == "CITY_OFFICE" else set()
        raise AssertionError(name)

    async def _scalar(self, statement: Any) -> Any:
        rows = await self._all(statement)
        return rows[0][0] if rows else None

    async def _all(self, statement: Any) -> list[Any]:
        from authz.scopes import scope_values

        values = {**scope_values(self.caller), "scope_language": self.caller.language}
        async with self.database.transaction(self.caller.tenant_id) as session:
            return list((await session.execute(statement.params(values))).all())


def _order(names: tuple[str, ...]) -> list[tuple[str, bool]]:
    return [(name.removeprefix("-"), name.startswith("-")) for name in names]


def _condition(filter_: Any, value: Any) -> Any:
    def condition(table: FromClause) -> ColumnElement[bool]:
        made: ColumnElement[bool] = filter_.condition(table, literal(filter_.convert(_raw(value)), filter_.type_))
        return made

    return condition


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
