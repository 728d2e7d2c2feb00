"""Leaks through mutations: another's ids, what the payload shows, what an input may set, and what a refusal tells."""

from __future__ import annotations

import ast
import inspect
import re
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, get_named_type
from sqlalchemy import text

import api as front
import authz
from api.reads.listings import GLOBAL_ID
from api.schema.build import schema
from authz.access import Authority
from storage.database import Database
from tests.e2e.flows import GENERAL, LEVEL_2, done
from tests.e2e.oracle import PREFIXES, Everything
from tests.e2e.people import home_of
from tests.e2e.test_permissions import TABLE
from tests.leaks.edges import of
from tests.leaks.test_graph import ids_in
from tests.support import INPUTS, Api

# What goes on by itself, in every city, while tests run.
BESIDES = {"sign_in_attempts", "sign_in_sessions"}


def _with(given: Any, ids: dict[str, str]) -> Any:
    """An input with other ids in the places of its own, by their prefixes."""
    if isinstance(given, dict):
        return {key: _with(value, ids) for key, value in given.items()}
    if isinstance(given, list):
        return [_with(value, ids) for value in given]
    if isinstance(given, str) and (found := GLOBAL_ID.fullmatch(given)):
        return ids[found[1]]
    return given


@dataclass(frozen=True)
class Tried:
    """What every mutation answered about another city's rows and about none, and that city before and after."""

    answers: dict[str, tuple[Any, Any]]
    before: Everything
    after: Everything


@pytest.fixture(scope="module")
async def tried(api: Api, database: Database) -> Tried:
    """Every mutation that names something, asked by one who may, about another city's rows and about none."""
    before = await Everything.of(database, "tianjin")
    foreign = {
        prefix: f"{prefix}_{min(before.rows[table], default=uuid.uuid4())}" for table, prefix in PREFIXES.items()
    }
    answers = {}
    for name, (people, selection, given) in TABLE.items():
        absent = {prefix: f"{prefix}_{uuid.uuid4()}" for prefix in PREFIXES.values()}
        if _with(given, foreign) == given:
            continue
        kind = INPUTS.get(name, name[0].upper() + name[1:] + "Input")
        parts = f"{{{selection} userErrors{{code field message}}}}"
        document = f"mutation($a:{kind}!,$b:{kind}!){{a:{name}(input:$a){parts} b:{name}(input:$b){parts}}}"
        answer = await api.ask(people[0], document, a=_with(given, foreign), b=_with(given, absent))
        answers[name] = (answer["a"], answer["b"])
    return Tried(answers, before, await Everything.of(database, "tianjin"))


async def test_every_id_arg_foreign_id_equals_not_found(tried: Tried) -> None:
    """Row 26: objects of others were reached, or told from what does not exist, by an id in some input."""
    assert len(tried.answers) > 90
    for name, (foreign, absent) in tried.answers.items():
        assert foreign == absent, name
        assert {error["code"] for error in foreign["userErrors"]} == {"NOT_FOUND"}, name


async def test_every_id_of_a_query_foreign_id_equals_absent(api: Api, database: Database) -> None:
    """Row 26: the same of what is asked for by an id, whether as an argument or in a filter."""
    world = await Everything.of(database, "tianjin")
    lists = {"filings": ("systemId", "unitId"), "systems": ("unitId",), "gradings": ("systemId",),
             "memberships": ("userId", "organisationId"), "assessments": ("systemId",)}  # fmt: skip
    tables = {"systemId": "systems", "unitId": "organisations", "userId": "users", "organisationId": "organisations"}
    for root, names in lists.items():
        for name in names:
            table = tables[name]
            ids = [f"{PREFIXES[table]}_{key}" for key in (min(world.rows[table]), uuid.uuid4())]
            asked = " ".join(f'a{n}:{root}(filter:{{{name}:"{id_}"}}){{totalCount}}' for n, id_ in enumerate(ids))
            answer = await api.ask("city.officer", f"{{{asked}}}")
            assert answer["a0"] == answer["a1"] == {"totalCount": 0}
    filing = f"fil_{min(world.rows['filings'])}"
    changes = "query($a:ID!,$b:ID!){filingChanges(from:$a,to:$b){path}}"
    for id_ in (filing, f"fil_{uuid.uuid4()}"):
        assert (await api.ask("city.officer", changes, a=id_, b=id_))["filingChanges"] is None


async def test_delete_update_predicate_in_sql(tried: Tried) -> None:
    """Row 31: rows of others were deleted or changed by their ids. Of the other city nothing has changed."""
    for table, rows in tried.before.rows.items():
        if table not in BESIDES:
            assert tried.after.rows[table] == rows, table


def _inputs() -> Iterator[tuple[str, str]]:
    """Each mutation with each field, however deep, of its input."""

    def within(type_: GraphQLInputObjectType, seen: frozenset[str]) -> Iterator[str]:
        for name, field in type_.fields.items():
            yield name
            inner = get_named_type(field.type)
            if isinstance(inner, GraphQLInputObjectType) and inner.name not in seen:
                yield from within(inner, seen | {inner.name})

    mutations = schema().mutation_type
    assert mutations
    for name, mutation in mutations.fields.items():
        type_ = get_named_type(mutation.args["input"].type)
        assert isinstance(type_, GraphQLInputObjectType)
        yield from ((name, each) for each in within(type_, frozenset({type_.name})))


