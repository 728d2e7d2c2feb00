"""Who may do what to which rows in which state: every account, mutation and subject of one world, asked through HTTP.

What is expected follows from two tables (who may, what it acts on) and from an oracle of rows, none of which shares a
line with the code under test. A case is an account, a mutation and a subject; each stands for its kind: how the subject
lies to the caller (its own, supervised, of the same district, of another, of another city) and its state.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from api.demo.accounts import ACCOUNTS
from domain.entities import Base
from tests.e2e.oracle import PREFIXES, Everything, Row, Viewer, Worlds
from tests.e2e.test_permissions import TABLE
from tests.matrix.acts import ACTS, NOT_HERE
from tests.support import INPUTS, Api

PEOPLE = tuple(account.username for account in ACCOUNTS)
OF_A_KIND = 3
AT_ONCE = 10
LONG_AGO = 1_000_000
NOT_ASKED: frozenset[str] = frozenset()

# What was tried, by the test's parameters, and how long it took: the last tests look at it.
TRIED: dict[tuple[str, str], int] = {}
SECONDS: list[float] = []
LEAST = 20_000


@pytest.fixture(autouse=True)
def _timed() -> Iterator[None]:
    started = time.monotonic()
    yield
    SECONDS.append(time.monotonic() - started)


def _lies(viewer: Viewer, row: Row) -> str:
    """How a row lies to the viewer."""
    unit = viewer.all.rows["organisations"].get(row.get("unit_id") or row.get("owner_id"))
    home = viewer.home
    if unit is None:
        return "of the city"
    if unit["id"] == home["id"]:
        return "own"
    if unit["supervising_unit_id"] == home["id"]:
        return "supervised"
    if unit["district_id"] == home["district_id"]:
        return f"same district, {unit['authority_level']}"
    return f"elsewhere, {unit['authority_level']}"


@pytest.fixture(scope="module")
def viewers(worlds: Worlds) -> dict[str, Viewer]:
    """Everybody of the first city, with what each sees worked out once."""
    return {person: Viewer.called(worlds["beijing"], person) for person in PEOPLE}


def _subjects(viewer: Viewer, other: Everything, table: str) -> Iterator[tuple[Row, bool]]:
    """Some rows of every kind, each with whether it is of the viewer's city."""
    kinds: dict[tuple[str, str, bool], list[Row]] = defaultdict(list)
    for row in viewer.all.values(table):
        kinds[_lies(viewer, row), str(row.get("state")), getattr(viewer, table)(row)].append(row)
    for rows in kinds.values():
        yield from ((row, True) for row in rows[:OF_A_KIND])
    states: dict[str, list[Row]] = defaultdict(list)
    for row in other.values(table):
        states[str(row.get("state"))].append(row)
    for rows in states.values():
        yield from ((row, False) for row in rows[:OF_A_KIND])


def _expected(viewer: Viewer, person: str, name: str, row: Row, ours: bool) -> frozenset[str]:
    """The codes with which the mutation has to be refused."""
    allowed, _, _ = TABLE[name]
    act = ACTS[name]
    if person not in allowed and person.rstrip("23") not in allowed:
        return frozenset({"FORBIDDEN"})
    if not ours or not getattr(viewer, act.table)(row):
        return frozenset({"NOT_FOUND"})
    if not act.whose(viewer, row):
        return frozenset({"FORBIDDEN"})
    if not act.goes_on(viewer, row):
        return frozenset({"INVALID_STATE"})
    if act.would_do:
        return NOT_ASKED
    return frozenset({"INVALID_INPUT"} if act.wrong else {"CONFLICT"})


def test_every_mutation_is_in_the_matrix_or_says_why_not() -> None:
    assert ACTS.keys() | NOT_HERE.keys() == TABLE.keys()
    assert not ACTS.keys() & NOT_HERE.keys()


@pytest.mark.parametrize("table", sorted({act.table for act in ACTS.values()}))
async def test_every_state_is_there_to_be_tried(worlds: Worlds, table: str) -> None:
    column = Base.metadata.tables[table].c.get("state")
    if column is not None:
        assert {row["state"] for row in worlds["beijing"].values(table)} == set(column.type.python_type)


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", ACTS)
async def test_a_mutation_answers_as_the_tables_say(
    api: Api, worlds: Worlds, viewers: dict[str, Viewer], person: str, name: str
) -> None:
    act = ACTS[name]
    _, selection, _ = TABLE[name]
    viewer = viewers[person]
    cases = [
        (row, codes)
        for row, ours in _subjects(viewer, worlds["tianjin"], act.table)
        if (codes := _expected(viewer, person, name, row, ours)) != NOT_ASKED
    ]
    assert cases
    TRIED[name, person] = len(cases)
    kind = INPUTS.get(name, name[0].upper() + name[1:] + "Input")
    for start in range(0, len(cases), AT_ONCE):
        batch = cases[start : start + AT_ONCE]
        variables = {f"i{n}": _input(name, row, codes) for n, (row, codes) in enumerate(batch)}
        roots = " ".join(
            f"a{n}:{name}(input:$i{n}){{{selection} userErrors{{code message}}}}" for n in range(len(batch))
        )
        document = f"mutation({','.join(f'${each}:{kind}!' for each in variables)}){{{roots}}}"
        data = await api.ask(person, document, **variables)
        for n, (row, codes) in enumerate(batch):
            answer = data[f"a{n}"]
            found = {error["code"] for error in answer["userErrors"]}
            assert found == codes, (person, name, row.get("state"), _lies(viewer, row), answer)
            assert answer[selection.partition("{")[0]] is None


def _input(name: str, row: Row, codes: frozenset[str]) -> dict[str, Any]:
    """The input about a row; what would go on is of a version of long ago, or wrong."""
    act, (_, _, given) = ACTS[name], TABLE[name]
    asked = {**given, act.field: f"{PREFIXES[act.table]}_{row['id']}"}
    if codes == {"CONFLICT"}:
        return {**asked, "version": LONG_AGO}
    if codes == {"INVALID_INPUT"}:
        return {**asked, **(act.wrong or {})}
    return {**asked, "version": row["version"]} if "version" in given else asked


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("table", PREFIXES)
async def test_an_id_answers_only_who_may_see_it(
    api: Api, worlds: Worlds, viewers: dict[str, Viewer], person: str, table: str
) -> None:
    visible = viewers[person].visible(table)
    ids = sorted({key for world in worlds.values() for key in world.ids(table, lambda _: True)})
    TRIED[table, person] = len(ids)
    for start in range(0, len(ids), 100):
        asked = ids[start : start + 100]
        nodes = (await api.ask(person, "query($ids:[ID!]!){nodes(ids:$ids){id}}", ids=asked))["nodes"]
        assert [node and node["id"] for node in nodes] == [each if each in visible else None for each in asked]


def test_the_matrix_is_as_large_as_was_promised() -> None:
    """At least 20,000 cases each of mutations and of rows, through HTTP; said in docs/AUTHORIZATION.md."""
    if TRIED.keys() != {(name, person) for name in (*ACTS, *PREFIXES) for person in PEOPLE}:
        pytest.skip("only a part of the matrix was run")
    of_mutations = sum(TRIED[name, person] for name in ACTS for person in PEOPLE)
    of_rows = sum(TRIED[table, person] for table in PREFIXES for person in PEOPLE)
    print(f"matrix: {of_mutations} cases of mutations and {of_rows} of rows in {sum(SECONDS):.0f} s")
    assert of_mutations >= LEAST
    assert of_rows >= LEAST
