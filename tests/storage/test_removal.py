"""Somebody tries to remove what is kept, through S3 and by every other door of the embedded store; it stays."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention

from storage.files import ObjectStore
from storage.settings import Settings
from tests.support import EMBEDDED_STORE

CONTENT = b"kept"


@pytest.fixture
async def kept(store: ObjectStore) -> str:
    """The key of an object that is under lock."""
    key = f"removal/{uuid.uuid4()}"
    await store.put(key, CONTENT, "text/plain", dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2))
    return key


def client_of(settings: Settings) -> Minio:
    assert settings.s3_endpoint
    return Minio(
        settings.s3_endpoint.removeprefix("http://"),
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        secure=False,
        region=settings.s3_region,
    )


async def test_through_s3_with_the_platforms_own_key(store: ObjectStore, settings: Settings, kept: str) -> None:
    client, bucket = client_of(settings), settings.s3_bucket
    version = client.stat_object(bucket_name=bucket, object_name=kept).version_id
    now = dt.datetime.now(dt.UTC)
    attempts = (
        lambda: client.remove_object(bucket_name=bucket, object_name=kept, version_id=version),
        lambda: client.set_object_retention(
            bucket_name=bucket, object_name=kept, config=Retention(COMPLIANCE, now + dt.timedelta(seconds=1))
        ),
        lambda: client.set_object_retention(
            bucket_name=bucket, object_name=kept, config=Retention(GOVERNANCE, now + dt.timedelta(minutes=9))
        ),
    )
    for attempt in attempts:
        with pytest.raises(S3Error):
            attempt()
    many = client.remove_objects(bucket_name=bucket, delete_object_list=[DeleteObject(kept, version)])
    assert [error.code for error in many] == ["AccessDenied"]
    # A marker hides it from those who ask for no version, and a new version stands before it: the bytes stay.
    answer = client.get_object(bucket_name=bucket, object_name=kept, version_id=version)
    assert answer.data == CONTENT
    with pytest.raises(S3Error):
        await store.discard(kept)
    assert await store.read_head(kept, 100) == CONTENT


def ports(settings: Settings) -> dict[str, int]:
    """The store's ports by their names, from its command line."""
    home = settings.data_dir / "objects"
    process = int((home / "weed.pid").read_text())
    given = Path(f"/proc/{process}/cmdline").read_bytes().decode().split("\0")
    found = [part.lstrip("-").split("=") for part in given if ".port=" in part]
    return {name.removesuffix(".port"): int(port) for name, port in found}


@EMBEDDED_STORE
async def test_through_the_other_http_ports(store: ObjectStore, settings: Settings, kept: str) -> None:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as http:
        for name in ("filer", "volume"):
            at = f"http://127.0.0.1:{ports(settings)[name]}"
            for path in (f"/buckets/{settings.s3_bucket}/{kept}", "/buckets/?recursive=true", "/1,01"):
                assert (await http.delete(f"{at}{path}")).status_code >= 400
        master = f"http://127.0.0.1:{ports(settings)['master']}"
        for path in ("/vol/vacuum?garbageThreshold=0", "/col/delete?collection=", "/submit"):
            await http.get(f"{master}{path}")
    assert await store.read_head(kept, 100) == CONTENT


@EMBEDDED_STORE
async def test_through_its_own_shell_without_its_certificate(
    store: ObjectStore, settings: Settings, kept: str, tmp_path: Path
) -> None:
    home, at = settings.data_dir / "objects", ports(settings)
    command = [str(Path(sys.executable).parent / "weed"), "shell"]
    command += [f"-master=127.0.0.1:{at['master']}", f"-filer=127.0.0.1:{at['filer']}"]

    def ask(said: str, folder: Path) -> bytes:
        asked = f"{said}\nexit\n".encode()
        with contextlib.suppress(subprocess.TimeoutExpired):  # without the certificate it goes on knocking
            return subprocess.run(command, input=asked, cwd=folder, timeout=3, capture_output=True, check=False).stdout  # noqa: S603
        return b""

    folder = f"/buckets/{settings.s3_bucket}/{kept.rpartition('/')[0]}"
    # Who can read the store's own files is let in (docs/FILES.md): it is the certificate that keeps others out.
    assert kept.rpartition("/")[2].encode() in await asyncio.to_thread(ask, f"fs.ls {folder}", home)
    assert await asyncio.to_thread(ask, f"fs.ls {folder}\nfs.rm -rf {folder}", tmp_path) == b""
    assert await store.read_head(kept, 100) == CONTENT


@EMBEDDED_STORE
async def test_its_keys_are_its_owners_alone(settings: Settings) -> None:
    home = settings.data_dir / "objects"
    secret = [*home.glob("*.json"), *home.glob("*.toml"), *home.glob("*.pem")]
    assert len(secret) >= 5
    assert {path.stat().st_mode & 0o077 for path in secret} == {0}
    assert "secret_key" in json.loads((home / "server.json").read_text())
