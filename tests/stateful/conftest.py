"""The database that stateful tests share; each walk founds a city of its own in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.settings import Settings
from tests.stateful.city import Server


@pytest.fixture(scope="session")
def server(settings: Settings) -> Iterator[Server]:
    """A database with nothing but its tables, and an event loop to use it."""
    started = Server.start(settings)
    yield started
    started.stop()
