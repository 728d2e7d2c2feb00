"""The only door to PostgreSQL: a tenant's reads, a tenant's transactions, the directory of tenants, notifications.

Every statement runs as the application's role, which owns nothing and sees nothing until a tenant is bound.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage.settings import Settings, SetupError

log = structlog.get_logger(component="database")

APP_ROLE = "dengbao_app"
SESSION_SETTINGS = {
    "TimeZone": "Asia/Shanghai",
    "statement_timeout": "15000",
    "application_name": "dengbao",
    "jit": "off",
}
CONNECT_SECONDS = 10
PING_SECONDS = 5.0
RECONNECT_SECONDS = 1.0


# What a statement raises when the server is not there, or goes away.
UNREACHABLE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """A connection that remembers which tenant it is bound to, so that binding costs nothing when nothing changes."""

    __slots__ = ("tenant",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant: UUID | None = None

    async def fetch_as(self, tenant_id: UUID, sql: str, args: Sequence[Any]) -> list[Any]:
        """Run one statement as ``tenant_id``; whatever goes wrong, the binding is forgotten."""
        try:
            if self.tenant != tenant_id:
                # Forgotten first: a cancelled binding must not be taken for one that happened.
                self.tenant = None
                await self.fetchval("SELECT set_config('app.tenant', $1, false)", str(tenant_id))
                self.tenant = tenant_id
            return cast("list[Any]", await self.fetch(sql, *args))
        except BaseException:
            self.tenant = None
            raise


class _Pooled(Protocol):
    async def fetch_as(self, tenant_id: UUID, sql: str, args: Sequence[Any]) -> list[Any]: ...


async def _connect(url: str, **options: Any) -> Any:
    """A connection as the application's role, by whatever user the URL names."""
    settings = dict(SESSION_SETTINGS)
    if urlsplit(url).username != APP_ROLE:
        settings["role"] = APP_ROLE
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings, **options)


async def _json_as_bytes(connection: Any) -> None:
    """What PostgreSQL wrote as JSON goes on as the bytes it came in."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def _keep(_: Any) -> None:
    """In place of asyncpg's reset query, which would cost a round trip and the binding."""


