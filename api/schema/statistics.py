"""Statistics (统计) within the caller's rows: each figure counts rows of a list, and can be asked for as that list.

A figure carries its filter: its fields, ``count`` aside, have the names and values of the list's filter. The rows of
``filingsByState(filter: F) { state count }`` are ``filings(filter: {and: [F, {state: …}]})``, and their ``totalCount``
is ``count``. Where a field is an object (``district``), the filter takes its id (``districtId``).
"""

import strawberry

from api.reads.sources import column, figures, to_one
from api.schema import lists
from api.schema.city import District
from api.schema.common import vocabulary
from api.schema.lists.rectification import MEASURE_DUE, PLAN_DUE, measure_overdue, plan_overdue
from api.schema.standings import (
    ASSESSMENT_NEEDS,
    INSPECTION_NEEDS,
    REVIEW_NEEDS,
    AssessmentStanding,
    ReviewOutcome,
    assessment_standing,
    inspection_standing,
    review_outcome,
)
from domain.assessments.entities import AssessmentState
from domain.filings.entities import FilingState
from domain.findings import ControlArea, Severity
from domain.inspections.coverage import InspectionStanding
from domain.inspections.entities import InspectionState
from domain.organisations.entities import AuthorityLevel
from domain.panels.entities import PanelCaseState, PanelPurpose
from domain.rectification.entities import PlanState
from domain.risk.entities import RiskAssessmentState, RiskTreatment
from domain.selfinspections.entities import SelfInspectionState

for _term in (
    AssessmentState, AuthorityLevel, ControlArea, FilingState, InspectionState, PanelCaseState, PanelPurpose, PlanState,
    RiskAssessmentState, RiskTreatment, SelfInspectionState, Severity,
):  # fmt: skip
    vocabulary(_term)

_COUNT = "数量 / how many"


@strawberry.type(description="某状态的备案;列表:filings(filter: {state}) / filings in one state, listed by that filter")
class FilingStateFigure:
    """Filings in one state."""

    state: FilingState = column("state", "状态 / state")
    count: int = column("count", _COUNT)


@strawberry.type(description="某等级的备案;列表:filings(filter: {level}) / filings of one level, listed by that filter")
class FilingLevelFigure:
    """Filings of one level."""

    level: int = column("level", "安全保护等级 / security level")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某区县(或市级)的备案;列表:filings(filter: {authority, districtId}) / filings of one district, or made "
    "with the city office, listed by that filter"
)
class FilingDistrictFigure:
    """Filings of one district, or made with the city office."""

    authority: AuthorityLevel = column("authority", "备案层级 / with which authority")
    district: District | None = to_one("district_id", "区县,市级为空 / the district, null at city level")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某审核时效的各次审核;列表:reviewPeriods(filter: {outcome}) / reviews with one outcome, listed "
    "by that filter"
)
class ReviewFigure:
    """Reviews with one outcome."""

    outcome: ReviewOutcome = column("outcome", "审核时效 / how they went")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某测评覆盖情况的系统;列表:systems(filter: {assessmentStanding, level}) / systems that stand so with "
    "their assessment, listed by that filter"
)
class AssessmentFigure:
    """Systems that stand so with their level assessment."""

    assessment_standing: AssessmentStanding = column("standing", "测评覆盖情况 / how they stand")
    level: int = column("level", "安全保护等级 / security level")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某检查覆盖情况的重要信息系统;列表:systems(filter: {inspectionStanding}) / important systems that "
    "stand so with their inspection, listed by that filter"
)
class InspectionStandingFigure:
    """Important systems that stand so with their inspection."""

    inspection_standing: InspectionStanding = column("standing", "检查覆盖情况 / how they stand")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某状态的检查;列表:inspections(filter: {state}) / inspections in one state, listed by that filter"
)
class InspectionStateFigure:
    """Inspections in one state."""

    state: InspectionState = column("state", "状态 / state")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某状态的系统自查;列表:selfInspections(filter: {state, late}) / self-inspections in one state, "
    "listed by that filter"
)
class SelfInspectionFigure:
    """Self-inspections in one state."""

    state: SelfInspectionState = column("state", "状态 / state")
    late: bool = column("late", "是否逾期报送 / whether submitted late")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某状态的风险评估;列表:riskAssessments(filter: {state}) / risk assessments in one state, listed by "
    "that filter"
)
class RiskAssessmentFigure:
    """Risk assessments in one state."""

    state: RiskAssessmentState = column("state", "状态 / state")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某等级、某处置方式、是否已整改的风险;列表:riskFindings(filter: {severity, treatment, closed}) / "
    "risks so grave, treated in one way, rectified or not, listed by that filter"
)
class RiskFindingFigure:
    """Risks so grave, treated in one way, rectified or not."""

    severity: Severity = column("severity", "风险等级 / severity")
    treatment: RiskTreatment = column("treatment", "处置方式 / how it is treated")
    closed: bool = column("closed", "是否已整改 / whether rectified")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某状态的整改方案;列表:rectificationPlans(filter: {state, important, overdue}) / rectification "
    "plans in one state, listed by that filter"
)
class RectificationPlanFigure:
    """Rectification plans in one state, of important systems or others, with a measure that has slipped or none."""

    state: PlanState = column("state", "状态 / state")
    important: bool = column("important", "是否重要信息系统的 / whether of an important system")
    overdue: bool = column("overdue", "是否有措施逾期 / whether a measure has slipped")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="正在落实与否、逾期与否的整改措施;列表:rectificationMeasures(filter: {underWay, overdue}) / "
    "measures that are carried out or not, in time or not, listed by that filter"
)
class RectificationMeasureFigure:
    """Measures that are carried out or not, in time or not."""

    under_way: bool = column("under_way", "是否正在落实 / whether being carried out")
    overdue: bool = column("overdue", "是否逾期 / whether overdue")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某目的、某状态的评审事项;列表:panelCases(filter: {purpose, state}) / panel cases for one purpose in "
    "one state, listed by that filter"
)
class PanelCaseFigure:
    """Panel cases for one purpose, in one state."""

    purpose: PanelPurpose = column("purpose", "评审目的 / purpose")
    state: PanelCaseState = column("state", "状态 / state")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某状态的测评;列表:assessments(filter: {state, important}) / level assessments in one state, listed by "
    "that filter"
)
class AssessmentStateFigure:
    """Level assessments in one state, of important systems or others."""

    state: AssessmentState = column("state", "状态 / state")
    important: bool = column("important", "是否重要信息系统的 / whether of an important system")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="某控制类、某风险等级、是否尚未关闭的测评问题;列表:assessmentFindings(filter: {area, severity, open}) "
    "/ findings of assessments in one control area, so grave, standing or not, listed by that filter"
)
class AssessmentFindingFigure:
    """Findings of assessments in one control area, so grave, standing or not."""

    area: ControlArea = column("area", "安全控制类 / control area")
    severity: Severity = column("severity", "风险等级 / severity")
    open: bool = column("open", "是否尚未关闭 / whether it stands")
    count: int = column("count", _COUNT)


