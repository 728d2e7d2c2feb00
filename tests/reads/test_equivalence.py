"""The proof: whatever operation, whatever role, the compiled statement answers as the naive executor does.

And each statement, whatever it is made from, holds every table it names to the caller's tenant.
"""

from __future__ import annotations

import os
import random
import re
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from api.http.errors import Code, RequestError
from api.reads.plan import Plan
from api.schema.build import schema
from authz.scopes import TENANT
from domain.entities import Base
from storage.database import Database
from tests.e2e.oracle import PREFIXES, Everything, Viewer
from tests.reads.generate import operations
from tests.reads.reference import Reference
from tests.reads.support import Compiled, caller_of
from tests.support import Api

PEOPLE = ("city.admin", "district.officer", "unit.filer", "expert", "assessor")
EXAMPLES = int(os.environ.get("DENGBAO_EXAMPLES", "60"))
NAMED = re.compile(r"(?:FROM|JOIN|,) (\w+) AS (\w+_\d+)")
TABLES = frozenset(Base.metadata.tables)


def every_table_is_held_to_the_tenant(plan: Plan) -> None:
    """Each name under which a table stands is compared with the caller's tenant, by the one parameter that is it."""
    marker = object()
    others = ("organisation", "district", "user", "membership", "admin", "duties", "language", "key")
    context = {f"scope_{name}": None for name in others}
    numbers = []
    for number, parameter in enumerate(plan.parameters, 1):
        try:
            if parameter({}, {**context, TENANT.key: marker}) is marker:
                numbers.append(number)
        except Exception:  # noqa: S112 - a value that cannot be converted is no tenant
            continue
    for table, alias in NAMED.findall(plan.sql):
        if table in TABLES:
            column = f"{alias}.id" if table == "tenants" else f"{alias}.tenant_id"
            held = any(f"{column} = ${number}::UUID" in plan.sql for number in numbers)
            nothing = re.search(rf"AS {alias}\s+WHERE false\b", plan.sql)
            assert held or nothing, (alias, plan.sql)


@pytest.fixture(scope="module")
async def everything(api: Api, database: Database) -> Everything:
    """All rows of the first city, read once: nothing may be written while these tests run."""
    return await Everything.of(database, "beijing")


def some_ids(everything: Everything) -> list[str]:
    """A few ids of each kind, some of nothing."""
    chosen = random.Random(7)  # noqa: S311 - a sample
    found = [f"fil_{uuid.UUID(int=1)}", "nonsense", ""]
    for table, prefix in PREFIXES.items():
        keys = sorted(everything.rows[table])
        found += [f"{prefix}_{key}" for key in chosen.sample(keys, min(6, len(keys)))]
    return found


DECLARED = re.compile(r"\$(v\d+):([^,)]+)")


def varied(document: str, variables: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Other variables that the document takes as well."""
    types = dict(DECLARED.findall(document))
    return {name: _varied(value, types[name].endswith("!"), chance) for name, value in variables.items()}


def _varied(value: Any, required: bool, chance: random.Random) -> Any:
    if not required and chance.random() < 0.3:
        return None
    match value:
        case bool():
            return not value
        case int():
            return chance.randrange(6)
        case list():
            return [each for each in value if chance.random() < 0.6]
        case dict():
            return {name: _varied(each, False, chance) for name, each in value.items()}
    return value


@pytest.mark.parametrize("person", PEOPLE)
async def test_the_compiled_answer_is_the_naive_one(database: Database, everything: Everything, person: str) -> None:
    caller = caller_of(everything, person)
    compiled = Compiled(schema(), database)
    reference = Reference(schema(), database, caller, Viewer.called(everything, person))
    found: list[tuple[str, dict[str, Any]]] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize="DENGBAO_FRESH" not in os.environ,
    )
    @given(operations(schema(), some_ids(everything)))
    def gather(operation: tuple[str, dict[str, Any]]) -> None:
        found.append(operation)

    gather()
    refused = 0
    chance = random.Random(11)  # noqa: S311 - variations
    # Each document is asked again with other variables, when its plans are there already.
    for document, variables in [*found, *((document, varied(document, given_, chance)) for document, given_ in found)]:
        try:
            plan, new = compiled.plan(document, variables, caller.role)
        except RequestError as refusal:
            if refusal.code is not Code.OPERATION_TOO_COMPLEX:
                raise
            refused += 1
            continue
        if new:
            every_table_is_held_to_the_tenant(plan)
        answer = await compiled.run(plan, variables, caller)
        expected = await reference.answer(document, variables)
        assert answer == expected, (document, variables)
    assert refused < len(found) / 2
    assert len(compiled.plans) > 0
