"""Carries operations out: queries by one compiled read, mutations by use cases, introspection by graphql-core."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    execute_sync,
    value_from_ast_untyped,
)
from graphql.execution.values import get_variable_values

from api.execution.mutations import Mutations
from api.execution.platform import Platform
from api.execution.reads import Reader
from api.http.documents import INTROSPECTION, PreparedOperation
from api.http.endpoint import Context
from api.http.errors import Code, from_execution, from_graphql, unauthenticated
from api.reads.compiler import Compiler
from api.reads.plan import Plan
from api.reads.plans import Trace
from api.reads.selections import Selected, Selections

# What may be asked without signing in; all of it answers without a statement.
OPEN_FIELDS = frozenset({"__typename", "viewer", *INTROSPECTION})


class PlatformExecutor:
    """Executes prepared operations against one platform."""

    def __init__(self, schema: GraphQLSchema, platform: Platform) -> None:
        self._schema = schema
        self._reader = Reader(schema, platform)
        self._mutations = Mutations(schema, platform, self._reader)

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
        return await self._query(operation, given, variables, context)

    async def _query(
        self, operation: PreparedOperation, given: dict[str, Any], raw: dict[str, Any], context: Context
    ) -> bytes:
        selected = self._roots(operation, given)
        names = {nodes[0].name.value for nodes in selected.values()}
        if context.caller is None:
            if names - OPEN_FIELDS:
                raise unauthenticated()
        elif not names & INTROSPECTION:
            data = await self._reader.read(operation, None, given, context.caller, self._compile)
            return b'{"data":' + data + b"}"
        return await self._mixed(operation, selected, given, raw, context)

    async def _mixed(
        self,
        operation: PreparedOperation,
        selected: Selected,
        given: dict[str, Any],
        raw: dict[str, Any],
        context: Context,
    ) -> bytes:
        """An operation with introspection, or without a caller: what is not SQL is executed by graphql-core."""
        data: dict[str, Any] = {}
        errors: list[Any] = []
        if any(nodes[0].name.value in INTROSPECTION for nodes in selected.values()):
            result = execute_sync(self._schema, _introspection(operation, selected), variable_values=raw)
            data |= result.data or {}
            errors = result.errors or []
        if context.caller is not None:
            rest = await self._reader.read(operation, "reads", given, context.caller, self._compile_reads)
            data |= orjson.loads(rest)
        query = self._schema.query_type
        assert query is not None  # noqa: S101 - every schema has one
        fixed: dict[str, Any] = {"__typename": query.name, "viewer": None}
        answer: dict[str, Any] = {
            "data": {key: data.get(key, fixed.get(nodes[0].name.value)) for key, nodes in selected.items()}
        }
        if errors:
            answer["errors"] = [fault.shown(context.language) for fault in from_execution(errors)]
        return orjson.dumps(answer)

    def _roots(self, operation: PreparedOperation, variables: dict[str, Any]) -> Selected:
        query = self._schema.query_type
        assert query is not None  # noqa: S101
        selections = Selections(self._schema, operation.document, Trace(variables))
        return selections.collect(query, [operation.operation.selection_set])

    @staticmethod
    def _compile(compiler: Compiler) -> Plan:
        query = compiler.schema.query_type
        assert query is not None  # noqa: S101
        return compiler.query(query, compiler.selections.collect(query, [compiler.operation.operation.selection_set]))

    @staticmethod
    def _compile_reads(compiler: Compiler) -> Plan:
        query = compiler.schema.query_type
        assert query is not None  # noqa: S101
        selected = compiler.selections.collect(query, [compiler.operation.operation.selection_set])
        return compiler.query(
            query, {key: nodes for key, nodes in selected.items() if nodes[0].name.value not in INTROSPECTION}
        )


def _untyped(node: ValueNode | None) -> Any:
    return None if node is None else value_from_ast_untyped(node)


def _introspection(operation: PreparedOperation, selected: Selected) -> DocumentNode:
    """A document of the operation's introspection fields alone, wherever its fragments had put them."""
    nodes = [node for each in selected.values() for node in each if node.name.value in INTROSPECTION]
    original = operation.operation
    alone = OperationDefinitionNode(
        operation=original.operation,
        name=original.name,
        variable_definitions=original.variable_definitions,
        directives=original.directives,
        selection_set=SelectionSetNode(selections=tuple(nodes)),
    )
    fragments = (node for node in operation.document.definitions if isinstance(node, FragmentDefinitionNode))
    return DocumentNode(definitions=(alone, *fragments))
