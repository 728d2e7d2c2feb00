"""From a GraphQL selection to one SELECT that makes the response's JSON.

Wherever a table is named, the row scope of the caller's role is added: ``rows_of`` is the only place that names one.
Columns hidden from the role read as null. Nothing of the document enters the SQL but response keys, as quoted names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Select,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    null,
    select,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by, array

from api.http.documents import PreparedOperation
from api.http.errors import Code, RequestError, request_error, unauthenticated
from api.reads.arguments import Fields, arguments_of, itself
from api.reads.connections import ConnectionCompiler
from api.reads.embedded import SMALL_LIST, DocumentCompiler
from api.reads.events import event_value
from api.reads.figures import figures_value
from api.reads.json_rows import Columns, PlainSelect, RowsAsJson
from api.reads.listings import any_uuid, prefix_of, uuid_of
from api.reads.plan import Plan, make_plan
from api.reads.plans import Trace, Variables
from api.reads.selections import Selected, Selections
from api.reads.sources import (
    Build,
    Connection,
    Embedded,
    EntityType,
    Expression,
    Figures,
    NodeById,
    ToMany,
    ToOne,
    ToOneOf,
    Virtual,
    registry,
    source_of,
)
from authz.scopes import BY_KEY, Way, hidden, named_by, reached_by, scope, spread
from domain.access import Role

# How many objects one operation may at most ask for, from the page sizes it names.
MAX_OBJECTS = 50_000
MAX_NODES = 100
MAX_SIZE = 100
# Each table's aliases, made once: SQLAlchemy copies all of a table's columns for each.
_NAMES: dict[FromClause, list[FromClause]] = {}
Made = TypeVar("Made")
Binders = dict[str, Callable[[Variables], Any]]


@dataclass(slots=True)
class Compiler:
    """Compiles one operation for one role (None: nobody is signed in); used once."""

    schema: GraphQLSchema
    operation: PreparedOperation
    role: Role | None
    trace: Trace
    selections: Selections = field(init=False)
    binders: Binders = field(default_factory=dict)
    objects: int = 0
    passed: Mapping[str, Any] = field(default_factory=dict)
    _factor: int = 1
    _used: dict[FromClause, int] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.selections = Selections(self.schema, self.operation.document, self.trace)

    # --- entries ---

    def query(self, type_: GraphQLObjectType, roots: Selected) -> Plan:
        """The plan of a query's root fields. Raises: RequestError."""
        return self._plan(self.object_of(PlainSelect(self._columns(type_, None, roots))))

    def entity(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], path: Sequence[str]) -> Plan:
        """The plan that reads one object of ``type_``: an entity by the context's ``scope_key``, or a virtual one.

        ``path`` is the object's place in the response.
        """
        self._path = list(path)
        known = registry.by_type.get(type_.name)
        if known is None:
            return self._plan(self._virtual(type_, nodes))
        key = bindparam("scope_key", None, type_=Uuid())
        return self._plan(self._one(type_, known, nodes, lambda table: table.c.id == key))

    def every(self, definition: GraphQLField, root: list[FieldNode], nodes: list[FieldNode]) -> Plan:
        """The plan of a root list's rows, one JSON value each, all of them: for an export."""
        source = source_of(definition)
        rows = ConnectionCompiler(self, definition, source, root, None).every(nodes)
        return make_plan(rows, self.binders)

    def event(self, key: str, definition: GraphQLField, nodes: list[FieldNode]) -> Plan:
        """The plan that reads what an event is about, null where it is not for the caller. Raises: RequestError."""
        return self._plan(self.within(key, event_value, self, definition, source_of(definition), key, nodes))

    def _plan(self, value: ColumnElement[Any]) -> Plan:
        if self.objects > MAX_OBJECTS:
            raise request_error(
                Code.OPERATION_TOO_COMPLEX,
                f"此操作最多可能返回 {self.objects} 个对象,上限为 {MAX_OBJECTS}。请减小 first 或拆分请求。",
                f"This may return {self.objects} objects, where {MAX_OBJECTS} are allowed. Ask for smaller pages.",
                limit="objects",
                maximum=MAX_OBJECTS,
                actual=min(self.objects, 10**9),
            )
        return make_plan(select(value), self.binders, self.objects)

    # --- rows ---

    def rows_of(self, entity: EntityType, way: Way | None = None) -> tuple[FromClause, ColumnElement[bool]]:
        """A table under a new name, and the rows of it that the role can see: in the end, every table is named here.

        ``way`` is how they are come by from a row that the role sees.
        """
        if self.role is None:
            raise unauthenticated()
        table = self._named(entity.table)
        return table, scope(self.role, table, way)

    def spread_of(self, entity: EntityType) -> tuple[str, Select[Any]] | None:
        """A column of which the role's rows have one of a few values, with these."""
        return None if self.role is None else spread(self.role, entity.table)

    def _named(self, table: FromClause) -> FromClause:
        """``table`` under a name that it has nowhere else in the statement."""
        names, used = _NAMES.setdefault(table, []), self._used.get(table, 0)
        if used == len(names):
            names.append(table.alias())
        self._used[table] = used + 1
        return names[used]

    def _hidden(self, table: FromClause, needs: frozenset[str]) -> bool:
        return self.role is not None and bool(needs & hidden(self.role, table))

    def _columns(self, type_: GraphQLObjectType, table: FromClause | None, selected: Selected) -> Columns:
        """The selected fields of a row (None: of no row) as columns by response key."""
        return {key: self.within(key, self._field, type_, table, nodes) for key, nodes in selected.items()}

    def _field(self, type_: GraphQLObjectType, table: FromClause | None, nodes: list[FieldNode]) -> ColumnElement[Any]:
        name = nodes[0].name.value
        if name == "__typename":
            return literal(type_.name, Text())
        definition = type_.fields[name]
        source = source_of(definition)
        if table is None:
            return self._rootless(definition, source, nodes)
        match source:
            case Expression(build, needs):
                return null() if self._hidden(table, needs) else _built(build, table)
            case ToOne(on, needs, key):
                if self._hidden(table, needs):
                    return null()
                target = _object_type(definition.type)
                way = None if key is None else named_by(key, table)
                return self._one(target, registry.by_type[target.name], nodes, lambda other: on(table, other), way)
            case ToOneOf():
                return self._one_of(definition, source, nodes, table)
            case ToMany():
                return self._many(definition, source, nodes, table)
            case Connection():
                return ConnectionCompiler(self, definition, source, nodes, table).value()
            case Figures():
                return figures_value(self, definition, source, nodes, table)
            case Embedded(_, needs):
                return null() if self._hidden(table, needs) else DocumentCompiler(self).read(definition, nodes, table)
            case Virtual():
                return self._virtual(_object_type(definition.type), nodes)
        raise RuntimeError(f"{type_.name}.{name} cannot be read")

    @contextmanager
    def passing(self, arguments: Mapping[str, Any]) -> Iterator[None]:
        """Within this, lists take these arguments beside their own."""
        before, self.passed = self.passed, arguments
        try:
            yield
        finally:
            self.passed = before

    def _rootless(self, definition: GraphQLField, source: Any, nodes: list[FieldNode]) -> ColumnElement[Any]:
        match source:
            case Connection():
                return ConnectionCompiler(self, definition, source, nodes, None).value()
            case Figures():
                return figures_value(self, definition, source, nodes, None)
            case NodeById():
                return self._nodes_by_id(source, nodes)
            case Virtual(text):
                if self.role is None:
                    return null()
                wanted = arguments_of(nodes[0]).get(text) if text else None
                with self.passing({"filter": Fields({"text": wanted})} if text else {}):
                    return self._virtual(_object_type(definition.type), nodes)
            case ToOne(on):
                target = _object_type(definition.type)
                return self._one(target, registry.by_type[target.name], nodes, lambda other: on(other, other))
            case ToMany():
                return self._many(definition, source, nodes, None)
            case Expression(build):
                return build(select().subquery())
        raise RuntimeError("a root field has no source")

    # --- objects ---

    @staticmethod
    def object_of(row: Select[Any] | PlainSelect) -> ColumnElement[Any]:
        """One row as a JSON object; null where there is none."""
        return RowsAsJson(row, listed=False)

    @staticmethod
    def list_of(rows: Select[Any] | PlainSelect) -> ColumnElement[Any]:
        """Rows as a JSON array of objects, in their order."""
        return RowsAsJson(rows, listed=True)

    def row(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], table: FromClause) -> ColumnElement[Any]:
        """A row that is already at hand, as a JSON object."""
        return self.object_of(PlainSelect(self.columns_of(type_, nodes, table)))

    def columns_of(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode], table: FromClause) -> Columns:
        """The selected columns of a row."""
        return self._columns(type_, table, self.selections.of(type_, nodes))

    def _one(
        self,
        type_: GraphQLObjectType,
        entity: EntityType,
        nodes: Sequence[FieldNode],
        on: Callable[[FromClause], ColumnElement[bool]],
        way: Way | None = None,
    ) -> ColumnElement[Any]:
        self.count(1)
        table, rows = self.rows_of(entity, way or BY_KEY)
        return self.object_of(PlainSelect(self.columns_of(type_, nodes, table), table, (rows, on(table))))

    def _one_of(
        self, definition: GraphQLField, source: ToOneOf, nodes: list[FieldNode], table: FromClause
    ) -> ColumnElement[Any]:
        """The row of the first member that applies: each is read within its own scope."""
        named = get_named_type(definition.type)
        assert is_abstract_type(named)  # noqa: S101 - the schema is checked for it
        before, most, choices = self.objects, 0, []
        for member in source.members(type_.name for type_ in self.schema.get_possible_types(named)):
            if self._hidden(table, member.needs):
                continue
            self.objects = before
            made = self._one(*self._target(member.type_name), nodes, _at(table, member.key))
            most = max(most, self.objects)
            choices.append((member.when(table), made))
        self.objects = max(before, most)
        return case(*choices) if choices else null()

    def _target(self, name: str) -> tuple[GraphQLObjectType, EntityType]:
        type_ = self.schema.get_type(name)
        assert is_object_type(type_)  # noqa: S101 - the registry holds the schema's object types
        return type_, registry.by_type[name]

    def _many(
        self, definition: GraphQLField, source: ToMany, nodes: list[FieldNode], parent: FromClause | None
    ) -> ColumnElement[Any]:
        type_ = _object_type(definition.type)
        table, rows = self.rows_of(registry.by_type[type_.name], reached_by(source.key, parent))
        first = self.page_size("first", arguments_of(nodes[0]))
        with self.times(SMALL_LIST if first is None else first):
            columns = self.columns_of(type_, nodes, table)
        order = [
            table.c[name.removeprefix("-")].desc() if name.startswith("-") else table.c[name].asc()
            for name in source.order
        ]
        on = source.on(parent if parent is not None else table, table)
        return self.list_of(PlainSelect(columns, table, (rows, on), order, first))

    def _virtual(self, type_: GraphQLObjectType, nodes: Sequence[FieldNode]) -> ColumnElement[Any]:
        return self.object_of(PlainSelect(self._columns(type_, None, self.selections.of(type_, nodes))))

    # --- node(id:), nodes(ids:) ---

    def _nodes_by_id(self, source: NodeById, nodes: list[FieldNode]) -> ColumnElement[Any]:
        arguments = arguments_of(nodes[0])
        if not source.many:
            return self._node(arguments.get("id"), nodes)
        ids = arguments.get("ids").items(self.trace)
        if len(ids) > MAX_NODES:
            raise request_error(
                Code.BAD_USER_INPUT,
                f"ids 最多 {MAX_NODES} 个。",
                f"At most {MAX_NODES} ids may be given.",
                argument="ids",
            )
        return self._nodes(arguments.get("ids"), ids, nodes)

    def _node(self, given: Any, nodes: list[FieldNode]) -> ColumnElement[Any]:
        prefix = self._prefix(given)
        if prefix is None:
            return type_coerce(null(), JSON())
        key = self.bind(given, Uuid(), uuid_of(prefix), "ids")
        return self._one(*self._target(registry.by_prefix[prefix]), nodes, lambda table: table.c.id == key)

    def _nodes(self, given: Any, ids: Sequence[Any], nodes: list[FieldNode]) -> ColumnElement[Any]:
        """The ids are one list, so that each type among them is compiled, and planned, once, however many there are."""
        prefixes = [self._prefix(each) for each in ids]
        if not any(prefixes):
            return literal_column("'[" + ",".join(["null"] * len(ids)) + "]'::json")
        keys = self.bind(given, ARRAY(Uuid()), _uuids, "ids")
        kinds: array[Any] = array(
            [null() if each is None else literal(each, Text()) for each in prefixes], type_=Text()
        )
        asked = func.unnest(keys, kinds).table_valued("id", "kind", with_ordinality="place").render_derived()
        choices = []
        for prefix, many in Counter(filter(None, prefixes)).items():
            with self._in_a_list(many):
                row = self._one(*self._target(registry.by_prefix[prefix]), nodes, _at(asked, "id"))
            choices.append((asked.c.kind == literal(prefix, Text()), row))
        found = select(func.json_agg(aggregate_order_by(case(*choices), asked.c.place)))
        return type_coerce(found.scalar_subquery(), JSON())

    def _prefix(self, given: Any) -> str | None:
        """The kind of an id, None for what is none: a question."""
        if self.role is None:
            raise unauthenticated()
        prefix = given.shape(self.trace, prefix_of)
        return prefix if prefix in registry.by_prefix else None

    # --- helpers shared with connections ---

    def within(self, key: str, make: Callable[..., Made], *given: Any) -> Made:
        """``make(*given)`` for the field under the response key ``key``; a refusal says where it happened."""
        self._path.append(key)
        try:
            return make(*given)
        except RequestError as refusal:
            raise refusal.at(self._path) from None
        finally:
            self._path.pop()

    def bind(self, given: Any, type_: Any, convert: Callable[[Any], Any], argument: str) -> ColumnElement[Any]:
        """A parameter with the value of ``argument``; what cannot be converted is the client's mistake."""
        found = given.binder(_guarded(convert, tuple(self._path), argument))
        name = f"v{len(self.binders)}"
        self.binders[name] = found if callable(found) else lambda _: found
        return bindparam(name, None, type_=type_)

    def structural(self, given: Any) -> Any:
        """An argument's value on which the statement's shape depends."""
        return given.shape(self.trace, itself)

    def page_size(self, name: str, arguments: Fields) -> int | None:
        """How many rows the argument ``name`` asks for. Raises: RequestError(BAD_USER_INPUT)."""
        size = self.structural(arguments.get(name))
        if size is None:
            return None
        if not 0 <= size <= MAX_SIZE:
            raise request_error(
                Code.BAD_USER_INPUT,
                f"{name} 须在 0 至 {MAX_SIZE} 之间。",
                f"{name} has to be from 0 to {MAX_SIZE}.",
                argument=name,
            )
        return int(size)

    def is_hidden(self, table: FromClause, needs: frozenset[str]) -> bool:
        """Whether a column among ``needs`` is hidden from the role."""
        return self._hidden(table, needs)

    def count(self, many: int) -> None:
        """Add ``many`` objects, times the sizes of the lists they stand in."""
        self.objects += many * self._factor

    @contextmanager
    def times(self, many: int) -> Iterator[None]:
        """What is compiled within stands in a list of up to ``many`` objects, which are counted."""
        with self._in_a_list(many):
            self.count(1)
            yield

    @contextmanager
    def _in_a_list(self, many: int) -> Iterator[None]:
        before, self._factor = self._factor, self._factor * max(many, 1)
        try:
            yield
        finally:
            self._factor = before


