"""What authorization costs a list: the platform beside itself without any of it, which only this module can start.

Without it means: whoever asks is taken for one caller that was found once; no row scope but the city, no hidden
columns, and a database role that passes row-level security. Both are asked for rows that both show, and have to answer
with the same bytes.
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
from bench.processes import spawn
from bench.reads import ask, serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from domain.access import Caller
from storage import connections
from storage.settings import Settings

GOAL = 0.95
ON, OFF = "as served", "unguarded"
ROLE = "bench_unguarded"
LIST = """query($f: FilingFilter) { filings(first: 50, filter: $f) { nodes {
  id number state level unit { id name } system { id name } documents { id filename size } } } }"""
HOME = "{ viewer { membership { organisation { id district { id } } } } }"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: whose list it was."""

    person: str
    figures: Figures


async def measure(run: Run) -> list[Row]:
    """Lists of one person of each kind of scope: everything, a district's, one's own and supervised."""
    unguarded = await _passing(run.stack)
    on, off = spawn(serve_platform, run.stack.without_work), spawn(serve_unguarded, unguarded)
    try:
        rows: list[Row] = []
        for person in ("city.officer", "district.officer", "unit.filer"):
            token = await sign_in(on.port, person)
            request = await _request(on.port, person, token)
            if await ask(on.port, request) != await ask(off.port, request):
                raise RuntimeError(f"{person} is answered differently without authorization")
            subjects = [
                Subject(name, server.pid, partial(_load, server.port, request))
                for name, server in ((OFF, off), (ON, on))
            ]
            # Twice the rounds: what is looked for is a few hundredths.
            found = await compare(run.stack, subjects, 2 * run.options.rounds, run.options.seconds)
            rows += [Row(person, figures) for figures in found]
            # The next person is another caller, whom the other server has to find first.
            off.end()
            off = spawn(serve_unguarded, unguarded)
        return rows
    finally:
        on.end()
        off.end()


def show(report: Report, rows: Sequence[Row]) -> None:
    """The table of what authorization costs."""
    report.table(
        "Authorization, on against off",
        "A list of 50 filings with unit, system and documents. Unguarded: no token, session or membership is\n"
        "looked at, no row scope but the city, and row-level security is passed. Both answer with the same bytes.",
        ("who", *COLUMNS),
        ((row.person, *row.figures.cells(f"{GOAL:g}" if row.figures.name == ON else "")) for row in rows),
    )
    for row in rows:
        if row.figures.name == ON:
            report.goal(f"list of {row.person}: of the rate without authorization", row.figures.ratio, GOAL)


def serve_unguarded(settings: Settings, port: int) -> None:
    """The platform with all that guards its reads taken out, in this process alone."""
    connections.APP_ROLE = ROLE  # type: ignore[misc]  # the role that it is signed in as
    scopes.HIDDEN.clear()
    for name, rows in scopes.SCOPES.items():
        scopes.SCOPES[name] = dict.fromkeys(rows, everything)
    asked = PlatformAuthenticator.authenticate
    known: list[Caller | None] = []

    async def authenticate(self: PlatformAuthenticator, *given: Any, **more: Any) -> Caller | None:
        if not known:
            known.append(await asked(self, *given, **more))
        return known[0]

    PlatformAuthenticator.authenticate = authenticate  # type: ignore[method-assign]
    serve_platform(settings, port)


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
    """The list of what both show: what a role does not see is filtered out for both."""
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
