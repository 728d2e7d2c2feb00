"""How an inspection goes (检查实施): notice to the unit, another day, its beginning, findings item by item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checklists.items import WANTING, ChecklistItem, ItemResult, items_of
from domain.checks import LONG, Checks
from domain.documents.attach import attachable
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.findings import Severity
from domain.inspections.batches import check_day
from domain.inspections.coverage import mark_inspected, settle_planned
from domain.inspections.entities import (
    Inspection,
    InspectionBatch,
    InspectionCampaign,
    InspectionFinding,
    InspectionState,
    OrderState,
    RectificationOrder,
)
from domain.inspections.life import INSPECTION
from domain.inspections.notice import issue_notice
from domain.systems.entities import System
from domain.templates.forms import LetterKind
from domain.templates.use_cases import template_of
from domain.work import Work

MOST_AT_ONCE = 2_000


async def notify_inspections(
    work: Work, *, inspection_ids: Sequence[UUID] | None = None, batch_id: UUID | None = None
) -> list[Inspection]:
    """Tell units of the inspections that are scheduled for them; who was told before is not told again.

    Each unit gets a numbered notice, and from then on sees the inspection.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("notifyInspections")
    found = [await work.load(Inspection, key, field="inspectionIds") for key in sorted(set(inspection_ids or ()))]
    if batch_id is not None:
        batch = await work.load(InspectionBatch, batch_id, field="batchId", lock=False)
        found += await work.session.scalars(
            select(Inspection)
            .where(
                Inspection.tenant_id == batch.tenant_id,
                Inspection.batch_id == batch.id,
                Inspection.state == InspectionState.SCHEDULED,
                Inspection.id.not_in([each.id for each in found]),
            )
            .order_by(Inspection.id)
            .with_for_update()
        )
    if not found or len(found) > MOST_AT_ONCE:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            f"请列出 1 至 {MOST_AT_ONCE} 项已安排的检查。",
            f"Name 1 to {MOST_AT_ONCE} inspections that are scheduled.",
            "inspectionIds",
        )
    for inspection in found:
        INSPECTION.check(inspection, "notifyInspections", "inspectionIds")
    chosen = await template_of(work.session, work.caller.tenant_id, LetterKind.INSPECTION_NOTICE)
    for inspection in found:
        if inspection.notified_at is None:
            inspection.notified_at = work.now
            INSPECTION.take(work, inspection, "notifyInspections", "inspectionIds")
            await issue_notice(work, inspection, chosen)
    return found


async def reschedule_inspection(
    work: Work, *, inspection_id: UUID, planned_on: dt.date, reason: str | None = None, version: int | None = None
) -> Inspection:
    """Move an inspection to another day; one whose unit knows of it needs a reason, and the unit is told.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("rescheduleInspection")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    INSPECTION.check(inspection, "rescheduleInspection")
    campaign = await work.session.get_one(InspectionCampaign, (inspection.tenant_id, inspection.campaign_id))
    checks = Checks()
    check_day(checks, work, campaign, planned_on)
    text = checks.text(reason, "reason", required=inspection.notified_at is not None, limit=LONG)
    checks.done()
    before = inspection.planned_on
    inspection.planned_on, inspection.remark = planned_on, text
    INSPECTION.take(
        work, inspection, "rescheduleInspection", plannedOn=planned_on.isoformat(), former=before.isoformat()
    )
    await settle_planned(work.session, inspection.tenant_id, [inspection.system_id])
    return inspection


async def cancel_inspection(work: Work, *, inspection_id: UUID, reason: str, version: int | None = None) -> Inspection:
    """An inspection does not take place.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("cancelInspection")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    INSPECTION.take(work, inspection, "cancelInspection", reason=text)
    inspection.remark = text
    await settle_planned(work.session, inspection.tenant_id, [inspection.system_id])
    return inspection


