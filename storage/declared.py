"""Requests to hosts that the operator has declared, and to no others; how they go out is ``storage.outgoing``'s."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from storage.outgoing import outgoing_client
from storage.settings import Settings

MOST_BYTES = 256 << 10
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OutgoingError(Exception):
    """The other side is not one that was declared, or gave no usable answer."""


def require_declared(url: str, hosts: frozenset[str]) -> None:
    """Refuse an address that is not https (plain http to this very machine aside), or of another host.

    Raises: OutgoingError.
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not secure or parts.username or parts.password or parts.netloc.lower() not in hosts:
        raise OutgoingError("an address that was not declared")


async def ask_json(
    settings: Settings,
    url: str,
    hosts: frozenset[str],
    form: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object at ``url``, or the answer to a form; redirects are not followed. Raises: OutgoingError."""
    require_declared(url, hosts)
    try:
        async with (
            outgoing_client(settings) as client,
            client.stream(
                "GET" if form is None else "POST",
                url,
                data=form,
                auth=httpx.BasicAuth(*auth) if auth else None,
                headers={"accept": "application/json"},
            ) as response,
        ):
            if response.status_code != 200:
                raise OutgoingError(f"HTTP {response.status_code}")
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise OutgoingError("the answer is too large")
    except httpx.HTTPError as error:
        raise OutgoingError(type(error).__name__) from None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise OutgoingError("the answer is no JSON") from None
    if not isinstance(value, dict):
        raise OutgoingError("the answer is no object")
    return value
