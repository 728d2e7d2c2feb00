"""A request's variables: checked against the schema, and as the compiler and the use cases take them."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLSchema, ValueNode, value_from_ast_untyped
from graphql.execution.values import get_variable_values

from api.http.documents import PreparedOperation
from api.http.errors import Code, from_graphql


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
    given = {
        name: raw[name] if name in raw else _untyped(node.default_value)
        for node in definitions
        if (name := node.variable.name.value) in raw or node.default_value is not None
    }
    return given, coerced


def _untyped(node: ValueNode | None) -> Any:
    return None if node is None else value_from_ast_untyped(node)
