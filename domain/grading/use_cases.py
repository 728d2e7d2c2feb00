"""How a level is determined: saved, advised on, submitted, approved by another person (workflow.md stage 1)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.checks import LONG, Checks, require_version
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.filings.entities import Filing, FilingState
from domain.grading.content import DeterminationInput, SystemDescriptionInput, content_of, determine_levels
from domain.grading.entities import Grading, GradingState
from domain.grading.in_force import put_in_force, supersede
from domain.grading.life import BEGINNINGS, LIFE, remember
from domain.grading.report import report_of
from domain.organisations.entities import Organisation
from domain.panels.consequences import opinion_of
from domain.panels.entities import PanelCase, PanelConclusion, PanelPurpose
from domain.panels.use_cases import open_case
from domain.papers.issue import issue_paper
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.templates.forms import LetterKind
from domain.templates.use_cases import template_of
from domain.tenants.settings import settings_of
from domain.work import Work

OPEN = (GradingState.DRAFT, GradingState.IN_EXPERT_REVIEW, GradingState.AWAITING_APPROVAL)


async def save_grading(
    work: Work,
    *,
    system_id: UUID,
    business_information: DeterminationInput,
    system_service: DeterminationInput,
    grading_id: UUID | None = None,
    version: int | None = None,
    description: str | None = None,
    system_description: SystemDescriptionInput | None = None,
    reason_against_opinion: str | None = None,
) -> Grading:
    """Begin a grading, or change its draft (``grading_id``, ``version``); the levels follow from the harms.

    They follow by the edition of the matrix that the city applies now, which the grading keeps.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveGrading")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    checks = Checks()
    content = content_of(checks, business_information, system_service, system_description)
    text = checks.text(description, "description", limit=LONG)
    reason = checks.text(reason_against_opinion, "reasonAgainstOpinion", limit=LONG)
    checks.done()
    grading = await _draft(work, system, grading_id, version)
    determine_levels(grading, content, (await settings_of(work)).grading_matrix.code)
    grading.description, grading.reason_against_opinion = text, reason
    if content.system_description is not None:
        grading.system_description = content.system_description
    grading.saved_by_id = work.caller.user_id
    await work.session.flush()
    if grading_id is None:
        remember(work, grading, "saveGrading", None)
        work.record("saveGrading", grading, after={"securityMark": grading.security_mark})
    else:
        LIFE.take(work, grading, "saveGrading", securityMark=grading.security_mark)
    return grading


async def request_grading_advice(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """DRAFT → IN_EXPERT_REVIEW: the experts are asked, as the unit may, and need not (workflow.md stage 1).

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("requestGradingAdvice")
    grading = await _own(work, grading_id, version)
    LIFE.take(work, grading, "requestGradingAdvice")
    grading.advice_requested_at = grading.advice_requested_at or work.now
    await open_case(work, PanelPurpose.GRADING_ADVICE, grading)
    return grading


async def submit_grading(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """DRAFT → AWAITING_APPROVAL; a level that is not the experts' needs its reason (``reasonAgainstOpinion``).

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, MISSING_ITEMS, CONFLICT).
    """
    work.require("submitGrading")
    grading = await _own(work, grading_id, version)
    LIFE.check(grading, "submitGrading")
    _require_reason(grading)
    LIFE.take(work, grading, "submitGrading")
    grading.submitted_at, grading.return_reason = work.now, None
    return grading


async def discard_grading(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """DRAFT → DISCARDED: it is given up, and the system can be graded anew.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("discardGrading")
    grading = await _own(work, grading_id, version)
    LIFE.take(work, grading, "discardGrading")
    return grading


