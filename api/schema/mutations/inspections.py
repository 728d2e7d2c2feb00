"""What is done in supervision and inspection (监督检查), and in self-inspections (自查)."""

import datetime as dt
from typing import Any

import strawberry

from api.schema.inspections import Inspection, InspectionCampaign, RectificationOrder, SelfInspection
from api.schema.mutations.adapter import (
    Answer,
    Run,
    entity,
    key,
    may,
    may_ref,
    mutation,
    payload,
    ref,
    says,
    version,
)
from domain.checklists.items import ItemResult
from domain.findings import Severity
from domain.inspections import batches, campaigns, conduct, orders, report
from domain.inspections.entities import CampaignKind
from domain.selfinspections import use_cases as selfinspections

_CAMPAIGN = ("cmp", "检查工作", "the campaign")
_INSPECTION = ("ins", "检查", "the inspection")
_ORDER = ("ord", "整改通知书", "the rectification order")
_SELF_INSPECTION = ("sin", "系统自查", "the self-inspection")
_EVIDENCE = ("证明材料:已完成上传、用途为 INSPECTION_EVIDENCE 的文件", "evidence, uploaded as INSPECTION_EVIDENCE")
_REASON = ("必填:理由", "required: why")
_DAYS = ("整改期限(工作日,1 至 250)", "the deadline in working days, 1 to 250")


@strawberry.input(description="联合检查部门 / a department that takes part")
class PartnerInput:
    """A department that takes part."""

    name: str = says("部门名称", "name")
    contact: str | None = may("联系人", "whom to speak to")
    phone: str | None = may("电话", "telephone")


@strawberry.input(description="建立检查工作 / beginning a campaign")
class CreateCampaignInput:
    """Beginning a campaign."""

    kind: CampaignKind = says("类别", "kind")
    year: int = says("年份;两年滚动的为首年", "the year; of a programme, its first")
    title: str | None = may("名称;不填则按类别和年份", "title; it follows from kind and year where left out")
    starts_on: dt.date | None = may("开始日期,默认当年 1 月 1 日", "first day, 1 January by default")
    partners: list[PartnerInput] | None = may("联合检查部门", "departments that take part")
    note: str | None = may("说明", "note")
    idempotency_key: str | None = key()


@strawberry.input(description="增加联合检查部门 / a further department takes part")
class AddCampaignPartnerInput:
    """A further department takes part."""

    campaign_id: strawberry.ID = ref(*_CAMPAIGN)
    name: str = says("部门名称", "name")
    contact: str | None = may("联系人", "whom to speak to")
    phone: str | None = may("电话", "telephone")
    idempotency_key: str | None = key()


@strawberry.input(description="减少联合检查部门 / a department no longer takes part")
class RemoveCampaignPartnerInput:
    """A department no longer takes part."""

    campaign_id: strawberry.ID = ref(*_CAMPAIGN)
    name: str = says("部门名称", "name")
    idempotency_key: str | None = key()


@strawberry.input(description="建议批次 / having batches proposed")
class ProposeBatchesInput:
    """Having batches proposed."""

    campaign_id: strawberry.ID = ref(*_CAMPAIGN)
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="安排检查:按批次、系统或单位 / scheduling inspections by batches, systems or units")
class ScheduleInspectionsInput:
    """Scheduling inspections."""

    campaign_id: strawberry.ID = ref(*_CAMPAIGN)
    batch_ids: list[strawberry.ID] | None = may_ref("bat", "批次,按建议的日期", "batches, on the days proposed")
    system_ids: list[strawberry.ID] | None = may_ref("sys", "信息系统", "systems")
    unit_ids: list[strawberry.ID] | None = may_ref(
        "org", "单位:其重要系统和三级及以上系统", "units: their important systems and those of level 3 and above"
    )
    planned_on: dt.date | None = may("检查日期(按系统或单位安排时必填)", "the day, required for systems and units")
    idempotency_key: str | None = key()


@strawberry.input(description="通知单位 / notifying units")
class NotifyInspectionsInput:
    """Notifying units."""

    inspection_ids: list[strawberry.ID] | None = may_ref("ins", "已安排的检查", "inspections that are scheduled")
    batch_id: strawberry.ID | None = may_ref("bat", "或一个批次的全部", "or all of a batch")
    idempotency_key: str | None = key()


@strawberry.input(description="改期 / moving an inspection to another day")
class RescheduleInspectionInput:
    """Moving an inspection to another day."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    planned_on: dt.date = says("新的日期", "the new day")
    reason: str | None = may("理由(已通知单位的必填)", "why, required once the unit is notified")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="取消检查 / calling an inspection off")
class CancelInspectionInput:
    """Calling an inspection off."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    reason: str = says("理由", "why")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="开始检查 / beginning an inspection")
