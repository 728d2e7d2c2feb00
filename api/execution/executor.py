"""Carries operations out: variables are coerced, then it is the queries' or the mutations' matter."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLSchema, OperationType, ValueNode, value_from_ast_untyped
from graphql.execution.values import get_variable_values

from api.execution.mutations import Mutations
from api.execution.platform import Platform
from api.execution.queries import Queries
from api.execution.reads import Reader
from api.http.documents import PreparedOperation
from api.http.endpoint import Context
from api.http.errors import Code, from_graphql


class PlatformExecutor:
    """Executes prepared operations against one platform."""

    def __init__(self, schema: GraphQLSchema, platform: Platform) -> None:
        self._schema = schema
        reader = Reader(schema, platform)
        self._queries = Queries(schema, platform, reader)
        self._mutations = Mutations(schema, platform, reader)

    async def execute(self, operation: PreparedOperation, variables: dict[str, Any], context: Context) -> bytes:
        """The response's JSON. Raises: RequestError when nothing was executed."""
        definitions = operation.operation.variable_definitions
        given = variables
        coerced: Any = None
        if definitions:
            coerced = get_variable_values(self._schema, definitions, variables, max_errors=5, hide_suggestions=True)
            if isinstance(coerced, list):
                raise from_graphql(Code.BAD_USER_INPUT, coerced)
            given = {
                name: variables[name] if name in variables else _untyped(node.default_value)
                for node in definitions
                if (name := node.variable.name.value) in variables or node.default_value is not None
            }
        if operation.kind is OperationType.MUTATION:
            return await self._mutations.execute(operation, given, coerced, context)
        return await self._queries.execute(operation, given, coerced, variables, context)


def _untyped(node: ValueNode | None) -> Any:
    return None if node is None else value_from_ast_untyped(node)
