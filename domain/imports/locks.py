"""The object store for an attempt that may be taken back: what cannot be undone waits until it is certain."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from domain.ports import Files


class LocksLater:
    """``Files`` whose locks are only noted until ``lock``: a file under compliance lock can never be removed."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._noted: dict[str, dt.datetime] = {}

    def as_files(self) -> Files:
        """Itself, in place of the store."""
        return cast(Files, self)

    def __getattr__(self, name: str) -> Any:
        # Everything else is the store's own affair.
        return getattr(self._files, name)

    async def lock_until(self, key: str, until: dt.datetime) -> None:
        """Note that the object is to be locked."""
        self._noted[key] = until

    async def lock(self) -> None:
        """Lock what was noted."""
        for key, until in self._noted.items():
            await self._files.lock_until(key, until)
