"""The views, beside the hand-written floor and the peers, at each size of the city."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import httpx

from api.app import create_app
from api.demo.accounts import PASSWORD
from api.http import server as platform_server
from bench.comparing import COLUMNS, Figures, Subject, compare, statements_per_request
from bench.load import get, load, post
from bench.peers import byhand, orm, postgraphile
from bench.processes import Server, await_port, free_port, memory, spawn
from bench.report import Report
from bench.run import Options, Run
from bench.stack import Stack
from bench.views import VALUES, VIEWS, View
from storage.settings import Settings

BY_HAND, PLATFORM, ORM, POSTGRAPHILE = "by hand", "platform", "ORM, DataLoaders", "PostGraphile"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
WORDS = """\
`ratio` is the rate as a share of the hand-written endpoint's, the median of the rounds. Everybody answers the same over
the same database, bound to the tenant, below the same row-level security; answers are compared before anything is
measured (PostGraphile's have other names, and lack the role's row conditions). `CPU` is the server's processor time per
request, `database` PostgreSQL's; `MB` the server's share of memory (PSS)."""
# How many times a peer's rate the platform has to reach.
TIMES = {POSTGRAPHILE: 3.0, ORM: 20.0}
SIGN_IN = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken } }"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of reads."""

    filings: int
    view: View
    figures: Figures
    statements: float
    mb: float


async def measure(run: Run) -> list[Row]:
    """Each view's figures for the city as it is."""
    with Servers.start(run.stack, peers=run.options.peers) as servers:
        rows = await servers.measure(run.filings, run.options)
    run.notes += [f"{name} is left out: {reason}." for name, reason in servers.left_out.items()]
    return rows


def show(report: Report, rows: Sequence[Row]) -> None:
    """The table of reads."""
    cells = (
        (f"{row.filings:,}", row.view.name,
         *row.figures.cells(f"{row.view.goal:g}" if row.figures.name == PLATFORM else ""),
         f"{row.statements:g}", f"{row.mb:.0f}")
        for row in rows
    )  # fmt: skip
    report.table("Reads, side by side", WORDS, ("filings", "view", *COLUMNS, "statements", "MB"), cells)
    rates = {(row.filings, row.view.name, row.figures.name): row.figures.rate for row in rows}
    for row in rows:
        if row.figures.name == PLATFORM:
            what = f"{row.view.name} at {row.filings:,}"
            report.goal(f"{what}: of the rate by hand", row.figures.ratio, row.view.goal)
            for peer, goal in TIMES.items():
                other = rates.get((row.filings, row.view.name, peer))
                if other:
                    report.goal(f"{what}: times {peer}", row.figures.rate / other, goal)
                    floor = rates[row.filings, row.view.name, BY_HAND] / other
                    if floor < goal:
                        report.note(
                            f"{what}: the hand-written endpoint itself is {floor:.1f} times {peer}, where {goal:g} were"
                            " to be reached: the database's time is everybody's, and leaves no more between them."
                        )
            report.goal(f"{what}: statements for one operation", row.statements, 1, at_most=True)


