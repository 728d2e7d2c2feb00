"""How a grading comes into force: the system takes its level, the former one gives way (workflow.md stage 1)."""

from __future__ import annotations

from sqlalchemy import select

from domain.filings.drafting import follow_grading
from domain.filings.entities import Filing, FilingState
from domain.grading.entities import Grading, GradingState
from domain.grading.life import LIFE
from domain.systems.entities import System
from domain.work import Work


async def supersede(work: Work, system: System) -> None:
    """The grading in force, where there is one, gives way; before another one is confirmed."""
    former = await work.session.scalar(
        select(Grading)
        .where(
            Grading.tenant_id == system.tenant_id,
            Grading.system_id == system.id,
            Grading.state == GradingState.CONFIRMED,
        )
        .with_for_update()
    )
    if former is not None:
        LIFE.take(work, former, "supersede")
        await work.session.flush()


async def put_in_force(work: Work, system: System, grading: Grading) -> None:
    """The system takes the level, and so does a filing that the unit can still change.

    Where the accepted filing rests on another grading, an amended filing is owed (Measures art. 17).
    """
    system.level, system.security_mark = grading.level, grading.security_mark
    system.current_grading_id = grading.id
    system.amendment_due = await _rests_on_another(work, system)
    system.version += 1
    await work.session.flush()
    await follow_grading(work, system)


async def _rests_on_another(work: Work, system: System) -> bool:
    """Whether the system's filing in force rests on another grading than the one in force."""
    if system.current_filing_id is None:
        return False
    filing = await work.session.get_one(Filing, (system.tenant_id, system.current_filing_id))
    return filing.state is FilingState.ACCEPTED and filing.grading_id != system.current_grading_id
