"""Calls to the outside, where an address comes from a setting or from another server: not into our own network.

A host is resolved once, and connected to by the address that was looked at, so that a name cannot mean one thing when
it is checked and another when it is used. Redirects are not followed. Hosts that are meant to be inside (a city's own
identity provider) are named in DENGBAO_OUTGOING_INSIDE.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from storage.settings import Settings

TIMEOUT = httpx.Timeout(10, connect=5)
# What another server answers is read up to here.
LONGEST_ANSWER = 1 << 20


class Forbidden(httpcore.ConnectError):
    """The address is one of our own network, and not one that the settings name."""


class _Outside(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, and to hosts that are allowed to be inside."""

    def __init__(self, inside: frozenset[str]) -> None:
        self._inside = inside
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as in httpcore
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to ``host``. Raises: Forbidden."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} is not known") from error
        address = str(found[0][4][0])
        if host.lower() not in self._inside and not is_public(address):
            raise Forbidden(f"{host} is inside our own network")
        return await self._backend.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - as in httpcore
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never. Raises: Forbidden."""
        raise Forbidden("no sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        """Between two tries."""
        await self._backend.sleep(seconds)


class _Transport(httpx.AsyncHTTPTransport):
    def __init__(self, backend: httpcore.AsyncNetworkBackend) -> None:
        context = ssl.create_default_context()
        super().__init__(verify=context, retries=0)
        self._pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=backend, max_connections=10)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network: not loopback, private, link-local or the like."""
    given = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(given, "ipv4_mapped", None) or getattr(given, "sixtofour", None)
    return (mapped or given).is_global and not given.is_multicast


def outgoing_client(settings: Settings) -> httpx.AsyncClient:
    """A client for such calls; what it raises is an ``httpx.HTTPError``."""
    inside = frozenset(host.strip().lower() for host in settings.outgoing_inside.split(",") if host.strip())
    return httpx.AsyncClient(
        transport=_Transport(_Outside(inside)), timeout=TIMEOUT, follow_redirects=False, trust_env=False
    )


async def fetch(client: httpx.AsyncClient, url: str) -> bytes:
    """What ``url`` answers, up to ``LONGEST_ANSWER``. Raises: httpx.HTTPError."""
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise httpx.HTTPError("the answer is too long")
        return body
