"""Supervision and inspection (监督检查): campaigns, inspections and what follows from them; self-inspections."""

import datetime as dt
import json as json_
from collections.abc import Callable

import strawberry
from sqlalchemy import ColumnElement, FromClause, Text, and_, case, cast, func, literal
from sqlalchemy.dialects.postgresql import JSONB

from api.reads.sources import (
    column,
    connection,
    embedded,
    entity,
    expression,
    figures,
    global_id,
    json,
    read,
    to_many,
    to_one,
    to_one_on,
)
from api.schema import lists
from api.schema.city import District, Organisation, User
from api.schema.common import TODAY, Connection, Node, lazy, vocabulary
from api.schema.filings import IN_LANGUAGE, Document
from api.schema.papers import as_pdf
from api.schema.systems import System
from domain.checklists.items import EDITIONS, Edition, ItemResult
from domain.findings import ControlArea, Severity
from domain.inspections.entities import BatchState, CampaignKind, CampaignState, InspectionState, OrderState
from domain.inspections.entities import CampaignPartner as CampaignPartnerRow
from domain.inspections.entities import Inspection as InspectionRow
from domain.inspections.entities import InspectionBatch as InspectionBatchRow
from domain.inspections.entities import InspectionCampaign as InspectionCampaignRow
from domain.inspections.entities import InspectionFinding as InspectionFindingRow
from domain.inspections.entities import OrderResponse as OrderResponseRow
from domain.inspections.entities import OverdueNotice as OverdueNoticeRow
from domain.inspections.entities import RectificationOrder as RectificationOrderRow
from domain.selfinspections.entities import SelfInspection as SelfInspectionRow
from domain.selfinspections.entities import SelfInspectionAnswer as SelfInspectionAnswerRow
from domain.selfinspections.entities import SelfInspectionState

for _term in (
    BatchState, CampaignKind, CampaignState, ControlArea, InspectionState, ItemResult, OrderState, SelfInspectionState,
    Severity,
):  # fmt: skip
    vocabulary(_term)


@strawberry.type(description="检查表的一项 / one item of a checklist")
class ChecklistItem:
    """One item of a checklist."""

    key: str = json("编号,在该版本内唯一 / its key within the edition", "key")
    area: ControlArea = json("控制类 / control area", "area")
    requirement: str = read(IN_LANGUAGE, "检查内容 / what is required")


@strawberry.type(
    description="检查表:某版本中适用于该等级的各项 / a checklist: an edition's items for the system's level"
)
class Checklist:
    """A checklist."""

    edition: str = json("版本 / edition", "edition")
    items: list[ChecklistItem] = json("各项 / its items", "items")


def _written(edition: Edition, level: int) -> str:
    """The items as JSON, with the requirement in both languages."""
    items = [
        {"key": item.key, "area": item.area, "zh": item.requirement.zh, "en": item.requirement.en}
        for item in edition.of_level(level)
    ]
    return json_.dumps({"edition": edition.name, "items": items}, ensure_ascii=False)


def _checklist(t: FromClause) -> ColumnElement[object]:
    """The edition's items for the row's level, which are data of the code."""
    choices = [
        (
            and_(t.c.edition == name, func.coalesce(t.c.level, 1) == level),
            cast(literal(_written(edition, level), Text()), JSONB()),
        )
        for name, edition in EDITIONS.items()
        for level in range(1, 6)
    ]
    return case(*choices)


@strawberry.type(
    description="检查数字:若干项检查,可按同名条件列出 / a figure of inspections, each listed by the filter of its name"
)
class InspectionFigure:
    """So many inspections of a campaign: ``inspections(filter: {campaignId, state, districtId})`` lists them."""

    state: InspectionState = column("state", "状态 / state")
    district: District | None = to_one(
        "district_id",
        "区县;市级为空,其筛选条件为 unit: {authorityLevel: CITY} / the district; null: city-level, "
        "whose filter is unit: {authorityLevel: CITY}",
    )
    count: int = column("count", "项数 / how many")


@entity(CampaignPartnerRow, "cpt")
@strawberry.type(description="联合检查部门 / a department that takes part in a joint inspection")
class CampaignPartner(Node):
    """A department that takes part in a joint inspection."""

    id: strawberry.ID = global_id("cpt")
    name: str = column("name", "部门名称 / name")
    contact: str | None = column("contact", "联系人 / whom to speak to")
    phone: str | None = column("phone", "电话 / telephone")


