"""What every response gets, whatever application gave it: a request id, security headers, a line in the log.

The line holds who (a membership), what (an operation's name) and how long; never variables, tokens or addresses.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.audit.origin import ORIGIN, Origin

log = structlog.get_logger(component="access")

# A caller's own request id is kept when it is harmless to write into a log.
REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
FACTS = "dengbao.facts"
# The beginnings of a response, and of a WebSocket that is refused.
STARTS = frozenset({"http.response.start", "websocket.http.response.start"})
AGENT_LENGTH = 200
SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
# Where people reach us by HTTPS: they shall not come by another way (RFC 6797).
TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
# A page or asset may set its own; what sets none is data, and may neither be kept nor run anything.
DEFAULT_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


def facts_of(scope: Scope) -> dict[str, Any]:
    """What the log line of this request will say; applications add to it."""
    facts: dict[str, Any] = scope.setdefault(FACTS, {})
    return facts


class Front:
    """The outermost ASGI middleware."""

    def __init__(self, app: ASGIApp, *, https: bool = False) -> None:
        self._app = app
        self._headers = (*SECURITY_HEADERS, TRANSPORT) if https else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, complete the response's headers, and log it when it is over."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        facts = facts_of(scope)
        # A task of its own answers each request: what is set here is of this request alone.
        ORIGIN.set(_origin(scope, request_id))
        status = size = 0

        async def complete(message: Message) -> None:
            nonlocal status, size
            if message["type"] in STARTS:
                status = message["status"]
                headers = list(message.get("headers", ()))
                own = {name for name, _ in headers}
                headers += self._headers
                headers += (header for header in DEFAULT_HEADERS if header[0] not in own)
                headers.append((b"x-request-id", request_id))
                message = {**message, "headers": headers}
            else:
                size += len(message.get("body", message.get("text", b"")))
            await send(message)

        try:
            await self._app(scope, receive, complete)
        finally:
            log.info(
                "request",
                request_id=request_id.decode(),
                method=scope.get("method", "WEBSOCKET"),
                path=scope["path"],
                status=status or None,
                bytes=size,
                ms=round((time.perf_counter() - started) * 1000, 2),
                **facts,
            )


def _origin(scope: Scope, request_id: bytes) -> Origin:
    client = scope.get("client")
    given = next((value for name, value in scope["headers"] if name == b"user-agent"), b"").decode("latin-1")
    agent = (given if given.isprintable() else "".join(filter(str.isprintable, given)))[:AGENT_LENGTH]
    return Origin(client[0] if client else None, agent or None, request_id.decode())


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and REQUEST_ID.fullmatch(value):
            given: bytes = value
            return given
    return secrets.token_hex(16).encode()
