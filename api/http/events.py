"""Server-sent events (graphql-sse, distinct connections): one response a stream, each result an event of it.

A stream says something every ``HEARTBEAT_SECONDS``, so that proxies keep it open. Who does not read what it asked for
is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import Receive, Scope, Send

from api.http.connections import ABORT, STOP
from api.http.errors import RequestError, internal
from api.http.operations import Events

HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 20.0
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would gather events before it passes them on.
    (b"x-accel-buffering", b"no"),
]
COMPLETE = b"event: complete\ndata:\n\n"


async def next_of(results: Events) -> bytes | None:
    """The next result, None where there are no more. Raises: RequestError."""
    try:
        return await results.__anext__()
    except StopAsyncIteration:
        return None


class EventStream:
    """Sends results as they come, until there are no more, the client leaves, or the server is asked to stop."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, language: str) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._language = language
        self._over = asyncio.Event()

    async def run(self, answer: bytes | Events) -> None:
        """Send the one result of a query, or those of a subscription."""
        try:
            await self._put({"type": "http.response.start", "status": 200, "headers": HEADERS})
            if isinstance(answer, bytes):
                await self._result(answer)
            else:
                await self._pass_on(answer)
            await self._put({"type": "http.response.body", "body": COMPLETE})
        except TimeoutError:
            self._scope.get(ABORT, lambda: None)()

    async def _pass_on(self, events: Events) -> None:
        self._scope[STOP] = self._over.set
        over = asyncio.create_task(self._over.wait())
        leaves = asyncio.create_task(self._leaves())
        coming = asyncio.create_task(next_of(events))
        try:
            await self._write(b":\n\n")  # the client's sign that it is heard
            while not self._over.is_set():
                await asyncio.wait({over, coming}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not coming.done():
                    await self._write(b":\n\n")
                    continue
                result = self._outcome(coming)
                if result is None:
                    return
                await self._result(result)
                coming = asyncio.create_task(next_of(events))
        finally:
            for task in (over, leaves, coming):
                task.cancel()
            await asyncio.gather(over, leaves, coming, return_exceptions=True)
            await events.aclose()

    def _outcome(self, coming: asyncio.Task[bytes | None]) -> bytes | None:
        """A result; what went wrong is told as the last one."""
        try:
            return coming.result()
        except RequestError as refusal:
            self._over.set()
            return refusal.body(self._language)
        except Exception as error:
            self._over.set()
            return RequestError(internal(error)).body(self._language)

    async def _leaves(self) -> None:
        """Wait until the client has left."""
        with contextlib.suppress(asyncio.CancelledError):
            while (await self._receive())["type"] != "http.disconnect":
                pass
            self._over.set()

    async def _result(self, body: bytes) -> None:
        # PostgreSQL puts line ends between a list's elements; within a text they are escaped.
        await self._write(b"event: next\ndata: " + body.replace(b"\n", b"") + b"\n\n")

    async def _write(self, body: bytes) -> None:
        await self._put({"type": "http.response.body", "body": body, "more_body": True})

    async def _put(self, message: dict[str, object]) -> None:
        """Send; a client that does not read is waited for so long and no longer. Raises: TimeoutError."""
        await asyncio.wait_for(self._send(message), SEND_SECONDS)
