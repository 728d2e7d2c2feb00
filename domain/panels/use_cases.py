"""What the city office does with the panel (评审会): sessions, cases, experts, conclusions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.entities import Filing
from domain.grading.entities import Grading
from domain.panels.conflicts import conflicts, in_force
from domain.panels.consequences import carry_out, taken_up
from domain.panels.entities import (
    PanelAssignment,
    PanelCase,
    PanelCaseState,
    PanelConclusion,
    PanelPurpose,
    PanelSession,
    PanelSessionState,
    Verdict,
)
from domain.panels.life import LIFE
from domain.panels.opinion_document import KINDS, opinion_document_of
from domain.panels.opinions import Heard, heard, require_quorum
from domain.panels.voting import concluded_level, concluded_verdict
from domain.papers.issue import issue_paper
from domain.people.entities import User
from domain.rectification.entities import RectificationPlan
from domain.templates.numbers import take_number
from domain.templates.use_cases import template_of
from domain.tenants.entities import TenantSettings
from domain.tenants.settings import settings_of
from domain.text import Text
from domain.work import Work

MOST_EXPERTS = 50


async def open_case(work: Work, purpose: PanelPurpose, subject: Filing | Grading | RectificationPlan) -> PanelCase:
    """Put a filing, a grading or a plan before the panel; it waits for a session and its experts."""
    case = PanelCase(
        tenant_id=subject.tenant_id,
        created_at=work.now,
        purpose=purpose,
        state=PanelCaseState.OPEN,
        unit_id=subject.unit_id,
        system_id=subject.system_id,
        filing_id=subject.id if isinstance(subject, Filing) else None,
        grading_id=subject.id if isinstance(subject, Grading) else None,
        rectification_plan_id=subject.id if isinstance(subject, RectificationPlan) else None,
        level=subject.level,
        version=1,
    )
    work.session.add(case)
    await work.session.flush()
    work.record("openPanelCase", case, after={"purpose": purpose})
    return case


async def create_panel_session(
    work: Work, *, held_on: dt.date, purpose: PanelPurpose, place: str | None = None, note: str | None = None
) -> PanelSession:
    """Plan a meeting of the panel for one purpose. Raises: Refusal(FORBIDDEN, INVALID_INPUT)."""
    work.require("createPanelSession")
    checks = Checks()
    given_place = checks.text(place, "place")
    given_note = checks.text(note, "note", limit=LONG)
    checks.done()
    session = PanelSession(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        held_on=held_on,
        purpose=PanelPurpose[purpose],
        state=PanelSessionState.PLANNED,
        place=given_place,
        note=given_note,
        created_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(session)
    await work.session.flush()
    work.record("createPanelSession", session, after={"heldOn": held_on.isoformat(), "purpose": session.purpose})
    return session


async def add_panel_case(
    work: Work, *, panel_session_id: UUID, panel_case_id: UUID, version: int | None = None
) -> PanelCase:
    """Put a case on a session of its purpose, or move it there from another.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("addPanelCase")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId", version=version)
    session = await work.load(PanelSession, panel_session_id, field="panelSessionId")
    if session.state is PanelSessionState.CONCLUDED:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该评审会已结束。请另行安排评审会。",
            "That session is over. Plan another one.",
            "panelSessionId",
        )
    if session.purpose is not case.purpose:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            f"该评审会的目的是“{session.purpose.zh}”,此事项为“{case.purpose.zh}”。",
            f"The session is for {session.purpose.value}, and the case is {case.purpose.value}.",
            "panelSessionId",
        )
    former = case.session_id
    case.session_id = session.id
    LIFE.take(work, case, "addPanelCase", panelSessionId=str(session.id))
    await work.session.flush()
    if former not in {None, session.id}:
        await _settle_session(work, case.tenant_id, former)
    return case


