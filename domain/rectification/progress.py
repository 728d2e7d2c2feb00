"""How a plan is carried out (整改实施): measures are reported on, and the rectification is completed with evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update

from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.documents.attach import attach, lock_away
from domain.errors import ErrorCode, Problem, Refusal
from domain.rectification.entities import RectificationMeasure, RectificationPlan
from domain.rectification.life import LIFE
from domain.rectification.measures import DONE, measures_of, read_due_on, sum_up
from domain.rectification.use_cases import own_plan
from domain.risk.entities import RiskFinding
from domain.text import Text
from domain.work import Work


async def update_measure(
    work: Work,
    *,
    measure_id: UUID,
    progress: int | None = None,
    note: str | None = None,
    owner: str | None = None,
    due_on: dt.date | None = None,
    version: int | None = None,
) -> RectificationMeasure:
    """Report on a measure: how far it is, who sees to it now, by when; the plan goes on (→ IN_PROGRESS).

    A day that is moved needs a note that says why; the plan's own day is kept beside it.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("updateMeasure")
    measure = await work.load(RectificationMeasure, measure_id, field="measureId", lock=False)
    # A plan is locked before its measures, by whoever changes either: what was read before that may be old.
    plan = await own_plan(work, measure.plan_id, None)
    work.session.expire(measure)
    measure = await work.load(RectificationMeasure, measure_id, field="measureId", version=version)
    LIFE.check(plan, "updateMeasure", "measureId")
    checks = Checks()
    text = checks.text(note, "note", limit=LONG)
    changes: dict[str, Any] = {} if text is None else {"note": text}
    if progress is not None:
        changes["progress"] = progress
        if not 0 <= progress <= DONE:
            checks.wrong("progress", "进度须在 0 至 100 之间。", "Progress is from 0 to 100.")
    if owner is not None:
        changes["owner"] = checks.text(owner, "owner", required=True)
    if due_on is not None and due_on != measure.due_on:
        changes["due_on"] = due_on
        read_due_on(checks, due_on, "dueOn", local_date(work.now))
        if text is None:
            checks.wrong("note", "变更期限须说明原因。", "Say why the last day is moved.")
    checks.done()
    before = {field: getattr(measure, field) for field in changes}
    _change(work, measure, changes)
    sum_up(plan, list((await measures_of(work, plan)).values()))
    LIFE.take(work, plan, "updateMeasure", measureId=str(measure.id))
    work.record("updateMeasure", measure, before=_plain(before), after=_plain(changes))
    return measure


async def complete_rectification(
    work: Work,
    *,
    rectification_plan_id: UUID,
    evidence_ids: Sequence[UUID] | None = None,
    note: str | None = None,
    version: int | None = None,
) -> RectificationPlan:
    """IN_PROGRESS → COMPLETED, with evidence, once every measure is done; the risks that they treat are closed.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT), Refusal(MISSING_ITEMS).
    """
    work.require("completeRectification")
    plan = await own_plan(work, rectification_plan_id, version)
    LIFE.check(plan, "completeRectification")
    measures = list((await measures_of(work, plan)).values())
    _require_done(measures, evidence_ids or ())
    checks = Checks()
    plan.completion_note = checks.text(note, "note", limit=LONG)
    checks.done()
    evidence = await attach(work, evidence_ids or (), "evidenceIds", rectification_plan_id=plan.id)
    await lock_away(work, evidence)
    treated = [each.risk_finding_id for each in measures if each.risk_finding_id is not None]
    await work.session.execute(
        update(RiskFinding)
        .where(RiskFinding.tenant_id == plan.tenant_id, RiskFinding.id.in_(treated), RiskFinding.closed_at.is_(None))
        .values(closed_at=work.now)
    )
    plan.completed_at = work.now
    LIFE.take(work, plan, "completeRectification", evidence=len(evidence), findingsClosed=len(set(treated)))
    return plan


def _change(work: Work, measure: RectificationMeasure, changes: dict[str, Any]) -> None:
    if "due_on" in changes and measure.original_due_on is None:
        measure.original_due_on = measure.due_on
    for field, value in changes.items():
        setattr(measure, field, value)
    done = measure.progress == DONE
    measure.done_at = (measure.done_at or work.now) if done else None
    measure.under_way = not done
    measure.version += 1


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values as the audit trail keeps them."""
    return {field: value.isoformat() if isinstance(value, dt.date) else value for field, value in values.items()}


def _require_done(measures: Sequence[RectificationMeasure], evidence: Sequence[UUID]) -> None:
    """All that a completion lacks, at once. Raises: Refusal(MISSING_ITEMS)."""
    words = Text("措施“{title}”尚未完成({progress}%)。", "{title} is not done yet ({progress} %).")
    problems = [
        Problem(
            ErrorCode.MISSING_ITEMS, words.format(title=each.title, progress=each.progress), f"measures.{each.position}"
        )
        for each in measures
        if each.done_at is None
    ]
    if not evidence:
        asked = Text("请附上整改完成的证明材料。", "Attach evidence that the rectification is completed.")
        problems.append(Problem(ErrorCode.MISSING_ITEMS, asked, "evidenceIds"))
    if problems:
        raise Refusal(*problems)
