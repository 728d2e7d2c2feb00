"""The paged lists of risk assessments, their findings, rectification plans and their measures."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Boolean, ColumnElement, FromClause, and_, not_

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
from api.schema.common import TODAY, vocabulary
from api.schema.lists.wording import STATE, STATES, SYSTEM, SYSTEM_THAT, UNIT, UNIT_THAT
from domain.findings import ControlArea, Severity
from domain.rectification.entities import UNDER_WAY, PlanState, RectificationMeasure, RectificationPlan
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding, RiskTreatment

for _term in (ControlArea, PlanState, RiskAssessmentState, RiskTreatment, Severity):
    vocabulary(_term)

OVERDUE = "是否逾期 / whether overdue"
# What the two read.
PLAN_DUE, MEASURE_DUE = ("state", "next_due_on"), ("under_way", "due_on")


def plan_overdue(t: FromClause) -> ColumnElement[bool]:
    """The plan is carried out, and one of its measures has slipped."""
    states = [state.value for state in UNDER_WAY]
    return and_(t.c.state.in_(states), t.c.next_due_on.is_not(None), t.c.next_due_on < TODAY)


def measure_overdue(t: FromClause) -> ColumnElement[bool]:
    """The measure is not done, and its last day has passed."""
    return and_(t.c.under_way, t.c.due_on < TODAY)


def _overdue(condition: Callable[[FromClause], ColumnElement[bool]], columns: tuple[str, ...]) -> Filter:
    """Those that are overdue, or those that are not: each planned for itself, the first being an index's range."""
    return Filter(
        "overdue",
        bool,
        Boolean(),
        bool,
        lambda t, v: condition(t) if v else not_(condition(t)),
        frozenset(columns),
        OVERDUE,
        chosen=True,
    )


RISK_ASSESSMENTS = listing(
    "RiskAssessment",
    RiskAssessment,
    [
        by_term("state", "state", RiskAssessmentState, STATE),
        by_terms("states", "state", RiskAssessmentState, STATES),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("providerId", "provider_id", "prv", "某机构评估的 / by one provider"),
        by_term("severity", "severity", Severity, "最高风险为某等级的 / whose gravest finding is so grave"),
        from_date("assessedFrom", "assessed_on", "评估日期不早于 / assessed on this day or later"),
        until_date("assessedUntil", "assessed_on", "评估日期不晚于 / assessed on this day or earlier"),
        by_text(("title",), "名称含有 / whose title contains"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("provider", "provider_id", "Provider", "其评估机构符合条件的 / whose provider matches"),
    ],
    {"CREATED_AT": "created_at", "ASSESSED_ON": "assessed_on"},
    "-ASSESSED_ON",
)
RISK_FINDINGS = listing(
    "RiskFinding",
    RiskFinding,
    [
        by_id("riskAssessmentId", "risk_assessment_id", "ras", "某次评估发现的 / of one risk assessment"),
        by_term("severity", "severity", Severity, "某风险等级的 / of one severity"),
        by_term("area", "area", ControlArea, "某安全控制类的 / of one control area"),
        by_term("treatment", "treatment", RiskTreatment, "某处置方式的 / to be treated in one way"),
        Filter(
            "closed",
            bool,
            Boolean(),
            bool,
            lambda t, v: t.c.closed_at.is_not(None) == v,
            frozenset({"closed_at"}),
            "是否已整改 / whether rectified",
        ),
        by_text(("title", "asset"), "名称或资产含有 / whose title or asset contains"),
        by_relation(
            "riskAssessment", "risk_assessment_id", "RiskAssessment", "其评估符合条件的 / whose assessment matches"
        ),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
RECTIFICATION_PLANS = listing(
    "RectificationPlan",
    RectificationPlan,
    [
        by_term("state", "state", PlanState, STATE),
        by_terms("states", "state", PlanState, STATES),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("riskAssessmentId", "risk_assessment_id", "ras", "依据某次评估的 / that rest on one risk assessment"),
        by_flag("important", "important", "是否重要信息系统的 / whether of an important system"),
        by_level("level", "level", "某级别系统的 / of systems of one level"),
        from_moment("submittedFrom", "submitted_at", "提交于此时起 / submitted at this moment or later"),
        before_moment("submittedBefore", "submitted_at", "提交于此时前 / submitted before this moment"),
        from_date("nextDueFrom", "next_due_on", "最近期限不早于 / whose next measure is due on this day or later"),
        until_date("nextDueUntil", "next_due_on", "最近期限不晚于 / whose next measure is due on this day or earlier"),
        _overdue(plan_overdue, PLAN_DUE),
        by_text(("title",), "名称含有 / whose title contains"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation(
            "riskAssessment", "risk_assessment_id", "RiskAssessment", "所依据评估符合条件的 / whose basis matches"
        ),
    ],
    {"CREATED_AT": "created_at", "SUBMITTED_AT": "submitted_at", "NEXT_DUE_ON": "next_due_on"},
    "-CREATED_AT",
)
RECTIFICATION_MEASURES = listing(
    "RectificationMeasure",
    RectificationMeasure,
    [
        by_id("rectificationPlanId", "plan_id", "rpl", "某方案的 / of one plan"),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("riskFindingId", "risk_finding_id", "rfn", "针对某项风险的 / that treat one risk"),
        by_id("assessmentFindingId", "assessment_finding_id", "asf", "针对某项测评问题的 / that treat one finding"),
        by_id(
            "inspectionFindingId",
            "inspection_finding_id",
            "ifd",
            "针对某项检查问题的 / that treat an inspection's finding",
        ),
        by_flag("underWay", "under_way", "是否正在落实 / whether being carried out"),
        from_date("dueFrom", "due_on", "期限不早于 / due on this day or later"),
        until_date("dueUntil", "due_on", "期限不晚于 / due on this day or earlier"),
        _overdue(measure_overdue, MEASURE_DUE),
        by_text(("title", "owner"), "名称或负责人含有 / whose title or owner contains"),
        by_relation("plan", "plan_id", "RectificationPlan", "其方案符合条件的 / whose plan matches"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
    ],
    {"DUE_ON": "due_on", "CREATED_AT": "created_at"},
    "DUE_ON",
)
