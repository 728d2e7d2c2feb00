"""Connections to PostgreSQL: with sessions of their own, or through a pooler that lends one for each transaction.

With a session, a connection remembers the tenant it is bound to. Through a pooler (pgbouncer in transaction mode)
nothing may outlive a transaction: who we are, our limits and the tenant are set within each, and no statement has a
name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, cast
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Pooling = Literal["session", "transaction"]

APP_ROLE = "dengbao_app"
SESSION_SETTINGS = {
    "TimeZone": "Asia/Shanghai",
    "statement_timeout": "15000",
    "application_name": "dengbao",
    "jit": "off",
}
CONNECT_SECONDS = 10

# What a statement raises when the server is not there, or goes away.
UNREACHABLE = (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.CannotConnectNowError)


# Whom a connection is bound to after something went wrong: nobody knows, which is not the same as nobody.
UNKNOWN = object()


class Bound(Protocol):
    """A connection that runs single statements as one tenant after another."""

    async def fetch_as(self, tenant_id: UUID | None, sql: str, args: Sequence[Any]) -> list[Any]:
        """Run one statement as ``tenant_id`` (None: as nobody)."""
        ...


class StickyConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """A connection that remembers which tenant it is bound to, so that binding costs nothing when nothing changes."""

    __slots__ = ("tenant",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tenant: UUID | object | None = None

    async def fetch_as(self, tenant_id: UUID | None, sql: str, args: Sequence[Any]) -> list[Any]:
        """Run one statement as ``tenant_id``; whatever goes wrong, the binding is forgotten."""
        try:
            if self.tenant != tenant_id:
                # Forgotten first: a cancelled binding must not be taken for one that happened.
                self.tenant = UNKNOWN
                await self.fetchval("SELECT set_config('app.tenant', $1, false)", str(tenant_id or ""))
                self.tenant = tenant_id
            return cast("list[Any]", await self.fetch(sql, *args))
        except BaseException:
            self.tenant = UNKNOWN
            raise


class BorrowedConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """A connection to a pooler: each statement is a transaction of its own, bound by the message that begins it."""

    __slots__ = ()

    async def fetch_as(self, tenant_id: UUID | None, sql: str, args: Sequence[Any]) -> list[Any]:
        """Run one statement as ``tenant_id``; what is cancelled in the middle ends the connection."""
        try:
            await self.execute(f"BEGIN READ ONLY; {_binding(tenant_id)}")
            rows = cast("list[Any]", await self.fetch(sql, *args))
            await self.execute("COMMIT")
        except asyncpg.PostgresError:
            await self._end()
            raise
        except BaseException:
            self.terminate()
            raise
        return rows

    async def _end(self) -> None:
        """After a statement that failed; where even this does, the pooler ends the transaction with the connection."""
        try:
            await self.execute("ROLLBACK")
        except BaseException:
            self.terminate()
            raise


class TransactionConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
    """A connection for transactions: what begins one binds it in the same message; an unbound one is nobody's."""

    __slots__ = ("_next",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._next = ""

    def bind_next(self, pooling: Pooling, tenant_id: UUID) -> None:
        """The next transaction, and only that, is ``tenant_id``'s."""
        self._next = _set_local(transaction_settings(pooling, tenant_id))

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:  # noqa: ASYNC109 - asyncpg's
        """As asyncpg's."""
        if query.startswith("BEGIN"):
            query, self._next = f"{query} {self._next}", ""
        return cast(str, await super().execute(query, *args, timeout=timeout))


def _binding(tenant_id: UUID | None) -> str:
    """What makes a transaction ours, whatever it ran as before."""
    return _set_local(
        {**SESSION_SETTINGS, "role": APP_ROLE, "app.tenant": str(UUID(int=tenant_id.int)) if tenant_id else ""}
    )


def _set_local(values: Mapping[str, str]) -> str:
    """Settings as one simple message: it takes no parameters, and words of ours and a UUID need none."""
    return "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in values.items())


def transaction_settings(pooling: Pooling, tenant_id: UUID) -> dict[str, str]:
    """What a transaction sets for itself as it begins."""
    bound = {"app.tenant": str(UUID(int=tenant_id.int))}
    return bound if pooling == "session" else {**SESSION_SETTINGS, "role": APP_ROLE, **bound}


async def connect(url: str, pooling: Pooling = "session", **options: Any) -> Any:
    """A connection as the application's role, by whatever user the URL names; a pooler is told nothing of ours."""
    if pooling == "transaction":
        return await asyncpg.connect(url, timeout=CONNECT_SECONDS, statement_cache_size=0, **options)
    settings = dict(SESSION_SETTINGS)
    if urlsplit(url).username != APP_ROLE:
        settings["role"] = APP_ROLE
    return await asyncpg.connect(url, timeout=CONNECT_SECONDS, server_settings=settings, **options)


async def make_pool(url: str, pooling: Pooling, size: int) -> Any:
    """Connections for reads; JSON comes as bytes."""
    cached = {"statement_cache_size": 500, "max_cached_statement_lifetime": 0, "max_cacheable_statement_size": 0}

    async def connected(dsn: str, **options: Any) -> Any:
        kept = {name: options[name] for name in ("connection_class", "loop", "record_class") if name in options}
        return await connect(dsn, pooling, **(cached if pooling == "session" else {}), **kept)

    return await asyncpg.create_pool(
        url,
        connect=connected,
        connection_class=StickyConnection if pooling == "session" else BorrowedConnection,
        min_size=1,
        max_size=size,
        max_inactive_connection_lifetime=0,
        init=_json_as_bytes,
        reset=_keep,
    )


def make_engine(url: str, pooling: Pooling, size: int) -> AsyncEngine:
    """Connections for transactions."""
    nameless = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
    engine = create_async_engine(
        "postgresql+asyncpg://",
        connect_args={
            "async_creator_fn": lambda: connect(url, pooling, connection_class=TransactionConnection),
            **({} if pooling == "session" else nameless),
        },
        json_serializer=_json_text,
        json_deserializer=orjson.loads,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,  # an error is logged; what somebody wrote is not
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, *_: object) -> None:
    """A transaction may not fail for a connection that died while it was idle: the pool makes another.

    asyncpg knows when its peer has gone; SQLAlchemy's own ping would cost each transaction two round trips.
    """
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the connection was closed while it was idle")


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


async def _json_as_bytes(connection: Any) -> None:
    """What PostgreSQL wrote as JSON goes on as the bytes it came in."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def _keep(_: Any) -> None:
    """In place of asyncpg's reset query, which would cost a round trip and the binding."""
