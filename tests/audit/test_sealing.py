"""Sealing and verification on a city of its own: what is changed, missing, reordered or cut off is found."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from api import operator
from clients.audit_verifier import verify as verify_offline
from domain.audit.checkpoints import Checkpoint, keep_checkpoint, kept_checkpoints, sign_head
from domain.audit.entities import AuditEvent, AuditSeal
from domain.audit.export import write_trail
from domain.audit.sealing import last_seal, seal_events, unsealed
from domain.audit.verification import Verdict, verify_trail
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey
from storage.settings import Settings
from tests.migrations.test_catalogue import superuser

NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)


class City:
    """A city without anything in it but a trail."""

    def __init__(self, database: Database, tenant: uuid.UUID, settings: Settings) -> None:
        self.database, self.tenant = database, tenant
        self.key = AuditKey(settings)
        self.store = ObjectStore(settings)

    def event(self, name: str) -> AuditEvent:
        return AuditEvent(
            tenant_id=self.tenant,
            created_at=NOW,
            action=name,
            subject_type="Tenant",
            subject_id=self.tenant,
            before={"名称": "旧", "n": 1.5},
            after={"名称": "新"},
        )

    async def write(self, *names: str) -> None:
        """Write events, each transaction's joined by ``+``."""
        for together in names:
            async with self.database.transaction(self.tenant) as session:
                session.add_all(self.event(name) for name in together.split("+"))

    async def seal(self, expected: int, batch: int = 4) -> None:
        """Seal so many events; whatever else the server is at (an ANALYZE, say) may hold some of them back a moment."""
        sealed = 0
        for _ in range(200):
            async with self.database.transaction(self.tenant) as session:
                sealed += await seal_events(session, self.tenant, NOW, batch)
            if sealed >= expected:
                break
            await asyncio.sleep(0.05)
        assert sealed == expected

    async def checkpoint(self) -> Checkpoint:
        async with self.database.transaction(self.tenant) as session:
            made = await keep_checkpoint(session, self.tenant, self.store, self.key, NOW)
        assert made
        return made

    async def verify(self, *more: Checkpoint) -> Verdict:
        checkpoints = [*await kept_checkpoints(self.tenant, self.store), *more]
        async with self.database.snapshot(self.tenant) as session:
            return await verify_trail(session, self.tenant, checkpoints, self.key.public_key)

    async def head(self) -> AuditSeal | None:
        async with self.database.transaction(self.tenant) as session:
            return await last_seal(session, self.tenant)


@pytest.fixture
async def city(url: str, database: Database, settings: Settings) -> City:
    slug = f"t{uuid.uuid4().hex[:10]}"
    return City(database, await operator.create_tenant(database, slug, "试验市", "110000", default=False), settings)


