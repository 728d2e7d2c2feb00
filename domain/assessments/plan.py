"""The city office's yearly plan (年度测评计划): what is due is proposed, and adopted in bulk (workflow.md stage 4)."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.assessments.accreditation import AccreditationStatus, AssessmentBody, problem_with
from domain.assessments.entities import ENDED, Assessment, AssessmentPlan, AssessmentState
from domain.assessments.use_cases import LEVEL_OF_UNITS, begun, made
from domain.calendar import local_date
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.entities import Filing, FilingState
from domain.organisations.entities import Organisation
from domain.systems.entities import System
from domain.text import Text
from domain.work import Work

# Adopted at once; what is more is proposed again.
MOST_ITEMS = 1_000
ADOPT = "adoptAssessmentPlan"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A system with what decides whether it can be planned: its filed level, and the assessment under way, if any."""

    system: System
    unit: Organisation
    level: int | None
    waiting: AssessmentState | None


@dataclass(frozen=True, slots=True)
class Proposed:
    """One assessment that the plan proposes: by whom (None: no body is accredited for the level), and by when."""

    system: System
    unit: Organisation
    level: int
    body: AssessmentBody | None
    due_on: dt.date
    body_name: str | None = None


async def adopt_assessment_plan(
    work: Work, *, year: int, items: Sequence[Mapping[str, Any]] | None = None
) -> AssessmentPlan:
    """Have all ``items`` (or all that is proposed) assessed in ``year``, or none; without a body they are PLANNED.

    Adopting again in the same year adds to the plan. Each item is ``{"systemId", "assessmentBodyId", "dueOn"}``.
    Raises: Refusal(FORBIDDEN), or with every problem, item by item (NOT_FOUND, INVALID_STATE, INVALID_INPUT,
    NOT_ACCREDITED).
    """
    work.require(ADOPT)
    check_year(year, local_date(work.now))
    if items is not None and not 0 < len(items) <= MOST_ITEMS:
        raise refuse(
            ErrorCode.INVALID_INPUT, f"请列出 1 至 {MOST_ITEMS} 项。", f"List 1 to {MOST_ITEMS} items.", "items"
        )
    if items is not None:
        chosen = await _chosen(work, year, items)
    else:
        chosen = await proposal(work.session, work.caller.tenant_id, year, local_date(work.now), MOST_ITEMS)
    if not chosen:
        raise refuse(
            ErrorCode.INVALID_STATE, "没有应测评的系统,无须制定计划。", "Nothing is due; no plan is needed.", "year"
        )
    plan = await _plan(work, year)
    assessments = [
        made(
            work,
            ADOPT if each.body else f"{ADOPT}.unassigned",
            each.system,
            each.unit,
            each.level,
            body=each.body,
            due_on=each.due_on,
            plan_id=plan.id,
        )
        for each in chosen
    ]
    work.session.add_all(assessments)
    await work.session.flush()
    for assessment in assessments:
        begun(work, ADOPT, assessment)
    work.record(ADOPT, plan, after={"year": year, "assessments": len(assessments)})
    return plan


async def proposal(session: AsyncSession, tenant: UUID, year: int, today: dt.date, most: int) -> list[Proposed]:
    """What is due by the end of ``year``, never assessed first, then by the day; each for the least busy body."""
    order = (System.next_assessment_due_on.asc().nulls_first(), Filing.level.desc(), System.id)
    rows = await session.execute(_candidates(tenant).where(_is_due(year)).order_by(*order).limit(most))
    choose, last = await _chooser(session, tenant, today), dt.date(year, 12, 31)
    found = []
    for system, unit, level, _ in rows:
        body, name = choose(level) or (None, None)
        found.append(Proposed(system, unit, level, body, _day(system, last, today), name))
    return found


async def due_count(session: AsyncSession, tenant: UUID, year: int) -> int:
    """How many systems are due by the end of ``year``, and have no assessment under way."""
    due = _candidates(tenant).where(_is_due(year)).with_only_columns(System.id).subquery()
    return await session.scalar(select(func.count()).select_from(due)) or 0


def _is_due(year: int) -> ColumnElement[bool]:
    due = System.next_assessment_due_on
    by_then = due.is_(None) | (due <= dt.date(year, 12, 31))
    return (Filing.level > LEVEL_OF_UNITS) & by_then & Assessment.state.is_(None)


def _candidates(tenant: UUID) -> Select[System, Organisation, int, AssessmentState]:
    """Systems in use: unit, accepted filing's level, state of the assessment under way; null where there is none."""
    return (
        select(System, Organisation, Filing.level, Assessment.state)
        .join(Organisation, (Organisation.tenant_id == System.tenant_id) & (Organisation.id == System.unit_id))
        .outerjoin(
            Filing,
            (Filing.tenant_id == System.tenant_id)
            & (Filing.id == System.current_filing_id)
            & (Filing.state == FilingState.ACCEPTED),
        )
        .outerjoin(
            Assessment,
            (Assessment.tenant_id == System.tenant_id)
            & (Assessment.system_id == System.id)
            & Assessment.state.not_in(ENDED),
        )
        .where(System.tenant_id == tenant, System.retired_on.is_(None))
    )


def check_year(year: int, today: dt.date) -> None:
    """A plan is for this year or the next. Raises: Refusal(INVALID_INPUT)."""
    if year not in {today.year, today.year + 1}:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            f"计划年度须为 {today.year} 或 {today.year + 1}。",
            f"A plan is for {today.year} or {today.year + 1}.",
            "year",
        )


