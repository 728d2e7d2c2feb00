"""Monthly returns (月报): what a district office hands to the city office before each month's end."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, refers, term, unique
from domain.text import Term


class MonthlyReturnState(Term):
    """Where a monthly return stands (月报状态)."""

    OPEN = "OPEN", "未报送", "gathers filings"
    SUBMITTED = "SUBMITTED", "已报送", "handed in"


class MonthlyReturn(Versioned, TenantRow):
    """One district's return for one calendar month; ``month`` is that month's first day."""

    __tablename__ = "monthly_returns"

    district_id: Mapped[UUID]
    month: Mapped[dt.date]
    state: Mapped[MonthlyReturnState] = mapped_column(term(MonthlyReturnState), default=MonthlyReturnState.OPEN)
    late: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[dt.datetime | None]
    submitted_by_id: Mapped[UUID | None]

    __table_args__ = (
        refers("district_id", "districts"),
        refers("submitted_by_id", "users"),
        unique("district_id", "month"),
        CheckConstraint("extract(day FROM month) = 1", name="first_of_month"),
        CheckConstraint("(state = 'SUBMITTED') = (submitted_at IS NOT NULL)", name="submitted_at_known"),
        Index(None, "tenant_id", "month", "id"),
    )
