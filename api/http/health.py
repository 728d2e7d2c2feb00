"""``/healthz``: the process lives. ``/readyz``: requests can be served, or which part keeps them from it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

log = structlog.get_logger(component="health")

Check = Callable[[], Awaitable[None]]
OK = "ok"
CHECK_SECONDS = 2.0
FRESH_SECONDS = 1.0


class NotReady(Exception):  # noqa: N818 - an answer, not a fault
    """A part is there but cannot serve yet; the word given is shown, e.g. ``NotReady("not migrated")``."""


class Readiness:
    """Asks every part at once, at most once a second however many ask.

    A check returns when its part is usable; it raises NotReady with a word to show, or anything else, which is
    logged and shown as ``unreachable``.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks
        self._lock = asyncio.Lock()
        self._asked = float("-inf")
        self._parts: dict[str, str] = {}

    async def parts(self) -> Mapping[str, str]:
        """What each part answered: ``ok``, ``unreachable``, or the word of its NotReady."""
        async with self._lock:
            if time.monotonic() - self._asked > FRESH_SECONDS:
                answers = await asyncio.gather(*(self._ask(name, check) for name, check in self._checks.items()))
                self._parts = dict(zip(self._checks, answers, strict=True))
                self._asked = time.monotonic()
            return self._parts

    @staticmethod
    async def _ask(name: str, check: Check) -> str:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check()
        except NotReady as reason:
            return str(reason)
        except Exception as error:
            log.warning("part unreachable", part=name, error=type(error).__name__)
            return "unreachable"
        return OK


def routes(readiness: Readiness) -> list[Route]:
    """The two health endpoints; open to anyone, since they say nothing but words."""

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        parts = await readiness.parts()
        ready = all(answer == OK for answer in parts.values())
        return JSONResponse({"ready": ready, "parts": dict(parts)}, status_code=200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
