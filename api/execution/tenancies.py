"""Whether a caller's city is served, and how much it may ask: remembered until PostgreSQL says that it changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.http.errors import Code, RequestError, request_error
from api.http.rates import Rates, admit
from domain.tenants.entities import TenantState

STANDING = "SELECT state, most_requests FROM tenants WHERE id = $1"
FetchRows = Callable[[UUID, str, Sequence[Any]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A city's state and its limit of requests a minute."""

    state: str
    most_requests: int | None


class Tenancies:
    """The standing of the cities that one worker serves; ``live`` says whether notices of changes arrive."""

    def __init__(self, fetch_rows: FetchRows, live: Callable[[], bool]) -> None:
        self._fetch_rows = fetch_rows
        self._live = live
        self._known: dict[UUID, Standing] = {}
        self._rates: dict[UUID, Rates] = {}
        self.generation = 0

    async def admit(self, tenant_id: UUID, *, counted: bool = True) -> None:
        """Let one request of a city pass. Raises: RequestError when it is not served, or asks too much.

        What goes on for long is ``counted`` once, and looked at again and again.
        """
        standing = self._known.get(tenant_id)
        if standing is None or not self._live():
            standing = await self._load(tenant_id)
        if standing.state != TenantState.ACTIVE:
            raise suspended()
        if counted:
            self.count(tenant_id)

    def count(self, tenant_id: UUID) -> None:
        """Count one request of a city that is known to be served. Raises: RequestError when it asks too much."""
        standing = self._known.get(tenant_id)
        if standing is not None and standing.most_requests is not None:
            admit(self._rates.setdefault(tenant_id, Rates(standing.most_requests)), tenant_id)

    async def is_served(self, tenant_id: UUID) -> bool:
        """Whether people of a city can sign in."""
        return (await self._load(tenant_id)).state == TenantState.ACTIVE

    async def _load(self, tenant_id: UUID) -> Standing:
        generation = self.generation
        rows = await self._fetch_rows(tenant_id, STANDING, (tenant_id,))
        standing = Standing(*rows[0]) if rows else Standing(TenantState.ERASED, None)
        if generation == self.generation and rows:
            self._known[tenant_id] = standing
        return standing

    def invalidate(self, tenant_id: UUID | None = None) -> None:
        """A city's standing (None: any) has changed, or may have."""
        self.generation += 1
        for key in [key for key in self._known if tenant_id in {None, key}]:
            del self._known[key]
            self._rates.pop(key, None)


def suspended() -> RequestError:
    """The answer to everybody of a city that is not served."""
    return request_error(
        Code.FORBIDDEN,
        "本市的服务已暂停。请联系平台运维人员。",
        "The service is suspended for this city. Ask the platform's operator.",
    )
