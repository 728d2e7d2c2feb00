"""What the database's own catalogue says: policies, keys, rights, and that migrations and entities agree."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from sqlalchemy.ext.asyncio import create_async_engine

from domain.entities import Base
from migrations import runner
from migrations.revision import head
from storage.queue import queries
from storage.settings import Settings

TABLES = sorted(Base.metadata.tables)
# Policies under which a role that can do nothing else sees all tenants.
SEEING_ALL = {
    "tenants": {("directory", "SELECT", "dengbao_directory")},
    "reply_letters": {("directory", "SELECT", "dengbao_directory")},
    "rectification_orders": {("directory", "SELECT", "dengbao_directory")},
    "papers": {("directory", "SELECT", "dengbao_directory")},
    "search_entries": {("search", "SELECT", "dengbao_search")},
}
# What such a role reads of other tables: just what tells a genuine paper.
BY_COLUMN = {
    "dengbao_directory": {
        (table, column)
        for table in ("reply_letters", "rectification_orders", "papers")
        for column in ("tenant_id", "number", "verification_code", "state")
    }
    - {("papers", "state")}
}
# Columns that lead an index instead of the tenant; a search term is a hash of its tenant.
LEADING = {"tenants": {"id", "slug", "is_default"}, "search_entries": {"tenant_id", "terms"}}
# Seen by what a sub-select works out once a statement, written by the same worked out for the row.
SEEN = "(tenant_id = ( SELECT (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid AS \"nullif\"))"
TENANT = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"


@pytest.fixture(scope="module")
async def catalogue(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(settings.migration_database_url)
    yield connection
    await connection.close()


# The queue's own tables: they belong to no tenant, and hold keys only (docs/ARCHITECTURE.md, Background work).
QUEUE = ["jobs.log", "jobs.queue", "jobs.schedules", "jobs.statistics"]


async def test_every_table_is_an_entity_or_the_queues(catalogue: asyncpg.Connection) -> None:
    found = await catalogue.fetch(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    ours = [f"public.{table}" for table in (*TABLES, "alembic_version")]
    assert sorted(f"{row['schemaname']}.{row['tablename']}" for row in found) == sorted([*ours, *QUEUE])


async def test_the_queues_tables_are_those_that_the_library_declares(settings: Settings) -> None:
    """A later release of the library that wants another schema needs a migration of ours."""
    connection = await asyncpg.connect(settings.migration_database_url)
    try:
        plan = await queries(AsyncpgDriver(connection)).plan_upgrade()
    finally:
        await connection.close()
    assert (plan.statements, plan.notes) == ((), ())


@pytest.mark.parametrize("table", TABLES)
async def test_row_level_security_is_forced_and_compares_the_tenant(catalogue: asyncpg.Connection, table: str) -> None:
    row = await catalogue.fetchrow(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = $1::text::regclass", table
    )
    assert tuple(row) == (True, True)
    policies = await catalogue.fetch("SELECT * FROM pg_policies WHERE tablename = $1 ORDER BY policyname", table)
    seen, written = (each.replace("tenant_id", "id") if table == "tenants" else each for each in (SEEN, TENANT))
    (tenant,) = [policy for policy in policies if policy["policyname"] == "tenant"]
    assert (tenant["qual"], tenant["with_check"], tenant["cmd"], tenant["permissive"]) == (
        seen,
        written,
        "ALL",
        "PERMISSIVE",
    )
    others = {(policy["policyname"], policy["cmd"], *policy["roles"]) for policy in policies} - {
        ("tenant", "ALL", "public")
    }
    assert others == SEEING_ALL.get(table, set())


@pytest.mark.parametrize("table", TABLES)
async def test_every_key_starts_with_the_tenant(catalogue: asyncpg.Connection, table: str) -> None:
    keys = await catalogue.fetch(
        """
        SELECT c.relname, a.attname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = $1::text::regclass
        """,
        table,
    )
    allowed = LEADING.get(table, {"tenant_id"})
    assert {row["attname"] for row in keys} <= allowed
    foreign = await catalogue.fetch(
        """
        SELECT conname, (SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = conkey[1]) AS first
        FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype = 'f'
        """,
        table,
    )
    assert {row["first"] for row in foreign} <= {"tenant_id"}


async def test_the_applications_role_owns_nothing_and_passes_nothing(catalogue: asyncpg.Connection) -> None:
    role = await catalogue.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'dengbao_app'"
    )
    assert tuple(role) == (False,) * 4
    assert not await catalogue.fetchval("SELECT count(*) FROM pg_class WHERE relowner = 'dengbao_app'::regrole")
    member = "SELECT count(*) FROM pg_auth_members WHERE member = 'dengbao_app'::regrole"
    assert not await catalogue.fetchval(member)
    owner = await catalogue.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = 'dengbao'")
    assert tuple(owner) == (False, False)


async def test_what_is_a_record_is_never_changed_or_deleted(catalogue: asyncpg.Connection) -> None:
    rights = await catalogue.fetch(
        """
        SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name AS table_name,
          privilege_type FROM information_schema.role_table_grants WHERE grantee = 'dengbao_app'
        """
    )
    given: dict[str, set[str]] = {}
    for row in rights:
        given.setdefault(row["table_name"], set()).add(row["privilege_type"])
    assert given["audit_events"] == {"SELECT", "INSERT"}
    assert given["filing_transitions"] == {"SELECT", "INSERT"}
    assert given["filing_submissions"] == {"SELECT", "INSERT"}
    assert given["papers"] == {"SELECT", "INSERT"}
    assert given["letter_templates"] == {"SELECT", "INSERT"}
    assert given["inquiry_messages"] == {"SELECT", "INSERT"}
    assert given["rectification_plan_transitions"] == {"SELECT", "INSERT"}
    assert given["alembic_version"] == {"SELECT"}
    deletable = {table for table, rights in given.items() if "DELETE" in rights}
    ended = {"jobs.queue", "jobs.log", "jobs.schedules"}
    # An import that starts anew forgets what its former attempt had found.
    ended.add("import_problems")
    # Proposed inspections give way to the next proposal; a department may leave a campaign.
    ended |= {"inspections", "inspection_batches", "campaign_partners"}
    # What an assessment or a plan lists is saved as a whole, until it is handed in.
    ended |= {"risk_findings", "rectification_measures"}
    assert deletable == {"calendar_days", "sign_in_attempts", "policy_rules", "idempotency_keys", *ended}
    assert not any({"TRUNCATE", "REFERENCES", "TRIGGER"} & rights for rights in given.values())


async def test_no_view_or_function_passes_round_the_policies(catalogue: asyncpg.Connection) -> None:
    assert not await catalogue.fetchval(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') "
        "AND relnamespace = ANY ('{public,jobs}'::regnamespace[])"
    )
    definers = await catalogue.fetch(
        """
        SELECT proname, pg_get_userbyid(proowner) AS owner, proconfig FROM pg_proc
        WHERE prosecdef AND pronamespace = ANY ('{public,jobs}'::regnamespace[]) ORDER BY proname
        """
    )
    assert [(row["proname"], row["owner"]) for row in definers] == [
        ("list_tenants", "dengbao_directory"),
        ("resolve_tenant", "dengbao_directory"),
        ("search_ids", "dengbao_search"),
        ("verify_letter", "dengbao_directory"),
    ]
    assert all("search_path=pg_catalog, pg_temp" in row["proconfig"] for row in definers)


@pytest.mark.parametrize("role", ["dengbao_directory", "dengbao_search"])
async def test_a_role_that_sees_all_tenants_can_read_one_table_and_a_few_columns(
    catalogue: asyncpg.Connection, role: str
) -> None:
    rights = await catalogue.fetch(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = $1", role
    )
    seen = next(table for table, policies in SEEING_ALL.items() if any(role in policy for policy in policies))
    assert [tuple(row) for row in rights] == [(seen, "SELECT")]
    columns = await catalogue.fetch(
        "SELECT DISTINCT table_name, column_name FROM information_schema.column_privileges "
        "WHERE grantee = $1 AND table_name <> $2",
        role,
        seen,
    )
    assert {tuple(row) for row in columns} == BY_COLUMN.get(role, set())
    kind = await catalogue.fetchrow(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = $1", role
    )
    assert tuple(kind) == (False,) * 5
    members = "SELECT count(*) FROM pg_auth_members WHERE roleid = $1::regrole AND (inherit_option OR set_option)"
    assert not await catalogue.fetchval(members, role)
    assert not await catalogue.fetchval("SELECT has_schema_privilege($1, 'public', 'CREATE')", role)


async def test_current_setting_is_nowhere_wrapped_as_immutable(catalogue: asyncpg.Connection) -> None:
    found = await catalogue.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND provolatile = 'i'"
    )
    assert found == []


COLUMNS = """
    SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
      || ' ' || a.attidentity::text AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
