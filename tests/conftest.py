"""The real parts, started once: PostgreSQL, the object store, a server with the demo's two cities."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import settings as hypothesis_settings

from api.demo.seed import seed_demo
from api.execution.platform import Platform
from authz.tokens import Tokens
from migrations import runner
from storage.database import Database
from storage.embedded.stack import embedded_stack
from storage.files import ObjectStore
from storage.keys import AuditKey, token_key
from storage.settings import Settings
from tests.e2e.oracle import Everything, Worlds
from tests.support import DEMO_CITIES, Api, BackgroundWork, reachable, serving

# How long an example takes is the machine's business; what is slow is told by the benches.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")


@pytest.fixture(scope="session")
async def settings(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Settings]:
    """Settings of running servers, with an empty, migrated database.

    The object store is the embedded one, or the one that ``DENGBAO_S3_ENDPOINT`` names, with a new bucket in it.
    """
    data_dir = reachable(tmp_path_factory.mktemp("dengbao"))
    # Background work is done when a test asks for it.
    given = Settings(
        data_dir=data_dir,
        log_level="error",
        work=False,
        introspection=True,
        rate_per_account=60_000,  # of one person are many tests
        _env_file=None,  # type: ignore[call-arg]
    )
    own = {"s3_bucket": f"dengbao-{uuid.uuid4()}"} if given.s3_endpoint else {}
    async with embedded_stack(given.model_copy(update={"database_url": None, **own}), str) as filled:
        assert filled.migration_database_url
        await runner.upgrade(filled.migration_database_url)
        await ObjectStore(filled).ensure_bucket()
        yield filled


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The door to the database."""
    opened = await Database.open(settings)
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
async def store(settings: Settings) -> ObjectStore:
    """The object store."""
    return ObjectStore(settings)


@pytest.fixture(scope="session")
async def digests(store: ObjectStore) -> bool:
    """Whether the store compares what comes with the digest that was signed (``x-amz-checksum-sha256``).

    Where it does not, the platform does so by reading the file, when the upload is completed.
    """
    announced = hashlib.sha256(b"announced").hexdigest()
    url, headers = await store.presign_put(f"tests/{uuid.uuid4()}", 9, announced, "text/plain", dt.timedelta(minutes=1))
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.put(url, content=b"different", headers=headers)).status_code == 400


@pytest.fixture(scope="session")
async def jobs(settings: Settings, database: Database, store: ObjectStore) -> BackgroundWork:
    """Does the background work that is due, when it is told to."""
    return BackgroundWork(database, Platform.start(database, store, Tokens(token_key(settings)), AuditKey(settings)))


@pytest.fixture(scope="session")
async def url(settings: Settings, database: Database, store: ObjectStore) -> AsyncIterator[str]:
    """A server with the demo's cities."""
    assert await seed_demo(database, store, str)
    async with serving(settings) as address:
        yield address


@pytest.fixture(scope="session")
async def api(url: str) -> AsyncIterator[Api]:
    """Speaks GraphQL to the server as any of the demo's people."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        yield Api(client, url)


@pytest.fixture(scope="module")
async def worlds(url: str, database: Database) -> Worlds:
    """What the demo's cities hold when a module's tests begin; for tests that change none of it."""
    return {city: await Everything.of(database, city) for city in DEMO_CITIES}
