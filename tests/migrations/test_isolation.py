"""What the database itself shows to a connection: nothing without a tenant, one tenant's rows with it."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from storage.database import Database
from tests.support import Api, demo_cities

COUNT = "SELECT to_json(count(*)) FROM filings"
OWN = "SELECT count(*) AS n FROM filings WHERE tenant_id = $1"


@pytest.fixture(scope="module")
async def cities(api: Api, database: Database) -> dict[str, uuid.UUID]:
    return await demo_cities(database)


async def test_without_a_tenant_there_is_nothing(database: Database, cities: dict[str, uuid.UUID]) -> None:
    nobody = uuid.uuid4()
    assert await database.reads.fetch_json(nobody, COUNT, ()) == b"0"


async def test_a_connection_that_changes_its_tenant_sees_the_new_one_only(
    database: Database, cities: dict[str, uuid.UUID]
) -> None:
    for _ in range(8):  # beyond the point from which PostgreSQL reuses a plan
        for city in cities.values():
            rows = await database.reads.fetch_rows(city, "SELECT DISTINCT tenant_id FROM filings")
            assert [row["tenant_id"] for row in rows] == [city]


async def test_many_at_once_do_not_mix(database: Database, cities: dict[str, uuid.UUID]) -> None:
    async def ask(slug: str) -> bool:
        rows = await database.reads.fetch_rows(cities[slug], "SELECT DISTINCT tenant_id FROM systems")
        return [row["tenant_id"] for row in rows] == [cities[slug]]

    assert all(await asyncio.gather(*(ask(slug) for _ in range(100) for slug in cities)))


async def test_after_an_error_or_a_cancelled_statement_the_tenant_is_forgotten(
    database: Database, cities: dict[str, uuid.UUID]
) -> None:
    first, second = cities.values()
    with pytest.raises(asyncpg.PostgresError):
        await database.reads.fetch_rows(first, "SELECT 1 / 0")
    slow = asyncio.create_task(database.reads.fetch_rows(first, "SELECT pg_sleep(5)"))
    await asyncio.sleep(0.1)
    slow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await slow
    for _ in range(20):
        rows = await database.reads.fetch_rows(second, "SELECT DISTINCT tenant_id FROM filings")
        assert [row["tenant_id"] for row in rows] == [second]


async def test_a_row_cannot_be_written_into_another_city(database: Database, cities: dict[str, uuid.UUID]) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    first, second = cities.values()
    insert = text(
        "INSERT INTO districts (tenant_id, id, created_at, name, division_code) VALUES (:t, :i, now(), 'x', '999999')"
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.transaction(first) as session:
            await session.execute(insert, {"t": second, "i": uuid.uuid4()})


async def test_a_row_cannot_point_into_another_city(database: Database, cities: dict[str, uuid.UUID]) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import IntegrityError

    first, second = cities.values()
    rows = await database.reads.fetch_rows(second, "SELECT id FROM organisations LIMIT 1")
    change = text("UPDATE systems SET unit_id = :u WHERE id = (SELECT id FROM systems LIMIT 1)")
    for target in (rows[0]["id"], uuid.uuid4()):  # one that is, elsewhere, and one that is nowhere: the same error
        with pytest.raises(IntegrityError, match="fk_systems_tenant_id_unit_id"):
            async with database.transaction(first) as session:
                await session.execute(change, {"u": target})


async def test_an_issued_reply_is_never_changed(database: Database, cities: dict[str, uuid.UUID]) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError, match="never changed"):
        async with database.transaction(next(iter(cities.values()))) as session:
            await session.execute(text("UPDATE reply_letters SET body = 'x' WHERE state = 'ISSUED'"))