CONSTRAINTS = """
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) AS line
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
INDEXES = "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public'"


async def test_up_down_up_and_no_drift(settings: Settings) -> None:
    """A second database: migrated up, down and up again, it is the one that the entities describe."""
    assert settings.database_url
    assert settings.migration_database_url
    base = settings.migration_database_url.rpartition("/")[0]
    made = await asyncpg.connect(await superuser(settings))
    try:
        for name in ("drift_migrated", "drift_declared"):
            await made.execute(f"CREATE DATABASE {name} OWNER dengbao TEMPLATE template0")
    finally:
        await made.close()
    migrated, declared = f"{base}/drift_migrated", f"{base}/drift_declared"
    await runner.upgrade(migrated)
    await runner.downgrade(migrated, "base")
    assert await _lines(migrated, COLUMNS) == ["alembic_version.version_num character varying(32) true "]
    await runner.upgrade(migrated)
    assert await runner.current_and_head(migrated) == (head(), head())
    engine = create_async_engine(declared.replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    for query in (COLUMNS, CONSTRAINTS, INDEXES):
        found = [line for line in await _lines(migrated, query) if "alembic_version" not in line]
        assert found == await _lines(declared, query)


async def test_the_head_known_without_alembic_is_alembics(settings: Settings) -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory.from_config(runner.config()).get_heads() == [head()]


async def _lines(url: str, query: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return sorted(row["line"] for row in await connection.fetch(query))
    finally:
        await connection.close()


async def superuser(settings: Settings) -> str:
    """The embedded server's own superuser, for making databases."""
    import json
    from urllib.parse import urlsplit

    kept = json.loads(next(settings.data_dir.glob("postgres/server.json")).read_text())
    port = urlsplit(settings.database_url or "").port
    return f"postgresql://postgres:{kept['superuser']}@127.0.0.1:{port}/postgres"
