"""Serving: uvicorn on uvloop and httptools, one process or several, ended gracefully by Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api.http import logs
from api.http.connections import KEEP_ALIVE_SECONDS, BoundedConnection, BoundedSocket
from api.http.request import BODY_BYTES
from storage.settings import Settings, SetupError

# What a request may still take when the server is asked to stop.
GRACE_SECONDS = 15
# Connections per worker; what comes beyond is answered 503 rather than accepted and left waiting.
CONNECTIONS = 2000
STARTUP_SECONDS = 60.0
# glibc's mallopt.
M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3

# Compressed messages could unpack to any length.
PROTOCOLS: dict[str, Any] = {
    "http": BoundedConnection,
    "ws": BoundedSocket,
    "ws_max_size": BODY_BYTES,
    "ws_per_message_deflate": False,
}

AppFactory = Callable[[Settings], ASGIApp]


def run(settings: Settings, factory: AppFactory, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve ``factory(settings)`` until asked to stop; returns after a graceful end.

    ``factory`` has to be a module's function: workers import it. ``on_ready`` is called once connections are taken.
    Raises: SetupError when the address cannot be used, or the application does not start.
    """
    listener = _listen(settings.host, settings.port)
    worker = Worker(settings, factory)
    config = uvicorn.Config(
        worker,
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        **PROTOCOLS,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        callback_notify=Orphan(os.getpid()) if settings.workers > 1 else None,
        timeout_notify=1,
    )
    with contextlib.closing(listener):
        if settings.workers > 1:
            _run_several(config, listener, on_ready)
        else:
            _run_one(config, worker, listener, on_ready)


@dataclass
class Worker:
    """Builds the application in the process that serves it, and remembers why it could not start."""

    settings: Settings
    factory: AppFactory
    failure: SetupError | None = field(default=None, init=False)
    app: ASGIApp | None = field(default=None, init=False)

    def __call__(self) -> ASGIApp:
        """The application, for uvicorn."""
        _spare_memory()
        logs.configure(self.settings.log_format, self.settings.log_level)
        app = self.factory(self.settings)

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await self._lifespan(app, scope, receive, send)
            else:
                await app(scope, receive, send)

        return serve

    async def _lifespan(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Starting and stopping; a setup that is wrong is one line and no stack trace."""
        refused: list[Message] = []

        async def hold(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                refused.append(message)
            else:
                await send(message)

        try:
            await app(scope, receive, hold)
        except SetupError as error:
            self.failure = error
            # A single worker's reason is told by the command, in one line; several have only the log to say it in.
            logging.getLogger("uvicorn.error").disabled = self.settings.workers == 1
            await send({"type": "lifespan.startup.failed", "message": str(error)})
        except BaseException:
            for message in refused:
                await send(message)
            raise


def _spare_memory() -> None:
    """Two heaps are enough for a handful of threads; large blocks (password hashing) go back when freed."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 20)


@dataclass(frozen=True)
class Orphan:
    """Ends a worker whose parent was killed, so that it does not keep the port."""

    parent: int

    async def __call__(self) -> None:
        """Asked about once a second by uvicorn."""
        if os.getppid() != self.parent:
            os.kill(os.getpid(), signal.SIGTERM)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._on_ready()


class _Workers(Multiprocess):
    def __init__(self, config: uvicorn.Config, listener: socket.socket, on_ready: Callable[[], None]) -> None:
        super().__init__(config, [listener])
        self._on_ready = on_ready

    def init_processes(self) -> None:
        super().init_processes()
        if all(process.wait_until_ready(STARTUP_SECONDS, self.should_exit) for process in self.processes):
            self._on_ready()


def _run_one(config: uvicorn.Config, worker: Worker, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    server = _Server(config, on_ready)
    # uvicorn raises the signals it was ended by once more when it is done: then they have to find a handler that
    # lets the caller go on, to stop what else it runs.
    with _handling([signal.SIGINT, signal.SIGTERM], server.handle_exit):
        try:
            server.run(sockets=[listener])
        except SystemExit:
            if worker.failure:
                raise worker.failure from None
            raise


def _run_several(config: uvicorn.Config, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    with _handling([]):
        workers = _Workers(config, listener, on_ready)
        workers.run()
    if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
        raise SetupError("工作进程未能启动,原因见上。 / The workers did not start, for the reason given above.")


@contextlib.contextmanager
def _handling(signals: list[signal.Signals], handler: Any = None) -> Iterator[None]:
    """Handle ``signals`` meanwhile, and give all handlers back as they were found."""
    found = {number: signal.getsignal(number) for number in signal.valid_signals()}
    for number in signals:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in found.items():
            if former is not None and signal.getsignal(number) is not former:
                signal.signal(number, former)


def require_free(host: str, port: int) -> None:
    """Raises: SetupError when the address cannot be used."""
    _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address, before anything else is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Another server's socket may be bound in the same way; only listening tells.
        listener.listen(2048)
    except OSError as error:
        raise SetupError(_why(error, host, port)) from error
    listener.set_inheritable(True)
    return listener


def _why(error: OSError, host: str, port: int) -> str:
    at = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return (
            f"{at} 已被占用:请停止占用它的程序,或用 DENGBAO_PORT 指定别的端口。 / "
            f"{at} is in use: stop what uses it, or set DENGBAO_PORT to another port."
        )
    if error.errno == errno.EACCES:
        return (
            f"无权使用 {at}:请用 DENGBAO_PORT 指定 1024 以上的端口。 / "
            f"{at} is not allowed to this user: set DENGBAO_PORT to a port from 1024 on."
        )
    return (
        f"无法在 {at} 上监听({error.strerror}):请核对 DENGBAO_HOST 与 DENGBAO_PORT。 / "
        f"Cannot listen on {at} ({error.strerror}): check DENGBAO_HOST and DENGBAO_PORT."
    )
