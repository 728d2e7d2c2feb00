"""The servers that a command works on: those that the settings name, or the embedded ones."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from migrations.revision import head
from storage.database import Database
from storage.embedded.stack import any_stack
from storage.settings import Settings, SetupError, read_settings

Result = TypeVar("Result")


def with_stack(step: Callable[[Settings], Awaitable[Result]]) -> Result:
    """Run ``step`` with the given servers, or with the embedded ones: those that run, or our own for the moment."""

    async def run() -> Result:
        async with any_stack(read_settings(), lambda _: None) as settings:
            return await step(settings)

    return asyncio.run(run())


@contextlib.asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    database = await Database.open(settings)
    try:
        if await database.revision() != head():
            raise SetupError("The database is not in step with this program. Run `dengbao migrate`.")
        yield database
    finally:
        await database.close()
