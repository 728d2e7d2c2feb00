"""What goes wrong outside: the store is down, its disk is full, links run out, bodies break off. Clients can go on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from clients.papers import archive
from storage.database import Database
from storage.embedded.objectstore import EmbeddedObjectStore
from storage.files import ObjectStore
from storage.settings import Settings
from tests.e2e.flows import codes, done, node
from tests.e2e.test_uploads import UPLOAD, WHO, _key, announced, put
from tests.support import EMBEDDED_STORE, Api, reachable, serving

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield client


def _unavailable(answer: dict[str, Any]) -> bool:
    (error,) = answer["errors"]
    return bool(error["extensions"]["code"] == "UNAVAILABLE")


async def test_a_store_that_is_down_loses_nothing(settings: Settings, api: Api, http: httpx.AsyncClient) -> None:
    content = archive(uuid.uuid4().hex)
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    assert await put(http, granted, content) == 200
    async with serving(settings.model_copy(update={"s3_endpoint": NOBODY})) as address:
        down = Api(http, address, api.tokens)
        complete = "mutation($i:CompleteUploadInput!){completeUpload(input:$i){document{id}}}"
        assert _unavailable(await down.answer(WHO, complete, i={"uploadId": granted["id"]}))
        # A small upload needs nothing of the store to be granted; one in parts does.
        assert codes(await down.do(WHO, "requestUpload", "upload{id}", **announced(content))) == []
        request = "mutation($i:RequestUploadInput!){requestUpload(input:$i){upload{id}}}"
        assert _unavailable(await down.answer(WHO, request, i={**announced(content), "size": 100 << 20}))
        token = {"authorization": f"Bearer {await api.token(WHO)}"}
        relayed = await http.put(f"{address}{granted['relayPath']}", content=content, headers=token)
        assert (relayed.status_code, relayed.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert (await node(api, WHO, granted["id"], "Document", "state"))["state"] == "AWAITING_UPLOAD"
    document = await done(api, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
    assert document["state"] == "STORED"


async def test_an_expired_link_is_renewed(api: Api, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt

    from domain.documents import uploads

    content = archive(uuid.uuid4().hex)
    with monkeypatch.context() as past:
        past.setattr(uploads, "URL_TIME", dt.timedelta(seconds=-1))
        granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    assert await put(http, granted, content) in {400, 403}
    again = await done(api, WHO, "resumeUpload", UPLOAD, uploadId=granted["id"])
    assert await put(http, again, content) == 200
    assert codes(await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])) == []


async def test_a_body_that_breaks_off_leaves_nothing(api: Api, http: httpx.AsyncClient) -> None:
    """To the store, and through the platform: the client is cut off half-way, and sends it again."""
    content = archive(uuid.uuid4().hex) + b""
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    token = await api.token(WHO)
    signed = {header["name"]: header["value"] for header in granted["headers"]}
    ways = (
        (granted["url"], {**signed}),
        (f"{api.url}{granted['relayPath']}", {"authorization": f"Bearer {token}", "Content-Length": str(len(content))}),
    )
    for url, headers in ways:
        await _break_off(url, headers, content[: len(content) // 2])
        refused = await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])
        assert codes(refused) == ["UPLOAD_REJECTED"]
    relayed = await http.put(ways[1][0], content=content, headers={"authorization": f"Bearer {token}"})
    assert relayed.status_code == 200
    assert codes(await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])) == []


async def test_another_content_is_never_taken(api: Api, http: httpx.AsyncClient, digests: bool) -> None:
    """The store itself refuses what has another digest, or it is found when the upload is completed."""
    content = archive(uuid.uuid4().hex) + b""
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    assert await put(http, granted, bytes(len(content))) == (400 if digests else 200)
    refused = await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])
    assert codes(refused) == ["UPLOAD_REJECTED"]
    state = (await node(api, WHO, granted["id"], "Document", "state"))["state"]
    assert state == ("AWAITING_UPLOAD" if digests else "REJECTED")
    assert codes(await api.do(WHO, "requestDownload", "download{url}", documentId=granted["id"])) == ["INVALID_STATE"]
    if not digests:  # what was refused is announced anew
        granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    assert await put(http, granted, content) == 200
    assert codes(await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])) == []


async def _break_off(url: str, headers: dict[str, str], half: bytes) -> None:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    head = [f"PUT {target} HTTP/1.1", f"host: {parts.netloc}", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join([*head, "", ""]).encode() + half)
    await writer.drain()
    await asyncio.sleep(0.1)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder on a disk of 24 MB of its own."""
    folder = reachable(tmp_path_factory.mktemp("disk"))
    if os.geteuid() != 0 or not _mount("-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)):
        pytest.skip("a disk of its own can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)  # noqa: S603, S607 - a folder of ours


def _mount(*arguments: str) -> bool:
    return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0  # noqa: S603, S607


@EMBEDDED_STORE
async def test_a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room(
    settings: Settings, api: Api, http: httpx.AsyncClient, database: Database, store: ObjectStore, small_disk: Path
) -> None:
    server = await EmbeddedObjectStore.start(small_disk, str)
    given = {"s3_endpoint": server.endpoint, "s3_access_key": server.access_key, "s3_secret_key": server.secret_key}
    narrow = settings.model_copy(update=given)
    try:
        await ObjectStore(narrow).ensure_bucket()
        async with serving(narrow) as address:
            full, content = Api(http, address, api.tokens), b"%PDF-" + os.urandom(7 << 20)
            token = {"authorization": f"Bearer {await api.token(WHO)}"}
            granted = await done(full, WHO, "requestUpload", UPLOAD, **announced(content, "x.pdf"))
            filler = small_disk / "filler"
            room = os.statvfs(small_disk)
            filler.write_bytes(bytes(room.f_bavail * room.f_bsize - (3 << 20)))
            assert await put(http, granted, content) >= 500
            relayed = await http.put(f"{address}{granted['relayPath']}", content=content, headers=token)
            assert (relayed.status_code, relayed.json()["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
            refused = await full.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])
            assert codes(refused) == ["UPLOAD_REJECTED"]
            filler.unlink()
            again = await done(full, WHO, "resumeUpload", UPLOAD, uploadId=granted["id"])
            assert await put(http, again, content) == 200
            document = await done(full, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
            assert document["state"] == "STORED"
        # The city lives on with its own store: what was stored in the narrow one is there as well.
        await store.put(await _key(database, granted["id"]), content, "application/pdf")
    finally:
        await server.kill()  # its disk goes with it
