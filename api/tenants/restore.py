"""``dengbao tenant import``: a city out of its archive, into a deployment that does not know it; all or nothing.

The archive is gone through before anything is written. Objects come first, so that no row points to a missing one.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Column, Table, Text, bindparam, cast, column, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import ForeignKeyConstraint

from api.tenants.archive import check, members
from api.tenants.export import Counted
from api.tenants.objects import StoredObject, TenantObjects
from api.tenants.tables import STEP, deferred, kept, tables
from domain.base import Base
from domain.tasks import TASKS
from domain.tenants.entities import TenantState
from migrations.revision import head
from storage.database import Database
from storage.queue import Queue
from storage.settings import Settings, SetupError


async def import_tenant(
    database: Database, settings: Settings, path: Path, slug: str | None, progress: Callable[[str], None]
) -> tuple[UUID, Counted]:
    """Restore the city of an archive, as ``slug`` where it may not keep its own; its key. Raises: SetupError."""
    progress("checking")
    manifest = await asyncio.to_thread(check, path)
    if manifest["revision"] != head():
        raise SetupError(
            f"The archive is of schema {manifest['revision']}, and this program's is {head()}. Restore it with the "
            "program that wrote it, or export it anew with this one."
        )
    tenant_id = UUID(manifest["tenant"])
    there = await database.directory.list_tenants()
    if any(row["id"] == tenant_id or row["slug"] == (slug or manifest["slug"]) for row in there):
        raise SetupError(f"There is a city {slug or manifest['slug']} already, or this very one under another name.")
    counted = Counted()
    await _put_objects(path, TenantObjects(settings, str(tenant_id)), counted, progress)
    named: dict[str, Any] = {"is_default": not there, **({"slug": slug} if slug else {})}
    try:
        async with database.transaction(tenant_id) as session:
            await session.execute(select(func.set_config("statement_timeout", "0", True)))
            await _put_rows(session, path, named, counted, progress)
    except IntegrityError as error:
        raise SetupError("The archive's rows do not fit this database; nothing was imported.") from error
    return tenant_id, counted


async def _put_objects(path: Path, objects: TenantObjects, counted: Counted, progress: Callable[[str], None]) -> None:
    described = {each["member"]: each for each in _documents(path, "objects.jsonl")}
    for name, _, content in members(path):
        if name not in described:
            continue
        given = described[name]
        until = given["locked_until"] and dt.datetime.fromisoformat(given["locked_until"])
        stored = StoredObject(given["key"], given["size"], given["media_type"], until)
        await asyncio.to_thread(objects.put, stored, content)  # type: ignore[arg-type]  # reads as a file does
        counted.objects += 1
        counted.bytes += stored.size
        if counted.objects % 100 == 0:
            progress(f"{counted.objects} objects")


def _documents(path: Path, wanted: str) -> Iterator[dict[str, Any]]:
    for name, _, content in members(path):
        if name == wanted:
            yield from map(orjson.loads, content)


async def _put_rows(
    session: AsyncSession, path: Path, named: dict[str, Any], counted: Counted, progress: Callable[[str], None]
) -> None:
    known = {f"rows/{table.name}.jsonl": (table, circular) for table, circular in tables()}
    with tempfile.TemporaryFile() as later:
        for name, _, content in members(path):
            if name in known:
                table, circular = known[name]
                progress(table.name)
                counted.rows += await _fill(session, table, circular, content, later, named)
            elif name == "jobs.json":
                await _enqueue(session, orjson.loads(content.read()))
        later.seek(0)
        await _close_circles(session, later)


async def _fill(
    session: AsyncSession,
    table: Table,
    circular: list[ForeignKeyConstraint],
    content: IO[bytes],
    later: IO[bytes],
    named: dict[str, Any],
) -> int:
    """Put a table's rows in, without what makes circles, which is kept for ``later``."""
    columns, held = kept(table), deferred(circular)
    statement = _inserting(table, columns)
    rows = 0
    while batch := [orjson.loads(line) for line in itertools.islice(content, STEP)]:
        for row in batch:
            if table.name == "tenants":
                row.update(named | _served_again(row))
            values = {column_.name: row[column_.name] for column_ in held if row[column_.name] is not None}
            if values:
                row.update(dict.fromkeys(values))
                key = {"table": table.name, "tenant": row["tenant_id"], "id": row["id"]}
                later.write(orjson.dumps({**key, "values": values}) + b"\n")
        await session.execute(statement, {"rows": orjson.dumps(batch).decode()})
        rows += len(batch)
    return rows


def _served_again(row: dict[str, Any]) -> dict[str, Any]:
    """A city that was about to be deleted is only suspended where it is restored."""
    return {"state": TenantState.SUSPENDED, "erase_after": None} if row["erase_after"] else {}


def _inserting(table: Table, columns: Sequence[Column[Any]]) -> Any:
    """PostgreSQL reads the rows from one JSON text, each value by its column's type."""
    given = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON()))
    rows = given.table_valued(*(column(each.name, each.type) for each in columns), name="given")
    rows = rows.render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*rows.c), include_defaults=False)


async def _close_circles(session: AsyncSession, later: IO[bytes]) -> None:
    for line in later:
        row = orjson.loads(line)
        table = Base.metadata.tables[row["table"]]
        values = {name: UUID(value) for name, value in row["values"].items()}
        key = (table.c.tenant_id == UUID(row["tenant"])) & (table.c.id == UUID(row["id"]))
        await session.execute(update(table).where(key).values(values))


async def _enqueue(session: AsyncSession, jobs: list[dict[str, Any]]) -> None:
    """What waited there waits here."""
    queue = Queue(TASKS)
    for job in jobs:
        payload = orjson.loads(job["payload"])
        tenant = UUID(payload.pop("tenant"))
        if job["task"] in TASKS:
            await queue.enqueue(session, tenant, job["task"], payload)