@entity(InspectionCampaignRow, "cmp")
@strawberry.type(description="检查工作:年度联合执法检查或两年滚动检查评估 / an inspection campaign")
class InspectionCampaign(Node):
    """An inspection campaign."""

    id: strawberry.ID = global_id("cmp")
    kind: CampaignKind = column("kind", "类别 / kind")
    year: int = column("year", "年份;两年滚动的为首年 / the year; of a programme, its first")
    title: str = column("title", "名称 / title")
    starts_on: dt.date = column("starts_on", "开始日期 / first day")
    ends_on: dt.date = column("ends_on", "结束日期 / last day")
    note: str | None = column("note", "说明 / note")
    state: CampaignState = column("state", "状态 / state")
    partners: list[CampaignPartner] = to_many("campaign_id", "联合检查部门 / partner departments", "name")
    batches: Connection[lazy("InspectionBatch", "inspections")] = connection(
        lists.INSPECTION_BATCHES, "批次 / its batches", key="campaign_id"
    )
    inspections: Connection[lazy("Inspection", "inspections")] = connection(
        lists.INSPECTIONS, "各项检查 / its inspections", key="campaign_id"
    )
    coverage: list[InspectionFigure] = figures(
        lists.INSPECTIONS,
        ("state", "district_id"),
        "检查覆盖:按状态和区县的项数;尚未覆盖的系统见 systems(filter: {inspectionStanding}) / how far it has come, by "
        "state and district; which systems are uncovered and why: systems(filter: {inspectionStanding})",
        key="campaign_id",
    )
    report_number: str | None = column("report_number", "报告文号 / the report's number")
    report_summary: str | None = column("report_summary", "工作小结 / what the report says in words")
    report: Document | None = as_pdf(
        "inspection_campaign_id", "检查报告(PDF/A),发布后生成 / the report, made once it is published"
    )
    documents: list[Document] = to_many("inspection_campaign_id", "报告文件 / the report's files")
    created_by: User | None = to_one("created_by_id", "经办人 / who began it")
    created_at: dt.datetime = column("created_at", "建立时间 / when it was begun")
    published_at: dt.datetime | None = column("published_at", "发布时间 / when the report was published")
    published_by: User | None = to_one("published_by_id", "发布人 / who published it")
    version: int = column("version", "版本 / counts its changes")


@entity(InspectionBatchRow, "bat")
@strawberry.type(description="批次:滚动检查一个月的各项 / the inspections of a month of the rolling programme")
class InspectionBatch(Node):
    """The inspections of a month of the rolling programme."""

    id: strawberry.ID = global_id("bat")
    campaign: InspectionCampaign | None = to_one("campaign_id", "所属检查工作 / its campaign")
    month: dt.date = column("month", "月份(首日) / the month, by its first day")
    state: BatchState = column("state", "状态 / state")
    inspections: Connection[lazy("Inspection", "inspections")] = connection(
        lists.INSPECTIONS, "各项检查 / its inspections", key="batch_id"
    )
    version: int = column("version", "版本 / counts its changes")


@entity(InspectionFindingRow, "ifd")
@strawberry.type(description="检查记录:检查表一项的结果 / what was found of one item of the checklist")
class InspectionFinding(Node):
    """What was found of one item of the checklist."""

    id: strawberry.ID = global_id("ifd")
    item: str = column("item", "检查表中的编号 / the item's key")
    area: ControlArea = column("area", "控制类 / control area")
    result: ItemResult = column("result", "结果 / result")
    severity: Severity | None = column("severity", "风险等级 / severity, of what is wanting")
    text: str | None = column("text", "发现的问题 / what was found")
    measures: list[lazy("RectificationMeasure", "rectification")] = to_many(
        "inspection_finding_id", "针对它的整改措施 / the measures that treat it", "id"
    )
    recorded_by: User | None = to_one("recorded_by_id", "记录人 / who recorded it")
    created_at: dt.datetime = column("created_at", "记录时间 / when it was first recorded")


