"""Background work: enqueued with its cause or not at all, run at least once, retried, given up visibly."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select, text

from api import operator
from api.jobs.worker import Worker
from domain.tenants.entities import CalendarDay
from storage import queue
from storage.database import Database
from storage.settings import Settings
from tests.jobs.tasks import SECRET, TASKS
from tests.support import BackgroundWork
from tests.test_cli import dengbao

DAY = dt.date(2031, 5, 1)
QUEUE = queue.Queue(TASKS)


async def listed(database: Database, city: UUID, *states: queue.State) -> list[queue.Listed]:
    """The city's jobs: on a server that others share there may be more."""
    return [job for job in await queue.list_jobs(database, *states) if job.tenant_id == city]


async def counted(database: Database, city: UUID) -> dict[str, int]:
    """How many jobs the city has, by their state."""
    return dict(Counter(job.state for job in await listed(database, city)))


@pytest.fixture
async def city(database: Database, url: str) -> AsyncIterator[UUID]:
    """A city of the test's own beside the demo's, whose jobs are gone afterwards."""
    slug = f"city-{uuid.uuid4().hex[:8]}"
    yield await operator.create_tenant(database, slug, "某市", "110000", default=False)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM jobs.queue WHERE entrypoint = ANY($1)", list(TASKS))


@pytest.fixture
def marks(database: Database, city: UUID) -> Callable[[], Awaitable[dict[dt.date, str]]]:
    async def read() -> dict[dt.date, str]:
        async with database.transaction(city) as session:
            days = await session.scalars(select(CalendarDay).where(CalendarDay.tenant_id == city))
            return {day.day: (day.reason or "").strip() for day in days}

    return read


Marks = Callable[[], Awaitable[dict[dt.date, str]]]


async def enqueue(database: Database, city: UUID, task: str, *, key: str | None = None, **payload: Any) -> None:
    async with database.transaction(city) as session:
        await QUEUE.enqueue(session, city, task, payload, key=key)


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110 - another process tells us nothing
            await asyncio.sleep(0.05)


# --- with its cause, or not at all ---


@pytest.mark.parametrize("first", [True, False], ids=["before any other statement", "after one"])
async def test_what_is_rolled_back_was_never_enqueued(database: Database, city: UUID, first: bool) -> None:
    async def cause() -> None:
        async with database._sessions() as session, session.begin():
            if not first:
                await session.execute(text("SELECT 1"))
            await QUEUE.enqueue(session, city, "mark", {"day": DAY})
            raise LookupError

    with pytest.raises(LookupError):
        await cause()
    assert await listed(database, city) == []


