"""What is told of assessments as days go by: due soon, overdue, an accreditation that ends (issue 6.2 and 6.3).

Each occasion is told once; what is told depends on how much time is left, so a day on which nothing ran is made up for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from domain.assessments.accreditation import SEEING, AssessmentBody
from domain.assessments.entities import ENDED, Assessment
from domain.assessments.use_cases import LEVEL_OF_UNITS
from domain.background import Background
from domain.notifications.delivery import tell
from domain.notifications.kinds import NotificationKind as K
from domain.notifications.rules import APPROVERS, ASSESSORS, BODYS_ASSESSORS, CITY_OFFICERS, FILERS
from domain.systems.entities import System

# How many days ahead, each once: first early, then late.
BEFORE_AN_ASSESSMENT = (60, 14)
BEFORE_AN_END = (90, 30)
# For so long what is overdue is looked at again, in case nothing ran on the day after.
OVERDUE_DAYS = 30
DAY = dt.timedelta(days=1)


async def assessments_due(background: Background, today: dt.date) -> None:
    """Remind of systems whose next assessment is due, of assessments that are late, of accreditations that end."""
    for left, first, last in _windows(BEFORE_AN_ASSESSMENT, today):
        for system in await _systems_due(background, first, last):
            occasion = f"{K.ASSESSMENT_DUE} {left} {system.id} {system.next_assessment_due_on}"
            to = (FILERS, APPROVERS) if system.level == LEVEL_OF_UNITS else (FILERS, APPROVERS, CITY_OFFICERS)
            await tell(background, K.ASSESSMENT_DUE, to, system, occasion, due_on=system.next_assessment_due_on)
    late = (today - OVERDUE_DAYS * DAY, today - DAY)
    for system in await _systems_due(background, *late):
        occasion = f"{K.ASSESSMENT_OVERDUE} {system.id} {system.next_assessment_due_on}"
        to = (APPROVERS, CITY_OFFICERS)
        await tell(background, K.ASSESSMENT_OVERDUE, to, system, occasion, due_on=system.next_assessment_due_on)
    for assessment in await _late(background, *late):
        occasion = f"{K.ASSESSMENT_OVERDUE} {assessment.id} {assessment.due_on}"
        to = (APPROVERS, CITY_OFFICERS, ASSESSORS)
        await tell(background, K.ASSESSMENT_OVERDUE, to, assessment, occasion, due_on=assessment.due_on)
    for left, first, last in _windows(BEFORE_AN_END, today):
        for body in await _ending(background, first, last):
            occasion = f"{K.ACCREDITATION_EXPIRING} {left} {body.id} {body.valid_to}"
            to = (BODYS_ASSESSORS, CITY_OFFICERS)
            await tell(background, K.ACCREDITATION_EXPIRING, to, body, occasion, due_on=body.valid_to)


def _windows(ahead: Sequence[int], today: dt.date) -> list[tuple[int, dt.date, dt.date]]:
    """For each of the days ahead: from the day after the next later one, up to it; the last reaches to today."""
    bounds = [*ahead, -1]
    return [(left, today + (nearer + 1) * DAY, today + left * DAY) for left, nearer in pairwise(bounds)]


async def _systems_due(background: Background, first: dt.date, last: dt.date) -> Sequence[System]:
    """Systems in use whose next assessment is due in these days, and none of which is under way."""
    under_way = (
        select(Assessment.id)
        .where(
            Assessment.tenant_id == System.tenant_id,
            Assessment.system_id == System.id,
            Assessment.state.not_in(ENDED),
        )
        .exists()
    )
    return await _found(
        background,
        System,
        System.next_assessment_due_on.between(first, last),
        System.retired_on.is_(None),
        ~under_way,
    )


async def _late(background: Background, first: dt.date, last: dt.date) -> Sequence[Assessment]:
    return await _found(background, Assessment, Assessment.due_on.between(first, last), Assessment.state.not_in(ENDED))


async def _ending(background: Background, first: dt.date, last: dt.date) -> Sequence[AssessmentBody]:
    seeing = AssessmentBody.status.in_(SEEING)
    return await _found(background, AssessmentBody, AssessmentBody.valid_to.between(first, last), seeing)


async def _found(background: Background, entity: Any, *conditions: Any) -> Sequence[Any]:
    rows = await background.session.scalars(
        select(entity).where(entity.tenant_id == background.tenant_id, *conditions).order_by(entity.id)
    )
    return rows.all()
