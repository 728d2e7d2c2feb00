"""``dengbao files verify``: what is missing, changed or orphaned is found by reading; how long files are locked."""

from __future__ import annotations

import datetime as dt
import uuid

from clients.papers import archive
from domain.documents.verifying import Fault, verify
from storage.database import Database
from storage.files import ObjectStore
from storage.settings import Settings
from tests.e2e.flows import done, node, stored, submitted
from tests.e2e.test_uploads import _key
from tests.storage.test_removal import client_of
from tests.support import Api, BackgroundWork

LATER = dt.timedelta(days=2)


async def found(database: Database, store: ObjectStore) -> dict[str, Fault]:
    """What is wrong in Beijing, by key; as seen two days from now."""
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        every = [each async for each in verify(session, store, tenant, dt.datetime.now(dt.UTC) + LATER)]
    return {each.key: each.fault for each in every if each.fault is not None}


async def test_each_kind_of_fault_is_found(
    api: Api, database: Database, store: ObjectStore, jobs: BackgroundWork, settings: Settings
) -> None:
    keys = []
    for _ in range(3):
        document = await stored(api, "unit.filer", "OTHER", archive(uuid.uuid4().hex))
        await jobs.run()
        keys.append(await _key(database, document))
    missing, changed, good = keys
    before = await found(database, store)
    assert not {*keys} & {*before}
    await store.discard(missing)
    await store.put(changed, b"other bytes", "application/zip")
    tenant = good.split("/")[0]
    orphan = f"{tenant}/content/{'0' * 64}"
    await store.put(orphan, b"nobody's", "application/zip")
    after = await found(database, store)
    assert {key: after[key] for key in after.keys() - before.keys()} == {
        missing: Fault.MISSING,
        changed: Fault.CHANGED,
        orphan: Fault.ORPHANED,
    }
    # What was changed is still there beneath, and comes forth again.
    client = client_of(settings)
    for key in (changed, orphan):
        version = client.stat_object(bucket_name=settings.s3_bucket, object_name=key).version_id
        client.remove_object(bucket_name=settings.s3_bucket, object_name=key, version_id=version)
    assert {key: fault for key, fault in (await found(database, store)).items() if key not in before} == {
        missing: Fault.MISSING
    }


async def test_what_is_handed_in_is_locked_for_as_long_as_the_city_says(
    api: Api, database: Database, store: ObjectStore
) -> None:
    mine = (await api.ask("city.admin", "{viewer{tenant{settings{version retentionYears}}}}"))["viewer"]["tenant"]
    version = mine["settings"]["version"]
    changed = await api.do(
        "city.admin",
        "setTenantSettings",
        "tenant{settings{version retentionYears}}",
        version=version,
        retentionYears=12,
    )
    assert changed["userErrors"] == []
    filing = await submitted(api)
    document = (await node(api, "unit.filer", filing, "Filing", "documents{id}"))["documents"][0]["id"]
    key = await _key(database, document)
    assert "/content/" in key
    kept = await store.locked_until(key)
    assert kept
    years = (kept - dt.datetime.now(dt.UTC)) / dt.timedelta(days=365)
    assert 11.9 < years <= 12
    refused = await api.do(
        "city.admin", "setTenantSettings", "tenant{id}", version=version + 1, retentionYears=99, personStorageQuota=0
    )
    assert [error["field"] for error in refused["userErrors"]] == ["personStorageQuota", "retentionYears"]
    await done(api, "city.admin", "setTenantSettings", "tenant{id}", version=version + 1, retentionYears=10)


async def test_what_is_locked_already_is_not_moved_from_under_its_lock(
    api: Api, database: Database, store: ObjectStore, jobs: BackgroundWork
) -> None:
    document = await stored(api, "unit.filer", "OTHER", archive(uuid.uuid4().hex))
    key = await _key(database, document)
    assert "/uploads/" in key
    assert await store.locked_until(key) is None
    await store.lock_until(key, dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))
    await jobs.run()
    assert await _key(database, document) == key
    assert await store.locked_until(key)
