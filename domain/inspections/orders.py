"""Rectification orders (限期整改): drafted by an officer, issued by the leader, answered by the unit; closure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date, nth_working_day
from domain.checklists.items import WANTING, items_of
from domain.checks import LONG, Checks
from domain.codes import verification_code
from domain.documents.attach import attachable
from domain.documents.keeping import keep
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.clock import rulings_after
from domain.inspections.conduct import findings_of, waiting_order
from domain.inspections.entities import Inspection, InspectionState, OrderResponse, OrderState, RectificationOrder
from domain.inspections.life import INSPECTION, ORDER
from domain.inspections.order_letter import order_letter_of
from domain.organisations.entities import Organisation
from domain.papers.issue import issue_paper
from domain.templates.forms import LetterKind
from domain.templates.numbers import take_number
from domain.templates.use_cases import template_of
from domain.text import Text
from domain.work import Work

MOST_WORKING_DAYS = 250


async def draft_order(
    work: Work, *, inspection_id: UUID, working_days: int, demands: str | None = None
) -> RectificationOrder:
    """Draft the order that asks for rectification of what was found wanting, within so many working days.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, MISSING_ITEMS).
    """
    work.require("draftOrder")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId")
    INSPECTION.check(inspection, "draftOrder")
    checks = Checks()
    said = checks.text(demands, "demands", limit=LONG)
    _check_days(checks, working_days)
    checks.done()
    if not await _wanting(work, inspection):
        raise refuse(
            ErrorCode.INVALID_STATE,
            "没有部分符合或不符合的项,无须责令整改。可直接结案(closeInspection)。",
            "Nothing was found wanting. Close the inspection (closeInspection).",
            "inspectionId",
        )
    if await waiting_order(work, inspection) is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该检查已有待签发的整改通知书。",
            "An order of this inspection waits to be issued.",
            "inspectionId",
        )
    order = RectificationOrder(
        tenant_id=inspection.tenant_id,
        created_at=work.now,
        inspection_id=inspection.id,
        unit_id=inspection.unit_id,
        state=OrderState.DRAFT,
        demands=said,
        working_days=working_days,
        drafted_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(order)
    await work.session.flush()
    work.record("draftOrder", order, after={"workingDays": working_days})
    return order


async def issue_order(
    work: Work, *, rectification_order_id: UUID, reason: str | None = None, version: int | None = None
) -> RectificationOrder:
    """Issue a draft as a numbered letter, by another person; the deadline's working days count from this day.

    A ``reason``, which the input shares with returning, goes into the audit trail.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, DUTY_SEPARATION, CONFLICT).
    """
    work.require("issueOrder")
    order = await work.load(RectificationOrder, rectification_order_id, field="rectificationOrderId", version=version)
    ORDER.check(order, "issueOrder")
    work.require_another(order.drafted_by_id)
    checks = Checks()
    remark = checks.text(reason, "reason", limit=LONG)
    checks.done()
    inspection = await work.session.get_one(Inspection, (order.tenant_id, order.inspection_id), with_for_update=True)
    INSPECTION.check(inspection, "issueOrder", "rectificationOrderId")
    today = local_date(work.now)
    due = nth_working_day(today, order.working_days, await rulings_after(work.session, order.tenant_id, today))
    chosen = await template_of(work.session, order.tenant_id, LetterKind.RECTIFICATION_ORDER)
    order.number, order.verification_code = await take_number(work, chosen.template), verification_code()
    order.due_on, order.due_provisional = due.date, due.provisional
    order.issued_at, order.issued_by_id = work.now, work.caller.user_id
    inspection.order_issued_at, inspection.response_due_on = work.now, due.date
    INSPECTION.take(work, inspection, "issueOrder", "rectificationOrderId", number=order.number)
    ORDER.take(work, order, "issueOrder", number=order.number, dueOn=due.date.isoformat(), reason=remark)
    office = await work.session.get_one(Organisation, (order.tenant_id, work.caller.organisation_id))
    content = await order_letter_of(work.session, order, inspection, office, chosen)
    await issue_paper(work, DocumentKind.RECTIFICATION_ORDER, office.id, content, rectification_order_id=order.id)
    return order


async def return_order(
    work: Work, *, rectification_order_id: UUID, reason: str | None = None, version: int | None = None
) -> RectificationOrder:
    """Send a draft back, with the reason.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("returnOrder")
    order = await work.load(RectificationOrder, rectification_order_id, field="rectificationOrderId", version=version)
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    ORDER.take(work, order, "returnOrder", reason=text)
    order.return_reason = text
    return order


