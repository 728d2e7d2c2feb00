"""What Python computes about reviews: working days, whether a letter is genuine, changes, who has handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry
from sqlalchemy import select

from api.execution.letters import is_genuine
from api.http.errors import Code, request_error
from api.reads.listings import uuid_of
from domain.access import Caller, Role
from domain.calendar import MOST_WORKING_DAYS, nth_working_day
from domain.documents.entities import Document
from domain.filings.changes import Version, changes
from domain.filings.clock import rulings_after
from domain.filings.entities import Filing, FilingSubmission
from domain.returns.entities import MonthlyReturnState
from domain.returns.overview import standings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from api.execution.platform import Platform
    from api.http.operations import Context


@strawberry.type(description="工作日 / a working day")
class WorkingDay:
    """A working day."""

    date: dt.date = strawberry.field(description="日期 / the day")
    provisional: bool = strawberry.field(
        description="是否待校正:当年工作日历尚未公布 / whether it rests on a calendar that is not published yet"
    )


@strawberry.type(description="公文真伪 / whether a letter or another numbered paper is genuine")
class LetterVerification:
    """Whether a letter is genuine."""

    genuine: bool = strawberry.field(description="是否真实 / whether it is genuine")


@strawberry.type(description="两个版本间的一处不同 / one place at which two versions differ")
class FieldChange:
    """One place at which two versions differ."""

    path: str = strawberry.field(description="表中位置,或材料种类 / the place in the form, or a kind of document")
    label: str = strawberry.field(description="名称 / what the form prints there")
    before: str = strawberry.field(description="原内容,空为未填 / what was said, empty when nothing was")
    after: str = strawberry.field(description="现内容,空为未填 / what is said now, empty when nothing is")


@strawberry.type(description="某区县某月的报送情况 / how a district stands with a month's return")
class MonthlyReturnStanding:
    """How a district stands with a month's return."""

    district_id: strawberry.ID = strawberry.field(description="区县 / the district")
    district_name: str = strawberry.field(description="区县名称 / its name")
    month: dt.date = strawberry.field(description="月份(首日) / the month, by its first day")
    state: MonthlyReturnState | None = strawberry.field(
        description="月报状态,空为尚未开立 / where its return stands, null before there is one"
    )
    late: bool = strawberry.field(
        description="是否逾期:迟报,或已过月底未报 / handed in late, or still owed after the month"
    )
    submitted_at: dt.datetime | None = strawberry.field(description="报送时间 / when it was handed in")
    filing_count: int = strawberry.field(description="所列备案数,零报为 0 / how many filings it lists, 0 for none")
    monthly_return_id: strawberry.ID | None = strawberry.field(
        description="月报,未报送时为空 / the return, null before it was handed in"
    )


async def working_days(platform: Platform, context: Context, arguments: Mapping[str, Any]) -> WorkingDay:
    """The ``count``-th working day after ``from``, by the caller's city."""
    caller = _caller(context)
    async with platform.database.transaction(caller.tenant_id) as session:
        rulings = await rulings_after(session, caller.tenant_id, arguments["from"])
    try:
        found = nth_working_day(arguments["from"], arguments["count"], rulings)
    except ValueError as error:
        raise request_error(
            Code.BAD_USER_INPUT,
            f"count 须为 1 至 {MOST_WORKING_DAYS},所求日期不得晚于 9999 年。",
            f"count runs from 1 to {MOST_WORKING_DAYS}, and no calendar goes beyond the year 9999.",
        ) from error
    return WorkingDay(date=found.date, provisional=found.provisional)


async def verify_letter(platform: Platform, context: Context, arguments: Mapping[str, Any]) -> LetterVerification:
    """Whether a numbered paper with this code was issued, by any city; open to whoever holds it.

    Raises: RequestError(RATE_LIMITED) for an address that tries out codes.
    """
    genuine = await is_genuine(platform, context.address, arguments["number"], arguments["code"])
    return LetterVerification(genuine=genuine)


async def filing_changes(
    platform: Platform, context: Context, arguments: Mapping[str, Any]
) -> list[FieldChange] | None:
    """What differs between two filings, or submissions; None unless the caller sees both."""
    caller = _caller(context)
    async with platform.database.transaction(caller.tenant_id) as session:
        versions = [await _version(platform, session, caller, arguments[name]) for name in ("from", "to")]
    before, after = versions
    if before is None or after is None:
        return None
    return [
        FieldChange(
            path=change.path,
            label=change.label.in_language(context.language),
            before=change.before.in_language(context.language),
            after=change.after.in_language(context.language),
        )
        for change in changes(before, after)
    ]


async def monthly_return_overview(
    platform: Platform, context: Context, arguments: Mapping[str, Any]
) -> list[MonthlyReturnStanding]:
    """Every district's standing for the city office, its own for a district office, none for others."""
    caller = _caller(context)
    if caller.role not in {Role.CITY_OFFICE, Role.DISTRICT_OFFICE}:
        return []
    district = caller.district_id if caller.role is Role.DISTRICT_OFFICE else None
    month = arguments["month"].replace(day=1)
    async with platform.database.transaction(caller.tenant_id) as session:
        found = await standings(session, caller.tenant_id, month, dt.datetime.now(dt.UTC), district)
    return [
        MonthlyReturnStanding(
            district_id=strawberry.ID(f"dis_{each.district_id}"),
            district_name=each.district_name,
            month=month,
            state=each.state,
            late=each.late,
            submitted_at=each.submitted_at,
            filing_count=each.filing_count,
            monthly_return_id=strawberry.ID(f"ret_{each.monthly_return_id}") if each.shows_return else None,
        )
        for each in found
    ]


async def _version(platform: Platform, session: AsyncSession, caller: Caller, id_: str) -> Version | None:
    """The version that an id names, within the caller's rows: a submission's, or a filing's present one."""
    visible = platform.authority.values(caller)
    submission = uuid_of("sbm")(id_)
    if submission is not None:
        kept = await session.scalar(
            select(FilingSubmission)
            .where(FilingSubmission.id == submission, platform.authority.rows(caller, FilingSubmission))
            .params(visible)
        )
        return Version(kept.form, kept.documents) if kept is not None else None
    key: UUID | None = uuid_of("fil")(id_)
    filing = await session.scalar(
        select(Filing).where(Filing.id == key, platform.authority.rows(caller, Filing)).params(visible)
    )
    if filing is None:
        return None
    documents = await session.scalars(
        select(Document)
        .where(Document.filing_id == filing.id, platform.authority.rows(caller, Document))
        .order_by(Document.id)
        .params(visible)
    )
    return Version(filing.form, [{"kind": d.kind, "filename": d.filename, "sha256": d.sha256} for d in documents])


def _caller(context: Context) -> Caller:
    assert context.caller is not None  # noqa: S101 - these fields are not open to strangers
    return context.caller
