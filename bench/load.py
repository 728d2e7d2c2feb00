"""A small HTTP load: some connections, each sending the next request when it has the answer to the last."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """What one load came to: requests, seconds, each request's seconds in ascending order, bytes of one answer."""

    seconds: float
    times: list[float] = field(repr=False)
    size: int

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds within which this share of the requests was answered."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))] * 1000


def accepted(body: bytes) -> bool:
    """Whether an answer is one, for a query."""
    return b'"errors"' not in body[:200]


async def load(
    port: int,
    requests: bytes | Iterator[bytes],
    *,
    seconds: float | None = None,
    connections: int = CONNECTIONS,
    good: Callable[[bytes], bool] = accepted,
) -> Load:
    """Send one request again and again for ``seconds``, or the given ones once each.

    Raises: RuntimeError for a status other than 200, or an answer that is not ``good``.
    """
    source = repeat(requests) if isinstance(requests, bytes) else requests
    started = time.perf_counter()
    until = started + seconds if seconds is not None else float("inf")
    loop = asyncio.get_running_loop()
    clients = [_Client(source, until, good, loop.create_future()) for _ in range(connections)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(client.ended for client in clients))
    times = sorted(each for client in clients for each in client.times)
    return Load(time.perf_counter() - started, times, max(client.size for client in clients))


class _Client(asyncio.Protocol):
    """One connection; answers have a declared length, or come in chunks."""

    def __init__(
        self, source: Iterator[bytes], until: float, good: Callable[[bytes], bool], ended: asyncio.Future[None]
    ) -> None:
        self._source, self._until, self._good = source, until, good
        self.ended = ended
        self.times: list[float] = []
        self.size = 0
        self._buffer = bytearray()
        self._transport: Any = None
        self._sent = 0.0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        body = _body(self._buffer)
        if body is None:
            return
        self.times.append(time.perf_counter() - self._sent)
        self.size = max(self.size, len(body))
        if not self._buffer.startswith(b"HTTP/1.1 200") or not self._good(body):
            self._end(RuntimeError(bytes(self._buffer[:1000]).decode(errors="replace")))
            return
        self._buffer.clear()
        self._next()

    def _next(self) -> None:
        request = next(self._source, None) if time.perf_counter() < self._until else None
        if request is None:
            self._end(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if not self.ended.done():
            if error:
                self.ended.set_exception(error)
            else:
                self.ended.set_result(None)
        self._transport.close()


def _body(answer: bytearray) -> bytes | None:
    """The body of an answer that is whole, or None."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return None
    place = answer.lower().find(b"content-length:", 0, head)
    if place >= 0:
        length = int(answer[place + 15 : answer.find(b"\r\n", place)])
        return bytes(answer[head + 4 :]) if len(answer) >= head + 4 + length else None
    return bytes(answer[head + 4 :]) if answer.endswith(b"0\r\n\r\n") else None


def post(path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
    """A POST of JSON."""
    given = {"Host": "bench", "Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
    return f"POST {path} HTTP/1.1\r\n{_lines(given)}\r\n".encode() + body


def get(path: str) -> bytes:
    """A GET."""
    return f"GET {path} HTTP/1.1\r\n{_lines({'Host': 'bench'})}\r\n".encode()


def _lines(headers: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
