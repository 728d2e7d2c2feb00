"""Random valid operations over the whole schema, as hypothesis strategies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from hypothesis import strategies as st

from api.reads.sources import Computed, source_of

# Cursors differ by nature: the reference has none. Paging has tests of its own.
LEFT_OUT = frozenset({"cursor", "startCursor", "endCursor"})
MOST_FIELDS = 4
DEPTH = 4


@dataclass
class Operation:
    """A document under construction."""

    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def variable(self, type_: str, value: Any) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = (type_, value)
        return f"${name}"

    def document(self, body: str) -> tuple[str, dict[str, Any]]:
        declared = ",".join(f"${name}:{type_}" for name, (type_, _) in self.variables.items())
        head = f"query({declared})" if declared else "query"
        return " ".join([head + body, *self.fragments]), {name: value for name, (_, value) in self.variables.items()}


@st.composite
def operations(draw: st.DrawFn, schema: GraphQLSchema, ids: list[str]) -> tuple[str, dict[str, Any]]:
    """A query and its variables; ``ids`` are global ids to ask for."""
    made = Operation()
    query = schema.query_type
    assert query
    return made.document(_selection(draw, schema, made, query, DEPTH, ids))


def _selection(draw: st.DrawFn, schema: GraphQLSchema, made: Operation, type_: Any, depth: int, ids: list[str]) -> str:
    # A union has no fields of its own.
    own = {} if isinstance(type_, GraphQLUnionType) else type_.fields
    fields = {
        name: each
        for name, each in own.items()
        if not name.startswith("__")
        and name not in LEFT_OUT
        and not isinstance(source_of(each), Computed)
        and (depth > 0 or is_leaf_type(get_named_type(each.type)))
    }
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), min_size=1, max_size=MOST_FIELDS)) if fields else []
    parts = []
    for number, name in enumerate(chosen):
        text = _field(draw, schema, made, name, fields[name], depth, ids)
        # The same field twice may have other arguments, so each gets a name of its own. Names tell types apart, whose
        # fields of one name need not be alike.
        parts.append(f"{type_.name}{number}_{depth}:{text}")
    if draw(st.booleans()):
        parts.append("__typename")
    if not parts:
        parts = ["__typename"]
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        possible = sorted(schema.get_possible_types(type_), key=str)
        for target in draw(st.lists(st.sampled_from(possible), max_size=2, unique_by=str)):
            parts.append(f"... on {target.name}{_selection(draw, schema, made, target, depth - 1, ids)}")
    body = " ".join(parts)
    wrap = draw(st.sampled_from(["plain", "inline", "fragment"]))
    if wrap == "inline":
        body = f"... on {type_.name}{{{body}}} __typename"
    elif wrap == "fragment":
        name = f"F{len(made.fragments)}"
        made.fragments.append("")
        made.fragments[int(name[1:])] = f"fragment {name} on {type_.name}{{{body}}}"
        body = f"...{name}"
    return f"{{{body}}}"


def _field(
    draw: st.DrawFn, schema: GraphQLSchema, made: Operation, name: str, field_: GraphQLField, depth: int, ids: list[str]
) -> str:
    arguments = _arguments(draw, made, field_, ids)
    named = get_named_type(field_.type)
    text = name + (f"({','.join(arguments)})" if arguments else "") + _directive(draw, made)
    if is_leaf_type(named):
        return text
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType)
    # What only wraps (connections, edges, parts of documents) does not count as a level.
    level = depth if named.name.endswith(("Connection", "Edge", "PageInfo")) else depth - 1
    return text + _selection(draw, schema, made, named, level, ids)


def _arguments(draw: st.DrawFn, made: Operation, field_: GraphQLField, ids: list[str]) -> list[str]:
    found = []
    given = field_.args
    if "ids" in given:
        some = draw(st.lists(st.sampled_from(ids), max_size=4))
        found.append(f"ids:{made.variable('[ID!]!', some)}")
    if "id" in given:
        one = draw(st.sampled_from(ids))
        found.append(f'id:"{one}"' if draw(st.booleans()) else f"id:{made.variable('ID!', one)}")
    sizes = [name for name in ("first", "last") if name in given]
    if sizes and draw(st.booleans()):
        name, size = draw(st.sampled_from(sizes)), draw(st.integers(0, 5))
        found.append(f"{name}:{size}" if draw(st.booleans()) else f"{name}:{made.variable('Int', size)}")
    if "orderBy" in given and draw(st.booleans()):
        found.append(f"orderBy:{_order(draw, given['orderBy'])}")
    if "filter" in given and draw(st.booleans()):
        found.append(_filter(draw, made, given["filter"], ids))
    return found


def _order(draw: st.DrawFn, argument: Any) -> str:
    fields = get_named_type(argument.type).fields["field"].type
    values = st.sampled_from(sorted(get_named_type(fields).values))
    directions = st.sampled_from(["", ",direction:ASC", ",direction:DESC"])
    terms = draw(st.lists(st.tuples(values, directions), min_size=1, max_size=3))
    return "[" + ",".join(f"{{field:{value}{direction}}}" for value, direction in terms) + "]"


def _filter(draw: st.DrawFn, made: Operation, argument: Any, ids: list[str]) -> str:
    type_ = get_named_type(argument.type)
    names = draw(st.lists(st.sampled_from(sorted(type_.fields)), max_size=2, unique=True))
    values = {name: draw(_value(type_.fields[name].type, ids)) for name in names}
    if draw(st.booleans()):
        return f"filter:{made.variable(type_.name, values)}"
    parts = [f"{name}:{made.variable(str(type_.fields[name].type), value)}" for name, value in values.items()]
    return f"filter:{{{','.join(parts)}}}"


def _value(type_: Any, ids: list[str]) -> st.SearchStrategy[Any]:
    bare, named = get_nullable_type(type_), get_named_type(type_)
    if is_list_type(bare):
        return st.none() | st.lists(_value(bare.of_type, ids), max_size=3)
    if isinstance(named, GraphQLEnumType):
        some: st.SearchStrategy[Any] = st.sampled_from(sorted(named.values))
    else:
        some = {
            "ID": st.sampled_from(ids),
            "Int": st.integers(0, 5),
            "Boolean": st.booleans(),
            "String": st.sampled_from(["平台", "系统", "海淀 系统", "ＸＴ", "%", "区", ""]),
            "Date": st.sampled_from(["2026-01-01", "2026-11-01", "2026-11-20"]),
            "DateTime": st.sampled_from(["2026-06-01T00:00:00+08:00", "2026-11-10T12:00:00Z"]),
        }[named.name]
    return some if bare is not type_ else st.none() | some


def _directive(draw: st.DrawFn, made: Operation) -> str:
    kind = draw(st.sampled_from(["", "", "", "skip", "include"]))
    if not kind:
        return ""
    flag = draw(st.booleans())
    written = draw(st.sampled_from(["variable", "literal"]))
    value = made.variable("Boolean!", flag) if written == "variable" else str(flag).lower()
    return f" @{kind}(if:{value})"
