"""What has its own time: each schedule enqueues its task for every tenant, at times of China's clock."""

from __future__ import annotations

import datetime as dt

from croniter import croniter
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import ScheduleExecutor
from pgqueuer.core.sm import SchedulerManager
from pgqueuer.domain.models import Schedule

from domain.background import Tasks
from domain.calendar import SHANGHAI
from domain.tasks import SCHEDULES
from storage.database import Database
from storage.queue import Queue, forget_old

# Where the queue's own housekeeping stands among the schedules.
HOUSEKEEPING, NIGHTLY = "jobs.forget", "15 3 * * *"


def next_run(expression: str, after: dt.datetime) -> dt.datetime:
    """When a cron expression, read by China's clock, comes next after a moment."""
    found: dt.datetime = croniter(expression, after.astimezone(SHANGHAI)).get_next(dt.datetime)
    return found.astimezone(dt.UTC)


class InShanghai(ScheduleExecutor):
    """A schedule of the library's, read by China's clock rather than by UTC."""

    def get_next(self) -> dt.datetime:
        """When it runs next."""
        return next_run(self.parameters.expression, dt.datetime.now(dt.UTC))


async def enqueue_for_all(database: Database, tasks: Tasks, task: str) -> None:
    """Have a task without payload run for every tenant, once for those that still wait for the last time."""
    for row in await database.directory.list_tenants():
        async with database.transaction(row["id"]) as session:
            await Queue(tasks).enqueue(session, row["id"], task, {}, key="scheduled")


def scheduler(library: Queries, database: Database, tasks: Tasks) -> SchedulerManager:
    """The library's scheduler with our schedules; of any number of them one runs each time."""
    made = SchedulerManager(library)

    async def enqueue(schedule: Schedule) -> None:
        await enqueue_for_all(database, tasks, schedule.entrypoint)

    async def forget(_: Schedule) -> None:
        await forget_old(database)

    for name, expression in SCHEDULES.items():
        if name in tasks:
            made.schedule(name, expression, InShanghai, accepts_context=False)(enqueue)
    made.schedule(HOUSEKEEPING, NIGHTLY, InShanghai, accepts_context=False)(forget)
    return made
