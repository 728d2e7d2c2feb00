"""Whose cases are not for an expert (回避; workflow.md, "Expert panel"), and whose term is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from domain.assessments.entities import Assessment, AssessmentState
from domain.organisations.entities import Organisation
from domain.panels.entities import ExpertAppointment, PanelCase
from domain.people.entities import Membership
from domain.providers.entities import Provider
from domain.rectification.entities import RectificationPlan
from domain.risk.entities import RiskAssessment
from domain.work import Work


async def appointments(work: Work, experts: Collection[UUID]) -> Sequence[ExpertAppointment]:
    found = await work.session.scalars(
        select(ExpertAppointment).where(
            ExpertAppointment.tenant_id == work.caller.tenant_id,
            ExpertAppointment.user_id.in_(experts),
            ExpertAppointment.dismissed_at.is_(None),
        )
    )
    return found.all()


async def in_force(work: Work, experts: Collection[UUID], day: dt.date) -> set[UUID]:
    """Those of ``experts`` whose appointment is in force on ``day``."""
    found = await appointments(work, experts)
    return {each.user_id for each in found if each.valid_from <= day <= each.valid_until}


async def conflicts(work: Work, case: PanelCase, experts: Collection[UUID]) -> Mapping[UUID, Organisation]:
    """Those of ``experts`` who work for a party of the case, each with the organisation that bars them.

    Parties are the case's unit, its supervising unit, the bodies that assess or assessed the system, and the provider
    whose risk assessment a plan rests on; a person works where a membership or the appointment says so.
    """
    parties = await _parties(work, case)
    works_at = select(Membership.user_id, Membership.organisation_id).where(
        Membership.tenant_id == case.tenant_id,
        Membership.user_id.in_(experts),
        Membership.organisation_id.in_(parties),
        Membership.revoked_at.is_(None),
    )
    employed_at = select(ExpertAppointment.user_id, ExpertAppointment.employer_id).where(
        ExpertAppointment.tenant_id == case.tenant_id,
        ExpertAppointment.user_id.in_(experts),
        ExpertAppointment.employer_id.in_(parties),
        ExpertAppointment.dismissed_at.is_(None),
    )
    rows = await work.session.execute(works_at.union(employed_at))
    barred: dict[UUID, UUID] = {row.user_id: row.organisation_id for row in rows}
    return {
        expert: await work.session.get_one(Organisation, (case.tenant_id, organisation))
        for expert, organisation in barred.items()
    }


async def _parties(work: Work, case: PanelCase) -> set[UUID]:
    unit = await work.session.get_one(Organisation, (case.tenant_id, case.unit_id))
    bodies = await work.session.scalars(
        select(Assessment.body_id).where(
            Assessment.tenant_id == case.tenant_id,
            Assessment.system_id == case.system_id,
            Assessment.state.not_in((AssessmentState.DECLINED, AssessmentState.CANCELLED)),
        )
    )
    parties = {unit.id, *bodies}
    if unit.supervising_unit_id is not None:
        parties.add(unit.supervising_unit_id)
    if case.rectification_plan_id is not None:
        parties |= await _risk_assessors(work, case)
    return parties


async def _risk_assessors(work: Work, case: PanelCase) -> set[UUID]:
    """The provider whose risk assessment the case's plan rests on, where it was one."""
    found = await work.session.scalars(
        select(Provider.organisation_id)
        .join(
            RiskAssessment,
            (RiskAssessment.tenant_id == Provider.tenant_id) & (RiskAssessment.provider_id == Provider.id),
        )
        .join(
            RectificationPlan,
            (RectificationPlan.tenant_id == RiskAssessment.tenant_id)
            & (RectificationPlan.risk_assessment_id == RiskAssessment.id),
        )
        .where(RectificationPlan.tenant_id == case.tenant_id, RectificationPlan.id == case.rectification_plan_id)
    )
    return set(found)
