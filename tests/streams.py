"""How tests listen: as a graphql-transport-ws client through a WebSocket, or to server-sent events."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PROTOCOL = "graphql-transport-ws"
TYPENAME = "{__typename}"


@dataclass
class Socket:
    """An open socket."""

    connection: ClientConnection

    async def send(self, message: Any) -> None:
        """Send a message; a text or bytes as they are."""
        text = message if isinstance(message, str | bytes) else json.dumps(message)
        await self.connection.send(text)

    async def next(self, seconds: float = 5) -> dict[str, Any]:
        """The next message, or ``{"closed": code}``."""
        try:
            found: dict[str, Any] = json.loads(await asyncio.wait_for(self.connection.recv(), seconds))
        except ConnectionClosed:
            return {"closed": self.connection.close_code}
        return found

    async def silent(self, seconds: float = 0.3) -> bool:
        """Whether nothing comes for so long."""
        try:
            await self.next(seconds)
        except TimeoutError:
            return True
        return False

    async def subscribe(self, document: str, id_: str = "1", **variables: Any) -> None:
        """Ask for an operation."""
        await self.send({"type": "subscribe", "id": id_, "payload": {"query": document, "variables": variables}})

    async def data(self, seconds: float = 5) -> Any:
        """The data of the next result."""
        message = await self.next(seconds)
        assert message.get("type") == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def code(self) -> str:
        """The code of the error that comes next."""
        message = await self.next()
        assert message.get("type") == "error", message
        return str(message["payload"][0]["extensions"]["code"])


@contextlib.asynccontextmanager
async def opened(url: str, protocol: str = PROTOCOL, **headers: str) -> AsyncIterator[Socket]:
    """A socket on which nothing was said yet."""
    at = url.replace("http", "ws", 1) + "/graphql"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    spoken: Any = [protocol] if protocol else None
    async with connect(at, subprotocols=spoken, additional_headers=given, proxy=None, max_size=None) as connection:
        yield Socket(connection)


@contextlib.asynccontextmanager
async def acknowledged(url: str, token: str | None = None, **payload: str) -> AsyncIterator[Socket]:
    """A socket of whoever has the token, or of nobody."""
    async with opened(url) as socket:
        said = {**payload, **({"authorization": f"Bearer {token}"} if token else {})}
        await socket.send({"type": "connection_init", "payload": said})
        assert await socket.next() == {"type": "connection_ack"}
        yield socket


@contextlib.asynccontextmanager
async def events(url: str, token: str | None, document: str, **variables: Any) -> AsyncIterator[Events]:
    """A stream of server-sent events."""
    headers = {"accept": "text/event-stream", **({"authorization": f"Bearer {token}"} if token else {})}
    body = {"query": document, "variables": variables}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=10) as client,
        client.stream("POST", f"{url}/graphql", json=body, headers=headers) as answer,
    ):
        yield Events(answer)


class Events:
    """The events of one stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def next(self, seconds: float = 5) -> tuple[str, Any]:
        """The next event's kind and data; heartbeats are passed over."""
        kind, data = "", None
        async with asyncio.timeout(seconds):
            async for line in self._lines:
                name, _, value = line.partition(":")
                if name == "event":
                    kind = value.strip()
                elif name == "data":
                    data = json.loads(value) if value.strip() else None
                elif not line and kind:
                    return kind, data
        return "end", None
