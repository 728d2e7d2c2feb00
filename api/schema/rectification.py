"""Risk assessments (风险评估), rectification plans (整改方案) and their measures (整改措施)."""

import datetime as dt

import strawberry

from api.reads.sources import column, connection, embedded, entity, expression, global_id, to_many, to_one
from api.schema import lists
from api.schema.city import Organisation, User
from api.schema.common import BigInt, Connection, Node, lazy
from api.schema.filings import Document, MissingItem
from api.schema.lists.rectification import MEASURE_DUE, PLAN_DUE, measure_overdue, plan_overdue
from api.schema.providers import Provider
from api.schema.systems import System
from domain.findings import ControlArea, Severity
from domain.rectification.entities import PlanState
from domain.rectification.entities import RectificationMeasure as MeasureRow
from domain.rectification.entities import RectificationPlan as PlanRow
from domain.rectification.entities import RectificationPlanTransition as PlanTransitionRow
from domain.risk.entities import RiskAssessment as RiskAssessmentRow
from domain.risk.entities import RiskAssessmentState, RiskTreatment
from domain.risk.entities import RiskFinding as RiskFindingRow


@entity(RiskFindingRow, "rfn")
@strawberry.type(description="风险 / a risk that was found")
class RiskFinding(Node):
    """A risk that was found."""

    id: strawberry.ID = global_id("rfn")
    risk_assessment: lazy("RiskAssessment", "rectification") | None = to_one(
        "risk_assessment_id", "风险评估 / the assessment that found it"
    )
    position: int = column("position", "次序 / its place in the assessment, from 0")
    title: str = column("title", "名称 / what it is")
    description: str | None = column("description", "说明(威胁、脆弱性) / threat and vulnerability")
    asset: str | None = column("asset", "资产 / the asset it is of")
    area: ControlArea = column("area", "安全控制类 / control area")
    severity: Severity = column("severity", "风险等级 / how grave it is")
    treatment: RiskTreatment = column("treatment", "处置方式 / what is to be done about it")
    treatment_reason: str | None = column("treatment_reason", "处置理由 / why so")
    measures: list[lazy("RectificationMeasure", "rectification")] = to_many(
        "risk_finding_id", "针对它的整改措施 / the measures that treat it", "id"
    )
    closed_at: dt.datetime | None = column("closed_at", "整改完成时间 / when its rectification was completed")


@entity(RiskAssessmentRow, "ras")
@strawberry.type(description="风险评估 / a risk assessment of a system")
class RiskAssessment(Node):
    """A risk assessment of a system."""

    id: strawberry.ID = global_id("ras")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    provider: Provider | None = to_one(
        "provider_id", "评估机构,自评估时为空 / the provider, null when by the unit itself"
    )
    state: RiskAssessmentState = column("state", "状态 / state")
    title: str = column("title", "名称 / title")
    assessed_on: dt.date = column("assessed_on", "评估日期 / the day of the assessment")
    summary: str | None = column("summary", "评估结论 / what it comes to")
    severity: Severity | None = column("severity", "最高风险等级,未发现风险时为空 / of its gravest finding")
    findings: list[RiskFinding] = to_many("risk_assessment_id", "发现的风险 / what it found", "position", "id")
    plans: Connection[lazy("RectificationPlan", "rectification")] = connection(
        lists.RECTIFICATION_PLANS, "以其为依据的方案 / the plans that rest on it", key="risk_assessment_id"
    )
    documents: list[Document] = to_many("risk_assessment_id", "评估报告 / its reports")
    recorded_by: User | None = to_one("recorded_by_id", "登记人 / who recorded it last")
    created_at: dt.datetime = column("created_at", "登记时间 / when it was recorded")
    submitted_at: dt.datetime | None = column("submitted_at", "随方案提交时间 / when it was handed in with a plan")
    version: int = column("version", "版本 / counts its changes")


