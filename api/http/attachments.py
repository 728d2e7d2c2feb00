"""Files as answers: their headers, and the error that is answered in place of one."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import Scope, Send

from api.http.errors import RequestError
from api.http.front import facts_of

Headers = list[tuple[bytes, bytes]]


def attachment(filename: str, media_type: str) -> Headers:
    """The headers of a file that is kept under ``filename``, whatever the language it is in (RFC 6266, RFC 8187)."""
    suffix = filename.rpartition(".")[2]
    name = f"attachment; filename=\"file.{suffix}\"; filename*=UTF-8''{quote(filename, safe='')}"
    return [(b"content-type", media_type.encode()), (b"content-disposition", name.encode())]


async def send_error(refusal: RequestError, spoken: str, scope: Scope, send: Send) -> None:
    """Answer with a GraphQL error and its own status, in the language ``spoken``."""
    facts_of(scope)["error"] = refusal.code.value
    body = refusal.body(spoken)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *refusal.headers,
    ]
    await send({"type": "http.response.start", "status": refusal.code.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_file(filename: str, media_type: str, body: bytes, send: Send) -> None:
    """Answer with a file that is at hand as a whole."""
    headers = [*attachment(filename, media_type), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