async def assign_experts(
    work: Work,
    *,
    panel_case_id: UUID,
    expert_ids: Sequence[UUID] = (),
    chair_id: UUID | None = None,
    version: int | None = None,
) -> PanelCase:
    """Ask experts for their opinions on a case, and name its chair; those asked before stay.

    Raises: Refusal with all that forbids it, expert by expert (CONFLICT_OF_INTEREST, INVALID_INPUT, NOT_FOUND), or
    Refusal(FORBIDDEN, INVALID_STATE, CONFLICT).
    """
    work.require("assignExperts")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId", version=version)
    LIFE.check(case, "assignExperts")
    if case.session_id is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "请先将该事项列入评审会(addPanelCase),再指派专家。",
            "Put the case on a session first (addPanelCase), then ask experts.",
            "panelCaseId",
        )
    wanted = list(dict.fromkeys(expert_ids))
    known = await heard(work, case)
    problems = await _forbidding(work, case, wanted, known)
    taking_part = {each.expert_id for each in known.assignments if each.in_force}
    if chair_id is not None and chair_id not in {*wanted, *taking_part}:
        problems.append(_wrong("chairId", "组长须是已指派的专家。", "The chair is one of the experts asked."))
    if not wanted and chair_id is None:
        problems.append(_wrong("expertIds", "请至少指派一名专家,或指定组长。", "Ask an expert, or name a chair."))
    if problems:
        raise Refusal(*problems)
    added = [expert for expert in wanted if expert not in taking_part]
    await _ask(work, case, known, added)
    if chair_id is not None:
        await _make_chair(work, case, chair_id)
    step = "assignExperts" if added else "assignExperts.chair"
    LIFE.take(work, case, step, experts=[str(expert) for expert in added], chair=str(chair_id) if chair_id else None)
    await taken_up(work, case)
    return case


