"""Leaks through the graph: from what one may see, over every edge that leads away from it, to what one may not.

The edges are all those of the schema (``edges.py``), the people one of each role, the rows those of the oracle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.reads.sources import registry
from tests.e2e.oracle import PREFIXES, Viewer, Worlds
from tests.leaks.edges import EDGES, of, onward
from tests.support import Api

ROLES = ("city.officer", "district.officer", "unit.filer", "expert", "assessor")
# So many rows of each type are gone out from, and so many types in one document.
ROWS, TYPES = 12, 10
# What the oracle has no rows of is asked for by its own id.
MEMBERS = ("Filing", "Grading", "RectificationPlan", "Assessment", "Inspection", "Inquiry", "ReplyLetter", "System",
           "MonthlyReturn", "PanelCase", "SelfInspection")  # fmt: skip
ELSEWHERE = ("ten", "trn", "sbm", "aud", "wrk")


def ids_in(value: Any) -> Iterator[str]:
    """Every id of an answer."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"]
        for inner in value.values():
            yield from ids_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_in(inner)


def starts(viewer: Viewer) -> dict[str, list[str]]:
    """Of each type some rows that the viewer sees, from all over its table."""
    found = {}
    for table, prefix in PREFIXES.items():
        if seen := sorted(viewer.visible(table)):
            found[registry.by_prefix[prefix]] = seen[:: -(-len(seen) // ROWS)]
    return found


async def nested(api: Api, person: str, viewer: Viewer, selection: Callable[[str], str]) -> set[str]:
    """The ids that are shown of everything the viewer sees, with ``selection`` of each type."""
    found: set[str] = set()
    asked = [(name, ids) for name, ids in starts(viewer).items() if selection(name)]
    for start in range(0, len(asked), TYPES):
        batch = asked[start : start + TYPES]
        variables = {f"i{n}": ids for n, (_, ids) in enumerate(batch)}
        roots = " ".join(
            f"a{n}:nodes(ids:$i{n}){{...on {name}{{{selection(name)}}}}}" for n, (name, _) in enumerate(batch)
        )
        document = f"query({','.join(f'${each}:[ID!]!' for each in variables)}){{{roots}}}"
        found.update(ids_in(await api.ask(person, document, **variables)))
    return found


async def beyond(api: Api, person: str, viewer: Viewer, found: set[str]) -> set[str]:
    """Which of these ids the viewer may not see."""
    seen = set().union(*(viewer.visible(table) for table in PREFIXES))
    others = sorted(each for each in found if each.partition("_")[0] in ELSEWHERE)
    by_id: set[str] = set()
    for start in range(0, len(others), 100):
        asked = others[start : start + 100]
        by_id.update(ids_in(await api.ask(person, "query($i:[ID!]!){nodes(ids:$i){id}}", i=asked)))
    return found - seen - by_id


def test_the_walk_goes_over_the_whole_schema() -> None:
    """Every entity has its edges, and the oracle knows every entity but those that are asked for by id."""
    assert len(EDGES) > 200
    assert registry.by_prefix.keys() == {*PREFIXES.values(), *ELSEWHERE}
    assert sum(onward(edge) is not None for edge in EDGES) > 200


@pytest.mark.parametrize("person", ROLES)
async def test_every_edge_applies_target_scope(api: Api, worlds: Worlds, person: str) -> None:
    """Row 2: the list was guarded and the same rows, read through another object's field, were not."""
    viewer = Viewer.called(worlds["beijing"], person)
    found = await nested(api, person, viewer, lambda name: " ".join(edge.document() for edge in of(name)))
    assert found
    assert await beyond(api, person, viewer, found) == set()


@pytest.mark.parametrize("person", ROLES)
async def test_every_cycle_comes_back_to_what_was_seen(api: Api, worlds: Worlds, person: str) -> None:
    """Row 3: rules that guard root fields are passed by going round, over three edges, back to the same type."""

    def selection(name: str) -> str:
        # One edge for each type that it leads to: from there on the ways are the same.
        targets = {edge.target: edge for edge in of(name)}
        cycles = [edge.document(way, first=5) for edge in targets.values() if (way := onward(edge))]
        return " ".join(cycles)

    viewer = Viewer.called(worlds["beijing"], person)
    found = await nested(api, person, viewer, selection)
    assert found
    assert await beyond(api, person, viewer, found) == set()


@pytest.mark.parametrize("person", ROLES)
async def test_interface_union_fragment_scope_inherited(api: Api, worlds: Worlds, person: str) -> None:
    """Row 21: a check on the type was not inherited where its rows are read as an interface or a union."""
    viewer = Viewer.called(worlds["beijing"], person)
    fragments = " ".join(
        f"...on {name}{{id {' '.join(edge.document(first=3) for edge in of(name)[:3])}}}" for name in MEMBERS
    )
    asked = f"""{{viewer{{workQueue(first:20){{nodes{{subject{{{fragments}}}}}}} notifications(first:20){{nodes{{
      subject{{{fragments}}}}}}}}} panelCases(first:20){{nodes{{subject{{...on Node{{id}}}}}}}}}}"""
    found = set(ids_in(await api.ask(person, asked)))
    foreign = [f"{PREFIXES[t]}_{row['id']}" for t in PREFIXES for row in worlds["tianjin"].values(t)[:1]]
    assert not any((await api.ask(person, f"query($i:[ID!]!){{nodes(ids:$i){{id {fragments}}}}}", i=foreign))["nodes"])
    assert await beyond(api, person, viewer, found) == set()