async def start_inspection(
    work: Work, *, inspection_id: UUID, inspectors: Sequence[str], version: int | None = None
) -> Inspection:
    """The inspectors, two at least (公信安[2008]736号), are on site: the system counts as inspected on this day.

    The unit has to have been notified. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("startInspection")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    INSPECTION.check(inspection, "startInspection")
    if inspection.notified_at is None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "尚未通知被检查单位。请先通知(notifyInspections)。",
            "The unit has not been notified. Do so first (notifyInspections).",
            "inspectionId",
        )
    checks = Checks()
    names = [name for each in inspectors if (name := checks.text(each, "inspectors"))]
    if len(set(names)) < 2:
        checks.wrong("inspectors", "检查人员不少于两名。", "An inspection is made by two people at least.")
    checks.done()
    today = local_date(work.now)
    inspection.inspectors, inspection.inspected_on = "、".join(names), today
    INSPECTION.take(work, inspection, "startInspection")
    system = await work.session.get_one(System, (inspection.tenant_id, inspection.system_id), with_for_update=True)
    mark_inspected(system, today)
    await settle_planned(work.session, inspection.tenant_id, [inspection.system_id])
    return inspection


async def record_finding(
    work: Work,
    *,
    inspection_id: UUID,
    item: str,
    result: ItemResult,
    severity: Severity | None = None,
    text: str | None = None,
    document_ids: Sequence[UUID] | None = None,
) -> Inspection:
    """What was found of one item of the checklist, in place of what was recorded of it before.

    What is wanting has a severity and says what was found; ``document_ids`` are evidence (INSPECTION_EVIDENCE).
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("recordFinding")
    inspection = await _on_site(work, inspection_id, "recordFinding")
    result = ItemResult[result]
    wanting = result in WANTING
    checks = Checks()
    known = items_of(inspection.edition, inspection.level or 1).get(item)
    if known is None:
        checks.wrong("item", "检查表中没有这一项。", "The checklist has no such item at this level.")
    said = checks.text(text, "text", required=wanting, limit=LONG)
    if wanting != (severity is not None):
        checks.wrong(
            "severity",
            "部分符合、不符合的项须填风险等级,其他不填。",
            "What is wanting has a severity, and nothing else has.",
        )
    checks.done()
    documents = await attachable(work, document_ids or (), "documentIds", DocumentKind.INSPECTION_EVIDENCE)
    assert known is not None  # noqa: S101 - checked above
    there = await findings_of(work, inspection)
    _write(work, inspection, there.get(item), known, result, Severity[severity] if severity else None, said)
    for document in documents:
        document.inspection_id, document.attached_at = inspection.id, work.now
    INSPECTION.take(work, inspection, "recordFinding", item=item, result=result)
    return inspection


async def record_conforming(work: Work, *, inspection_id: UUID, items: Sequence[str] | None = None) -> Inspection:
    """The ``items`` conform; without any: all that nothing was recorded of yet.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("recordConforming")
    inspection = await _on_site(work, inspection_id, "recordConforming")
    known = items_of(inspection.edition, inspection.level or 1)
    there = await findings_of(work, inspection)
    unknown = [item for item in items or () if item not in known]
    if unknown:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            f"检查表中没有:{'、'.join(unknown[:10])}。",
            f"The checklist does not have: {', '.join(unknown[:10])}.",
            "items",
        )
    for item in dict.fromkeys(items or known.keys() - there.keys()):
        _write(work, inspection, there.get(item), known[item], ItemResult.CONFORMING, None, None)
    INSPECTION.take(work, inspection, "recordConforming")
    return inspection


async def findings_of(work: Work, inspection: Inspection) -> dict[str, InspectionFinding]:
    """What is recorded, by item."""
    found = await work.session.scalars(
        select(InspectionFinding).where(
            InspectionFinding.tenant_id == inspection.tenant_id, InspectionFinding.inspection_id == inspection.id
        )
    )
    return {each.item: each for each in found}


async def _on_site(work: Work, key: UUID, step: str) -> Inspection:
    """The inspection, while findings can be recorded: not once an order that rests on them waits to be issued."""
    inspection = await work.load(Inspection, key, field="inspectionId")
    INSPECTION.check(inspection, step)
    if await waiting_order(work, inspection) is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "整改通知书正待签发,检查结果不能再改。如须修改,请先由签发领导退回。",
            "An order waits to be issued. To change what it rests on, have the leader return it first.",
            "inspectionId",
        )
    return inspection


async def waiting_order(work: Work, inspection: Inspection) -> RectificationOrder | None:
    """The order that waits to be issued, if there is one."""
    found: RectificationOrder | None = await work.session.scalar(
        select(RectificationOrder).where(
            RectificationOrder.tenant_id == inspection.tenant_id,
            RectificationOrder.inspection_id == inspection.id,
            RectificationOrder.state == OrderState.DRAFT,
        )
    )
    return found


def _write(
    work: Work,
    inspection: Inspection,
    there: InspectionFinding | None,
    item: ChecklistItem,
    result: ItemResult,
    severity: Severity | None,
    text: str | None,
) -> None:
    finding = there or InspectionFinding(
        tenant_id=inspection.tenant_id,
        created_at=work.now,
        inspection_id=inspection.id,
        item=item.key,
        area=item.area,
    )
    finding.result, finding.severity, finding.text = result, severity, text
    finding.recorded_by_id = work.caller.user_id
    work.session.add(finding)
