"""One embedded stack for a whole run: PostgreSQL and the object store, the demo in them, a superuser's connection."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import asyncpg

from api.demo.seed import seed_demo
from bench.processes import children
from migrations import runner
from storage.database import Database
from storage.embedded.stack import embedded_stack
from storage.files import ObjectStore
from storage.settings import Settings

EXECUTED = re.compile(rb"LOG:  (?:execute [^:]*|statement): (.*)")
PING = b"SELECT 1"  # the listener's


@dataclass(frozen=True, slots=True)
class Stack:
    """Its settings, the first city's tenant, and what only a superuser may do."""

    settings: Settings
    tenant_id: UUID
    superuser: asyncpg.Connection
    connect: Callable[[], Awaitable[asyncpg.Connection]]
    folder: Path

    @property
    def without_work(self) -> Settings:
        """For a server without background work, whose time would be counted as the requests' own."""
        return self.settings.model_copy(update={"work": False})

    def database_pids(self) -> list[int]:
        """PostgreSQL's processes."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return [postmaster, *children(postmaster)]

    @contextlib.asynccontextmanager
    async def statements(self) -> AsyncIterator[list[str]]:
        """Gives all statements that any client sends meanwhile, by having PostgreSQL log them."""
        found: list[str] = []
        log = self.folder / "postgres.log"
        await self._log("all")
        start = log.stat().st_size
        try:
            yield found
        finally:
            await asyncio.sleep(0.2)
            with log.open("rb") as file:
                file.seek(start)
                said = EXECUTED.findall(file.read())
            await self._log("none")
            found += [
                each.decode(errors="replace") for each in said if each.strip() != PING and b"ALTER SYSTEM" not in each
            ]

    async def _log(self, which: str) -> None:
        await self.superuser.execute(f"ALTER SYSTEM SET log_statement = '{which}'")
        await self.superuser.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(0.2)  # until every backend has read it


@contextlib.asynccontextmanager
async def stack(progress: Callable[[str], None]) -> AsyncIterator[Stack]:
    """Start everything in a temporary folder, with the demo's cities."""
    with tempfile.TemporaryDirectory(prefix="dengbao-bench-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # noqa: S103 - the database's user has to reach its files
        given = Settings(data_dir=folder, log_level="warning", rate_per_account=0, rate_per_address=0)
        async with embedded_stack(given, progress) as settings:
            assert settings.migration_database_url
            await runner.upgrade(settings.migration_database_url)
            tenant_id = await _demo(settings, progress)
            kept = json.loads((folder / "postgres" / "server.json").read_text())

            async def connect() -> asyncpg.Connection:
                return await asyncpg.connect(
                    host="127.0.0.1", port=kept["port"], user="postgres", password=kept["superuser"], database="dengbao"
                )

            yield Stack(settings, tenant_id, await connect(), connect, folder / "postgres")


async def _demo(settings: Settings, progress: Callable[[str], None]) -> UUID:
    store = ObjectStore(settings)
    await store.ensure_bucket()
    database = await Database.open(settings)
    await seed_demo(database, store, progress)
    tenant_id = await database.directory.resolve_tenant(None)
    await database.close()
    assert tenant_id is not None
    return tenant_id
