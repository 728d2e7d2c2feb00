"""What sealing the audit trail costs a write: mutations with the digests and the sealer, beside the same without.

With it, each event gets its digest and its transaction's number from the database, and the sealer goes over all
that the go before has written, at once instead of every five minutes. Without it, the trigger is off and nobody seals;
events are written all the same. Both are the same server: what differs is in the database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from bench.comparing import COLUMNS, Figures, Subject, compare
from bench.load import CONNECTIONS, Load, load, post
from bench.processes import spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from domain.audit.sealing import seal_events
from storage.database import Database

GOAL = 0.95
# For each round of the others; what is looked for is a few hundredths.
ROUNDS = 8
ON, OFF = "sealed", "not sealed"
CREATE = "mutation($i: CreateSystemInput!) { createSystem(input: $i) { system { id } userErrors { message } } }"
MUTATIONS = {
    "createSystem": (CREATE, lambda mark: {"name": "封存测量", "code": mark}),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of what sealing costs."""

    mutation: str
    figures: Figures


async def measure(run: Run) -> list[Row]:
    """Small mutations, of which their event is the largest share."""
    stack = run.stack
    # What the trigger writes has to have some value where it is off: a number that no sealer looks for.
    for column, value in (("digest", "repeat('0', 64)"), ("transaction", "0")):
        await stack.superuser.execute(f"ALTER TABLE audit_events ALTER COLUMN {column} SET DEFAULT {value}")
    server, database = spawn(serve_platform, stack.without_work), await Database.open(stack.settings)
    try:
        token = await sign_in(server.port, "unit.filer")
        await _seal(stack, database)
        rows: list[Row] = []
        for name, (document, given) in MUTATIONS.items():
            source = _requests(document, given, token)
            # Many short goes side by side: a disk that is slow for a second then falls on both.
            many = max(run.options.requests // 2, 1)
            off = Subject(OFF, server.pid, partial(_unsealed, stack, server.port, source, many))
            on = Subject(ON, server.pid, partial(_sealed, stack, database, server.port, source, many))
            found = await compare(stack, [off, on], ROUNDS * run.options.rounds, run.options.seconds)
            rows += [Row(name, figures) for figures in found]
        return rows
    finally:
        await database.close()
        server.end()


def show(report: Report, rows: Sequence[Row]) -> None:
    """The table of what sealing costs."""
    report.table(
        "Audit sealing, on against off",
        "Small mutations, whose event is a large part of them. Sealed: the database takes each event's digest, and a\n"
        "sealer goes over what was written meanwhile. Not sealed: the same events without digest, and no sealer.",
        ("mutation", *COLUMNS),
        ((row.mutation, *row.figures.cells(f"{GOAL:g}" if row.figures.name == ON else "")) for row in rows),
    )
    for row in rows:
        if row.figures.name == ON:
            report.goal(f"{row.mutation}: of the rate without sealing", row.figures.ratio, GOAL)


def _requests(document: str, given: object, token: str) -> Iterator[bytes]:
    """Requests without end, each of something new."""
    assert callable(given)
    while True:
        body = json.dumps({"query": document, "variables": {"i": given(uuid.uuid4().hex[:16])}}).encode()
        yield post("/graphql", body, {"Authorization": f"Bearer {token}"})


async def _sealed(
    stack: Stack, database: Database, port: int, source: Iterator[bytes], requests: int, _: float
) -> Load:
    await stack.superuser.execute("ALTER TABLE audit_events ENABLE TRIGGER stamp")
    done, _sealing = await asyncio.gather(_load(port, source, requests), _seal(stack, database))
    return done


async def _unsealed(stack: Stack, port: int, source: Iterator[bytes], requests: int, _: float) -> Load:
    await stack.superuser.execute("ALTER TABLE audit_events DISABLE TRIGGER stamp")
    try:
        return await _load(port, source, requests)
    finally:
        await stack.superuser.execute("ALTER TABLE audit_events ENABLE TRIGGER stamp")


async def _load(port: int, source: Iterator[bytes], requests: int) -> Load:
    return await load(port, islice(source, requests), good=_done, connections=CONNECTIONS)


async def _seal(stack: Stack, database: Database) -> None:
    async with database.transaction(stack.tenant_id) as session:
        await seal_events(session, stack.tenant_id, dt.datetime.now(dt.UTC))


def _done(body: bytes) -> bool:
    return b'"userErrors":[]' in body
