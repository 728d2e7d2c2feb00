"""How a level is determined: saved by a filer, submitted, confirmed by another person (workflow.md stage 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.checks import LONG, Checks, require_version, wrong_state
from domain.errors import ErrorCode, refuse
from domain.grading.entities import Grading, GradingState
from domain.grading.levels import DEFAULT_MATRIX, Harm, HarmDegree, HarmObject, determine, final_level, security_mark
from domain.organisations.entities import Organisation
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.work import Work

OPEN = (GradingState.DRAFT, GradingState.IN_EXPERT_REVIEW, GradingState.AWAITING_APPROVAL)


async def save_grading(
    work: Work,
    *,
    system_id: UUID,
    business_information: Mapping[str, Any],
    system_service: Mapping[str, Any],
    grading_id: UUID | None = None,
    version: int | None = None,
    description: str | None = None,
    reason_against_opinion: str | None = None,
) -> Grading:
    """Begin a grading, or change its draft (``grading_id``, ``version``); the levels follow from the harms.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveGrading")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    checks = Checks()
    s_harms = _harms(checks, business_information, "businessInformation")
    a_harms = _harms(checks, system_service, "systemService")
    text = checks.text(description, "description", limit=LONG)
    reason = checks.text(reason_against_opinion, "reasonAgainstOpinion", limit=LONG)
    for part, name in ((business_information, "businessInformation"), (system_service, "systemService")):
        for field in ("description", "reasoning"):
            checks.text(part.get(field), f"{name}.{field}", limit=LONG)
    checks.done()
    grading = await _draft(work, system, grading_id, version)
    s, a = determine(s_harms), determine(a_harms)
    grading.matrix = DEFAULT_MATRIX
    grading.business_information = _kept(s_harms, business_information)
    grading.business_information_level = s
    grading.system_service = _kept(a_harms, system_service)
    grading.system_service_level = a
    grading.level = final_level(s, a)
    grading.security_mark = security_mark(s, a)
    grading.description = text
    grading.reason_against_opinion = reason
    grading.saved_by_id = work.caller.user_id
    await work.session.flush()
    work.record("saveGrading", grading, after={"securityMark": grading.security_mark})
    return grading


async def submit_grading(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """DRAFT → AWAITING_APPROVAL. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT)."""
    work.require("submitGrading")
    grading = await work.load(Grading, grading_id, field="gradingId", version=version)
    work.require_own(grading.unit_id)
    if grading.state is not GradingState.DRAFT:
        raise wrong_state(grading, "只有草稿可以提交。", "Only a draft can be submitted.", "gradingId")
    _move(work, grading, GradingState.AWAITING_APPROVAL, "submitGrading")
    grading.submitted_at = work.now
    return grading


async def confirm_grading(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """AWAITING_APPROVAL → CONFIRMED, by an approver of the supervising unit, or of the unit where it has none.

    The system takes the level; its former grading is superseded.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT, DUTY_SEPARATION).
    """
    work.require("confirmGrading")
    grading = await work.load(Grading, grading_id, field="gradingId", version=version)
    unit = await work.session.get_one(Organisation, (grading.tenant_id, grading.unit_id))
    if work.caller.organisation_id != (unit.supervising_unit_id or unit.id):
        raise refuse(
            ErrorCode.FORBIDDEN,
            "该定级须由其主管部门审批。" if unit.supervising_unit_id else "该定级须由本单位审批人确认。",
            "This grading is for the supervising unit to approve, or for the unit itself where it has none.",
        )
    if grading.state is not GradingState.AWAITING_APPROVAL:
        raise wrong_state(
            grading, "只有待审批的定级可以确认。", "Only one awaiting approval can be confirmed.", "gradingId"
        )
    work.require_another(grading.saved_by_id)
    system = await work.session.get_one(System, (grading.tenant_id, grading.system_id), with_for_update=True)
    former = await work.session.scalar(
        select(Grading)
        .where(
            Grading.tenant_id == grading.tenant_id,
            Grading.system_id == grading.system_id,
            Grading.state == GradingState.CONFIRMED,
        )
        .with_for_update()
    )
    if former is not None:
        former.state = GradingState.SUPERSEDED
        former.version += 1
        await work.session.flush()
    _move(work, grading, GradingState.CONFIRMED, "confirmGrading")
    grading.confirmed_at, grading.confirmed_by_id = work.now, work.caller.user_id
    system.level, system.security_mark = grading.level, grading.security_mark
    system.current_grading_id = grading.id
    system.version += 1
    return grading


async def _draft(work: Work, system: System, grading_id: UUID | None, version: int | None) -> Grading:
    """The draft to change, or a new one where the system has none open."""
    if grading_id is not None:
        grading = await work.load(Grading, grading_id, field="gradingId", version=require_version(version))
        if grading.system_id != system.id:
            raise refuse(
                ErrorCode.INVALID_INPUT,
                "该定级不属于此系统。",
                "The grading is of another system.",
                "gradingId",
            )
        if grading.state is not GradingState.DRAFT:
            raise wrong_state(grading, "只有草稿可以修改。", "Only a draft can be changed.", "gradingId")
        grading.version += 1
        return grading
    is_open = await work.session.scalar(
        select(Grading.id).where(
            Grading.tenant_id == system.tenant_id, Grading.system_id == system.id, Grading.state.in_(OPEN)
        )
    )
    if is_open is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统已有办理中的定级。请给出 gradingId 修改其草稿。",
            "The system has a grading under way. Give its gradingId to change the draft.",
            "systemId",
        )
    grading = Grading(
        tenant_id=system.tenant_id, created_at=work.now, system_id=system.id, unit_id=system.unit_id, version=1
    )
    grading.state = GradingState.DRAFT
    work.session.add(grading)
    return grading


def _move(work: Work, grading: Grading, to: GradingState, action: str) -> None:
    before = grading.state
    grading.state = to
    grading.version += 1
    work.record(action, grading, before={"state": before}, after={"state": to})


def _harms(checks: Checks, determination: Mapping[str, Any], field: str) -> list[Harm]:
    given: Sequence[Mapping[str, str]] = determination["harms"]
    if not given:
        checks.wrong(f"{field}.harms", "请至少选择一项侵害。", "Choose at least one harm.")
    if len(given) > len(HarmObject) * len(HarmDegree):
        checks.wrong(f"{field}.harms", "侵害项过多。", "There are more harms than kinds of them.")
    found = (Harm(HarmObject[harm["object"]], HarmDegree[harm["degree"]]) for harm in given)
    return list(dict.fromkeys(found))


def _kept(harms: Sequence[Harm], determination: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "harms": [{"object": harm.object.value, "degree": harm.degree.value} for harm in harms],
        "description": determination.get("description"),
        "reasoning": determination.get("reasoning"),
    }