async def conclude_panel_case(
    work: Work, *, panel_case_id: UUID, text: str | None = None, version: int | None = None
) -> PanelCase:
    """Draw the conclusion from the opinions by the tenant's quorum and majority, and carry out what follows from it.

    The level is not typed in. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("concludePanelCase")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId", version=version)
    LIFE.check(case, "concludePanelCase")
    checks = Checks()
    wording = checks.text(text, "text", limit=LONG)
    checks.done()
    known = await heard(work, case)
    await require_quorum(work, known)
    settings = await settings_of(work)
    level, verdict = _outcome(case, known, settings)
    chosen = await template_of(work.session, case.tenant_id, KINDS[case.purpose])
    conclusion = PanelConclusion(
        tenant_id=case.tenant_id,
        created_at=work.now,
        case_id=case.id,
        number=await take_number(work, chosen.template),
        level=level,
        verdict=verdict,
        text=wording or _wording(case, level, verdict, len(known.counted)),
        opinions=len(known.counted),
        quorum=settings.panel_quorum,
        majority=settings.panel_majority,
        tie_rule=settings.panel_tie_rule,
        chair_id=known.chair,
        concluded_by_id=work.caller.user_id,
    )
    work.session.add(conclusion)
    case.concluded_at = work.now
    LIFE.take(work, case, "concludePanelCase", number=conclusion.number, level=level, verdict=verdict)
    await work.session.flush()
    await carry_out(work, case, conclusion)
    content = await opinion_document_of(work.session, case, conclusion, chosen)
    office = work.caller.organisation_id
    await issue_paper(work, DocumentKind.OPINION_DOCUMENT, office, content, panel_case_id=case.id)
    await _settle_session(work, case.tenant_id, case.session_id)
    return case


# --- assigning ---


async def _forbidding(work: Work, case: PanelCase, experts: Sequence[UUID], known: Heard) -> list[Problem]:
    """All that keeps each of ``experts`` from the case, each under its place in the input."""
    if len(experts) > MOST_EXPERTS:
        return [_wrong("expertIds", f"最多 {MOST_EXPERTS} 名专家。", f"At most {MOST_EXPERTS} experts.")]
    people = {
        user.id: user
        for user in await work.session.scalars(
            select(User)
            .where(User.tenant_id == case.tenant_id, User.id.in_(experts), work.access.rows(work.caller, User))
            .params(work.access.values(work.caller))
        )
    }
    appointed = await in_force(work, experts, local_date(work.now))
    barred = await conflicts(work, case, experts)
    declared = {each.expert_id for each in known.assignments if each.conflict_declared_at is not None}
    problems = []
    for place, expert in enumerate(experts):
        field = f"expertIds.{place}"
        if expert not in people:
            problems.append(Problem(ErrorCode.NOT_FOUND, Text("没有找到该专家。", "No such expert was found."), field))
            continue
        name = people[expert].display_name
        if expert not in appointed:
            problems.append(
                _wrong(
                    field,
                    f"{name}不在聘期内。请先聘任(appointExpert)。",
                    f"{name} is not appointed at present. Appoint first (appointExpert).",
                )
            )
        if expert in barred:
            party = barred[expert].name
            problems.append(
                _conflict(field, f"{name}任职于“{party}”,须回避。", f"{name} works for {party}, a party of this case.")
            )
        if expert in declared:
            problems.append(
                _conflict(field, f"{name}已声明回避。", f"{name} has declared a conflict of interest on this case.")
            )
    return problems


async def _ask(work: Work, case: PanelCase, known: Heard, experts: Sequence[UUID]) -> None:
    former = {each.expert_id: each for each in known.assignments}
    for expert in experts:
        if expert in former:
            former[expert].released_at = None  # dismissed since, and appointed again
            continue
        work.session.add(
            PanelAssignment(
                tenant_id=case.tenant_id, created_at=work.now, case_id=case.id, expert_id=expert, is_chair=False
            )
        )
    await work.session.flush()


async def _make_chair(work: Work, case: PanelCase, chair: UUID) -> None:
    assignments = (await heard(work, case)).assignments
    for each in assignments:
        each.is_chair = False
    await work.session.flush()
    next(each for each in assignments if each.expert_id == chair).is_chair = True


def _wrong(field: str, zh: str, en: str) -> Problem:
    return Problem(ErrorCode.INVALID_INPUT, Text(zh, en), field)


def _conflict(field: str, zh: str, en: str) -> Problem:
    return Problem(ErrorCode.CONFLICT_OF_INTEREST, Text(zh, en), field)


# --- concluding ---


def _outcome(case: PanelCase, known: Heard, settings: TenantSettings) -> tuple[int | None, Verdict]:
    """The level concluded on (None: of a plan) and the verdict.

    Raises: Refusal(INVALID_STATE) where the opinions come to none.
    """
    rules = settings.panel_majority, settings.panel_tie_rule
    level, agrees = None, None
    if case.purpose is PanelPurpose.PLAN_REVIEW:
        agrees = concluded_verdict([opinion.verdict is Verdict.AGREE for opinion in known.counted], *rules)
    else:
        levels = [opinion.recommended_level for opinion in known.counted if opinion.recommended_level is not None]
        level = concluded_level(levels, *rules)
        agrees = None if level is None else level == case.level
    if agrees is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"专家意见未达{settings.panel_majority.zh},不能形成结论。请增派专家。",
            f"No level or verdict has {settings.panel_majority.en} of the opinions. Ask more experts.",
            "panelCaseId",
        )
    return level, Verdict.AGREE if agrees else Verdict.DISAGREE


def _wording(case: PanelCase, level: int | None, verdict: Verdict, opinions: int) -> str:
    """What a conclusion says where nobody worded it."""
    stands = verdict is Verdict.AGREE
    if level is None:
        judged = "同意该整改建设方案" if stands else "该整改建设方案须修改完善后重新报送"
    else:
        judged = f"同意送评的第 {level} 级" if stands else f"送评的第 {case.level} 级不准确,建议定为第 {level} 级"
    return f"专家组经评审(有效意见 {opinions} 份),{judged}。"


async def _settle_session(work: Work, tenant: UUID, key: UUID | None) -> None:
    """A session is over when all of its cases are concluded."""
    if key is None:
        return
    session = await work.session.get_one(PanelSession, (tenant, key), with_for_update=True)
    states = await work.session.execute(
        select(PanelCase.state, func.count())
        .where(PanelCase.tenant_id == tenant, PanelCase.session_id == key)
        .group_by(PanelCase.state)
    )
    if {state for state, _ in states} == {PanelCaseState.CONCLUDED}:
        session.state = PanelSessionState.CONCLUDED
        session.version += 1