class StartInspectionInput:
    """Beginning an inspection."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    inspectors: list[str] = says("检查人员,不少于两名", "who inspects, two at least")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="记录一项的检查结果 / recording what was found of an item")
class RecordFindingInput:
    """Recording what was found of an item."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    item: str = says("检查表中的编号", "the item's key in the checklist")
    result: ItemResult = says("结果", "result")
    severity: Severity | None = may("风险等级(部分符合、不符合时必填)", "severity, required of what is wanting")
    text: str | None = may("发现的问题(部分符合、不符合时必填)", "what was found, required of what is wanting")
    document_ids: list[strawberry.ID] | None = may_ref("doc", *_EVIDENCE)
    idempotency_key: str | None = key()


@strawberry.input(description="记录符合的项 / recording items that conform")
class RecordConformingInput:
    """Recording items that conform."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    items: list[str] | None = may("各项编号;不填则为尚未记录的全部", "their keys; all not recorded yet where left out")
    idempotency_key: str | None = key()


@strawberry.input(description="拟限期整改通知书 / drafting a rectification order")
class DraftOrderInput:
    """Drafting a rectification order."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    working_days: int = says(*_DAYS)
    demands: str | None = may("整改要求", "what is asked beside the findings")
    idempotency_key: str | None = key()


@strawberry.input(description="整改通知书的一步 / a step of a rectification order")
class OrderStepInput:
    """A step of a rectification order."""

    rectification_order_id: strawberry.ID = ref(*_ORDER)
    reason: str | None = may("退回理由(退回时必填)", "why it is returned, required for returning")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="整改反馈 / responding to an order")
class RespondToOrderInput:
    """Responding to an order."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    text: str = says("整改情况", "how the order was carried out")
    document_ids: list[strawberry.ID] | None = may_ref("doc", *_EVIDENCE)
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="退回整改反馈 / returning a response")
class ReturnResponseInput:
    """Returning a response."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    reason: str = says("理由", "why")
    working_days: int = says(*_DAYS)
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="结案 / closing an inspection")
class CloseInspectionInput:
    """Closing an inspection."""

    inspection_id: strawberry.ID = ref(*_INSPECTION)
    remark: str | None = may("结案说明", "remark")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="发布检查报告 / publishing a campaign's report")
class PublishCampaignReportInput:
    """Publishing a campaign's report."""

    campaign_id: strawberry.ID = ref(*_CAMPAIGN)
    summary: str | None = may("工作小结", "what the report says in words")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="开始系统自查 / beginning a self-inspection")
class StartSelfInspectionInput:
    """Beginning a self-inspection."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    idempotency_key: str | None = key()


@strawberry.input(description="自查记录 / an answer to an item")
class SelfInspectionAnswerInput:
    """An answer to an item."""

    item: str = says("检查表中的编号", "the item's key in the checklist")
    result: ItemResult = says("结果", "result")
    text: str | None = may("情况和措施(部分符合、不符合时必填)", "what is done about it, required of what is wanting")


@strawberry.input(description="填写系统自查 / answering a self-inspection's items")
class SaveSelfInspectionInput:
    """Answering a self-inspection's items."""

    self_inspection_id: strawberry.ID = ref(*_SELF_INSPECTION)
    version: int = says("读取时的版本", "the version that was read")
    answers: list[SelfInspectionAnswerInput] | None = may("各项自查结果;其余保留", "answers; others stay")
    summary: str | None = may("自查小结", "summary")
    document_ids: list[strawberry.ID] | None = may_ref("doc", *_EVIDENCE)
    idempotency_key: str | None = key()


@strawberry.input(description="报送系统自查 / submitting a self-inspection")
class SubmitSelfInspectionInput:
    """Submitting a self-inspection."""

    self_inspection_id: strawberry.ID = ref(*_SELF_INSPECTION)
    version: int | None = version()
    idempotency_key: str | None = key()


CampaignPayload = payload("CampaignPayload", "campaign", InspectionCampaign, "检查工作", "the campaign")
InspectionPayload = payload("InspectionPayload", "inspection", Inspection, "检查", "the inspection")
NotifyInspectionsPayload = payload(
    "NotifyInspectionsPayload", "inspection", Inspection, "所通知的首项检查及总数", "the first, and how many", count=int
)
RectificationOrderPayload = payload(
    "RectificationOrderPayload", "rectification_order", RectificationOrder, "整改通知书", "the rectification order"
)
SelfInspectionPayload = payload(
    "SelfInspectionPayload", "self_inspection", SelfInspection, "系统自查", "the self-inspection"
)

_campaign, _inspection = entity("campaign"), entity("inspection")
_order, _self_inspection = entity("rectificationOrder"), entity("selfInspection")


