"""Mutations: one after the other, each a use case in a transaction of its own; what it changed is read again.

The payload's entity comes from the same compiler as every read, under the caller's scope: a mutation can show nothing
that a query could not.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import structlog
from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_argument_values,
    get_named_type,
    is_input_object_type,
    is_object_type,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.execution.cost import extensions
from api.execution.platform import Platform
from api.execution.reads import Reader
from api.execution.refusals import Refused
from api.execution.sessions import Sessions
from api.execution.shapes import shaped
from api.http.documents import PreparedOperation
from api.http.errors import RequestError, internal, store_unavailable, unauthenticated, unavailable
from api.http.operations import Context
from api.reads.compiler import Compiler
from api.reads.plan import Plan
from api.reads.plans import Trace
from api.reads.selections import Selected, Selections
from api.reads.sources import registry
from api.schema.mutations.adapter import RUN, Answer, Run, decoded, snake
from authz.permissions import PUBLIC
from domain import idempotency
from domain.access import Caller
from domain.errors import ErrorCode, Problem, Refusal, Verdict
from domain.ports import StoreUnavailable
from domain.text import Text
from domain.work import Preparation, Work
from storage.database import UNREACHABLE

log = structlog.get_logger(component="mutations")

OVERTAKEN = Problem(
    ErrorCode.CONFLICT,
    Text(
        "与他人同时办理,未作改动。请重新载入后再试。",
        "Somebody did this at the same time; nothing was changed. Try again.",
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation came to, ready to be shown."""

    entities: Mapping[str, UUID] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    caller: Caller | None = None


class Mutations:
    """Executes mutations for one schema."""

    def __init__(self, schema: GraphQLSchema, platform: Platform, reader: Reader) -> None:
        self._schema = schema
        self._platform = platform
        self._reader = reader
        self._sessions = Sessions(platform)

    async def execute(
        self, operation: PreparedOperation, variables: dict[str, Any], coerced: Any, context: Context
    ) -> bytes:
        """The response's JSON. Raises: RequestError when nothing was executed."""
        root = self._schema.mutation_type
        assert root is not None  # noqa: S101 - the schema has mutations
        selections = Selections(self._schema, operation.document, Trace(variables))
        selected = selections.collect(root, [operation.operation.selection_set])
        self._check_caller(selected, context)
        # What is beyond a limit is refused before the first of them is carried out.
        reading = _Reading(self._reader, self._schema, operation, variables, context.caller)
        for key, nodes in selected.items():
            if nodes[0].name.value in root.fields:
                reading.prepare(_object(root.fields[nodes[0].name.value].type), nodes, key)
        data: dict[str, Any] = {}
        objects = 0
        for key, nodes in selected.items():
            if nodes[0].name.value == "__typename":
                data[key] = root.name
                continue
            try:
                data[key], read = await self._field(operation, root, key, nodes, variables, coerced, context)
                objects += read
            except Exception as error:
                # What came before stays done; the payload is never null, so there is no data to show beside the error.
                fault = error.at([key]).faults[0] if isinstance(error, RequestError) else internal(error, path=[key])
                return orjson.dumps({"errors": [fault.shown(context.language)], "data": None})
        return orjson.dumps({"data": data, "extensions": extensions(objects)})

    @staticmethod
    def _check_caller(selected: Selected, context: Context) -> None:
        names = {nodes[0].name.value for nodes in selected.values()} - {"__typename"}
        if context.caller is None and names - PUBLIC:
            raise unauthenticated()

    async def _field(
        self,
        operation: PreparedOperation,
        root: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        variables: dict[str, Any],
        coerced: Any,
        context: Context,
    ) -> tuple[dict[str, Any], int]:
        """The payload, and how many objects it might have held."""
        name = nodes[0].name.value
        definition = root.fields[name]
        run: Run = definition.extensions["strawberry-definition"].metadata[RUN]
        given = get_argument_values(definition, nodes[0], coerced)["input"]
        if run.use_case is None:
            answer = await self._sessions.run(name, given, context)
            outcome = Outcome(values=answer.values, problems=answer.problems, caller=answer.caller)
        else:
            assert context.caller is not None  # noqa: S101 - checked before anything was executed
            inputs = decoded(_input(definition), given)
            outcome = await self._run(name, run, given, inputs, context.caller)
        if outcome.problems:
            await self._note(name, given, outcome.problems, context)
        reading = _Reading(self._reader, self._schema, operation, variables, outcome.caller or context.caller)
        payload = await reading.payload(_object(definition.type), nodes, outcome, key, context.language)
        return payload, reading.objects

    async def _note(self, name: str, given: Mapping[str, Any], problems: Sequence[Problem], context: Context) -> None:
        """Put a refused attempt on record, as whose city's it is; one that is of no city leaves none."""
        caller = context.caller
        if caller is not None:
            await self._platform.refusals.note(Refused(caller.tenant_id, name, problems, caller, given))
            return
        tenant_id = await self._sessions.tenant_of(name, given)
        if tenant_id is not None:
            claimed = given.get("username")
            account = await self._sessions.account_of(claimed) if claimed else None
            await self._platform.refusals.note(Refused(tenant_id, name, problems, claimed=claimed, account_id=account))

    async def _run(
        self, name: str, run: Run, given: Mapping[str, Any], inputs: Mapping[str, Any], caller: Caller
    ) -> Outcome:
        """The use case in its transaction; refusals and races leave nothing behind."""
        assert run.use_case is not None  # noqa: S101 - the session's mutations do not come here
        platform = self._platform
        try:
            if run.before is not None:
                preparation = Preparation(platform.files, partial(self._work, caller))
                inputs = {**inputs, **await run.before(preparation, inputs)}
            async with self._work(caller) as work:
                try:
                    answer = await self._once(work, name, run, given, inputs)
                except Verdict as verdict:
                    return Outcome(problems=verdict.problems)
        except Refusal as refusal:
            log.info("refused", action=name, codes=[problem.code.value for problem in refusal.problems])
            return Outcome(problems=refusal.problems)
        except IntegrityError as error:
            log.warning("overtaken", action=name, error=type(error.orig).__name__)
            return Outcome(problems=(OVERTAKEN,))
        except DBAPIError as error:
            if _lost_a_race(error):
                return Outcome(problems=(OVERTAKEN,))
            if error.connection_invalidated:
                raise unavailable() from error
            raise
        except StoreUnavailable as error:
            raise store_unavailable() from error
        except UNREACHABLE as error:
            raise unavailable() from error
        if run.changes_access:
            platform.principals.invalidate(caller.tenant_id)
            platform.authority.invalidate(caller.tenant_id)
        return Outcome(entities=answer.entities, values={**answer.values, **answer.once})

    @contextlib.asynccontextmanager
    async def _work(self, caller: Caller) -> AsyncIterator[Work]:
        """A transaction of the caller's."""
        platform = self._platform
        async with platform.database.transaction(caller.tenant_id) as session:
            now = dt.datetime.now(dt.UTC)
            yield Work(session, caller, platform.authority, platform.files, platform.jobs, now)

    @staticmethod
    async def _once(work: Work, name: str, run: Run, given: Mapping[str, Any], inputs: Mapping[str, Any]) -> Answer:
        assert run.use_case is not None  # noqa: S101
        taken = {
            snake(field): value for field, value in inputs.items() if field != "idempotencyKey" and value is not None
        }
        key = given.get("idempotencyKey")
        if key is not None:
            work.require(name)
            kept = await idempotency.recall(work, name, key, {**given, "idempotencyKey": None})
            if kept is not None:
                return Answer({field: UUID(id_) for field, id_ in kept["entities"].items()}, kept["values"])
        answer = run.answer(await run.use_case(work, **taken))
        await work.session.flush()
        if key is not None:
            entities = {field: str(id_) for field, id_ in answer.entities.items()}
            await idempotency.keep(work, name, key, {"entities": entities, "values": answer.values})
        return answer


