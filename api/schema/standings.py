"""How a system or a review stands, as SQL over its row: read as fields, filtered by, and counted by statistics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, and_, case, literal, or_

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


# A table's standings and the rows that stand so; no row stands two ways, and one of no standing is of none.
Standings = Callable[[FromClause], Mapping[Term, ColumnElement[bool]]]


def _inspections(t: FromClause) -> Mapping[Term, ColumnElement[bool]]:
    """Of important systems in use (``domain/inspections/coverage.py``)."""
    S, due, last, planned = InspectionStanding, t.c.inspection_due_on, t.c.last_inspected_on, t.c.next_inspection_on  # noqa: N806 - a vocabulary
    important = and_(due.is_not(None), t.c.retired_on.is_(None))
    awaited = and_(important, or_(last.is_(None), due < TODAY))
    return {
        S.INSPECTED: and_(important, last.is_not(None), due >= TODAY),
        S.UNSCHEDULED: and_(important, last.is_(None), planned.is_(None), due >= TODAY),
        S.OVERDUE: and_(important, planned.is_(None), due < TODAY),
        S.SCHEDULED: and_(awaited, planned <= due),
        S.SCHEDULED_LATE: and_(awaited, planned > due),
    }


def _assessments(t: FromClause) -> Mapping[Term, ColumnElement[bool]]:
    """Of systems in use of level 2 or above."""
    S, due = AssessmentStanding, t.c.next_assessment_due_on  # noqa: N806 - a vocabulary
    assessed = and_(t.c.level >= ASSESSED_LEVEL, t.c.retired_on.is_(None))
    return {
        S.NEVER: and_(assessed, due.is_(None)),
        S.IN_TIME: and_(assessed, due >= TODAY),
        S.OVERDUE: and_(assessed, due < TODAY),
    }


def _reviews(t: FromClause) -> Mapping[Term, ColumnElement[bool]]:
    """Of runs of the review's clock."""
    S, ended, due = ReviewOutcome, t.c.ended_on, t.c.due_on  # noqa: N806 - a vocabulary
    return {
        S.RUNNING: and_(ended.is_(None), due >= TODAY),
        S.OVERDUE: and_(ended.is_(None), due < TODAY),
        S.IN_TIME: ended <= due,
        S.LATE: ended > due,
    }


def _said(standings: Mapping[Term, ColumnElement[bool]]) -> ColumnElement[Any]:
    return case(*((rows, literal(term.value, Text())) for term, rows in standings.items()))


def inspection_standing(t: FromClause) -> ColumnElement[Any]:
    """``InspectionStanding`` of an important system in use, null of others."""
    return _said(_inspections(t))


def assessment_standing(t: FromClause) -> ColumnElement[Any]:
    """``AssessmentStanding`` of a system in use of level 2 or above, null of others."""
    return _said(_assessments(t))


def review_outcome(t: FromClause) -> ColumnElement[Any]:
    """``ReviewOutcome`` of a run of the review's clock."""
    return _said(_reviews(t))


def _by(name: str, term: type[Term], standings: Standings, needs: frozenset[str], description: str) -> Filter:
    return Filter(name, term, Text(), str, lambda t, v: standings(t)[term[v]], needs, description, chosen=True)


def by_inspection_standing(name: str, description: str) -> Filter:
    """The systems that stand so with their inspection."""
    return _by(name, InspectionStanding, _inspections, INSPECTION_NEEDS, description)


def by_assessment_standing(name: str, description: str) -> Filter:
    """The systems that stand so with their assessment."""
    return _by(name, AssessmentStanding, _assessments, ASSESSMENT_NEEDS, description)


def by_review_outcome(name: str, description: str) -> Filter:
    """The reviews that went so."""
    return _by(name, ReviewOutcome, _reviews, REVIEW_NEEDS, description)
