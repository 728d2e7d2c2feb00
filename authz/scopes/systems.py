"""Rows of systems and their gradings."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, select

from authz.scopes.language import (
    DISTRICT,
    TENANT,
    A,
    C,
    D,
    E,
    Rows,
    U,
    among,
    both,
    but_not,
    either,
    everything,
    of_its_assessments,
    of_its_cases,
    of_its_units,
    own_or_supervised,
    subjects_of_cases,
    visible,
    where,
)
from domain.access import Role
from domain.filings.entities import Filing
from domain.grading.entities import Grading, GradingState


def _gradings_of_cases(t: FromClause) -> ColumnElement[bool]:
    """The grading before the panel, or that of the filing before the panel."""
    filing = Filing.__table__.alias()
    of_filings = select(filing.c.grading_id).where(
        filing.c.tenant_id == TENANT, among(filing.c.id, subjects_of_cases("filing_id"))
    )
    return among(t.c.id, subjects_of_cases("grading_id").union_all(of_filings))


_confirmed = where("state", GradingState.CONFIRMED)

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    "systems": {
        C: everything,
        D: lambda t: t.c.district_id == DISTRICT,
        U: own_or_supervised(),
        E: of_its_cases("system_id"),
        A: of_its_assessments("system_id", "id"),
    },
    Grading.__tablename__: {
        # One that was once before the experts stays visible, also while it is a draft again.
        C: either(
            but_not("state", GradingState.DRAFT, GradingState.DISCARDED),
            lambda t: t.c.advice_requested_at.is_not(None),
        ),
        D: both(_confirmed, of_its_units),
        U: own_or_supervised(),
        E: _gradings_of_cases,
        A: both(_confirmed, of_its_assessments("system_id", "system_id")),
    },
    "grading_transitions": {role: visible(role, Grading.__table__, "grading_id") for role in Role},
}
