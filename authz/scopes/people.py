"""Rows of people, their memberships, and what is kept for each person."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, func, select

from authz.scopes.language import (
    DISTRICT,
    DUTIES,
    ORGANISATION,
    TENANT,
    USER,
    A,
    C,
    D,
    E,
    Rows,
    U,
    among,
    both,
    either,
    everything,
    for_admins,
    mine,
    own,
    visible,
)
from authz.waiting import written
from domain.access import Role
from domain.people.entities import Membership, ServiceAccount


def _colleagues(t: FromClause) -> ColumnElement[bool]:
    """The person has a membership in force in the caller's organisation."""
    membership = Membership.__table__.alias()
    return among(
        t.c.id,
        select(membership.c.user_id).where(
            membership.c.tenant_id == TENANT,
            membership.c.organisation_id == ORGANISATION,
            membership.c.revoked_at.is_(None),
        ),
    )


def _going_on(t: FromClause) -> ColumnElement[bool]:
    return t.c.ended_at.is_(None) & (t.c.expires_at > func.now())


def _waits_for(role: Role, whose: Rows) -> Rows:
    """What waits for one of the caller's duties, or whichever, and not for another person than the caller."""
    return lambda t: (
        (t.c.role == written(role.value))
        & (t.c.duty.is_(None) | (t.c.duty == func.any(DUTIES)))
        & t.c.not_user_id.is_distinct_from(USER)
        & whose(t)
    )


SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    "users": {
        C: everything,
        D: either(_colleagues, mine("id")),
        U: either(_colleagues, mine("id")),
        E: mine("id"),
        A: either(_colleagues, mine("id")),
    },
    Membership.__tablename__: {
        C: everything,
        D: either(own("organisation_id"), mine("user_id")),
        U: either(own("organisation_id"), mine("user_id")),
        E: mine("user_id"),
        A: either(own("organisation_id"), mine("user_id")),
    },
    ServiceAccount.__tablename__: {C: everything, **dict.fromkeys((D, U, A), own("organisation_id"))},
    "service_account_keys": {
        role: visible(role, ServiceAccount.__table__, "service_account_id") for role in (C, D, U, A)
    },
    # How the policy has changed concerns everybody whom it governs.
    "policy_changes": dict.fromkeys(Role, everything),
    # One's own, while they can be continued.
    "sign_in_sessions": dict.fromkeys(Role, both(mine("user_id"), _going_on)),
    "audit_events": {
        C: for_admins(everything),
        D: for_admins(own("organisation_id")),
        U: for_admins(own("organisation_id")),
        E: mine("user_id"),
        A: for_admins(own("organisation_id")),
    },
    "work_items": {
        C: _waits_for(C, everything),
        D: _waits_for(D, lambda t: t.c.district_id == DISTRICT),
        U: _waits_for(U, own("organisation_id")),
        E: _waits_for(E, mine("user_id")),
        A: _waits_for(A, own("organisation_id")),
    },
    "notifications": dict.fromkeys(Role, both(mine("user_id"), lambda t: t.c.in_app)),
    "notification_preferences": dict.fromkeys(Role, mine("user_id")),
}
