"""Bringing a database's schema up to date, one process at a time, all or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from migrations.revision import head

# Any number will do, as long as it is always the same one.
LOCK = 46_001_117
Result = TypeVar("Result")


async def upgrade(url: str, revision: str = "head") -> None:
    """Apply what is missing up to ``revision``; waits while another process does the same."""
    async with _connection(url) as connection:
        await connection.run_sync(_run(lambda config: command.upgrade(config, revision)))


async def downgrade(url: str, revision: str) -> None:
    """Take back what was applied after ``revision`` (``"base"``: everything)."""
    async with _connection(url) as connection:
        await connection.run_sync(_run(lambda config: command.downgrade(config, revision)))


async def current_and_head(url: str) -> tuple[str | None, str]:
    """The revision the database has (None: none) and the one that this program expects."""
    async with _connection(url) as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return current, head()


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, which needs no file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
    finally:
        await engine.dispose()


def _run(step: Callable[[Config], None]) -> Callable[[Connection], None]:
    return lambda connection: step(config(connection))
