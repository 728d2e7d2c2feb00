"""Cities as the operator handles them: suspended and resumed, limited, moved to another deployment, erased."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import tarfile
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Text, cast, func, select, update

from api import operator
from api.execution.tenancies import Tenancies
from api.http.errors import RequestError
from api.tenants import standing
from api.tenants.erasing import erase_tenant
from api.tenants.export import export_tenant
from api.tenants.objects import TenantObjects
from api.tenants.restore import import_tenant
from api.tenants.tables import kept, tables
from domain.access import Duty, Role
from domain.audit.checkpoints import keep_checkpoint, kept_checkpoints
from domain.audit.sealing import seal_events
from domain.audit.verification import verify_trail
from domain.errors import ErrorCode
from domain.people.entities import User
from domain.tenants.entities import Tenant, TenantState
from domain.tenants.limits import room_for_user
from migrations import runner
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey
from storage.settings import Settings, SetupError
from tests.migrations.test_catalogue import superuser
from tests.support import SIGN_IN, Api

OFFICE = {"role": Role.CITY_OFFICE, "duties": frozenset({Duty.ADMIN})}
# Numbers of this server, which mean nothing elsewhere.
RENUMBERED = {("audit_events", "transaction"), ("audit_seals", "through"), ("tenants", "is_default")}


class City:
    """A city without people but its administrator, who is signed in."""

    def __init__(self, slug: str, tenant: uuid.UUID, token: str, password: str) -> None:
        self.slug, self.tenant, self.token, self.password = slug, tenant, token, password


async def new_city(api: Api, database: Database) -> City:
    slug = f"t{uuid.uuid4().hex[:10]}"
    tenant = await operator.create_tenant(database, slug, "试验市", "110000", default=False)
    made = await operator.create_user(database, tenant, "admin", "管理员", **OFFICE)  # type: ignore[arg-type]
    async with database.transaction(tenant) as session:
        await session.execute(update(User).values(must_change_password=False).where(User.tenant_id == tenant))
    signed = await sign_in(api, slug, made.password)
    return City(slug, tenant, signed["data"]["signIn"]["accessToken"], made.password)


@pytest.fixture
async def city(api: Api, database: Database) -> City:
    return await new_city(api, database)


async def sign_in(api: Api, slug: str, password: str) -> dict[str, Any]:
    answer: dict[str, Any] = (await api.post(SIGN_IN, i={"username": f"admin@{slug}", "password": password})).json()
    return answer


async def codes(api: Api, token: str) -> list[str]:
    answer = (await api.post("{viewer{user{id}}}", token)).json()
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


async def eventually(api: Api, token: str, expected: list[str]) -> None:
    """Notices take a moment to come."""
    for _ in range(100):
        if await codes(api, token) == expected:
            return
    assert await codes(api, token) == expected


async def test_a_suspended_city_is_refused_at_once_and_served_again_when_resumed(
    api: Api, database: Database, city: City
) -> None:
    assert await codes(api, city.token) == []
    await standing.suspend(database, city.tenant)
    await eventually(api, city.token, ["FORBIDDEN"])
    refused = await sign_in(api, city.slug, city.password)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    with pytest.raises(SetupError, match="SUSPENDED"):
        await standing.suspend(database, city.tenant)
    await standing.resume(database, city.tenant)
    await eventually(api, city.token, [])


async def test_others_are_served_while_a_city_is_suspended(api: Api, database: Database, city: City) -> None:
    await standing.suspend(database, city.tenant)
    assert await codes(api, await api.token("city.officer")) == []


async def test_a_city_has_no_more_accounts_than_its_limit(api: Api, database: Database, city: City) -> None:
    await standing.limit(database, city.tenant, standing.Limits(users=2))
    await operator.create_user(database, city.tenant, "second", "二", **OFFICE)  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="limit of 2 accounts"):
        await operator.create_user(database, city.tenant, "third", "三", **OFFICE)  # type: ignore[arg-type]
    async with database.transaction(city.tenant) as session:
        assert [problem.code for problem in await room_for_user(session, city.tenant)] == [ErrorCode.CONFLICT]


async def test_a_city_stores_no_more_than_its_limit(api: Api, database: Database, city: City) -> None:
    await standing.limit(database, city.tenant, standing.Limits(storage_bytes=1 << 20))
    document = "mutation($i:RequestUploadInput!){requestUpload(input:$i){upload{id} userErrors{code field}}}"
    given = {"filename": "a.pdf", "sha256": "0" * 64, "purpose": "OTHER"}
    asked = [await api.post(document, city.token, i={**given, "size": size}) for size in (800_000, 800_000, 100_000)]
    problems = [answer.json()["data"]["requestUpload"]["userErrors"] for answer in asked]
    assert problems == [[], [{"code": "UPLOAD_REJECTED", "field": "size"}], []]


async def test_a_city_asks_no_more_than_its_limit(database: Database, city: City) -> None:
    await standing.limit(database, city.tenant, standing.Limits(requests_per_minute=3))
    tenancies = Tenancies(database.reads.fetch_rows, lambda: True)
    for _ in range(3):
        await tenancies.admit(city.tenant)
    with pytest.raises(RequestError, match="RATE_LIMITED"):
        await tenancies.admit(city.tenant)


# --- to another deployment ---


@pytest.fixture(scope="module")
async def elsewhere(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Another deployment: a database, a bucket and keys of its own."""
    made = await asyncpg.connect(await superuser(settings))
    await made.execute("CREATE DATABASE elsewhere OWNER dengbao TEMPLATE template0")
    await made.close()
    urls = {
        name: (getattr(settings, name) or "").rpartition("/")[0] + "/elsewhere"
        for name in ("database_url", "migration_database_url")
    }
    more = {"s3_bucket": "elsewhere", "data_dir": tmp_path_factory.mktemp("elsewhere")}
    other = settings.model_copy(update=urls | more)
    await runner.upgrade(urls["migration_database_url"])
    await ObjectStore(other).ensure_bucket()
    return other


