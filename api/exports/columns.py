"""From an operation to a table: one list, whose selected fields are the columns.

A column is a single value of a row, however deep: a field of it, of another entity that it points to, or of a document
within it. Its heading is what the schema says of the fields on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_object_type,
)

from api.http.errors import Code, RequestError, request_error
from api.reads.selections import Selections
from api.reads.sources import Connection, source_of
from domain.text import Text

MAX_COLUMNS = 200
PAGING = ("first", "last", "after", "before")
WITHIN = " · "


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value stands in a row's JSON, its heading, and its scalar's name; ``terms`` for a vocabulary's."""

    path: tuple[str, ...]
    heading: Text
    kind: str
    terms: Mapping[str, Text] | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list to be written out: its root field, the type of its rows, what it is called, its columns."""

    root: list[FieldNode]
    definition: GraphQLField
    nodes: list[FieldNode]
    type_: GraphQLObjectType
    title: Text
    columns: tuple[Column, ...]


def read_sheet(schema: GraphQLSchema, selections: Selections, roots: Mapping[str, list[FieldNode]]) -> Sheet:
    """The one list that an operation's ``roots`` select.

    Raises: RequestError(BAD_USER_INPUT) for an operation that is not one list of single values.
    """
    query = schema.query_type
    assert query is not None  # noqa: S101 - every schema has one
    [root, *others] = roots.values()
    definition = query.fields.get(root[0].name.value)
    if others or definition is None or not isinstance(source_of(definition), Connection):
        raise _unfit("导出须恰好查询一个列表,例如 filings。", "An export asks for one list, such as filings.")
    if any(argument.name.value in PAGING for node in root for argument in node.arguments or ()):
        raise _unfit(
            "导出总是整个列表,请去掉 first、last、after、before。",
            "An export is always the whole list: leave out first, last, after and before.",
        )
    connection = _object(definition)
    parts = selections.of(connection, root)
    [nodes, *others] = parts.values()
    if others or nodes[0].name.value != "nodes":
        raise _unfit("列表中须恰好选择 nodes。", "Select nodes of the list, and nothing else.")
    type_ = _object(connection.fields["nodes"])
    columns = tuple(_columns(selections, type_, nodes, (), ()))
    if not 0 < len(columns) <= MAX_COLUMNS:
        raise _unfit(f"须选择 1 至 {MAX_COLUMNS} 列。", f"Select from 1 to {MAX_COLUMNS} columns.")
    return Sheet(root, definition, nodes, type_, words_of(definition.description), columns)


def _columns(
    selections: Selections,
    type_: GraphQLObjectType,
    nodes: Iterable[FieldNode],
    path: tuple[str, ...],
    words: tuple[Text, ...],
) -> Iterator[Column]:
    for key, selected in selections.of(type_, nodes).items():
        name = selected[0].name.value
        if name == "__typename":
            continue
        field = type_.fields[name]
        named = get_named_type(field.type)
        way = (*words, words_of(field.description or name))
        if is_leaf_type(named):
            terms = _terms(named) if isinstance(named, GraphQLEnumType) else None
            yield Column((*path, key), _heading(way), named.name, terms)
        elif is_object_type(named) and not is_list_type(get_nullable_type(field.type)) and not _is_list(field):
            yield from _columns(selections, named, selected, (*path, key), way)
        else:
            raise _unfit(
                f"{'.'.join((*path, name))} 不是单个值,不能作为列。请去掉,或单独导出该列表。",
                f"{'.'.join((*path, name))} is no single value and cannot be a column: leave it out, "
                "or export that list by itself.",
            )


def _is_list(field: GraphQLField) -> bool:
    return isinstance(source_of(field), Connection)


def _heading(way: tuple[Text, ...]) -> Text:
    return Text(WITHIN.join(each.zh for each in way), WITHIN.join(each.en for each in way))


def words_of(description: str | None) -> Text:
    """A description (``中文 / English``) as a text, without what it adds in brackets."""
    zh, _, en = (description or "").partition(" / ")
    return Text(_short(zh), _short(en or zh))


def _short(words: str) -> str:
    for mark in (";", ",", "("):
        head, found, _ = words.partition(mark)
        if found and head.strip():
            words = head
    return words.strip()


def _terms(vocabulary: GraphQLEnumType) -> dict[str, Text]:
    return {name: words_of(value.description or name) for name, value in vocabulary.values.items()}


def _object(field: GraphQLField) -> GraphQLObjectType:
    named = get_named_type(field.type)
    assert is_object_type(named)  # noqa: S101 - a list and its rows are objects
    return named


def _unfit(zh: str, en: str) -> RequestError:
    return request_error(Code.BAD_USER_INPUT, zh, en)
