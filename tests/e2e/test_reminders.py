"""Reminders come on working days by the city's own calendar, once of an occasion, to those who have to act."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api.jobs.schedules import enqueue_for_all, next_run
from domain.calendar import SHANGHAI, is_working_day
from domain.notifications.reminders import is_among_last
from domain.tasks import SCHEDULES, TASKS
from storage import queue
from storage.database import Database
from tests.support import Api, BackgroundWork


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def at(written: str, hour: int = 9) -> dt.datetime:
    return dt.datetime.combine(day(written), dt.time(hour), SHANGHAI)


# Month ends by the official calendars of several years, with their make-up days (调休).
@pytest.mark.parametrize(
    ("month", "last"),
    [
        ("2025-09", ["2025-09-28", "2025-09-29", "2025-09-30"]),  # the 28th, a Sunday, was worked before National Day
        ("2025-01", ["2025-01-26", "2025-01-27", "2025-01-24"]),  # Spring Festival took the month's end
        ("2024-09", ["2024-09-27", "2024-09-29", "2024-09-30"]),  # another worked Sunday
        ("2023-09", ["2023-09-26", "2023-09-27", "2023-09-28"]),  # Mid-Autumn and National Day from the 29th
        ("2022-01", ["2022-01-28", "2022-01-29", "2022-01-30"]),  # a worked weekend before Spring Festival
        ("2026-11", ["2026-11-26", "2026-11-27", "2026-11-30"]),  # an ordinary month that ends on a Monday
        ("2031-05", ["2031-05-28", "2031-05-29", "2031-05-30"]),  # a year without a calendar: Monday to Friday
    ],
)
def test_the_last_three_working_days(month: str, last: list[str]) -> None:
    first = day(f"{month}-01")
    days = [first + dt.timedelta(days=count) for count in range(31)]
    found = [each for each in days if each.month == first.month and is_working_day(each) and is_among_last(each, {})]
    assert found == sorted(map(day, last))


def test_the_citys_own_rulings_count() -> None:
    """A city that closes its offices on the 30th has its last three days before."""
    closed = {day("2026-11-30"): False}
    assert is_among_last(day("2026-11-25"), closed)
    assert not is_among_last(day("2026-11-25"), {})


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-11-24T07:00", "2026-11-24T08:30"),
        ("2026-11-24T09:00", "2026-11-24T13:30"),
        ("2026-11-30T20:00", "2026-12-01T08:30"),
    ],
)
def test_schedules_go_by_chinas_clock(after: str, expected: str) -> None:
    moment = dt.datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
    found = next_run(SCHEDULES["reminders.send"], moment.astimezone(dt.UTC))
    assert found == dt.datetime.fromisoformat(expected).replace(tzinfo=SHANGHAI)


@pytest.fixture
async def tenant(api: Api, jobs: BackgroundWork, database: Database) -> UUID:
    """The second city; nothing of it waits to be delivered."""
    await jobs.run()
    found = await database.directory.resolve_tenant("tianjin")
    assert found
    return found


async def remind(jobs: BackgroundWork, database: Database, tenant: UUID, now: dt.datetime) -> None:
    async with database.transaction(tenant) as session:
        await queue.Queue(TASKS).enqueue(session, tenant, "reminders.send", {})
    assert await jobs.run(now=now) == ["reminders.send"]


async def reviewed(database: Database, tenant: UUID, due: dt.date) -> str:
    """A filing under review that is due on ``due``, all others of the city being due long after."""
    async with database.transaction(tenant) as session:
        await session.execute(
            text("UPDATE filings SET review_due_on = '2099-01-01' WHERE tenant_id = :t AND state = 'UNDER_REVIEW'"),
            {"t": tenant},
        )
        key = await session.scalar(
            text(
                "UPDATE filings SET review_due_on = :due WHERE tenant_id = :t AND id = "
                "(SELECT id FROM filings WHERE tenant_id = :t AND state = 'UNDER_REVIEW' ORDER BY id LIMIT 1) "
                "RETURNING id"
            ),
            {"t": tenant, "due": due},
        )
    return f"fil_{key}"


async def told(api: Api, person: str, kinds: str, since: set[str]) -> list[dict[str, Any]]:
    asked = f"{{viewer{{notifications(first:100,filter:{{kinds:[{kinds}]}}){{nodes{{id kind dueOn subject{{id}}}}}}}}}}"
    nodes = (await api.ask(person, asked))["viewer"]["notifications"]["nodes"]
    return [each for each in nodes if each["id"] not in since]


REVIEWS = "REVIEW_DUE_SOON,REVIEW_OVERDUE"
OFFICER, LEADER, DISTRICT = "city.officer@tianjin", "city.leader@tianjin", "district.officer@tianjin"


async def test_a_review_is_told_with_three_days_left_with_one_and_when_overdue(
    api: Api, jobs: BackgroundWork, database: Database, tenant: UUID
) -> None:
    """Due on Friday 2025-10-10, after the holiday of 1 to 8 October."""
    filing = await reviewed(database, tenant, day("2025-10-10"))
    steps = [
        ("2025-09-28", 0, 0),  # four working days are left: 29, 30, 9 and 10
        ("2025-09-29", 1, 0),  # three
        ("2025-09-30", 1, 0),  # two
        ("2025-10-04", 1, 0),  # a holiday: nobody is reminded
        ("2025-10-09", 2, 0),  # one
        ("2025-10-10", 2, 0),
        ("2025-10-11", 2, 1),  # a worked Saturday: overdue, and the leader is told
        ("2025-10-13", 2, 1),  # once
    ]
    before = {person: {each["id"] for each in await told(api, person, REVIEWS, set())} for person in (OFFICER, LEADER)}
    for written, officer, leader in steps:
        for hour in (9, 14):
            await remind(jobs, database, tenant, at(written, hour))
            found = [await told(api, person, REVIEWS, before[person]) for person in (OFFICER, LEADER)]
            assert [len(each) for each in found] == [officer, leader], written
    assert {each["subject"]["id"] for each in found[0] + found[1]} == {filing}
    assert {each["dueOn"] for each in found[0] + found[1]} == {"2025-10-10"}


async def test_a_day_on_which_nothing_ran_is_made_up_for(
    api: Api, jobs: BackgroundWork, database: Database, tenant: UUID
) -> None:
    await reviewed(database, tenant, day("2025-11-21"))
    before = {each["id"] for each in await told(api, OFFICER, REVIEWS, set())}
    await remind(jobs, database, tenant, at("2025-11-19"))  # two working days are left
    assert len(await told(api, OFFICER, REVIEWS, before)) == 1


async def test_a_district_is_told_of_its_return_on_each_of_the_last_three_days(
    api: Api, jobs: BackgroundWork, database: Database, tenant: UUID
) -> None:
    before = {each["id"] for each in await told(api, DISTRICT, "RETURN_DUE", set())}
    for written, count in (
        ("2024-09-26", 0),
        ("2024-09-27", 1),
        ("2024-09-29", 2),
        ("2024-09-30", 3),
        ("2024-10-08", 3),
    ):
        await remind(jobs, database, tenant, at(written))
        found = await told(api, DISTRICT, "RETURN_DUE", before)
        assert len(found) == count, written
    # No filing had come in that month: the reminder is about the district itself.
    assert {(each["dueOn"], each["subject"]["id"][:3]) for each in found} == {("2024-09-30", "dis")}


async def test_a_district_that_has_handed_in_is_not_told(
    api: Api, jobs: BackgroundWork, database: Database, tenant: UUID
) -> None:
    async with database.transaction(tenant) as session:
        await session.execute(
            text(
                "INSERT INTO monthly_returns (tenant_id, id, created_at, district_id, month, state, late, submitted_at,"
                " version) SELECT tenant_id, :id, now(), district_id, '2025-11-01', 'SUBMITTED', false, now(), 1"
                " FROM organisations WHERE id = (SELECT organisation_id FROM memberships m"
                " JOIN users u ON u.id = m.user_id WHERE u.username = 'district.officer')"
            ),
            {"id": uuid.uuid4()},
        )
    before = {each["id"] for each in await told(api, DISTRICT, "RETURN_DUE", set())}
    await remind(jobs, database, tenant, at("2025-11-28"))
    assert await told(api, DISTRICT, "RETURN_DUE", before) == []


async def test_a_schedule_enqueues_for_every_tenant_once(api: Api, jobs: BackgroundWork, database: Database) -> None:
    await jobs.run()
    for _ in range(2):
        await enqueue_for_all(database, TASKS, "reminders.send")
    waiting = [job.tenant_id for job in await queue.list_jobs(database, "waiting") if job.task == "reminders.send"]
    assert sorted(map(str, waiting)) == sorted(str(row["id"]) for row in await database.directory.list_tenants())
    await jobs.run(now=at("2025-10-04"))  # a holiday


MEASURES = "MEASURE_DUE_SOON,MEASURE_OVERDUE"


async def slipping(database: Database, tenant: UUID, due: dt.date) -> str:
    """A measure of the demo unit's important plan that is due on ``due``, all others being due long after."""
    async with database.transaction(tenant) as session:
        await session.execute(
            text("UPDATE rectification_measures SET due_on = '2099-01-01' WHERE tenant_id = :t"), {"t": tenant}
        )
        key = await session.scalar(
            text(
                "UPDATE rectification_measures SET due_on = :due WHERE id = ("
                "SELECT m.id FROM rectification_measures m JOIN rectification_plans p ON p.id = m.plan_id "
                "JOIN memberships s ON s.organisation_id = m.unit_id JOIN users u ON u.id = s.user_id "
                "WHERE m.tenant_id = :t AND m.under_way AND p.important AND p.state = 'IN_PROGRESS' "
                "AND u.username = 'unit.filer' ORDER BY m.id LIMIT 1) RETURNING id"
            ),
            {"t": tenant, "due": due},
        )
    return f"rme_{key}"


