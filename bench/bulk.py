"""Lists written out, and files taken in: how long, and how much memory the server ever needs for it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import xlsxwriter

from bench.mutations import REVIEW, copy
from bench.processes import memory, peak_memory, spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from clients.graphql import COMPLETE_UPLOAD, REQUEST_UPLOAD
from domain.imports.columns import SYSTEMS
from domain.imports.workbook import DATA

IMPORTED = 10_000
GOAL_SECONDS, GOAL_MB = 60, 300
FILINGS = "number state level submittedAt reviewDueOn overdue unit{name} system{name code} channel"
EXPORTED, STATES = "filter:{states:[UNDER_REVIEW,SUBMITTED]}", ["UNDER_REVIEW", "SUBMITTED"]
WANTED = 100_000
FIRST = 110_000  # beyond all copies that there are by now
START = "mutation($i:StartImportInput!){startImport(input:$i){importRun{id} userErrors{message}}}"
RUN = "query($i:ID!){node(id:$i){...on ImportRun{state rowsDone rowsTotal created problemCount}}}"


@dataclass(frozen=True, slots=True)
class Bulk:
    """One piece of bulk work: its rows, how long it took, and the server's memory before and at most, in MB."""

    what: str
    rows: int
    seconds: float
    before: float
    peak: float


async def measure(run: Run) -> list[Bulk]:
    """Each in a server of its own, so that what one needed is not taken for the other's."""
    work: dict[str, Callable[[_Client], Awaitable[int]]] = {
        "export to CSV": lambda client: _export(client, "csv"),
        "export to Excel": lambda client: _export(client, "xlsx"),
        "import of systems, all or nothing": lambda client: _import(client, "ALL_OR_NOTHING"),
        "import of systems, row by row": lambda client: _import(client, "ROW_BY_ROW"),
    }
    await _enough(run.stack)
    return [await _measured(run.stack, what, each) for what, each in work.items()]


def show(report: Report, found: Sequence[Bulk]) -> None:
    """The table of bulk work."""
    report.table(
        "Whole lists out, whole files in",
        "Each in a server of its own; megabytes are its memory before, and the most that was ever resident.",
        ("work", "rows", "seconds", "rows/s", "MB before", "MB at most"),
        (
            (
                b.what,
                f"{b.rows:,}",
                f"{b.seconds:.1f}",
                f"{b.rows / b.seconds:,.0f}",
                f"{b.before:.0f}",
                f"{b.peak:.0f}",
            )
            for b in found
        ),
    )
    for each in found:
        report.goal(f"{each.what}: MB at most", each.peak, GOAL_MB, at_most=True)
        if each.what.startswith("import"):
            report.goal(f"{each.what}: seconds for {each.rows:,}", each.seconds, GOAL_SECONDS, at_most=True)


async def _enough(stack: Stack) -> None:
    """Copies of one filing under review, each with its system, until there are as many as are to be written out."""
    count = "SELECT count(*) FROM filings WHERE tenant_id = $1 AND state = ANY($2)"
    lacking = WANTED - await stack.superuser.fetchval(count, stack.tenant_id, STATES)
    if lacking > 0:
        await copy(stack, REVIEW, FIRST, lacking, ("systems", "filings"))
        await stack.superuser.execute("ANALYZE filings, systems")


async def _measured(stack: Stack, what: str, work: Callable[[_Client], Awaitable[int]]) -> Bulk:
    server = spawn(serve_platform, stack.settings)  # with its background work: imports are
    try:
        person = "city.officer" if what.startswith("export") else "unit.filer"
        token = await sign_in(server.port, person)
        async with httpx.AsyncClient(timeout=600, trust_env=False) as http:
            client = _Client(http, f"http://127.0.0.1:{server.port}", {"authorization": f"Bearer {token}"})
            before, began = memory(server.pid), time.perf_counter()
            rows = await work(client)
            seconds = time.perf_counter() - began
        return Bulk(what, rows, seconds, before, peak_memory(server.pid))
    finally:
        server.end()


@dataclass(frozen=True, slots=True)
class _Client:
    http: httpx.AsyncClient
    url: str
    headers: dict[str, str]

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = (await self.http.post(f"{self.url}/graphql", json=body, headers=self.headers)).json()
        data: dict[str, Any] = answer["data"]
        return data


async def _export(client: _Client, suffix: str) -> int:
    body = {"query": f"{{filings({EXPORTED}){{nodes{{{FILINGS}}}}}}}"}
    lines = 0
    target = f"{client.url}/export/{suffix}"
    async with client.http.stream("POST", target, json=body, headers=client.headers) as answer:
        answer.raise_for_status()
        async for piece in answer.aiter_bytes():
            lines += piece.count(b"\r\n")
    if suffix == "csv":
        return lines - 1
    counted = await client.ask(f"{{filings(first:1,{EXPORTED}){{totalCount}}}}")
    return int(counted["filings"]["totalCount"])  # which stops at 100,000


async def _import(client: _Client, mode: str) -> int:
    document = await _upload(client, _workbook(mode))
    given = {"documentId": document, "kind": "SYSTEMS", "mode": mode}
    run = (await client.ask(START, i=given))["startImport"]["importRun"]["id"]
    while True:
        found = (await client.ask(RUN, i=run))["node"]
        if found["state"] in {"DONE", "REFUSED"}:
            assert found["created"] == IMPORTED, found
            return int(found["rowsDone"])
        await asyncio.sleep(0.1)


def _workbook(prefix: str) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(DATA)
    for place, column in enumerate(SYSTEMS):
        sheet.write_string(0, place, column.zh)
    for number in range(IMPORTED):
        cells = ("", f"{prefix[:3]}-{number}", f"导入的系统 {number}", "2020-05-01")
        for place, cell in enumerate(cells):
            sheet.write_string(number + 2, place, cell)
    book.close()
    return made.getvalue()


async def _upload(client: _Client, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    given = {"filename": "systems.xlsx", "size": len(content), "sha256": digest, "purpose": "OTHER"}
    upload = (await client.ask(REQUEST_UPLOAD, input=given))["requestUpload"]["upload"]
    headers = {header["name"]: header["value"] for header in upload["headers"]}
    (await client.http.put(upload["url"], content=content, headers=headers)).raise_for_status()
    completed = await client.ask(COMPLETE_UPLOAD, input={"uploadId": upload["id"]})
    document: str = completed["completeUpload"]["document"]["id"]
    return document
