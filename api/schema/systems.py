"""Systems (信息系统) and their gradings (定级)."""

import datetime as dt

import strawberry
from sqlalchemy import cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from api.reads.sources import column, connection, embedded, entity, expression, global_id, json, to_many, to_one
from api.schema import lists
from api.schema.city import Organisation, User
from api.schema.common import Connection, Node, lazy, vocabulary
from api.schema.papers import as_pdf
from api.schema.standings import (
    ASSESSMENT_NEEDS,
    INSPECTION_NEEDS,
    AssessmentStanding,
    assessment_standing,
    inspection_standing,
)
from domain.documents.kinds import DocumentKind
from domain.grading.entities import Grading as GradingRow
from domain.grading.entities import GradingState
from domain.grading.entities import GradingTransition as GradingTransitionRow
from domain.grading.levels import HarmConsequence, HarmDegree, HarmObject
from domain.inspections.coverage import InspectionStanding
from domain.panels.entities import Verdict
from domain.systems.entities import System as SystemRow

for _term in (HarmObject, HarmDegree, HarmConsequence, Verdict, DocumentKind):
    vocabulary(_term)


@strawberry.type(description="一项侵害:客体与程度 / one harm: what is harmed, and how badly")
class Harm:
    """One harm."""

    object: HarmObject = json("受侵害的客体 / what is harmed", "object")
    degree: HarmDegree = json("侵害程度 / how badly", "degree")


@strawberry.type(description="业务信息或系统服务的定级 / the determination for business information, or system service")
class Determination:
    """The determination for one of the two."""

    harms: list[Harm] = json("侵害 / the harms", "harms")
    level: int = json("等级,由侵害得出 / the level that follows", "level")
    description: str | None = json("描述 / description", "description")
    object_reasoning: str | None = json("侵害客体的确定 / why these objects are harmed", "objectReasoning")
    degree_reasoning: str | None = json("侵害程度的确定 / why to this degree", "degreeReasoning")
    consequences: list[HarmConsequence] = json("危害后果 / what follows", "consequences")
    reasoning: str | None = json("等级确定理由 / reasoning", "reasoning")


@strawberry.type(description="系统描述(定级报告第一部分) / the system, as the report's first section has it")
class SystemDescription:
    """The system, as the grading report's first section has it."""

    responsibility: str | None = json("责任主体 / the responsible unit", "responsibility")
    elements: str | None = json("构成要素与网络结构 / its elements and network structure", "elements")
    boundary: str | None = json("边界及边界设备 / its boundary and boundary devices", "boundary")
    business: str | None = json("承载业务 / the business it carries", "business")


@strawberry.type(description="专家评审意见,作出时的原文 / the panel's opinion, as it was given")
class ExpertOpinion:
    """The panel's opinion, as it was given."""

    level: int = json("级别 / the level", "level")
    verdict: Verdict = json("结论 / whether the level before the panel may stand", "verdict")
    text: str = json("意见 / the wording", "text")
    number: str = json("评审意见书编号 / number of the opinion document", "number")
    concluded_at: dt.datetime = json("时间 / when", "concludedAt")


@strawberry.type(description="主管部门审批 / the supervising unit's approval, as it was given")
class SupervisorApproval:
    """The supervising unit's approval, as it was given."""

    unit: str = json("主管部门名称 / the supervising unit's name", "unit")
    at: dt.datetime = json("时间 / when", "at")


@entity(SystemRow, "sys")
@strawberry.type(description="信息系统 / an information system")
class System(Node):
    """An information system."""

    id: strawberry.ID = global_id("sys")
    name: str = column("name", "名称 / name")
    code: str = column("code", "单位自编编号 / the unit's own number for it")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit that runs it")
    important: bool = column("important", "是否重要信息系统 / whether marked important")
    important_since: dt.date | None = column("important_since", "列为重要信息系统的日期 / important since")
    last_inspected_on: dt.date | None = column("last_inspected_on", "最近一次检查日期 / when it was last inspected")
    inspection_due_on: dt.date | None = column(
        "inspection_due_on", "检查期限:重要信息系统二十四个月一次 / by when it is to be inspected again, if important"
    )
    next_inspection_on: dt.date | None = column("next_inspection_on", "下次检查安排于 / when the next is scheduled")
    inspection_standing: InspectionStanding | None = expression(
        inspection_standing, "检查覆盖情况,不重要的为空 / how it stands, null unless important", *INSPECTION_NEEDS
    )
    assessment_standing: AssessmentStanding | None = expression(
        assessment_standing, "测评覆盖情况,不须测评的为空 / how it stands, null unless assessed", *ASSESSMENT_NEEDS
    )
    level: int | None = column("level", "安全保护等级 / security level")
    security_mark: str | None = column("security_mark", "等级标识,如 S3A2G3 / mark such as S3A2G3")
    current_grading: lazy("Grading", "systems") | None = to_one("current_grading_id", "现行定级 / the grading in force")
    current_filing: lazy("Filing", "filings") | None = to_one("current_filing_id", "现行备案 / the filing in force")
    amendment_due: bool = column("amendment_due", "是否须变更备案 / whether graded anew since its filing was accepted")
    next_assessment_due_on: dt.date | None = column("next_assessment_due_on", "下次测评期限 / next assessment due")
    assessments: Connection[lazy("Assessment", "assessments")] = connection(
        lists.ASSESSMENTS, "其等级测评 / its assessments", key="system_id"
    )
    assessment_findings: Connection[lazy("AssessmentFinding", "assessments")] = connection(
        lists.ASSESSMENT_FINDINGS, "测评发现的问题 / what its assessments found", key="system_id"
    )
    parent_system: lazy("System", "systems") | None = to_one("parent_system_id", "上级系统 / the system it is part of")
    in_service_on: dt.date | None = column("in_service_on", "投入运行日期 / in service since")
    retired_on: dt.date | None = column("retired_on", "停用日期 / retired on")
    gradings: Connection[lazy("Grading", "systems")] = connection(
        lists.GRADINGS, "其定级 / its gradings", key="system_id"
    )
    filings: Connection[lazy("Filing", "filings")] = connection(lists.FILINGS, "其备案 / its filings", key="system_id")
    inspections: Connection[lazy("Inspection", "inspections")] = connection(
        lists.INSPECTIONS, "其检查 / its inspections", key="system_id"
    )
    self_inspections: Connection[lazy("SelfInspection", "inspections")] = connection(
        lists.SELF_INSPECTIONS, "其自查 / its self-inspections", key="system_id"
    )
    risk_assessments: Connection[lazy("RiskAssessment", "rectification")] = connection(
        lists.RISK_ASSESSMENTS, "其风险评估 / its risk assessments", key="system_id"
    )
    rectification_plans: Connection[lazy("RectificationPlan", "rectification")] = connection(
        lists.RECTIFICATION_PLANS, "其整改方案 / its rectification plans", key="system_id"
    )
    subsystems: Connection[lazy("System", "systems")] = connection(
        lists.SYSTEMS, "其分系统 / its parts", key="parent_system_id"
    )
    created_at: dt.datetime = column("created_at", "登记时间 / when it was entered")
    version: int = column("version", "版本 / counts its changes")


