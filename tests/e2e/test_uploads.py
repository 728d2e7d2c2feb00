"""Uploads as clients make them: whole, in parts, through the platform; and all that can go wrong on the way."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import uuid
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.demo.files import zip_archive
from api.demo.rar import rar_archive
from clients.papers import archive, paper
from domain.documents import uploads
from domain.documents.uploads import MIB
from storage.database import Database
from storage.files import ObjectStore
from tests.e2e.flows import codes, done, node
from tests.support import Api, BackgroundWork

WHO = "unit.filer"
UPLOAD = """upload{id method url headers{name value} relayPath receivedBytes partSize expiresAt
  parts{number size received method url headers{name value} relayPath}}"""
DOCUMENT = """state scan rejection size sha256 receivedBytes checkedBytes
  entries(first:100){totalCount nodes{place name size sha256 depth}}"""


def announced(content: bytes, name: str = "数据.zip", purpose: str = "OTHER") -> dict[str, Any]:
    """What is said of a file before it is sent."""
    return {
        "filename": name,
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "purpose": purpose,
    }


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        yield client


async def put(http: httpx.AsyncClient, target: dict[str, Any], content: bytes) -> int:
    """Send bytes as the platform says: the status."""
    headers = {header["name"]: header["value"] for header in target["headers"]}
    return (await http.request(target["method"], target["url"], content=content, headers=headers)).status_code


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads come in parts from 6 MiB on, in parts of 5 MiB, so that no test has to send gigabytes."""
    monkeypatch.setattr(uploads, "WHOLE_BYTES", 6 * MIB)
    monkeypatch.setattr(uploads, "PART_BYTES", 5 * MIB)


