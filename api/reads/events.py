"""What an event is about, read again: one row by its key, if the caller sees it and the filter matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import ColumnElement, Uuid, bindparam, select

from api.reads.arguments import arguments_of
from api.reads.filters import FilterCompiler
from api.reads.sources import Event, registry

if TYPE_CHECKING:
    from api.reads.compiler import Compiler


def event_value(
    compiler: Compiler, definition: GraphQLField, source: Event, key: str, nodes: list[FieldNode]
) -> ColumnElement[Any]:
    """The response's JSON object, ``key`` its only member; null where the event is not for the caller.

    The row is the one of the context's ``scope_key``. The filter is compiled as the list's own is.
    Raises: RequestError.
    """
    type_ = get_named_type(definition.type)
    assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - the schema is checked for it
    filters = FilterCompiler(compiler)
    matches = filters.rows(source.listing, arguments_of(nodes[0]).get("filter"))
    compiler.count(1)
    table, seen = compiler.rows_of(registry.by_type[type_.name])
    conditions = [seen, table.c.id == bindparam("scope_key", None, type_=Uuid())]
    if matches is not None:
        conditions.append(matches(table))
    if filters.searched is not None:
        offered, value = filters.searched
        conditions.append(offered.condition(table, value))
    made = compiler.row(type_, nodes, table).label(key)
    return compiler.object_of(select(made).select_from(table).where(*conditions))
