"""``/graphql``: GraphQL over HTTP as a plain ASGI application, without request and response objects on its way.

It reads, limits, validates, authenticates and answers; what an operation means is the ``Executor``'s matter.
"""

from __future__ import annotations

from collections.abc import Mapping

from graphql import OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.documents import PreparedOperation
from api.http.errors import Code, RequestError, internal, request_error
from api.http.events import EventStream
from api.http.front import facts_of
from api.http.negotiation import EVENT_STREAM, GRAPHQL_JSON, JSON, language, media_type
from api.http.operations import Asker, Context, Events, Operations
from api.http.request import Disconnected, GraphQLRequest, bearer, headers_of, read_get, read_post

CONTENT_TYPES = {media: (b"content-type", media + b"; charset=utf-8") for media in (JSON, GRAPHQL_JSON)}
# What is refused before anything was streamed is told as it is everywhere.
CONTENT_TYPES[EVENT_STREAM] = CONTENT_TYPES[GRAPHQL_JSON]
HTTP_OK = 200
# Clients of the older media type expect 200 with errors where the request itself was well-formed.
LEGACY_OK = frozenset({400, 401, 403})


class GraphQLEndpoint:
    """The ASGI application at ``/graphql``; a browser that opens it gets ``page`` (GraphiQL), if there is one."""

    def __init__(self, operations: Operations, page: ASGIApp | None = None) -> None:
        self._operations = operations
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong becomes an error response."""
        if self._page and _wants_page(scope):
            await self._page(scope, receive, send)
            return
        exchange = _Exchange()
        extra: tuple[tuple[bytes, bytes], ...] = ()
        answer: bytes | Events
        try:
            answer, status = await self._answer(exchange, scope, receive), HTTP_OK
        except Disconnected:
            return
        except RequestError as refusal:
            answer, status, extra = refusal.body(exchange.language), exchange.status(refusal.code), refusal.headers
            facts_of(scope)["error"] = refusal.code.value
        except Exception as error:
            failure = RequestError(internal(error))
            answer, status = failure.body(exchange.language), failure.code.status
            facts_of(scope)["error"] = failure.code.value
        if not isinstance(answer, bytes) or (status == HTTP_OK and exchange.media == EVENT_STREAM):
            await EventStream(scope, receive, send, exchange.language).run(answer)
            return
        headers = [CONTENT_TYPES[exchange.media], (b"content-length", b"%d" % len(answer)), *extra]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, exchange: _Exchange, scope: Scope, receive: Receive) -> bytes | Events:
        headers = headers_of(scope)
        exchange.language = language(headers.get(b"accept-language", b"")[:1024])
        exchange.media = _media(headers)
        client = scope.get("client")
        address = client[0] if client else ""
        if b"authorization" not in headers:
            self._operations.admit_stranger(address)
        request = await _read(scope, headers, receive)

        exchange.well_formed = True
        facts = facts_of(scope)
        operation = self._operations.prepare(request, facts)
        _check_kind(operation, scope["method"], exchange.media)

        exchange.well_formed = False  # a bad token is refused with 401, whatever the media type
        acting_as = headers.get(b"x-acting-as")
        asker = Asker(bearer(headers), acting_as.decode("latin-1") if acting_as else None, exchange.language, address)
        caller = await self._operations.caller_of(asker, operation.roots)
        exchange.well_formed = True
        operation = self._operations.admit(operation, caller, facts)
        context = Context(caller, exchange.language, address)
        if operation.kind is OperationType.SUBSCRIPTION:
            return await self._operations.events(operation, request.variables, context, asker)
        return await self._operations.answer(operation, request.variables, context)


class _Exchange:
    """What is known so far of how to answer."""

    __slots__ = ("language", "media", "well_formed")

    def __init__(self) -> None:
        self.language = "zh"
        self.media = JSON
        self.well_formed = False

    def status(self, code: Code) -> int:
        """The HTTP status of a response that has no data (GraphQL over HTTP, 6.4)."""
        legacy = self.well_formed and self.media == JSON and code.status in LEGACY_OK
        return 200 if legacy else code.status


def _wants_page(scope: Scope) -> bool:
    if scope["method"] != "GET" or scope["query_string"]:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _media(headers: Mapping[bytes, bytes]) -> bytes:
    chosen = media_type(headers.get(b"accept", b"")[:1024])
    if chosen is None:
        raise request_error(
            Code.NOT_ACCEPTABLE,
            "只提供 application/graphql-response+json、application/json 与 text/event-stream。",
            "Accept application/graphql-response+json, application/json or text/event-stream.",
        )
    return chosen


async def _read(scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> GraphQLRequest:
    match scope["method"]:
        case "POST":
            return await read_post(headers, receive)
        case "GET":
            return read_get(scope)
        case _:
            raise request_error(
                Code.METHOD_NOT_ALLOWED, "请使用 POST(或用 GET 查询)。", "Use POST, or GET for queries."
            ).with_headers((b"allow", b"GET, POST"))


def _check_kind(operation: PreparedOperation, method: str, media: bytes) -> None:
    if operation.kind is OperationType.SUBSCRIPTION and media != EVENT_STREAM:
        raise request_error(
            Code.BAD_REQUEST,
            "订阅不能以单次应答执行。请接受 text/event-stream,或使用 WebSocket(graphql-transport-ws)。",
            "A subscription cannot be answered by a single response: accept text/event-stream, or use a WebSocket "
            "(graphql-transport-ws).",
        )
    if method == "GET" and operation.kind is OperationType.MUTATION:
        raise request_error(
            Code.METHOD_NOT_ALLOWED, "变更须使用 POST。", "Mutations have to be sent by POST."
        ).with_headers((b"allow", b"POST"))
