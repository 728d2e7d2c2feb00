"""The overview of assessments beside the hand-written statement, and its lists, from 60 thousand to a million of them.

Those that a city has are of its systems; what is added are earlier ones of the same systems, all of them ended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg

from bench.comparing import COLUMNS, Figures, Subject, compare, statements_per_request
from bench.growth import SESSION, copying, drop_indexes
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
TABLE = Base.metadata.tables["assessments"]
# Those of the city that have ended, kept aside, with keys and numbers that neither they nor their copies have.
ENDED = "ended_assessments"
KEEP = (
    f"CREATE TABLE original.{ENDED} AS SELECT * FROM {TABLE.name} WHERE NOT under_way",
    f"UPDATE original.{ENDED} SET number = left(number, 6) || '00000-' || id,"
    " id = overlay(id::text PLACING 'bfff' FROM 20 FOR 4)::uuid",
)
COUNTED = f"SELECT count(*) FROM {TABLE.name} WHERE tenant_id = $1"
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
    """Add earlier assessments until the city has ``size``: how many it then has.

    They are copies of those that have ended, of all systems alike; to add a million row by row, each into twenty
    indexes, took longer than a run may.
    """
    connection, tenant = await run.stack.connect(), run.stack.tenant_id
    try:
        await connection.execute(SESSION)
        there: int = await connection.fetchval(COUNTED, tenant)
        once: int = await _keep_ended(connection, tenant)
        wanted = -(-(size - there) // once)
        if wanted > 0:
            indexes = await drop_indexes(connection, [TABLE.name])
            first = there // once + 1  # beyond those of the size before
            kept = frozenset({"system_id", "unit_id", "report_id"})
            await connection.execute(copying(TABLE, kept, ENDED), tenant, first, first + wanted - 1)
            for index in indexes:
                await connection.execute(index)
            await connection.execute(f"VACUUM (ANALYZE) {TABLE.name}")
            await connection.execute("CHECKPOINT")
        found: int = await connection.fetchval(COUNTED, tenant)
        return found
    finally:
        await connection.close()


async def _keep_ended(connection: asyncpg.Connection, tenant: UUID) -> int:
    """How many have ended of those that were there before any was added."""
    if await connection.fetchval(f"SELECT to_regclass('original.{ENDED}') IS NULL"):
        for statement in KEEP:
            await connection.execute(statement)
    kept: int = await connection.fetchval(f"SELECT count(*) FROM original.{ENDED} WHERE tenant_id = $1", tenant)
    return kept


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
