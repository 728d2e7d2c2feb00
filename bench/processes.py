"""What a process costs: processor seconds, its share of memory, and the processes below it."""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICK = 1 / os.sysconf("SC_CLK_TCK")
START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    pid: int
    port: int
    end: Callable[[], None]


def spawn(target: Callable[..., None], *arguments: Any) -> Server:
    """Call ``target(*arguments, port)`` in a process of its own; returns when it takes connections."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(*arguments, port), daemon=True)
    process.start()
    assert process.pid is not None

    def end() -> None:
        process.terminate()
        process.join(20)

    await_port(port, process.is_alive)
    return Server(process.pid, port, end)


def await_port(port: int, alive: Callable[[], bool]) -> None:
    """Return when something listens there. Raises: RuntimeError when it ends before, or takes too long."""
    until = time.monotonic() + START_SECONDS
    while alive() and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("a server did not start")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def processor_seconds(*pids: int) -> float:
    """What the processes have used so far, in their own code and in the kernel for them."""
    return sum(_ticks(pid) for pid in pids) * TICK


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])


def memory(pid: int) -> float:
    """A process's share of memory (PSS) in MB."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def peak_memory(pid: int) -> float:
    """The most memory that a process has ever had resident, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def children(pid: int) -> list[int]:
    """The processes that ``pid`` has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return found
