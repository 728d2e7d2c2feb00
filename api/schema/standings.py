"""How a system or a review stands, as SQL over its row: read as fields, filtered by, and counted by statistics."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, case, func, literal, null, or_

from api.reads.listings import Filter
from api.schema.common import TODAY, vocabulary
from domain.inspections.coverage import InspectionStanding
from domain.text import Term

INSPECTION_NEEDS = frozenset({"last_inspected_on", "inspection_due_on", "next_inspection_on", "retired_on"})
ASSESSMENT_NEEDS = frozenset({"next_assessment_due_on", "level", "retired_on"})
REVIEW_NEEDS = frozenset({"ended_on", "due_on"})
# From this level on systems are assessed (workflow.md stage 4).
ASSESSED_LEVEL = 2


class AssessmentStanding(Term):
    """How a system of level 2 or above stands with its level assessment (测评覆盖情况)."""

    IN_TIME = "IN_TIME", "在有效期内", "assessed, the next one not due yet"
    OVERDUE = "OVERDUE", "逾期未测评", "the next assessment was due in the past"
    NEVER = "NEVER", "尚未测评", "not assessed yet"


class ReviewOutcome(Term):
    """How a review of a filing went, by its ten working days (审核时效)."""

    IN_TIME = "IN_TIME", "按期答复", "answered by its last day"
    LATE = "LATE", "逾期答复", "answered after its last day"
    RUNNING = "RUNNING", "审核中", "not answered, its last day not passed"
    OVERDUE = "OVERDUE", "逾期未答复", "not answered, its last day passed"


for _term in (InspectionStanding, AssessmentStanding, ReviewOutcome):
    vocabulary(_term)


def _said(term: Term) -> ColumnElement[str]:
    return literal(term.value, Text())


def inspection_standing(t: FromClause) -> ColumnElement[Any]:
    """``InspectionStanding`` of an important system in use, null of others (``domain/inspections/coverage.py``)."""
    S, due, planned = InspectionStanding, t.c.inspection_due_on, t.c.next_inspection_on  # noqa: N806 - a vocabulary
    return case(
        (or_(due.is_(None), t.c.retired_on.is_not(None)), null()),
        (and_(t.c.last_inspected_on.is_not(None), due >= TODAY), _said(S.INSPECTED)),
        (and_(planned.is_(None), due >= TODAY), _said(S.UNSCHEDULED)),
        (planned.is_(None), _said(S.OVERDUE)),
        (planned <= due, _said(S.SCHEDULED)),
        else_=_said(S.SCHEDULED_LATE),
    )


def assessment_standing(t: FromClause) -> ColumnElement[Any]:
    """``AssessmentStanding`` of a system in use of level 2 or above, null of others."""
    S, due = AssessmentStanding, t.c.next_assessment_due_on  # noqa: N806 - a vocabulary
    return case(
        (or_(func.coalesce(t.c.level, 0) < ASSESSED_LEVEL, t.c.retired_on.is_not(None)), null()),
        (due.is_(None), _said(S.NEVER)),
        (due >= TODAY, _said(S.IN_TIME)),
        else_=_said(S.OVERDUE),
    )


def review_outcome(t: FromClause) -> ColumnElement[Any]:
    """``ReviewOutcome`` of a run of the review's clock."""
    S, ended, due = ReviewOutcome, t.c.ended_on, t.c.due_on  # noqa: N806 - a vocabulary
    return case(
        (and_(ended.is_(None), due >= TODAY), _said(S.RUNNING)),
        (ended.is_(None), _said(S.OVERDUE)),
        (ended <= due, _said(S.IN_TIME)),
        else_=_said(S.LATE),
    )


def by_standing(name: str, term: type[Term], build: Any, needs: frozenset[str], description: str) -> Filter:
    """The rows that stand so."""
    return Filter(name, term, Text(), str, lambda t, v: build(t) == v, needs, description)
