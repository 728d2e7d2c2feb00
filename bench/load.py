"""A small HTTP load: some connections, each sending the next request when it has the answer to the last."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """Requests per second, milliseconds at the median and the 99th percentile, bytes of one answer."""

    rate: float
    median: float
    p99: float
    size: int


async def load(port: int, request: bytes, connections: int = 8, seconds: float = 5.0) -> Result:
    """Send ``request`` again and again. Raises: RuntimeError for any answer but 200."""
    times: list[float] = []
    sizes: set[int] = set()
    end = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            started = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(head.decode())
            length = next(
                int(line.partition(b":")[2])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            )
            body = await reader.readexactly(length)
            if b'"errors"' in body[:200]:
                raise RuntimeError(body[:500].decode())
            times.append(time.perf_counter() - started)
            sizes.add(length)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    times.sort()
    return Result(len(times) / seconds, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000, max(sizes))
