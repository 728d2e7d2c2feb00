"""`make bench`: the list view beside a hand-written endpoint; starting; memory."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from api.demo.accounts import PASSWORD
from api.demo.seed import seed_demo
from bench import handwritten, servers
from bench.load import Result, load
from migrations import runner
from storage.database import Database
from storage.embedded.stack import embedded_stack
from storage.files import ObjectStore
from storage.settings import Settings

ROUNDS = 3
FILINGS = 20_000
console = Console()

# More rows like those that are there: filings that were taken back, each with three documents and a reply.
GROW = """
WITH made AS (
  INSERT INTO filings SELECT (jsonb_populate_record(NULL::filings, to_jsonb(f) || jsonb_build_object(
    'id', uuidv7(), 'state', 'REPLACED', 'number', NULL, 'replaces_id', NULL,
    'created_at', f.created_at - n * interval '1 minute'))).*
  FROM (SELECT * FROM filings WHERE state <> 'DRAFT' ORDER BY id LIMIT 100) f, generate_series(1, $1 / 100) n
  RETURNING tenant_id, id, unit_id, saved_by_id, created_at
), papers AS (
  INSERT INTO documents (tenant_id, id, created_at, owner_id, uploaded_by_id, kind, filename, media_type, size, sha256,
    object_key, state, scan, filing_id)
  SELECT tenant_id, uuidv7(), created_at, unit_id, saved_by_id, 'TOPOLOGY', 'x.pdf', 'application/pdf', 1000,
    repeat('0', 64), 'x', 'STORED', 'SKIPPED', id FROM made, generate_series(1, 3)
)
INSERT INTO reply_letters (tenant_id, id, created_at, filing_id, unit_id, kind, state, body, missing_items,
  drafted_by_id, version, return_reason)
SELECT tenant_id, uuidv7(), created_at, id, unit_id, 'A', 'RETURNED', 'x', '{}', saved_by_id, 1, 'x' FROM made
"""


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory(prefix="dengbao-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - the database's user has to reach its files
        _starting(Path(folder) / "starting")
        asyncio.run(_reading(Settings(data_dir=Path(folder) / "reading", log_level="warning")))


async def _reading(given: Settings) -> None:
    async with embedded_stack(given, str) as settings:
        assert settings.migration_database_url
        await runner.upgrade(settings.migration_database_url)
        store = ObjectStore(settings)
        await store.ensure_bucket()
        database = await Database.open(settings)
        await seed_demo(database, store, str)
        tenant = await database.directory.resolve_tenant(None)
        await database.close()
        owner = await asyncpg.connect(settings.migration_database_url)
        await owner.execute(f"SET app.tenant = '{tenant}'")
        await owner.execute(GROW.replace("$1", str(FILINGS)))
        await owner.execute("ANALYZE")
        await owner.close()
        ours, theirs = _serve(settings, servers.platform), _serve(settings, servers.by_hand)
        try:
            await _compare(ours[1], theirs[1])
        finally:
            for process, _ in (ours, theirs):
                process.terminate()
                process.join()


async def _compare(ours: int, theirs: int) -> None:
    token = await _token(ours)
    body = json.dumps({"query": handwritten.QUERY}).encode()
    graphql = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
        + token.encode()
        + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
        + body
    )
    plain = b"GET /filings HTTP/1.1\r\nHost: x\r\n\r\n"
    await _same(ours, theirs, token)
    await load(ours, graphql, seconds=1)
    await load(theirs, plain, seconds=1)
    table = Table("list view", "requests/s", "median ms", "p99 ms", "bytes", title=f"50 of {FILINGS:,} filings")
    ratios = []
    for _ in range(ROUNDS):  # in turn, so that whatever else the machine does touches both
        mine, other = await load(ours, graphql), await load(theirs, plain)
        ratios.append(mine.rate / other.rate)
        for name, result in (("GraphQL, authorized", mine), ("hand-written", other)):
            table.add_row(name, *_shown(result))
    console.print(table)
    console.print(
        f"GraphQL / hand-written: {sorted(ratios)[ROUNDS // 2]:.2f} (rounds: {', '.join(f'{r:.2f}' for r in ratios)})"
    )


def _shown(result: Result) -> list[str]:
    return [f"{result.rate:,.0f}", f"{result.median:.1f}", f"{result.p99:.1f}", f"{result.size:,}"]


async def _same(ours: int, theirs: int, token: str) -> None:
    """Both have to say the same, or the comparison is none."""
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {"authorization": f"Bearer {token}"}
        first = await client.post(
            f"http://127.0.0.1:{ours}/graphql", json={"query": handwritten.QUERY}, headers=headers
        )
        second = await client.get(f"http://127.0.0.1:{theirs}/filings")
    if first.json() != second.json():
        raise RuntimeError("the two answers differ")


async def _token(port: int) -> str:
    query = "mutation($i:SignInInput!){signIn(input:$i){accessToken}}"
    given = {"i": {"username": "city.officer", "password": PASSWORD}}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"http://127.0.0.1:{port}/graphql", json={"query": query, "variables": given})
    token: str = answer.json()["data"]["signIn"]["accessToken"]
    return token


def _serve(settings: Settings, target: Callable[[Settings, int], None]) -> tuple[Any, int]:
    """Serve in a process of its own, ready when this returns."""
    port = _port()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(settings, port))
    process.start()
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.05)
    raise RuntimeError("the server did not start")


def _starting(folder: Path) -> None:
    """`dengbao up`, first and second time: seconds until ready, and memory."""
    table = Table("dengbao up", "ready after s", "worker MB", "whole stack MB", title="starting")
    for name in ("first time, with the demo", "second time"):
        port = _port()
        environment = {
            **os.environ,
            "DENGBAO_DATA_DIR": str(folder),
            "DENGBAO_PORT": str(port),
            "DENGBAO_LOG_LEVEL": "warning",
        }
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "dengbao"), "up"], env=environment, stdout=subprocess.DEVNULL
        )
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                if process.poll() is not None:
                    raise RuntimeError("it did not start") from None
            time.sleep(0.05)
        ready = time.perf_counter() - started
        children = _family(process.pid, folder)
        worker = _pss(process.pid)
        table.add_row(name, f"{ready:.1f}", f"{worker:.0f}", f"{sum(map(_pss, children)):.0f}")
        process.send_signal(signal.SIGINT)
        process.wait()
    console.print(table)


def _family(pid: int, folder: Path) -> list[int]:
    """The worker, and the servers that run on the folder."""
    found = [pid]
    for each in Path("/proc").glob("[0-9]*"):
        try:
            line = (each / "cmdline").read_bytes().decode(errors="replace")
            parent = (each / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if str(folder) in line or (Path(f"/proc/{parent}/comm").exists() and "postgres" in _name(parent)):
            found.append(int(each.name))
    return sorted(set(found))


def _name(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _pss(pid: int) -> float:
    """A process's share of memory in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    main()
