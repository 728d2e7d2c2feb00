"""A request's variables: checked against the schema, and as the compiler and the use cases take them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    GraphQLSchema,
    NamedTypeNode,
    NonNullTypeNode,
    ValueNode,
    VariableDefinitionNode,
    value_from_ast_untyped,
)
from graphql.execution.values import get_variable_values

from api.http.documents import PreparedOperation
from api.http.errors import Code, from_graphql

# What plain values of these types are sent as.
PLAIN: dict[str, type] = {"ID": str, "String": str, "Int": int, "Boolean": bool}
INT_BITS = 31


def judge(schema: GraphQLSchema, operation: PreparedOperation, raw: dict[str, Any]) -> dict[str, Any]:
    """The variables of ``operation`` with their defaults, as they were sent, for whoever needs them in no other form.

    graphql-core is asked only about those that are not plainly of their types. Raises: RequestError(BAD_USER_INPUT).
    """
    definitions = operation.operation.variable_definitions or ()
    if all(_is_plain(node, raw) for node in definitions):
        return _given(definitions, raw) if definitions else raw
    return prepare(schema, operation, raw)[0]


def _is_plain(node: VariableDefinitionNode, raw: dict[str, Any]) -> bool:
    """Whether a variable is left out and may be, or is a value that its type takes as it is."""
    name, type_ = node.variable.name.value, node.type
    required = isinstance(type_, NonNullTypeNode)
    if name not in raw:
        return not required or node.default_value is not None
    named = type_.type if isinstance(type_, NonNullTypeNode) else type_
    value = raw[name]
    if not isinstance(named, NamedTypeNode) or type(value) is not PLAIN.get(named.name.value):
        return False
    return type(value) is not int or -(2**INT_BITS) <= value < 2**INT_BITS


def prepare(schema: GraphQLSchema, operation: PreparedOperation, raw: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    """The variables of ``operation`` with their defaults, as they were sent, and coerced to their types.

    Raises: RequestError(BAD_USER_INPUT).
    """
    definitions = operation.operation.variable_definitions
    if not definitions:
        return raw, None
    coerced: Any = get_variable_values(schema, definitions, raw, max_errors=5, hide_suggestions=True)
    if isinstance(coerced, list):
        raise from_graphql(Code.BAD_USER_INPUT, coerced)
    return _given(definitions, raw), coerced


def _given(definitions: Sequence[VariableDefinitionNode], raw: dict[str, Any]) -> dict[str, Any]:
    return {
        name: raw[name] if name in raw else _untyped(node.default_value)
        for node in definitions
        if (name := node.variable.name.value) in raw or node.default_value is not None
    }


def _untyped(node: ValueNode | None) -> Any:
    return None if node is None else value_from_ast_untyped(node)
