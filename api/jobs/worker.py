"""The worker: takes jobs off the queue and runs them, beside the server or in a process of its own.

Any number of them may run; PostgreSQL gives each job to one. A worker that stops saying that it lives loses its jobs
to the others after ``lease`` seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import EntrypointExecutorParameters
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import FailingListenerError, RetryRequested
from pgqueuer.domain.models import Job, TracebackRecord
from pgqueuer.domain.types import JOB_STATUS, Channel, QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from api.execution.platform import Platform
from api.jobs.deliverer import Deliverer
from api.jobs.runner import BEGIN, Executor, JobFailed, Runner, places, utc_now
from api.jobs.schedules import scheduler
from domain.background import Tasks
from domain.tasks import TASKS
from storage.database import UNREACHABLE
from storage.queue import NAMES, queries

log = structlog.get_logger(component="jobs")

# Jobs that one worker runs at a time; each holds a connection of the pool that requests use as well.
BATCH = 2
AT_ONCE = 2 * BATCH
# What a job may still take when the worker is asked to stop.
GRACE_SECONDS = 10.0
RECONNECT_SECONDS = 1.0


class Worker:
    """Runs jobs until it is stopped; a lost database is waited for, and any other fault is told and outlasted."""

    def __init__(self, platform: Platform, tasks: Tasks = TASKS, *, lease: float) -> None:
        self._platform = platform
        self._tasks = tasks
        self._lease = dt.timedelta(seconds=lease)
        self._deliverer = Deliverer(platform, tasks)
        self._stopped = asyncio.Event()
        self._current: tuple[QueueManager, Runner] | None = None
        # A failed job is logged where it failed, and without what it was about.
        logging.getLogger("pgqueuer").addFilter(_not_a_failed_job)

    async def run(self) -> None:
        """Deliver events and run jobs until ``stop`` is called."""
        delivering = asyncio.create_task(self._deliverer.run())
        try:
            await self._run_jobs()
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)

    async def _run_jobs(self) -> None:
        while not self._stopped.is_set():
            try:
                await self._serve()
            except (*UNREACHABLE, asyncpg.PostgresError, TimeoutError, FailingListenerError) as error:
                log.warning("queue lost", error=type(error).__name__)
                await self._pause()
            except Exception as error:
                # Nobody looks after a worker that ends beside a server: the next attempt may do better.
                log.error("worker failed", error=type(error).__name__, frames=places(error))  # noqa: TRY400 - no words
                await self._pause()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopped.wait(), RECONNECT_SECONDS)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Take no more jobs; what runs ends within ``grace`` seconds, or is left to be run again."""
        self._stopped.set()
        if self._current is not None:
            manager, runner = self._current
            manager.shutdown.set()
            await runner.stop(grace)

    async def _serve(self) -> None:
        lost: list[Callable[[], None]] = []
        async with self._queries(lambda: [tell() for tell in lost]) as library:
            manager = QueueManager(library, channel=Channel(NAMES.channel))
            runner = self._runner(library)
            for name in self._tasks:
                manager.register_executor(name, Executor(_parameters(runner), runner))
            lost.append(manager.shutdown.set)
            self._current = (manager, runner)
            clock = scheduler(library, self._platform.database, self._tasks)
            ticking = asyncio.create_task(clock.run())
            try:
                await manager.run(
                    # A dead worker's jobs are noticed at the latest then.
                    dequeue_timeout=self._lease / 2,
                    batch_size=BATCH,
                    max_concurrent_tasks=AT_ONCE,
                    shutdown_on_listener_failure=True,
                    heartbeat_timeout=self._lease,
                    log_aggregation_interval=dt.timedelta(0),
                )
            finally:
                self._current = None
                clock.shutdown.set()
                await asyncio.gather(ticking, return_exceptions=True)

    async def run_due(self, clock: Callable[[], dt.datetime] = utc_now) -> list[tuple[str, str | None]]:
        """Deliver all events, run all jobs that are due, and what comes of them; tasks with the reason of failure."""
        done: list[tuple[str, str | None]] = []
        async with self._queries() as library:
            runner = self._runner(library, clock)
            entrypoints = {QueueEntrypoint(name): EntrypointExecutionParameter(0) for name in self._tasks}
            while not self._stopped.is_set():
                await self._deliverer.deliver_all(clock)
                jobs = await library.dequeue(1, entrypoints, QueueManagerId(uuid.uuid4()), None, self._lease)
                if not jobs:
                    break
                done += [(job.entrypoint, await _finish(library, runner, job)) for job in jobs]
        return done

    def _runner(self, library: Queries, clock: Callable[[], dt.datetime] = utc_now) -> Runner:
        async def begin(job_id: int) -> int:
            (row,) = await library.driver.fetch(BEGIN, job_id)
            picked: Any = row["count"]
            return int(picked)

        return Runner(self._platform, self._tasks, begin, clock)

    @contextlib.asynccontextmanager
    async def _queries(self, on_lost: Callable[[], Any] = lambda: None) -> AsyncIterator[Queries]:
        async with self._platform.database.connection() as connection:
            connection.add_termination_listener(lambda _: on_lost())
            yield queries(AsyncpgDriver(connection))


async def _finish(library: Queries, runner: Runner, job: Job) -> str | None:
    """Run ``job`` and tell the queue how it ended; its reason when it failed."""
    status: JOB_STATUS = "successful"
    record, reason = None, None
    try:
        await runner.run(job)
    except RetryRequested as retry:
        record = TracebackRecord.from_exception(retry, job.id)
        await library.retry_job(job, retry.delay, record)
        return retry.reason
    except JobFailed as failure:
        status, reason = "failed", str(failure)
        record = TracebackRecord.from_exception(failure, job.id)
    await library.log_jobs([(job, status, record)])
    return reason


def _parameters(runner: Runner) -> EntrypointExecutorParameters:
    return EntrypointExecutorParameters(concurrency_limit=0, func=runner.run, on_failure="hold")


def _not_a_failed_job(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Exception while processing entrypoint")


@contextlib.asynccontextmanager
async def working(platform: Platform, *, lease: float) -> AsyncIterator[None]:
    """A worker beside whatever runs inside."""
    worker = Worker(platform, lease=lease)
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop()
        await asyncio.gather(running, return_exceptions=True)
