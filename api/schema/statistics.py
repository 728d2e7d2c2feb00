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
from domain.filings.entities import FilingState
from domain.inspections.coverage import InspectionStanding
from domain.inspections.entities import InspectionState
from domain.organisations.entities import AuthorityLevel
from domain.selfinspections.entities import SelfInspectionState

for _term in (AuthorityLevel, FilingState, InspectionState, SelfInspectionState):
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
