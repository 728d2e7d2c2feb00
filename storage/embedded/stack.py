"""The embedded default: whatever of database and object store the settings do not name is started here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from storage.embedded.objectstore import EmbeddedObjectStore
from storage.embedded.postgres import EmbeddedPostgres
from storage.embedded.processes import Lock
from storage.settings import Settings


@contextlib.asynccontextmanager
async def embedded_stack(settings: Settings, progress: Callable[[str], None]) -> AsyncIterator[Settings]:
    """Run the embedded servers; gives the settings with their addresses and keys filled in. Raises: SetupError."""
    needs_database, needs_store = settings.database_url is None, settings.s3_endpoint is None
    if not (needs_database or needs_store):
        yield settings
        return
    lock = Lock(settings.data_dir / "dengbao.lock")
    servers: list[EmbeddedPostgres | EmbeddedObjectStore] = []

    async def database() -> dict[str, str]:
        server = await EmbeddedPostgres.start(settings.data_dir, progress)
        servers.append(server)
        return {"database_url": server.url, "migration_database_url": server.migration_url}

    async def store() -> dict[str, str]:
        server = await EmbeddedObjectStore.start(settings.data_dir, progress)
        servers.append(server)
        return {
            "s3_endpoint": server.endpoint,
            "s3_access_key": server.access_key,
            "s3_secret_key": server.secret_key,
        }

    try:
        wanted = [step() for step, needed in ((database, needs_database), (store, needs_store)) if needed]
        found = await asyncio.gather(*wanted, return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        filled = {name: value for each in found if isinstance(each, dict) for name, value in each.items()}
        yield settings.model_copy(update=filled)
    finally:
        await asyncio.gather(*(server.stop() for server in servers), return_exceptions=True)
        lock.release()
