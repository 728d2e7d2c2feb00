"""What is done with an operation whatever way it came, by HTTP, as a stream of events or through a WebSocket.

It is prepared, its caller is found and let in, and it is carried out by the ``Executor``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from graphql import GraphQLSchema

from api.http.documents import Documents, PreparedOperation, blind
from api.http.errors import Code, RequestError, request_error, unauthenticated
from api.http.rates import Doors, admit
from api.http.request import GraphQLRequest
from domain.access import Caller

Renew = Callable[[], Awaitable[tuple[Caller, float]]]


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, in which language, and from which address (for throttling; empty when it is not known)."""

    caller: Caller | None
    language: str
    address: str


@dataclass(frozen=True, slots=True)
class Asker:
    """What a client says of itself: its token and membership, not looked at yet; its language and address."""

    token: str | None
    acting_as: str | None
    language: str
    address: str


class Events(Protocol):
    """Results as they come; ``aclose`` has to be called when no more are wanted."""

    async def __anext__(self) -> bytes:
        """The next result's JSON. Raises: StopAsyncIteration, and RequestError when nothing more can be heard."""
        ...

    async def aclose(self) -> None:
        """Listen no more."""
        ...


class Executor(Protocol):
    """What carries an operation out."""

    async def execute(self, operation: PreparedOperation, variables: dict[str, Any], context: Context) -> bytes:
        """The complete response as JSON (``{"data": …}``); ``variables`` are raw JSON values, not yet coerced.

        ``context.caller`` is None for whoever is not signed in: the executor says what such a caller may reach.
        Raises: RequestError when nothing was executed, e.g. BAD_USER_INPUT for a variable, or UNAUTHENTICATED.
        """
        ...

    async def subscribe(
        self, operation: PreparedOperation, variables: dict[str, Any], context: Context, renew: Renew
    ) -> Events:
        """The responses to a subscription, as they come; ``renew`` gives the caller as it is at that moment.

        Raises: RequestError, here or at a later step, when there is nothing (more) to be heard.
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

    async def renew(self, token: str, acting_as: str | None, language: str) -> tuple[Caller, float]:
        """The caller as it is now, and for how many seconds the token is good. Raises: as ``authenticate``."""
        ...


class Operations:
    """Prepares operations and has them carried out."""

    def __init__(
        self,
        schema: GraphQLSchema,
        executor: Executor,
        authenticator: Authenticator,
        doors: Doors | None = None,
        *,
        introspection: bool = True,
    ) -> None:
        self._documents = Documents(schema)
        self._executor = executor
        self._authenticator = authenticator
        self._doors = doors
        self._introspection = introspection

    def prepare(self, request: GraphQLRequest, facts: dict[str, Any]) -> PreparedOperation:
        """The operation that is asked for; the log's ``facts`` get its name. Raises: RequestError."""
        operation = self._documents.prepare(request.document, request.operation_name)
        facts["operation"] = operation.name
        facts["kind"] = operation.kind.value
        return operation

    def admit_stranger(self, address: str) -> None:
        """Let somebody in who has no token, or none that is good. Raises: RequestError(RATE_LIMITED)."""
        if self._doors:
            admit(self._doors.addresses, address)

    async def caller_of(self, asker: Asker, asked: Set[str]) -> Caller | None:
        """Who asks for these root fields, None without a token. Raises: RequestError."""
        try:
            return await self._authenticator.authenticate(asker.token, asker.acting_as, asker.language, asked=asked)
        except RequestError:
            self.admit_stranger(asker.address)  # whoever tries out tokens
            raise

    def admit(self, operation: PreparedOperation, caller: Caller | None, facts: dict[str, Any]) -> PreparedOperation:
        """The operation as it is for this caller, who is within its limits. Raises: RequestError."""
        if caller:
            facts["membership"] = str(caller.membership_id)
            if self._doors:
                admit(self._doors.accounts, caller.user_id)
        if operation.introspects and not (caller and self._introspection):
            return _without_schema(operation, caller)
        return operation

    async def answer(self, operation: PreparedOperation, variables: dict[str, Any], context: Context) -> bytes:
        """The response of a query or a mutation. Raises: RequestError."""
        return await self._executor.execute(operation, variables, context)

    async def events(
        self, operation: PreparedOperation, variables: dict[str, Any], context: Context, asker: Asker
    ) -> Events:
        """The responses of a subscription. Raises: RequestError, here or at a later step."""
        if asker.token is None:
            raise unauthenticated()
        renew = partial(self._authenticator.renew, asker.token, asker.acting_as, asker.language)
        return await self._executor.subscribe(operation, variables, context, renew)


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
