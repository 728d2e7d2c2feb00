"""JSON documents within a row: their parts are the fields of the field's type."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from api.reads.json_rows import Columns, PlainSelect
from api.reads.sources import Build, Json, JsonExpression, source_of

if TYPE_CHECKING:
    from api.reads.compiler import Compiler

# How many entries a list within a document counts for.
SMALL_LIST = 10


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An object within a JSON document, and its keys as columns of ``record`` where they were unpacked.

    A document of some size is kept compressed, and each ``->`` into it would decompress it again.
    """

    whole: ColumnElement[Any]
    record: FromClause | None = None

    def part(self, key: str) -> ColumnElement[Any]:
        """What is under ``key``, which is a name of our own schema."""
        if not key.isidentifier():
            raise RuntimeError(f"{key!r} is no key of a document")
        if self.record is not None:
            return self.record.c[key]
        return _under(self.whole, key)


Elements = tuple[FromClause, Unpacked]


@dataclass(frozen=True, slots=True)
class DocumentCompiler:
    """Compiles an embedded document's selection."""

    compiler: Compiler

    def read(self, definition: GraphQLField, nodes: list[FieldNode], table: FromClause) -> ColumnElement[Any]:
        """The document of ``table``'s row that ``definition`` is, as it was selected."""
        source = source_of(definition)
        document = _document(source.build, table)
        if not source.kept_as_shown:
            return self.value(definition.type, document, nodes, table)
        type_ = _object(definition.type)
        if self._is_whole(type_, nodes):
            self._count(type_)
            return type_coerce(document, JSON())
        return self.value(definition.type, cast(document, JSONB()), nodes, table)

    def _is_whole(self, type_: GraphQLObjectType, nodes: list[FieldNode]) -> bool:
        """Whether all fields of an object are selected, in their order and by their names, and so on within."""
        selected = self.compiler.selections.of(type_, nodes)
        if list(selected) != list(type_.fields):
            return False
        within = ((name, get_named_type(field.type)) for name, field in type_.fields.items())
        return all(
            selected[name][0].name.value == name and (not is_object_type(part) or self._is_whole(part, selected[name]))
            for name, part in within
        )

    def _count(self, type_: GraphQLObjectType) -> None:
        """What the same selection costs part by part."""
        self.compiler.count(1)
        for field in type_.fields.values():
            part = get_named_type(field.type)
            if is_object_type(part):
                listed = is_list_type(get_nullable_type(field.type))
                with self.compiler.times(SMALL_LIST) if listed else nullcontext():
                    self._count(part)

    def value(
        self, type_: GraphQLOutputType, value: ColumnElement[Any], nodes: list[FieldNode], table: FromClause
    ) -> ColumnElement[Any]:
        """A part of a document, shaped by its GraphQL type: a leaf, an object, or a list of either."""
        bare = type_.of_type if is_non_null_type(type_) else type_
        named = get_named_type(type_)
        if not is_object_type(named):
            if is_list_type(bare) and is_non_null_type(type_):
                return func.coalesce(value, literal_column("'[]'::jsonb"))
            return value
        if not is_list_type(bare):
            whole = self._unpacked(named, value, nodes)
            columns = self._parts(named, whole, nodes, table if whole.record is None else whole.record)
            made = self.compiler.object_of(PlainSelect(columns, whole.record))
            return made if is_non_null_type(type_) else case((func.jsonb_typeof(value) == "object", made))
        return self._embedded_list(type_, named, value, nodes, table)

    def _embedded_list(
        self,
        type_: GraphQLOutputType,
        named: GraphQLObjectType,
        value: ColumnElement[Any],
        nodes: list[FieldNode],
        table: FromClause,
    ) -> ColumnElement[Any]:
        elements, each = _elements(value)
        with self.compiler.times(SMALL_LIST):
            columns = self._parts(named, each, nodes, elements)
        listed = self.compiler.list_of(PlainSelect(columns, elements))
        return listed if is_non_null_type(type_) else case((func.jsonb_typeof(value) == "array", listed))

    def _unpacked(self, type_: GraphQLObjectType, value: ColumnElement[Any], nodes: list[FieldNode]) -> Unpacked:
        """A document's object, of which the selected keys are at hand."""
        names = {selected[0].name.value for selected in self.compiler.selections.of(type_, nodes).values()} - {
            "__typename"
        }
        sources = [source_of(type_.fields[name]) for name in sorted(names)]
        keys = [source.key for source in sources if isinstance(source, Json)]
        if not keys:
            return Unpacked(value)
        return Unpacked(value, _record(value, tuple(keys)))

    def _parts(self, type_: GraphQLObjectType, value: Unpacked, nodes: list[FieldNode], table: FromClause) -> Columns:
        self.compiler.count(1)
        return {
            key: self.compiler.within(key, self._part, type_, value, selected, table)
            for key, selected in self.compiler.selections.of(type_, nodes).items()
        }

    def _part(
        self, type_: GraphQLObjectType, value: Unpacked, nodes: list[FieldNode], table: FromClause
    ) -> ColumnElement[Any]:
        name = nodes[0].name.value
        if name == "__typename":
            return literal(type_.name, Text())
        definition = type_.fields[name]
        match source_of(definition):
            case JsonExpression(build):
                return build(value.whole)
            case Json(key):
                return self.value(definition.type, value.part(key), nodes, table)
        raise RuntimeError(f"{type_.name}.{name} cannot be read from a document")


# Parts of the documents of a table under one of its names, made once: every operation has the same.


@lru_cache(maxsize=4096)
def _document(build: Build, table: FromClause) -> ColumnElement[Any]:
    return type_coerce(build(table), JSONB())


@lru_cache(maxsize=8192)
def _under(whole: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    return type_coerce(whole.op("->")(literal_column(f"'{key}'")), JSONB())


@lru_cache(maxsize=8192)
def _record(value: ColumnElement[Any], keys: tuple[str, ...]) -> FromClause:
    columns = (column(key, JSONB()) for key in keys)
    return func.jsonb_to_record(value).table_valued(*columns).render_derived(with_types=True)


@lru_cache(maxsize=4096)
def _elements(value: ColumnElement[Any]) -> Elements:
    """A list's elements in their order, which what is read of them alone keeps; none of what is no list."""
    listed = case((func.jsonb_typeof(value) == "array", value))
    elements = func.jsonb_array_elements(listed).table_valued("value").render_derived()
    return elements, Unpacked(type_coerce(elements.c.value, JSONB()))


def _object(type_: GraphQLOutputType) -> GraphQLObjectType:
    named = get_named_type(type_)
    assert is_object_type(named)  # noqa: S101 - a document's type is one
    return named
