"""Behind a pgbouncer in transaction mode: cities that share a server connection never see each other's rows."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import Database
from storage.embedded.processes import Owner
from storage.settings import Settings, SetupError
from tests.support import Api, demo_cities, reachable, serving

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed: apt-get install pgbouncer")

# One server connection for everybody; no startup parameter is let through but those that pgbouncer knows.
CONFIGURATION = """
[databases]
dengbao = host=127.0.0.1 port={server} dbname=dengbao
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 1
max_client_conn = 100
query_wait_timeout = 30
logfile = {folder}/log
"""
TENANTS = "SELECT DISTINCT tenant_id, pg_backend_pid() AS server FROM filings"


@pytest.fixture(scope="module")
async def pooled(settings: Settings, api: Api, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Settings that name a running pgbouncer."""
    assert PROGRAM
    assert settings.database_url
    direct = urlsplit(settings.database_url)
    folder = reachable(tmp_path_factory.mktemp("pgbouncer"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "users").write_text(f'"{direct.username}" "{direct.password}"\n')
    (folder / "ini").write_text(CONFIGURATION.format(server=direct.port, port=port, folder=folder))
    owner = Owner.unprivileged()
    for path in (folder, folder / "users", folder / "ini"):
        owner.own(path)
    process = await asyncio.create_subprocess_exec(
        PROGRAM, folder / "ini", stderr=asyncio.subprocess.DEVNULL, **owner.options
    )
    try:
        await _answers(port, folder)
        url = settings.database_url.replace(f":{direct.port}/", f":{port}/")
        yield settings.model_copy(
            update={
                "database_url": url,
                "database_direct_url": settings.database_url,
                "database_pooling": "transaction",
                "work": False,
            }
        )
    finally:
        process.terminate()
        await process.wait()


async def _answers(port: int, folder: Path) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        await asyncio.sleep(0.05)
    raise AssertionError((folder / "log").read_text())


@pytest.fixture(scope="module")
async def door(pooled: Settings) -> AsyncIterator[Database]:
    opened = await Database.open(pooled)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
async def cities(door: Database) -> list[uuid.UUID]:
    return list((await demo_cities(door)).values())


async def test_cities_take_turns_on_one_server_connection(door: Database, cities: list[uuid.UUID]) -> None:
    async def ask(city: uuid.UUID) -> int:
        (row,) = await door.reads.fetch_rows(city, TENANTS)
        assert row["tenant_id"] == city
        return int(row["server"])

    servers = await asyncio.gather(*(ask(city) for _ in range(40) for city in cities))
    assert len(cities) > 1
    assert len(set(servers)) == 1


async def test_nothing_stays_on_the_server_connection(
    pooled: Settings, door: Database, cities: list[uuid.UUID]
) -> None:
    await door.reads.fetch_rows(cities[0], TENANTS)
    async with door.transaction(cities[0]) as session:
        await session.execute(text("SELECT 1"))
    other = await asyncpg.connect(pooled.database_url, statement_cache_size=0)
    try:
        async with other.transaction():
            left = await other.fetchrow(
                "SELECT current_setting('app.tenant', true) AS tenant, current_setting('statement_timeout') AS most, "
                "(SELECT count(*) FROM filings) AS filings, (SELECT count(*) FROM pg_prepared_statements) AS prepared"
            )
        assert tuple(left) in {("", "0", 0, 0), (None, "0", 0, 0)}
    finally:
        await other.close()


async def test_within_a_transaction_all_is_as_with_a_session(door: Database, cities: list[uuid.UUID]) -> None:
    settings = text(
        "SELECT current_user, current_setting('TimeZone'), current_setting('statement_timeout'), current_setting('jit')"
    )
    expected = ("dengbao_app", "Asia/Shanghai", "15s", "off")
    async with door.transaction(cities[0]) as session:
        assert tuple((await session.execute(settings)).one()) == expected
    (row,) = await door.reads.fetch_rows(cities[0], str(settings))
    assert tuple(row) == expected


async def test_writes_of_two_cities_interleaved(door: Database, cities: list[uuid.UUID]) -> None:
    async def write(city: uuid.UUID, other: uuid.UUID) -> None:
        async with door.transaction(city) as session:
            await session.execute(text("UPDATE systems SET version = version + 0"))
            rows = await session.execute(text("SELECT DISTINCT tenant_id FROM systems"))
            assert rows.scalars().all() == [city]
        insert = text(
            "INSERT INTO districts (tenant_id, id, created_at, name, division_code) "
            "VALUES (:tenant, :id, now(), 'x', '999999')"
        )
        with pytest.raises(DBAPIError, match="row-level security"):
            async with door.transaction(city) as session:
                await session.execute(insert, {"tenant": other, "id": uuid.uuid4()})

    first, second = cities[:2]
    await asyncio.gather(*(write(*pair) for _ in range(8) for pair in ((first, second), (second, first))))


async def test_after_errors_and_cancellations_the_connection_serves_the_next_city(
    door: Database, cities: list[uuid.UUID]
) -> None:
    chance = random.Random(5)  # noqa: S311 - when to cancel

    async def ask(city: uuid.UUID) -> None:
        kind = chance.randrange(4)
        if kind == 0:
            with pytest.raises(asyncpg.DivisionByZeroError):
                await door.reads.fetch_rows(city, "SELECT 1 / 0")
        elif kind == 1:
            asked = asyncio.create_task(door.reads.fetch_rows(city, "SELECT pg_sleep(5)"))
            await asyncio.sleep(chance.random() / 50)
            asked.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asked
        rows = await door.reads.fetch_rows(city, TENANTS)
        assert [row["tenant_id"] for row in rows] == [city]

    await asyncio.gather(*(ask(chance.choice(cities)) for _ in range(60)))


DOCUMENTS = (
    "{viewer{user{displayName} tenant{id}}}",
    "{filings(first:50){totalCount nodes{id state system{name} unit{name} documents{id}}}}",
    '{systems(first:30,filter:{text:"系统"},orderBy:[{field:CREATED_AT}]){totalCount edges{cursor node{id name}}}}',
    "{organisations(last:20){pageInfo{hasPreviousPage startCursor} nodes{id name}}}",
)
PEOPLE = ("city.officer", "district.officer", "unit.filer", "expert", "assessor")


async def test_the_server_answers_as_it_does_with_sessions(pooled: Settings, api: Api) -> None:
    people = [person + city for person in PEOPLE for city in ("", "@tianjin")]
    async with serving(pooled) as url, httpx.AsyncClient(timeout=60, trust_env=False) as client:
        behind = Api(client, url)
        for person in people:
            await behind.token(person)

        async def same(person: str, document: str) -> None:
            assert await behind.ask(person, document) == await api.ask(person, document)

        await asyncio.gather(*(same(person, document) for document in DOCUMENTS for person in people))


async def test_a_pooler_without_a_direct_way_is_refused(pooled: Settings) -> None:
    with pytest.raises(SetupError, match="DENGBAO_DATABASE_DIRECT_URL"):
        await Database.open(pooled.model_copy(update={"database_direct_url": None}))