def _day(system: System, last: dt.date, today: dt.date) -> dt.date:
    """By when: the system's own day while it is ahead, else the year's end."""
    due = system.next_assessment_due_on
    return due if due is not None and due >= today else last


async def _chooser(
    session: AsyncSession, tenant: UUID, today: dt.date
) -> Callable[[int], tuple[AssessmentBody, str] | None]:
    """Gives the body to propose for a level, with its name: of those accredited, the one least busy for its staff."""
    bodies = (
        await session.execute(
            select(AssessmentBody, Organisation.name)
            .join(
                Organisation,
                (Organisation.tenant_id == AssessmentBody.tenant_id) & (Organisation.id == AssessmentBody.id),
            )
            .where(AssessmentBody.tenant_id == tenant, AssessmentBody.status == AccreditationStatus.ACTIVE)
            .order_by(AssessmentBody.body_code)
        )
    ).all()
    under_way = await session.execute(
        select(Assessment.body_id, func.count())
        .where(Assessment.tenant_id == tenant, Assessment.state.not_in(ENDED), Assessment.body_id.is_not(None))
        .group_by(Assessment.body_id)
    )
    load: Counter[UUID] = Counter({body: count for body, count in under_way if body is not None})

    def choose(level: int) -> tuple[AssessmentBody, str] | None:
        able = [(body, name) for body, name in bodies if problem_with(body, today, level, "") is None]
        if not able:
            return None
        chosen = min(able, key=lambda each: (load[each[0].id] / max(1, staff_of(each[0])), each[0].body_code))
        load[chosen[0].id] += 1
        return chosen

    return choose


def staff_of(body: AssessmentBody) -> int:
    """How many assessors a body has."""
    return body.senior_assessors + body.intermediate_assessors + body.junior_assessors


async def _chosen(work: Work, year: int, items: Sequence[Mapping[str, Any]]) -> list[Proposed]:
    """The items as they were given, each checked; all that is wrong with any of them is told together."""
    tenant, today = work.caller.tenant_id, local_date(work.now)
    keys = [each["systemId"] for each in items]
    rows = await work.session.execute(
        _candidates(tenant)
        .where(System.id.in_(keys), work.access.rows(work.caller, System))
        .order_by(System.id)
        .with_for_update(of=System)
        .params(work.access.values(work.caller))
    )
    found = {each.system.id: each for each in (Candidate(*row) for row in rows)}
    wanted = [each["assessmentBodyId"] for each in items if each.get("assessmentBodyId")]
    bodies = {
        body.id: body
        for body in await work.session.scalars(
            select(AssessmentBody).where(AssessmentBody.tenant_id == tenant, AssessmentBody.id.in_(wanted))
        )
    }
    problems: list[Problem] = []
    chosen: list[Proposed] = []
    seen: set[UUID] = set()
    for place, each in enumerate(items):
        key, field = each["systemId"], f"items.{place}"
        named, due_on = each.get("assessmentBodyId"), each.get("dueOn")
        candidate, body = found.get(key), bodies.get(named) if named else None
        wrong = _wrong_with(candidate, key in seen, f"{field}.systemId")
        if named is not None:
            level = candidate.level if candidate else None
            wrong += [problem] if (problem := problem_with(body, today, level, f"{field}.assessmentBodyId")) else []
        if due_on is not None and not today <= due_on <= dt.date(year, 12, 31):
            said = Text("完成期限须在今天至年末之间。", "The last day lies between today and the year's end.")
            wrong.append(Problem(ErrorCode.INVALID_INPUT, said, f"{field}.dueOn"))
        problems += wrong
        seen.add(key)
        if not wrong and candidate is not None and candidate.level is not None:
            day = due_on or _day(candidate.system, dt.date(year, 12, 31), today)
            chosen.append(Proposed(candidate.system, candidate.unit, candidate.level, body, day))
    if problems:
        raise Refusal(*problems)
    return chosen


def _wrong_with(candidate: Candidate | None, again: bool, field: str) -> list[Problem]:
    def problem(code: ErrorCode, zh: str, en: str) -> list[Problem]:
        return [Problem(code, Text(zh, en), field)]

    if candidate is None:
        return problem(ErrorCode.NOT_FOUND, "没有找到该系统,或已停用。", "No such system in use was found.")
    if again:
        return problem(ErrorCode.INVALID_INPUT, "该系统已在前面列出。", "The system is listed above already.")
    if candidate.level is None:
        return problem(ErrorCode.INVALID_STATE, "该系统尚无已接受的备案。", "No filing of it is accepted yet.")
    if candidate.level <= LEVEL_OF_UNITS:
        return problem(
            ErrorCode.INVALID_STATE, "第二级系统由单位自行委托测评。", "Units commission assessments of level 2."
        )
    if candidate.waiting is not None:
        return problem(ErrorCode.INVALID_STATE, "该系统已有进行中的测评。", "An assessment of it is under way.")
    return []


async def _plan(work: Work, year: int) -> AssessmentPlan:
    """The year's plan, begun where it is not there."""
    plan = await work.session.scalar(
        select(AssessmentPlan)
        .where(AssessmentPlan.tenant_id == work.caller.tenant_id, AssessmentPlan.year == year)
        .with_for_update()
    )
    if plan is None:
        plan = AssessmentPlan(
            tenant_id=work.caller.tenant_id,
            created_at=work.now,
            year=year,
            adopted_by_id=work.caller.user_id,
            version=0,
        )
        work.session.add(plan)
    plan.version += 1
    plan.adopted_by_id = work.caller.user_id
    await work.session.flush()
    return plan
