"""Subscriptions: what has changed is read again by the compiler, with the rights that the listener has at that moment.

Nothing is remembered of who may see what: before each event the listener's token is looked at anew, and the row is read
within its scope and the subscription's filter, as a query would. What is not for the listener leaves no trace.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import GraphQLObjectType, GraphQLSchema

from api.execution.changes import Feed, Topic
from api.execution.cost import closing
from api.execution.platform import Platform
from api.execution.reads import Reader
from api.http.documents import PreparedOperation
from api.http.errors import Code, request_error, unauthenticated, unavailable
from api.http.operations import Renew
from api.reads.compiler import Compiler
from api.reads.plan import Plan
from api.reads.sources import Event, source_of
from domain.access import Caller

# After how long a listener's rights are looked at though nothing was heard: keys and sessions end by themselves.
LOOK_SECONDS = 30.0
# How many of one account there may be at once, in each process, and how many events are read at a time.
MOST_OF_ACCOUNT = 50
READERS = 4
# The one part of a subscription that is compiled.
EVENT = "event"


@dataclass(slots=True, eq=False)
class Subscribed:
    """One subscription: the responses as they come, until it has lasted as long as one may; ``aclose`` ends it."""

    feed: Feed
    read: Callable[[UUID], Awaitable[bytes | None]]
    renew: Renew
    close: Callable[[], None]
    until: float
    _closed: bool = False

    def __aiter__(self) -> Subscribed:
        return self

    async def __anext__(self) -> bytes:
        """The next response. Raises: RequestError when the listener may not listen any more, or missed something."""
        while (left := self.until - time.monotonic()) > 0:
            _, good_for = await self.renew()
            key = await self.feed.next(max(0.0, min(left, good_for, LOOK_SECONDS)))
            if key is not None and (event := await self.read(key)) is not None:
                return event
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Listen no more."""
        if not self._closed:
            self._closed = True
            self.close()


class Subscriptions:
    """Carries out subscriptions against one platform."""

    def __init__(self, schema: GraphQLSchema, platform: Platform, reader: Reader) -> None:
        self._schema = schema
        self._platform = platform
        self._reader = reader
        self._of_account: Counter[UUID] = Counter()
        self._reading = asyncio.Semaphore(READERS)

    async def open(
        self, operation: PreparedOperation, given: dict[str, Any], caller: Caller | None, renew: Renew
    ) -> Subscribed:
        """What is heard from now on; ``renew`` gives the caller as it is then, and for how long its token is good.

        Raises: RequestError.
        """
        if caller is None:
            raise unauthenticated()
        # What is wrong with the filter is told now, not with the first event.
        self._reader.plan(operation, EVENT, given, caller, self._compile)
        if not self._platform.listener.live:
            raise unavailable()
        self._count(caller.user_id)
        feed = self._platform.changes.open(self._topic(operation, caller))

        async def read(key: UUID) -> bytes | None:
            async with self._reading:
                now, _ = await renew()
                data, objects = await self._reader.read(operation, EVENT, given, now, self._compile, scope_key=key)
            return b'{"data":' + data + closing(objects) if data else None

        def close() -> None:
            self._platform.changes.close(feed)
            self._of_account[caller.user_id] -= 1
            if not self._of_account[caller.user_id]:
                del self._of_account[caller.user_id]

        return Subscribed(feed, read, renew, close, time.monotonic() + self._platform.stream_seconds)

    def _count(self, account: UUID) -> None:
        """One more subscription of an account. Raises: RequestError when it has as many as it may."""
        if self._of_account[account] >= MOST_OF_ACCOUNT:
            raise request_error(
                Code.RATE_LIMITED,
                f"同时进行的订阅过多,每个账户最多 {MOST_OF_ACCOUNT} 个。请先结束一些。",
                f"Too many subscriptions at once: an account may have {MOST_OF_ACCOUNT}. End some of them first.",
                limit="subscriptionsOfAccount",
                maximum=MOST_OF_ACCOUNT,
            )
        self._of_account[account] += 1

    @property
    def _type(self) -> GraphQLObjectType:
        assert self._schema.subscription_type is not None  # noqa: S101 - else there is no valid subscription
        return self._schema.subscription_type

    def _topic(self, operation: PreparedOperation, caller: Caller) -> Topic:
        (name,) = operation.roots
        source: Event = source_of(self._type.fields[name])
        table = str(source.listing.model.__tablename__)
        return caller.tenant_id, table, caller.user_id if source.personal else None

    def _compile(self, compiler: Compiler) -> Plan:
        roots = compiler.selections.collect(self._type, [compiler.operation.operation.selection_set])
        if len(roots) != 1:
            raise request_error(
                Code.BAD_REQUEST,
                "订阅须恰有一个顶层字段。",
                "A subscription has to have exactly one field at its root.",
            )
        ((key, nodes),) = roots.items()
        return compiler.event(key, self._type.fields[nodes[0].name.value], nodes)
