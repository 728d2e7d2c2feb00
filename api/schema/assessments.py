"""Assessment bodies (测评机构), level assessments (等级测评), their reports and findings, yearly plans."""

import datetime as dt

import strawberry
from sqlalchemy import Float, FromClause, and_, case, cast, false, func, literal_column, null
from sqlalchemy.dialects.postgresql import JSONB

from api.reads.sources import (
    column,
    connection,
    embedded,
    entity,
    expression,
    global_id,
    json,
    to_many,
    to_one,
    to_one_on,
)
from api.schema import lists
from api.schema.city import District, Organisation, User
from api.schema.common import TODAY, BigInt, Connection, Node, lazy, vocabulary
from api.schema.filings import Document
from api.schema.papers import as_pdf
from api.schema.systems import System
from domain.assessments.accreditation import AccreditationChange as AccreditationChangeRow
from domain.assessments.accreditation import AccreditationStatus, status_today
from domain.assessments.accreditation import AssessmentBody as AssessmentBodyRow
from domain.assessments.conclusions import Conclusion, ConclusionVocabulary
from domain.assessments.entities import Assessment as AssessmentRow
from domain.assessments.entities import AssessmentMilestone, AssessmentOrganiser, AssessmentState
from domain.assessments.entities import AssessmentPlan as AssessmentPlanRow
from domain.assessments.entities import AssessmentTransition as AssessmentTransitionRow
from domain.assessments.entities import MilestoneReached as MilestoneReachedRow
from domain.assessments.report_entities import AssessmentFinding as AssessmentFindingRow
from domain.assessments.report_entities import AssessmentReport as AssessmentReportRow
from domain.documents.kinds import DocumentKind
from domain.findings import ControlArea, Severity
from domain.organisations.entities import AuthorityLevel

for _term in (AssessmentMilestone, Conclusion, ConclusionVocabulary):
    vocabulary(_term)


@strawberry.type(description="测评师人数 / how many assessors, by grade")
class AssessorStaff:
    """How many assessors, by grade."""

    senior: int = json("高级 / senior", "senior")
    intermediate: int = json("中级 / intermediate", "intermediate")
    junior: int = json("初级 / junior", "junior")


@strawberry.type(description="测评资质 / an accreditation")
class Accreditation:
    """An accreditation."""

    number: str = json("资质编号 / number", "number")
    valid_from: dt.date = json("有效期起(含) / from this day on", "validFrom")
    valid_to: dt.date = json("有效期止(含) / up to this day", "validTo")
    levels: list[int] = json("可测评的等级 / levels that may be assessed", "levels")
    status: AccreditationStatus = json("状态(按今天) / where it stands today", "status")
    staff: AssessorStaff = json("测评师人数 / assessors by grade", "staff")


_PARTS = {"number": "accreditation_number", "validFrom": "valid_from", "validTo": "valid_to", "levels": "levels"}
_GRADES = ("senior", "intermediate", "junior")


def _accreditation(t: FromClause):  # type: ignore[no-untyped-def]  # a source's builder
    """An accreditation as one document, null where there is none yet."""
    parts = [each for name, source in _PARTS.items() for each in (literal_column(f"'{name}'"), t.c[source])]
    staff = [each for grade in _GRADES for each in (literal_column(f"'{grade}'"), t.c[f"{grade}_assessors"])]
    made = func.jsonb_build_object(
        *parts,
        literal_column("'status'"),
        status_today(t),
        literal_column("'staff'"),
        func.jsonb_build_object(*staff),
    )
    return case((t.c.accreditation_number.is_(None), cast(null(), JSONB)), else_=cast(made, JSONB))


_NEEDS = (*_PARTS.values(), "status", *(f"{grade}_assessors" for grade in _GRADES))


@entity(AccreditationChangeRow, "acc")
@strawberry.type(
    description="资质变更记录:当时的资质、理由、经办人 / a decision on a body's accreditation, as it then was"
)
class AccreditationChange(Node):
    """A decision on a body's accreditation."""

    id: strawberry.ID = global_id("acc")
    number: str = column("accreditation_number", "资质编号 / number")
    valid_from: dt.date = column("valid_from", "有效期起 / from this day on")
    valid_to: dt.date = column("valid_to", "有效期止 / up to this day")
    levels: list[int] = column("levels", "可测评的等级 / levels")
    status: AccreditationStatus = column("status", "所定状态 / the status decided")
    senior_assessors: int = column("senior_assessors", "高级测评师 / senior assessors")
    intermediate_assessors: int = column("intermediate_assessors", "中级测评师 / intermediate assessors")
    junior_assessors: int = column("junior_assessors", "初级测评师 / junior assessors")
    reason: str | None = column("reason", "理由 / why")
    by: User | None = to_one("by_id", "经办人 / by whom")
    at: dt.datetime = column("created_at", "时间 / when")


