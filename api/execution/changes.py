"""What has changed, as one connection of this process hears it from PostgreSQL, given on to those who listen.

A notice holds keys alone. What waits for a slow listener is each key once, and no more than ``WAITING`` of them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from api.http.errors import Code, RequestError, request_error

CHANNEL = "dengbao_changes"
WAITING = 1_000

# A city, a table, and a person where only one is to be told.
Topic = tuple[UUID, str, UUID | None]


@dataclass(slots=True, eq=False)
class Feed:
    """The changes that one subscription has still to be told of, oldest first."""

    topic: Topic
    _keys: OrderedDict[UUID, None] = field(default_factory=OrderedDict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _end: RequestError | None = None

    async def next(self, patience: float) -> UUID | None:
        """The key of the next row; None after ``patience`` seconds, or when rights may have changed.

        Raises: RequestError when changes may have been missed.
        """
        if not self._keys and self._end is None:
            try:
                await asyncio.wait_for(self._wake.wait(), patience)
            except TimeoutError:
                return None
        self._wake.clear()
        if self._end is not None:
            raise self._end
        return self._keys.popitem(last=False)[0] if self._keys else None

    def add(self, key: UUID) -> None:
        """One more row; one that is waited for already is read when its turn comes."""
        self._keys.setdefault(key)
        if len(self._keys) > WAITING:
            self.end(_too_slow())
        self._wake.set()

    def look_up(self) -> None:
        """Have the listener look whether it may still listen."""
        self._wake.set()

    def end(self, reason: RequestError) -> None:
        """Nothing more is to be heard here."""
        self._end = reason
        self._keys.clear()
        self._wake.set()


class Changes:
    """Gives notices on to the feeds of this process."""

    def __init__(self) -> None:
        self._feeds: defaultdict[Topic, set[Feed]] = defaultdict(set)

    def open(self, topic: Topic) -> Feed:
        """A feed of what changes from now on; ``close`` it."""
        feed = Feed(topic)
        self._feeds[topic].add(feed)
        return feed

    def close(self, feed: Feed) -> None:
        """Nobody listens there any more."""
        self._feeds[feed.topic].discard(feed)
        if not self._feeds[feed.topic]:
            del self._feeds[feed.topic]

    def hear(self, payload: str) -> None:
        """``<tenant> <table> <row>``, and the person where it is one's own."""
        tenant, table, key, *person = payload.split(" ")
        topic = UUID(tenant), table, UUID(person[0]) if person else None
        for feed in self._feeds.get(topic, ()):
            feed.add(UUID(key))

    def missed(self) -> None:
        """Notices may have been lost: whoever listens has to read again what it shows."""
        for feed in self._all():
            feed.end(_missed())

    def look_up(self, tenant_id: UUID | None = None) -> None:
        """People of a city (None: of any) or their rights have changed, or may have."""
        for feed in self._all():
            if tenant_id in {None, feed.topic[0]}:
                feed.look_up()

    def _all(self) -> list[Feed]:
        return [feed for feeds in self._feeds.values() for feed in feeds]


def _missed() -> RequestError:
    return request_error(
        Code.UNAVAILABLE,
        "可能有变动未能送达。请重新读取所示内容后再订阅。",
        "Changes may have been missed. Read again what you show, then subscribe again.",
    )


def _too_slow() -> RequestError:
    return request_error(
        Code.RATE_LIMITED,
        f"未送达的变动已超过 {WAITING} 项。请重新读取所示内容后再订阅。",
        f"More than {WAITING} changes wait to be read. Read again what you show, then subscribe again.",
        limit="waitingChanges",
        maximum=WAITING,
    )
