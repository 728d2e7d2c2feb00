"""The two servers that are compared, each run in a process of its own."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from api.http import server
from bench import handwritten
from storage.settings import Settings


def platform(settings: Settings, port: int) -> None:
    """The platform."""
    server.run(settings.model_copy(update={"port": port}), create_app)


def by_hand(settings: Settings, port: int) -> None:
    """The hand-written endpoint."""
    uvicorn.run(handwritten.create(settings), port=port, log_config=None, access_log=False, loop="uvloop")
