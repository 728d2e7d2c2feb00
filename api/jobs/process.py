"""``dengbao work``: a process that does background work and nothing else."""

from __future__ import annotations

import asyncio
import signal

from api.execution.platform import Platform
from api.http import logs
from api.jobs.worker import Worker
from authz.tokens import Tokens
from domain.background import Tasks
from domain.tasks import TASKS
from migrations.revision import head
from storage.database import Database
from storage.files import ObjectStore
from storage.inbox import inbox_of
from storage.keys import AuditKey, token_key
from storage.mail import mail_of
from storage.settings import Settings, SetupError


async def work(settings: Settings, tasks: Tasks = TASKS, *, once: bool = False) -> None:
    """Do background work until told to stop by Ctrl-C or SIGTERM; ``once``: until nothing more is due.

    Raises: SetupError when the database cannot be used.
    """
    logs.configure(settings.log_format, settings.log_level)
    database = await Database.open(settings)
    try:
        if await database.revision() != head():
            raise SetupError("The database is not in step with this program. Run `dengbao migrate`.")
        store, tokens = ObjectStore(settings), Tokens(token_key(settings))
        platform = Platform.start(
            database, store, tokens, AuditKey(settings), mail_of(settings), public_url=settings.public_url
        )
        platform.inbox = inbox_of(settings)
        worker = Worker(platform, tasks, lease=settings.job_lease_seconds)
        if once:
            await worker.run_due()
            return
        running = asyncio.create_task(worker.run())
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await worker.stop()
        await running
    finally:
        await database.close()