async def test_a_measure_is_told_with_ten_days_left_with_three_and_when_it_has_slipped(
    api: Api, jobs: BackgroundWork, database: Database, tenant: UUID
) -> None:
    """Due on Friday 2025-10-24."""
    filer, approver, advisor = (f"{name}@tianjin" for name in ("unit.filer", "unit.approver", "city.advisor"))
    measure = await slipping(database, tenant, day("2025-10-24"))
    steps = [
        ("2025-10-10", 0, 0, 0),  # eleven working days are left, the worked Saturday among them
        ("2025-10-11", 1, 0, 0),  # ten
        ("2025-10-20", 1, 0, 0),
        ("2025-10-21", 2, 0, 0),  # three
        ("2025-10-24", 2, 0, 0),
        ("2025-10-27", 3, 1, 1),  # it has slipped
        ("2025-10-28", 3, 1, 1),  # told once
    ]
    people = (filer, approver, advisor)
    before = {person: {each["id"] for each in await told(api, person, MEASURES, set())} for person in people}
    for written, *expected in steps:
        await remind(jobs, database, tenant, at(written))
        found = [await told(api, person, MEASURES, before[person]) for person in people]
        assert [len(each) for each in found] == expected, written
    assert {each["subject"]["id"] for each in found[0]} == {measure}
