"""The store hangs, is killed, and comes back: people and jobs are told so, nothing is lost, and all goes on."""

from __future__ import annotations

import contextlib
import os
import signal
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import urllib3

import storage.files
from api.execution.platform import Platform
from authz.tokens import Tokens
from clients.papers import archive
from storage import queue
from storage.database import Database
from storage.embedded.objectstore import EmbeddedObjectStore
from storage.files import ObjectStore
from storage.keys import AuditKey, token_key
from storage.settings import Settings
from tests.e2e.flows import codes, done, node
from tests.e2e.test_uploads import UPLOAD, WHO, announced, large_archive, put
from tests.support import EMBEDDED_STORE, Api, BackgroundWork, reachable, serving

pytestmark = EMBEDDED_STORE
COMPLETE = "mutation($i:CompleteUploadInput!){completeUpload(input:$i){document{state} userErrors{code}}}"
# A store that hangs is waited for, twice; here not for half a minute each time.
SHORT = urllib3.Timeout(connect=1, read=0.7)


class OwnStore:
    """A store of its own, to be stopped and killed as one likes."""

    def __init__(self, folder: Path, server: EmbeddedObjectStore) -> None:
        self._folder = folder
        self.server = server

    @contextlib.contextmanager
    def frozen(self) -> Any:
        """It takes connections and says nothing more."""
        os.kill(self.server.process_id, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.server.process_id, signal.SIGCONT)

    async def kill(self) -> None:
        """Have it end without a word."""
        await self.server.kill()

    async def start(self) -> None:
        """Start it again, where it was."""
        self.server = await EmbeddedObjectStore.start(self._folder, str)


@pytest.fixture(scope="module")
async def own_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[OwnStore]:
    folder = reachable(tmp_path_factory.mktemp("away"))
    made = OwnStore(folder, await EmbeddedObjectStore.start(folder, str))
    yield made
    await made.kill()


@pytest.fixture(scope="module")
async def narrow(settings: Settings, own_store: OwnStore) -> Settings:
    """Settings that name it."""
    server = own_store.server
    given = {"s3_endpoint": server.endpoint, "s3_access_key": server.access_key, "s3_secret_key": server.secret_key}
    made = settings.model_copy(update=given)
    await ObjectStore(made).ensure_bucket()
    return made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
async def there(
    narrow: Settings, api: Api, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Api]:
    """The platform, with that store."""
    monkeypatch.setattr(storage.files, "TIMEOUT", SHORT)
    async with serving(narrow) as address:
        yield Api(http, address, api.tokens)


def _code(answer: dict[str, Any]) -> str:
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])


async def test_a_store_that_hangs_is_told_and_the_upload_goes_on(
    there: Api, own_store: OwnStore, http: httpx.AsyncClient
) -> None:
    content = archive(uuid.uuid4().hex)
    granted = await done(there, WHO, "requestUpload", UPLOAD, **announced(content))
    assert await put(http, granted, content) == 200
    with own_store.frozen():
        assert _code(await there.answer(WHO, COMPLETE, i={"uploadId": granted["id"]})) == "UNAVAILABLE"
        # What needs no store is served meanwhile.
        assert (await node(there, WHO, granted["id"], "Document", "state"))["state"] == "AWAITING_UPLOAD"
    document = await done(there, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
    assert document["state"] == "STORED"


async def test_a_store_that_was_killed_has_what_it_took_and_jobs_wait_for_it(
    there: Api,
    own_store: OwnStore,
    narrow: Settings,
    http: httpx.AsyncClient,
    database: Database,
    jobs: BackgroundWork,
) -> None:
    await jobs.outcomes()  # what other tests have left is about another store
    content, late = large_archive(), archive(uuid.uuid4().hex)
    work = _background(narrow, database)
    granted = await done(there, WHO, "requestUpload", UPLOAD, **announced(content))
    waiting = await done(there, WHO, "requestUpload", UPLOAD, **announced(late))
    assert await put(http, granted, content) == 200
    checking = await done(there, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
    assert checking["state"] == "CHECKING"

    await own_store.kill()
    with pytest.raises(httpx.HTTPError):
        await put(http, waiting, late)
    assert _code(await there.answer(WHO, COMPLETE, i={"uploadId": waiting["id"]})) == "UNAVAILABLE"
    assert codes(await there.do(WHO, "requestDownload", "download{url}", documentId=granted["id"])) == ["INVALID_STATE"]
    # The job is put off, for the operator to see, and tried again as often as it takes.
    for tries in (1, 2):
        await work.outcomes()
        (job,) = [each for each in await queue.list_jobs(database) if each.task == "documents.examine"]
        assert (job.state, job.tries) == ("waiting", tries)
        assert job.reason
        assert job.reason.startswith("the object store does not answer")
        await work.make_due()
    assert (await node(there, WHO, granted["id"], "Document", "state"))["state"] == "CHECKING"

    await own_store.start()
    assert "documents.examine" in await work.run()
    assert (await node(there, WHO, granted["id"], "Document", "state"))["state"] == "STORED"
    assert await put(http, waiting, late) == 200
    document = await done(there, WHO, "completeUpload", "document{state}", uploadId=waiting["id"])
    assert document["state"] == "STORED"
    await work.run()


def _background(settings: Settings, database: Database) -> BackgroundWork:
    platform = Platform.start(database, ObjectStore(settings), Tokens(token_key(settings)), AuditKey(settings))
    return BackgroundWork(database, platform)