def _notified(made: Any) -> Answer:
    return Answer({"inspection": made[0].id}, {"count": len(made)})


@strawberry.type
class InspectionMutations:
    """What is done in supervision and inspection, and in self-inspections."""

    create_campaign: CampaignPayload = mutation(
        Run(campaigns.create_campaign, _campaign),
        CreateCampaignInput,
        "建立检查工作(市经办人) / begin a campaign (city officer)",
    )
    add_campaign_partner: CampaignPayload = mutation(
        Run(campaigns.add_campaign_partner, _campaign),
        AddCampaignPartnerInput,
        "增加联合检查部门(市经办人) / add a department (city officer)",
    )
    remove_campaign_partner: CampaignPayload = mutation(
        Run(campaigns.remove_campaign_partner, _campaign),
        RemoveCampaignPartnerInput,
        "减少联合检查部门(市经办人) / take a department out (city officer)",
    )
    propose_batches: CampaignPayload = mutation(
        Run(batches.propose_batches, _campaign),
        ProposeBatchesInput,
        "由平台建议滚动检查的批次(市经办人) / have the programme's batches proposed (city officer)",
    )
    schedule_inspections: CampaignPayload = mutation(
        Run(batches.schedule_inspections, _campaign),
        ScheduleInspectionsInput,
        "安排检查(市经办人) / schedule inspections (city officer)",
    )
    notify_inspections: NotifyInspectionsPayload = mutation(
        Run(conduct.notify_inspections, _notified),
        NotifyInspectionsInput,
        "通知单位将受检查(市经办人) / notify units (city officer)",
    )
    reschedule_inspection: InspectionPayload = mutation(
        Run(conduct.reschedule_inspection, _inspection),
        RescheduleInspectionInput,
        "检查改期(市经办人) / move to another day (city officer)",
    )
    cancel_inspection: InspectionPayload = mutation(
        Run(conduct.cancel_inspection, _inspection),
        CancelInspectionInput,
        "取消检查(市经办人) / call off (city officer)",
    )
    start_inspection: InspectionPayload = mutation(
        Run(conduct.start_inspection, _inspection), StartInspectionInput, "开始检查(市经办人) / begin (city officer)"
    )
    record_finding: InspectionPayload = mutation(
        Run(conduct.record_finding, _inspection),
        RecordFindingInput,
        "记录一项的检查结果(市经办人) / record what was found of an item (city officer)",
    )
    record_conforming: InspectionPayload = mutation(
        Run(conduct.record_conforming, _inspection),
        RecordConformingInput,
        "记录符合的项(市经办人) / record items that conform (city officer)",
    )
    draft_order: RectificationOrderPayload = mutation(
        Run(orders.draft_order, _order), DraftOrderInput, "拟整改通知书(市经办人) / draft an order (city officer)"
    )
    issue_order: RectificationOrderPayload = mutation(
        Run(orders.issue_order, _order), OrderStepInput, "签发整改通知书(市领导) / issue an order (city leader)"
    )
    return_order: RectificationOrderPayload = mutation(
        Run(orders.return_order, _order), OrderStepInput, "退回整改通知书(市领导) / return a draft (city leader)"
    )
    respond_to_order: InspectionPayload = mutation(
        Run(orders.respond_to_order, _inspection),
        RespondToOrderInput,
        "反馈整改情况(单位审批人);逾期的标明 / respond to an order, late ones being marked (unit approver)",
    )
    return_response: InspectionPayload = mutation(
        Run(orders.return_response, _inspection),
        ReturnResponseInput,
        "退回整改反馈(市经办人) / return a response (city officer)",
    )
    close_inspection: InspectionPayload = mutation(
        Run(orders.close_inspection, _inspection), CloseInspectionInput, "结案(市经办人) / close (city officer)"
    )
    publish_campaign_report: CampaignPayload = mutation(
        Run(report.publish_campaign_report, _campaign),
        PublishCampaignReportInput,
        "发布检查报告(市经办人) / publish a campaign's report (city officer)",
    )
    start_self_inspection: SelfInspectionPayload = mutation(
        Run(selfinspections.start_self_inspection, _self_inspection),
        StartSelfInspectionInput,
        "开始系统自查(单位填报人) / begin a self-inspection (unit filer)",
    )
    save_self_inspection: SelfInspectionPayload = mutation(
        Run(selfinspections.save_self_inspection, _self_inspection),
        SaveSelfInspectionInput,
        "填写系统自查(单位填报人) / answer a self-inspection's items (unit filer)",
    )
    submit_self_inspection: SelfInspectionPayload = mutation(
        Run(selfinspections.submit_self_inspection, _self_inspection),
        SubmitSelfInspectionInput,
        "报送系统自查(单位审批人) / submit a self-inspection (unit approver)",
    )