@strawberry.type(
    description="统计,限本人可见的数据。各数字的字段即列表的同名筛选条件,按其筛选即得所统计的各条 / statistics "
    "within the caller's rows; a figure's fields are the list's filter of the same names, which gives its rows"
)
class Statistics:
    """Statistics within the caller's rows."""

    filings_by_state: list[FilingStateFigure] = figures(lists.FILINGS, ("state",), "备案,按状态 / filings by state")
    filings_by_level: list[FilingLevelFigure] = figures(lists.FILINGS, ("level",), "备案,按等级 / filings by level")
    filings_by_district: list[FilingDistrictFigure] = figures(
        lists.FILINGS, ("authority", "district_id"), "备案,按区县 / filings by district"
    )
    review_punctuality: list[ReviewFigure] = figures(
        lists.REVIEW_PERIODS,
        {"outcome": review_outcome},
        "审核时效:每次审核计一次 / punctuality of reviews, each run of the clock once",
        needs=REVIEW_NEEDS,
    )
    assessment_coverage: list[AssessmentFigure] = figures(
        lists.SYSTEMS,
        {"standing": assessment_standing, "level": lambda t: t.c.level},
        "测评覆盖 / coverage by level assessments",
        needs=ASSESSMENT_NEEDS,
        where=lambda t: assessment_standing(t).is_not(None),
    )
    risk_assessments: list[RiskAssessmentFigure] = figures(
        lists.RISK_ASSESSMENTS, ("state",), "风险评估,按状态 / risk assessments by state"
    )
    risk_findings: list[RiskFindingFigure] = figures(
        lists.RISK_FINDINGS,
        {
            "severity": lambda t: t.c.severity,
            "treatment": lambda t: t.c.treatment,
            "closed": lambda t: t.c.closed_at.is_not(None),
        },
        "风险,按等级、处置方式和是否已整改 / risks by severity, treatment and whether rectified",
        needs=("severity", "treatment", "closed_at"),
    )
    rectification_plans: list[RectificationPlanFigure] = figures(
        lists.RECTIFICATION_PLANS,
        {"state": lambda t: t.c.state, "important": lambda t: t.c.important, "overdue": plan_overdue},
        "整改方案,按状态、重要与否和逾期与否 / plans by state, importance, whether one has slipped",
        needs=("important", *PLAN_DUE),
    )
    rectification_measures: list[RectificationMeasureFigure] = figures(
        lists.RECTIFICATION_MEASURES,
        {"under_way": lambda t: t.c.under_way, "overdue": measure_overdue},
        "整改措施,按是否正在落实和逾期与否 / measures by whether they are carried out, and in time",
        needs=MEASURE_DUE,
    )
    panel_cases: list[PanelCaseFigure] = figures(
        lists.PANEL_CASES, ("purpose", "state"), "评审事项,按目的和状态 / panel cases by purpose and state"
    )
    assessments_by_state: list[AssessmentStateFigure] = figures(
        lists.ASSESSMENTS,
        ("state", "important"),
        "等级测评,按状态和重要与否 / level assessments by state and importance",
    )
    assessment_findings: list[AssessmentFindingFigure] = figures(
        lists.ASSESSMENT_FINDINGS,
        ("area", "severity", "open"),
        "测评发现的问题,按控制类、风险等级和是否关闭 / what assessments found, by area, severity, standing",
    )
    inspection_coverage: list[InspectionStandingFigure] = figures(
        lists.SYSTEMS,
        {"standing": inspection_standing},
        "检查覆盖:重要信息系统,市、区县可见 / coverage of important systems by inspections, for the offices",
        needs=INSPECTION_NEEDS,
        where=lambda t: inspection_standing(t).is_not(None),
    )
    inspections_by_state: list[InspectionStateFigure] = figures(
        lists.INSPECTIONS, ("state",), "检查,按状态 / inspections by state"
    )
    self_inspections: list[SelfInspectionFigure] = figures(
        lists.SELF_INSPECTIONS, ("state", "late"), "系统自查,按状态 / self-inspections by state"
    )
