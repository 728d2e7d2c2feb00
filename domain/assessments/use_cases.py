"""How an assessment comes about and is worked on (等级测评; workflow.md stage 4); its report is in ``reporting``."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.assessments.accreditation import AssessmentBody, body_of, problem_with
from domain.assessments.entities import (
    ENDED,
    Assessment,
    AssessmentMilestone,
    AssessmentOrganiser,
    MilestoneReached,
)
from domain.assessments.life import BEGINNINGS, LIFE, PROGRESS, record_transition, take
from domain.base import new_id
from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.entities import Filing, FilingState
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.text import Text
from domain.work import Work

LEVEL_OF_UNITS = 2
MOST_MONEY = 10**12


async def commission_assessment(
    work: Work, *, system_id: UUID, assessment_body_id: UUID, due_on: dt.date | None = None
) -> Assessment:
    """A unit has a level 2 system of its own assessed, by a body that it chooses: → COMMISSIONED.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, NOT_ACCREDITED).
    """
    work.require("commissionAssessment")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    body = await work.load(AssessmentBody, assessment_body_id, field="assessmentBodyId", lock=False)
    level = await assessable(work, system)
    if level != LEVEL_OF_UNITS:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"第 {level} 级系统的测评由市信息办统一组织。",
            f"Assessments of level {level} are organised by the city office.",
            "systemId",
        )
    require_accredited(work, body, level, "assessmentBodyId")
    check_due(work, due_on)
    return await begin(work, "commissionAssessment", system, level, body=body, due_on=due_on)


async def organise_assessment(
    work: Work,
    *,
    assessment_body_id: UUID,
    system_id: UUID | None = None,
    assessment_id: UUID | None = None,
    due_on: dt.date | None = None,
    version: int | None = None,
) -> Assessment:
    """The city office has a system of level 3 or above assessed, or gives a planned assessment to a body.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, NOT_ACCREDITED, CONFLICT).
    """
    work.require("organiseAssessment")
    if (system_id is None) == (assessment_id is None):
        raise refuse(
            ErrorCode.INVALID_INPUT,
            "请给出信息系统(systemId)或计划中的测评(assessmentId)之一。",
            "Name a system (systemId), or a planned assessment (assessmentId).",
            "systemId",
        )
    body = await work.load(AssessmentBody, assessment_body_id, field="assessmentBodyId", lock=False)
    check_due(work, due_on)
    if assessment_id is not None:
        planned = await work.load(Assessment, assessment_id, field="assessmentId", version=version)
        LIFE.check(planned, "organiseAssessment")
        require_accredited(work, body, planned.level, "assessmentBodyId")
        planned.body_id, planned.due_on = body.id, due_on or planned.due_on
        take(work, planned, "organiseAssessment", bodyId=str(body.id))
        return planned
    system = await work.load(System, system_id, field="systemId")
    level = await assessable(work, system)
    if level == LEVEL_OF_UNITS:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "第二级系统的测评由运营使用单位自行委托。",
            "Assessments of level 2 are commissioned by the unit.",
            "systemId",
        )
    require_accredited(work, body, level, "assessmentBodyId")
    return await begin(work, "organiseAssessment", system, level, body=body, due_on=due_on)


async def record_funding(
    work: Work,
    *,
    assessment_id: UUID,
    amount: int,
    secured_on: dt.date,
    source: str | None = None,
    version: int | None = None,
) -> Assessment:
    """The unit records that the money for an assessment is secured: ``amount`` in yuan, and where it comes from.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("recordFunding")
    assessment = await work.load(Assessment, assessment_id, field="assessmentId", version=version)
    work.require_own(assessment.unit_id)
    LIFE.check(assessment, "recordFunding")
    checks = Checks()
    text = checks.text(source, "source")
    if not 0 < amount <= MOST_MONEY:
        checks.wrong("amount", "金额须大于零(单位:元)。", "An amount in yuan, above zero.")
    if secured_on > local_date(work.now):
        checks.wrong("securedOn", "落实日期不得晚于今天。", "The money is secured today or before.")
    checks.done()
    funding = {"amount": amount, "source": text, "securedOn": secured_on.isoformat()}
    assessment.funding = funding
    take(work, assessment, "recordFunding", funding=funding)
    return assessment


