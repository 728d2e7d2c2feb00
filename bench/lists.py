"""Whether the lists stay as quick as they were while the city grows: each one's median, one request at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.load import load, post
from bench.processes import spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run

GOAL = 1.3
REQUESTS, TIMES = 60, 3
FILING = "nodes { id number state level submittedAt reviewDueOn unit { id name } system { id name } }"
NAMED = "nodes { id name }"

# The list, who asks, what is asked; $unit, $system, $district, $filing are ids.
Asked = tuple[str, str, str]
LISTS: tuple[Asked, ...] = (
    ("filings, newest", "city.officer", f"filings {{ {FILING} }}"),
    ("filings, the last page of all", "city.officer", f"filings(last: 20) {{ {FILING} pageInfo {{ startCursor }} }}"),
    ("filings, latest submitted", "city.officer",
     f"filings(orderBy: [{{field: SUBMITTED_AT, direction: DESC}}]) {{ {FILING} }}"),
    ("filings under review, by due date", "city.officer",
     f"filings(filter: {{state: UNDER_REVIEW}}, orderBy: [{{field: REVIEW_DUE_ON}}]) {{ {FILING} }}"),
    ("filings in two states, newest", "city.officer",
     f"filings(filter: {{states: [INCOMPLETE, RE_REVIEW]}}) {{ {FILING} }}"),
    ("filings of a unit", "city.officer", f"filings(filter: {{unitId: $unit}}) {{ {FILING} }}"),
    ("filings of a system", "city.officer", f"filings(filter: {{systemId: $system}}) {{ {FILING} }}"),
    ("filings of a district, latest submitted", "city.officer",
     f"filings(filter: {{districtId: $district}}, orderBy: [{{field: SUBMITTED_AT, direction: DESC}}]) {{ {FILING} }}"),
    ("filings of a level, newest", "city.officer", f"filings(filter: {{level: 4}}) {{ {FILING} }}"),
    ("filings, newest, for a district office", "district.officer", f"filings {{ {FILING} }}"),
    ("filings received, for a district office", "district.officer",
     f"filings(filter: {{state: RECEIVED}}) {{ {FILING} }}"),
    ("filings, newest, for a unit", "unit.filer", f"filings {{ {FILING} }}"),
    ("one filing", "city.officer", "node(id: $filing) { ... on Filing { id number documents { id filename } } }"),
    ("systems by name", "city.officer", f"systems {{ {NAMED} }}"),
    ("systems by level", "city.officer", f"systems(orderBy: [{{field: LEVEL, direction: DESC}}]) {{ {NAMED} }}"),
    ("systems of a unit", "city.officer", f"systems(filter: {{unitId: $unit}}) {{ {NAMED} }}"),
    ("systems, for a district office", "district.officer", f"systems {{ {NAMED} }}"),
    ("systems, for a unit", "unit.filer", f"systems {{ {NAMED} }}"),
    ("units by name", "city.officer", f"organisations(filter: {{kind: UNIT}}) {{ {NAMED} }}"),
    ("units of a district", "city.officer", f"organisations(filter: {{districtId: $district}}) {{ {NAMED} }}"),
    ("gradings, newest", "city.officer", "gradings { nodes { id level state } }"),
    ("gradings awaiting approval", "city.officer",
     "gradings(filter: {state: AWAITING_APPROVAL}) { nodes { id level } }"),
    ("systems by a text that many have", "city.officer", f'systems(filter: {{text: "审批系统"}}) {{ {NAMED} }}'),
    ("systems by a text that few have", "city.officer", f'systems(filter: {{text: "审批系统第612期"}}) {{ {NAMED} }}'),
)  # fmt: skip

# A unit of the demo and what is its, all of them in the city at every size.
VALUES = """
SELECT 'org_' || f.unit_id AS unit, 'sys_' || f.system_id AS system, 'dis_' || f.district_id AS district,
  'fil_' || f.id AS filing
FROM original.filings f WHERE f.tenant_id = $1 AND f.district_id IS NOT NULL AND f.state = 'ACCEPTED'
ORDER BY f.id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One list's median in milliseconds at one size."""

    size: int
    title: str
    median_ms: float


async def measure(run: Run) -> list[Listed]:
    """Every list's median in the city as it is."""
    return await medians(run, LISTS, run.filings)


async def medians(run: Run, lists: Sequence[Asked], size: int) -> list[Listed]:
    """The medians of ``lists`` in the city as it is, of so many rows."""
    server = spawn(serve_platform, run.stack.without_work)
    try:
        values = dict(await run.stack.superuser.fetchrow(VALUES, run.stack.tenant_id))
        tokens = {account: await sign_in(server.port, account) for account in {account for _, account, _ in lists}}
        return [
            Listed(size, title, await _median(server.port, _request(asked, values, tokens[account])))
            for title, account, asked in lists
        ]
    finally:
        server.end()


def show(report: Report, found: Sequence[Listed]) -> None:
    """The lists, size by size."""
    tabulate(report, "Lists while the city grows", "filings", found)


def tabulate(report: Report, title: str, of: str, found: Sequence[Listed]) -> None:
    """Lists, size by size (so many ``of``), and the one that slows down most as a goal."""
    sizes = sorted({each.size for each in found})
    medians = {(each.title, each.size): each.median_ms for each in found}
    ratios = {each.title: medians[each.title, sizes[-1]] / medians[each.title, sizes[0]] for each in found}
    report.table(
        title,
        f"Medians in milliseconds, one request at a time. The last column may be {GOAL} at most.",
        ("list", *(f"{size:,}" for size in sizes), "last / first"),
        ((name, *(f"{medians[name, size]:.2f}" for size in sizes), f"{ratio:.2f}") for name, ratio in ratios.items()),
    )
    if len(sizes) > 1:
        slowest = max(ratios, key=lambda name: ratios[name])
        what = f"lists, from {sizes[0]:,} to {sizes[-1]:,} {of}: the one that slows down most ({slowest})"
        report.goal(what, ratios[slowest], GOAL, at_most=True)


async def _median(port: int, request: bytes) -> float:
    """The best of a few medians: what else the machine does only ever adds."""
    return min([(await load(port, iter([request] * REQUESTS), connections=1)).quantile(0.5) for _ in range(TIMES)])


def _request(asked: str, values: Mapping[str, Any], token: str) -> bytes:
    used = {name: value for name, value in values.items() if f"${name}" in asked}
    declared = ", ".join(f"${name}: ID!" for name in used)
    query = f"query{f'({declared})' if declared else ''} {{ {asked} }}"
    return post(
        "/graphql", json.dumps({"query": query, "variables": used}).encode(), {"Authorization": f"Bearer {token}"}
    )