async def confirm_grading(work: Work, *, grading_id: UUID, version: int | None = None) -> Grading:
    """AWAITING_APPROVAL → CONFIRMED, by an approver of the supervising unit, or of the unit where it has none.

    The system takes the level, and so does a filing that the unit can still change; the former grading is superseded.
    Where the accepted filing rests on another grading, an amended filing is owed (Measures art. 17). The grading report
    is issued.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT, DUTY_SEPARATION).
    """
    work.require("confirmGrading")
    grading, unit = await _to_approve(work, grading_id, version)
    LIFE.check(grading, "confirmGrading")
    work.require_another(grading.saved_by_id)
    system = await work.session.get_one(System, (grading.tenant_id, grading.system_id), with_for_update=True)
    await supersede(work, system)
    if unit.supervising_unit_id is not None:
        grading.supervisor_approval = await _approval(work, unit.supervising_unit_id)
    grading.confirmed_at, grading.confirmed_by_id = work.now, work.caller.user_id
    LIFE.take(work, grading, "confirmGrading", securityMark=grading.security_mark)
    await put_in_force(work, system, grading)
    chosen = await template_of(work.session, grading.tenant_id, LetterKind.GRADING_REPORT)
    content = await report_of(work.session, grading, chosen)
    await issue_paper(work, DocumentKind.GRADING_REPORT, grading.unit_id, content, grading_id=grading.id)
    return grading


async def return_grading(
    work: Work, *, grading_id: UUID, reason: str | None = None, version: int | None = None
) -> Grading:
    """AWAITING_APPROVAL → DRAFT, with the reason, by whoever could have confirmed it.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("returnGrading")
    grading, _ = await _to_approve(work, grading_id, version)
    LIFE.check(grading, "returnGrading")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    grading.return_reason = text
    LIFE.take(work, grading, "returnGrading", reason=text)
    return grading


async def _own(work: Work, grading_id: UUID, version: int | None) -> Grading:
    grading = await work.load(Grading, grading_id, field="gradingId", version=version)
    work.require_own(grading.unit_id)
    return grading


async def _to_approve(work: Work, grading_id: UUID, version: int | None) -> tuple[Grading, Organisation]:
    """The grading and its unit, if the caller acts for whoever approves it. Raises: Refusal(FORBIDDEN)."""
    grading = await work.load(Grading, grading_id, field="gradingId", version=version)
    unit = await work.session.get_one(Organisation, (grading.tenant_id, grading.unit_id))
    if work.caller.organisation_id != (unit.supervising_unit_id or unit.id):
        raise refuse(
            ErrorCode.FORBIDDEN,
            "该定级须由其主管部门审批。" if unit.supervising_unit_id else "该定级须由本单位审批人确认。",
            "This grading is for the supervising unit to approve, or for the unit itself where it has none.",
        )
    return grading, unit


async def _approval(work: Work, supervising_unit: UUID) -> dict[str, str]:
    """The supervising unit's approval as the grading keeps it."""
    unit = await work.session.get_one(Organisation, (work.caller.tenant_id, supervising_unit))
    return {"unit": unit.name, "at": work.now.isoformat()}


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
        LIFE.check(grading, "saveGrading")
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
    grading.state = BEGINNINGS["saveGrading"]
    await _take_over_opinion(work, grading)
    work.session.add(grading)
    return grading


async def _take_over_opinion(work: Work, grading: Grading) -> None:
    """A level is adjusted with the panel's opinion in view: that of the re-review that its filing came back from."""
    found = await work.session.execute(
        select(PanelConclusion, PanelCase.id)
        .join(PanelCase, (PanelCase.tenant_id == PanelConclusion.tenant_id) & (PanelCase.id == PanelConclusion.case_id))
        .join(Filing, (Filing.tenant_id == PanelCase.tenant_id) & (Filing.id == PanelCase.filing_id))
        .where(
            Filing.tenant_id == grading.tenant_id,
            Filing.system_id == grading.system_id,
            Filing.state == FilingState.LEVEL_ADJUSTMENT,
        )
        .order_by(PanelConclusion.id.desc())
        .limit(1)
    )
    row = found.first()
    if row is not None:
        grading.expert_opinion, grading.opinion_case_id = opinion_of(row[0]), row[1]


def _require_reason(grading: Grading) -> None:
    """Going against the panel is allowed, and says why (workflow.md). A reason that is not needed is kept.

    Raises: Refusal(MISSING_ITEMS).
    """
    opinion = grading.expert_opinion
    if opinion is not None and opinion["level"] != grading.level and grading.reason_against_opinion is None:
        raise refuse(
            ErrorCode.MISSING_ITEMS,
            f"专家意见为第 {opinion['level']} 级,拟定第 {grading.level} 级。请填写未采纳专家意见的理由后再提交。",
            f"The experts' opinion is level {opinion['level']} and this is level {grading.level}. Save the reason for "
            "going against it (reasonAgainstOpinion), then submit.",
            "reasonAgainstOpinion",
        )
