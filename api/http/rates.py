"""Rate limits: buckets of tokens that fill again with time, one for each account, address or city, in memory.

Each worker counts by itself; a deployment with several lets through so many times as much.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from api.http.errors import Code, RequestError, request_error
from storage.settings import Settings

# Whom a worker remembers; who was forgotten starts with a full bucket.
REMEMBERED = 20_000


class Rates:
    """At most ``per_minute`` in a minute, all at once if need be; 0: no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, who: Hashable) -> int:
        """Take one from ``who``'s bucket: 0, or after how many seconds there is one again."""
        if not self._most:
            return 0
        now = self._clock()
        left, since = self._buckets.pop(who, (self._most, now))
        left = min(self._most, left + (now - since) * self._most / 60)
        wait = 0 if left >= 1 else math.ceil((1 - left) * 60 / self._most)
        self._buckets[who] = (left if wait else left - 1, now)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return wait


def too_many(wait: int) -> RequestError:
    """The refusal of who asks too often; ``wait`` in seconds."""
    return request_error(
        Code.RATE_LIMITED,
        f"请求过于频繁,请在 {wait} 秒后再试。",
        f"Too many requests. Try again in {wait} seconds.",
    ).with_headers((b"retry-after", b"%d" % wait))


@dataclass(frozen=True, slots=True)
class Doors:
    """The limits of a worker: of an account, of an address from which nobody signs in, of who verifies letters."""

    accounts: Rates
    addresses: Rates
    letters: Rates

    @classmethod
    def of(cls, settings: Settings) -> Doors:
        """As the settings say."""
        return cls(
            Rates(settings.rate_per_account), Rates(settings.rate_per_address), Rates(settings.rate_verify_letter)
        )


def admit(rates: Rates, who: Hashable) -> None:
    """Let one request pass. Raises: RequestError(RATE_LIMITED)."""
    wait = rates.take(who)
    if wait:
        raise too_many(wait)
