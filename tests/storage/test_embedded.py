"""The embedded servers: started twice only in turn, and as they were after a kill."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path

import asyncpg
import pytest

from storage.embedded.objectstore import BELOW_OUTGOING, GRPC_OFFSET, _ports
from storage.embedded.stack import any_stack, embedded_stack
from storage.files import ObjectStore
from storage.settings import Settings, SetupError
from tests.support import EMBEDDED_STORE, reachable


def _settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, database_url=None, s3_endpoint=None)


def _processes(folder: Path) -> list[int]:
    """Everything that runs on a folder."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in (each / "cmdline").read_bytes().decode(errors="replace"):
                found.append(int(each.name))
        except OSError:
            continue
    return [process for process in found if process != os.getpid()]


def _filer_ports(folder: Path) -> set[int]:
    lines = [Path(f"/proc/{process}/cmdline").read_bytes().decode() for process in _processes(folder)]
    return {int(part.rpartition("=")[2]) for line in lines for part in line.split("\0") if "filer.port=" in part}


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reachable(tmp_path_factory.mktemp("stack"))


async def test_what_was_acknowledged_is_there_after_a_kill_of_both(folder: Path) -> None:
    async with embedded_stack(_settings(folder), str) as settings:
        assert settings.migration_database_url
        connection = await asyncpg.connect(settings.migration_database_url)
        await connection.execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42)")
        store = ObjectStore(settings)
        await store.ensure_bucket()
        await store.put("kept", b"forty-two", "text/plain")
        connection.terminate()
        for process in _processes(folder):
            os.kill(process, signal.SIGKILL)
        await asyncio.sleep(0.3)
    async with embedded_stack(_settings(folder), str) as settings:
        connection = await asyncpg.connect(settings.migration_database_url)
        assert await connection.fetchval("SELECT n FROM kept") == 42
        await connection.close()
        assert await ObjectStore(settings).read_head("kept", 100) == b"forty-two"
    assert _processes(folder) == []


async def test_a_second_start_on_the_same_directory_is_refused(folder: Path) -> None:
    async with embedded_stack(_settings(folder), str):
        with pytest.raises(SetupError, match=f"process {os.getpid()}"):
            async with embedded_stack(_settings(folder), str):
                pytest.fail("two stacks run on one directory")


async def test_a_command_works_on_the_servers_that_run(folder: Path) -> None:
    async with embedded_stack(_settings(folder), str) as served:
        async with any_stack(_settings(folder), str) as used:
            assert used == served
            connection = await asyncpg.connect(used.migration_database_url)
            await connection.close()
        await ObjectStore(used).ensure_bucket()
    async with any_stack(_settings(folder), str) as own:
        assert own.migration_database_url
        connection = await asyncpg.connect(own.migration_database_url)
        await connection.close()
    assert _processes(folder) == []


@EMBEDDED_STORE
async def test_secrets_are_for_their_owner_only(settings: Settings) -> None:
    files = [*settings.data_dir.glob("*/server.json"), *settings.data_dir.glob("objects/identities.json")]
    assert len(files) == 3
    assert {path.stat().st_mode & 0o077 for path in files} == {0}


@EMBEDDED_STORE
async def test_the_object_stores_other_ports_answer_nobody(settings: Settings) -> None:
    import httpx

    (filer,) = _filer_ports(settings.data_dir)
    async with httpx.AsyncClient(trust_env=False) as client:
        for method in ("GET", "DELETE", "PUT"):
            answer = await client.request(method, f"http://127.0.0.1:{filer}/buckets/dengbao/x")
            assert answer.status_code == 401


def test_a_port_is_taken_only_with_the_one_above_it() -> None:
    remembered = _ports(None)["s3"]
    assert remembered in BELOW_OUTGOING
    assert _ports(remembered)["s3"] == remembered
    with socket.socket() as other:
        other.bind(("127.0.0.1", remembered + GRPC_OFFSET))
        other.listen()
        assert _ports(remembered)["s3"] != remembered
    assert _ports(60_000)["s3"] != 60_000, "nothing is above it"


@EMBEDDED_STORE
async def test_who_takes_a_port_meanwhile_is_made_way_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[dict[str, int]] = []
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def ports(remembered: int | None) -> dict[str, int]:
            """The first time, one that somebody has taken since."""
            found = _ports(remembered)
            looked.append(found if looked else {**found, "s3": other.getsockname()[1]})
            return looked[-1]

        monkeypatch.setattr("storage.embedded.objectstore._ports", ports)
        async with embedded_stack(_settings(folder), str) as settings:
            await ObjectStore(settings).ensure_bucket()
    assert len(looked) == 2
