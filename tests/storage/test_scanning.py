"""Files go through a real clamd with a signature set of one: what it finds can never be attached or downloaded."""

from __future__ import annotations

import asyncio
import shutil
import socket
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.demo.files import zip_archive
from api.demo.rar import rar_archive
from api.execution.platform import Platform
from authz.tokens import Tokens
from domain.documents.entities import ScanState
from domain.documents.examination import Unexamined
from storage.archives.looking import look_into
from storage.database import Database
from storage.embedded.processes import Owner
from storage.files import ObjectStore
from storage.keys import AuditKey, token_key
from storage.scanner import Scanner
from storage.settings import Settings
from tests.e2e.flows import codes, done, node
from tests.e2e.test_uploads import announced, put
from tests.support import Api, BackgroundWork, reachable, serving

PROGRAM = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="clamd is not installed: apt-get install clamav-daemon")

MARK = b"DENGBAO-HARMLESS-TEST-SIGNATURE"
CONFIGURATION = """
TCPSocket {port}
TCPAddr 127.0.0.1
DatabaseDirectory {folder}
TemporaryDirectory {folder}
StreamMaxLength 1M
Foreground yes
LogFile {folder}/log
"""


@pytest.fixture(scope="module")
async def clamd(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a running clamd that knows one signature."""
    assert PROGRAM
    folder = reachable(tmp_path_factory.mktemp("clamd"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "dengbao.ndb").write_text(f"Dengbao.Test:0:*:{MARK.hex()}\n")
    (folder / "clamd.conf").write_text(CONFIGURATION.format(port=port, folder=folder))
    owner = Owner.unprivileged()
    for path in (folder, *folder.iterdir()):
        owner.own(path)
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        f"--config-file={folder / 'clamd.conf'}",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        **owner.options,
    )
    address = f"127.0.0.1:{port}"
    try:
        for _ in range(300):
            if Scanner(address).ping():
                break
            await asyncio.sleep(0.1)
        else:
            raise AssertionError((folder / "log").read_text())
        yield address
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.parametrize(
    ("name", "content", "scan"),
    [
        ("x.pdf", b"%PDF-" + MARK, ScanState.INFECTED),
        ("x.pdf", b"%PDF- harmless", ScanState.CLEAN),
        ("x.zip", zip_archive({"a.txt": b"a", "b.txt": MARK}), ScanState.INFECTED),
        ("x.rar", rar_archive({"a.txt": b"a", "in.zip": zip_archive({"b.txt": MARK})}), ScanState.INFECTED),
        ("x.zip", zip_archive({"a.txt": b"a", "in.rar": rar_archive({"b.txt": b"b"})}), ScanState.CLEAN),
        # Longer than this scanner takes: nobody says that it is clean.
        ("x.pdf", b"%PDF-" + bytes(2 << 20), ScanState.SKIPPED),
    ],
)
async def test_members_are_scanned_one_by_one(
    clamd: str, tmp_path: Path, name: str, content: bytes, scan: ScanState
) -> None:
    (tmp_path / name).write_bytes(content)
    found = await asyncio.to_thread(look_into, tmp_path / name, name, Scanner(clamd))
    assert found.scan is scan
    assert (found.rejection is not None) == (scan is ScanState.INFECTED)
    if found.rejection:
        assert "Dengbao.Test" in found.rejection.en


def test_a_scanner_that_is_silent_is_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-")
    with pytest.raises(Unexamined):
        look_into(tmp_path / "x.pdf", "x.pdf", Scanner("127.0.0.1:1"))


async def test_what_is_infected_is_never_attached_nor_downloaded(
    clamd: str, settings: Settings, api: Api, database: Database
) -> None:
    scanned = settings.model_copy(update={"clamd": clamd})
    async with serving(scanned) as address, httpx.AsyncClient(trust_env=False, timeout=30) as http:
        guarded = Api(http, address)
        for name, content, state, scan in (
            ("好.pdf", b"%PDF-" + uuid.uuid4().bytes, "STORED", "CLEAN"),
            ("坏.zip", zip_archive({"a.txt": MARK}), "REJECTED", "INFECTED"),
        ):
            granted = await done(
                guarded, "unit.filer", "requestUpload", "upload{id method url headers{name value}}",
                **announced(content, name),
            )  # fmt: skip
            assert await put(http, granted, content) == 200
            completed = await guarded.do("unit.filer", "completeUpload", "document{state}", uploadId=granted["id"])
            assert codes(completed) == ([] if state == "STORED" else ["UPLOAD_REJECTED"])
            seen = await node(guarded, "unit.filer", granted["id"], "Document", "state scan rejection")
            assert (seen["state"], seen["scan"]) == (state, scan)
        download = await guarded.do("unit.filer", "requestDownload", "download{url}", documentId=granted["id"])
        assert codes(download) == ["INVALID_STATE"]
        given = {"title": "问", "topic": "OTHER", "text": "问", "attachmentIds": [granted["id"]]}
        assert codes(await guarded.do("unit.filer", "openInquiry", "inquiry{id}", **given)) == ["INVALID_INPUT"]
        store = ObjectStore(scanned)
        platform = Platform.start(database, store, Tokens(token_key(settings)), AuditKey(settings))
        await BackgroundWork(database, platform).run()
        tenant = await database.directory.resolve_tenant("beijing")
        assert await store.stat(f"{tenant}/uploads/{granted['id'].removeprefix('doc_')}") is None


async def test_a_silent_scanner_keeps_a_file_waiting(
    settings: Settings, api: Api, database: Database, clamd: str
) -> None:
    content = b"%PDF-" + uuid.uuid4().bytes
    async with (
        serving(settings.model_copy(update={"clamd": "127.0.0.1:1"})) as address,
        httpx.AsyncClient(trust_env=False, timeout=30) as http,
    ):
        guarded = Api(http, address)
        granted = await done(
            guarded, "unit.filer", "requestUpload", "upload{id method url headers{name value}}",
            **announced(content, "x.pdf"),
        )  # fmt: skip
        assert await put(http, granted, content) == 200
        waiting = await done(guarded, "unit.filer", "completeUpload", "document{state scan}", uploadId=granted["id"])
        assert (waiting["state"], waiting["scan"]) == ("CHECKING", "PENDING")
        given = {"title": "问", "topic": "OTHER", "text": "问", "attachmentIds": [granted["id"]]}
        assert codes(await guarded.do("unit.filer", "openInquiry", "inquiry{id}", **given)) == ["INVALID_INPUT"]
    store = ObjectStore(settings.model_copy(update={"clamd": clamd}))
    platform = Platform.start(database, store, Tokens(token_key(settings)), AuditKey(settings))
    await BackgroundWork(database, platform).run()
    seen = await node(api, "unit.filer", granted["id"], "Document", "state scan")
    assert (seen["state"], seen["scan"]) == ("STORED", "CLEAN")
