"""A plan's measures (整改措施): read from an input, bound to the findings that they treat, summed up in the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel
from sqlalchemy import Select, select

from domain.assessments.report_entities import AssessmentFinding
from domain.checklists.items import WANTING
from domain.checks import LONG, Checks
from domain.errors import ErrorCode, Problem
from domain.inspections.entities import Inspection, InspectionFinding
from domain.rectification.entities import RectificationMeasure, RectificationPlan
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding
from domain.systems.entities import System
from domain.text import Text
from domain.work import Work

MOST_MEASURES = 300
MOST_YUAN = 10**12
DONE = 100


def _risk_findings(system: System) -> Select[Any]:
    return (
        select(RiskFinding.id)
        .join(
            RiskAssessment,
            (RiskAssessment.tenant_id == RiskFinding.tenant_id) & (RiskAssessment.id == RiskFinding.risk_assessment_id),
        )
        .where(
            RiskAssessment.tenant_id == system.tenant_id,
            RiskAssessment.system_id == system.id,
            RiskAssessment.state != RiskAssessmentState.DISCARDED,
        )
    )


def _assessment_findings(system: System) -> Select[Any]:
    """What the system's reports found, once they were received; closed ones may stay in a plan that names them."""
    received = AssessmentFinding.open | AssessmentFinding.closed_at.is_not(None)
    return select(AssessmentFinding.id).where(
        AssessmentFinding.tenant_id == system.tenant_id, AssessmentFinding.system_id == system.id, received
    )


def _inspection_findings(system: System) -> Select[Any]:
    """What was found wanting of the system, once the order that says so was issued to its unit."""
    return (
        select(InspectionFinding.id)
        .join(
            Inspection,
            (Inspection.tenant_id == InspectionFinding.tenant_id) & (Inspection.id == InspectionFinding.inspection_id),
        )
        .where(
            Inspection.tenant_id == system.tenant_id,
            Inspection.system_id == system.id,
            Inspection.unit_id == system.unit_id,
            Inspection.order_issued_at.is_not(None),
            InspectionFinding.result.in_(WANTING),
        )
    )


# What a measure can treat: the key by which it names it, and the findings of a system that it may name.
SOURCES: Mapping[str, Callable[[System], Select[Any]]] = {
    "risk_finding_id": _risk_findings,
    "assessment_finding_id": _assessment_findings,
    "inspection_finding_id": _inspection_findings,
}


async def measures_of(work: Work, plan: RectificationPlan) -> dict[UUID, RectificationMeasure]:
    """The plan's measures by their keys, in their order."""
    found = await work.session.scalars(
        select(RectificationMeasure)
        .where(RectificationMeasure.tenant_id == plan.tenant_id, RectificationMeasure.plan_id == plan.id)
        .order_by(RectificationMeasure.position, RectificationMeasure.id)
    )
    return {each.id: each for each in found}


async def read_measures(
    work: Work, checks: Checks, system: System, given: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The measures' columns; ``checks`` gathers what is wrong with them, findings of other systems included."""
    if len(given) > MOST_MEASURES:
        checks.wrong("measures", f"一个方案最多 {MOST_MEASURES} 项措施。", f"At most {MOST_MEASURES} measures.")
        return []
    values = [_measure(checks, f"measures.{place}", each) for place, each in enumerate(given)]
    for key, findings_of in SOURCES.items():
        await _known(work, checks, values, key, findings_of(system))
    return values


def read_due_on(checks: Checks, due_on: dt.date, field: str, today: dt.date) -> None:
    """A day that is set anew is not one that has passed."""
    if due_on < today:
        checks.wrong(field, "期限不得早于今天。", "The last day may not have passed already.")


def sum_up(plan: RectificationPlan, measures: Sequence[RectificationMeasure]) -> None:
    """Bring the plan's figures up to date with its measures."""
    open_ = [each.due_on for each in measures if each.done_at is None]
    plan.budget = sum(each.budget for each in measures)
    plan.due_on = max((each.due_on for each in measures), default=None)
    plan.next_due_on = min(open_, default=None)
    plan.progress = sum(each.progress for each in measures) // len(measures) if measures else 0


def begin(measures: Sequence[RectificationMeasure]) -> None:
    """The plan can be carried out: what is not done is under way."""
    for each in measures:
        each.under_way = each.done_at is None


def _measure(checks: Checks, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    budget = given.get("budget") or 0
    if not 0 <= budget <= MOST_YUAN:
        checks.wrong(f"{path}.budget", "预算须为非负整数(元)。", "A budget is a whole number of yuan, not below 0.")
    sources = {key: given.get(to_camel(key)) for key in SOURCES}
    if sum(value is not None for value in sources.values()) > 1:
        checks.wrong(path, "一项措施只针对一个问题,请分列。", "A measure treats one finding; list it once for each.")
    return {
        "title": checks.text(given["title"], f"{path}.title", required=True),
        "description": checks.text(given.get("description"), f"{path}.description", limit=LONG),
        "owner": checks.text(given["owner"], f"{path}.owner", required=True),
        "due_on": given["dueOn"],
        "budget": budget,
        **sources,
    }


async def _known(
    work: Work, checks: Checks, values: Sequence[Mapping[str, Any]], key: str, findings: Select[Any]
) -> None:
    """Each finding named by ``key`` is one of ``findings``; any other does not exist for this plan."""
    named = {each[key] for each in values if each[key] is not None}
    if not named:
        return
    column = findings.selected_columns[0]
    there = set(await work.session.scalars(findings.where(column.in_(named))))
    message = Text("该系统没有此项问题,请核对。", "The system has no such finding; check it.")
    checks.problems += (
        Problem(ErrorCode.NOT_FOUND, message, f"measures.{place}.{to_camel(key)}")
        for place, each in enumerate(values)
        if each[key] is not None and each[key] not in there
    )