async def respond_to_order(
    work: Work,
    *,
    inspection_id: UUID,
    text: str,
    document_ids: Sequence[UUID] | None = None,
    version: int | None = None,
) -> Inspection:
    """Say how the order was carried out, with evidence (INSPECTION_EVIDENCE); after the deadline it is marked late.

    The evidence is under object lock from then on.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("respondToOrder")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    work.require_own(inspection.unit_id)
    checks = Checks()
    said = checks.text(text, "text", required=True, limit=LONG)
    checks.done()
    INSPECTION.check(inspection, "respondToOrder")
    documents = await attachable(work, document_ids or (), "documentIds", DocumentKind.INSPECTION_EVIDENCE)
    assert inspection.response_due_on is not None  # noqa: S101 - an order has a deadline
    response = OrderResponse(
        tenant_id=inspection.tenant_id,
        created_at=work.now,
        inspection_id=inspection.id,
        unit_id=inspection.unit_id,
        text=said or "",
        late=local_date(work.now) > inspection.response_due_on,
        responded_by_id=work.caller.user_id,
    )
    work.session.add(response)
    await work.session.flush()
    for document in documents:
        document.order_response_id, document.attached_at = response.id, work.now
        await keep(work, document)
    INSPECTION.take(work, inspection, "respondToOrder", late=response.late)
    return inspection


async def return_response(
    work: Work, *, inspection_id: UUID, reason: str, working_days: int, version: int | None = None
) -> Inspection:
    """A response does not satisfy: the unit responds again within so many working days from this day.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("returnResponse")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    INSPECTION.check(inspection, "returnResponse")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    _check_days(checks, working_days)
    checks.done()
    today = local_date(work.now)
    due = nth_working_day(today, working_days, await rulings_after(work.session, inspection.tenant_id, today))
    response = await work.session.scalar(
        select(OrderResponse)
        .where(OrderResponse.tenant_id == inspection.tenant_id, OrderResponse.inspection_id == inspection.id)
        .where(OrderResponse.returned_at.is_(None))
    )
    assert response is not None  # noqa: S101 - the inspection is RESPONDED
    response.returned_at, response.return_reason = work.now, text
    inspection.response_due_on = due.date
    INSPECTION.take(work, inspection, "returnResponse", reason=text, dueOn=due.date.isoformat())
    return inspection


async def close_inspection(
    work: Work, *, inspection_id: UUID, remark: str | None = None, version: int | None = None
) -> Inspection:
    """End an inspection: all items looked at and none wanting, or the unit's response to the order is satisfying.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, MISSING_ITEMS, CONFLICT).
    """
    work.require("closeInspection")
    inspection = await work.load(Inspection, inspection_id, field="inspectionId", version=version)
    checks = Checks()
    said = checks.text(remark, "remark", limit=LONG)
    checks.done()
    on_site = inspection.state is InspectionState.IN_PROGRESS
    if on_site and await _wanting(work, inspection):
        raise refuse(
            ErrorCode.INVALID_STATE,
            "有部分符合或不符合的项,须责令整改(draftOrder)并待单位反馈后结案。",
            "Something was found wanting: order its rectification (draftOrder), and close it once the unit responded.",
            "inspectionId",
        )
    inspection.closed_at, inspection.closed_by_id = work.now, work.caller.user_id
    INSPECTION.take(work, inspection, "closeInspection.conforming" if on_site else "closeInspection")
    inspection.remark = said
    return inspection


def _check_days(checks: Checks, working_days: int) -> None:
    if not 1 <= working_days <= MOST_WORKING_DAYS:
        checks.wrong(
            "workingDays",
            f"整改期限须为 1 至 {MOST_WORKING_DAYS} 个工作日。",
            f"A deadline has 1 to {MOST_WORKING_DAYS} working days.",
        )


async def _wanting(work: Work, inspection: Inspection) -> bool:
    """Whether something was found wanting. Raises: Refusal(MISSING_ITEMS) with each item not looked at."""
    there = await findings_of(work, inspection)
    items = items_of(inspection.edition, inspection.level or 1)
    missing = [items[key] for key in items if key not in there]
    if missing:
        raise Refusal(
            *(
                Problem(
                    ErrorCode.MISSING_ITEMS,
                    Text(f"尚未检查:{item.requirement.zh}。", f"Not looked at yet: {item.requirement.en}."),
                    f"items.{item.key}",
                )
                for item in missing
            )
        )
    return any(each.result in WANTING for each in there.values())