async def accept_assessment(work: Work, *, assessment_id: UUID, version: int | None = None) -> Assessment:
    """The body takes the assessment: COMMISSIONED → IN_PROGRESS.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, NOT_ACCREDITED, CONFLICT).
    """
    work.require("acceptAssessment")
    assessment = await of_the_body(work, assessment_id, version)
    LIFE.check(assessment, "acceptAssessment")
    assessment.accepted_at = work.now
    take(work, assessment, "acceptAssessment")
    return assessment


async def decline_assessment(
    work: Work, *, assessment_id: UUID, reason: str | None = None, version: int | None = None
) -> Assessment:
    """The body does not take it: COMMISSIONED → DECLINED, and out of the body's sight.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, NOT_ACCREDITED, CONFLICT).
    """
    work.require("declineAssessment")
    assessment = await of_the_body(work, assessment_id, version)
    LIFE.check(assessment, "declineAssessment")
    _close(work, assessment, "declineAssessment", reason)
    return assessment


async def cancel_assessment(
    work: Work, *, assessment_id: UUID, reason: str | None = None, version: int | None = None
) -> Assessment:
    """Who had it done calls it off, before there is a report: → CANCELLED.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("cancelAssessment")
    assessment = await work.load(Assessment, assessment_id, field="assessmentId", version=version)
    if work.caller.role is Role.UNIT:
        work.require_own(assessment.unit_id)
    ours = AssessmentOrganiser.UNIT if work.caller.role is Role.UNIT else AssessmentOrganiser.CITY_OFFICE
    if assessment.organised_by is not ours:
        raise refuse(
            ErrorCode.FORBIDDEN,
            f"该测评由{assessment.organised_by.zh}组织,须由其取消。",
            f"It was {assessment.organised_by.en}, who alone calls it off.",
            "assessmentId",
        )
    LIFE.check(assessment, "cancelAssessment")
    _close(work, assessment, "cancelAssessment", reason)
    return assessment


async def record_milestone(
    work: Work,
    *,
    assessment_id: UUID,
    milestone: AssessmentMilestone,
    reached_on: dt.date | None = None,
    note: str | None = None,
    version: int | None = None,
) -> Assessment:
    """The body says how far it is; a milestone recorded again is corrected. Progress never goes back.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, NOT_ACCREDITED, CONFLICT).
    """
    work.require("recordMilestone")
    assessment = await of_the_body(work, assessment_id, version)
    LIFE.check(assessment, "recordMilestone")
    milestone = AssessmentMilestone[milestone]
    today = local_date(work.now)
    day = reached_on or today
    checks = Checks()
    text = checks.text(note, "note", limit=LONG)
    if day > today:
        checks.wrong("reachedOn", "达到日期不得晚于今天。", "A milestone is reached today or before.")
    checks.done()
    kept = await work.session.scalar(
        select(MilestoneReached).where(
            MilestoneReached.tenant_id == assessment.tenant_id,
            MilestoneReached.assessment_id == assessment.id,
            MilestoneReached.milestone == milestone,
        )
    )
    if kept is None:
        kept = MilestoneReached(
            tenant_id=assessment.tenant_id, created_at=work.now, assessment_id=assessment.id, milestone=milestone
        )
        work.session.add(kept)
    kept.reached_on, kept.note, kept.by_id = day, text, work.caller.user_id
    assessment.progress = max(assessment.progress, PROGRESS[milestone])
    take(work, assessment, "recordMilestone", milestone=milestone, reachedOn=day.isoformat())
    return assessment


# --- pieces that planning and reporting share ---


async def assessable(work: Work, system: System) -> int:
    """The level at which a system is to be assessed: in use, its filing accepted, nothing else under way.

    Raises: Refusal(INVALID_STATE).
    """
    require_in_use(system)
    filing = await filing_of(work, system)
    if filing is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统尚无已接受的备案。测评报告编号以备案编号为准,请先备案。",
            "No filing of the system is accepted yet; the report is numbered by it. File the system first.",
            "systemId",
        )
    waiting = await work.session.scalar(
        select(Assessment.state).where(
            Assessment.tenant_id == system.tenant_id,
            Assessment.system_id == system.id,
            Assessment.state.not_in(ENDED),
        )
    )
    if waiting is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"该系统已有进行中的测评(当前状态:{waiting.zh})。",
            f"An assessment of the system is under way (its state is {waiting.value}).",
            "systemId",
        )
    return filing.level


async def filing_of(work: Work, system: System) -> Filing | None:
    """The system's accepted filing."""
    filing = await work.session.get(Filing, (system.tenant_id, system.current_filing_id))
    return filing if filing is not None and filing.state is FilingState.ACCEPTED else None


