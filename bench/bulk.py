"""Lists written out, and files taken in: how long, and how much memory the server ever needs for it."""

from __future__ import annotations

import asyncio
import hashlib
import io
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import xlsxwriter

from bench.mutations import REVIEW, copy
from bench.processes import memory, peak_memory, spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from bench.stack import Stack
from clients.graphql import COMPLETE_UPLOAD, REQUEST_UPLOAD
from clients.papers import archive as make_archive
from domain.imports.column import Column
from domain.imports.columns import SYSTEMS
from domain.imports.filing_columns import FILINGS as BACKLOG_COLUMNS
from domain.imports.workbook import DATA

IMPORTED = 10_000
GOAL_SECONDS, GOAL_MB = 60, 300
# A district's whole backlog: no goal was set for it. Streaming takes no more memory however long the list is.
BACKLOG = 1_000
STREAMING_MB = 64
FILINGS = "number state level submittedAt reviewDueOn overdue unit{name} system{name code} channel"
EXPORTED, STATES = "filter:{states:[UNDER_REVIEW,SUBMITTED]}", ["UNDER_REVIEW", "SUBMITTED"]
WANTED = 100_000
FIRST = 110_000  # beyond all copies that there are by now
PEOPLE = {"export": "city.officer", "import of systems": "unit.filer", "import of a backlog": "district.officer"}
START = "mutation($i:StartImportInput!){startImport(input:$i){importRun{id} userErrors{message}}}"
# The same archive, uploaded as often as there are filings; and the unit whose they are.
ARCHIVES = """
INSERT INTO documents SELECT each.* FROM documents d, generate_series(1, $3::int) AS n, jsonb_populate_record(
  d, jsonb_build_object('id', gen_random_uuid(), 'filename', 'backlog-' || n || '.zip')) AS each
WHERE d.tenant_id = $1 AND d.id = $2
"""
UNIT = """
SELECT u.credit_code FROM organisations u JOIN memberships m ON m.tenant_id = u.tenant_id AND m.organisation_id = u.id
JOIN users p ON p.tenant_id = m.tenant_id AND p.id = m.user_id WHERE u.tenant_id = $1 AND p.username = 'unit.filer'
"""
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
        "import of a backlog of filings": lambda client: _backlog(client, run.stack),
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
        if each.what.startswith("export"):
            report.goal(f"{each.what}: more MB than before it", each.peak - each.before, STREAMING_MB, at_most=True)
        if each.what.startswith("import of systems"):
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
        person = next(who for begins, who in PEOPLE.items() if what.startswith(begins))
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
    rows = (
        {"code": f"{mode[:3]}-{number}", "name": f"导入的系统 {number}", "in_service_on": "2020-05-01"}
        for number in range(IMPORTED)
    )
    return await _run(client, "SYSTEMS", mode, _workbook(SYSTEMS, rows), IMPORTED)


async def _backlog(client: _Client, stack: Stack) -> int:
    """Filings of systems that nobody had entered, each with its grading and an archive uploaded under its own name."""
    archive = await _upload(client, "archive.zip", make_archive("积压备案"), "FILING_ARCHIVE")
    await stack.superuser.execute(ARCHIVES, stack.tenant_id, UUID(archive[4:]), BACKLOG)
    unit = await stack.superuser.fetchval(UNIT, stack.tenant_id)
    rows = (
        {
            "unit_id": unit,
            "system_id": f"BACK-{number}",
            "system_name": f"积压备案的系统 {number}",
            "channel": "公文交换",
            "received_on": "2026-11-02",
            "document_id": f"backlog-{number}.zip",
            "business_information": "对社会秩序和公共利益造成严重损害",
            "system_service": "对社会秩序和公共利益造成损害",
            "graded_on": "2026-10-08",
            "business_types": "内部办公",
        }
        for number in range(1, BACKLOG + 1)
    )
    return await _run(client, "FILINGS", "ALL_OR_NOTHING", _workbook(BACKLOG_COLUMNS, rows), BACKLOG)


async def _run(client: _Client, kind: str, mode: str, workbook: bytes, expected: int) -> int:
    document = await _upload(client, f"{kind}.xlsx", workbook, "OTHER")
    given = {"documentId": document, "kind": kind, "mode": mode}
    run = (await client.ask(START, i=given))["startImport"]["importRun"]["id"]
    while True:
        found = (await client.ask(RUN, i=run))["node"]
        if found["state"] in {"DONE", "REFUSED"}:
            assert found["created"] == expected, found
            return int(found["rowsDone"])
        await asyncio.sleep(0.1)


def _workbook(columns: Sequence[Column], rows: Iterable[Mapping[str, str]]) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet(DATA)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column.zh)
    for number, row in enumerate(rows, 2):
        for place, column in enumerate(columns):
            sheet.write_string(number, place, row.get(column.field, ""))
    book.close()
    return made.getvalue()


async def _upload(client: _Client, filename: str, content: bytes, purpose: str) -> str:
    digest = hashlib.sha256(content).hexdigest()
    given = {"filename": filename, "size": len(content), "sha256": digest, "purpose": purpose}
    upload = (await client.ask(REQUEST_UPLOAD, input=given))["requestUpload"]["upload"]
    headers = {header["name"]: header["value"] for header in upload["headers"]}
    (await client.http.put(upload["url"], content=content, headers=headers)).raise_for_status()
    completed = await client.ask(COMPLETE_UPLOAD, input={"uploadId": upload["id"]})
    document: str = completed["completeUpload"]["document"]["id"]
    return document
