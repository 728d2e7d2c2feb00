"""Rows of assessment bodies, level assessments and their reports.

What a body sees of a system that it assesses is decided here as well (``of_its_assessments``): nothing once its
accreditation is suspended, withdrawn or past its term, on the very day, without any job. Its own work it keeps.
"""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import (
    DISTRICT,
    A,
    C,
    D,
    Rows,
    U,
    both,
    but_not,
    everything,
    own,
    own_or_supervised,
    visible,
)
from domain.access import Role
from domain.assessments.accreditation import AccreditationChange, AssessmentBody
from domain.assessments.entities import (
    Assessment,
    AssessmentPlan,
    AssessmentState,
    AssessmentTransition,
    MilestoneReached,
)
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport


def _of_assessments(role: Role) -> Rows:
    return visible(role, Assessment.__table__, "assessment_id")


def _of_reports(role: Role) -> Rows:
    return visible(role, AssessmentReport.__table__, "report_id")


_SEEING = (C, D, U, A)

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    AssessmentBody.__tablename__: dict.fromkeys(Role, everything),
    AccreditationChange.__tablename__: {C: everything, A: own("body_id")},
    AssessmentPlan.__tablename__: {C: everything},
    Assessment.__tablename__: {
        C: everything,
        D: lambda t: t.c.district_id == DISTRICT,
        U: own_or_supervised(),
        A: both(own("body_id"), but_not("state", AssessmentState.DECLINED)),
    },
    AssessmentTransition.__tablename__: {role: _of_assessments(role) for role in _SEEING},
    MilestoneReached.__tablename__: {role: _of_assessments(role) for role in _SEEING},
    # Offices see a report once the unit has confirmed it.
    AssessmentReport.__tablename__: {
        C: lambda t: t.c.confirmed_at.is_not(None),
        D: both(lambda t: t.c.confirmed_at.is_not(None), _of_assessments(D)),
        U: own_or_supervised(),
        A: _of_assessments(A),
    },
    AssessmentFinding.__tablename__: {role: _of_reports(role) for role in _SEEING} | {U: own_or_supervised()},
}
