"""The embedded default: whatever of database and object store the settings do not name is started here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from storage.embedded.objectstore import EmbeddedObjectStore
from storage.embedded.postgres import EmbeddedPostgres
from storage.embedded.processes import Lock, Occupied
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
        return _database(server.url, server.migration_url)

    async def store() -> dict[str, str]:
        server = await EmbeddedObjectStore.start(settings.data_dir, progress)
        servers.append(server)
        return _store(server.endpoint, server.access_key, server.secret_key)

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


@contextlib.asynccontextmanager
async def any_stack(settings: Settings, progress: Callable[[str], None]) -> AsyncIterator[Settings]:
    """The embedded servers that another process runs in the data directory; our own for the moment where none does."""
    async with contextlib.AsyncExitStack() as started:
        try:
            filled = await started.enter_async_context(embedded_stack(settings, progress))
        except Occupied:
            found: dict[str, str] = {}
            if settings.database_url is None:
                found |= _database(*EmbeddedPostgres.running(settings.data_dir))
            if settings.s3_endpoint is None:
                found |= _store(*EmbeddedObjectStore.running(settings.data_dir))
            filled = settings.model_copy(update=found)
        yield filled


def _database(url: str, migration_url: str) -> dict[str, str]:
    return {"database_url": url, "migration_database_url": migration_url}


def _store(endpoint: str, access_key: str, secret_key: str) -> dict[str, str]:
    return {"s3_endpoint": endpoint, "s3_access_key": access_key, "s3_secret_key": secret_key}
