"""Delivers what was done to those who are to be told: woken by each commit that left an event, and by a timer."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError

from api.execution.platform import Platform
from api.jobs.runner import surroundings, utc_now
from domain.background import Tasks
from domain.notifications.delivery import BATCH, deliver_events
from storage.database import UNREACHABLE

log = structlog.get_logger(component="notifications")

CHANNEL = "dengbao_outbox"
# How long a burst of events is gathered; how often all tenants are looked at, whatever was heard.
GATHER_SECONDS = 0.1
LOOK_SECONDS = 30.0


class Deliverer:
    """Delivers the events of all tenants; any number of processes may do so at once."""

    def __init__(self, platform: Platform, tasks: Tasks) -> None:
        self._platform = platform
        self._tasks = tasks
        self._heard: set[UUID] = set()
        self._wake = asyncio.Event()
        self._all = True

    async def run(self) -> None:
        """Deliver until cancelled."""
        self._platform.database.listen({CHANNEL: self._hear}, self._missed)
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
            self._all = self._all or not self._wake.is_set()
            self._wake.clear()
            await self._round()

    def _hear(self, payload: str) -> None:
        self._heard.add(UUID(payload))
        self._wake.set()

    def _missed(self) -> None:
        self._all = True
        self._wake.set()

    async def _round(self) -> None:
        heard, self._heard = self._heard, set()
        everybody, self._all = self._all, False
        try:
            tenants = await self._tenants() if everybody else heard
            for tenant_id in tenants:
                await self.deliver(tenant_id)
        except (*UNREACHABLE, asyncpg.PostgresError, DBAPIError, TimeoutError) as error:
            self._all = True
            log.warning("events wait", error=type(error).__name__)
            await asyncio.sleep(1)

    async def deliver_all(self, clock: Callable[[], dt.datetime] = utc_now) -> int:
        """Deliver what there is, of all tenants; how many events."""
        return sum([await self.deliver(tenant_id, clock) for tenant_id in await self._tenants()])

    async def deliver(self, tenant_id: UUID, clock: Callable[[], dt.datetime] = utc_now) -> int:
        """Deliver what there is of one tenant, in batches of a transaction each; how many events."""
        delivered = 0
        while True:
            async with self._platform.database.transaction(tenant_id) as session:
                count = await deliver_events(surroundings(self._platform, self._tasks, session, tenant_id, clock()))
            delivered += count
            if count < BATCH:
                return delivered

    async def _tenants(self) -> set[UUID]:
        return {row["id"] for row in await self._platform.database.directory.list_tenants()}
