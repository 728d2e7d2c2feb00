"""``PUT /uploads/{id}`` and ``PUT /uploads/{id}/{part}``: files of clients that reach only the platform's own host.

The body is passed on to the object store as it comes, under the URL that the client could not reach: the store checks
length and digest as it does for everybody. Nothing is gathered here: the client is read from only as fast as the store
takes it, in constant memory. What is asked for is governed like the upload itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
from starlette.types import Receive, Scope, Send

from api.execution.platform import Platform
from api.http.attachments import send_error
from api.http.callers import signed_in
from api.http.errors import Code, RequestError, internal, request_error, store_unavailable, told
from api.http.negotiation import language
from api.http.operations import Authenticator
from api.http.request import Disconnected, headers_of
from api.reads.listings import uuid_of
from api.schema.mutations.adapter import NOWHERE
from domain.documents.relaying import Target, relay_target
from domain.errors import Refusal
from domain.ports import StoreUnavailable
from domain.work import Work

# Between two pieces from the client, and between two to the store.
SILENCE_SECONDS = 60.0
CONNECTIONS = 32


class UploadEndpoint:
    """The ASGI application at ``/uploads``."""

    def __init__(self, platform: Platform, authenticator: Authenticator) -> None:
        self._platform = platform
        self._authenticator = authenticator
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=5),
            limits=httpx.Limits(max_connections=CONNECTIONS),
            trust_env=False,
        )

    async def close(self) -> None:
        """End its connections to the store."""
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        spoken = "zh"
        try:
            headers = headers_of(scope)
            spoken = language(headers.get(b"accept-language", b"")[:1024])
            target = await self._target(headers, spoken, scope)
            await self._relay(target, receive)
        except Disconnected:
            return
        except RequestError as refusal:
            await send_error(refusal.with_headers((b"connection", b"close")), spoken, scope, send)
            return
        except Exception as error:
            await send_error(RequestError(internal(error)), spoken, scope, send)
            return
        body = orjson.dumps({"receivedBytes": target.size})
        given = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": body})

    async def _target(self, headers: dict[bytes, bytes], spoken: str, scope: Scope) -> Target:
        """Where the body goes, once it is known who sends it and that it is of the announced length."""
        if scope["method"] != "PUT":
            raise request_error(Code.METHOD_NOT_ALLOWED, "请使用 PUT。", "Use PUT.").with_headers((b"allow", b"PUT"))
        caller = await signed_in(self._authenticator, headers, scope, spoken)
        given, number = scope["path_params"]["id"], scope["path_params"].get("part")
        platform = self._platform
        try:
            async with platform.database.transaction(caller.tenant_id) as session:
                work = Work(session, caller, platform.authority, platform.files, platform.jobs, dt.datetime.now(dt.UTC))
                target = await relay_target(work, upload_id=uuid_of("doc")(given) or NOWHERE, part=number)
        except Refusal as refusal:
            raise told(refusal) from refusal
        except StoreUnavailable as error:
            raise store_unavailable() from error
        if headers.get(b"content-length", b"") != b"%d" % target.size:
            raise request_error(
                Code.BAD_REQUEST,
                f"请求体须为登记的 {target.size} 字节,并给出 Content-Length。",
                f"The body has to have the {target.size} bytes that were announced, with a Content-Length.",
            )
        return target

    async def _relay(self, target: Target, receive: Receive) -> None:
        """Pass the body on. Raises: RequestError when the store refuses it, or does not answer."""
        # The client stays in charge: a store that answers early is heard, and the rest of the body is not read.
        sending = self._client.build_request("PUT", target.url, headers=dict(target.headers), content=_body(receive))
        try:
            answer = await self._client.send(sending)
        except Disconnected:
            raise
        except httpx.HTTPError as error:
            raise store_unavailable() from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise store_unavailable()
        if answer.status_code >= httpx.codes.BAD_REQUEST:
            raise request_error(
                Code.BAD_REQUEST,
                "收到的内容与登记的大小或摘要不符。请核对文件后重新发送。",
                "What came is not what was announced, by size or digest. Check the file and send it again.",
            )


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    """The request's body, piece by piece. Raises: Disconnected."""
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        if piece := message.get("body", b""):
            yield piece
        if not message.get("more_body", False):
            return
