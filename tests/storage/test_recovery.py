"""A database that goes away and comes back: nothing has to be started again."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from sqlalchemy import text

from migrations import runner
from storage.database import UNREACHABLE, Database
from storage.embedded.postgres import EmbeddedPostgres
from storage.settings import Settings
from tests.support import reachable


async def test_reads_transactions_and_the_listener_recover(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = reachable(tmp_path_factory.mktemp("stack"))
    server = await EmbeddedPostgres.start(folder, str)
    await runner.upgrade(server.migration_url)
    heard: list[str] = []
    gaps: list[int] = []
    database = await Database.open(Settings(data_dir=folder, database_url=server.url))
    listener = database.listen({"news": heard.append}, lambda: gaps.append(1))
    tenant = uuid.uuid4()
    assert await _until(lambda: listener.live)
    await database.reads.fetch_rows(tenant, "SELECT 1")
    await server.stop()
    with pytest.raises(UNREACHABLE):
        await database.reads.fetch_rows(tenant, "SELECT 1")
    assert await _until(lambda: not listener.live)
    server = await EmbeddedPostgres.start(folder, str)
    try:
        assert len(await database.reads.fetch_rows(tenant, "SELECT 1")) == 1
        async with database.transaction(tenant) as session:
            await session.execute(text("SELECT pg_notify('news', 'heard')"))
        assert await _until(lambda: listener.live and len(gaps) == 2)
        async with database.transaction(tenant) as session:
            await session.execute(text("SELECT pg_notify('news', 'heard')"))
        assert await _until(lambda: "heard" in heard)
    finally:
        await database.close()
        await server.stop()


async def _until(condition: object) -> bool:
    for _ in range(200):
        if condition():  # type: ignore[operator]  # a function without arguments
            return True
        await asyncio.sleep(0.05)
    return False
