"""The only door to PostgreSQL: a tenant's reads, a tenant's transactions, the directory of tenants, notifications.

Every statement runs as the application's role, which owns nothing and sees nothing until a tenant is bound.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from domain.transaction import Transaction
from storage.connections import (
    UNREACHABLE,
    Bound,
    Pooling,
    TransactionConnection,
    connect,
    make_engine,
    make_pool,
    transaction_settings,
)
from storage.settings import Settings, SetupError
from storage.statements import Statements
from storage.transaction import DirectTransaction

__all__ = ["UNREACHABLE", "Database", "Directory", "Listener", "Reads"]

log = structlog.get_logger(component="database")

PING_SECONDS = 5.0
RECONNECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reads:
    """Single statements, each under its tenant; JSON comes as bytes."""

    _pool: Any
    _pooling: Pooling

    async def fetch_json(self, tenant_id: UUID, sql: str, args: Sequence[Any]) -> bytes:
        """The one JSON value of the one row that ``sql`` yields."""
        async with self._pool.acquire() as connection:
            rows = await cast(Bound, connection).fetch_as(tenant_id, sql, args)
        return cast(bytes, rows[0][0])

    async def fetch_rows(self, tenant_id: UUID, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """All rows that ``sql`` yields."""
        async with self._pool.acquire() as connection:
            return await cast(Bound, connection).fetch_as(tenant_id, sql, args)

    @contextlib.asynccontextmanager
    async def open_cursor(
        self, tenant_id: UUID, sql: str, args: Sequence[Any]
    ) -> AsyncIterator[Callable[[int], Awaitable[list[bytes]]]]:
        """What fetches the next so many of the JSON values that ``sql`` yields, a row each: all of one snapshot.

        A reader that stops in the middle ends its connection, and with it what the server still does for it.
        """
        async with self._pool.acquire() as connection:
            try:
                async with connection.transaction(isolation="repeatable_read", readonly=True):
                    # For this transaction only: what the connection is otherwise bound to stays.
                    for name, value in transaction_settings(self._pooling, tenant_id).items():
                        await connection.fetchval("SELECT set_config($1, $2, true)", name, value)
                    cursor = await connection.cursor(sql, *args)

                    async def fetch(count: int) -> list[bytes]:
                        return [row[0] for row in await cursor.fetch(count)]

                    yield fetch
            except BaseException:
                connection.terminate()
                raise


@dataclass(frozen=True, slots=True)
class Directory:
    """Which tenants there are: asked before one is known, and answered by narrow functions of the database."""

    _ask: Callable[..., Awaitable[list[Any]]]

    async def resolve_tenant(self, slug: str | None) -> UUID | None:
        """The tenant called ``slug`` (None: the default one)."""
        return cast("UUID | None", (await self._ask("SELECT resolve_tenant($1)", slug))[0][0])

    async def has_tenant(self, tenant_id: UUID) -> bool:
        """Whether there is a tenant of this key."""
        return any(row["id"] == tenant_id for row in await self.list_tenants())

    async def verify_letter(self, number: str, code: str) -> bool:
        """Whether any city has issued a paper of this number with this code."""
        return bool((await self._ask("SELECT verify_letter($1, $2)", number, code))[0][0])

    async def list_tenants(self, *, erased: bool = False) -> list[Any]:
        """Rows ``id, slug, name, division_code, is_default, created_at, state, erase_after``, by slug.

        Those that were erased only where they are asked for.
        """
        return await self._ask("SELECT * FROM list_tenants() WHERE $1 OR state <> 'ERASED' ORDER BY slug", erased)


class Listener:
    """LISTENs on some channels by one connection; ``live`` says whether a message could have been missed since."""

    def __init__(self, url: str, channels: Mapping[str, Callable[[str], None]], on_gap: Callable[[], None]) -> None:
        self._url = url
        self._channels = channels
        self._on_gap = on_gap
        self.live = False

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is replaced, and ``on_gap`` told before ``live`` is true again."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("listener lost", channels=list(self._channels), error=type(error).__name__)
            finally:
                self.live = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await connect(self._url)
        try:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _: self._end(ended))
            for channel in self._channels:
                await connection.add_listener(channel, lambda _c, _p, name, payload: self._channels[name](payload))
            self._on_gap()
            self.live = True
            while not ended.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), PING_SECONDS)
                    return
                # A peer that vanished without a word is noticed here.
                await asyncio.wait_for(connection.execute("SELECT 1"), PING_SECONDS)
        finally:
            connection.terminate()

    def _end(self, ended: asyncio.Event) -> None:
        self.live = False
        ended.set()


class Database:
    """A process's connections; made by ``open``, ended by ``close``."""

    def __init__(self, direct_url: str, pooling: Pooling, pool: Any, engine: AsyncEngine) -> None:
        self._url = direct_url
        self._pooling = pooling
        self._pool = pool
        self._engine = engine
        self._sessions = async_sessionmaker(
            engine,
            class_=DirectTransaction,
            expire_on_commit=False,
            autoflush=False,
            statements=Statements(engine.dialect),
        )
        self._listeners: list[asyncio.Task[None]] = []
        self.reads = Reads(pool, pooling)
        self.directory = Directory(self._ask)

    @classmethod
    async def open(cls, settings: Settings) -> Database:
        """Connect. Raises: SetupError when the server cannot be reached or refuses us."""
        url, pooling, size = settings.database_url, settings.database_pooling, settings.database_pool_size
        if url is None:
            raise SetupError("DENGBAO_DATABASE_URL is not set. Name a database, or start with `dengbao up`.")
        direct = settings.database_direct_url or url
        if pooling == "transaction" and settings.database_direct_url is None:
            raise SetupError(
                "DENGBAO_DATABASE_POOLING=transaction needs DENGBAO_DATABASE_DIRECT_URL too: the same database without "
                "the pooler, for notifications and the queue, which need sessions of their own."
            )
        try:
            pool = await make_pool(url, pooling, size)
        except (OSError, asyncpg.PostgresError, TimeoutError, ValueError) as error:
            where = urlsplit(url)
            raise SetupError(
                f"The database at {where.hostname}:{where.port or 5432} cannot be used ({type(error).__name__}: "
                f"{str(error).splitlines()[0] if str(error) else 'no answer'}). Check DENGBAO_DATABASE_URL, "
                "and that `dengbao migrate` was run."
            ) from error
        return cls(direct, pooling, pool, make_engine(url, pooling, size))

    @contextlib.asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncIterator[Transaction]:
        """A transaction as ``tenant_id``: committed at the end, rolled back by whatever is raised."""
        async with self._sessions() as session, session.begin():
            under = await (await session.connection()).get_raw_connection()
            cast(TransactionConnection, under.driver_connection).bind_next(self._pooling, tenant_id)
            session.speak_through(under.dbapi_connection)
            yield session

    @contextlib.asynccontextmanager
    async def snapshot(self, tenant_id: UUID) -> AsyncIterator[Transaction]:
        """A transaction as ``tenant_id`` that reads one moment, however long it takes; for the operator's commands."""
        async with self._sessions() as session, session.begin():
            reading = await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            session.speak_through((await reading.get_raw_connection()).dbapi_connection)
            settings = transaction_settings(self._pooling, tenant_id) | {"statement_timeout": "0"}
            await session.execute(select(*(func.set_config(name, value, True) for name, value in settings.items())))
            yield session

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection of its own, bound to no tenant: for the queue, whose tables belong to none."""
        connection = await connect(self._url)
        try:
            yield connection
        finally:
            connection.terminate()

    def listen(self, channels: Mapping[str, Callable[[str], None]], on_gap: Callable[[], None]) -> Listener:
        """Give the payload of each NOTIFY on a channel to what stands beside its name, from now on until ``close``."""
        listener = Listener(self._url, channels, on_gap)
        self._listeners.append(asyncio.create_task(listener.run()))
        return listener

    async def _ask(self, sql: str, *args: Any) -> list[Any]:
        """One statement, as no tenant."""
        async with self._pool.acquire() as connection:
            return await cast(Bound, connection).fetch_as(None, sql, args)

    async def ping(self) -> None:
        """Return when the database answers. Raises whatever keeps it from answering."""
        await self._ask("SELECT 1")

    async def revision(self) -> str | None:
        """The migration that the database is at, None where nothing of ours is in it."""
        try:
            return cast("str | None", (await self._ask("SELECT version_num FROM alembic_version"))[0][0])
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            return None

    async def facts(self) -> Any:
        """The server's ``version`` and ``number``, ``ctype``, and whether our role is ``privileged``."""
        rows = await self._ask(
            """
            SELECT current_setting('server_version') AS version,
              current_setting('server_version_num')::int AS number,
              (SELECT coalesce(datctype, '') FROM pg_database WHERE datname = current_database()) AS ctype,
              (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
                OR EXISTS (SELECT FROM pg_class WHERE relowner = current_user::regrole) AS privileged
            """
        )
        return rows[0]

    async def close(self) -> None:
        """End all connections."""
        for task in self._listeners:
            task.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        await self._engine.dispose()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pool.close(), 5)
        self._pool.terminate()
