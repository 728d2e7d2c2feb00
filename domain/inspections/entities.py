"""Inspections (监督检查): campaigns and batches, single inspections, findings, rectification orders and responses."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term, unique
from domain.checklists.items import ItemResult
from domain.findings import ControlArea, Severity
from domain.text import Term


class CampaignKind(Term):
    """Why systems are inspected (检查类别); the code is what the report is called."""

    JOINT_ENFORCEMENT = (
        "JOINT_ENFORCEMENT",
        "年度联合执法检查",
        "yearly joint enforcement inspection",
        "执法检查情况报告",
    )
    ROLLING_TWO_YEAR = "ROLLING_TWO_YEAR", "两年滚动检查评估", "rolling two-year programme", "检查评估报告"


class CampaignState(Term):
    """Where a campaign stands (检查工作状态)."""

    OPEN = "OPEN", "进行中", "takes inspections"
    PUBLISHED = "PUBLISHED", "报告已发布", "its report is published; it takes no more"


class BatchState(Term):
    """Whether a batch is more than a proposal (批次状态)."""

    PROPOSED = "PROPOSED", "建议", "proposed, to be scheduled or proposed anew"
    SCHEDULED = "SCHEDULED", "已安排", "its inspections have their days"


class InspectionState(Term):
    """Where an inspection stands (检查状态)."""

    PROPOSED = "PROPOSED", "建议", "proposed for a day, and known to the city office alone"
    SCHEDULED = "SCHEDULED", "已安排", "has its day; the unit knows of it once notified"
    IN_PROGRESS = "IN_PROGRESS", "检查中", "inspectors are on site"
    ORDER_ISSUED = "ORDER_ISSUED", "已责令整改", "the unit has to respond to the order by its deadline"
    RESPONDED = "RESPONDED", "已反馈", "the unit's response is to be judged"
    CLOSED = "CLOSED", "已结案", "ended"
    CANCELLED = "CANCELLED", "已取消", "does not take place"


# States of an inspection that has not taken place and still may.
AHEAD = (InspectionState.PROPOSED, InspectionState.SCHEDULED)


class OrderState(Term):
    """Where a rectification order stands (整改通知书状态)."""

    DRAFT = "DRAFT", "待签发", "waits to be issued"
    ISSUED = "ISSUED", "已签发", "issued, never changed afterwards"
    RETURNED = "RETURNED", "已退回", "sent back to its drafter"


class InspectionCampaign(Versioned, TenantRow):
    """A campaign (检查工作): the yearly joint enforcement inspection, or the rolling programme of two years."""

    __tablename__ = "inspection_campaigns"

    kind: Mapped[CampaignKind] = mapped_column(term(CampaignKind))
    year: Mapped[int]
    title: Mapped[str]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    note: Mapped[str | None]
    state: Mapped[CampaignState] = mapped_column(term(CampaignState), default=CampaignState.OPEN)
    created_by_id: Mapped[UUID]
    report_number: Mapped[str | None]
    report_summary: Mapped[str | None]
    published_at: Mapped[dt.datetime | None]
    published_by_id: Mapped[UUID | None]

    __table_args__ = (
        refers("created_by_id", "users"),
        refers("published_by_id", "users"),
        unique("kind", "year"),
        unique("report_number"),
        CheckConstraint("ends_on >= starts_on", name="span"),
        CheckConstraint("(state = 'PUBLISHED') = (published_at IS NOT NULL)", name="published_at_known"),
        Index(None, "tenant_id", "year", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class CampaignPartner(TenantRow):
    """A department that takes part in a joint inspection (联合检查部门), beside the city office."""

    __tablename__ = "campaign_partners"

    campaign_id: Mapped[UUID]
    name: Mapped[str]
    contact: Mapped[str | None]
    phone: Mapped[str | None]

    __table_args__ = (refers("campaign_id", "inspection_campaigns"), unique("campaign_id", "name"))


class InspectionBatch(Versioned, TenantRow):
    """The inspections of one month of the rolling programme (批次); ``month`` is its first day."""

    __tablename__ = "inspection_batches"

    campaign_id: Mapped[UUID]
    month: Mapped[dt.date]
    state: Mapped[BatchState] = mapped_column(term(BatchState), default=BatchState.PROPOSED)

    __table_args__ = (
        refers("campaign_id", "inspection_campaigns"),
        CheckConstraint("EXTRACT(day FROM month) = 1", name="month_is_a_first_day"),
        Index(None, "tenant_id", "campaign_id", "month", "id"),
    )


class Inspection(Versioned, TenantRow):
    """One system inspected once (检查); unit, district and level are as they were when it was proposed or scheduled."""

    __tablename__ = "inspections"

    campaign_id: Mapped[UUID]
    batch_id: Mapped[UUID | None]
    system_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    district_id: Mapped[UUID | None]
    level: Mapped[int | None] = mapped_column(level())
    state: Mapped[InspectionState] = mapped_column(term(InspectionState))
    planned_on: Mapped[dt.date]
    inspectors: Mapped[str | None]
    edition: Mapped[str]
    notified_at: Mapped[dt.datetime | None]
    inspected_on: Mapped[dt.date | None]
    order_issued_at: Mapped[dt.datetime | None]
    response_due_on: Mapped[dt.date | None]
    closed_at: Mapped[dt.datetime | None]
    closed_by_id: Mapped[UUID | None]
    # Why it is closed, rescheduled or cancelled: what was said last.
    remark: Mapped[str | None]

    __table_args__ = (
        refers("campaign_id", "inspection_campaigns"),
        refers("batch_id", "inspection_batches"),
        refers("system_id", "systems"),
        refers("unit_id", "organisations"),
        refers("district_id", "districts"),
        refers("closed_by_id", "users"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("(state = 'CLOSED') = (closed_at IS NOT NULL)", name="closed_at_known"),
        CheckConstraint(
            "(inspected_on IS NULL) = (state IN ('PROPOSED', 'SCHEDULED', 'CANCELLED'))", name="inspected_on_known"
        ),
        CheckConstraint("(order_issued_at IS NULL) = (response_due_on IS NULL)", name="order_has_a_deadline"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "planned_on", "id"),
        Index(None, "tenant_id", "state", "planned_on", "id"),
        Index(None, "tenant_id", "level", "planned_on", "id"),
        Index(None, "tenant_id", "response_due_on", "id"),
        Index(None, "tenant_id", "campaign_id", "planned_on", "id"),
        Index(None, "tenant_id", "batch_id", "planned_on", "id"),
        Index(None, "tenant_id", "district_id", "planned_on", "id"),
        Index(None, "tenant_id", "unit_id", "planned_on", "id"),
        Index(None, "tenant_id", "system_id", "planned_on", "id"),
        Index(
            "uq_inspections_one_ahead",
            "tenant_id",
            "campaign_id",
            "system_id",
            unique=True,
            postgresql_where="state IN ('PROPOSED', 'SCHEDULED')",
        ),
    )


class InspectionFinding(TenantRow):
    """What was found of one item of the checklist (检查记录); ``severity`` where it is wanting."""

    __tablename__ = "inspection_findings"

    inspection_id: Mapped[UUID]
    item: Mapped[str]
    area: Mapped[ControlArea] = mapped_column(term(ControlArea))
    result: Mapped[ItemResult] = mapped_column(term(ItemResult))
    severity: Mapped[Severity | None] = mapped_column(term(Severity))
    text: Mapped[str | None]
    recorded_by_id: Mapped[UUID]

    __table_args__ = (
        refers("inspection_id", "inspections"),
        refers("recorded_by_id", "users"),
        unique("inspection_id", "item"),
        CheckConstraint(
            "(result IN ('PARTLY', 'NON_CONFORMING')) = (severity IS NOT NULL AND text IS NOT NULL)",
            name="wanting_says_what",
        ),
    )


class RectificationOrder(Versioned, TenantRow):
    """An order to rectify within a time (限期整改通知书): drafted by one person, issued by another."""

    __tablename__ = "rectification_orders"

    inspection_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    state: Mapped[OrderState] = mapped_column(term(OrderState), default=OrderState.DRAFT)
    demands: Mapped[str | None]
    working_days: Mapped[int]
    number: Mapped[str | None]
    verification_code: Mapped[str | None]
    due_on: Mapped[dt.date | None]
    due_provisional: Mapped[bool] = mapped_column(default=False)
    drafted_by_id: Mapped[UUID]
    issued_by_id: Mapped[UUID | None]
    issued_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None]

    __table_args__ = (
        refers("inspection_id", "inspections"),
        refers("unit_id", "organisations"),
        refers("drafted_by_id", "users"),
        refers("issued_by_id", "users"),
        unique("number"),
        CheckConstraint(
            "(state = 'ISSUED') = (number IS NOT NULL AND verification_code IS NOT NULL AND issued_at IS NOT NULL "
            "AND issued_by_id IS NOT NULL AND due_on IS NOT NULL)",
            name="issued_is_complete",
        ),
        CheckConstraint("issued_by_id IS NULL OR issued_by_id <> drafted_by_id", name="another_person_issues"),
        CheckConstraint("(state = 'RETURNED') = (return_reason IS NOT NULL)", name="return_reason_known"),
        CheckConstraint("working_days > 0", name="working_days"),
        Index(None, "tenant_id", "inspection_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(
            "uq_rectification_orders_one_in_force",
            "tenant_id",
            "inspection_id",
            unique=True,
            postgresql_where="state <> 'RETURNED'",
        ),
    )


class OrderResponse(TenantRow):
    """What a unit answered to an order (整改反馈), with its evidence; ``late`` when after the deadline.

    One that does not satisfy is returned, and another one follows.
    """

    __tablename__ = "order_responses"

    inspection_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    text: Mapped[str]
    late: Mapped[bool]
    responded_by_id: Mapped[UUID]
    returned_at: Mapped[dt.datetime | None]
    return_reason: Mapped[str | None]

    __table_args__ = (
        refers("inspection_id", "inspections"),
        refers("unit_id", "organisations"),
        refers("responded_by_id", "users"),
        CheckConstraint("(returned_at IS NULL) = (return_reason IS NULL)", name="return_has_a_reason"),
        Index(None, "tenant_id", "inspection_id", "id"),
    )


class OverdueNotice(TenantRow):
    """An order's deadline has passed without an answer (逾期警告): the unit is warned, its supervising unit told.

    It is all that a supervising unit sees of another's inspection: that, and for which system.
    """

    __tablename__ = "overdue_notices"

    inspection_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    system_id: Mapped[UUID]
    order_number: Mapped[str]
    due_on: Mapped[dt.date]

    __table_args__ = (
        refers("inspection_id", "inspections"),
        refers("unit_id", "organisations"),
        refers("system_id", "systems"),
        unique("inspection_id", "due_on"),
        Index(None, "tenant_id", "unit_id", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )
