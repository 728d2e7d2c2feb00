"""Until when an object is unchangeable, as any store says it.

The SDK reads three decimals of a second at most, and Ceph gives nine.
"""

from __future__ import annotations

import datetime as dt
import re

from minio import Minio
from minio.error import S3Error

# What stores answer when they are asked for the lock of what has none.
UNLOCKED = {"NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"}
RETAINED = re.compile(r"<RetainUntilDate>([^<]+)</RetainUntilDate>")


def retained_until(client: Minio, bucket: str, key: str, version: str | None = None) -> dt.datetime | None:
    """The end of an object's retention, None where it has none. Raises: S3Error."""
    asked: dict[str, str | list[str] | tuple[str]] = {"retention": "", **({"versionId": version} if version else {})}
    try:
        answer = client._execute("GET", bucket, object_name=key, query_params=asked)
    except S3Error as error:
        if error.code in UNLOCKED:
            return None
        raise
    found = RETAINED.search(answer.data.decode())
    return dt.datetime.fromisoformat(found[1]) if found else None
