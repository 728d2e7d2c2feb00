"""Rows of supervision and inspection: campaigns, inspections and what they led to; self-inspections.

A district office sees its units' inspections once they are scheduled, a unit its own once it was notified of them and
what was found once the order is issued. All that a supervising unit sees of another's is that a deadline was missed.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, exists, select

from authz.scopes.language import (
    DISTRICT,
    C,
    D,
    Rows,
    U,
    both,
    but_not,
    everything,
    own,
    own_or_supervised,
    scope,
    visible,
    where,
)
from domain.access import Role
from domain.inspections.entities import (
    CampaignPartner,
    Inspection,
    InspectionBatch,
    InspectionCampaign,
    InspectionFinding,
    InspectionState,
    OrderResponse,
    OrderState,
    OverdueNotice,
    RectificationOrder,
)
from domain.selfinspections.entities import SelfInspection, SelfInspectionAnswer, SelfInspectionState


def _with_inspections(role: Role) -> Rows:
    """A campaign with an inspection that the role can see."""

    def rows(t: FromClause) -> ColumnElement[bool]:
        inspection = Inspection.__table__.alias()
        return exists(select(1).where(inspection.c.campaign_id == t.c.id, scope(role, inspection)))

    return rows


def with_an_order(t: FromClause) -> ColumnElement[bool]:
    """Of an inspection of the unit's whose order is issued."""
    inspection = Inspection.__table__.alias()
    return exists(
        select(1).where(
            inspection.c.id == t.c.inspection_id,
            inspection.c.order_issued_at.is_not(None),
            scope(U, inspection),
        )
    )


def _of_inspections(role: Role) -> Rows:
    return visible(role, Inspection.__table__, "inspection_id")


_issued = where("state", OrderState.ISSUED)
_submitted = where("state", SelfInspectionState.SUBMITTED)


def _of_its_district(t: FromClause) -> ColumnElement[bool]:
    return t.c.district_id == DISTRICT


SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    InspectionCampaign.__tablename__: {C: everything, D: _with_inspections(D), U: _with_inspections(U)},
    CampaignPartner.__tablename__: {
        role: visible(role, InspectionCampaign.__table__, "campaign_id") for role in (C, D, U)
    },
    InspectionBatch.__tablename__: {C: everything},
    Inspection.__tablename__: {
        C: everything,
        D: both(but_not("state", InspectionState.PROPOSED), _of_its_district),
        U: both(lambda t: t.c.notified_at.is_not(None), own("unit_id")),
    },
    InspectionFinding.__tablename__: {C: everything, D: _of_inspections(D), U: with_an_order},
    RectificationOrder.__tablename__: {
        C: everything,
        D: both(_issued, _of_inspections(D)),
        U: both(_issued, own("unit_id")),
    },
    OrderResponse.__tablename__: {C: everything, D: _of_inspections(D), U: own("unit_id")},
    OverdueNotice.__tablename__: {C: everything, D: _of_inspections(D), U: own_or_supervised()},
    SelfInspection.__tablename__: {C: _submitted, D: both(_submitted, _of_its_district), U: own_or_supervised()},
    SelfInspectionAnswer.__tablename__: {
        role: visible(role, SelfInspection.__table__, "self_inspection_id") for role in (C, D, U)
    },
}

# What is planned for a system is the offices' until the unit is notified.
_PLANNED = frozenset({"last_inspected_on", "inspection_due_on", "next_inspection_on"})
HIDDEN: Mapping[tuple[Role, str], frozenset[str]] = {
    (role, "systems"): _PLANNED for role in (U, Role.EXPERT, Role.ASSESSOR)
}