@entity(AssessmentBodyRow, "bod")
@strawberry.type(description="测评机构 / an assessment body")
class AssessmentBody(Node):
    """An assessment body."""

    id: strawberry.ID = global_id("bod")
    organisation: Organisation | None = to_one("id", "机构 / the organisation")
    body_code: str = column("body_code", "机构代码,用于报告编号 / its four digits in report numbers")
    accreditation: Accreditation | None = embedded(
        _accreditation, "测评资质,未授予时为空 / its accreditation, null before there is one", *_NEEDS
    )
    history: list[AccreditationChange] = to_many(
        "body_id", "资质变更记录(市信息办、本机构) / decisions on it, for the city office and the body itself", "id"
    )
    assessments: Connection[lazy("Assessment", "assessments")] = connection(
        lists.ASSESSMENTS, "其测评 / its assessments", key="body_id"
    )
    created_at: dt.datetime = column("created_at", "登记时间 / when it was registered")
    version: int = column("version", "版本 / counts its changes")


@entity(AssessmentPlanRow, "apl")
@strawberry.type(description="年度测评计划 / the assessments that the city office plans for a year")
class AssessmentPlan(Node):
    """The assessments that the city office plans for a year."""

    id: strawberry.ID = global_id("apl")
    year: int = column("year", "年度 / year")
    assessments: Connection[lazy("Assessment", "assessments")] = connection(
        lists.ASSESSMENTS, "计划中的测评 / its assessments", key="plan_id"
    )
    adopted_by: User | None = to_one("adopted_by_id", "经办人 / who adopted it last")
    created_at: dt.datetime = column("created_at", "制定时间 / when it was adopted first")
    version: int = column("version", "版本 / counts its changes")


@entity(AssessmentTransitionRow, "atr")
@strawberry.type(description="测评办理记录 / one step of an assessment's life")
class AssessmentTransition(Node):
    """One step of an assessment's life."""

    id: strawberry.ID = global_id("atr")
    action: str = column("action", "办理事项 / what was done")
    from_: AssessmentState | None = column("from_state", "原状态 / from", name="from")
    to: AssessmentState = column("to_state", "新状态 / to")
    at: dt.datetime = column("created_at", "时间 / when")
    by: User | None = to_one("by_id", "办理人 / by whom")
    reason: str | None = column("reason", "理由 / why, where a reason is given")


@entity(MilestoneReachedRow, "mil")
@strawberry.type(description="进度记录:已达到的一个节点 / a milestone that was reached")
class MilestoneReached(Node):
    """A milestone that was reached."""

    id: strawberry.ID = global_id("mil")
    milestone: AssessmentMilestone = column("milestone", "节点 / the milestone")
    reached_on: dt.date = column("reached_on", "达到日期 / on which day")
    note: str | None = column("note", "说明 / note")
    by: User | None = to_one("by_id", "登记人 / who recorded it")


@entity(AssessmentFindingRow, "asf")
@strawberry.type(description="测评发现的问题 / something that a report found wanting")
class AssessmentFinding(Node):
    """Something that a report found wanting."""

    id: strawberry.ID = global_id("asf")
    report: lazy("AssessmentReport", "assessments") | None = to_one("report_id", "所在报告 / the report")
    system: System | None = to_one("system_id", "信息系统 / the system")
    area: ControlArea = column("area", "安全控制类 / control area")
    severity: Severity = column("severity", "风险等级 / severity")
    title: str = column("title", "问题 / what is wanting")
    description: str | None = column("description", "描述 / description")
    suggestion: str | None = column("suggestion", "整改建议 / what to do about it")
    repeats: lazy("AssessmentFinding", "assessments") | None = to_one(
        "repeats_id", "上次测评已发现的同一问题 / the same, as an earlier report found it"
    )
    open: bool = column("open", "是否尚未关闭:报告已接收,且未被其后的测评关闭 / whether it stands")
    measures: list[lazy("RectificationMeasure", "rectification")] = to_many(
        "assessment_finding_id", "针对它的整改措施 / the measures that treat it", "id"
    )
    closed_at: dt.datetime | None = column("closed_at", "关闭时间 / when a later assessment closed it")
    closed_by: lazy("AssessmentReport", "assessments") | None = to_one(
        "closed_by_report_id", "关闭它的报告 / the report that closed it"
    )
    created_at: dt.datetime = column("created_at", "报告上传时间 / when its report was uploaded")


def _hundredths(source: str, description: str):  # type: ignore[no-untyped-def]  # a field
    return expression(lambda t: cast(t.c[source], Float()) / 100, description, source)


