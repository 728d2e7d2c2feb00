"""Ways in which databases under systems like ours have leaked from tenant to tenant; each test names its row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from api.http.documents import Documents
from api.reads.compiler import Compiler
from api.reads.plans import Trace
from api.schema.build import schema
from domain.access import Role
from storage.database import Database
from storage.settings import Settings
from tests.support import Api, demo_cities

FOLDED = "SELECT count(*) FROM pg_proc WHERE provolatile = 'i' AND pronamespace = 'public'::regnamespace"
VIEWS = (
    "SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = ANY ('{public,jobs}'::regnamespace[])"
)
PARTITIONS = (
    "SELECT count(*) FROM pg_class WHERE relispartition AND relnamespace = ANY ('{public,jobs}'::regnamespace[])"
)


@pytest.fixture(scope="module")
async def application(api: Api, settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the application's role, with a demo in the database."""
    connection = await asyncpg.connect(settings.database_url)
    await connection.execute("SET ROLE dengbao_app")
    yield connection
    await connection.close()


async def test_pool_reacquire_sees_empty_tenant(api: Api, database: Database) -> None:
    """Row 37: a session's setting survives in the pool, also after a cancelled statement."""
    tenant = next(iter((await demo_cities(database)).values()))
    for _ in range(12):
        assert await database.reads.fetch_rows(tenant, "SELECT id FROM systems LIMIT 1")
        slow = asyncio.create_task(database.reads.fetch_rows(tenant, "SELECT pg_sleep(3)"))
        await asyncio.sleep(0.01)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert await database._ask("SELECT id FROM systems LIMIT 1") == []


async def test_server_version_floor(application: asyncpg.Connection, database: Database) -> None:
    """Row 38: a plan made for one role was reused for another; the servers that did so are refused, no policy asks."""
    assert (await database.facts())["number"] >= 150009
    asking = "SELECT count(*) FROM pg_policies WHERE qual ~* 'current_user|session_user|pg_has_role'"
    assert await application.fetchval(asking) == 0


async def test_policy_functions_not_immutable(application: asyncpg.Connection, database: Database) -> None:
    """Row 39: a wrapped current_setting was folded into a cached plan; ours follows the tenant from call to call."""
    assert await application.fetchval(FOLDED) == 0
    cities = list((await demo_cities(database)).values())
    prepared = await application.prepare("SELECT DISTINCT tenant_id FROM systems")
    for tenant in cities * 8:
        await application.execute("SELECT set_config('app.tenant', $1, false)", str(tenant))
        assert [row["tenant_id"] for row in await prepared.fetch()] == [tenant]


async def test_app_role_no_pg_stats_rows(application: asyncpg.Connection) -> None:
    """Row 40: the planner's statistics hold values of every tenant's rows."""
    seen = "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    assert await application.fetchval(seen) == 0
    assert await application.fetchval("SELECT count(*) FROM pg_stats_ext WHERE schemaname = 'public'") == 0


async def test_catalog_views_security_invoker_and_no_matview_grant(application: asyncpg.Connection) -> None:
    """Row 41: a view runs as its owner; there are none."""
    assert await application.fetchval(VIEWS) == 0


async def test_partitions_no_grant_or_own_policy(application: asyncpg.Connection) -> None:
    """Row 42: a partition can be asked directly, past its parent's policies; there are none."""
    assert await application.fetchval(PARTITIONS) == 0


async def test_all_fks_composite_with_tenant(application: asyncpg.Connection) -> None:
    """Row 43: foreign keys are checked without policies, and so tell whether another tenant's row exists."""
    alone = """
        SELECT conrelid::regclass || '.' || conname FROM pg_constraint c
        WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND confrelid <> 'tenants'::regclass
          AND NOT (cardinality(conkey) > 1 AND (SELECT attname = 'tenant_id' FROM pg_attribute
                   WHERE attrelid = conrelid AND attnum = conkey[1]))
    """
    assert await application.fetch(alone) == []


async def test_all_unique_lead_with_tenant(application: asyncpg.Connection) -> None:
    """Row 44: a uniqueness across tenants tells of another tenant's values; but for which cities there are."""
    across = """
        SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
          AND a.attname <> 'tenant_id' AND c.relname NOT IN ('tenants', 'alembic_version')
    """
    assert await application.fetch(across) == []


async def test_runtime_role_not_owner_super_bypassrls(application: asyncpg.Connection, database: Database) -> None:
    """Row 45: owners and superusers pass row-level security; the application is neither, and it is forced."""
    assert not (await database.facts())["privileged"]
    unforced = """
        SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'alembic_version'
    """
    assert await application.fetch(unforced) == []


HOSTILE = ["'; DROP TABLE filings; --", '" OR 1=1 --', "$1", "%(x)s", "\\'", ":scope_tenant", "');SELECT set_config("]


@pytest.mark.parametrize("given", HOSTILE)
def test_compiler_only_binds(given: str) -> None:
    """Row 46: whoever injects SQL can be any tenant; a client's values never get into the statement's text."""
    written = given.replace("\\", "\\\\").replace('"', '\\"')
    document = (
        f'{{systems(first:3, filter:{{text:"{written}", unitId:"{written}"}}){{nodes{{id}}}} '
        f'node(id:"{written}"){{id}}}}'
    )
    operation = Documents(schema()).prepare(document)
    compiler = Compiler(schema(), operation, Role.CITY_OFFICE, Trace({}))
    query = schema().query_type
    assert query
    plan = compiler.query(query, compiler.selections.collect(query, [operation.operation.selection_set]))
    assert given == "$1" or given not in plan.sql
