"""The paged lists of systems and gradings."""

from __future__ import annotations

from api.reads.listings import (
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
from api.schema.lists.wording import DISTRICT, STATE, STATES, SYSTEM, SYSTEM_THAT, UNIT, UNIT_THAT
from api.schema.standings import by_assessment_standing, by_inspection_standing
from domain.grading.entities import Grading, GradingState
from domain.systems.entities import System

for _term in (GradingState,):
    vocabulary(_term)

SYSTEMS = listing(
    "System",
    System,
    [
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("parentSystemId", "parent_system_id", "sys", "某系统的分系统 / part of one system"),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_level("level", "level", "某级别的 / of one level"),
        by_flag("important", "important", "是否重要信息系统 / whether marked important"),
        by_inspection_standing("inspectionStanding", "某检查覆盖情况的 / that stand so with their inspection"),
        by_assessment_standing("assessmentStanding", "某测评覆盖情况的 / that stand so with their assessment"),
        from_date("inspectionDueFrom", "inspection_due_on", "检查期限不早于 / to be inspected on this day or later"),
        until_date(
            "inspectionDueUntil", "inspection_due_on", "检查期限不晚于 / to be inspected on this day or earlier"
        ),
        from_date("inServiceFrom", "in_service_on", "投入运行不早于 / in service on this day or later"),
        until_date("inServiceUntil", "in_service_on", "投入运行不晚于 / in service on this day or earlier"),
        from_date(
            "nextAssessmentDueFrom", "next_assessment_due_on", "下次测评不早于 / to be assessed by this day or later"
        ),
        until_date("nextAssessmentDueUntil", "next_assessment_due_on", "下次测评不晚于 / by this day or earlier"),
        by_text(("name", "code"), "名称或编号含有 / whose name or code contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation(
            "parentSystem", "parent_system_id", "System", "其上级系统符合条件的 / part of a system that matches"
        ),
        by_relation(
            "currentGrading", "current_grading_id", "Grading", "其现行定级符合条件的 / whose grading in force matches"
        ),
        by_relation(
            "currentFiling", "current_filing_id", "Filing", "其现行备案符合条件的 / whose filing in force matches"
        ),
    ],
    {
        "NAME": "name",
        "CREATED_AT": "created_at",
        "LEVEL": "level",
        "NEXT_ASSESSMENT_DUE_ON": "next_assessment_due_on",
        "INSPECTION_DUE_ON": "inspection_due_on",
    },
    "NAME",
)
GRADINGS = listing(
    "Grading",
    Grading,
    [
        by_term("state", "state", GradingState, STATE),
        by_terms("states", "state", GradingState, STATES),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_level("level", "level", "某级别的 / of one level"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