@entity(AssessmentReportRow, "asr")
@strawberry.type(description="等级测评报告 / an assessment report")
class AssessmentReport(Node):
    """An assessment report."""

    id: strawberry.ID = global_id("asr")
    assessment: lazy("Assessment", "assessments") | None = to_one("assessment_id", "所属测评 / the assessment")
    number: str = column("number", "报告编号 / number")
    reported_on: dt.date = column("reported_on", "报告日期 / the report's own day")
    vocabulary: ConclusionVocabulary = column("vocabulary", "结论用语版本 / the edition that words the conclusion")
    conclusion: Conclusion = column("conclusion", "测评结论 / conclusion")
    score: float | None = _hundredths("score", "得分(0 至 100) / score")
    conformity_rate: float | None = _hundredths("conformity_rate", "符合率(%) / rate of conformity, in percent")
    summary: str | None = column("summary", "总体评价 / overall appraisal")
    document: Document | None = to_one_on(
        lambda mine, other: and_(
            other.c.assessment_report_id == mine.c.id, other.c.kind == DocumentKind.ASSESSMENT_REPORT.value
        ),
        "报告文件(PDF) / the report itself",
    )
    receipt: Document | None = as_pdf(
        "assessment_report_id", "接收回执(PDF/A),接收后生成 / the receipt, made once it is received"
    )
    documents: list[Document] = to_many(
        "assessment_report_id", "报告与回执各格式 / the report, and the receipt's files"
    )
    findings: list[AssessmentFinding] = to_many("report_id", "发现的问题 / findings", "place")
    uploaded_by: User | None = to_one("uploaded_by_id", "上传人 / who uploaded it")
    uploaded_at: dt.datetime = column("created_at", "上传时间 / when it was uploaded")
    confirmed_by: User | None = to_one("confirmed_by_id", "单位确认人 / who confirmed it for the unit")
    confirmed_at: dt.datetime | None = column("confirmed_at", "单位确认时间 / when the unit confirmed it")
    received_by: User | None = to_one("received_by_id", "接收人 / who received it")
    received_at: dt.datetime | None = column("received_at", "接收时间 / when the authority received it")
    returned_at: dt.datetime | None = column("returned_at", "退回时间 / when it was returned")
    return_reason: str | None = column("return_reason", "退回理由 / why it was returned")


@strawberry.type(description="测评经费 / the money for an assessment")
class AssessmentFunding:
    """The money for an assessment."""

    amount: BigInt = json("金额(元) / in yuan", "amount")
    source: str | None = json("资金来源 / where it comes from", "source")
    secured_on: dt.date = json("落实日期 / when it was secured", "securedOn")


@entity(AssessmentRow, "asm")
@strawberry.type(description="等级测评 / a level assessment")
class Assessment(Node):
    """A level assessment."""

    id: strawberry.ID = global_id("asm")
    number: str | None = column("number", "报告编号,首次上传时给出 / its report's number, given with the first upload")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    body: AssessmentBody | None = to_one("body_id", "测评机构 / the body")
    state: AssessmentState = column("state", "状态 / state")
    level: int = column("level", "测评等级 / the level assessed")
    organised_by: AssessmentOrganiser = column("organised_by", "由谁组织 / who has it done")
    authority: AuthorityLevel = column("authority", "报告报送层级 / to which authority its report goes")
    district: District | None = to_one("district_id", "报送区县 / the district whose office receives it")
    important: bool = column("important", "是否重要信息系统 / whether the system is an important one")
    plan: AssessmentPlan | None = to_one("plan_id", "所在年度计划 / the yearly plan that it is of")
    under_way: bool = column("under_way", "是否尚未办结 / whether it has not ended")
    due_on: dt.date | None = column("due_on", "完成期限 / when it is due")
    overdue: bool = expression(
        lambda t: and_(t.c.under_way, func.coalesce(t.c.due_on < TODAY, false())),
        "是否逾期未办结 / whether under way past its day",
        "due_on",
    )
    progress: int = column("progress", "进度(%) / how far it is, in percent")
    funding: AssessmentFunding | None = embedded(
        lambda t: t.c.funding, "经费,落实后登记 / its funding, once secured", "funding"
    )
    milestones: list[MilestoneReached] = to_many("assessment_id", "进度记录 / milestones reached", "reached_on", "id")
    report: AssessmentReport | None = to_one("report_id", "现行报告:最近上传的 / the report that counts, the latest")
    reports: list[AssessmentReport] = to_many("assessment_id", "历次上传的报告 / every report uploaded", "id")
    history: list[AssessmentTransition] = to_many("assessment_id", "办理记录 / history", "id")
    closed_reason: str | None = column("closed_reason", "谢绝或取消的理由 / why it was declined or called off")
    commissioned_by: User | None = to_one("commissioned_by_id", "委托或组织经办人 / who commissioned it")
    created_at: dt.datetime = column("created_at", "委托或计划时间 / when it began")
    accepted_at: dt.datetime | None = column("accepted_at", "机构接受时间 / when the body took it")
    version: int = column("version", "版本 / counts its changes")
