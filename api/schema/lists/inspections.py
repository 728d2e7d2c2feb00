"""The paged lists of supervision and inspection."""

from __future__ import annotations

from api.reads.listings import (
    by_flag,
    by_id,
    by_level,
    by_relation,
    by_term,
    by_terms,
    by_text,
    from_date,
    listing,
    until_date,
)
from api.schema.common import vocabulary
from api.schema.lists.wording import DISTRICT, DISTRICT_THAT, STATE, STATES, SYSTEM, SYSTEM_THAT, UNIT, UNIT_THAT
from domain.inspections.entities import (
    BatchState,
    CampaignKind,
    CampaignState,
    Inspection,
    InspectionBatch,
    InspectionCampaign,
    InspectionState,
    OverdueNotice,
)
from domain.selfinspections.entities import SelfInspection, SelfInspectionState

for _term in (BatchState, CampaignKind, CampaignState, InspectionState, SelfInspectionState):
    vocabulary(_term)

_CAMPAIGN = "某项检查工作的 / of one campaign"

CAMPAIGNS = listing(
    "InspectionCampaign",
    InspectionCampaign,
    [
        by_term("kind", "kind", CampaignKind, "某类别的 / of one kind"),
        by_term("state", "state", CampaignState, STATE),
        by_terms("states", "state", CampaignState, STATES),
        from_date("startsFrom", "starts_on", "开始不早于 / beginning on this day or later"),
        until_date("startsUntil", "starts_on", "开始不晚于 / beginning on this day or earlier"),
        by_text(("title", "report_number"), "名称或报告文号含有 / whose title or report number contains"),
    ],
    {"YEAR": "year", "CREATED_AT": "created_at"},
    "-YEAR",
)
INSPECTION_BATCHES = listing(
    "InspectionBatch",
    InspectionBatch,
    [
        by_id("campaignId", "campaign_id", "cmp", _CAMPAIGN),
        by_term("state", "state", BatchState, STATE),
        from_date("monthFrom", "month", "月份不早于(该月首日) / this month or later, by its first day"),
        until_date("monthUntil", "month", "月份不晚于(该月首日) / this month or earlier, by its first day"),
    ],
    {"MONTH": "month"},
    "MONTH",
)
INSPECTIONS = listing(
    "Inspection",
    Inspection,
    [
        by_term("state", "state", InspectionState, STATE),
        by_terms("states", "state", InspectionState, STATES),
        by_id("campaignId", "campaign_id", "cmp", _CAMPAIGN),
        by_id("batchId", "batch_id", "bat", "某批次的 / of one batch"),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_level("level", "level", "某级别的 / of one level"),
        from_date("plannedFrom", "planned_on", "计划日期不早于 / planned for this day or later"),
        until_date("plannedUntil", "planned_on", "计划日期不晚于 / planned for this day or earlier"),
        from_date("responseDueFrom", "response_due_on", "整改期限不早于 / to be answered on this day or later"),
        until_date("responseDueUntil", "response_due_on", "整改期限不晚于 / to be answered on this day or earlier"),
        by_relation("campaign", "campaign_id", "InspectionCampaign", "其检查工作符合条件的 / whose campaign matches"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
    ],
    {"PLANNED_ON": "planned_on", "CREATED_AT": "created_at", "RESPONSE_DUE_ON": "response_due_on"},
    "PLANNED_ON",
)
OVERDUE_NOTICES = listing(
    "OverdueNotice",
    OverdueNotice,
    [
        by_id("unitId", "unit_id", "org", UNIT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
SELF_INSPECTIONS = listing(
    "SelfInspection",
    SelfInspection,
    [
        by_term("state", "state", SelfInspectionState, STATE),
        by_terms("states", "state", SelfInspectionState, STATES),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_level("level", "level", "某级别的 / of one level"),
        by_flag("late", "late", "是否逾期报送 / whether submitted late"),
        from_date("dueFrom", "due_on", "期限不早于 / due on this day or later"),
        until_date("dueUntil", "due_on", "期限不晚于 / due on this day or earlier"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
    ],
    {"DUE_ON": "due_on", "CREATED_AT": "created_at"},
    "DUE_ON",
)