async def test_a_job_runs_with_the_payload_that_it_was_given(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    await enqueue(database, city, "mark", day=DAY, reason="劳动节")
    assert await jobs.run(tasks=TASKS, now=dt.datetime(2031, 1, 1, tzinfo=dt.UTC)) == ["mark"]
    assert await marks() == {DAY: "劳动节 2031"}
    assert await counted(database, city) == {}


async def test_keys_as_the_database_gives_them_can_be_in_a_payload(
    database: Database, city: UUID, jobs: BackgroundWork
) -> None:
    async with database.transaction(city) as session:
        key = await session.scalar(text("SELECT id FROM tenants"))
        await QUEUE.enqueue(session, city, "keyed", {"key": key})
    assert await jobs.run(tasks=TASKS) == ["keyed"]


async def test_a_job_can_enqueue_others(database: Database, city: UUID, jobs: BackgroundWork, marks: Marks) -> None:
    await enqueue(database, city, "chain", day=DAY, left=2)
    assert await jobs.run(tasks=TASKS) == ["chain"] * 3
    assert len(await marks()) == 3


@pytest.mark.parametrize(
    ("task", "payload", "error"),
    [("unknown", {}, KeyError), ("mark", {}, TypeError), ("mark", {"day": DAY, "other": 1}, TypeError)],
    ids=["no such task", "something missing", "something else"],
)
async def test_a_mistaken_job_is_refused_when_it_is_enqueued(
    database: Database, city: UUID, task: str, payload: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await enqueue(database, city, task, **payload)


async def test_a_job_is_bound_to_its_tenant(database: Database, city: UUID, jobs: BackgroundWork, marks: Marks) -> None:
    other = await operator.create_tenant(database, f"city-{uuid.uuid4().hex[:8]}", "某市", "110000", default=False)
    await enqueue(database, other, "mark", day=DAY)
    await jobs.run(tasks=TASKS)
    assert await marks() == {}


# --- one at a time of a kind ---


async def test_of_one_key_only_one_waits(database: Database, city: UUID, jobs: BackgroundWork) -> None:
    for _ in range(3):
        await enqueue(database, city, "mark", key="a", day=DAY)
    await enqueue(database, city, "mark", key="b", day=DAY)
    assert await jobs.run(tasks=TASKS) == ["mark", "mark"]
    await enqueue(database, city, "mark", key="a", day=DAY)
    assert await jobs.run(tasks=TASKS) == ["mark"]


async def test_a_waiting_job_does_not_run_before_what_was_added_to_it(
    database: Database, city: UUID, jobs: BackgroundWork
) -> None:
    """The second to enqueue under a key relies on the job seeing its rows, so the job waits for its commit."""
    await enqueue(database, city, "mark", key="a", day=DAY)
    async with database.transaction(city) as session:
        await QUEUE.enqueue(session, city, "mark", {"day": DAY}, key="a")
        assert await jobs.run(tasks=TASKS) == []
    assert await jobs.run(tasks=TASKS) == ["mark"]


async def test_a_job_that_runs_does_not_count_as_waiting(
    database: Database, city: UUID, settings: Settings, marks: Marks
) -> None:
    async def begun() -> bool:
        return bool(await marks())

    await enqueue(database, city, "interrupted", key="a", day=DAY)
    async with worker(settings) as process:
        await until(begun)
        await enqueue(database, city, "mark", key="a", day=DAY)
        await enqueue(database, city, "interrupted", key="a", day=DAY)
        assert len(await listed(database, city)) == 3
        process.kill()


# --- failing ---


async def test_a_failing_job_is_tried_again_later_and_then_given_up(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    await enqueue(database, city, "broken", day=DAY)
    for tries in (1, 2):
        ((task, _),) = await jobs.outcomes(tasks=TASKS)
        (waiting,) = await listed(database, city, "waiting")
        assert (task, waiting.tries) == ("broken", tries)
        assert waiting.due_at > dt.datetime.now(dt.UTC) + TASKS["broken"].delay(tries) / 2
        assert await jobs.outcomes(tasks=TASKS) == []  # not before its time
        await jobs.make_due()
    await jobs.outcomes(tasks=TASKS)
    (failed,) = await listed(database, city, "failed")
    assert failed.tenant_id == city
    assert failed.reason is not None
    assert failed.reason.startswith("ValueError (")  # a kind and a reference, for what it said may be anybody's data
    assert await marks() == {}  # nothing of it is half done
    async with database.connection() as connection:
        kept = await connection.fetchval("SELECT string_agg(traceback::text, '') FROM jobs.log")
    assert SECRET not in kept


async def test_a_failure_for_good_is_not_tried_again(database: Database, city: UUID, jobs: BackgroundWork) -> None:
    await enqueue(database, city, "refused")
    await jobs.outcomes(tasks=TASKS)
    (failed,) = await listed(database, city)
    assert (failed.state, failed.tries) == ("failed", 0)
    assert "the other side refused" in (failed.reason or "")


def test_the_time_between_tries_grows_to_a_limit() -> None:
    delays = [TASKS["mark"].delay(tried).total_seconds() for tried in range(1, 9)]
    assert delays == [5, 20, 80, 320, 1280, 3600, 3600, 3600]


async def test_the_operator_sees_failed_jobs_and_decides(
    database: Database, city: UUID, jobs: BackgroundWork, settings: Settings
) -> None:
    given = {
        name: str(value)
        for name in ("database_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "data_dir")
        if (value := getattr(settings, name))
    }
    await enqueue(database, city, "refused")
    await enqueue(database, city, "mark", day=DAY)
    (waiting,) = [job for job in await listed(database, city) if job.task == "mark"]
    await jobs.outcomes(tasks={"refused": TASKS["refused"]})
    (failed,) = await listed(database, city, "failed")
    shown = await asyncio.to_thread(dengbao, "jobs", **given)
    assert "the other side refused" in shown.stdout
    counts = await queue.count_jobs(database)  # with what others have left
    assert counts["waiting"] > 0 < counts["failed"]
    assert "  ".join(f"{state} {count}" for state, count in counts.items()) in shown.stdout
    refused = await asyncio.to_thread(dengbao, "jobs", "retry", str(failed.id), str(waiting.id), **given)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    retried = await asyncio.to_thread(dengbao, "jobs", "retry", str(failed.id), **given)
    assert retried.returncode == 0, retried.stderr
    assert len(await listed(database, city, "waiting")) == 2
    await jobs.outcomes(tasks=TASKS)
    (failed,) = await listed(database, city)
    dropped = await asyncio.to_thread(dengbao, "jobs", "drop", str(failed.id), **given)
    assert dropped.returncode == 0, dropped.stderr
    assert await listed(database, city) == []


# --- workers that come and go ---


@asynccontextmanager
async def worker(settings: Settings, lease: float = 2) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker's process; one that dies is noticed after ``lease`` seconds."""
    given = {**settings.model_dump(), "job_lease_seconds": lease}
    environment = {f"DENGBAO_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.process", env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _running(database: Database, city: UUID) -> bool:
    return "running" in await counted(database, city)


async def test_a_killed_workers_job_runs_again(
    database: Database, city: UUID, settings: Settings, marks: Marks
) -> None:
    async def begun() -> bool:
        return bool(await marks())

    async def done() -> bool:
        return DAY in await marks()

    await enqueue(database, city, "interrupted", day=DAY)
    async with worker(settings) as first:
        await until(begun)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    assert not await done()
    assert await _running(database, city)  # nobody knows yet
    async with worker(settings) as second:
        await until(done)
        second.send_signal(signal.SIGTERM)
        assert await second.wait() == 0
    assert len(await marks()) == 3  # begun twice, done once
    assert await listed(database, city) == []


async def test_a_job_that_kills_its_workers_is_given_up(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    await enqueue(database, city, "mark", day=DAY)
    (job,) = await listed(database, city)
    async with database.connection() as connection:
        for _ in range(3):
            await connection.execute(
                "INSERT INTO jobs.log (job_id, status, priority, entrypoint) VALUES ($1, 'picked', 0, 'mark')", job.id
            )
    await jobs.outcomes(tasks=TASKS)
    (failed,) = await listed(database, city)
    assert (failed.state, await marks()) == ("failed", {})


async def test_a_worker_that_is_stopped_leaves_its_job_to_the_next(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    async def begun() -> bool:
        return bool(await marks())

    await enqueue(database, city, "interrupted", day=DAY)
    first = Worker(jobs.platform, TASKS, lease=30)
    running = asyncio.create_task(first.run())
    await until(begun)
    await first.stop(grace=0.1)
    await running
    assert await counted(database, city) == {"waiting": 1}
    await jobs.make_due()
    await jobs.run(tasks=TASKS)
    assert (await marks())[DAY].startswith("done")


async def test_jobs_are_shared_among_workers_and_none_runs_twice(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    workers = [Worker(jobs.platform, TASKS, lease=30) for _ in range(3)]
    running = [asyncio.create_task(each.run()) for each in workers]
    days = [DAY + dt.timedelta(days=count) for count in range(40)]
    async with database.transaction(city) as session:
        await QUEUE.enqueue_all(session, city, "mark", [{"day": day} for day in days])

    async def over() -> bool:
        return (await counted(database, city)) == {}

    await until(over)
    for each in workers:
        await each.stop()
    await asyncio.gather(*running)
    assert sorted(await marks()) == days
    async with database.connection() as connection:
        picked = await connection.fetchval(
            "SELECT count(*) FROM jobs.log WHERE status = 'picked' AND job_id > (SELECT max(job_id) - 40 FROM jobs.log)"
        )
    assert picked == 40


HEADERS = "ck_queue_headers"


@pytest.fixture
async def without_check(settings: Settings) -> AsyncIterator[None]:
    """The queue takes any headers, as though somebody had taken the check away."""
    owner = await asyncpg.connect(settings.migration_database_url)
    held = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1"
    check = await owner.fetchval(held, HEADERS)
    await owner.execute(f"ALTER TABLE jobs.queue DROP CONSTRAINT {HEADERS}")
    yield
    await owner.execute("DELETE FROM jobs.queue WHERE entrypoint = 'mark'")
    await owner.execute(f"ALTER TABLE jobs.queue ADD CONSTRAINT {HEADERS} {check}")
    await owner.close()


MALFORMED = """INSERT INTO jobs.queue (priority, status, entrypoint, payload, headers)
VALUES (9, 'queued', 'mark', '\\xff', '["nothing", "that is a header"]')"""


async def test_a_job_that_the_library_could_not_read_is_not_taken(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(MALFORMED)


@pytest.mark.usefixtures("without_check")
async def test_a_worker_outlasts_a_job_that_it_cannot_read_and_runs_the_others(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    async def done() -> bool:
        return bool(await marks())

    async def taken() -> bool:
        return any(job.tenant_id is None for job in await queue.list_jobs(database, "running"))

    async with database.connection() as connection:
        await connection.execute(MALFORMED)
    (malformed,) = [job for job in await queue.list_jobs(database) if job.tenant_id is None]
    assert malformed.state == "waiting"
    one = Worker(jobs.platform, TASKS, lease=30)
    running = asyncio.create_task(one.run())
    await until(taken)  # it was taken off the queue, which ends this attempt
    await enqueue(database, city, "mark", day=DAY)
    await until(done)
    await one.stop()
    await running


async def test_a_lost_connection_is_replaced(
    database: Database, city: UUID, jobs: BackgroundWork, marks: Marks
) -> None:
    async def done() -> bool:
        return bool(await marks())

    one = Worker(jobs.platform, TASKS, lease=30)
    running = asyncio.create_task(one.run())
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%jobs.%' AND pid <> $1"
    async with database.connection() as connection:
        await asyncio.sleep(0.5)
        await connection.fetchval(cut, connection.get_server_pid())
    await enqueue(database, city, "mark", day=DAY)
    await until(done)
    await one.stop()
    await running
