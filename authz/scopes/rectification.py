"""Rows of risk assessments and rectification: the unit's own until its approver has submitted the plan."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, select

from authz.scopes.language import (
    TENANT,
    A,
    C,
    D,
    E,
    Rows,
    U,
    among,
    both,
    of_its_assessments,
    of_its_cases,
    of_its_units,
    own_or_supervised,
    subjects_of_cases,
    visible,
    where,
)
from domain.access import Role
from domain.rectification.entities import (
    PlanState,
    RectificationMeasure,
    RectificationPlan,
    RectificationPlanTransition,
)
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding


def _risk_assessments_of_cases(t: FromClause) -> ColumnElement[bool]:
    """The risk assessment that a plan before the panel rests on."""
    plan = RectificationPlan.__table__.alias()
    return among(
        t.c.id,
        select(plan.c.risk_assessment_id).where(
            plan.c.tenant_id == TENANT,
            plan.c.risk_assessment_id.is_not(None),
            among(plan.c.id, subjects_of_cases("rectification_plan_id")),
        ),
    )


_submitted = where("state", RiskAssessmentState.SUBMITTED)
_handed_in = where("state", *(each for each in PlanState if each not in {PlanState.DRAFT, PlanState.DISCARDED}))
_assessed = of_its_assessments("system_id", "system_id")

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    RiskAssessment.__tablename__: {
        C: _submitted,
        D: both(_submitted, of_its_units),
        U: own_or_supervised(),
        E: both(_submitted, _risk_assessments_of_cases),
        A: both(_submitted, _assessed),
    },
    RiskFinding.__tablename__: {role: visible(role, RiskAssessment.__table__, "risk_assessment_id") for role in Role},
    RectificationPlan.__tablename__: {
        C: _handed_in,
        D: both(_handed_in, of_its_units),
        U: own_or_supervised(),
        E: of_its_cases("rectification_plan_id"),
        A: both(_handed_in, _assessed),
    },
    RectificationMeasure.__tablename__: {role: visible(role, RectificationPlan.__table__, "plan_id") for role in Role},
    RectificationPlanTransition.__tablename__: {
        role: visible(role, RectificationPlan.__table__, "plan_id") for role in Role
    },
}
