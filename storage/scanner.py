"""Asking ClamAV's ``clamd`` (病毒扫描): bytes go through a socket, piece by piece, and are kept nowhere.

Own INSTREAM in pieces of 256 KB: the library for it sends one KB at a time, and takes twenty times as long.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from dataclasses import dataclass

from domain.documents.examination import Unexamined

SECONDS = 60.0
REPLY_BYTES = 4096
TOO_LARGE = b"size limit exceeded"


@dataclass(frozen=True, slots=True)
class Said:
    """What the scanner said of some bytes: a ``signature`` that it found, or that it did not look (``skipped``)."""

    signature: str | None = None
    skipped: bool = False


class Scan:
    """One file on its way through the scanner: ``feed`` its pieces, then ask ``said``."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._ended: Said | None = None
        connection.sendall(b"zINSTREAM\0")

    def feed(self, piece: bytes) -> None:
        """Send a piece on. Raises: Unexamined."""
        if self._ended is not None or not piece:
            return
        try:
            self._connection.sendall(struct.pack("!I", len(piece)) + piece)
        except OSError:
            # It has hung up, and says why: mostly that the file is longer than it takes.
            self._ended = self._reply()

    def said(self) -> Said:
        """The verdict. Raises: Unexamined."""
        if self._ended is None:
            with contextlib.suppress(OSError):
                self._connection.sendall(struct.pack("!I", 0))
            self._ended = self._reply()
        self._connection.close()
        return self._ended

    def _reply(self) -> Said:
        try:
            reply = self._connection.recv(REPLY_BYTES)
        except OSError as error:
            raise Unexamined("the scanner does not answer") from error
        text = reply.rstrip(b"\0\n")
        if text.endswith(b" FOUND"):
            name = text.partition(b": ")[2].removesuffix(b" FOUND").decode("ascii", "replace")
            return Said(signature=name)
        if text.endswith(b": OK"):
            return Said()
        if TOO_LARGE in text:
            return Said(skipped=True)
        raise Unexamined("the scanner could not look at it")


@dataclass(frozen=True, slots=True)
class Scanner:
    """A running clamd: ``host:port``, or the path of its socket."""

    address: str

    def begin(self) -> Scan:
        """Start with one file. Raises: Unexamined when nothing answers."""
        try:
            return Scan(self._connect())
        except (OSError, ValueError) as error:
            raise Unexamined("the scanner does not answer") from error

    def ping(self) -> bool:
        """Whether it answers."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(REPLY_BYTES).startswith(b"PONG")
        except (OSError, ValueError):
            return False

    def _connect(self) -> socket.socket:
        if self.address.startswith("/"):
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(SECONDS)
            connection.connect(self.address)
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host, int(port)), SECONDS)