def _object_type(type_: GraphQLOutputType) -> GraphQLObjectType:
    named = get_named_type(type_)
    if is_abstract_type(named) or not is_object_type(named):
        raise RuntimeError(f"{named} is no object type")
    return named


def _at(table: FromClause, key: str) -> Callable[[FromClause], ColumnElement[bool]]:
    return lambda other: other.c.id == table.c[key]


@lru_cache(maxsize=8192)
def _built(build: Build, table: FromClause) -> ColumnElement[Any]:
    """An expression over a table under one of its names, made once: every operation has the same."""
    return build(table)


def _uuids(ids: Any) -> list[UUID | None]:
    """The keys of global ids of whatever kind; a single id is a list of one."""
    return [any_uuid(each) for each in (ids if isinstance(ids, list) else [ids])]


def _guarded(convert: Callable[[Any], Any], path: tuple[str, ...], argument: str) -> Callable[[Any], Any]:
    def guarded(value: Any) -> Any:
        try:
            return convert(value)
        except RequestError as refusal:
            raise refusal.at(path, argument=argument) from None
        except (ValueError, TypeError, OverflowError):
            raise request_error(
                Code.BAD_USER_INPUT,
                "参数值无效。请核对其格式。",
                "An argument's value cannot be used. Check its form.",
                argument=argument,
            ).at(path) from None

    return guarded
