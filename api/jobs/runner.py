"""Runs one job: its task in a transaction of its tenant, and what becomes of it when that fails."""

from __future__ import annotations

import asyncio
import datetime as dt
import traceback
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import structlog
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job

from api.execution.platform import Platform
from domain.background import Background, Task, TaskFailure, Tasks
from domain.transaction import Transaction
from storage.queue import Queue

log = structlog.get_logger(component="jobs")

# How many workers a job may take down with it before it is taken to be the cause.
DEATHS = 3

# Begins a job: from now on its key is free for the next one, and what happened to it before is known.
BEGIN = """
WITH begun AS (UPDATE jobs.queue SET dedupe_key = NULL WHERE id = $1 AND dedupe_key IS NOT NULL)
SELECT count(*) FROM jobs.log WHERE job_id = $1 AND status = 'picked'
  AND id > coalesce((SELECT max(id) FROM jobs.log WHERE job_id = $1 AND status = 'failed'), 0)
"""


class JobFailed(Exception):  # noqa: N818 - what the queue keeps as a job's reason
    """Why a job failed, in words that hold nothing of what it was about."""


def utc_now() -> dt.datetime:
    """The time now."""
    return dt.datetime.now(dt.UTC)


@dataclass
class Runner:
    """Runs jobs by the table of ``tasks``; ``begin`` runs ``BEGIN`` for a job, on the queue's connection."""

    platform: Platform
    tasks: Tasks
    begin: Callable[[int], Any]
    clock: Callable[[], dt.datetime] = utc_now
    _running: set[asyncio.Task[None]] = field(default_factory=set, init=False)

    async def run(self, job: Job) -> None:
        """Run ``job`` to its end. Raises: RetryRequested to try again later, JobFailed when it is given up."""
        task = self.tasks[job.entrypoint]
        tried = job.attempts + 1
        if await self.begin(job.id) - tried >= DEATHS:
            await self._give_up(task, job)
            raise JobFailed(f"{DEATHS} workers died while they ran it")
        work = asyncio.create_task(self._perform(task, job, task.run))
        self._running.add(work)
        try:
            # Awaited without being cancelled with us: who stops this worker calls ``stop``.
            await asyncio.wait({work})
        finally:
            self._running.discard(work)
        if work.cancelled():
            raise RetryRequested(reason="the worker was stopped")
        error = work.exception()
        if error is None:
            return
        reason = _told(job, error)
        final = isinstance(error, TaskFailure) and error.final
        if final or tried >= task.attempts:
            await self._give_up(task, job)
            raise JobFailed(reason)
        raise RetryRequested(task.delay(tried), reason)

    async def stop(self, grace: float) -> None:
        """Let what runs end within ``grace`` seconds; what does not is cut off, and run again by another worker."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace)
            for work in late:
                work.cancel()

    async def _give_up(self, task: Task, job: Job) -> None:
        """Let the task end what it began; when that fails as well, the queue's own record has to do."""
        if task.given_up is None:
            return
        try:
            await self._perform(task, job, task.given_up)
        except Exception as error:
            _told(job, error)

    async def _perform(self, task: Task, job: Job, run: Callable[..., Awaitable[None]]) -> None:
        payload = orjson.loads(job.payload or b"{}")
        tenant_id = UUID(payload.pop("tenant"))
        platform = self.platform
        await platform.authority.load(tenant_id)
        given = task.decode(payload)
        async with platform.database.transaction(tenant_id) as session:
            await run(surroundings(platform, self.tasks, session, tenant_id, self.clock()), **given)


def surroundings(
    platform: Platform, tasks: Tasks, session: Transaction, tenant_id: UUID, now: dt.datetime
) -> Background:
    """What a task works with in ``session``, a transaction of its tenant."""
    return Background(
        session=session,
        tenant_id=tenant_id,
        files=platform.files,
        papers=platform.papers,
        access=platform.authority,
        jobs=Queue(tasks),
        mail=platform.mail,
        now=now,
        apart=lambda: platform.database.transaction(tenant_id),
        signer=platform.signer,
        inbox=platform.inbox,
    )


@dataclass
class Executor(AbstractEntrypointExecutor):
    """The library's view of a runner."""

    parameters: EntrypointExecutorParameters
    runner: Runner

    async def execute(self, job: Job, context: Context) -> None:
        """Run the job."""
        await self.runner.run(job)


def places(error: BaseException) -> list[str]:
    """Where in our code an error came from."""
    return [
        f"{at.filename.rpartition('/')[2]}:{at.lineno} {at.name}"
        for at in traceback.extract_tb(error.__traceback__)
        if "site-packages" not in at.filename
    ]


def _told(job: Job, error: BaseException) -> str:
    """Log a failure, without the error's own words: they may quote anybody's data. Returns what may be shown of it."""
    reference = uuid.uuid4().hex[:12]
    reason = error.reason if isinstance(error, TaskFailure) else type(error).__name__
    log.warning(
        "job failed",
        reference=reference,
        job=job.id,
        task=job.entrypoint,
        tries=job.attempts + 1,
        error=reason,
        sqlstate=getattr(getattr(error, "orig", error), "sqlstate", None),
        frames=places(error),
    )
    return f"{reason} ({reference})"
