"""``dengbao tenant export``: everything of one city, as of one moment, in one file."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import orjson
from sqlalchemy import text

from api.tenants.archive import FORMAT, MANIFEST, Writer
from api.tenants.objects import TenantObjects
from api.tenants.tables import lines, tables
from domain.tenants.entities import Tenant
from migrations.revision import head
from storage.database import Database
from storage.settings import Settings

# What waits in the queue for this city, and what failed: keys only, as the queue holds no more.
WAITING = text(
    """
    SELECT entrypoint AS task, convert_from(payload, 'UTF8') AS payload FROM jobs.queue
    WHERE convert_from(payload, 'UTF8')::json ->> 'tenant' = :tenant ORDER BY id
    """
)


@dataclass(slots=True)
class Counted:
    """What an archive holds."""

    rows: int = 0
    objects: int = 0
    bytes: int = 0


async def export_tenant(
    database: Database, settings: Settings, tenant_id: UUID, path: Path, progress: Callable[[str], None]
) -> Counted:
    """Write the city's archive to ``path``; memory does not grow with the city."""
    counted = Counted()
    with Writer(path) as archive:
        async with database.snapshot(tenant_id) as session:
            tenant = await session.get_one(Tenant, tenant_id)
            archive.add_json(
                MANIFEST,
                {
                    "format": FORMAT,
                    "revision": head(),
                    "tenant": str(tenant_id),
                    "slug": tenant.slug,
                    "name": tenant.name,
                    "exportedAt": dt.datetime.now(dt.UTC).isoformat(),
                },
            )
            for table, _ in tables():
                progress(table.name)
                with archive.spool() as spool:
                    async for line in lines(session, table, tenant_id):
                        spool.write(line)
                        counted.rows += 1
                    await asyncio.to_thread(archive.add_spool, f"rows/{table.name}.jsonl", spool)
            jobs = (await session.execute(WAITING, {"tenant": str(tenant_id)})).mappings().all()
            archive.add_json("jobs.json", [dict(job) for job in jobs])
        # Files are never changed once they are there: those of a moment later are none too few.
        await _add_objects(archive, TenantObjects(settings, str(tenant_id)), counted, progress)
    return counted


async def _add_objects(
    archive: Writer, objects: TenantObjects, counted: Counted, progress: Callable[[str], None]
) -> None:
    with archive.spool() as described:
        async for stored in objects.all():
            name = f"objects/{counted.objects}"
            content = await asyncio.to_thread(objects.open, stored.key)
            try:
                await asyncio.to_thread(archive.add, name, content, stored.size)
            finally:
                content.close()
                content.release_conn()
            described.write(orjson.dumps({"member": name, **_shown(stored)}) + b"\n")
            counted.objects += 1
            counted.bytes += stored.size
            if counted.objects % 100 == 0:
                progress(f"{counted.objects} objects")
        archive.add_spool("objects.jsonl", described)


def _shown(stored: object) -> dict[str, object]:
    return {name: getattr(stored, name) for name in ("key", "size", "media_type", "locked_until")}