@dataclass(frozen=True, slots=True)
class Reads:
    """Single statements, each under its tenant, outside any transaction; JSON comes as bytes."""

    _pool: Any

    async def fetch_json(self, tenant_id: UUID, sql: str, args: Sequence[Any]) -> bytes:
        """The one JSON value of the one row that ``sql`` yields."""
        async with self._pool.acquire() as connection:
            rows = await cast(_Pooled, connection).fetch_as(tenant_id, sql, args)
        return cast(bytes, rows[0][0])

    async def fetch_rows(self, tenant_id: UUID, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """All rows that ``sql`` yields."""
        async with self._pool.acquire() as connection:
            return await cast(_Pooled, connection).fetch_as(tenant_id, sql, args)

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
                    await connection.fetchval("SELECT set_config('app.tenant', $1, true)", str(tenant_id))
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

    _pool: Any

    async def resolve_tenant(self, slug: str | None) -> UUID | None:
        """The tenant called ``slug`` (None: the default one)."""
        return cast("UUID | None", await self._pool.fetchval("SELECT resolve_tenant($1)", slug))

    async def verify_letter(self, number: str, code: str) -> bool:
        """Whether any city has issued a letter of this number with this code."""
        return bool(await self._pool.fetchval("SELECT verify_letter($1, $2)", number, code))

    async def list_tenants(self) -> list[Any]:
        """Rows ``id, slug, name, division_code, is_default, created_at``, by slug."""
        return cast("list[Any]", await self._pool.fetch("SELECT * FROM list_tenants() ORDER BY slug"))


class Listener:
    """LISTENs on one channel; ``live`` says whether a message could have been missed since."""

    def __init__(self, url: str, channel: str, on_message: Callable[[str], None], on_gap: Callable[[], None]) -> None:
        self._url = url
        self._channel = channel
        self._on_message = on_message
        self._on_gap = on_gap
        self.live = False

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is replaced, and ``on_gap`` told before ``live`` is true again."""
        while True:
            try:
                await self._listen()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.warning("listener lost", channel=self._channel, error=type(error).__name__)
            finally:
                self.live = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await _connect(self._url)
        try:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _: self._end(ended))
            await connection.add_listener(self._channel, lambda _c, _p, _ch, payload: self._on_message(payload))
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

    def __init__(self, url: str, pool: Any, engine: AsyncEngine) -> None:
        self._url = url
        self._pool = pool
        self._engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self._listeners: list[asyncio.Task[None]] = []
        self.reads = Reads(pool)
        self.directory = Directory(pool)

    @classmethod
    async def open(cls, settings: Settings) -> Database:
        """Connect. Raises: SetupError when the server cannot be reached or refuses us."""
        url = settings.database_url
        if url is None:
            raise SetupError("DENGBAO_DATABASE_URL is not set. Name a database, or start with `dengbao up`.")

        async def connect(dsn: str, **options: Any) -> Any:
            kept = ("connection_class", "loop", "record_class")
            return await _connect(
                dsn,
                statement_cache_size=500,
                max_cached_statement_lifetime=0,
                max_cacheable_statement_size=0,
                **{name: options[name] for name in kept if name in options},
            )

        try:
            pool = await asyncpg.create_pool(
                url,
                connect=connect,
                connection_class=_Connection,
                min_size=1,
                max_size=settings.database_pool_size,
                max_inactive_connection_lifetime=0,
                init=_json_as_bytes,
                reset=_keep,
            )
        except (OSError, asyncpg.PostgresError, TimeoutError, ValueError) as error:
            where = urlsplit(url)
            raise SetupError(
                f"The database at {where.hostname}:{where.port or 5432} cannot be used ({type(error).__name__}: "
                f"{str(error).splitlines()[0] if str(error) else 'no answer'}). Check DENGBAO_DATABASE_URL, "
                "and that `dengbao migrate` was run."
            ) from error
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=lambda: _connect(url),
            pool_size=settings.database_pool_size,
            max_overflow=0,
            hide_parameters=True,  # an error is logged; what somebody wrote is not
            pool_pre_ping=True,  # a transaction may not fail for a connection that died while it was idle
        )
        return cls(url, pool, engine)

    @contextlib.asynccontextmanager
    async def transaction(self, tenant_id: UUID) -> AsyncIterator[AsyncSession]:
        """A transaction as ``tenant_id``: committed at the end, rolled back by whatever is raised."""
        async with self._sessions() as session, session.begin():
            await session.execute(text("SELECT set_config('app.tenant', :tenant, true)"), {"tenant": str(tenant_id)})
            yield session

    @contextlib.asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection of its own, bound to no tenant: for the queue, whose tables belong to none."""
        connection = await _connect(self._url)
        try:
            yield connection
        finally:
            connection.terminate()

    def listen(self, channel: str, on_message: Callable[[str], None], on_gap: Callable[[], None]) -> Listener:
        """Call ``on_message`` with the payload of each NOTIFY on ``channel`` from now on, until ``close``."""
        listener = Listener(self._url, channel, on_message, on_gap)
        self._listeners.append(asyncio.create_task(listener.run()))
        return listener

    async def ping(self) -> None:
        """Return when the database answers. Raises whatever keeps it from answering."""
        await self._pool.fetchval("SELECT 1")

    async def revision(self) -> str | None:
        """The migration that the database is at, None where nothing of ours is in it."""
        try:
            return cast("str | None", await self._pool.fetchval("SELECT version_num FROM alembic_version"))
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            return None

    async def facts(self) -> Any:
        """The server's ``version`` and ``number``, ``ctype``, and whether our role is ``privileged``."""
        return await self._pool.fetchrow(
            """
            SELECT current_setting('server_version') AS version,
              current_setting('server_version_num')::int AS number,
              (SELECT coalesce(datctype, '') FROM pg_database WHERE datname = current_database()) AS ctype,
              (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)
                OR EXISTS (SELECT FROM pg_class WHERE relowner = current_user::regrole) AS privileged
            """
        )

    async def close(self) -> None:
        """End all connections."""
        for task in self._listeners:
            task.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        await self._engine.dispose()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pool.close(), 5)
        self._pool.terminate()