@entity(RectificationOrderRow, "ord")
@strawberry.type(description="限期整改通知书 / an order to rectify within a time")
class RectificationOrder(Node):
    """An order to rectify within a time."""

    id: strawberry.ID = global_id("ord")
    inspection: lazy("Inspection", "inspections") | None = to_one("inspection_id", "所属检查 / its inspection")
    state: OrderState = column("state", "状态 / state")
    number: str | None = column("number", "文号 / number")
    verification_code: str | None = column("verification_code", "验证码 / verification code")
    demands: str | None = column("demands", "整改要求 / what is asked beside the findings")
    working_days: int = column("working_days", "整改期限(工作日) / working days for it")
    due_on: dt.date | None = column("due_on", "通知书所载期限 / the deadline that it bears")
    due_provisional: bool = column("due_provisional", "期限依据未公布的工作日历 / by a calendar not yet published")
    drafted_by: User | None = to_one("drafted_by_id", "拟稿人 / who drafted it")
    issued_by: User | None = to_one("issued_by_id", "签发人 / who issued it")
    issued_at: dt.datetime | None = column("issued_at", "签发时间 / when it was issued")
    return_reason: str | None = column("return_reason", "退回理由 / why it was returned")
    document: Document | None = as_pdf("rectification_order_id", "通知书(PDF/A) / the letter, made once it is issued")
    documents: list[Document] = to_many("rectification_order_id", "通知书文件 / the letter's files")
    created_at: dt.datetime = column("created_at", "拟稿时间 / when it was drafted")
    version: int = column("version", "版本 / counts its changes")


@entity(OrderResponseRow, "rsp")
@strawberry.type(description="整改反馈 / what a unit answered to an order")
class OrderResponse(Node):
    """What a unit answered to an order."""

    id: strawberry.ID = global_id("rsp")
    inspection: lazy("Inspection", "inspections") | None = to_one("inspection_id", "所属检查 / its inspection")
    text: str = column("text", "整改情况 / how the order was carried out")
    late: bool = column("late", "是否逾期 / whether after the deadline")
    documents: list[Document] = to_many("order_response_id", "证明材料 / evidence")
    responded_by: User | None = to_one("responded_by_id", "反馈人 / who responded")
    created_at: dt.datetime = column("created_at", "反馈时间 / when")
    returned_at: dt.datetime | None = column("returned_at", "退回时间 / when it was returned")
    return_reason: str | None = column("return_reason", "退回理由 / why it was returned")


@entity(OverdueNoticeRow, "odn")
@strawberry.type(
    description="逾期警告,并通报主管部门 / a warning that a deadline was missed; the supervising unit sees it"
)
class OverdueNotice(Node):
    """A warning that a deadline was missed."""

    id: strawberry.ID = global_id("odn")
    inspection: lazy("Inspection", "inspections") | None = to_one("inspection_id", "所属检查 / its inspection")
    unit: Organisation | None = to_one("unit_id", "被检查单位 / the unit")
    system: System | None = to_one("system_id", "信息系统 / the system")
    order_number: str = column("order_number", "整改通知书文号 / the order's number")
    due_on: dt.date = column("due_on", "已过的期限 / the deadline that was missed")
    created_at: dt.datetime = column("created_at", "警告时间 / when it was given")


def _in_force(returned: str) -> Callable[[FromClause, FromClause], ColumnElement[bool]]:
    return lambda mine, other: and_(other.c.inspection_id == mine.c.id, other.c[returned].is_(None))