@dataclass(slots=True)
class _Reading:
    """Shapes a payload as it was selected; entities are read for the caller as he is now.

    ``objects`` counts what the reads might have given.
    """

    reader: Reader
    schema: GraphQLSchema
    operation: PreparedOperation
    variables: dict[str, Any]
    caller: Caller | None
    objects: int = 0

    def prepare(self, type_: GraphQLObjectType, nodes: list[FieldNode], path: str) -> None:
        """Make the plans of a payload's entities before anything is done. Raises: RequestError beyond a limit."""
        if self.caller is None:
            return
        selections = Selections(self.schema, self.operation.document, Trace(self.variables))
        for key, selected in selections.of(type_, nodes).items():
            field_ = type_.fields.get(selected[0].name.value)
            target = get_named_type(field_.type) if field_ else None
            if is_object_type(target) and target.name in registry.by_type:
                compile_ = partial(_compile_entity, target, selected, [path, key])
                self.reader.plan(self.operation, (path, key), self.variables, self.caller, compile_)

    async def payload(
        self, type_: GraphQLObjectType, nodes: list[FieldNode], outcome: Outcome, path: str, language: str
    ) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        selections = Selections(self.schema, self.operation.document, Trace(self.variables))
        errors = [
            {"code": each.code.value, "field": each.field, "message": each.message.in_language(language)}
            for each in outcome.problems
        ]
        values = {**outcome.values, "userErrors": errors}
        for key, selected in selections.of(type_, nodes).items():
            name = selected[0].name.value
            if name == "__typename":
                shown[key] = type_.name
            elif name in outcome.entities or (name == "viewer" and outcome.caller is not None):
                target = _object(type_.fields[name].type)
                shown[key] = await self._entity(target, selected, outcome.entities.get(name), [path, key])
            else:
                shown[key] = shaped(selections, type_.fields[name].type, selected, values.get(name))
        return shown

    async def _entity(
        self, type_: GraphQLObjectType, nodes: list[FieldNode], key: UUID | None, path: list[str]
    ) -> orjson.Fragment:
        assert self.caller is not None  # noqa: S101 - there is an entity only for somebody
        compile_ = partial(_compile_entity, type_, nodes, path)
        made, objects = await self.reader.read(
            self.operation, tuple(path), self.variables, self.caller, compile_, scope_key=key
        )
        self.objects += objects
        # Null where it is no longer there, or out of the caller's sight.
        return orjson.Fragment(made or b"null")


def _compile_entity(type_: GraphQLObjectType, nodes: list[FieldNode], path: list[str], compiler: Compiler) -> Plan:
    return compiler.entity(type_, nodes, path)


def _object(type_: Any) -> GraphQLObjectType:
    named = get_named_type(type_)
    assert is_object_type(named)  # noqa: S101 - payload fields with selections are objects
    return named


def _input(definition: GraphQLField) -> GraphQLInputObjectType:
    named = get_named_type(definition.args["input"].type)
    assert is_input_object_type(named)  # noqa: S101 - every mutation takes one
    return named


def _lost_a_race(error: DBAPIError) -> bool:
    """Serialization failure, deadlock, or a lock waited for in vain."""
    return getattr(error.orig, "sqlstate", None) in {"40001", "40P01", "55P03"}
