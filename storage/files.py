"""The object store, over the MinIO SDK; implements the domain's ``Files``."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import io
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE, CopySource
from minio.error import InvalidResponseError, S3Error, ServerError
from minio.retention import Retention

from domain.documents.examination import Announced, Examination
from domain.packages.layout import Unpacked
from domain.ports import Listed, ObjectStat, Progress, StoreUnavailable
from storage.examiner import Examiner
from storage.multipart import StoredParts
from storage.packages import unpack
from storage.presign import Presigner
from storage.retention import retained_until
from storage.scanner import Scanner
from storage.settings import Settings, SetupError

Result = TypeVar("Result")
TIMEOUT = urllib3.Timeout(connect=3, read=30)
# A copy within the store sends nothing while it lasts.
COPY_TIMEOUT = urllib3.Timeout(connect=3, read=900)
# Packages that one process unpacks at a time: each needs room on disk, and a core.
UNPACKED_AT_ONCE = 2
MISSING = {"NoSuchKey", "NoSuchObject", "NoSuchBucket"}
# What the store answers when it cannot, and what reaches us when nothing answers.
FAULTS = {"InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout", "XMinioStorageFull"}
UNAVAILABLE = (urllib3.exceptions.HTTPError, ServerError, InvalidResponseError, OSError)


class ObjectStore:
    """One bucket with object lock, on any S3 server."""

    def __init__(self, settings: Settings) -> None:
        endpoint, access_key, secret_key = settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key
        if endpoint is None or access_key is None or secret_key is None:
            raise SetupError("DENGBAO_S3_ENDPOINT is not set. Name an object store, or start with `dengbao up`.")
        parts = urlsplit(endpoint if "//" in endpoint else f"http://{endpoint}")
        self._bucket = settings.s3_bucket

        def client(timeout: urllib3.Timeout) -> Minio:
            return Minio(
                parts.netloc,
                access_key=access_key,
                secret_key=secret_key,
                secure=parts.scheme == "https",
                region=settings.s3_region,
                http_client=urllib3.PoolManager(timeout=timeout, maxsize=16, retries=urllib3.Retry(total=1)),
            )

        self._client, self._patient = client(TIMEOUT), client(COPY_TIMEOUT)
        self._presigner = Presigner(
            f"{parts.scheme}://{parts.netloc}", settings.s3_region, settings.s3_bucket, access_key, secret_key
        )
        self.parts = StoredParts(self._client, self._presigner, settings.s3_bucket, self._call)
        self.scanner = Scanner(settings.clamd) if settings.clamd else None
        self._examiner = Examiner(self._open, self.scanner)
        self._unpacking = asyncio.Semaphore(UNPACKED_AT_ONCE)

    async def ensure_bucket(self) -> None:
        """Create the bucket, with object lock, where there is none. Raises: SetupError when the store refuses."""
        try:
            if not await self._call(lambda: self._client.bucket_exists(bucket_name=self._bucket)):
                await self._call(lambda: self._client.make_bucket(bucket_name=self._bucket, object_lock=True))
        except (S3Error, StoreUnavailable) as error:
            reason = error.code if isinstance(error, S3Error) else "no answer"
            raise SetupError(
                f"The object store cannot be used ({reason}). Check "
                "DENGBAO_S3_ENDPOINT, its keys, and DENGBAO_S3_BUCKET."
            ) from error

    async def ping(self) -> None:
        """Return when the store answers. Raises whatever keeps it from answering."""
        if not await self._call(lambda: self._client.bucket_exists(bucket_name=self._bucket)):
            raise SetupError(f"the bucket {self._bucket} does not exist")

    async def has_object_lock(self) -> bool:
        """Whether the bucket was made with object lock, without which nothing can be kept unchangeable."""
        try:
            await self._call(lambda: self._client.get_object_lock_config(bucket_name=self._bucket))
        except S3Error:
            return False
        return True

    async def presign_put(
        self, key: str, size: int, sha256: str, media_type: str, expires: dt.timedelta
    ) -> tuple[str, dict[str, str]]:
        """A URL for one PUT of exactly these bytes, and the headers the client must send with it."""
        headers = {
            "Content-Type": media_type,
            "Content-Length": str(size),
            "x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode(),
        }
        url = self._presigner.presign("PUT", key, now=dt.datetime.now(dt.UTC), expires=expires, headers=headers)
        return url, headers

    async def presign_get(self, key: str, filename: str, media_type: str, expires: dt.timedelta) -> str:
        """A short-lived URL that downloads the object under ``filename``."""
        query = {
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}",
            "response-content-type": media_type,
        }
        return self._presigner.presign("GET", key, now=dt.datetime.now(dt.UTC), expires=expires, query=query)

    async def stat(self, key: str) -> ObjectStat | None:
        """Size and digest of the object, or None when there is none."""
        try:
            found = await self._call(
                lambda: self._client.stat_object(
                    bucket_name=self._bucket, object_name=key, extra_headers={"x-amz-checksum-mode": "ENABLED"}
                )
            )
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise
        headers: Any = found.metadata or {}
        checksum = headers.get("x-amz-checksum-sha256")
        # Of an upload in parts some stores give a checksum of checksums, which is marked by the number of parts.
        whole = checksum if checksum and "-" not in checksum else None
        return ObjectStat(found.size or 0, base64.b64decode(whole).hex() if whole else None)

    async def examine(self, announced: Announced, progress: Progress) -> Examination:
        """What is in a stored file; ``progress`` is told how many of its bytes were read.

        Raises: Unexamined, StoreUnavailable.
        """
        try:
            return await self._examiner.examine(announced, progress)
        except UNAVAILABLE as error:
            raise StoreUnavailable from error

    async def read_head(self, key: str, count: int) -> bytes:
        """The first ``count`` bytes of the object."""

        def read() -> bytes:
            with contextlib.closing(self._open(key, 0, count)) as stream:
                return stream.read(count)

        return await self._call(read)

    def _open(self, key: str, offset: int, length: int) -> _Object:
        return _Object(self._client.get_object(bucket_name=self._bucket, object_name=key, offset=offset, length=length))

    async def read(self, key: str) -> bytes:
        """The whole of a small object that the platform made itself."""

        def whole() -> bytes:
            answer = self._client.get_object(bucket_name=self._bucket, object_name=key)
            try:
                return bytes(answer.data)
            finally:
                answer.close()
                answer.release_conn()

        return await self._call(whole)

    async def keys(self, prefix: str) -> list[str]:
        """The keys that begin with ``prefix``, in order."""

        def names() -> list[str]:
            listed = self._client.list_objects(bucket_name=self._bucket, prefix=prefix, recursive=True)
            return sorted(each.object_name for each in listed if each.object_name)

        return await self._call(names)

    async def fetch(self, key: str, path: Path) -> None:
        """Copy the object's bytes to a file of ours, which is not there yet."""
        await self._call(
            lambda: self._client.fget_object(bucket_name=self._bucket, object_name=key, file_path=str(path))
        )

    async def unpack(self, key: str, folder: Path) -> list[Unpacked]:
        """The files of a stored archive, unpacked into ``folder`` within a package's bounds. Raises: Unreadable."""
        archive = folder / "archive"
        async with self._unpacking:
            await self.fetch(key, archive)
            return await asyncio.to_thread(unpack, archive, folder)

    async def put_file(self, key: str, path: Path, media_type: str) -> None:
        """Store a file that lies at ``path``, in constant memory."""
        await self._call(
            lambda: self._client.fput_object(
                bucket_name=self._bucket, object_name=key, file_path=str(path), content_type=media_type
            )
        )

    async def locked_until(self, key: str) -> dt.datetime | None:
        """Until when the object is unchangeable, None where it is not."""
        try:
            return await self._call(lambda: retained_until(self._client, self._bucket, key))
        except S3Error as error:
            if error.code in MISSING:
                return None
            raise

    async def lock_until(self, key: str, until: dt.datetime) -> None:
        """Keep the object unchangeable until then, or for longer where it already is (object lock, compliance mode)."""
        given = {"bucket_name": self._bucket, "object_name": key}
        try:
            await self._call(lambda: self._client.set_object_retention(**given, config=Retention(COMPLIANCE, until)))
        except S3Error as error:
            # The same bytes are one object: somebody else may have locked it a moment ago, until a moment later.
            kept = await self.locked_until(key)
            if error.code != "AccessDenied" or kept is None or kept < until:
                raise

    async def put(self, key: str, content: bytes, media_type: str, until: dt.datetime | None = None) -> None:
        """Store one of the platform's own files, unchangeable ``until`` then where that is given."""
        await self._call(
            lambda: self._client.put_object(
                bucket_name=self._bucket,
                object_name=key,
                data=io.BytesIO(content),
                length=len(content),
                content_type=media_type,
                retention=Retention(COMPLIANCE, until) if until else None,
            )
        )

    async def digest(self, key: str) -> ObjectStat | None:
        """Size and digest of the object by reading all of it, or None when there is none."""

        def read() -> ObjectStat | None:
            try:
                stream = self._open(key, 0, 0)
            except S3Error as error:
                if error.code in MISSING:
                    return None
                raise
            found, size = hashlib.sha256(), 0
            with contextlib.closing(stream):
                while piece := stream.read(1 << 20):
                    found.update(piece)
                    size += len(piece)
            return ObjectStat(size, found.hexdigest())

        return await self._call(read)

    async def list_under(self, prefix: str) -> AsyncIterator[Listed]:
        """The objects whose keys begin with ``prefix``, in the order of their keys."""
        found = iter(self._client.list_objects(bucket_name=self._bucket, prefix=prefix, recursive=True))
        while page := await self._call(lambda: list(itertools.islice(found, 1000))):
            for each in page:
                modified = each.last_modified or dt.datetime.max.replace(tzinfo=dt.UTC)
                yield Listed(each.object_name or "", each.size or 0, modified)

    async def copy(self, source: str, target: str) -> None:
        """Have the store copy an object; its bytes do not come here."""
        await self._call(
            lambda: self._patient.copy_object(
                bucket_name=self._bucket,
                object_name=target,
                source=CopySource(bucket_name=self._bucket, object_name=source),
            )
        )

    async def discard(self, key: str) -> None:
        """Remove an object, all that was ever put under its key; nothing where there is none. Locked ones stay."""

        def remove() -> None:
            found = self._client.list_objects(bucket_name=self._bucket, prefix=key, include_version=True)
            for each in list(found):
                if each.object_name == key:
                    self._client.remove_object(bucket_name=self._bucket, object_name=key, version_id=each.version_id)

        await self._call(remove)

    @staticmethod
    async def _call(step: Callable[[], Result]) -> Result:
        """The SDK waits for its answers, so it waits in a thread. Raises: S3Error, StoreUnavailable."""
        try:
            return await asyncio.to_thread(step)
        except S3Error as error:
            if error.code in FAULTS:
                raise StoreUnavailable from error
            raise
        except UNAVAILABLE as error:
            raise StoreUnavailable from error


class _Object:
    """An object's bytes; closing it gives its connection back."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def read(self, count: int, /) -> bytes:
        """The next bytes."""
        piece: bytes = self._answer.read(count)
        return piece

    def close(self) -> None:
        """Let the connection go."""
        self._answer.close()
        self._answer.release_conn()
