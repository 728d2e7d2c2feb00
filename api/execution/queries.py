"""Queries: what is SQL in one compiled read; introspection by graphql-core and computed fields by Python beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    get_argument_values,
    is_non_null_type,
)

from api.execution.cost import closing, extensions
from api.execution.platform import Platform
from api.execution.reads import Reader
from api.execution.shapes import shaped
from api.execution.variables import judge, prepare
from api.http.documents import INTROSPECTION, PreparedOperation
from api.http.errors import Code, Fault, RequestError, from_execution, from_graphql, internal, unauthenticated
from api.http.operations import Context
from api.reads.compiler import Compiler
from api.reads.plan import Plan
from api.reads.plans import Trace
from api.reads.selections import Selected, Selections
from api.reads.sources import Computed, source_of


@dataclass(slots=True)
class _Answer:
    """A response that is put together from several sources, its keys in the order in which they were selected."""

    data: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    # A field that may not be null has failed: there is no data.
    nothing: bool = False
    objects: int = 0

    def body(self, language: str) -> bytes:
        errors = {"errors": [fault.shown(language) for fault in self.faults]} if self.faults else {}
        data = None if self.nothing else self.data
        return orjson.dumps({**errors, "data": data, "extensions": extensions(self.objects)})


class Queries:
    """Executes queries for one schema."""

    def __init__(self, schema: GraphQLSchema, platform: Platform, reader: Reader) -> None:
        assert schema.query_type is not None  # noqa: S101 - every schema has one
        self._schema = schema
        self._platform = platform
        self._reader = reader
        self._type: GraphQLObjectType = schema.query_type
        self._computed: dict[str, Computed] = {
            name: source
            for name, field in self._type.fields.items()
            if isinstance(source := source_of(field), Computed)
        }
        self._beside = INTROSPECTION | self._computed.keys()
        self._not_sql = self._beside | {"__typename"}
        # What may be asked without signing in; what of it is SQL answers null without a statement.
        openly = {name for name, source in self._computed.items() if source.open}
        self._open = frozenset({"__typename", "viewer", *INTROSPECTION, *openly})

    async def execute(self, operation: PreparedOperation, raw: dict[str, Any], context: Context) -> bytes:
        """The response's JSON; variables as they were sent. Raises: RequestError when nothing was executed."""
        if context.caller is not None and self._beside.isdisjoint(operation.roots):
            given = judge(self._schema, operation, raw)
            data, objects = await self._reader.read(operation, None, given, context.caller, self._compile)
            return b'{"data":' + data + closing(objects)
        given, coerced = prepare(self._schema, operation, raw)
        selections = Selections(self._schema, operation.document, Trace(given))
        selected = selections.collect(self._type, [operation.operation.selection_set])
        names = {nodes[0].name.value for nodes in selected.values()}
        if context.caller is None and names - self._open:
            raise unauthenticated()
        answer = _Answer({key: self._typename(nodes) for key, nodes in selected.items()})
        if names & INTROSPECTION:
            self._introspect(answer, operation, selected, raw)
        await self._compute(answer, selections, selected, coerced, context)
        if context.caller is not None and names - self._not_sql:
            rest, answer.objects = await self._reader.read(
                operation, "reads", given, context.caller, self._compile_reads
            )
            answer.data |= orjson.loads(rest)
        return answer.body(context.language)

    def _typename(self, nodes: list[FieldNode]) -> str | None:
        return self._type.name if nodes[0].name.value == "__typename" else None

    async def _compute(
        self, answer: _Answer, selections: Selections, selected: Selected, coerced: Any, context: Context
    ) -> None:
        for key, nodes in selected.items():
            source = self._computed.get(nodes[0].name.value)
            if source is None:
                continue
            definition = self._type.fields[nodes[0].name.value]
            try:
                arguments = get_argument_values(definition, nodes[0], coerced)
                value = await source.compute(self._platform, context, arguments)
                answer.data[key] = shaped(selections, definition.type, nodes, value)
            except Exception as error:
                answer.faults.append(_fault(error, key))
                answer.nothing = answer.nothing or is_non_null_type(definition.type)

    def _introspect(
        self, answer: _Answer, operation: PreparedOperation, selected: Selected, raw: dict[str, Any]
    ) -> None:
        result = execute_sync(self._schema, _introspection(operation, selected), variable_values=raw)
        answer.data |= result.data or {}
        answer.faults += from_execution(result.errors or [])

    @staticmethod
    def _compile(compiler: Compiler) -> Plan:
        query = compiler.schema.query_type
        assert query is not None  # noqa: S101
        return compiler.query(query, compiler.selections.collect(query, [compiler.operation.operation.selection_set]))

    def _compile_reads(self, compiler: Compiler) -> Plan:
        selected = compiler.selections.collect(self._type, [compiler.operation.operation.selection_set])
        sql = {key: nodes for key, nodes in selected.items() if nodes[0].name.value not in self._not_sql}
        return compiler.query(self._type, sql)


def _fault(error: Exception, key: str) -> Fault:
    """What went wrong with a computed field, with its place in the response."""
    if isinstance(error, GraphQLError):  # an argument that its type does not take
        error = from_graphql(Code.BAD_USER_INPUT, [error])
    if not isinstance(error, RequestError):
        return internal(error, path=[key])
    known = error.faults[0]
    return Fault(known.code, known.message, path=[key], facts=known.facts)


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
