"""Files: what a gigabyte coming in needs of the server's memory, what a grant costs, how long a list of names takes."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from bench.processes import memory, spawn
from bench.reads import serve_platform, sign_in
from bench.report import Report
from bench.run import Run
from storage.archives.looking import look_into
from storage.presign import Presigner

SIZE, PIECE = 1 << 30, 1 << 20
ENTRIES, GRANTS = 10_000, 2000
GOAL_MB, GOAL_MS, GOAL_SECONDS = 20, 2, 5
# A page of a gigabyte: it has nothing in it to be opened.
CONTENT = b"%PDF-" + bytes(range(256)) * 4096
REQUEST = """mutation($i:RequestUploadInput!){requestUpload(input:$i){userErrors{message}
  upload{id relayPath parts{number size url headers{name value}}}}}"""
COMPLETE = "mutation($i:CompleteUploadInput!){completeUpload(input:$i){userErrors{message} document{state}}}"
STATE = "query($i:ID!){node(id:$i){...on Document{state rejection}}}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, and what it may be at most."""

    what: str
    value: float
    unit: str
    most: float


async def measure(run: Run) -> list[Figure]:
    """Each way in with a server of its own."""
    listed = await asyncio.to_thread(_list_entries)
    return [
        Figure("1 GiB in parts to the store: server's memory grows by", await _grown(run, _in_parts), "MB", GOAL_MB),
        Figure("1 GiB through the platform: server's memory grows by", await _grown(run, _relayed), "MB", GOAL_MB),
        Figure("one presigned URL", _presign(), "ms", GOAL_MS),
        Figure(f"an archive of {ENTRIES:,} files listed in", listed, "s", GOAL_SECONDS),
    ]


def show(report: Report, found: Sequence[Figure]) -> None:
    """The table of files."""
    report.table(
        "Files",
        "Memory is the server's own, sampled while the file comes and is read again to be checked.",
        ("what", "measured", "at most"),
        ((each.what, f"{each.value:.3g} {each.unit}", f"{each.most:g} {each.unit}") for each in found),
    )
    for each in found:
        report.goal(f"{each.what} ({each.unit})", each.value, each.most, at_most=True)


@dataclass(frozen=True, slots=True)
class _Client:
    http: httpx.AsyncClient
    url: str
    headers: dict[str, str]

    async def ask(self, document: str, given: Any) -> dict[str, Any]:
        body = {"query": document, "variables": {"i": given}}
        data: dict[str, Any] = (await self.http.post(f"{self.url}/graphql", json=body, headers=self.headers)).json()[
            "data"
        ]
        return data


async def _grown(run: Run, send: Any) -> float:
    """By how many MB a server has grown at most while a file came in and was looked into."""
    server = spawn(serve_platform, run.stack.settings)
    try:
        token = await sign_in(server.port, "unit.filer")
        async with httpx.AsyncClient(timeout=900, trust_env=False) as http:
            client = _Client(http, f"http://127.0.0.1:{server.port}", {"authorization": f"Bearer {token}"})
            given = {"filename": "x.pdf", "size": SIZE, "sha256": _digest(), "purpose": "OTHER"}
            await client.ask(REQUEST, {**given, "size": 1})  # what the first call loads is no file's
            before, most = memory(server.pid), 0.0

            async def sample() -> None:
                nonlocal most
                while True:
                    most = max(most, memory(server.pid))
                    await asyncio.sleep(0.25)

            sampling = asyncio.create_task(sample())
            upload = (await client.ask(REQUEST, given))["requestUpload"]["upload"]
            await send(client, upload)
            await client.ask(COMPLETE, {"uploadId": upload["id"]})
            found = await _checked(client, upload["id"])
            sampling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sampling
            assert found["state"] == "STORED", found
            return max(most - before, 0.0)
    finally:
        server.end()


async def _checked(client: _Client, id_: str) -> dict[str, Any]:
    """The document when it was looked into."""
    while True:
        found: dict[str, Any] = (await client.ask(STATE, id_))["node"]
        if found["state"] != "CHECKING":
            return found
        await asyncio.sleep(0.5)


async def _in_parts(client: _Client, upload: dict[str, Any]) -> None:
    for part in upload["parts"]:
        headers = {header["name"]: header["value"] for header in part["headers"]}
        answer = await client.http.put(part["url"], content=_pieces(part["size"]), headers=headers)
        answer.raise_for_status()


async def _relayed(client: _Client, upload: dict[str, Any]) -> None:
    headers = {**client.headers, "content-length": str(SIZE)}
    answer = await client.http.put(f"{client.url}{upload['relayPath']}", content=_pieces(SIZE), headers=headers)
    answer.raise_for_status()


async def _pieces(size: int) -> AsyncIterator[bytes]:
    # Parts are whole multiples of the piece.
    for at in range(0, size, PIECE):
        yield CONTENT[: min(PIECE, size - at)]


def _digest() -> str:
    digest = hashlib.sha256()
    for _ in range(SIZE // PIECE):
        digest.update(CONTENT[:PIECE])
    return digest.hexdigest()


def _presign() -> float:
    """Milliseconds for one URL."""
    presigner, now = (
        Presigner("http://127.0.0.1:9000", "us-east-1", "dengbao", "key", "secret"),
        dt.datetime.now(dt.UTC),
    )
    began = time.perf_counter()
    for number in range(GRANTS):
        presigner.presign("PUT", f"x/{number}", now=now, expires=dt.timedelta(hours=1), headers={"Content-Length": "1"})
    return (time.perf_counter() - began) / GRANTS * 1000


def _list_entries() -> float:
    """Seconds to list, measure and hash what an archive of many files holds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(ENTRIES):
                archive.writestr(f"目录/文件{number}.txt", f"内容 {number}" * 20)
        began = time.perf_counter()
        found = look_into(path, path.name)
        assert len(found.entries) == ENTRIES
        return time.perf_counter() - began