@entity(MeasureRow, "rme")
@strawberry.type(description="整改措施 / a measure of a rectification plan")
class RectificationMeasure(Node):
    """A measure of a rectification plan."""

    id: strawberry.ID = global_id("rme")
    plan: lazy("RectificationPlan", "rectification") | None = to_one("plan_id", "整改方案 / its plan")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    position: int = column("position", "次序 / its place in the plan, from 0")
    title: str = column("title", "名称 / what is to be done")
    description: str | None = column("description", "说明 / how")
    owner: str = column("owner", "责任人或责任部门 / who sees to it")
    due_on: dt.date = column("due_on", "完成期限 / the last day")
    original_due_on: dt.date | None = column("original_due_on", "变更前的期限 / the plan's own last day, once moved")
    budget: BigInt = column("budget", "预算(元) / budget in yuan")
    progress: int = column("progress", "进度(%) / progress in percent")
    note: str | None = column("note", "进展说明 / what was last reported of it")
    under_way: bool = column("under_way", "是否正在落实 / whether it is being carried out")
    overdue: bool = expression(measure_overdue, "是否逾期 / whether its last day has passed", *MEASURE_DUE)
    done_at: dt.datetime | None = column("done_at", "完成时间 / when it was done")
    risk_finding: RiskFinding | None = to_one("risk_finding_id", "所针对的风险 / the risk that it treats")
    assessment_finding: lazy("AssessmentFinding", "assessments") | None = to_one(
        "assessment_finding_id", "所针对的测评问题 / the level assessment's finding that it treats"
    )
    inspection_finding: lazy("InspectionFinding", "inspections") | None = to_one(
        "inspection_finding_id", "所针对的检查问题 / the inspection's finding that it treats"
    )
    created_at: dt.datetime = column("created_at", "列入时间 / when it was planned")
    version: int = column("version", "版本 / counts its changes")


@entity(PlanTransitionRow, "rpt")
@strawberry.type(description="整改方案办理记录 / one step of a plan's life")
class RectificationPlanTransition(Node):
    """One step of a plan's life."""

    id: strawberry.ID = global_id("rpt")
    action: str = column("action", "办理事项 / what was done")
    from_: PlanState | None = column("from_state", "原状态 / from", name="from")
    to: PlanState = column("to_state", "新状态 / to")
    at: dt.datetime = column("created_at", "时间 / when")
    by: User | None = to_one("by_id", "办理人 / by whom")
    reason: str | None = column("reason", "理由 / why, where a reason is given")


@entity(PlanRow, "rpl")
@strawberry.type(description="等级保护整改建设方案 / a rectification plan")
class RectificationPlan(Node):
    """A rectification plan."""

    id: strawberry.ID = global_id("rpl")
    system: System | None = to_one("system_id", "信息系统 / the system")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    risk_assessment: RiskAssessment | None = to_one("risk_assessment_id", "所依据的风险评估 / what it rests on")
    state: PlanState = column("state", "状态 / state")
    title: str = column("title", "名称 / title")
    summary: str | None = column("summary", "概述 / in short")
    important: bool = column("important", "是否重要信息系统的方案 / whether of an important system")
    level: int | None = column("level", "系统的安全保护等级 / the system's level")
    missing_items: list[MissingItem] = embedded(
        lambda t: t.c.missing_items, "提交前尚缺的 / what a submission lacks", "missing_items"
    )
    measures: list[RectificationMeasure] = to_many("plan_id", "整改措施 / its measures", "position", "id")
    budget: BigInt = column("budget", "预算合计(元) / all measures' budget in yuan")
    due_on: dt.date | None = column("due_on", "全部完成期限 / the last of its measures' days")
    next_due_on: dt.date | None = column("next_due_on", "未完成措施的最近期限 / the first day of what is not done")
    progress: int = column("progress", "总进度(%) / progress in percent")
    overdue: bool = expression(plan_overdue, "是否有措施逾期 / whether a measure has slipped", *PLAN_DUE)
    panel_case: lazy("PanelCase", "panels") | None = to_one("panel_case_id", "最近一次专家评审 / its latest panel case")
    documents: list[Document] = to_many("rectification_plan_id", "方案文本和证明材料 / its text, and evidence")
    history: list[RectificationPlanTransition] = to_many("plan_id", "办理记录 / history", "id")
    saved_by: User | None = to_one("saved_by_id", "填报人 / who saved it last")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was begun")
    submitted_by: User | None = to_one("submitted_by_id", "提交人 / who submitted it")
    submitted_at: dt.datetime | None = column("submitted_at", "提交时间 / when it was submitted")
    reviewed_by: User | None = to_one("reviewed_by_id", "审核人 / who decided on it")
    reviewed_at: dt.datetime | None = column("reviewed_at", "审核时间 / when it was decided on")
    review_reason: str | None = column(
        "review_reason", "退回理由,或未采纳专家意见的理由 / why it was returned, or approved against the panel"
    )
    completed_at: dt.datetime | None = column("completed_at", "完成时间 / when it was completed")
    completion_note: str | None = column("completion_note", "完成情况说明 / how it was completed")
    version: int = column("version", "版本 / counts its changes")
