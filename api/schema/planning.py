"""What Python computes for the city office's yearly assessment plan: what is due, by whom, by when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import strawberry

from api.http.errors import Code, request_error
from domain.access import Role
from domain.assessments.plan import MOST_ITEMS, check_year, due_count, proposal
from domain.calendar import local_date
from domain.errors import Refusal

if TYPE_CHECKING:
    from api.execution.platform import Platform
    from api.http.operations import Context

BY_DEFAULT = 100


@strawberry.type(description="计划建议的一项 / one assessment that a plan would hold")
class PlannedAssessment:
    """One assessment that a plan would hold."""

    system_id: strawberry.ID = strawberry.field(description="信息系统 / the system")
    system_name: str = strawberry.field(description="系统名称 / its name")
    unit_name: str = strawberry.field(description="运营使用单位 / its unit")
    level: int = strawberry.field(description="级别 / level")
    important: bool = strawberry.field(description="是否重要信息系统 / whether an important system")
    next_assessment_due_on: dt.date | None = strawberry.field(
        description="下次测评期限,空为尚未测评 / when it is due, null where it was never assessed"
    )
    assessment_body_id: strawberry.ID | None = strawberry.field(
        description="建议的测评机构,空为无可承担者 / the body proposed, null where none is accredited for the level"
    )
    assessment_body_name: str | None = strawberry.field(description="其名称 / its name")
    due_on: dt.date = strawberry.field(description="建议完成期限 / by when")


@strawberry.type(description="年度测评计划建议 / a proposal for a year's plan")
class PlanProposal:
    """A proposal for a year's plan."""

    year: int = strawberry.field(description="年度 / year")
    total: int = strawberry.field(description="应测评系统总数 / how many systems are due in all")
    items: list[PlannedAssessment] = strawberry.field(description="建议,先到期者在前 / what is due first goes first")


async def assessment_plan_proposal(platform: Platform, context: Context, arguments: Mapping[str, Any]) -> PlanProposal:
    """What is due in a year and in no plan yet; of nothing for others than the city office."""
    caller, year = context.caller, arguments["year"]
    assert caller is not None  # noqa: S101 - the field is not open to strangers
    if caller.role is not Role.CITY_OFFICE:
        return PlanProposal(year=year, total=0, items=[])
    today, first = local_date(dt.datetime.now(dt.UTC)), arguments.get("first") or BY_DEFAULT
    try:
        check_year(year, today)
    except Refusal as refusal:
        (problem,) = refusal.problems
        raise request_error(Code.BAD_USER_INPUT, problem.message.zh, problem.message.en) from refusal
    if not 0 < first <= MOST_ITEMS:
        raise request_error(
            Code.BAD_USER_INPUT, f"first 须为 1 至 {MOST_ITEMS}。", f"first runs from 1 to {MOST_ITEMS}."
        )
    async with platform.database.transaction(caller.tenant_id) as session:
        found = await proposal(session, caller.tenant_id, year, today, first)
        total = await due_count(session, caller.tenant_id, year)
    return PlanProposal(
        year=year,
        total=total,
        items=[
            PlannedAssessment(
                system_id=strawberry.ID(f"sys_{each.system.id}"),
                system_name=each.system.name,
                unit_name=each.unit.name,
                level=each.level,
                important=each.system.important,
                next_assessment_due_on=each.system.next_assessment_due_on,
                assessment_body_id=strawberry.ID(f"bod_{each.body.id}") if each.body else None,
                assessment_body_name=each.body_name,
                due_on=each.due_on,
            )
            for each in found
        ],
    )
