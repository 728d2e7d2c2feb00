"""Rows of level assessments."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import A, C, D, Rows, U, both, but_not, everything, of_its_units, own, own_or_supervised
from domain.access import Role
from domain.assessments.entities import Assessment, AssessmentState

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Assessment.__tablename__: {
        C: everything,
        D: of_its_units,
        U: own_or_supervised(),
        A: both(own("body_id"), but_not("state", AssessmentState.DECLINED)),
    },
}
