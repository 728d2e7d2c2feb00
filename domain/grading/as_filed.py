"""A grading as it came with a paper filing (线下备案所附定级): an office enters it, for a unit that graded on paper.

It is in force at once, for the unit and its supervising department determined it before they filed. It stays the
unit's: whatever the unit then confirms on the platform supersedes it, and an office enters none beside that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from domain.calendar import SHANGHAI
from domain.checks import Checks
from domain.errors import ErrorCode, refuse
from domain.filings.drafting import confirmed
from domain.grading.content import Content, content_of, determine_levels
from domain.grading.entities import Grading
from domain.grading.in_force import put_in_force, supersede
from domain.grading.life import BEGINNINGS, remember
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.tenants.settings import settings_of
from domain.work import Work


def read_as_filed(checks: Checks, given: Mapping[str, Any], received_on: dt.date) -> tuple[Content, dt.date]:
    """What was filed of the grading, and on which day it was determined (the day of arrival where that is not said)."""
    day: dt.date = given.get("gradedOn") or received_on
    if day > received_on:
        checks.wrong("gradedOn", "定级时间不得晚于收到日期。", "It was graded on the day of arrival or before.")
    return content_of(checks, given["businessInformation"], given["systemService"], None), day


async def enter_as_filed(work: Work, system: System, content: Content, day: dt.date) -> Grading:
    """The system's grading in force, as it was filed; one that an office entered before gives way.

    Raises: Refusal(INVALID_STATE) where the unit has graded the system on the platform.
    """
    require_in_use(system)
    former = await confirmed(work, system)
    if former is not None and not former.as_filed:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统已由单位在平台上定级,以其定级为准。请不要填写 grading。",
            "The unit has graded this system on the platform, and that holds. Leave grading out.",
            "grading",
        )
    await supersede(work, system)
    grading = Grading(
        tenant_id=system.tenant_id,
        created_at=work.now,
        system_id=system.id,
        unit_id=system.unit_id,
        state=BEGINNINGS["enterFiling"],
        as_filed=True,
        saved_by_id=work.caller.user_id,
        confirmed_at=dt.datetime.combine(day, dt.time(), SHANGHAI),
        version=1,
    )
    determine_levels(grading, content, (await settings_of(work)).grading_matrix.code)
    work.session.add(grading)
    await work.session.flush()
    remember(work, grading, "enterFiling", None)
    work.record("enterFiling", grading, after={"state": grading.state, "securityMark": grading.security_mark})
    await put_in_force(work, system, grading)
    return grading
