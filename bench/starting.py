"""`dengbao up`, for the first time and again: seconds until ready, and memory."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.processes import children, free_port, memory
from bench.report import Report
from bench.run import Run


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until ``/readyz`` answers, and megabytes of the worker and of everything."""

    title: str
    seconds: float
    worker: float
    whole: float


async def measure(_: Run) -> list[Start]:
    """The first start fills in the demo, the second finds it."""
    return await asyncio.to_thread(_starts)


def show(report: Report, found: Sequence[Start]) -> None:
    """The table of starts."""
    report.table(
        "Starting",
        "`dengbao up` with its embedded PostgreSQL and object store; megabytes are shares of memory (PSS).",
        ("start", "ready after s", "worker MB", "everything MB"),
        ((s.title, f"{s.seconds:.1f}", f"{s.worker:.0f}", f"{s.whole:.0f}") for s in found),
    )


def _starts() -> list[Start]:
    with tempfile.TemporaryDirectory(prefix="dengbao-bench-") as folder:
        Path(folder).chmod(0o755)
        return [_start(title, folder) for title in ("first, with the demo", "second")]


def _start(title: str, folder: str) -> Start:
    port = free_port()
    given = {"DENGBAO_DATA_DIR": folder, "DENGBAO_PORT": str(port), "DENGBAO_LOG_LEVEL": "warning"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [Path(sys.executable).parent / "dengbao", "up"], env={**os.environ, **given}, stdout=subprocess.DEVNULL
    )
    try:
        while not _ready(port):
            if process.poll() is not None:
                raise RuntimeError("dengbao up ended")
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        everything = {process.pid, *_below(process.pid), *_on(folder)}
        return Start(title, seconds, memory(process.pid), sum(map(memory, everything)))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _on(folder: str) -> Iterator[int]:
    """The servers that were started on the folder, whoever their parent is now, and what they have started."""
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if folder in line.read_bytes().decode(errors="replace"):
                pid = int(line.parent.name)
                yield from (pid, *_below(pid))
        except OSError:
            continue


def _below(pid: int) -> Iterator[int]:
    for child in children(pid):
        yield from (child, *_below(child))
