"""A city's objects in the store, all of them: listed, read and written as streams, and removed where no lock holds."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import S3Error
from minio.retention import Retention

from storage.retention import retained_until
from storage.settings import Settings, SetupError

TIMEOUT = urllib3.Timeout(connect=5, read=60)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object's key, size in bytes, media type, and until when it is locked."""

    key: str
    size: int
    media_type: str
    locked_until: dt.datetime | None


class TenantObjects:
    """The objects whose keys begin with a tenant's."""

    def __init__(self, settings: Settings, tenant: str) -> None:
        if settings.s3_endpoint is None:
            raise SetupError("DENGBAO_S3_ENDPOINT is not set. Name an object store, or start with `dengbao up`.")
        parts = urlsplit(settings.s3_endpoint if "//" in settings.s3_endpoint else f"http://{settings.s3_endpoint}")
        self._prefix = f"{tenant}/"
        self._bucket = settings.s3_bucket
        self._client = Minio(
            parts.netloc,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            secure=parts.scheme == "https",
            region=settings.s3_region,
            http_client=urllib3.PoolManager(timeout=TIMEOUT, retries=urllib3.Retry(total=3)),
        )

    async def all(self) -> AsyncIterator[StoredObject]:
        """Every object, in the order of keys."""
        listed = iter(self._client.list_objects(bucket_name=self._bucket, prefix=self._prefix, recursive=True))
        while (each := await asyncio.to_thread(next, listed, None)) is not None:
            yield await asyncio.to_thread(self._described, str(each.object_name))

    def _described(self, key: str) -> StoredObject:
        found = self._client.stat_object(bucket_name=self._bucket, object_name=key)
        return StoredObject(key, found.size or 0, found.content_type or "application/octet-stream", self._lock(key))

    def _lock(self, key: str, version: str | None = None) -> dt.datetime | None:
        try:
            return retained_until(self._client, self._bucket, key, version)
        except S3Error:
            return None

    def open(self, key: str) -> Any:
        """The object's bytes, to be read piece by piece and closed."""
        return self._client.get_object(bucket_name=self._bucket, object_name=key)

    def put(self, stored: StoredObject, content: BinaryIO) -> None:
        """Store an object as it was described, its lock with it where that has not run out."""
        until = stored.locked_until
        lock = Retention(COMPLIANCE, until) if until and until > dt.datetime.now(dt.UTC) else None
        self._client.put_object(
            bucket_name=self._bucket,
            object_name=stored.key,
            data=content,
            length=stored.size,
            content_type=stored.media_type,
            retention=lock,
        )

    async def remove(self) -> tuple[int, int, dt.datetime | None]:
        """Remove every version of every object: how many went, how many a lock keeps, and until when at most."""
        return await asyncio.to_thread(self._remove)

    def _remove(self) -> tuple[int, int, dt.datetime | None]:
        gone, locks = 0, list[dt.datetime]()
        versions = self._client.list_objects(
            bucket_name=self._bucket, prefix=self._prefix, recursive=True, include_version=True
        )
        for each in list(versions):
            key, version = str(each.object_name), each.version_id
            until = None if each.is_delete_marker else self._lock(key, version)
            if until is not None and until > dt.datetime.now(dt.UTC):
                locks.append(until)
                continue
            self._client.remove_object(bucket_name=self._bucket, object_name=key, version_id=version)
            gone += not each.is_delete_marker
        return gone, len(locks), max(locks, default=None)
