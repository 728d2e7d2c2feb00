"""The short ways of a transaction are as good as SQLAlchemy's own: the same entities, the same errors, savepoints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound
from sqlalchemy.orm.exc import StaleDataError

from domain.base import TenantRow, new_id
from domain.documents.entities import Document
from domain.filings.entities import Filing, FilingState
from domain.papers.entities import Paper
from domain.replies.entities import ReplyLetter
from domain.systems.entities import System
from domain.tenants.entities import CalendarDay, Tenant
from domain.transaction import Transaction
from storage.database import Database

UNKNOWN = {"synchronize_session": False}  # to the session, that is
ENTITIES: Sequence[type[TenantRow]] = (Filing, System, ReplyLetter, Document, Paper)


@pytest.fixture(scope="module")
async def city(database: Database, url: str) -> UUID:
    tenant = await database.directory.resolve_tenant(None)
    assert tenant is not None
    return tenant


def ruling(city: UUID, day: dt.date) -> CalendarDay:
    return CalendarDay(tenant_id=city, created_at=dt.datetime.now(dt.UTC), day=day, working=False, reason="")


async def ruled(session: Transaction) -> int:
    return int(await session.scalar(select(func.count()).select_from(CalendarDay)) or 0)


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda each: each.__name__)
async def test_what_is_found_by_its_key_is_what_the_orm_finds(
    database: Database, city: UUID, entity: type[TenantRow]
) -> None:
    async with database.transaction(city) as session:
        for known in (await session.scalars(select(entity).limit(20))).all():
            as_mapped = {name: value for name, value in vars(known).items() if name != "_sa_instance_state"}
            session.expunge_all()
            found = await session.get_one(entity, (city, known.id))
            assert found is not known
            assert {name: value for name, value in vars(found).items() if name != "_sa_instance_state"} == as_mapped


async def test_a_change_of_what_was_found_is_written(database: Database, city: UUID) -> None:
    async with database.transaction(city) as session:
        key = (await session.scalars(select(Filing.id).where(Filing.state == FilingState.DRAFT))).first()
        filing = await session.get_one(Filing, (city, key), with_for_update=True)
        assert await session.get_one(Filing, (city, key)) is filing
        filing.version += 1
        filing.form = {**filing.form, "unit": None}
        await session.flush()
        written = (await session.execute(select(Filing.version, Filing.form).where(Filing.id == key))).one()
        assert (written.version, written.form) == (filing.version, filing.form)
        # What is locked is read anew, whatever stood here.
        filing.version += 5
        assert (await session.get_one(Filing, (city, key), with_for_update=True)).version == written.version
        await session.rollback()


async def test_a_change_within_a_savepoint_goes_with_it(database: Database, city: UUID) -> None:
    async with database.transaction(city) as session:
        filing = (await session.scalars(select(Filing).where(Filing.state == FilingState.DRAFT).limit(1))).one()
        was, filing.version = filing.version, filing.version + 1
        attempt = await session.begin_nested()
        filing.version += 10
        await session.flush()
        await attempt.rollback()
        await session.refresh(filing)
        assert filing.version == was + 1
        filing.version = was + 1  # what it has already
        assert not session.new
        await session.flush()
        assert filing not in session.dirty
        await session.rollback()


async def test_a_changed_row_that_is_gone_is_told(database: Database, city: UUID) -> None:
    day = dt.date(2031, 3, 1)
    async with database.transaction(city) as session:
        session.append(ruling(city, day))
    async with database.transaction(city) as session:
        kept = (await session.scalars(select(CalendarDay).where(CalendarDay.day == day))).one()
        await session.execute(delete(CalendarDay).where(CalendarDay.id == kept.id).execution_options(**UNKNOWN))
        kept.reason = "放假"
        with pytest.raises(StaleDataError):
            await session.flush()
        await session.rollback()
    async with database.transaction(city) as session:
        await session.execute(delete(CalendarDay).where(CalendarDay.day == day))


async def test_what_is_not_there_is_said_as_sqlalchemy_says_it(database: Database, city: UUID) -> None:
    async with database.transaction(city) as session:
        with pytest.raises(NoResultFound):
            await session.get_one(Filing, (city, new_id()))
        assert (await session.get_one(Tenant, city)).id == city


async def test_what_is_appended_comes_with_the_transaction_and_goes_with_its_savepoint(
    database: Database, city: UUID
) -> None:
    first = dt.date(2031, 1, 1)
    days = [first + dt.timedelta(days=number) for number in range(3)]
    async with database.transaction(city) as session:
        there = await ruled(session)
        session.append(ruling(city, days[0]))
        attempt = await session.begin_nested()
        session.append(ruling(city, days[1]))
        await attempt.rollback()
        session.append(ruling(city, days[2]))
        assert await ruled(session) == there + 1
        await session.flush()
        assert await ruled(session) == there + 2
    async with database.transaction(city) as session:  # the last flush was the commit's own
        session.append(ruling(city, days[1]))
    async with database.transaction(city) as session:
        kept = (await session.scalars(select(CalendarDay).where(CalendarDay.day >= first))).all()
        assert {each.day for each in kept} == set(days)
        for each in kept:
            await session.delete(each)


async def test_a_row_that_the_database_refuses_takes_the_transaction_with_it(database: Database, city: UUID) -> None:
    day = dt.date(2031, 2, 1)
    async with database.transaction(city) as session:
        session.append(ruling(city, day))
        session.append(ruling(city, day))
        with pytest.raises(IntegrityError) as refused:
            await session.flush()
        await session.rollback()
    assert "2031" not in str(refused.value)  # an error is logged; what somebody wrote is not
    async with database.transaction(city) as session:
        assert not (await session.scalars(select(CalendarDay).where(CalendarDay.day == day))).all()


async def test_a_lock_that_is_not_given_is_the_error_that_mutations_know(database: Database, city: UUID) -> None:
    async with database.transaction(city) as holder, database.transaction(city) as other:
        key = (await holder.scalars(select(Filing.id).limit(1))).one()
        await holder.get_one(Filing, (city, key), with_for_update=True)
        await other.execute(select(func.set_config("lock_timeout", "50ms", True)))
        with pytest.raises(DBAPIError) as refused:
            await other.get_one(Filing, (city, key), with_for_update=True)
        assert getattr(refused.value.orig, "sqlstate", None) == "55P03"
        await other.rollback()
