"""graphql-transport-ws at ``/graphql``: operations and subscriptions through a WebSocket, one client's side of it.

The protocol's own rules are the table ``Socket.MESSAGES`` and the close codes; what an operation may do is asked of
``Operations`` as for every request, with the token that ``connection_init`` brought. Nothing is taken from cookies, and
a page of another origin is refused all the same.
"""

from __future__ import annotations

import asyncio
import enum
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from api.http.connections import ABORT
from api.http.errors import Code, RequestError, internal, request_error
from api.http.events import SEND_SECONDS, next_of
from api.http.front import facts_of
from api.http.negotiation import language
from api.http.operations import Asker, Context, Events, Operations
from api.http.request import GraphQLRequest, bearer, decode, headers_of, request_of
from authz.permissions import BEFORE_PASSWORD_CHANGE

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 10.0
# Of one worker, of one address, and what one socket may have going on.
SOCKETS, SOCKETS_OF_ADDRESS, OPERATIONS = 1_000, 300, 20
ID_LENGTH = 128
AUTHORIZATION, ACTING_AS, LANGUAGE = b"authorization", b"x-acting-as", b"accept-language"


class Close(enum.Enum):
    """Why a socket is closed: the protocol's code and words."""

    BAD = 4400, "Invalid message"
    UNAUTHORIZED = 4401, "Unauthorized"
    INTERNAL = 1011, "Internal error"
    FORBIDDEN = 4403, "Forbidden"
    INIT_TIMEOUT = 4408, "Connection initialisation timeout"
    SUBSCRIBER_EXISTS = 4409, "Subscriber already exists"
    TOO_MANY_INITS = 4429, "Too many initialisation requests"
    TOO_MANY = 4429, "Too many requests"


class Closed(Exception):  # noqa: N818 - an outcome
    """The socket is to be closed."""

    def __init__(self, why: Close) -> None:
        super().__init__(why.name)
        self.why = why


