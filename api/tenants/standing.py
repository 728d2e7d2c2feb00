"""A city's standing and limits, set by the operator; every worker hears of it at once (``notify_tenant``)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update

from domain.tenants.entities import Tenant, TenantSettings, TenantState
from storage.database import Database
from storage.settings import SetupError

GRACE = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a city may use; None: as much as there is, or of storage what it has."""

    users: int | None = None
    storage_bytes: int | None = None
    requests_per_minute: int | None = None


async def set_state(
    database: Database,
    tenant_id: UUID,
    state: TenantState,
    *sources: TenantState,
    erase_after: dt.datetime | None = None,
) -> None:
    """Move a city from one of ``sources`` to ``state``. Raises: SetupError when it is in another."""
    values = {"state": state, "erase_after": erase_after}
    async with database.transaction(tenant_id) as session:
        moved = await session.scalar(
            update(Tenant).where(Tenant.id == tenant_id, Tenant.state.in_(sources)).values(values).returning(Tenant.id)
        )
        if moved is None:
            now = (await session.get_one(Tenant, tenant_id)).state
            raise SetupError(f"The city is {now} ({now.zh}), and so cannot become {state} ({state.zh}).")


async def suspend(database: Database, tenant_id: UUID) -> None:
    """Nobody signs in, and who is signed in is refused, from now on. Raises: SetupError."""
    await set_state(database, tenant_id, TenantState.SUSPENDED, TenantState.ACTIVE)


async def resume(database: Database, tenant_id: UUID) -> None:
    """Serve a city again that was suspended, or was to be deleted. Raises: SetupError."""
    await set_state(database, tenant_id, TenantState.ACTIVE, TenantState.SUSPENDED, TenantState.DELETING)


async def delete(database: Database, tenant_id: UUID, grace: dt.timedelta = GRACE) -> dt.datetime:
    """Suspend a city for good; from the moment that is given back it can be erased. Raises: SetupError."""
    after = dt.datetime.now(dt.UTC) + grace
    sources = (TenantState.ACTIVE, TenantState.SUSPENDED)
    await set_state(database, tenant_id, TenantState.DELETING, *sources, erase_after=after)
    return after


async def limit(database: Database, tenant_id: UUID, limits: Limits) -> None:
    """Set what a city may use."""
    values = {"most_users": limits.users, "most_requests": limits.requests_per_minute}
    async with database.transaction(tenant_id) as session:
        await session.execute(update(Tenant).where(Tenant.id == tenant_id).values(values))
        if limits.storage_bytes is not None:
            settings = await session.get_one(TenantSettings, (tenant_id, tenant_id))
            settings.storage_quota = limits.storage_bytes