async def rows_of(database: Database, tenant: uuid.UUID) -> dict[str, list[str]]:
    """Every row of a tenant as JSON, but for what is numbered by each server."""
    found: dict[str, list[str]] = {}
    async with database.snapshot(tenant) as session:
        for table, _ in tables():
            columns = [column for column in kept(table) if (table.name, column.name) not in RENUMBERED]
            own = table.c.id if table.name == "tenants" else table.c.tenant_id
            rows = select(*columns).where(own == tenant).subquery("kept")
            lines = await session.scalars(select(cast(func.row_to_json(rows.table_valued()), Text)))
            found[table.name] = sorted(lines)
    return found


async def objects_of(settings: Settings, tenant: uuid.UUID) -> dict[str, Any]:
    objects, found = TenantObjects(settings, str(tenant)), {}
    async for each in objects.all():
        content = objects.open(each.key)
        found[each.key] = (hashlib.sha256(content.read()).hexdigest(), each.media_type, each.locked_until)
        content.close()
    return found


async def test_a_city_is_restored_elsewhere_with_every_row_and_file(
    api: Api, database: Database, settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    """The demo's second city, with all that the demo has of every subject."""
    await api.token("city.officer@tianjin")
    tenant = await database.directory.resolve_tenant("tianjin")
    assert tenant
    store, key = ObjectStore(settings), AuditKey(settings)
    async with database.transaction(tenant) as session:
        await seal_events(session, tenant, dt.datetime.now(dt.UTC))
        await keep_checkpoint(session, tenant, store, key, dt.datetime.now(dt.UTC))
    path = tmp_path / "tianjin.tar.gz"
    counted = await export_tenant(database, settings, tenant, path, str)
    assert path.stat().st_mode & 0o777 == 0o600

    other = await Database.open(elsewhere)
    try:
        restored, there = await import_tenant(other, elsewhere, path, None, str)
        assert (restored, there) == (tenant, counted)
        assert await rows_of(other, tenant) == await rows_of(database, tenant)
        assert await objects_of(elsewhere, tenant) == await objects_of(settings, tenant)
        # Its trail still holds, and goes on.
        checkpoints = await kept_checkpoints(tenant, ObjectStore(elsewhere))
        async with other.snapshot(tenant) as session:
            verdict = await verify_trail(session, tenant, checkpoints, key.public_key)
        assert (verdict.wrong, verdict.checkpoints) == ([], 1)
        assert verdict.events > 0
        await operator.create_user(other, tenant, "newcomer", "新人", **OFFICE)  # type: ignore[arg-type]
        # What is found by text is found there.
        found = "SELECT cardinality(search_ids('systems', $1)) AS n"
        (here,) = await database.reads.fetch_rows(tenant, found, ("平台",))
        (moved,) = await other.reads.fetch_rows(tenant, found, ("平台",))
        assert here["n"] == moved["n"]
        with pytest.raises(SetupError, match="already"):
            await import_tenant(other, elsewhere, path, None, str)
    finally:
        await other.close()


@pytest.mark.parametrize("harm", ["changed", "cut", "nothing of ours"])
async def test_an_archive_that_is_not_whole_is_refused_before_anything_is_written(
    api: Api, database: Database, settings: Settings, elsewhere: Settings, tmp_path: Path, city: City, harm: str
) -> None:
    path = tmp_path / "city.tar.gz"
    await export_tenant(database, settings, city.tenant, path, str)
    if harm == "changed":
        with tarfile.open(path) as tar:
            parts = [(member, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
        with tarfile.open(path, "w:gz") as tar:
            for member, content in parts:
                tar.addfile(member, io.BytesIO(content.replace("试验市".encode(), "别的市".encode())))
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    else:
        path.write_text(json.dumps({"format": "dengbao tenant 1"}))
    other = await Database.open(elsewhere)
    try:
        with pytest.raises(SetupError):
            await import_tenant(other, elsewhere, path, None, str)
        assert city.slug not in {row["slug"] for row in await other.directory.list_tenants()}
    finally:
        await other.close()


# --- its end ---


async def test_a_city_is_erased_after_its_grace_and_what_is_locked_stays(
    api: Api, database: Database, settings: Settings, city: City
) -> None:
    store = ObjectStore(settings)
    await store.put(f"{city.tenant}/loose", b"x", "text/plain")
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=400)
    await store.put(f"{city.tenant}/locked", b"y", "text/plain", until=until)
    with pytest.raises(SetupError, match="comes first"):
        await erase_tenant(database, settings, city.tenant)
    await standing.delete(database, city.tenant)
    await eventually(api, city.token, ["FORBIDDEN"])
    with pytest.raises(SetupError, match="can be erased from"):
        await erase_tenant(database, settings, city.tenant)
    async with database.transaction(city.tenant) as session:
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        await session.execute(update(Tenant).where(Tenant.id == city.tenant).values(erase_after=past))
    before = {row["id"]: await rows_of(database, row["id"]) for row in await database.directory.list_tenants()}
    erased = await erase_tenant(database, settings, city.tenant)
    assert erased.rows > 0
    after = await rows_of(database, city.tenant)
    assert {name for name, rows in after.items() if rows} == {"tenants"}
    others = before.keys() - {city.tenant}
    assert {other: await rows_of(database, other) for other in others} == {other: before[other] for other in others}
    names = {key.removeprefix(f"{city.tenant}/") for key in await store.keys(f"{city.tenant}/")}
    assert "loose" not in names
    assert {"locked", "audit/final/events.jsonl"} <= names
    assert city.slug not in {row["slug"] for row in await database.directory.list_tenants()}
    (listed,) = [row for row in await database.directory.list_tenants(erased=True) if row["slug"] == city.slug]
    assert listed["state"] == TenantState.ERASED


async def test_a_deletion_can_be_taken_back_within_its_grace(api: Api, database: Database, city: City) -> None:
    await standing.delete(database, city.tenant)
    await standing.resume(database, city.tenant)
    await eventually(api, city.token, [])