class SocketEndpoint:
    """The ASGI application of WebSockets at ``/graphql``; pages of ``origins`` may open them beside our own."""

    def __init__(self, operations: Operations, origins: frozenset[str]) -> None:
        self._operations = operations
        self._origins = origins
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it is closed."""
        address = scope["client"][0] if scope.get("client") else ""
        refused = self._refusal(scope, address)
        if refused:
            await receive()
            await _refuse(refused, send)
            return
        self._open[address] += 1
        try:
            await Socket(self._operations, scope, receive, send, address).run()
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    def _refusal(self, scope: Scope, address: str) -> int | None:
        """The HTTP status by which a handshake is refused."""
        if PROTOCOL not in scope["subprotocols"]:
            return 400
        headers = dict(scope["headers"])
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and origin not in self._origins and urlsplit(origin).netloc != headers.get(b"host", b"").decode():
            return 403
        full = self._open.total() >= SOCKETS or self._open[address] >= SOCKETS_OF_ADDRESS
        return 429 if full else None


async def _refuse(status: int, send: Send) -> None:
    body = (
        b"GraphQL over WebSocket: subprotocol graphql-transport-ws, from an origin that is allowed here, few at once.\n"
    )
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


@dataclass(slots=True, eq=False)
class _Going:
    """An operation that has not ended; a stream is ended by whoever asked for it, all else comes to its end."""

    task: asyncio.Task[None]
    events: Events | None = None


class Socket:
    """One socket."""

    def __init__(self, operations: Operations, scope: Scope, receive: Receive, send: Send, address: str) -> None:
        self._operations = operations
        self._scope = scope
        self._receive = receive
        self._send = send
        self._address = address
        self._asker: Asker | None = None
        self._began = False
        self._going: dict[str, _Going] = {}
        self._closing: asyncio.Future[Close] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Speak the protocol until either side ends it."""
        await self._receive()
        await self._send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        listens = asyncio.create_task(self._listen())
        try:
            waits: set[asyncio.Future[Any]] = {listens, self._closing}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if self._closing.done():
                code, reason = self._closing.result().value
                facts_of(self._scope)["closed"] = code
                await self._put({"type": "websocket.close", "code": code, "reason": reason})
        finally:
            listens.cancel()
            await asyncio.gather(listens, return_exceptions=True)
            await self._end_all()

    async def _listen(self) -> None:
        try:
            async with asyncio.timeout(INIT_SECONDS) as patience:
                while (message := await self._receive())["type"] == "websocket.receive":
                    await self._take(message.get("text"))
                    if self._began:
                        patience.reschedule(None)
        except TimeoutError:
            self._close(Close.INIT_TIMEOUT)
        except Closed as closed:
            self._close(closed.why)
        except Exception as error:
            internal(error)  # logs it
            self._close(Close.INTERNAL)

    def _close(self, why: Close) -> None:
        if not self._closing.done():
            self._closing.set_result(why)

    # --- messages ---

    async def _take(self, text: str | None) -> None:
        """One message. Raises: Closed."""
        try:
            message = decode(text.encode()) if text is not None else None
        except RequestError:
            raise Closed(Close.BAD) from None
        kind = message.get("type") if isinstance(message, dict) else None
        handle = self.MESSAGES.get(kind) if isinstance(kind, str) else None
        if handle is None or message is None:
            raise Closed(Close.BAD)
        await handle(self, message)

    async def _init(self, message: Mapping[str, Any]) -> None:
        if self._began:
            raise Closed(Close.TOO_MANY_INITS)
        self._began = True
        try:
            asker = self._said(_payload(message))
            if asker.token is None:
                self._operations.admit_stranger(self._address)
            else:
                await self._operations.caller_of(asker, BEFORE_PASSWORD_CHANGE)
        except RequestError as refusal:
            raise Closed(Close.TOO_MANY if refusal.code is Code.RATE_LIMITED else Close.FORBIDDEN) from None
        self._asker = asker
        await self._say({"type": "connection_ack"})

    def _said(self, payload: Mapping[str, Any]) -> Asker:
        """Who it says it is, by the payload and else by the handshake's headers. Raises: RequestError."""
        headers = headers_of(self._scope)
        names = (AUTHORIZATION, ACTING_AS, LANGUAGE)
        told = {
            name.lower().encode(): value.encode("latin-1", "replace")
            for name, value in payload.items()
            if isinstance(value, str)
        }
        given = {**headers, **{name: told[name] for name in names if name in told}}
        acting_as = given.get(ACTING_AS)
        return Asker(
            bearer(given),
            acting_as.decode("latin-1") if acting_as else None,
            language(given.get(LANGUAGE, b"")[:1024]),
            self._address,
        )

    async def _ping(self, message: Mapping[str, Any]) -> None:
        payload = _payload(message)
        await self._say({"type": "pong", **({"payload": payload} if payload else {})})

    async def _pong(self, message: Mapping[str, Any]) -> None:
        _payload(message)

    async def _complete(self, message: Mapping[str, Any]) -> None:
        going = self._going.pop(_id(message), None)
        if going is not None and going.events is not None:
            going.task.cancel()

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        if self._asker is None:
            raise Closed(Close.UNAUTHORIZED)
        name = _id(message)
        if name in self._going:
            raise Closed(Close.SUBSCRIBER_EXISTS)
        try:
            request = request_of(message.get("payload"))
            if len(self._going) >= OPERATIONS:
                raise _too_many()
        except RequestError as refusal:
            if refusal.code is Code.BAD_REQUEST:
                raise Closed(Close.BAD) from None
            await self._refuse(name, refusal)
            return
        self._going[name] = _Going(asyncio.create_task(self._perform(name, request, self._asker)))

    MESSAGES = {
        "connection_init": _init,
        "ping": _ping,
        "pong": _pong,
        "subscribe": _subscribe,
        "complete": _complete,
    }

    # --- operations ---

    async def _perform(self, name: str, request: GraphQLRequest, asker: Asker) -> None:
        going = self._going[name]
        try:
            answer = await self._carried_out(request, asker)
            if isinstance(answer, bytes):
                await self._next(name, going, answer)
            else:
                going.events = answer
                while (result := await next_of(answer)) is not None:
                    await self._next(name, going, result)
            if self._ended(name, going):
                await self._say({"type": "complete", "id": name})
        except RequestError as refusal:
            if refusal.code is Code.UNAUTHENTICATED and asker.token is not None:
                self._close(Close.UNAUTHORIZED)  # the token is not good any more
            elif self._ended(name, going):
                await self._refuse(name, refusal)
        except Exception as error:
            if self._ended(name, going):
                await self._refuse(name, RequestError(internal(error)))
        finally:
            self._ended(name, going)
            if going.events is not None:
                await going.events.aclose()

    async def _carried_out(self, request: GraphQLRequest, asker: Asker) -> bytes | Events:
        """Raises: RequestError."""
        if asker.token is None:
            self._operations.admit_stranger(self._address)
        facts = facts_of(self._scope)
        facts["operations"] = facts.get("operations", 0) + 1
        operation = self._operations.prepare(request, {})
        caller = await self._operations.caller_of(asker, operation.roots)
        operation = self._operations.admit(operation, caller, facts)
        context = Context(caller, asker.language, self._address)
        if operation.kind is OperationType.SUBSCRIPTION:
            return await self._operations.events(operation, request.variables, context, asker)
        return await self._operations.answer(operation, request.variables, context)

    def _ended(self, name: str, going: _Going) -> bool:
        """Give the operation's id free; False where the client has done so itself."""
        if self._going.get(name) is not going:
            return False
        del self._going[name]
        return True

    async def _end_all(self) -> None:
        """End what goes on; what changes something is not broken off."""
        left = [*self._going.values()]
        self._going.clear()
        for each in left:
            if each.events is not None:
                each.task.cancel()
        await asyncio.gather(*(each.task for each in left), return_exceptions=True)

    # --- sending ---

    async def _next(self, name: str, going: _Going, body: bytes) -> None:
        if self._going.get(name) is going:
            await self._say({"type": "next", "id": name, "payload": orjson.Fragment(body)})

    async def _refuse(self, name: str, refusal: RequestError) -> None:
        spoken = self._asker.language if self._asker else "zh"
        faults = [fault.shown(spoken) for fault in refusal.faults]
        await self._say({"type": "error", "id": name, "payload": faults})

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self._put({"type": "websocket.send", "text": orjson.dumps(message).decode()})

    async def _put(self, message: dict[str, Any]) -> None:
        """Send; who does not read is waited for so long, and then cut off. Who is gone misses nothing."""
        if self._closing.done() and message["type"] == "websocket.send":
            return
        try:
            await asyncio.wait_for(self._send(message), SEND_SECONDS)
        except TimeoutError:
            self._scope.get(ABORT, lambda: None)()
        except OSError:
            return


def _payload(message: Mapping[str, Any]) -> Mapping[str, Any]:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Closed(Close.BAD)
    return payload or {}


def _id(message: Mapping[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= ID_LENGTH:
        raise Closed(Close.BAD)
    return name


def _too_many() -> RequestError:
    return request_error(
        Code.RATE_LIMITED,
        f"此连接上同时进行的操作过多,最多 {OPERATIONS} 个。",
        f"Too many operations at once on this connection: {OPERATIONS} are allowed.",
        limit="operationsOfConnection",
        maximum=OPERATIONS,
    )
