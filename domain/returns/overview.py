"""Which district has handed in a month's return, and which has not (月报报送情况)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.calendar import local_date
from domain.filings.entities import Filing
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.returns.months import month_after
from domain.tenants.entities import District


@dataclass(frozen=True, slots=True)
class Standing:
    """One district and one month."""

    district_id: UUID
    district_name: str
    monthly_return_id: UUID | None
    state: MonthlyReturnState | None
    late: bool
    submitted_at: dt.datetime | None
    filing_count: int

    @property
    def shows_return(self) -> bool:
        """The return itself is the city's to see once it is handed in."""
        return self.state is MonthlyReturnState.SUBMITTED


async def standings(
    session: AsyncSession, tenant_id: UUID, month: dt.date, now: dt.datetime, district_id: UUID | None = None
) -> list[Standing]:
    """How every district (or one) stands with the return for ``month``, by division code."""
    listed = (
        select(func.count())
        .where(Filing.tenant_id == tenant_id, Filing.monthly_return_id == MonthlyReturn.id)
        .correlate(MonthlyReturn)
        .scalar_subquery()
    )
    query = (
        select(District, MonthlyReturn, listed)
        .join(
            MonthlyReturn,
            and_(
                MonthlyReturn.tenant_id == District.tenant_id,
                MonthlyReturn.district_id == District.id,
                MonthlyReturn.month == month,
            ),
            isouter=True,
        )
        .where(District.tenant_id == tenant_id)
        .order_by(District.division_code)
    )
    if district_id is not None:
        query = query.where(District.id == district_id)
    owed = local_date(now) >= month_after(month)
    return [
        Standing(
            district_id=district.id,
            district_name=district.name,
            monthly_return_id=found.id if found else None,
            state=found.state if found else None,
            late=found.late if found and found.state is MonthlyReturnState.SUBMITTED else owed,
            submitted_at=found.submitted_at if found else None,
            filing_count=count,
        )
        for district, found, count in await session.execute(query)
    ]