@entity(InspectionRow, "ins")
@strawberry.type(description="检查:一个系统的一次检查 / one system inspected once")
class Inspection(Node):
    """One system inspected once."""

    id: strawberry.ID = global_id("ins")
    campaign: InspectionCampaign | None = to_one("campaign_id", "所属检查工作 / its campaign")
    batch: InspectionBatch | None = to_one("batch_id", "所属批次 / its batch")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "被检查单位 / the unit")
    district: District | None = to_one("district_id", "区县,市级为空 / the district, null at city level")
    level: int | None = column("level", "当时的安全保护等级 / the system's level at the time")
    state: InspectionState = column("state", "状态 / state")
    planned_on: dt.date = column("planned_on", "计划检查日期 / the day it is planned for")
    inspected_on: dt.date | None = column("inspected_on", "检查日期 / the day it took place")
    inspectors: str | None = column("inspectors", "检查人员 / who inspected")
    notified_at: dt.datetime | None = column("notified_at", "通知时间 / when the unit was notified")
    checklist: Checklist = embedded(_checklist, "检查表 / the checklist, of its edition and level", "edition", "level")
    findings: list[InspectionFinding] = to_many("inspection_id", "检查记录 / findings", "item")
    order: RectificationOrder | None = to_one_on(
        _in_force("return_reason"), "整改通知书:待签发或已签发的 / the order in force, or waiting to be issued"
    )
    orders: list[RectificationOrder] = to_many("inspection_id", "整改通知书,含退回的 / its orders, returned ones too")
    response: OrderResponse | None = to_one_on(
        _in_force("return_reason"), "整改反馈,未被退回的 / the response that was not returned"
    )
    responses: list[OrderResponse] = to_many("inspection_id", "整改反馈,含退回的 / responses, returned ones too")
    response_due_on: dt.date | None = column("response_due_on", "整改反馈期限 / when the unit has to respond")
    overdue: bool = expression(
        lambda t: and_(t.c.state == InspectionState.ORDER_ISSUED, func.coalesce(t.c.response_due_on < TODAY, False)),
        "是否逾期未反馈 / whether the response is overdue",
        "response_due_on",
    )
    notice: Document | None = as_pdf(
        "inspection_notice_id", "检查通知书(PDF/A) / the notice, made once the unit is notified"
    )
    notice_files: list[Document] = to_many("inspection_notice_id", "检查通知书文件 / the notice's files")
    documents: list[Document] = to_many("inspection_id", "现场取得的证据 / evidence that inspectors took")
    remark: str | None = column(
        "remark", "最近的说明:改期、取消或结案 / what was said last: moved, cancelled or closed"
    )
    created_at: dt.datetime = column("created_at", "安排时间 / when it was proposed or scheduled")
    order_issued_at: dt.datetime | None = column("order_issued_at", "责令整改时间 / when the order was issued")
    closed_at: dt.datetime | None = column("closed_at", "结案时间 / when it was closed")
    closed_by: User | None = to_one("closed_by_id", "结案人 / who closed it")
    version: int = column("version", "版本 / counts its changes")


@entity(SelfInspectionAnswerRow, "sia")
@strawberry.type(description="自查记录:检查表一项的结果 / what a unit found of one item")
class SelfInspectionAnswer(Node):
    """What a unit found of one item."""

    id: strawberry.ID = global_id("sia")
    item: str = column("item", "检查表中的编号 / the item's key")
    area: ControlArea = column("area", "控制类 / control area")
    result: ItemResult = column("result", "结果 / result")
    text: str | None = column("text", "情况和措施 / what was found, and what is done about it")


@entity(SelfInspectionRow, "sin")
@strawberry.type(
    description="系统自查:三级每年、四级每半年 / a self-inspection: yearly at level 3, half-yearly at level 4"
)
class SelfInspection(Node):
    """A self-inspection."""

    id: strawberry.ID = global_id("sin")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "单位 / the unit")
    district: District | None = to_one("district_id", "区县,市级为空 / the district, null at city level")
    level: int = column("level", "当时的安全保护等级 / the system's level at the time")
    period_starts_on: dt.date = column("period_starts_on", "自查周期起 / the period's first day")
    due_on: dt.date = column("due_on", "报送期限 / the last day for it")
    state: SelfInspectionState = column("state", "状态 / state")
    checklist: Checklist = embedded(_checklist, "检查表 / the checklist, of its edition and level", "edition", "level")
    item_count: int = column("items", "检查表项数 / how many items the checklist has")
    answered_count: int = column("answered", "已答项数 / how many are answered")
    answers: list[SelfInspectionAnswer] = to_many("self_inspection_id", "自查记录 / its answers", "item")
    summary: str | None = column("summary", "自查小结 / summary")
    documents: list[Document] = to_many("self_inspection_id", "证明材料 / evidence")
    overdue: bool = expression(
        lambda t: and_(t.c.state == SelfInspectionState.DRAFT, t.c.due_on < TODAY),
        "是否逾期未报送 / whether it is overdue",
        "due_on",
    )
    late: bool = column("late", "是否逾期报送 / whether it was submitted late")
    saved_by: User | None = to_one("saved_by_id", "填写人 / who saved it last")
    submitted_by: User | None = to_one("submitted_by_id", "报送人 / who submitted it")
    submitted_at: dt.datetime | None = column("submitted_at", "报送时间 / when it was submitted")
    created_at: dt.datetime = column("created_at", "开始时间 / when it was opened")
    version: int = column("version", "版本 / counts its changes")
