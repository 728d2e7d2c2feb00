"""The paged lists of filings and monthly returns."""

from __future__ import annotations

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, not_

from api.reads.listings import (
    Filter,
    before_moment,
    by_flag,
    by_id,
    by_level,
    by_relation,
    by_term,
    by_terms,
    by_text,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import TODAY, vocabulary
from api.schema.lists.wording import DISTRICT, DISTRICT_THAT, STATE, STATES, SYSTEM, SYSTEM_THAT, UNIT, UNIT_THAT
from api.schema.standings import by_review_outcome
from domain.filings.entities import Filing, FilingChannel, FilingState, ReviewPeriod
from domain.organisations.entities import AuthorityLevel
from domain.replies.entities import ReplyKind, ReplyState
from domain.returns.entities import MonthlyReturn, MonthlyReturnState

for _term in (AuthorityLevel, FilingChannel, FilingState, MonthlyReturnState, ReplyKind, ReplyState):
    vocabulary(_term)


def _overdue(t: FromClause) -> ColumnElement[bool]:
    """As ``Filing.overdue``."""
    return and_(t.c.state == FilingState.UNDER_REVIEW, t.c.review_due_on.is_not(None), t.c.review_due_on < TODAY)


FILINGS = listing(
    "Filing",
    Filing,
    [
        by_term("state", "state", FilingState, STATE),
        by_terms("states", "state", FilingState, STATES, indexed=True),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_id("monthlyReturnId", "monthly_return_id", "ret", "某月报中的 / in one monthly return"),
        by_term("authority", "authority", AuthorityLevel, "市级或区县级 / filed at one level"),
        by_term("channel", "channel", FilingChannel, "某渠道的 / that came by one way"),
        by_level("level", "level", "某级别的 / of one level"),
        from_moment("submittedFrom", "submitted_at", "提交于此时起 / submitted at this moment or later"),
        before_moment("submittedBefore", "submitted_at", "提交于此时前 / submitted before this moment"),
        from_date("reviewDueFrom", "review_due_on", "审核期限不早于 / due on this day or later"),
        until_date("reviewDueUntil", "review_due_on", "审核期限不晚于 / due on this day or earlier"),
        Filter(
            "overdue",
            bool,
            Boolean(),
            bool,
            lambda t, v: _overdue(t) if v else not_(_overdue(t)),
            frozenset({"state", "review_due_on"}),
            "审核是否逾期 / whether the review is overdue",
            chosen=True,
        ),
        by_text(("number",), "备案编号含有 / whose number contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("grading", "grading_id", "Grading", "所据定级符合条件的 / whose grading matches"),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
        by_relation(
            "monthlyReturn", "monthly_return_id", "MonthlyReturn", "所在月报符合条件的 / whose monthly return matches"
        ),
    ],
    {"CREATED_AT": "created_at", "SUBMITTED_AT": "submitted_at", "REVIEW_DUE_ON": "review_due_on"},
    "-CREATED_AT",
)
MONTHLY_RETURNS = listing(
    "MonthlyReturn",
    MonthlyReturn,
    [
        by_term("state", "state", MonthlyReturnState, STATE),
        by_terms("states", "state", MonthlyReturnState, STATES),
        by_id("districtId", "district_id", "dis", DISTRICT),
        from_date("monthFrom", "month", "月份不早于(该月首日) / this month or later, by its first day"),
        until_date("monthUntil", "month", "月份不晚于(该月首日) / this month or earlier, by its first day"),
        by_flag("late", "late", "是否逾期 / whether handed in late"),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
    ],
    {"MONTH": "month"},
    "-MONTH",
)
REVIEW_PERIODS = listing(
    "ReviewPeriod",
    ReviewPeriod,
    [
        by_id("filingId", "filing_id", "fil", "某备案的 / of one filing"),
        by_review_outcome("outcome", "某时效的 / with one outcome"),
        from_date("endedFrom", "ended_on", "答复于此日或之后 / answered on this day or later"),
        until_date("endedUntil", "ended_on", "答复于此日或之前 / answered on this day or earlier"),
        by_relation("filing", "filing_id", "Filing", "其备案符合条件的 / whose filing matches"),
    ],
    {"ENDED_ON": "ended_on"},
    "-ENDED_ON",
)
