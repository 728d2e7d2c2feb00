"""The queue of background work (后台任务): pgqueuer's tables in PostgreSQL, in a schema of their own.

A job is enqueued in the transaction of its cause: both are there, or neither. It holds the tenant's key, other keys
and what the task needs to find its rows; nothing confidential, for the queue belongs to no tenant.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast
from uuid import UUID

import orjson
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel, JobId
from pgqueuer.ports.driver import Driver
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background import Tasks
from storage.database import Database

SCHEMA = "jobs"
# Every name is given: the library would otherwise take them from variables such as CHANNEL or FUNCTION.
NAMES = DBSettings(
    db_schema=SCHEMA,
    prefix="",
    channel=Channel("dengbao_jobs"),
    function="notify_jobs",
    statistics_table="statistics",
    queue_status_type="status",
    queue_table="queue",
    queue_table_log="log",
    trigger="notify_jobs",
    schedules_table="schedules",
    durability=Durability.durable,
)

# How long the queue tells of jobs that ended.
KEPT = dt.timedelta(days=30)
FORGET = """
DELETE FROM jobs.log l WHERE l.created < now() - $1::interval
  AND NOT EXISTS (SELECT FROM jobs.queue q WHERE q.id = l.job_id)
"""
# How many are listed at once.
LISTED = 200
State = Literal["waiting", "running", "failed"]
STATES: Mapping[str, State] = {"queued": "waiting", "picked": "running", "failed": "failed"}


def queries(driver: Driver) -> Queries:
    """The library's statements, on our names."""
    return Queries(driver, QueryBuilderEnvironment(NAMES), QueryQueueBuilder(NAMES), QuerySchedulerBuilder(NAMES))


class _Transaction:
    """Lets the library speak through a session's transaction.

    Through the connection below it, a statement that comes before SQLAlchemy's first would commit on its own.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        connection = await self._session.connection()
        result = await connection.exec_driver_sql(query, args)
        return [dict(row) for row in result.mappings()]


@dataclass(frozen=True, slots=True)
class Queue:
    """Puts jobs into the queue. Raises: KeyError, TypeError for a task that is not there or takes something else."""

    tasks: Tasks

    async def enqueue(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        task: str,
        payload: Mapping[str, Any],
        *,
        after: dt.timedelta | None = None,
        key: str | None = None,
    ) -> None:
        """See ``domain.ports.Jobs``."""
        await self.enqueue_all(session, tenant_id, task, [payload], after=after, keys=[key])

    async def enqueue_all(
        self,
        session: AsyncSession,
        tenant_id: UUID,
        task: str,
        payloads: Sequence[Mapping[str, Any]],
        *,
        after: dt.timedelta | None = None,
        keys: Sequence[str | None] | None = None,
    ) -> None:
        """See ``domain.ports.Jobs``."""
        if not payloads:
            return
        for payload in payloads:
            self.tasks[task].check(payload)
        count = len(payloads)
        scoped = [f"{tenant_id}:{task}:{key}" if key else None for key in keys or [None] * count]
        # A waiting job of the same key is locked until this transaction ends: it cannot run before what it is to see.
        await queries(cast(Driver, _Transaction(session))).enqueue(
            [task] * count,
            [orjson.dumps({"tenant": tenant_id, **payload}, default=_driver_uuid) for payload in payloads],
            [self.tasks[task].priority] * count,
            [after] * count,
            scoped,
            on_conflict="update_priority",
        )


def _driver_uuid(value: object) -> str:
    """A key as asyncpg reads it, in a class of its own, which orjson does not take for a UUID."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be in a job's payload")


@dataclass(frozen=True, slots=True)
class Listed:
    """A job in the queue, as the operator sees it; ``reason`` is of its last failure."""

    id: int
    state: State
    task: str
    tenant_id: UUID | None
    tries: int
    created_at: dt.datetime
    due_at: dt.datetime
    reason: str | None


LIST = """
SELECT q.id, q.status::text AS status, q.entrypoint, q.attempts, q.created, q.execute_after, q.payload,
  (SELECT l.traceback ->> 'exception_message' FROM jobs.log l WHERE l.job_id = q.id AND l.traceback IS NOT NULL
   ORDER BY l.id DESC LIMIT 1) AS reason
FROM jobs.queue q WHERE q.status::text = ANY($1) ORDER BY q.status DESC, q.id LIMIT $2
"""


async def list_jobs(database: Database, *states: State) -> list[Listed]:
    """Jobs that wait, run or have failed (all of them where no state is named), at most ``LISTED``."""
    wanted = [status for status, state in STATES.items() if not states or state in states]
    async with database.connection() as connection:
        rows = await connection.fetch(LIST, wanted, LISTED)
    return [
        Listed(
            id=row["id"],
            state=STATES[row["status"]],
            task=row["entrypoint"],
            tenant_id=_tenant_of(row["payload"]),
            tries=row["attempts"],
            created_at=row["created"],
            due_at=row["execute_after"],
            reason=row["reason"],
        )
        for row in rows
    ]


def _tenant_of(payload: bytes | None) -> UUID | None:
    """Whose job it is; None also where nobody can read that, as of a row that was not written by us."""
    try:
        return UUID(orjson.loads(payload or b"{}")["tenant"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


async def count_jobs(database: Database) -> dict[State, int]:
    """How many jobs there are in each state."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT status::text AS status, count(*) AS n FROM jobs.queue GROUP BY status")
    found = {STATES[row["status"]]: row["n"] for row in rows if row["status"] in STATES}
    return {state: found.get(state, 0) for state in STATES.values()}


async def forget_old(database: Database, keep: dt.timedelta = KEPT) -> None:
    """Delete what the queue tells of jobs that ended longer than ``keep`` ago."""
    async with database.connection() as connection:
        await connection.execute(FORGET, keep)


async def retry_failed(database: Database, *ids: int) -> bool:
    """Have failed jobs run again, as if they were new; False, and nothing done, unless all of them have failed."""
    return await _with_failed(database, ids, lambda library, known: library.requeue_jobs(known))


async def drop_failed(database: Database, *ids: int) -> bool:
    """Give failed jobs up for good; False, and nothing done, unless all of them have failed."""
    return await _with_failed(database, ids, lambda library, known: library.mark_job_as_cancelled(known))


async def _with_failed(
    database: Database, ids: Sequence[int], step: Callable[[Queries, list[JobId]], Awaitable[None]]
) -> bool:
    async with database.connection() as connection:
        failed = "SELECT count(*) FROM jobs.queue WHERE id = ANY($1) AND status = 'failed'"
        if await connection.fetchval(failed, list(ids)) != len(set(ids)):
            return False
        await step(queries(AsyncpgDriver(connection)), [JobId(id_) for id_ in ids])
    return True