# Whose a row is, who did what, and what state it is in, is nobody's to say in an input.
OURS = re.compile(
    r"^(tenant|tenantId|owner|ownerId|state|createdAt|createdBy|createdById|\w+ById|number|sha3|verificationCode"
    r"|membershipId|actingAs|submittedAt|issuedAt|receivedAt|confirmedAt|reviewDueOn|late|overdue)$"
)
# Inputs that say for whom something is (held to the caller's own, each with its test elsewhere), or that mean something
# else by the word: a certificate's number, the person who sees to a measure.
FOR_WHOM = {
    "createSystem": {"unitId"}, "createServiceAccount": {"organisationId"}, "inviteUser": {"organisationId"},
    "grantMembership": {"organisationId"}, "updateOrganisation": {"organisationId"}, "enterFiling": {"unitId"},
    "registerProvider": {"organisationId", "number"}, "registerAssessmentBody": {"organisationId"},
    "revokeMembership": {"membershipId"}, "setAccreditation": {"number"}, "updateProvider": {"number"},
    "saveRectificationPlan": {"owner"}, "updateMeasure": {"owner"},
}  # fmt: skip


def test_input_cannot_set_tenant_unit_owner() -> None:
    """Row 31: attributes that are not the client's to set were set by an input."""
    found = {(name, field) for name, field in _inputs() if OURS.match(field) or field in {"unitId", "organisationId"}}
    assert {each for each in found if each[1] not in FOR_WHOM.get(each[0], set())} == set()


async def test_mutation_payload_reselected_under_scope(api: Api) -> None:
    """Row 25: a payload showed what the caller cannot read. All that it leads to is found by its id as well."""
    made = f"P{uuid.uuid4().hex[:10]}"

    def edges(name: str) -> str:
        return f"{{id {' '.join(edge.document() for edge in of(name))}}}"

    system = await done(api, "unit.filer", "createSystem", f"system{edges('System')}", name="载荷", code=made)
    given = {"systemId": system["id"], "businessInformation": LEVEL_2, "systemService": GENERAL}
    shown = [
        system,
        await done(api, "unit.filer", "saveGrading", f"grading{edges('Grading')}", **given),
        await done(
            api, "unit.filer", "openInquiry", f"inquiry{edges('Inquiry')}", title="载荷", topic="OTHER", text="问"
        ),
    ]
    found = sorted(set(ids_in(shown)))
    assert len(found) > 6
    nodes = (await api.ask("unit.filer", "query($i:[ID!]!){nodes(ids:$i){id}}", i=found))["nodes"]
    assert [node and node["id"] for node in nodes] == found


async def test_an_answer_kept_under_a_key_is_read_again_with_the_rows_of_now(api: Api, database: Database) -> None:
    """The first answer, given again for its idempotency key, shows nothing that is no longer to be seen."""
    key = uuid.uuid4().hex
    given = {"name": "幂等", "code": f"I{key[:8]}", "idempotencyKey": key}
    first = await api.do("unit.filer", "createSystem", "system{id name unit{id}}", **given)
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    other = (await home_of(api, "district.officer"))["id"].removeprefix("org_")
    mine = (await home_of(api, "unit.filer"))["id"].removeprefix("org_")
    system = first["system"]["id"].removeprefix("sys_")

    async def move(unit: str) -> None:
        moved = "UPDATE systems SET unit_id = CAST(:unit AS uuid) WHERE id = CAST(:id AS uuid)"
        async with database.transaction(tenant) as session:
            await session.execute(text(moved), {"unit": unit, "id": system})

    try:
        await move(other)
        again = await api.do("unit.filer", "createSystem", "system{id name unit{id}}", **given)
        assert again["system"] is None
    finally:
        await move(mine)
    assert await api.do("unit.filer", "createSystem", "system{id name unit{id}}", **given) == first


async def test_the_time_of_forbidden_does_not_tell_what_exists(api: Api, database: Database) -> None:
    """Who may not is told so before anything is looked for: of what is there, is another's, or is not, alike."""
    systems = {row["id"]: row for row in (await Everything.of(database, "beijing")).values("systems")}
    foreign = min((await Everything.of(database, "tianjin")).rows["systems"])
    ids = {"seen": min(systems), "foreign": foreign, "absent": uuid.uuid4()}
    took: dict[str, list[float]] = {name: [] for name in ids}
    answers = []
    for _ in range(15):
        for name, key in ids.items():
            started = time.perf_counter()
            answers.append(
                await api.do(
                    "city.officer", "retireSystem", "system{id}", systemId=f"sys_{key}", retiredOn="2026-01-01"
                )
            )
            took[name].append(time.perf_counter() - started)
    assert all(answer == answers[0] for answer in answers)
    assert {error["code"] for error in answers[0]["userErrors"]} == {"FORBIDDEN"}
    medians = sorted(statistics.median(times) for times in took.values())
    assert medians[-1] < medians[0] * 2


def test_async_permission_in_sync_path_denies() -> None:
    """Row 14: a check that returned a coroutine, asked where nobody awaits, counted as a yes.

    Ours is one function that is not asynchronous and says yes or no; Strawberry's permission classes are not used.
    """
    assert not inspect.iscoroutinefunction(Authority.may)
    assert inspect.signature(Authority.may).return_annotation == "bool"
    for folder in (Path(front.__file__).parent, Path(authz.__file__).parent):
        for path in folder.rglob("*.py"):
            names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
            assert not names & {"BasePermission", "PermissionExtension"}, path
    for type_ in schema().type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for field in type_.fields.values():
                made: Any = field.extensions.get("strawberry-definition")
                assert not (made and made.permission_classes)
