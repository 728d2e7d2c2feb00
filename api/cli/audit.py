"""``dengbao audit``: is the trail whole, and what an outsider needs to see that for himself."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from api.cli.servers import open_database, with_stack
from api.cli.show import console
from api.operator import tenant_called
from domain.audit.checkpoints import Checkpoint, keep_checkpoint, kept_checkpoints
from domain.audit.export import write_trail
from domain.audit.sealing import LAG, last_seal, seal_events, unsealed
from domain.audit.verification import Verdict, verify_trail
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey, trusted_keys
from storage.settings import Settings, read_settings

audit = typer.Typer(no_args_is_help=True, help="审计记录 / the audit trail")
City = Annotated[str | None, typer.Argument(help="城市代号,缺省为全部 / which city; all where none is named")]


@audit.command()
def verify(city: City = None) -> None:
    """逐条核验审计记录、封存与检查点 / go through every event, seal and checkpoint."""
    holds = True
    for slug, verdict, beyond in with_stack(lambda settings: _verify(settings, city)):
        for finding in verdict.wrong:
            console.print(f"[red]✗[/] {slug}: {finding}", markup=True)
        if verdict.untold:
            console.print(f"[red]✗[/] {slug}: {verdict.untold} more of the kind")
        if beyond:
            console.print(f"[yellow]![/] {slug}: {beyond}")
        counted = f"{verdict.events} events, {verdict.seals} seals, {verdict.checkpoints} checkpoints"
        console.print(f"{'[green]✓[/]' if verdict.holds else '[red]✗[/]'} {slug}: {counted}")
        holds = holds and verdict.holds
    if not holds:
        sys.exit(1)


@audit.command()
def seal(city: City = None) -> None:
    """立即封存并签发检查点 / seal now, and sign a checkpoint."""

    async def run(settings: Settings) -> list[tuple[str, int, Checkpoint | None]]:
        store, key, now = ObjectStore(settings), AuditKey(settings), dt.datetime.now(dt.UTC)
        done = []
        async with _cities(settings, city) as (database, cities):
            for slug, tenant_id in cities:
                async with database.transaction(tenant_id) as session:
                    sealed = await seal_events(session, tenant_id, now)
                    done.append((slug, sealed, await keep_checkpoint(session, tenant_id, store, key, now)))
        return done

    for slug, sealed, checkpoint in with_stack(run):
        head = f"#{checkpoint.number} {checkpoint.root}" if checkpoint else "∅"
        console.print(f"{slug}: +{sealed}  {head}")


@audit.command()
def export(
    city: Annotated[str, typer.Argument(help="城市代号 / which city")],
    folder: Annotated[Path, typer.Argument(help="写入的文件夹 / where to write")],
) -> None:
    """导出审计记录供第三方离线核验 / write the trail for an outsider to check (dengbao-verify-audit)."""

    async def run(settings: Settings) -> tuple[int, int]:
        store = ObjectStore(settings)
        async with _cities(settings, city) as (database, ((_, tenant_id),)):
            checkpoints = await kept_checkpoints(tenant_id, store)
            async with database.snapshot(tenant_id) as session:
                return await write_trail(session, tenant_id, checkpoints, folder)

    events, seals = with_stack(run)
    console.print(f"{folder}: {events} events, {seals} seals")


@audit.command()
def key() -> None:
    """输出验证检查点用的公钥 / print the public key that checkpoints are verified with."""
    console.print(AuditKey(read_settings()).public_key)


async def _verify(settings: Settings, city: str | None) -> list[tuple[str, Verdict, str | None]]:
    store, keys, found = ObjectStore(settings), trusted_keys(settings), []
    async with _cities(settings, city) as (database, cities):
        for slug, tenant_id in cities:
            checkpoints = await kept_checkpoints(tenant_id, store)
            async with database.snapshot(tenant_id) as session:
                verdict = await verify_trail(session, tenant_id, checkpoints, *keys)
                found.append((slug, verdict, await _beyond(session, tenant_id)))
    return found


async def _beyond(session: AsyncSession, tenant_id: UUID) -> str | None:
    """What was not gone through, as no seal covers it yet."""
    waiting, oldest = await unsealed(session, tenant_id, await last_seal(session, tenant_id))
    if oldest is None:
        return None
    if dt.datetime.now(dt.UTC) - oldest < LAG:
        return f"{waiting} more events are not sealed yet"
    since = f"{waiting} events were not sealed since {oldest.isoformat()}"
    return f"{since}: does `dengbao work` run, or a transaction for too long?"


@contextlib.asynccontextmanager
async def _cities(settings: Settings, city: str | None) -> AsyncIterator[tuple[Database, list[tuple[str, UUID]]]]:
    async with open_database(settings) as database:
        if city is not None:
            yield database, [(city, await tenant_called(database, city))]
            return
        yield database, [(row["slug"], row["id"]) for row in await database.directory.list_tenants()]