@pytest.fixture(scope="module")
async def intruder(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who has got hold of the database server itself."""
    name = (settings.database_url or "").rpartition("/")[2]
    connection = await asyncpg.connect((await superuser(settings)).rpartition("/")[0] + f"/{name}")
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def test_events_are_sealed_in_order_whole_transactions_at_a_time(city: City) -> None:
    await city.write("a+b+c", "d+e", "f")
    await city.seal(6)
    async with city.database.transaction(city.tenant) as session:
        seals = (
            await session.scalars(
                select(AuditSeal).where(AuditSeal.tenant_id == city.tenant).order_by(AuditSeal.number)
            )
        ).all()
    assert [(seal.number, seal.events, seal.total) for seal in seals] == [(1, 3, 3), (2, 3, 6)]
    assert seals[1].former_root == seals[0].root
    await city.seal(0)
    verdict = await city.verify()
    assert (verdict.wrong, verdict.events, verdict.seals) == ([], 6, 2)


async def test_what_waits_for_its_seal_is_counted(city: City) -> None:
    async def waiting() -> tuple[int, bool]:
        async with city.database.transaction(city.tenant) as session:
            count, oldest = await unsealed(session, city.tenant, await last_seal(session, city.tenant))
        return count, oldest is not None

    await city.write("a+b")
    assert await waiting() == (2, True)
    await city.seal(2)
    assert await waiting() == (0, False)
    await city.write("c")
    assert await waiting() == (1, True)


async def test_an_event_of_a_transaction_that_still_runs_holds_back_those_after_it(city: City) -> None:
    await city.write("before")
    async with city.database.transaction(city.tenant) as running:
        running.add(city.event("slow"))
        await running.flush()
        await city.write("after")
        await city.seal(1)
        await city.seal(0)
    await city.seal(2)
    assert (await city.verify()).holds


async def test_two_sealers_do_not_fork_the_chain(city: City) -> None:
    await city.write(*"abcdefgh")

    async def one() -> int:
        async with city.database.transaction(city.tenant) as session:
            return await seal_events(session, city.tenant, NOW, 2)

    sealed = sum(await asyncio.gather(*(one() for _ in range(4))))
    await city.seal(8 - sealed)
    assert (await city.verify()).holds


async def test_rollbacks_leave_gaps_that_prove_nothing(city: City) -> None:
    await city.write("a")
    async with city.database.transaction(city.tenant) as session:
        session.add(city.event("undone"))
        await session.flush()
        await session.rollback()
    await city.write("b")
    await city.seal(2)
    assert (await city.verify()).holds


TAMPERING = {
    "changed": (
        "UPDATE audit_events SET after = '{\"名称\": \"别的\"}' WHERE tenant_id = $1 AND action = 'c'",
        "was changed",
    ),
    "changed with a digest that fits": (
        "UPDATE audit_events SET address = '10.0.0.1', digest = repeat('ab', 32) WHERE tenant_id = $1 AND action = 'c'",
        "does not give its digest",
    ),
    "missing": ("DELETE FROM audit_events WHERE tenant_id = $1 AND action = 'b'", "some are missing"),
    "added": (
        "INSERT INTO audit_events SELECT (e).* FROM (SELECT jsonb_populate_record(a, jsonb_build_object('id', "
        "gen_random_uuid())) AS e FROM audit_events a WHERE tenant_id = $1 AND action = 'b') f",
        "some are added",
    ),
    "reordered": (
        "UPDATE audit_events a SET transaction = b.transaction FROM audit_events b WHERE a.tenant_id = $1 AND "
        "b.tenant_id = $1 AND (a.action, b.action) IN (('a', 'b'), ('b', 'a'))",
        "in another order",
    ),
    "a seal missing": ("DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 1", "seals are missing"),
    "a seal changed": (
        "UPDATE audit_seals SET created_at = created_at - interval '1 day' WHERE tenant_id = $1 AND number = 2",
        "does not give its root",
    ),
    "the end cut off": (
        "WITH gone AS (DELETE FROM audit_seals WHERE tenant_id = $1 AND number = 2 RETURNING *) "
        "DELETE FROM audit_events WHERE tenant_id = $1 AND action IN ('c', 'd') AND (SELECT count(*) FROM gone) > 0",
        "the end of the trail was cut off",
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
async def test_what_an_intruder_does_to_the_trail_is_found(city: City, intruder: asyncpg.Connection, how: str) -> None:
    await city.write(*"abcd")
    await city.seal(4, batch=2)
    await city.checkpoint()
    assert (await city.verify()).holds
    statement, finding = TAMPERING[how]
    await intruder.execute(statement, city.tenant)
    verdict = await city.verify()
    assert any(finding in each for each in verdict.wrong), verdict.wrong


async def test_a_trail_written_anew_is_told_by_a_checkpoint_kept_elsewhere(
    city: City, intruder: asyncpg.Connection
) -> None:
    await city.write(*"abcd")
    await city.seal(4)
    kept = await city.checkpoint()
    await intruder.execute("DELETE FROM audit_seals WHERE tenant_id = $1", city.tenant)
    await intruder.execute("DELETE FROM audit_events WHERE tenant_id = $1 AND action = 'b'", city.tenant)
    await city.seal(3)  # the chain is whole again, and lies
    async with city.database.snapshot(city.tenant) as session:
        assert (await verify_trail(session, city.tenant, [], city.key.public_key)).holds
        verdict = await verify_trail(session, city.tenant, [kept], city.key.public_key)
    assert "the trail was written anew" in verdict.wrong[0]


async def test_a_checkpoint_of_another_key_or_city_is_none(city: City, settings: Settings, tmp_path: Path) -> None:
    await city.write("a")
    await city.seal(1)
    head = await city.head()
    assert head
    stranger = AuditKey(settings.model_copy(update={"data_dir": tmp_path}))
    forged = sign_head(head, stranger, NOW)
    altered = dataclasses.replace(sign_head(head, city.key, NOW), total=9)
    verdict = await city.verify(forged, altered)
    assert len(verdict.wrong) == 2
    assert all("not signed by this platform" in each for each in verdict.wrong)


async def test_a_checkpoint_is_under_object_lock(city: City) -> None:
    await city.write("a")
    await city.seal(1)
    made = await city.checkpoint()
    assert await city.checkpoint() == made  # the same head is signed once
    (key,) = await city.store.keys(f"{city.tenant}/audit/checkpoints/")
    found = city.store._client.stat_object(bucket_name=city.store._bucket, object_name=key)
    assert found.metadata
    assert found.metadata["x-amz-object-lock-mode"] == "COMPLIANCE"
    kept = await city.store.locked_until(key)
    assert kept is not None
    assert kept > NOW + dt.timedelta(days=3000)


async def test_the_application_can_neither_change_nor_delete_what_is_written(city: City) -> None:
    await city.write("a")
    await city.seal(1)
    for table in (AuditEvent, AuditSeal):
        for statement in (
            table.__table__.update().values(created_at=NOW),
            table.__table__.delete(),
        ):
            with pytest.raises(DBAPIError) as refused:
                async with city.database.transaction(city.tenant) as session:
                    await session.execute(statement)
            assert refused.value.orig.sqlstate == "42501"


async def test_nor_can_the_schemas_owner_by_mistake(city: City, settings: Settings) -> None:
    await city.write("a")
    owner = await asyncpg.connect(settings.migration_database_url)
    try:
        await owner.execute("SELECT set_config('app.tenant', $1, false)", str(city.tenant))
        for statement in ("DELETE FROM audit_events", "UPDATE audit_events SET action = 'x'", "TRUNCATE audit_events"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await owner.execute(statement)
    finally:
        await owner.close()


async def test_an_outsider_checks_the_exported_trail_without_us(city: City, tmp_path: Path) -> None:
    await city.write("a+b", "c", "d")
    await city.seal(4, batch=2)
    kept = await city.checkpoint()
    await city.write("not sealed yet")
    async with city.database.snapshot(city.tenant) as session:
        assert await write_trail(session, city.tenant, [kept], tmp_path) == (5, 2)
    result = verify_offline(tmp_path, city.key.public_key)
    assert (result.wrong, result.events, result.seals, result.checkpoints, result.unsealed) == ([], 4, 2, 1, 1)
    lines = (tmp_path / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["after"] == {"名称": "新"}

    def altered(*changed: str) -> list[str]:
        (tmp_path / "events.jsonl").write_text("\n".join(changed) + "\n")
        return verify_offline(tmp_path, city.key.public_key).wrong

    assert altered(lines[0].replace("新", "坏"), *lines[1:])
    assert altered(*lines[1:])
    assert altered(lines[1], lines[0], *lines[2:])
    assert not altered(*lines)
    seals = (tmp_path / "seals.jsonl").read_text().splitlines()
    (tmp_path / "seals.jsonl").write_text(seals[0] + "\n")
    assert "cut off" in verify_offline(tmp_path, city.key.public_key).wrong[0]
    assert verify_offline(tmp_path, "00" * 32).wrong


async def test_a_digest_is_taken_by_the_database_of_what_an_outsider_reads(city: City) -> None:
    """The trigger's function and the verifier's expression are the same one."""
    await city.write("a")
    async with city.database.transaction(city.tenant) as session:
        assert await session.scalar(select(func.count()).select_from(AuditEvent)) == 1
    await city.seal(1)
    assert (await city.verify()).holds
