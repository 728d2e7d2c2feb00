"""A pooled connection serves one city after another: whatever happened to it, it shows the rows of the one at hand."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from domain.entities import Base
from storage.database import Database
from storage.settings import Settings
from tests.migrations.test_catalogue import superuser
from tests.support import Api, demo_cities

TENANTS = "SELECT DISTINCT tenant_id FROM filings"
OURS = "SELECT pid FROM pg_stat_activity WHERE usename = 'dengbao_app' AND query LIKE '%pg_sleep%' AND state = 'active'"


@pytest.fixture(scope="module")
async def narrow(settings: Settings, api: Api) -> AsyncIterator[Database]:
    """A door with two connections, which all cities share."""
    opened = await Database.open(settings.model_copy(update={"database_pool_size": 2}))
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def cities(narrow: Database) -> list[uuid.UUID]:
    return list((await demo_cities(narrow)).values())


@pytest.fixture(scope="module")
async def server(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(await superuser(settings))
    yield connection
    await connection.close()


async def shows(door: Database, city: uuid.UUID) -> set[uuid.UUID]:
    """Whose rows are seen by a few statements as ``city``, on whichever connections are free."""
    rows = await asyncio.gather(*(door.reads.fetch_rows(city, TENANTS) for _ in range(4)))
    return {row["tenant_id"] for each in rows for row in each}


async def test_a_connection_fresh_from_the_pool_sees_nothing(settings: Settings, api: Api) -> None:
    opened = await Database.open(settings.model_copy(update={"database_pool_size": 1}))
    try:
        for name, table in Base.metadata.tables.items():
            if "tenant_id" in table.c or name == "tenants":
                (row,) = await opened.reads.fetch_rows(uuid.UUID(int=0), f"SELECT count(*) AS n FROM {name}")  # noqa: S608
                assert row["n"] == 0, name
    finally:
        await opened.close()


async def test_after_a_city_nobody_sees_its_rows(narrow: Database, cities: list[uuid.UUID]) -> None:
    await shows(narrow, cities[0])
    for _ in range(4):
        assert await narrow._ask(TENANTS) == []


@pytest.mark.parametrize("ending", ["pg_cancel_backend", "pg_terminate_backend"])
async def test_a_statement_ended_by_the_server_leaves_nothing(
    narrow: Database, cities: list[uuid.UUID], server: asyncpg.Connection, ending: str
) -> None:
    slow = asyncio.create_task(narrow.reads.fetch_rows(cities[0], "SELECT pg_sleep(10)"))
    for _ in range(100):
        if pid := await server.fetchval(OURS):
            break
        await asyncio.sleep(0.02)
    await server.fetchval(f"SELECT {ending}($1)", pid)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
        await slow
    for city in [*cities, *cities]:
        assert await shows(narrow, city) == {city}


async def test_a_request_cancelled_at_any_moment_leaves_nothing(narrow: Database, cities: list[uuid.UUID]) -> None:
    chance = random.Random(3)  # noqa: S311 - when to cancel
    for _ in range(60):
        first, second = chance.sample(cities, 2)
        asked = asyncio.create_task(narrow.reads.fetch_rows(first, TENANTS))
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.choice((0, 0, 0.0003, 0.001)))
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        assert await shows(narrow, second) == {second}


async def test_a_mixed_load_with_cancellations_never_shows_another_city(
    narrow: Database, cities: list[uuid.UUID]
) -> None:
    chance = random.Random(4)  # noqa: S311 - who asks, and who stops
    seen = 0

    async def ask(city: uuid.UUID) -> None:
        nonlocal seen
        if chance.random() < 0.3:
            stopped = asyncio.create_task(
                narrow.reads.fetch_rows(city, "SELECT tenant_id, pg_sleep(0.01) FROM filings")
            )
            await asyncio.sleep(chance.random() / 100)
            stopped.cancel()
            await asyncio.gather(stopped, return_exceptions=True)
        elif chance.random() < 0.2:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await narrow.reads.fetch_rows(city, "SELECT 1 / 0")
        rows = await narrow.reads.fetch_rows(city, "SELECT tenant_id FROM systems")
        assert {row["tenant_id"] for row in rows} == {city}
        async with narrow.transaction(city) as session:
            found = await session.scalars(Base.metadata.tables["systems"].select())
            assert set(found.all()) == {city}
        seen += 1

    await asyncio.gather(*(ask(chance.choice(cities)) for _ in range(120)))
    assert seen == 120


async def test_a_statement_prepared_once_follows_its_tenant(narrow: Database, cities: list[uuid.UUID]) -> None:
    for turn in range(16):  # eight for each: beyond the point from which PostgreSQL keeps one plan for any values
        city = cities[turn % 2]
        assert await shows(narrow, city) == {city}


# --- what the server itself must not tell (leaks.md 38, 40, 42) ---


async def test_server_version_floor(narrow: Database) -> None:
    facts = await narrow.facts()
    assert facts["number"] >= 180000


async def test_app_role_no_pg_stats_rows(narrow: Database, cities: list[uuid.UUID]) -> None:
    for view in ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs"):
        sql = f"SELECT count(*) AS n FROM {view} WHERE schemaname = 'public' AND tablename <> 'alembic_version'"  # noqa: S608
        (row,) = await narrow.reads.fetch_rows(cities[0], sql)
        assert row["n"] == 0, view


async def test_partitions_no_grant_or_own_policy(narrow: Database) -> None:
    kinds = "SELECT count(*) AS n FROM pg_class WHERE (relkind = 'p' OR relispartition) AND relnamespace > 16000"
    (row,) = await narrow._ask(kinds)
    assert row["n"] == 0


async def test_the_search_function_takes_its_tenant_from_the_session(narrow: Database, cities: list[uuid.UUID]) -> None:
    found = {}
    # A whole name: of a text that many have, the function says nothing.
    oldest = "(SELECT name FROM systems WHERE name LIKE '%平台%' ORDER BY created_at, id LIMIT 1)"
    for city in cities:
        (row,) = await narrow.reads.fetch_rows(city, f"SELECT search_ids('systems', {oldest}) AS ids")
        found[city] = set(row["ids"])
        like = f"SELECT array_agg(id) AS ids FROM systems WHERE name LIKE '%' || {oldest} || '%'"  # noqa: S608 - our own
        (mine,) = await narrow.reads.fetch_rows(city, like)
        assert found[city] == set(mine["ids"])
    assert not set.intersection(*found.values())
    ((nothing,),) = await narrow._ask("SELECT search_ids('systems', '平台')")
    assert nothing == []
