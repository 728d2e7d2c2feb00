"""The overview of assessments beside the hand-written statement, and its lists, from 60 thousand to a million of them.

Those that a city has are of its systems; what is added are earlier ones of the same systems, all of them ended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.comparing import COLUMNS, Figures, Subject, compare, statements_per_request
from bench.growth import SESSION, copying
from bench.lists import Asked, Listed, medians, tabulate
from bench.load import Load, get, load, post
from bench.peers import byhand
from bench.processes import spawn
from bench.reads import BY_HAND, PLATFORM, require_same, serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.views import ASSESSMENTS
from domain.entities import Base

SIZES = (60_000, 1_000_000)
# Beyond those with which the city itself has grown.
FIRST_COPY = 100_000
EARLIER = "o.state IN ('RECEIVED', 'CANCELLED', 'DECLINED')"
ROW = "nodes { id number state progress dueOn system { id name } unit { id name } }"
LISTS: tuple[Asked, ...] = (
    ("assessments, newest", "city.officer", f"assessments {{ {ROW} }}"),
    ("of important systems, by the day they are due", "city.advisor",
     f"assessments(filter: {{important: true}}, orderBy: [{{field: DUE_ON}}]) {{ {ROW} }}"),
    ("of important systems, under way", "city.advisor",
     f"assessments(filter: {{important: true, underWay: true}}, orderBy: [{{field: DUE_ON}}]) {{ {ROW} }}"),
    ("of important systems, at work", "city.advisor",
     f"assessments(filter: {{important: true, state: IN_PROGRESS}}, orderBy: [{{field: DUE_ON}}]) {{ {ROW} }}"),
    ("confirmed, for a district office", "district.officer", f"assessments(filter: {{state: CONFIRMED}}) {{ {ROW} }}"),
    ("newest, for a district office", "district.officer", f"assessments {{ {ROW} }}"),
    ("newest, for a unit", "unit.filer", f"assessments {{ {ROW} }}"),
    ("newest, for a body", "assessor", f"assessments {{ {ROW} }}"),
    ("important systems with their latest assessment", "city.advisor",
     "systems(filter: {important: true}, orderBy: [{field: NEXT_ASSESSMENT_DUE_ON}]) { nodes { id name "
     "nextAssessmentDueOn assessments(first: 1) { nodes { state progress dueOn } } } }"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview's figures at one size."""

    assessments: int
    figures: Figures
    statements: float


async def measure(run: Run) -> list[Overview | Listed]:
    """The overview and the lists at each size."""
    found: list[Overview | Listed] = []
    for size in SIZES:
        there = await _grow(run, size)
        found += await _overview(run, there)
        found += await medians(run, LISTS, there)
    return found


def show(report: Report, found: Sequence[Overview | Listed]) -> None:
    """The overview beside the statement by hand, and the lists size by size."""
    overviews = [each for each in found if isinstance(each, Overview)]
    cells = (
        (f"{each.assessments:,}", *each.figures.cells(f"{ASSESSMENTS.goal:g}" if each.figures.name == PLATFORM else ""),
         f"{each.statements:g}")
        for each in overviews
    )  # fmt: skip
    words = f"{ASSESSMENTS.title[0].upper()}{ASSESSMENTS.title[1:]}, as the security centre has them."
    report.table("Assessments, beside the statement by hand", words, ("assessments", *COLUMNS, "statements"), cells)
    for each in overviews:
        if each.figures.name == PLATFORM:
            report.goal(
                f"assessments at {each.assessments:,}: of the rate by hand", each.figures.ratio, ASSESSMENTS.goal
            )
    tabulate(report, "Assessments while they grow", "assessments", [each for each in found if isinstance(each, Listed)])


async def _grow(run: Run, size: int) -> int:
    """Add earlier assessments until the city has ``size``: how many it then has."""
    counting = "SELECT count(*) FROM assessments WHERE tenant_id = $1"
    connection, tenant = await run.stack.connect(), run.stack.tenant_id
    try:
        there: int = await connection.fetchval(counting, tenant)
        once: int = await connection.fetchval(
            counting.replace("assessments", "original.assessments o") + f" AND {EARLIER}", tenant
        )
        if there < size:
            await connection.execute(SESSION)
            first = FIRST_COPY + there
            statement = copying(
                Base.metadata.tables["assessments"], frozenset({"system_id", "unit_id", "report_id"}), EARLIER
            )
            await connection.execute(statement, tenant, first, first + (size - there) // once)
            await connection.execute("VACUUM (ANALYZE) assessments")
            await connection.execute("CHECKPOINT")
        found: int = await connection.fetchval(counting, tenant)
        return found
    finally:
        await connection.close()


async def _overview(run: Run, size: int) -> list[Overview]:
    servers = {
        BY_HAND: spawn(byhand.serve, run.stack.settings),
        PLATFORM: spawn(serve_platform, run.stack.without_work),
    }
    try:
        token = await sign_in(servers[PLATFORM].port, "city.advisor")
        body = json.dumps({"query": ASSESSMENTS.graphql, "variables": {}}).encode()
        requests = {
            BY_HAND: get(f"/{ASSESSMENTS.name}"),
            PLATFORM: post("/graphql", body, {"Authorization": f"Bearer {token}"}),
        }
        subjects = [
            Subject(name, each.pid, partial(_load, each.port, requests[name])) for name, each in servers.items()
        ]
        await require_same({name: each.port for name, each in servers.items()}, requests, ASSESSMENTS)
        figures = await compare(run.stack, subjects, run.options.rounds, run.options.seconds)
        return [
            Overview(size, each, await statements_per_request(run.stack, servers[each.name].port, requests[each.name]))
            for each in figures
        ]
    finally:
        for server in servers.values():
            server.end()


async def _load(port: int, request: bytes, seconds: float) -> Load:
    return await load(port, request, seconds=seconds)
