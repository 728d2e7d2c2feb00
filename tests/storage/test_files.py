"""What the object store promises: only what was announced comes in, and what is locked stays."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid

import httpx
import pytest
from minio import Minio
from minio.error import S3Error

from storage.files import ObjectStore
from storage.settings import Settings

MINUTE = dt.timedelta(minutes=1)
CONTENT = "等级保护".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
async def key(store: ObjectStore) -> str:
    return f"tests/{uuid.uuid4()}"


async def put(url: str, content: bytes, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.put(url, content=content, headers=headers)).status_code


async def test_the_announced_bytes_come_in_and_are_known_by_size_and_digest(
    store: ObjectStore, key: str, digests: bool
) -> None:
    url, headers = await store.presign_put(key, len(CONTENT), DIGEST, "text/plain", MINUTE)
    assert await put(url, CONTENT, headers) == 200
    found = await store.stat(key)
    assert found
    assert (found.size, found.sha256) == (len(CONTENT), DIGEST if digests else None)
    assert await store.read_head(key, 6) == CONTENT[:6]


@pytest.mark.parametrize("wrong", ["body", "header", "length", "expired", "method"])
async def test_anything_else_is_refused(store: ObjectStore, key: str, wrong: str, digests: bool) -> None:
    if wrong == "body" and not digests:
        pytest.skip("this store checks no digests: completing the upload does")
    life = dt.timedelta(seconds=-60) if wrong == "expired" else MINUTE
    url, headers = await store.presign_put(key, len(CONTENT), DIGEST, "text/plain", life)
    content = CONTENT
    if wrong == "body":
        content = b"x" * len(CONTENT)
    elif wrong == "header":
        headers.pop("x-amz-checksum-sha256")
    elif wrong == "length":
        content, headers = CONTENT + b"x", {**headers, "Content-Length": str(len(CONTENT) + 1)}
    if wrong == "method":
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(url)).status_code == 403
    else:
        assert await put(url, content, headers) in {400, 403}
    assert await store.stat(key) is None


async def test_a_download_has_its_chinese_name_and_ends(store: ObjectStore, key: str) -> None:
    await store.put(key, CONTENT, "text/plain")
    async with httpx.AsyncClient(trust_env=False) as client:
        good = await client.get(await store.presign_get(key, "备案 表.txt", "text/plain", MINUTE))
        ended = await client.get(await store.presign_get(key, "x", "text/plain", dt.timedelta(seconds=-1)))
        other = await client.get((await store.presign_get(key, "x", "text/plain", MINUTE)).replace(key, f"{key}x"))
    assert good.content == CONTENT
    assert good.headers["content-disposition"].endswith("''%E5%A4%87%E6%A1%88%20%E8%A1%A8.txt")
    assert ended.status_code in {400, 403}
    assert other.status_code == 403


async def test_what_is_locked_cannot_be_removed(store: ObjectStore, settings: Settings, key: str) -> None:
    await store.put(key, CONTENT, "text/plain")
    await store.lock_until(key, dt.datetime.now(dt.UTC) + MINUTE)
    assert settings.s3_endpoint
    client = Minio(
        settings.s3_endpoint.removeprefix("http://"),
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key,
        secure=False,
        region=settings.s3_region,
    )
    version = client.stat_object(bucket_name=settings.s3_bucket, object_name=key).version_id
    with pytest.raises(S3Error):
        client.remove_object(bucket_name=settings.s3_bucket, object_name=key, version_id=version)
    assert await store.read_head(key, 100) == CONTENT
    assert await store.has_object_lock()