def _determination(name: str):  # type: ignore[no-untyped-def]  # a source's builder
    return lambda t: t.c[name].op("||")(
        cast(func.jsonb_build_object(literal_column("'level'"), t.c[f"{name}_level"]), JSONB)
    )


@entity(GradingRow, "grd")
@strawberry.type(description="定级 / how a system's level was determined")
class Grading(Node):
    """How a system's level was determined."""

    id: strawberry.ID = global_id("grd")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    state: GradingState = column("state", "状态 / state")
    as_filed: bool = column(
        "as_filed", "是否由办公室按线下备案材料代录 / whether an office entered it from a paper filing"
    )
    matrix: str = column("matrix", "所用矩阵的版本 / the edition of the matrix that was applied")
    business_information: Determination = embedded(
        _determination("business_information"), "业务信息安全 / business information", "business_information"
    )
    system_service: Determination = embedded(
        _determination("system_service"), "系统服务安全 / system service", "system_service"
    )
    level: int = column("level", "安全保护等级,取较高者 / the higher of the two levels")
    security_mark: str = column("security_mark", "等级标识 / mark such as S3A2G3")
    description: str | None = column("description", "系统描述 / description of the system")
    system_description: SystemDescription | None = embedded(
        lambda t: t.c.system_description, "系统描述 / the system, section by section", "system_description"
    )
    expert_opinion: ExpertOpinion | None = embedded(
        lambda t: t.c.expert_opinion, "专家评审意见 / the panel's opinion", "expert_opinion"
    )
    panel_cases: Connection[lazy("PanelCase", "panels")] = connection(
        lists.PANEL_CASES, "专家评审 / its cases before the panel", key="grading_id"
    )
    supervisor_approval: SupervisorApproval | None = embedded(
        lambda t: t.c.supervisor_approval, "主管部门审批 / the supervising unit's approval", "supervisor_approval"
    )
    return_reason: str | None = column("return_reason", "退回理由 / why it was returned to its filer")
    report: lazy("Document", "filings") | None = as_pdf(
        "grading_id", "定级报告(PDF/A),确认后生成 / the grading report, made once it is confirmed"
    )
    documents: list[lazy("Document", "filings")] = to_many("grading_id", "定级文件 / its documents")
    history: list[lazy("GradingTransition", "systems")] = to_many("grading_id", "办理记录 / history", "id")
    reason_against_opinion: str | None = column(
        "reason_against_opinion", "未采纳专家意见的理由 / why the experts' opinion was not followed"
    )
    saved_by: User | None = to_one("saved_by_id", "填报人 / who saved it last")
    confirmed_by: User | None = to_one("confirmed_by_id", "确认人 / who confirmed it")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was begun")
    submitted_at: dt.datetime | None = column("submitted_at", "提交时间 / when it was submitted")
    confirmed_at: dt.datetime | None = column("confirmed_at", "确认时间 / when it was confirmed")
    version: int = column("version", "版本 / counts its changes")


@entity(GradingTransitionRow, "gtr")
@strawberry.type(description="定级办理记录 / one step of a grading's life")
class GradingTransition(Node):
    """One step of a grading's life."""

    id: strawberry.ID = global_id("gtr")
    action: str = column("action", "办理事项 / what was done")
    from_: GradingState | None = column("from_state", "原状态 / from", name="from")
    to: GradingState = column("to_state", "新状态 / to")
    at: dt.datetime = column("created_at", "时间 / when")
    by: User | None = to_one("by_id", "办理人 / by whom")
    reason: str | None = column("reason", "理由 / why, where a reason is given")
