"""Reads: find or make the plan, run it, hand PostgreSQL's bytes on."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import asyncpg
from graphql import GraphQLSchema

from api.execution.platform import Platform
from api.http.documents import PreparedOperation
from api.http.errors import Code, request_error, unavailable
from api.reads.compiler import Compiler
from api.reads.plan import Plan, context_of
from api.reads.plans import PlanCache, Trace
from domain.access import Caller
from storage.database import UNREACHABLE

# Some thousands of plans of the usual size: 3 to 10 KB each.
PLAN_BYTES = 24 << 20
Compile = Callable[[Compiler], Plan]


class Reader:
    """Runs compiled reads for one schema."""

    def __init__(self, schema: GraphQLSchema, platform: Platform) -> None:
        self._schema = schema
        self._platform = platform
        self._plans: PlanCache[Plan] = PlanCache(PLAN_BYTES, lambda plan: plan.weight)

    async def read(
        self,
        operation: PreparedOperation,
        part: Hashable,
        variables: dict[str, Any],
        caller: Caller,
        compile_: Compile,
        **context: Any,
    ) -> tuple[bytes, int]:
        """The JSON of one ``part`` of an operation (hashable, naming it), compiled by ``compile_`` when it is new.

        With it, how many objects it might have held.

        Raises: RequestError.
        """
        plan = self.plan(operation, part, variables, caller, compile_)
        arguments = plan.arguments(variables, context_of(caller, **context))
        try:
            data = await self._platform.database.reads.fetch_json(caller.tenant_id, plan.sql, arguments)
        except asyncpg.QueryCanceledError:
            raise request_error(
                Code.UNAVAILABLE,
                "查询耗时过长,已停止。请缩小范围后重试。",
                "This took too long and was stopped. Ask for less.",
            ) from None
        except UNREACHABLE as error:
            raise unavailable() from error
        return data, plan.objects

    def plan(
        self, operation: PreparedOperation, part: Hashable, variables: dict[str, Any], caller: Caller, compile_: Compile
    ) -> Plan:
        """The plan of a part: the one that is there, or a new one. Raises: RequestError."""
        key = (operation, caller.role, part)
        plan = self._plans.find(key, variables)
        if plan is None:
            trace = Trace(variables)
            plan = compile_(Compiler(self._schema, operation, caller.role, trace))
            self._plans.keep(key, trace, plan)
        return plan
