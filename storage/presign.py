"""Presigned S3 URLs (AWS Signature Version 4, query form), with signed headers.

The MinIO SDK signs no headers but the host into a presigned PUT. We need the checksum and the length signed, so that
the store itself refuses a body which is not the one announced.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Presigner:
    """Signs URLs of one bucket of one store."""

    endpoint: str
    region: str
    bucket: str
    access_key: str
    secret_key: str

    def presign(
        self,
        method: str,
        key: str,
        *,
        now: dt.datetime,
        expires: dt.timedelta,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """A URL for ``method`` on ``key``; a client has to send exactly ``headers`` with it."""
        parts = urlsplit(self.endpoint)
        stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        signed = {name.lower(): value for name, value in (headers or {}).items()} | {"host": parts.netloc}
        names = ";".join(sorted(signed))
        given = {
            **(query or {}),
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{self.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(int(expires.total_seconds())),
            "X-Amz-SignedHeaders": names,
        }
        path = quote(f"{parts.path}/{self.bucket}/{key}", safe="/-_.~")
        asked = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in sorted(given.items()))
        canonical = "\n".join(
            [
                method,
                path,
                asked,
                *(f"{name}:{signed[name].strip()}" for name in sorted(signed)),
                "",
                names,
                "UNSIGNED-PAYLOAD",
            ]
        )
        to_sign = "\n".join([ALGORITHM, stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self._key(scope), to_sign.encode(), hashlib.sha256).hexdigest()
        return f"{parts.scheme}://{parts.netloc}{path}?{asked}&X-Amz-Signature={signature}"

    def _key(self, scope: str) -> bytes:
        key = f"AWS4{self.secret_key}".encode()
        for part in scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
