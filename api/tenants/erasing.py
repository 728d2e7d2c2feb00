"""``dengbao tenant erase``: the end of a city whose grace is over; done as the schema's owner, within that one city.

The trail goes to the object store first, sealed, as an outsider can check it, under lock for as long as logs have to
be kept. What is locked there stays until its time; the city's entry stays as well, as erased.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.expression import delete

from api.tenants.objects import TenantObjects
from domain.audit.checkpoints import keep_checkpoint, kept_checkpoints
from domain.audit.export import write_trail
from domain.audit.sealing import seal_events
from domain.entities import Base
from domain.tenants.entities import Tenant, TenantState
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey
from storage.settings import Settings, SetupError

# Logs are kept for six months at least (Cybersecurity Law art. 21 (3)).
TRAIL_KEPT = dt.timedelta(days=183)
DIALECT = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
ENDED = "UPDATE tenants SET state = 'ERASED', is_default = false WHERE id = $1"
QUEUED = "DELETE FROM jobs.queue WHERE convert_from(payload, 'UTF8')::json ->> 'tenant' = $1"


@dataclass(frozen=True, slots=True)
class Erased:
    """What went, and what stays under lock until when at most."""

    rows: int
    objects: int
    locked: int
    until: dt.datetime | None


async def erase_tenant(database: Database, settings: Settings, tenant_id: UUID) -> Erased:
    """Erase a city. Raises: SetupError before its grace is over, or without the owner's access to the database."""
    owner_url = settings.migration_database_url
    if owner_url is None:
        raise SetupError("Erasing needs DENGBAO_MIGRATION_DATABASE_URL: the application may not delete what is kept.")
    async with database.transaction(tenant_id) as session:
        tenant = await session.get_one(Tenant, tenant_id)
        if tenant.state is not TenantState.DELETING or tenant.erase_after is None:
            raise SetupError(f"The city is {tenant.state} ({tenant.state.zh}): `dengbao tenant delete` comes first.")
        if tenant.erase_after > dt.datetime.now(dt.UTC):
            raise SetupError(f"The city can be erased from {tenant.erase_after.isoformat()} on.")
    await _put_trail_away(database, settings, tenant_id)
    rows = await _delete_rows(owner_url, tenant_id)
    objects, locked, until = await TenantObjects(settings, str(tenant_id)).remove()
    return Erased(rows, objects, locked, until)


async def _put_trail_away(database: Database, settings: Settings, tenant_id: UUID) -> None:
    store, now = ObjectStore(settings), dt.datetime.now(dt.UTC)
    async with database.transaction(tenant_id) as session:
        await seal_events(session, tenant_id, now)
        await keep_checkpoint(session, tenant_id, store, AuditKey(settings), now)
    with tempfile.TemporaryDirectory(prefix="dengbao-erase-") as folder:
        checkpoints = await kept_checkpoints(tenant_id, store)
        async with database.snapshot(tenant_id) as session:
            await write_trail(session, tenant_id, checkpoints, Path(folder))
        for name in ("events.jsonl", "seals.jsonl", "checkpoints.jsonl"):
            content = await asyncio.to_thread((Path(folder) / name).read_bytes)
            key = f"{tenant_id}/audit/final/{name}"
            await store.put(key, content, "application/jsonl", until=now + TRAIL_KEPT)


async def _delete_rows(owner_url: str, tenant_id: UUID) -> int:
    """Every row of the city but its own entry, in one transaction; the policies hold for the owner as well."""
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT set_config('app.tenant', $1, true)", str(tenant_id))
            rows = 0
            for table in reversed(Base.metadata.sorted_tables):
                if table.name != Tenant.__tablename__:
                    statement = delete(table).where(table.c.tenant_id == tenant_id).compile(dialect=DIALECT)
                    rows += int((await connection.execute(str(statement), tenant_id)).rpartition(" ")[2])
            await connection.execute(QUEUED, str(tenant_id))
            await connection.execute(ENDED, tenant_id)
            return rows
    finally:
        await connection.close()
