"""The paged lists of assessment bodies, level assessments, yearly plans and findings."""

from __future__ import annotations

from sqlalchemy import SmallInteger, Text, any_

from api.reads.listings import (
    Filter,
    before_moment,
    by_flag,
    by_id,
    by_level,
    by_relation,
    by_term,
    by_terms,
    by_text,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import vocabulary
from api.schema.lists.wording import DISTRICT, DISTRICT_THAT, STATE, STATES, SYSTEM, SYSTEM_THAT, UNIT, UNIT_THAT
from domain.assessments.accreditation import AccreditationStatus, AssessmentBody, status_today
from domain.assessments.entities import Assessment, AssessmentOrganiser, AssessmentPlan, AssessmentState
from domain.assessments.report_entities import AssessmentFinding
from domain.findings import ControlArea, Severity
from domain.organisations.entities import AuthorityLevel

for _term in (AccreditationStatus, AssessmentOrganiser, AssessmentState, AuthorityLevel, ControlArea, Severity):
    vocabulary(_term)

BODY_THAT = "其测评机构符合条件的 / whose body matches"

ASSESSMENT_BODIES = listing(
    "AssessmentBody",
    AssessmentBody,
    [
        Filter(
            "status",
            AccreditationStatus,
            Text(),
            str,
            lambda t, v: status_today(t) == v,
            frozenset({"status", "valid_to"}),
            "资质处于某状态的(按今天) / whose accreditation stands so today",
        ),
        Filter(
            "level",
            int,
            SmallInteger(),
            lambda value: int(value) if 0 <= int(value) <= 9 else 0,
            lambda t, v: v == any_(t.c.levels),
            frozenset({"levels"}),
            "资质含某级别的 / accredited for a level",
        ),
        from_date("validToFrom", "valid_to", "有效期止不早于 / accredited up to this day or longer"),
        until_date("validToUntil", "valid_to", "有效期止不晚于 / accredited up to this day at most"),
        by_text(("body_code", "accreditation_number"), "机构代码或资质编号含有 / whose code or number contains"),
        by_relation("organisation", "id", "Organisation", "其机构符合条件的 / whose organisation matches"),
    ],
    {"CREATED_AT": "created_at", "VALID_TO": "valid_to", "BODY_CODE": "body_code"},
    "BODY_CODE",
)
ASSESSMENT_PLANS = listing(
    "AssessmentPlan",
    AssessmentPlan,
    [
        Filter(
            "year",
            int,
            SmallInteger(),
            lambda value: int(value) if 0 <= int(value) <= 9999 else 0,
            lambda t, v: t.c.year == v,
            frozenset({"year"}),
            "某年的 / of one year",
        ),
    ],
    {"YEAR": "year"},
    "-YEAR",
)
ASSESSMENTS = listing(
    "Assessment",
    Assessment,
    [
        by_term("state", "state", AssessmentState, STATE),
        by_terms("states", "state", AssessmentState, STATES),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("bodyId", "body_id", "bod", "某测评机构的 / of one body"),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_id("planId", "plan_id", "apl", "某年度计划中的 / of one yearly plan"),
        by_term("organisedBy", "organised_by", AssessmentOrganiser, "由谁组织的 / organised by one of the two"),
        by_term("authority", "authority", AuthorityLevel, "报告报送市级或区县级的 / whose report goes to one level"),
        by_level("level", "level", "某级别的 / of one level"),
        by_flag("important", "important", "是否重要信息系统的 / whether of an important system"),
        from_date("dueFrom", "due_on", "完成期限不早于 / due on this day or later"),
        until_date("dueUntil", "due_on", "完成期限不晚于 / due on this day or earlier"),
        by_flag("underWay", "under_way", "是否尚未办结 / whether it has not ended"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_text(("number",), "报告编号含有 / whose report number contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("body", "body_id", "AssessmentBody", BODY_THAT),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
    ],
    {"CREATED_AT": "created_at", "DUE_ON": "due_on"},
    "-CREATED_AT",
)
ASSESSMENT_FINDINGS = listing(
    "AssessmentFinding",
    AssessmentFinding,
    [
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("reportId", "report_id", "asr", "某报告中的 / of one report"),
        by_flag("open", "open", "是否尚未关闭 / whether it stands"),
        by_term("area", "area", ControlArea, "某控制类的 / of one control area"),
        by_term("severity", "severity", Severity, "某风险等级的 / of one severity"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_text(("title", "description"), "标题或描述含有 / whose title or description contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