def large_archive() -> bytes:
    """An archive of three parts, different each time."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("大.bin", os.urandom(11 * MIB))
        file.writestr("小.txt", "小")
    return made.getvalue()


async def test_a_small_file_is_stored_at_once_with_what_is_in_it(api: Api, http: httpx.AsyncClient) -> None:
    members = {"备案表.xml": b"<a/>", "附件/图.txt": "图".encode()}
    content = zip_archive({**members, "内层.rar": rar_archive({"里.txt": b"in"})})
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    assert (granted["parts"], granted["partSize"]) == ([], None)
    assert await put(http, granted, content) == 200
    document = await done(api, WHO, "completeUpload", f"document{{{DOCUMENT}}}", uploadId=granted["id"])
    assert (document["state"], document["scan"], document["rejection"]) == ("STORED", "SKIPPED", None)
    assert document["receivedBytes"] == document["checkedBytes"] == len(content)
    listed = [(entry["name"], entry["size"], entry["depth"]) for entry in document["entries"]["nodes"]]
    assert listed == [
        ("备案表.xml", 4, 1),
        ("附件/图.txt", 3, 1),
        ("内层.rar", len(rar_archive({"里.txt": b"in"})), 1),
        ("内层.rar/里.txt", 2, 2),
    ]
    assert document["entries"]["nodes"][3]["sha256"] == hashlib.sha256(b"in").hexdigest()


@pytest.mark.usefixtures("small_parts")
async def test_an_upload_in_parts_goes_on_where_it_broke_off(
    api: Api, http: httpx.AsyncClient, jobs: BackgroundWork, store: ObjectStore
) -> None:
    content = large_archive()
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    sizes = [part["size"] for part in granted["parts"]]
    assert sizes == [5 * MIB, 5 * MIB, len(content) - 10 * MIB]
    pieces = [content[5 * MIB * at : 5 * MIB * (at + 1)] for at in range(3)]
    assert await put(http, granted["parts"][1], pieces[1]) == 200
    short = {**granted["parts"][0], "headers": []}
    assert await put(http, short, pieces[0][:-1]) in {400, 403}

    early = await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])
    assert codes(early) == ["UPLOAD_REJECTED"]
    assert "2 parts" in early["userErrors"][0]["message"] or "2 个分片" in early["userErrors"][0]["message"]

    again = await done(api, WHO, "resumeUpload", UPLOAD, uploadId=granted["id"])
    assert [part["received"] for part in again["parts"]] == [False, True, False]
    assert again["receivedBytes"] == 5 * MIB
    assert (await node(api, WHO, granted["id"], "Document", "receivedBytes"))["receivedBytes"] == 5 * MIB
    # One part straight to the store, one through the platform.
    assert await put(http, again["parts"][0], pieces[0]) == 200
    relayed = await http.put(
        f"{api.url}{again['parts'][2]['relayPath']}",
        content=pieces[2],
        headers={"authorization": f"Bearer {await api.token(WHO)}"},
    )
    assert (relayed.status_code, relayed.json()) == (200, {"receivedBytes": len(pieces[2])})

    checking = await done(api, WHO, "completeUpload", "document{id state}", uploadId=granted["id"])
    assert checking["state"] == "CHECKING"
    assert "documents.examine" in await jobs.run()
    stored = await node(api, WHO, granted["id"], "Document", DOCUMENT)
    assert (stored["state"], stored["checkedBytes"], stored["entries"]["totalCount"]) == ("STORED", len(content), 2)


@pytest.mark.usefixtures("small_parts")
async def test_parts_of_another_file_are_found_out_by_reading_them(
    api: Api, http: httpx.AsyncClient, jobs: BackgroundWork
) -> None:
    content = large_archive()
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    for part in granted["parts"]:
        assert await put(http, part, bytes(part["size"])) == 200
    checking = await done(api, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
    assert checking["state"] == "CHECKING"
    await jobs.run()
    refused = await node(api, WHO, granted["id"], "Document", DOCUMENT)
    assert refused["state"] == "REJECTED"
    assert "摘要" in refused["rejection"] or "digest" in refused["rejection"]
    assert codes(await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])) == ["UPLOAD_REJECTED"]
    assert codes(await api.do(WHO, "requestDownload", "download{url}", documentId=granted["id"])) == ["INVALID_STATE"]


async def test_a_file_can_be_passed_on_by_the_platform(api: Api, http: httpx.AsyncClient, digests: bool) -> None:
    content = archive("x") + b""
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    address, token = f"{api.url}{granted['relayPath']}", {"authorization": f"Bearer {await api.token(WHO)}"}
    other = {"authorization": f"Bearer {await api.token('unit.filer@tianjin')}"}
    attempts = (
        (401, content, {}),
        (404, content, other),
        (400, content + b"x", token),  # not of the announced length
        (400 if digests else 200, b"x" * len(content), token),  # of another digest: it is the store that says so
        (200, content, token),
    )
    for status, body, headers in attempts:
        assert (await http.put(address, content=body, headers=headers)).status_code == status
    assert (await http.post(address, headers=token)).status_code == 405
    assert (await http.put(f"{address}/1", content=b"", headers=token)).status_code == 404
    document = await done(api, WHO, "completeUpload", "document{state}", uploadId=granted["id"])
    assert document["state"] == "STORED"
    assert (await http.put(address, content=content, headers=token)).status_code == 400


async def test_an_upload_can_be_given_up(
    api: Api, http: httpx.AsyncClient, jobs: BackgroundWork, store: ObjectStore, database: Database
) -> None:
    content = archive("given up")
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    await put(http, granted, content)
    before = await _used(database)
    given_up = await done(api, WHO, "abortUpload", "document{state}", uploadId=granted["id"])
    assert given_up["state"] == "DISCARDED"
    assert await _used(database) == before - len(content)
    await jobs.run()
    assert await store.stat(await _key(database, granted["id"])) is None
    assert codes(await api.do(WHO, "completeUpload", "document{id}", uploadId=granted["id"])) == ["INVALID_STATE"]
    assert codes(await api.do(WHO, "resumeUpload", "upload{id}", uploadId=granted["id"])) == ["INVALID_STATE"]


async def test_what_is_not_finished_in_time_is_thrown_away(
    api: Api, http: httpx.AsyncClient, jobs: BackgroundWork, store: ObjectStore, database: Database
) -> None:
    content = archive("late")
    granted = await done(api, WHO, "requestUpload", UPLOAD, **announced(content))
    await put(http, granted, content)
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        await jobs.platform.jobs.enqueue(session, tenant, "documents.tidy", {})
    await jobs.run(now=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=90))
    assert (await node(api, WHO, granted["id"], "Document", "state"))["state"] == "AWAITING_UPLOAD"
    async with database.transaction(tenant) as session:
        await jobs.platform.jobs.enqueue(session, tenant, "documents.tidy", {})
    await jobs.run(now=dt.datetime.now(dt.UTC) + dt.timedelta(hours=3))
    assert (await node(api, WHO, granted["id"], "Document", "state"))["state"] == "DISCARDED"
    assert await store.stat(await _key(database, granted["id"])) is None


async def test_the_same_content_is_stored_once_and_nobody_is_told(
    api: Api, http: httpx.AsyncClient, jobs: BackgroundWork, store: ObjectStore, database: Database
) -> None:
    content = archive(uuid.uuid4().hex)
    answers = []
    for who in (WHO, "district.officer"):
        granted = await done(api, who, "requestUpload", UPLOAD, **announced(content))
        assert await put(http, granted, content) == 200
        document = await done(api, who, "completeUpload", f"document{{{DOCUMENT}}}", uploadId=granted["id"])
        await jobs.run()
        answers.append((granted["id"], {name: value for name, value in document.items() if name != "id"}))
    (first, one), (second, other) = answers
    assert one == other
    assert await _key(database, first) == await _key(database, second)
    await jobs.make_due()
    await jobs.run()
    tenant = await database.directory.resolve_tenant("beijing")
    assert await store.stat(f"{tenant}/uploads/{first.removeprefix('doc_')}") is None
    link = (await done(api, WHO, "requestDownload", "download{url}", documentId=first))["url"]
    assert (await http.get(link)).content == content


async def test_a_person_has_a_quota_and_so_has_the_city(api: Api, database: Database) -> None:
    tenant = await database.directory.resolve_tenant("beijing")
    given = announced(paper("x"), "x.pdf")
    for column in ("person_storage_quota", "storage_quota"):
        await _set(database, tenant, column, 1)
        try:
            refused = await api.do(WHO, "requestUpload", "upload{id}", **given)
            assert [(error["code"], error["field"]) for error in refused["userErrors"]] == [("UPLOAD_REJECTED", "size")]
        finally:
            await _set(database, tenant, column, 1 << 40)
    assert codes(await api.do(WHO, "requestUpload", "upload{id}", **given)) == []


async def _set(database: Database, tenant: Any, column: str, value: int) -> None:
    async with database.transaction(tenant) as session:
        await session.execute(text(f"UPDATE tenant_settings SET {column} = :value"), {"value": value})  # noqa: S608


async def _used(database: Database) -> int:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        return int(await session.scalar(text("SELECT sum(bytes) FROM storage_uses")) or 0)


async def _key(database: Database, document: str) -> str:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        key = {"key": uuid.UUID(document.removeprefix("doc_"))}
        return str(await session.scalar(text("SELECT object_key FROM documents WHERE id = :key"), key))
