"""The compiled way without HTTP, and the demo's people as callers."""

from __future__ import annotations

import uuid
from typing import Any

import orjson
from graphql import GraphQLSchema, OperationType

from api.execution.variables import prepare
from api.http.documents import Documents
from api.reads.compiler import Compiler
from api.reads.plan import Plan, context_of
from api.reads.plans import PlanCache, Trace
from domain.access import Caller, Duty, Role
from storage.database import Database
from tests.e2e.oracle import Everything


def caller_of(everything: Everything, username: str) -> Caller:
    """One of the demo's people as a caller."""
    user = next(row for row in everything.values("users") if row["username"] == username)
    membership = next(row for row in everything.values("memberships") if row["user_id"] == user["id"])
    home = everything.rows["organisations"][membership["organisation_id"]]
    return Caller(
        user["tenant_id"],
        user["id"],
        membership["id"],
        uuid.uuid4(),
        Role[membership["role"]],
        frozenset(Duty[duty] for duty in membership["duties"]),
        home["id"],
        home["district_id"],
    )


class Compiled:
    """A plan from the cache or a new one, run as one statement."""

    def __init__(self, schema: GraphQLSchema, database: Database) -> None:
        self.schema = schema
        self.database = database
        self.documents = Documents(schema)
        self.plans: PlanCache[Plan] = PlanCache(500)

    def plan(self, document: str, variables: dict[str, Any], role: Role) -> tuple[Plan, dict[str, Any], bool]:
        """The plan of an operation, its variables with defaults, and whether it is new. Raises: RequestError."""
        operation = self.documents.prepare(document)
        assert operation.kind is OperationType.QUERY
        given, _ = prepare(self.schema, operation, variables)
        key = (operation, role)
        plan = self.plans.find(key, given)
        if plan is not None:
            return plan, given, False
        trace = Trace(given)
        compiler = Compiler(self.schema, operation, role, trace)
        query = self.schema.query_type
        assert query
        plan = compiler.query(query, compiler.selections.collect(query, [operation.operation.selection_set]))
        self.plans.keep(key, trace, plan)
        return plan, given, True

    async def run(self, plan: Plan, given: dict[str, Any], caller: Caller) -> Any:
        """The plan's answer."""
        arguments = plan.arguments(given, context_of(caller))
        return orjson.loads(await self.database.reads.fetch_json(caller.tenant_id, plan.sql, arguments))

    async def answer(self, document: str, variables: dict[str, Any], caller: Caller) -> Any:
        """The data of an operation. Raises: RequestError."""
        plan, given, _ = self.plan(document, variables, caller.role)
        return await self.run(plan, given, caller)
