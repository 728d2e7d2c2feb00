"""Figures: how many rows of a list there are for each value of some of its columns, as one SELECT.

The rows are those of the list for the same caller and the same filter, so that a figure and the list that it counts
agree. A figure is an object whose fields are read of its group; its names are those of the list's filter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type
from sqlalchemy import ColumnElement, FromClause, func, literal_column, select

from api.reads.arguments import arguments_of
from api.reads.filters import FilterCompiler
from api.reads.json_rows import PlainSelect
from api.reads.sources import Figures, registry
from authz.scopes import reached_by

if TYPE_CHECKING:
    from api.reads.compiler import Compiler

# How many figures a field counts for: states times districts are a hundred or two.
MOST = 200
NONE: ColumnElement[Any] = literal_column("'[]'::json")


def figures_value(
    compiler: Compiler, definition: GraphQLField, source: Figures, nodes: list[FieldNode], parent: FromClause | None
) -> ColumnElement[Any]:
    """The figures as a JSON array, in the order of their values; none where the role cannot see what they are by."""
    type_ = get_named_type(definition.type)
    assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - the schema is checked for it
    entity = registry.by_type[source.listing.name]
    if compiler.is_hidden(entity.table, source.needs):
        return NONE
    matches = FilterCompiler(compiler).rows(source.listing, arguments_of(nodes[0]).get("filter"))
    table, rows = compiler.rows_of(entity, reached_by(source.key, parent))
    counted = select(*(build(table).label(name) for name, build in source.by.items())).select_from(table).where(rows)
    for condition in (matches, source.where):
        if condition is not None:
            counted = counted.where(condition(table))
    if parent is not None and source.on is not None:
        counted = counted.where(source.on(parent, table)).correlate(parent)
    # Named first and grouped afterwards: an expression with parameters is never the same twice.
    each = counted.subquery()
    by = [each.c[name] for name in source.by]
    groups = select(*by, func.count().label("count")).group_by(*by).subquery()
    with compiler.times(MOST):
        columns = compiler.columns_of(type_, nodes, groups)
    return compiler.list_of(PlainSelect(columns, groups, order=[groups.c[name] for name in source.by]))
