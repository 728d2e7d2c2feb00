"""What an expert does with a case (专家评审): an opinion, sealed until all are in, or a conflict declared (回避)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.panels.conflicts import conflicts, in_force
from domain.panels.entities import Opinion, PanelAssignment, PanelCase, PanelCaseState, PanelPurpose, Verdict
from domain.panels.life import LIFE
from domain.tenants.settings import settings_of
from domain.work import Work

LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Heard:
    """Who was asked on a case, and what of it counts: not the opinion of who then declared a conflict."""

    assignments: Sequence[PanelAssignment]
    opinions: Sequence[Opinion]

    @property
    def counted(self) -> list[Opinion]:
        """The opinions that a conclusion rests on."""
        barred = {each.expert_id for each in self.assignments if each.conflict_declared_at is not None}
        return [opinion for opinion in self.opinions if opinion.expert_id not in barred]

    @property
    def all_in(self) -> bool:
        """Whether everybody who still takes part has given an opinion."""
        return all(each.opinion_given_at is not None for each in self.assignments if each.in_force)

    @property
    def chair(self) -> UUID | None:
        """The chair (组长), where there is one."""
        return next((each.expert_id for each in self.assignments if each.is_chair), None)


async def heard(work: Work, case: PanelCase) -> Heard:
    """The case's assignments and opinions."""
    assignments = await work.session.scalars(
        select(PanelAssignment)
        .where(PanelAssignment.tenant_id == case.tenant_id, PanelAssignment.case_id == case.id)
        .order_by(PanelAssignment.id)
    )
    opinions = await work.session.scalars(
        select(Opinion).where(Opinion.tenant_id == case.tenant_id, Opinion.case_id == case.id).order_by(Opinion.id)
    )
    return Heard(assignments.all(), opinions.all())


async def settled(work: Work, case: PanelCase, action: str) -> str:
    """The step that ``action`` is, now that its rows are written.

    The last opinion opens all of them; when those left are no quorum they are sealed again, for a replacement.
    """
    known, quorum = await heard(work, case), (await settings_of(work)).panel_quorum
    enough = len(known.counted) >= quorum
    if case.state is PanelCaseState.IN_REVIEW and enough and known.all_in:
        return f"{action}.last"
    if case.state is PanelCaseState.OPINIONS_IN and not enough and f"{action}.reopens" in LIFE.steps:
        return f"{action}.reopens"
    return action


async def submit_opinion(
    work: Work,
    *,
    panel_case_id: UUID,
    reasons: str | None = None,
    recommended_level: int | None = None,
    verdict: Verdict | None = None,
) -> Opinion:
    """Give one's opinion on a case, once; nobody else sees it until all are in, or they are closed.

    Whoever's term is over by then gives none. On a level the verdict follows from the level recommended.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT_OF_INTEREST).
    """
    work.require("submitOpinion")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId")
    expert = work.caller.user_id
    assignment = await _assignment(work, case)
    if assignment.opinion_given_at is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "您已就该事项提交意见,意见提交后不能更改。",
            "You have given your opinion on this case; it cannot be changed.",
            "panelCaseId",
        )
    LIFE.check(case, "submitOpinion")
    if not await in_force(work, [expert], local_date(work.now)):
        raise refuse(
            ErrorCode.FORBIDDEN,
            "您的专家聘期已满,不能再出具意见。请联系市信息办续聘。",
            "Your term on the panel is over; you can give no opinion. Ask the city office to renew it.",
            "panelCaseId",
        )
    barring = (await conflicts(work, case, [expert])).get(expert)
    if barring is not None:
        raise refuse(
            ErrorCode.CONFLICT_OF_INTEREST,
            f"您任职于“{barring.name}”,须回避。请用 declareConflict 声明。",
            f"You work for {barring.name}, a party of this case. Declare the conflict (declareConflict).",
            "panelCaseId",
        )
    checks = Checks()
    text = checks.text(reasons, "reasons", required=True, limit=LONG)
    judged = _verdict(checks, case, recommended_level, verdict)
    checks.done()
    opinion = Opinion(
        tenant_id=case.tenant_id,
        created_at=work.now,
        case_id=case.id,
        expert_id=expert,
        recommended_level=recommended_level,
        verdict=judged,
        reasons=text,
    )
    work.session.add(opinion)
    assignment.opinion_given_at = work.now
    await work.session.flush()
    LIFE.take(work, case, await settled(work, case, "submitOpinion"))
    return opinion


async def declare_conflict(work: Work, *, panel_case_id: UUID, reason: str | None = None) -> PanelAssignment:
    """Step back from a case (回避): its access ends at once, and an opinion that was given does not count.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("declareConflict")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId")
    LIFE.check(case, "declareConflict")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    assignment = await _assignment(work, case)
    assignment.conflict_declared_at, assignment.conflict_reason = work.now, text
    assignment.is_chair = False
    await work.session.flush()
    LIFE.take(work, case, await settled(work, case, "declareConflict"), reason=text)
    return assignment


async def close_opinions(work: Work, *, panel_case_id: UUID, version: int | None = None) -> PanelCase:
    """Open the opinions before all are in, by the chair or an officer, once there is a quorum of them.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("closeOpinions")
    case = await work.load(PanelCase, panel_case_id, field="panelCaseId", version=version)
    known = await heard(work, case)
    if work.caller.role is Role.EXPERT and known.chair != work.caller.user_id:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "只有专家组组长或市信息办经办人可以结束征求意见。",
            "This is for the panel's chair or a city officer.",
        )
    LIFE.check(case, "closeOpinions")
    await require_quorum(work, known)
    LIFE.take(work, case, "closeOpinions")
    return case


async def require_quorum(work: Work, known: Heard) -> None:
    """Refuse while there are fewer opinions than the tenant's quorum. Raises: Refusal(INVALID_STATE)."""
    there, quorum = len(known.counted), (await settings_of(work)).panel_quorum
    if there < quorum:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"有效意见 {there} 份,未达法定人数 {quorum}。请等待专家意见,或增派专家。",
            f"There are {there} opinions that count, and the quorum is {quorum}. Wait for more, or ask more experts.",
            "panelCaseId",
        )


async def _assignment(work: Work, case: PanelCase) -> PanelAssignment:
    """The caller's own; there is one, or the case would be out of sight."""
    return (
        await work.session.scalars(
            select(PanelAssignment).where(
                PanelAssignment.tenant_id == case.tenant_id,
                PanelAssignment.case_id == case.id,
                PanelAssignment.expert_id == work.caller.user_id,
            )
        )
    ).one()


def _verdict(checks: Checks, case: PanelCase, level: int | None, given: Verdict | None) -> Verdict:
    verdict = Verdict[given] if given is not None else None
    if case.purpose is PanelPurpose.PLAN_REVIEW:
        if verdict is None:
            checks.wrong("verdict", "请给出评审结论。", "Say whether the plan may stand.")
        if level is not None:
            checks.wrong("recommendedLevel", "方案评审不建议级别。", "A plan's review recommends no level.")
        return verdict or Verdict.DISAGREE
    if level not in LEVELS:
        checks.wrong("recommendedLevel", "请给出建议级别,1 至 5。", "Recommend a level, from 1 to 5.")
    follows = Verdict.AGREE if level == case.level else Verdict.DISAGREE
    if verdict not in {None, follows}:
        checks.wrong(
            "verdict",
            f"所报级别为第 {case.level} 级,结论与建议级别不一致。可不填,由建议级别得出。",
            f"The level before the panel is {case.level}: the verdict does not fit the level that you recommend. "
            "Leave it out; it follows.",
        )
    return follows
