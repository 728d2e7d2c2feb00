"""Who sits on the panel (专家组): appointed for a term, renewed, dismissed (workflow.md, Expert panel)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.organisations.entities import Organisation
from domain.panels.conflicts import appointments
from domain.panels.entities import ExpertAppointment, ExpertField, PanelAssignment, PanelCase, PanelCaseState
from domain.panels.life import LIFE
from domain.panels.opinions import settled
from domain.people.entities import Membership, User
from domain.work import Work

LONGEST_TERM = dt.timedelta(days=5 * 366)


async def appoint_expert(
    work: Work,
    *,
    user_id: UUID,
    fields: Sequence[ExpertField],
    valid_from: dt.date,
    valid_until: dt.date,
    employer_id: UUID | None = None,
    employer_name: str | None = None,
) -> ExpertAppointment:
    """Appoint a person with an EXPERT membership to the panel, or renew an appointment for a later term.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("appointExpert")
    # Locked: two appointments of one person at once would not see each other's terms.
    user = await work.load(User, user_id, field="userId")
    employer = None
    if employer_id is not None:
        employer = await work.load(Organisation, employer_id, field="employerId", lock=False)
    checks = Checks()
    name = checks.text(employer_name, "employerName")
    if not fields:
        checks.wrong("fields", "请至少选择一个专业领域。", "Choose at least one field.")
    _check_term(checks, valid_from, valid_until)
    if user.disabled_at is not None or Role.EXPERT not in await _roles(work, user.id):
        checks.wrong("userId", "该用户没有专家身份,请先授予专家身份。", "Grant this person an EXPERT membership first.")
    others = await appointments(work, [user.id])
    if any(each.valid_from <= valid_until and valid_from <= each.valid_until for each in others):
        checks.wrong(
            "validFrom",
            "与该专家现有聘期重叠。续聘请自现聘期结束之后起,或先解聘。",
            "The term overlaps another of this expert's. Renew from the day after it, or dismiss first.",
        )
    checks.done()
    appointment = ExpertAppointment(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        user_id=user.id,
        fields=[field.value for field in dict.fromkeys(ExpertField[field] for field in fields)],
        valid_from=valid_from,
        valid_until=valid_until,
        employer_id=employer.id if employer else None,
        employer_name=name or (employer.name if employer else None),
        appointed_by_id=work.caller.user_id,
    )
    work.session.add(appointment)
    await work.session.flush()
    term = {"validFrom": valid_from.isoformat(), "validUntil": valid_until.isoformat()}
    work.record("appointExpert", appointment, after={"userId": str(user.id), **term})
    return appointment


async def dismiss_expert(work: Work, *, appointment_id: UUID, reason: str | None = None) -> ExpertAppointment:
    """End an appointment before its term; cases on which the expert has not yet given an opinion are taken back.

    An opinion that was given stands. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("dismissExpert")
    appointment = await work.load(ExpertAppointment, appointment_id, field="appointmentId")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    if appointment.dismissed_at is not None:
        raise refuse(ErrorCode.INVALID_STATE, "该聘任已解除。", "The appointment has ended already.", "appointmentId")
    appointment.dismissed_at, appointment.dismissal_reason = work.now, text
    await _take_back(work, appointment.user_id)
    work.record("dismissExpert", appointment, after={"reason": text})
    return appointment


async def _roles(work: Work, user_id: UUID) -> set[Role]:
    found = await work.session.scalars(
        select(Membership.role).where(
            Membership.tenant_id == work.caller.tenant_id,
            Membership.user_id == user_id,
            Membership.revoked_at.is_(None),
        )
    )
    return set(found)


async def _take_back(work: Work, expert: UUID) -> None:
    """The expert's open cases without an opinion are no longer this expert's."""
    rows = await work.session.execute(
        select(PanelCase, PanelAssignment)
        .join(
            PanelAssignment,
            (PanelAssignment.tenant_id == PanelCase.tenant_id) & (PanelAssignment.case_id == PanelCase.id),
        )
        .where(
            PanelCase.tenant_id == work.caller.tenant_id,
            PanelCase.state != PanelCaseState.CONCLUDED,
            PanelAssignment.expert_id == expert,
            PanelAssignment.opinion_given_at.is_(None),
            PanelAssignment.conflict_declared_at.is_(None),
            PanelAssignment.released_at.is_(None),
        )
        .order_by(PanelCase.id)
        .with_for_update()
    )
    for case, assignment in rows.all():
        assignment.released_at, assignment.is_chair = work.now, False
        await work.session.flush()
        LIFE.take(work, case, await settled(work, case, "dismissExpert"))


def _check_term(checks: Checks, valid_from: dt.date, valid_until: dt.date) -> None:
    if valid_until < valid_from:
        checks.wrong("validUntil", "聘期止不得早于聘期起。", "A term ends on or after the day it begins.")
    elif valid_until - valid_from > LONGEST_TERM:
        checks.wrong("validUntil", "聘期最长五年,期满可续聘。", "A term is five years at most; it can be renewed.")
