"""uvicorn's connections with an end to their patience, and to the length of a request's head.

uvicorn itself waits for ever for the rest of a head or a body, and takes a head of any length. Here a request has
to be whole within ``REQUEST_SECONDS`` of its connection or its first byte, however steadily it drips. A file that is
passed on to the object store has that long between any two pieces, not counting how long the store lets it wait.

A scope of ours says how to cut its client off (``ABORT``), and a response that goes on says under ``STOP`` how it is
ended when the server is asked to stop.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REQUEST_SECONDS = 20
# A file that is passed on may take as long as this, as long as it keeps coming.
FILE_SECONDS = 6 * 3600
FILES = b"/uploads/"
HEAD_BYTES = 32 << 10
ABORT, STOP = "dengbao.abort", "dengbao.stop"
KEEP_ALIVE_SECONDS = 75  # longer than the proxies in front of us keep theirs (nginx: 60), so that they close first


class HeadTooLarge(Exception):  # noqa: N818 - reaches uvicorn through its parser, which answers 400
    """A request's line and headers are longer than ``HEAD_BYTES``."""


class BoundedConnection(HttpToolsProtocol):
    """One HTTP/1.1 connection."""

    _deadline: asyncio.TimerHandle | None = None
    _whole = True  # no request is half received
    _in_head = False
    _head = 0  # bytes received that may belong to the head being read
    _file_until = 0.0  # when a file's body has to be whole; 0 while none is received

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start waiting for the first request."""
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._request_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what is still incomplete after it has a deadline."""
        self._head += len(data)
        super().data_received(data)
        if self._whole:
            self._head = 0
        elif self._in_head and self._head > HEAD_BYTES:
            self._refuse(431, b"The request's head is too large.")
        elif self._file_until > self.loop.time():
            self._request_came()
            self._await_request()
        elif self._deadline is None:
            self._await_request()

    def on_message_begin(self) -> None:
        """A request starts."""
        self._whole, self._in_head = False, True
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)[ABORT] = self.transport.abort

    def on_headers_complete(self) -> None:
        """The head is whole. Raises: HeadTooLarge."""
        # Bytes received are an upper bound; a long body that came with a short head must not count against it.
        if self._head > HEAD_BYTES and self._head_length() > HEAD_BYTES:
            raise HeadTooLarge
        self._in_head = False
        self._file_until = self.loop.time() + FILE_SECONDS if self.url.startswith(FILES) else 0.0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._whole = True
        self._request_came()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """From here on the connection is another protocol's."""
        self._request_came()
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """The server stops: what is being answered goes on to its end, what would go on is ended."""
        super().shutdown()
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            cast("dict[str, Any]", cycle.scope).get(STOP, lambda: None)()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection; one whose client does not even read what it asked for is cut off."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _head_length(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(REQUEST_SECONDS, self._expire)

    def _request_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self.flow.read_paused and self._file_until > self.loop.time():
            self._await_request()  # it is we who do not read
            return
        cycle = cast("RequestResponseCycle | None", self.cycle)
        # An answer may be on its way, to this request or to the one before: nothing may be written into it.
        answering = cycle is not None and (not cycle.response_complete if self._in_head else cycle.response_started)
        if self._whole or answering:
            self.transport.close()
        else:
            self._refuse(408, b"The request did not arrive in time.")

    def _refuse(self, status: int, text: bytes) -> None:
        head = b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head % len(text) + text)
        self.transport.close()


class BoundedSocket(WebSocketsSansIOProtocol):
    """One WebSocket; what it logs of each connection, its address and path, is the front's matter."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.logger = QUIET

    def handle_connect(self, event: Any) -> None:
        """The handshake: the application runs from here on."""
        super().handle_connect(event)
        if hasattr(self, "scope"):
            cast("dict[str, Any]", self.scope)[ABORT] = self.transport.abort


def _is_ours(record: logging.LogRecord) -> bool:
    """Whether a line tells of a fault of ours: not of a client's bytes, nor of a handshake that we have refused."""
    clients = record.exc_info is not None and isinstance(record.exc_info[1], UnicodeDecodeError)
    return not clients and "without completing handshake" not in record.getMessage()


QUIET = logging.getLogger("dengbao.sockets")
QUIET.setLevel(logging.ERROR)
QUIET.addFilter(_is_ours)
