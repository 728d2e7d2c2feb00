"""Uploads in parts: each is put straight into the store by a URL of its own, in any order, again where it broke off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from minio import Minio
from minio.datatypes import Part
from minio.error import S3Error

from storage.presign import Presigner

GONE = {"NoSuchUpload", "NoSuchKey"}


class StoredParts:
    """The parts of uploads into one bucket; implements the domain's ``Parts``."""

    def __init__(
        self, client: Minio, presigner: Presigner, bucket: str, call: Callable[[Callable[[], Any]], Awaitable[Any]]
    ) -> None:
        self._client = client
        self._presigner = presigner
        self._bucket = bucket
        self._call = call

    async def start(self, key: str, media_type: str) -> str:
        """Begin an upload in parts; the store's name for it."""
        headers: dict[str, str | list[str] | tuple[str]] = {"Content-Type": media_type}
        name: str = await self._call(
            lambda: self._client._create_multipart_upload(bucket_name=self._bucket, object_name=key, headers=headers)
        )
        return name

    def presign(self, key: str, name: str, number: int, size: int, expires: dt.timedelta) -> tuple[str, dict[str, str]]:
        """A URL for one PUT of a part of ``size`` bytes, and the headers to send with it."""
        headers = {"Content-Length": str(size)}
        url = self._presigner.presign(
            "PUT",
            key,
            now=dt.datetime.now(dt.UTC),
            expires=expires,
            headers=headers,
            query={"partNumber": str(number), "uploadId": name},
        )
        return url, headers

    async def there(self, key: str, name: str) -> dict[int, int] | None:
        """The sizes of the parts that have come, by number; None when the store knows of no such upload."""
        found = await self._list(key, name)
        return None if found is None else {part.part_number: part.size or 0 for part in found}

    async def finish(self, key: str, name: str) -> bool:
        """Make one object of the parts that have come; False when the store knows of no such upload."""
        parts = await self._list(key, name)
        if not parts:
            return False
        try:
            await self._call(
                lambda: self._client._complete_multipart_upload(
                    bucket_name=self._bucket, object_name=key, upload_id=name, parts=parts
                )
            )
        except S3Error as error:
            if error.code in GONE:
                return False
            raise
        return True

    async def abort(self, key: str, name: str) -> None:
        """Throw the parts away; nothing where there are none."""
        try:
            await self._call(
                lambda: self._client._abort_multipart_upload(bucket_name=self._bucket, object_name=key, upload_id=name)
            )
        except S3Error as error:
            if error.code not in GONE:
                raise

    async def _list(self, key: str, name: str) -> list[Part] | None:
        """The parts in their order. One that was sent again is listed twice by some stores: the later counts."""
        latest: dict[int, Part] = {}
        marker: str | None = None
        try:
            while True:
                page = await self._call(partial(self._page, key, name, marker))
                for part in page.parts:
                    known = latest.get(part.part_number)
                    if known is None or _moment(part) > _moment(known):
                        latest[part.part_number] = part
                if not page.is_truncated:
                    return [latest[number] for number in sorted(latest)]
                marker = page.next_part_number_marker
        except S3Error as error:
            if error.code in GONE:
                return None
            raise

    def _page(self, key: str, name: str, marker: str | None) -> Any:
        return self._client._list_parts(
            bucket_name=self._bucket, object_name=key, upload_id=name, part_number_marker=marker
        )


def _moment(part: Part) -> dt.datetime:
    return part.last_modified or dt.datetime.min.replace(tzinfo=dt.UTC)
