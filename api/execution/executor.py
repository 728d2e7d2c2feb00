"""Carries operations out, each kind by its own: queries, mutations, subscriptions."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLSchema, OperationType

from api.execution.mutations import Mutations
from api.execution.platform import Platform
from api.execution.queries import Queries
from api.execution.reads import Reader
from api.execution.subscriptions import Subscribed, Subscriptions
from api.execution.variables import judge, prepare
from api.http.documents import PreparedOperation
from api.http.operations import Context, Renew


class PlatformExecutor:
    """Executes prepared operations against one platform."""

    def __init__(self, schema: GraphQLSchema, platform: Platform) -> None:
        self._schema = schema
        reader = Reader(schema, platform)
        self._queries = Queries(schema, platform, reader)
        self._mutations = Mutations(schema, platform, reader)
        self._subscriptions = Subscriptions(schema, platform, reader)

    async def execute(self, operation: PreparedOperation, variables: dict[str, Any], context: Context) -> bytes:
        """The response's JSON. Raises: RequestError when nothing was executed."""
        if operation.kind is not OperationType.MUTATION:
            return await self._queries.execute(operation, variables, context)
        given, coerced = prepare(self._schema, operation, variables)
        return await self._mutations.execute(operation, given, coerced, context)

    async def subscribe(
        self, operation: PreparedOperation, variables: dict[str, Any], context: Context, renew: Renew
    ) -> Subscribed:
        """The responses' JSON, as they come. Raises: RequestError when nothing can be subscribed to."""
        given = judge(self._schema, operation, variables)
        return await self._subscriptions.open(operation, given, context.caller, renew)
