"""Rows of the expert panel: sessions, cases, assignments, opinions, conclusions, appointments."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, exists, select

from authz.scopes.language import (
    TENANT,
    C,
    E,
    Rows,
    U,
    both,
    either,
    everything,
    mine,
    of_its_cases,
    own,
    scope,
    visible,
    where,
)
from domain.access import Role
from domain.panels.entities import (
    ExpertAppointment,
    Opinion,
    PanelAssignment,
    PanelCase,
    PanelCaseState,
    PanelConclusion,
    PanelSession,
)


def _with_cases(role: Role) -> Rows:
    """A session with a case that the role can see."""

    def rows(t: FromClause) -> ColumnElement[bool]:
        of_session = PanelCase.__table__.alias()
        return exists(select(1).where(of_session.c.session_id == t.c.id, scope(role, of_session)))

    return rows


def _unsealed(t: FromClause) -> ColumnElement[bool]:
    """The case's opinions are open."""
    open_case = PanelCase.__table__.alias()
    return exists(
        select(1).where(
            open_case.c.tenant_id == TENANT,
            open_case.c.id == t.c.case_id,
            open_case.c.state.in_((PanelCaseState.OPINIONS_IN, PanelCaseState.CONCLUDED)),
        )
    )


SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    PanelCase.__tablename__: {
        C: everything,
        U: both(where("state", PanelCaseState.CONCLUDED), own("unit_id")),
        E: of_its_cases("id"),
    },
    PanelSession.__tablename__: {C: everything, U: _with_cases(U), E: _with_cases(E)},
    PanelAssignment.__tablename__: {C: everything, E: mine("expert_id")},
    # Sealed from everybody but who gave it, until all are in or they are closed.
    Opinion.__tablename__: {
        C: _unsealed,
        E: both(of_its_cases("id", "case_id"), either(mine("expert_id"), _unsealed)),
    },
    PanelConclusion.__tablename__: {role: visible(role, PanelCase.__table__, "case_id") for role in (C, U, E)},
    ExpertAppointment.__tablename__: {C: everything, E: mine("user_id")},
}
