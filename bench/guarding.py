"""What authorization costs a list: the platform beside itself without it, as a whole and layer by layer.

Only this module can start a server without a layer. Without *who asks*, whoever comes is taken for the caller that his
token was once found to mean. Without *row scopes* there is no condition but the city, and no column is hidden. Without
*row-level security* the database role passes it. All are asked for rows that all show, and have to answer with the
same bytes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from api.execution.authenticator import PlatformAuthenticator
from authz import scopes
from authz.scopes.language import everything
from bench.comparing import COLUMNS, Figures, Subject, compare
from bench.load import load, post
from bench.processes import Server, spawn
from bench.reads import ask, serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from domain.access import Caller
from storage import connections
from storage.settings import Settings

GOAL = 0.95
ON, OFF = "as served", "unguarded"
WHO, ROWS, CITY = "who asks", "row scopes", "row-level security"
LAYERS = (WHO, ROWS, CITY)
PEOPLE = ("city.officer", "district.officer", "unit.filer")
ROLE = "bench_unguarded"
LIST = """query($f: FilingFilter) { filings(first: 50, filter: $f) { nodes {
  id number state level unit { id name } system { id name } documents { id filename size } } } }"""
HOME = "{ viewer { membership { organisation { id district { id } } } } }"


@dataclass(frozen=True, slots=True)
class Row:
    """A person's list: what each server made of it, by its name."""

    person: str
    figures: dict[str, Figures]


async def measure(run: Run) -> list[Row]:
    """Lists of one person of each kind of scope: everything, a district's, one's own and supervised."""
    passing = await _passing(run.stack)
    servers: dict[str, Server] = {}
    try:
        for name, missing in {OFF: LAYERS, ON: (), **{without(layer): (layer,) for layer in LAYERS}}.items():
            settings = passing if CITY in missing else run.stack.without_work
            servers[name] = spawn(serve_without, settings, missing)
        return [await _measure(run, servers, person) for person in PEOPLE]
    finally:
        for server in servers.values():
            server.end()


async def _measure(run: Run, servers: dict[str, Server], person: str) -> Row:
    port = servers[ON].port
    request = await _request(port, person, await sign_in(port, person))
    answers = [await ask(server.port, request) for server in servers.values()]
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError(f"{person} is answered differently without authorization")
    subjects = [Subject(name, server.pid, partial(_load, server.port, request)) for name, server in servers.items()]
    # Twice the rounds: what is looked for is a few hundredths.
    found = await compare(run.stack, subjects, 2 * run.options.rounds, run.options.seconds)
    return Row(person, {figures.name: figures for figures in found})


def show(report: Report, rows: Sequence[Row]) -> None:
    """The tables of what authorization costs."""
    report.table(
        "Authorization, on against off",
        "A list of 50 filings with unit, system and documents. Unguarded: no token, session or membership is\n"
        "looked at, no row scope but the city, and row-level security is passed. All answer with the same bytes.",
        ("who", *COLUMNS),
        (
            (row.person, *figures.cells(f"{GOAL:g}" if name == ON else ""))
            for row in rows
            for name, figures in row.figures.items()
        ),
    )
    report.table(
        "What each layer of it costs",
        "The platform as served beside itself without that one layer: the share of its rate, and processor time of a\n"
        "request in microseconds, the server's and PostgreSQL's.",
        ("who", "layer", "of the rate", "server µs", "database µs"),
        (_layer(row, layer) for row in rows for layer in LAYERS),
    )
    for row in rows:
        report.goal(f"list of {row.person}: of the rate without authorization", row.figures[ON].ratio, GOAL)


def without(layer: str) -> str:
    """What the server is called that lacks one layer."""
    return f"without {layer}"


def _layer(row: Row, layer: str) -> tuple[str, ...]:
    on, off = row.figures[ON], row.figures[without(layer)]
    share = 1 - on.ratio / off.ratio
    spent = ((on.server_ms - off.server_ms) * 1000, (on.database_ms - off.database_ms) * 1000)
    return row.person, layer, f"{share:.1%}", *(f"{each:.0f}" for each in spent)


def serve_without(settings: Settings, missing: Sequence[str], port: int) -> None:
    """The platform with layers taken out, in this process alone."""
    if CITY in missing:
        connections.APP_ROLE = ROLE  # type: ignore[misc]  # the role that it is signed in as
    if ROWS in missing:
        scopes.HIDDEN.clear()
        for name, rows in scopes.SCOPES.items():
            scopes.SCOPES[name] = dict.fromkeys(rows, everything)
    if WHO in missing:
        _ask_nobody()
    serve_platform(settings, port)


def _ask_nobody() -> None:
    asked = PlatformAuthenticator.authenticate
    known: dict[str | None, Caller | None] = {}

    async def authenticate(self: PlatformAuthenticator, token: str | None, *given: Any, **more: Any) -> Caller | None:
        if token not in known:
            known[token] = await asked(self, token, *given, **more)
        return known[token]

    PlatformAuthenticator.authenticate = authenticate  # type: ignore[method-assign]


async def _passing(stack: Stack) -> Settings:
    """Settings of a role that may what the application's may, and passes row-level security."""
    password = secrets.token_hex(16)
    if await stack.superuser.fetchval("SELECT count(*) FROM pg_roles WHERE rolname = $1", ROLE):
        await stack.superuser.execute(f"ALTER ROLE {ROLE} PASSWORD '{password}'")
    else:
        await stack.superuser.execute(
            f"CREATE ROLE {ROLE} LOGIN BYPASSRLS PASSWORD '{password}' IN ROLE {connections.APP_ROLE}"
        )
    at = urlsplit(stack.without_work.database_url or "")
    url = at._replace(netloc=f"{ROLE}:{password}@{at.hostname}:{at.port}").geturl()
    return stack.without_work.model_copy(update={"database_url": url})


async def _request(port: int, person: str, token: str) -> bytes:
    """The list of what all show: what a role does not see is filtered out for all."""
    bearer = {"Authorization": f"Bearer {token}"}
    answer = await ask(port, post("/graphql", json.dumps({"query": HOME}).encode(), bearer))
    home = answer["data"]["viewer"]["membership"]["organisation"]
    asked: dict[str, Any] = {"state": "ACCEPTED"}
    if person.startswith("district"):
        asked |= {"authority": "DISTRICT", "districtId": home["district"]["id"]}
    elif person.startswith("unit"):
        asked["unitId"] = home["id"]
    return post("/graphql", json.dumps({"query": LIST, "variables": {"f": asked}}).encode(), bearer)


async def _load(port: int, request: bytes, seconds: float) -> Any:
    return await load(port, request, seconds=seconds)
