"""Rows of filings, the replies to them, and the monthly returns that carry them."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import (
    DISTRICT,
    A,
    C,
    D,
    E,
    Rows,
    U,
    both,
    but_not,
    everything,
    of_its_assessments,
    of_its_cases,
    own_or_supervised,
    visible,
    where,
)
from domain.access import Role
from domain.filings.entities import Filing, FilingState
from domain.replies.entities import ReplyLetter, ReplyState
from domain.returns.entities import MonthlyReturn, MonthlyReturnState

_submitted = but_not("state", FilingState.DRAFT, FilingState.DISCARDED)
_issued = where("state", ReplyState.ISSUED)
_of_visible_filings: Mapping[Role, Rows] = {role: visible(role, Filing.__table__, "filing_id") for role in Role}

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Filing.__tablename__: {
        C: _submitted,
        D: both(_submitted, lambda t: t.c.district_id == DISTRICT),
        U: own_or_supervised(),
        E: of_its_cases("filing_id"),
        A: both(where("state", FilingState.ACCEPTED), of_its_assessments("system_id", "system_id")),
    },
    "filing_transitions": _of_visible_filings,
    "review_periods": _of_visible_filings,
    "filing_submissions": _of_visible_filings,
    ReplyLetter.__tablename__: {
        C: everything,
        D: both(_issued, _of_visible_filings[D]),
        U: both(_issued, own_or_supervised()),
    },
    MonthlyReturn.__tablename__: {
        C: where("state", MonthlyReturnState.SUBMITTED),
        D: lambda t: t.c.district_id == DISTRICT,
    },
}
