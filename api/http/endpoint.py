"""``/graphql``: GraphQL over HTTP as a plain ASGI application, without request and response objects on its way.

It reads, limits, validates, authenticates and answers; what an operation means is the ``Executor``'s matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import GraphQLSchema, OperationType
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.documents import Documents, PreparedOperation, blind
from api.http.errors import Code, RequestError, internal, request_error, unauthenticated
from api.http.front import facts_of
from api.http.negotiation import GRAPHQL_JSON, JSON, language, media_type
from api.http.rates import Doors, admit
from api.http.request import Disconnected, GraphQLRequest, headers_of, read_get, read_post
from domain.access import Caller

CONTENT_TYPES = {media: (b"content-type", media + b"; charset=utf-8") for media in (JSON, GRAPHQL_JSON)}
# Clients of the older media type expect 200 with errors where the request itself was well-formed.
LEGACY_OK = frozenset({400, 401, 403})


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, in which language, and from which address (for throttling; empty when it is not known)."""

    caller: Caller | None
    language: str
    address: str


class Executor(Protocol):
    """What carries an operation out."""

    async def execute(self, operation: PreparedOperation, variables: dict[str, Any], context: Context) -> bytes:
        """The complete response as JSON (``{"data": …}``); ``variables`` are raw JSON values, not yet coerced.

        ``context.caller`` is None for whoever is not signed in: the executor says what such a caller may reach.
        Raises: RequestError when nothing was executed, e.g. BAD_USER_INPUT for a variable, or UNAUTHENTICATED.
        """
        ...


class Authenticator(Protocol):
    """What knows tokens."""

    async def authenticate(
        self, token: str | None, acting_as: str | None, language: str, *, asked: Set[str] = frozenset()
    ) -> Caller | None:
        """The caller behind a bearer token, acting under the membership ``acting_as``; None without a token.

        ``asked`` are the root fields of the operation, some of which are open to callers that nothing else is open to.
        Raises: RequestError (UNAUTHENTICATED for a bad token, FORBIDDEN for another's membership).
        """
        ...


class GraphQLEndpoint:
    """The ASGI application at ``/graphql``; a browser that opens it gets ``page`` (GraphiQL), if there is one."""

    def __init__(
        self,
        schema: GraphQLSchema,
        executor: Executor,
        authenticator: Authenticator,
        page: ASGIApp | None = None,
        *,
        doors: Doors | None = None,
        introspection: bool = True,
    ) -> None:
        self._documents = Documents(schema)
        self._executor = executor
        self._authenticator = authenticator
        self._page = page
        self._doors = doors
        self._introspection = introspection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong becomes an error response."""
        if self._page and _wants_page(scope):
            await self._page(scope, receive, send)
            return
        exchange = _Exchange()
        extra: tuple[tuple[bytes, bytes], ...] = ()
        try:
            body, status = await self._answer(exchange, scope, receive), 200
        except Disconnected:
            return
        except RequestError as refusal:
            body, status, extra = refusal.body(exchange.language), exchange.status(refusal.code), refusal.headers
            facts_of(scope)["error"] = refusal.code.value
        except Exception as error:
            failure = RequestError(internal(error))
            body, status = failure.body(exchange.language), failure.code.status
            facts_of(scope)["error"] = failure.code.value
        headers = [CONTENT_TYPES[exchange.media], (b"content-length", b"%d" % len(body)), *extra]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, exchange: _Exchange, scope: Scope, receive: Receive) -> bytes:
        headers = headers_of(scope)
        exchange.language = language(headers.get(b"accept-language", b"")[:1024])
        exchange.media = _media(headers)
        client = scope.get("client")
        address = client[0] if client else ""
        if b"authorization" not in headers:
            self._admit_stranger(address)
        request = await _read(scope, headers, receive)

        exchange.well_formed = True
        operation = self._documents.prepare(request.document, request.operation_name)
        facts = facts_of(scope)
        facts["operation"] = operation.name
        facts["kind"] = operation.kind.value
        _check_kind(operation, scope["method"])

        exchange.well_formed = False  # a bad token is refused with 401, whatever the media type
        token, acting_as = bearer(headers), headers.get(b"x-acting-as")
        try:
            caller = await self._authenticator.authenticate(
                token,
                acting_as.decode("latin-1") if acting_as else None,
                exchange.language,
                asked=operation.roots,
            )
        except RequestError:
            self._admit_stranger(address)  # whoever tries out tokens
            raise
        exchange.well_formed = True
        if caller:
            facts["membership"] = str(caller.membership_id)
            if self._doors:
                admit(self._doors.accounts, caller.user_id)
        if operation.introspects and not (caller and self._introspection):
            operation = _without_schema(operation, caller)
        context = Context(caller, exchange.language, address)
        return await self._executor.execute(operation, request.variables, context)

    def _admit_stranger(self, address: str) -> None:
        if self._doors:
            admit(self._doors.addresses, address)


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
    accepts = any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
    return accepts and scope["method"] == "GET" and not scope["query_string"]


def _media(headers: Mapping[bytes, bytes]) -> bytes:
    chosen = media_type(headers.get(b"accept", b"")[:1024])
    if chosen is None:
        raise request_error(
            Code.NOT_ACCEPTABLE,
            "只提供 application/graphql-response+json 与 application/json。",
            "Accept application/graphql-response+json or application/json.",
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


def _check_kind(operation: PreparedOperation, method: str) -> None:
    if operation.kind is OperationType.SUBSCRIPTION:
        raise request_error(
            Code.BAD_REQUEST, "订阅不能以单次请求执行。", "A subscription cannot be answered by a single response."
        )
    if method == "GET" and operation.kind is not OperationType.QUERY:
        raise request_error(
            Code.METHOD_NOT_ALLOWED, "变更须使用 POST。", "Mutations have to be sent by POST."
        ).with_headers((b"allow", b"POST"))


def bearer(headers: Mapping[bytes, bytes]) -> str | None:
    """The token of an ``Authorization: Bearer`` header (RFC 6750 2.1); None without the header."""
    given = headers.get(b"authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(b" ")
    token = token.strip()
    if scheme.lower() != b"bearer" or not token or not token.isascii():
        raise unauthenticated("Authorization 须为 Bearer 令牌。", "Authorization has to be a bearer token.")
    return token.decode("ascii")


def _without_schema(operation: PreparedOperation, caller: Caller | None) -> PreparedOperation:
    """What is left of introspection for strangers, or where it is off: ``__schema`` is refused, no type has a name."""
    if "__schema" in operation.introspects and caller is None:
        raise unauthenticated("登录后方可查看接口定义。", "Sign in to read the schema.")
    if "__schema" in operation.introspects:
        raise request_error(
            Code.FORBIDDEN,
            "本部署未开放接口定义查询,请查阅随附的 schema.graphql。",
            "The schema is not served here: it comes with the program, as schema.graphql.",
        )
    return blind(operation)
