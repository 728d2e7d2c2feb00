"""``/export/{format}``: a GraphQL query for one list, answered with the whole list as a file.

The request is a GraphQL request in all but its answer: the same body, token, acting membership, language and limits.
What goes wrong before the first byte is a GraphQL error with its status; after that the connection is cut, so that
nobody takes half a file for a whole one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any, Protocol

from graphql import GraphQLSchema, OperationType
from starlette.types import Receive, Scope, Send

from api.http.attachments import attachment, send_error
from api.http.callers import signed_in
from api.http.documents import Documents, PreparedOperation
from api.http.errors import Code, RequestError, internal, request_error
from api.http.front import facts_of
from api.http.negotiation import language
from api.http.operations import Authenticator
from api.http.request import Disconnected, headers_of, read_post
from domain.access import Caller

CACHE_BYTES = 1 << 20


class Cut(Exception):  # noqa: N818 - an event; the server closes the connection upon it
    """The file could not be finished after its beginning had been sent."""


class Granted(Protocol):
    """A file that is being made."""

    @property
    def filename(self) -> str:
        """Its name for people."""
        ...

    @property
    def media_type(self) -> str:
        """Its media type."""
        ...

    @property
    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Its bytes."""
        ...


class Exporter(Protocol):
    """What writes lists out."""

    def open(self, operation: PreparedOperation, variables: dict[str, Any], caller: Caller, suffix: str) -> Granted:
        """The export of the list that ``operation`` asks for. Raises: RequestError."""
        ...


class ExportEndpoint:
    """The ASGI application at ``/export/{format}``."""

    def __init__(self, schema: GraphQLSchema, exporter: Exporter, authenticator: Authenticator) -> None:
        self._documents = Documents(schema, CACHE_BYTES)
        self._exporter = exporter
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        spoken = "zh"
        try:
            headers = headers_of(scope)
            spoken = language(headers.get(b"accept-language", b"")[:1024])
            granted = await self._grant(headers, spoken, scope, receive)
            await _send_file(granted, receive, send)
        except Disconnected:
            return
        except RequestError as refusal:
            await send_error(refusal, spoken, scope, send)

    async def _grant(self, headers: dict[bytes, bytes], spoken: str, scope: Scope, receive: Receive) -> Granted:
        if scope["method"] != "POST":
            raise request_error(
                Code.METHOD_NOT_ALLOWED, "请使用 POST,请求体同 /graphql。", "Use POST, with a body as for /graphql."
            ).with_headers((b"allow", b"POST"))
        request = await read_post(headers, receive)
        operation = self._documents.prepare(request.document, request.operation_name)
        facts = facts_of(scope)
        facts["operation"], facts["kind"] = operation.name, "export"
        if operation.kind is not OperationType.QUERY:
            raise request_error(Code.BAD_REQUEST, "导出须为查询。", "An export is a query.")
        caller = await signed_in(self._authenticator, headers, scope, spoken)
        return self._exporter.open(operation, request.variables, caller, scope["path"].rpartition("/")[2])


async def _send_file(granted: Granted, receive: Receive, send: Send) -> None:
    """Send the file as it is made.

    Raises: Disconnected as soon as the client has gone, which ends the making; RequestError while nothing was sent,
    Cut afterwards.
    """
    gone = asyncio.create_task(_gone(receive))
    started = False
    try:
        async with contextlib.aclosing(granted.pieces) as pieces:
            async for piece in pieces:
                _still_there(gone)
                if not piece:
                    continue
                if not started:
                    await send(
                        {
                            "type": "http.response.start",
                            "status": 200,
                            "headers": attachment(granted.filename, granted.media_type),
                        }
                    )
                    started = True
                await send({"type": "http.response.body", "body": piece, "more_body": True})
    except Disconnected:
        raise
    except Exception as error:
        if started:
            raise Cut from error
        raise error if isinstance(error, RequestError) else RequestError(internal(error)) from error
    finally:
        gone.cancel()
    await send({"type": "http.response.body", "body": b""})


def _still_there(gone: asyncio.Task[None]) -> None:
    if gone.done():
        raise Disconnected


async def _gone(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
