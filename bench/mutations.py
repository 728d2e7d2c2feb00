"""Mutations beside a transaction written by hand that does the same: each request takes a filing of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from bench.comparing import COLUMNS, Figures, Subject, compare
from bench.growth import copying
from bench.load import CONNECTIONS, Load, load, post
from bench.peers import transactions
from bench.processes import spawn
from bench.reads import BY_HAND, PLATFORM, serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from domain.entities import Base

GOAL = 0.5
FIRST = 60_000  # beyond all copies that the city has grown by

# Which original is copied: a complete draft of the demo's unit, and a filing whose acceptance waits to be signed.
DRAFT = """
SELECT f.system_id, f.id AS filing_id FROM original.filings f JOIN original.users u ON u.id = f.saved_by_id
WHERE f.tenant_id = $1 AND f.state = 'DRAFT' AND u.username = 'unit.filer' AND f.level = 2
  AND NOT f.missing_items @? '$[*] ? (@.required == true)' LIMIT 1
"""
REVIEW = """
SELECT f.system_id, f.id AS filing_id
FROM original.filings f JOIN original.reply_letters r ON r.filing_id = f.id JOIN organisations u ON u.id = f.unit_id
WHERE f.tenant_id = $1 AND f.state = 'UNDER_REVIEW' AND r.tenant_id = $1 AND r.state = 'DRAFT' AND r.kind = 'A'
  AND u.tenant_id = $1 ORDER BY u.unit_serial LIMIT 1
"""
# The tables of one filing: which column names it, or its system ($4).
OWN = {
    "systems": ("id", "system_id"),
    "gradings": ("system_id", "system_id"),
    "filings": ("id", "filing_id"),
    **dict.fromkeys(
        ("filing_transitions", "filing_submissions", "documents", "reply_letters", "review_periods"),
        ("filing_id", "filing_id"),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of mutations."""

    action: str
    figures: Figures
    statements: float


@dataclass(frozen=True, slots=True)
class Action:
    """A mutation: who does it, its document, what it is told of a filing, and of which original it takes copies."""

    name: str
    account: str
    document: str
    original: str
    input: Callable[[Mapping[str, Any]], dict[str, Any]]

    def requests(self, prepared: Iterator[Mapping[str, Any]], path: str, token: str | None) -> Iterator[bytes]:
        """One request for each filing: as GraphQL with a token, else as the hand-written endpoint takes it."""
        for each in prepared:
            given = self.input(each)
            if token is None:
                yield post(path, json.dumps({k: _bare(v) for k, v in given.items()}).encode())
            else:
                body = json.dumps({"query": self.document, "variables": {"input": given}}).encode()
                yield post(path, body, {"Authorization": f"Bearer {token}"})


FILING, ERRORS = "{ id number state version }", "userErrors { message }"
ACTIONS = (
    Action(
        "saveFiling",
        "unit.filer",
        f"mutation($input: SaveFilingInput!) {{ saveFiling(input: $input) {{ filing {FILING} {ERRORS} }} }}",
        DRAFT,
        lambda row: {"filingId": f"fil_{row['id']}", "version": 1, "form": {"system": json.loads(row["system"])}},
    ),
    Action(
        "submitFiling",
        "unit.approver",
        f"mutation($input: FilingStepInput!) {{ submitFiling(input: $input) {{ filing {FILING} {ERRORS} }} }}",
        DRAFT,
        lambda row: {"filingId": f"fil_{row['id']}"},
    ),
    Action(
        "issueReply",
        "city.leader",
        "mutation($input: ReplyStepInput!) { issueReply(input: $input) {"
        f" replyLetter {{ filing {FILING} }} {ERRORS} }} }}",
        REVIEW,
        lambda row: {"replyLetterId": f"rep_{row['reply']}"},
    ),
)
ROWS = """
SELECT f.id, f.form -> 'system' AS system, (SELECT r.id FROM reply_letters r
  WHERE r.tenant_id = f.tenant_id AND r.filing_id = f.id AND r.state = 'DRAFT') AS reply
FROM generate_series($2::int, $3::int) AS copy JOIN filings f ON f.id = original.again($1, copy)
"""
LONG = 10_000_000


async def measure(run: Run) -> list[Row]:
    """Each mutation's figures: in each round everybody does so many."""
    stack, rounds, requests = run.stack, run.options.rounds, run.options.requests
    ours, theirs = spawn(serve_platform, stack.without_work), spawn(transactions.serve, stack.settings)
    try:
        rows: list[Row] = []
        first = FIRST
        for action in ACTIONS:
            many = (rounds + 1) * 2 * requests + 100
            original = await copy(stack, action.original, first, many)
            prepared = iter(await stack.superuser.fetch(ROWS, original, first, first + many - 1))
            first += many
            token = await sign_in(ours.port, action.account)
            sources = {
                PLATFORM: (ours, action.requests(prepared, "/graphql", token)),
                BY_HAND: (theirs, action.requests(prepared, f"/{action.name}", None)),
            }
            subjects = [
                Subject(name, server.pid, partial(_load, server.port, source, requests))
                for name, (server, source) in reversed(sources.items())
            ]
            for figures in await compare(stack, subjects, rounds, LONG):
                server, source = sources[figures.name]
                rows.append(Row(action.name, figures, await _statements(stack, server.port, source)))
    finally:
        ours.end()
        theirs.end()
    return rows


def show(report: Report, rows: Sequence[Row]) -> None:
    """The table of mutations."""
    report.table(
        "Mutations, side by side",
        "Each request takes a filing of its own, prepared beforehand. By hand: the same statements in\n"
        "one transaction over asyncpg with the same rules and the same trail, but nobody to be signed in or refused.\n"
        "Both lock the files in the store.",
        ("mutation", *COLUMNS, "statements"),
        (
            (row.action, *row.figures.cells(f"{GOAL:g}" if row.figures.name == PLATFORM else ""), f"{row.statements:g}")
            for row in rows
        ),
    )
    for row in rows:
        if row.figures.name == PLATFORM:
            report.goal(f"{row.action}: of the rate by hand", row.figures.ratio, GOAL)


async def _load(port: int, source: Iterator[bytes], requests: int, _: float) -> Load:
    return await load(port, islice(source, requests), good=_done, connections=CONNECTIONS)


def _done(body: bytes) -> bool:
    return body.startswith(b'{"data":{') and (b'"userErrors"' not in body or b'"userErrors":[]' in body)


async def _statements(stack: Stack, port: int, source: Iterator[bytes]) -> float:
    async with stack.statements() as found:
        await load(port, islice(source, 10), connections=1, good=_done)
    return len(found) / 10


async def copy(stack: Stack, which: str, first: int, many: int, tables: Iterable[str] = tuple(OWN)) -> UUID:
    """Copy the filing that ``which`` finds, each with a system of its own in the same unit: the original's key."""
    found = await stack.superuser.fetchrow(which, stack.tenant_id)
    last = first + many - 1
    await stack.superuser.execute("SET session_replication_role = replica")
    for name in tables:
        column, named = OWN[name]
        kept = frozenset({"unit_id", "owner_id"})
        sql = copying(Base.metadata.tables[name], kept, which=f"o.{column} = $4")
        await stack.superuser.execute(sql, stack.tenant_id, first, last, found[named])
    await stack.superuser.execute("SET session_replication_role = origin")
    original: UUID = found["filing_id"]
    return original


def _bare(value: Any) -> Any:
    """A global id without its prefix."""
    return value[4:] if isinstance(value, str) and value[3:4] == "_" else value
