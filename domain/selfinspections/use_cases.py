"""Self-inspections (自查): begun, answered item by item, submitted by another person (Measures art. 14)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checklists.items import CURRENT, WANTING, ChecklistItem, ItemResult, items_of
from domain.checks import LONG, Checks, require_version
from domain.documents.attach import attachable
from domain.documents.entities import Document
from domain.documents.keeping import keep
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.selfinspections.entities import SelfInspection, SelfInspectionAnswer, SelfInspectionState
from domain.selfinspections.life import LIFE
from domain.selfinspections.periods import MONTHS, period_of
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.text import Text
from domain.work import Work


async def start_self_inspection(work: Work, *, system_id: UUID) -> SelfInspection:
    """Begin the self-inspection of the period that it is, where the platform has not opened it already.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE).
    """
    work.require("startSelfInspection")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    if system.level not in MONTHS:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "第三级及以上的系统须开展自查,该系统不在其列。",
            "Self-inspections are of systems of level 3 and above.",
            "systemId",
        )
    period = period_of(system.level, local_date(work.now))
    if await work.session.scalar(
        select(SelfInspection.id).where(
            SelfInspection.tenant_id == system.tenant_id,
            SelfInspection.system_id == system.id,
            SelfInspection.period_starts_on == period.starts_on,
        )
    ):
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"该系统自 {period.starts_on} 起的自查已有,请继续办理。",
            f"There is a self-inspection of the period from {period.starts_on} on already. Go on with it.",
            "systemId",
        )
    unit = await work.session.get_one(Organisation, (system.tenant_id, system.unit_id))
    made = opened(system, unit.district_id if unit.authority_level is AuthorityLevel.DISTRICT else None, work.now)
    work.session.add(made)
    await work.session.flush()
    work.record("startSelfInspection", made, after={"dueOn": made.due_on.isoformat()})
    return made


def opened(system: System, district_id: UUID | None, now: dt.datetime) -> SelfInspection:
    """A new self-inspection of a system that has a level for it, of the period in which ``now`` lies."""
    assert system.level is not None  # noqa: S101 - the caller has looked
    period = period_of(system.level, local_date(now))
    return SelfInspection(
        tenant_id=system.tenant_id,
        created_at=now,
        system_id=system.id,
        unit_id=system.unit_id,
        district_id=district_id,
        level=system.level,
        period_starts_on=period.starts_on,
        due_on=period.due_on,
        edition=CURRENT,
        state=SelfInspectionState.DRAFT,
        items=len(items_of(CURRENT, system.level)),
        version=1,
    )


async def save_self_inspection(
    work: Work,
    *,
    self_inspection_id: UUID,
    version: int | None = None,
    answers: Sequence[dict[str, Any]] | None = None,
    summary: str | None = None,
    document_ids: Sequence[UUID] | None = None,
) -> SelfInspection:
    """Answer items of the checklist, in place of what was answered before; others stay. All problems are told at once.

    What is wanting says what is done about it. Files (INSPECTION_EVIDENCE) are added.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveSelfInspection")
    version = require_version(version)
    made = await work.load(SelfInspection, self_inspection_id, field="selfInspectionId", version=version)
    work.require_own(made.unit_id)
    LIFE.check(made, "saveSelfInspection")
    items = items_of(made.edition, made.level)
    checks = Checks()
    read = [_answer(checks, items, each, f"answers.{place}") for place, each in enumerate(answers or ())]
    said = checks.text(summary, "summary", limit=LONG)
    checks.done()
    documents = await attachable(work, document_ids or (), "documentIds", DocumentKind.INSPECTION_EVIDENCE)
    there = await _answers(work, made)
    for item, result, text in read:
        answer = there.get(item) or SelfInspectionAnswer(
            tenant_id=made.tenant_id,
            created_at=work.now,
            self_inspection_id=made.id,
            item=item,
            area=items[item].area,
        )
        answer.result, answer.text = result, text
        work.session.add(answer)
        there[item] = answer
    for document in documents:
        document.self_inspection_id, document.attached_at = made.id, work.now
    made.answered, made.saved_by_id = len(there), work.caller.user_id
    made.summary = said if summary is not None else made.summary
    LIFE.take(work, made, "saveSelfInspection", answered=made.answered)
    return made


async def submit_self_inspection(work: Work, *, self_inspection_id: UUID, version: int | None = None) -> SelfInspection:
    """Hand it in, all items answered; another person than who saved it last. After the due date it is marked late.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, MISSING_ITEMS, DUTY_SEPARATION, CONFLICT).
    """
    work.require("submitSelfInspection")
    made = await work.load(SelfInspection, self_inspection_id, field="selfInspectionId", version=version)
    work.require_own(made.unit_id)
    LIFE.check(made, "submitSelfInspection")
    if made.saved_by_id is not None:
        work.require_another(made.saved_by_id)
    there = await _answers(work, made)
    missing = [item for item in items_of(made.edition, made.level).values() if item.key not in there]
    if missing:
        raise Refusal(*(_unanswered(item) for item in missing))
    made.submitted_at, made.submitted_by_id = work.now, work.caller.user_id
    made.late = local_date(work.now) > made.due_on
    for document in await _documents(work, made):
        await keep(work, document)
    LIFE.take(work, made, "submitSelfInspection", late=made.late)
    return made


def _answer(
    checks: Checks, items: dict[str, ChecklistItem], given: dict[str, Any], path: str
) -> tuple[str, ItemResult, str | None]:
    item, result = given["item"], ItemResult[given["result"]]
    if item not in items:
        checks.wrong(f"{path}.item", "检查表中没有这一项。", "The checklist has no such item at this level.")
    return item, result, checks.text(given.get("text"), f"{path}.text", required=result in WANTING, limit=LONG)


def _unanswered(item: ChecklistItem) -> Problem:
    said = Text(f"尚未自查:{item.requirement.zh}。", f"Not answered yet: {item.requirement.en}.")
    return Problem(ErrorCode.MISSING_ITEMS, said, f"answers.{item.key}")


async def _answers(work: Work, made: SelfInspection) -> dict[str, SelfInspectionAnswer]:
    found = await work.session.scalars(
        select(SelfInspectionAnswer).where(
            SelfInspectionAnswer.tenant_id == made.tenant_id, SelfInspectionAnswer.self_inspection_id == made.id
        )
    )
    return {each.item: each for each in found}


async def _documents(work: Work, made: SelfInspection) -> Sequence[Document]:
    found = await work.session.scalars(
        select(Document).where(Document.tenant_id == made.tenant_id, Document.self_inspection_id == made.id)
    )
    return found.all()