def require_accredited(work: Work, body: AssessmentBody | None, level: int | None, field: str) -> None:
    """Refuse a body that may do nothing today, for a system of ``level``. Raises: Refusal(NOT_ACCREDITED)."""
    problem = problem_with(body, local_date(work.now), level, field)
    if problem is not None:
        raise Refusal(problem)


def check_due(work: Work, due_on: dt.date | None) -> None:
    """Raises: Refusal(INVALID_INPUT) for a last day that has passed."""
    if due_on is not None and due_on < local_date(work.now):
        raise Refusal(
            Problem(
                ErrorCode.INVALID_INPUT,
                Text("完成期限不得早于今天。", "The last day may not have passed already."),
                "dueOn",
            )
        )


async def begin(
    work: Work,
    name: str,
    system: System,
    level: int,
    *,
    body: AssessmentBody | None = None,
    due_on: dt.date | None = None,
) -> Assessment:
    """A new assessment by the step ``name`` (of ``BEGINNINGS``), due by default when the system's next one is."""
    unit = await work.session.get_one(Organisation, (system.tenant_id, system.unit_id))
    assessment = made(work, name, system, unit, level, body=body, due_on=due_on)
    work.session.add(assessment)
    await work.session.flush()
    begun(work, name, assessment)
    return assessment


def made(
    work: Work,
    name: str,
    system: System,
    unit: Organisation,
    level: int,
    *,
    body: AssessmentBody | None = None,
    due_on: dt.date | None = None,
    plan_id: UUID | None = None,
) -> Assessment:
    """An assessment as it begins, not stored yet."""
    assert unit.authority_level is not None  # noqa: S101 - every unit files with one of the two
    local = unit.authority_level is AuthorityLevel.DISTRICT
    return Assessment(
        tenant_id=system.tenant_id,
        id=new_id(),
        created_at=work.now,
        system_id=system.id,
        unit_id=unit.id,
        body_id=body.id if body else None,
        state=BEGINNINGS[name],
        under_way=True,
        level=level,
        organised_by=AssessmentOrganiser.UNIT if level == LEVEL_OF_UNITS else AssessmentOrganiser.CITY_OFFICE,
        authority=unit.authority_level,
        district_id=unit.district_id if local else None,
        important=system.important,
        plan_id=plan_id,
        due_on=due_on or system.next_assessment_due_on,
        progress=0,
        commissioned_by_id=work.caller.user_id,
        version=1,
    )


def begun(work: Work, name: str, assessment: Assessment) -> None:
    """Write the history, audit and outbox of a new, stored assessment."""
    action = name.partition(".")[0]
    record_transition(work, assessment, action, None)
    body = assessment.body_id
    work.record(
        action, assessment, after={"systemId": str(assessment.system_id), "bodyId": str(body) if body else None}
    )


async def of_the_body(work: Work, key: UUID, version: int | None) -> Assessment:
    """An assessment that the caller's body, whose accreditation is in force, is to do.

    Raises: Refusal(NOT_FOUND, NOT_ACCREDITED, CONFLICT).
    """
    assessment = await work.load(Assessment, key, field="assessmentId", version=version)
    require_accredited(work, await body_of(work, assessment.body_id), assessment.level, "assessmentId")
    return assessment


def _close(work: Work, assessment: Assessment, name: str, reason: str | None) -> None:
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    assessment.closed_reason = text
    take(work, assessment, name, reason=text)