@dataclass(slots=True)
class Servers:
    """The servers that are compared, running."""

    stack: Stack
    servers: dict[str, Server] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @classmethod
    @contextlib.contextmanager
    def start(cls, stack: Stack, *, peers: bool) -> Iterator[Servers]:
        """Start them, the peers too if wanted and to be had."""
        made = cls(stack)
        try:
            made.servers[BY_HAND] = spawn(byhand.serve, stack.settings)
            made.servers[PLATFORM] = spawn(serve_platform, stack.without_work)
            if peers:
                made.servers[ORM] = spawn(orm.serve, stack.settings)
                try:
                    made.servers[POSTGRAPHILE] = _postgraphile(stack)
                except (postgraphile.Absent, RuntimeError) as reason:
                    made.left_out[POSTGRAPHILE] = str(reason)
            yield made
        finally:
            for server in made.servers.values():
                server.end()

    async def measure(self, filings: int, options: Options) -> list[Row]:
        """Each view's figures for a city of so many filings."""
        values = dict(await self.stack.superuser.fetchrow(VALUES, self.stack.tenant_id))
        token = await sign_in(self.servers[PLATFORM].port, "city.officer")
        rows: list[Row] = []
        for view in VIEWS:
            if options.views and view.name not in options.views:
                continue
            requests = self._requests(view, values, token)
            await require_same({name: each.port for name, each in self.servers.items()}, requests, view)
            subjects = [
                Subject(name, self.servers[name].pid, partial(_load, self.servers[name].port, request))
                for name, request in requests.items()
            ]
            for figures in await compare(self.stack, subjects, options.rounds, options.seconds):
                server = self.servers[figures.name]
                statements = await statements_per_request(self.stack, server.port, requests[figures.name])
                rows.append(Row(filings, view, figures, statements, memory(server.pid)))
        return rows

    def _requests(self, view: View, values: Mapping[str, Any], token: str) -> dict[str, bytes]:
        operation = {"query": view.graphql, "variables": view.variables(values)}
        body = json.dumps(operation).encode()
        given = {name: str(value) for name, value in view.given(values).items()}
        requests = {
            BY_HAND: get(f"/{view.name}?{urlencode(given)}"),
            PLATFORM: post("/graphql", body, {"Authorization": f"Bearer {token}"}),
            ORM: post("/graphql", body),
        }
        if view.postgraphile is not None:
            variables = {**given, "tenant": str(self.stack.tenant_id)} if given else {}
            requests[POSTGRAPHILE] = post(
                "/graphql", json.dumps({"query": view.postgraphile, "variables": variables}).encode()
            )
        return {name: request for name, request in requests.items() if name in self.servers}


async def require_same(ports: Mapping[str, int], requests: Mapping[str, bytes], view: View) -> None:
    """All but PostGraphile, whose fields have other names, have to say the same, or the comparison is none."""
    answers = {name: await ask(ports[name], request) for name, request in requests.items()}
    for name, answer in answers.items():
        if answer.get("errors"):
            raise RuntimeError(f"{name}, {view.name}: {str(answer['errors'])[:500]}")
        if name != POSTGRAPHILE and _plain(answer) != _plain(answers[BY_HAND]):
            raise RuntimeError(f"{name} answers {view.name} differently")


def serve_platform(settings: Settings, port: int) -> None:
    """The platform itself, as it is always served."""
    platform_server.run(settings.model_copy(update={"port": port}), create_app)


async def sign_in(port: int, username: str) -> str:
    """An access token, good for a quarter of an hour."""
    given = {"query": SIGN_IN, "variables": {"i": {"username": username, "password": PASSWORD}}}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/graphql", json=given)
    token: str = answer.json()["data"]["signIn"]["accessToken"]
    return token


def _postgraphile(stack: Stack) -> Server:
    port = free_port()
    process = postgraphile.start(stack.settings, stack.tenant_id, port)

    def end() -> None:
        process.terminate()
        process.wait(20)

    await_port(port, lambda: process.poll() is None)
    return Server(process.pid, port, end)


async def _load(port: int, request: bytes, seconds: float) -> Any:
    return await load(port, request, seconds=seconds)


async def ask(port: int, request: bytes) -> Any:
    """One request's answer."""
    head, _, body = request.partition(b"\r\n\r\n")
    method, path, _ = head.split(b"\r\n")[0].decode().split()
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n")[1:])
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.request(method, f"http://127.0.0.1:{port}{path}", headers=headers, content=body)
    told: dict[str, Any] = answer.json()
    told.pop("extensions", None)  # what it cost
    return told


def _plain(value: Any) -> Any:
    """An answer's content, however moments are written."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and MOMENT.match(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value
