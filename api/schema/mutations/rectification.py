"""What is done with risk assessments (风险评估), rectification plans (整改方案) and measures (整改措施)."""

import datetime as dt

import strawberry

from api.schema.common import BigInt, vocabulary
from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.rectification import RectificationMeasure, RectificationPlan, RiskAssessment
from domain.findings import ControlArea, Severity
from domain.rectification import progress, review
from domain.rectification import use_cases as plans
from domain.rectification.review import PlanDecision
from domain.risk import use_cases as risk
from domain.risk.entities import RiskTreatment

vocabulary(PlanDecision)


@strawberry.input(description="一项风险 / a risk that was found")
class RiskFindingInput:
    """A risk that was found."""

    finding_id: strawberry.ID | None = may_ref(
        "rfn", "要修改的原有风险;不填为新增", "the one it changes; a new one without"
    )
    title: str = says("名称", "what it is")
    description: str | None = may("说明(威胁、脆弱性)", "threat and vulnerability")
    asset: str | None = may("资产", "the asset it is of")
    area: ControlArea = says("安全控制类", "control area")
    severity: Severity = says("风险等级", "how grave it is")
    treatment: RiskTreatment = says("处置方式", "what is to be done about it")
    treatment_reason: str | None = may("处置理由;接受风险时必填", "why so; required where the risk is accepted")


@strawberry.input(description="登记风险评估 / recording a risk assessment")
class RecordRiskAssessmentInput:
    """Recording a risk assessment."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    risk_assessment_id: strawberry.ID | None = may_ref("ras", "要修改的风险评估", "the one to change")
    version: int | None = may("修改时必填:读取时的版本", "required to change one: the version that was read")
    title: str = says("名称", "title")
    assessed_on: dt.date = says("评估日期", "the day of the assessment")
    provider_id: strawberry.ID | None = may_ref(
        "prv", "评估机构;自评估不填", "the provider; without, by the unit itself"
    )
    summary: str | None = may("评估结论", "what it comes to")
    findings: list[RiskFindingInput] = says("发现的全部风险", "all that it found")
    document_ids: list[strawberry.ID] | None = may_ref(
        "doc", "全部评估报告(用途 RISK_ASSESSMENT_REPORT);不填则不变", "all of its reports; unchanged when left out"
    )
    idempotency_key: str | None = key()


@strawberry.input(description="作废风险评估 / discarding a risk assessment")
class DiscardRiskAssessmentInput:
    """Discarding a risk assessment."""

    risk_assessment_id: strawberry.ID = ref("ras", "风险评估", "the risk assessment")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="一项整改措施 / a measure")
class MeasureInput:
    """A measure."""

    measure_id: strawberry.ID | None = may_ref(
        "rme", "要修改的原有措施;不填为新增", "the one it changes; a new one without"
    )
    title: str = says("名称", "what is to be done")
    description: str | None = may("说明", "how")
    owner: str = says("责任人或责任部门", "who sees to it")
    due_on: dt.date = says("完成期限", "the last day")
    budget: BigInt | None = may("预算(元),默认 0", "budget in yuan, 0 when left out")
    risk_finding_id: strawberry.ID | None = may_ref("rfn", "所针对的风险", "the risk that it treats")
    assessment_finding_id: strawberry.ID | None = may_ref(
        "asf", "所针对的等级测评问题", "the level assessment's finding that it treats"
    )
    inspection_finding_id: strawberry.ID | None = may_ref(
        "ifd", "所针对的监督检查问题(已下达整改通知)", "the inspection's finding that it treats, once ordered"
    )


@strawberry.input(description="保存整改方案 / saving a rectification plan")
class SaveRectificationPlanInput:
    """Saving a rectification plan."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    rectification_plan_id: strawberry.ID | None = may_ref("rpl", "要修改的方案", "the plan to change")
    version: int | None = may("修改时必填:读取时的版本", "required to change one: the version that was read")
    title: str = says("名称", "title")
    summary: str | None = may("概述", "in short")
    risk_assessment_id: strawberry.ID | None = may_ref(
        "ras", "所依据的风险评估;重要信息系统必填", "what it rests on; required of an important system"
    )
    measures: list[MeasureInput] = says("全部整改措施", "all of its measures")
    document_ids: list[strawberry.ID] | None = may_ref(
        "doc", "全部方案文本(用途 RECTIFICATION_PLAN);不填则不变", "all texts of the plan; unchanged when left out"
    )
    idempotency_key: str | None = key()


@strawberry.input(description="整改方案的一步 / a step of a plan")
class RectificationPlanStepInput:
    """A step of a plan."""

    rectification_plan_id: strawberry.ID = ref("rpl", "整改方案", "the plan")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="审核整改方案 / deciding on a plan")
class ReviewRectificationPlanInput:
    """Deciding on a plan."""

    rectification_plan_id: strawberry.ID = ref("rpl", "整改方案", "the plan")
    decision: PlanDecision = says("决定", "the decision")
    reason: str | None = may(
        "理由;退回、或未采纳专家意见时必填", "why; required to return it, and to approve it against the panel"
    )
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="报告措施进展;未给出的项不变 / reporting on a measure; what is not given stays")
class UpdateMeasureInput:
    """Reporting on a measure."""

    measure_id: strawberry.ID = ref("rme", "整改措施", "the measure")
    progress: int | None = may("进度(%),100 为完成", "progress in percent; 100 is done")
    note: str | None = may("进展说明;变更期限时必填", "what there is to report; required to move the last day")
    owner: str | None = may("责任人或责任部门", "who sees to it now")
    due_on: dt.date | None = may("变更后的期限", "another last day")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="办结整改 / completing a rectification")
class CompleteRectificationInput:
    """Completing a rectification."""

    rectification_plan_id: strawberry.ID = ref("rpl", "整改方案", "the plan")
    evidence_ids: list[strawberry.ID] | None = may_ref(
        "doc", "必填:证明材料(用途 OTHER)", "required: evidence, purpose OTHER"
    )
    note: str | None = may("完成情况说明", "how it was completed")
    version: int | None = version()
    idempotency_key: str | None = key()


RiskAssessmentPayload = payload(
    "RiskAssessmentPayload", "risk_assessment", RiskAssessment, "风险评估", "the risk assessment"
)
RectificationPlanPayload = payload(
    "RectificationPlanPayload", "rectification_plan", RectificationPlan, "整改方案", "the plan"
)
MeasurePayload = payload("MeasurePayload", "measure", RectificationMeasure, "整改措施", "the measure")

_assessment, _plan = entity("riskAssessment"), entity("rectificationPlan")


@strawberry.type
class RectificationMutations:
    """What is done with risk assessments and rectification."""

    record_risk_assessment: RiskAssessmentPayload = mutation(
        Run(risk.record_risk_assessment, _assessment),
        RecordRiskAssessmentInput,
        "登记或修改风险评估(填报人) / record a risk assessment, or change it (filer)",
    )
    discard_risk_assessment: RiskAssessmentPayload = mutation(
        Run(risk.discard_risk_assessment, _assessment),
        DiscardRiskAssessmentInput,
        "作废风险评估(填报人) / discard a risk assessment (filer)",
    )
    save_rectification_plan: RectificationPlanPayload = mutation(
        Run(plans.save_rectification_plan, _plan),
        SaveRectificationPlanInput,
        "保存整改方案(填报人) / save a rectification plan (filer)",
    )
    discard_rectification_plan: RectificationPlanPayload = mutation(
        Run(plans.discard_rectification_plan, _plan),
        RectificationPlanStepInput,
        "作废方案草稿(填报人) / discard a draft (filer)",
    )
    submit_rectification_plan: RectificationPlanPayload = mutation(
        Run(plans.submit_rectification_plan, _plan),
        RectificationPlanStepInput,
        "提交整改方案:重要信息系统的报送市信息办并由专家评审,其他的即可实施(审批人) / "
        "submit a plan: to the city office and its experts where the system is important, else to begin (approver)",
    )
    review_rectification_plan: RectificationPlanPayload = mutation(
        Run(review.review_rectification_plan, _plan),
        ReviewRectificationPlanInput,
        "专家评审形成意见后,同意或退回方案(市经办人) / "
        "approve or return a plan once the panel has concluded (city officer)",
    )
    update_measure: MeasurePayload = mutation(
        Run(progress.update_measure, entity("measure")),
        UpdateMeasureInput,
        "报告措施进展(填报人) / report on a measure (filer)",
    )
    complete_rectification: RectificationPlanPayload = mutation(
        Run(progress.complete_rectification, _plan),
        CompleteRectificationInput,
        "附证明材料,办结整改(填报人) / complete a rectification with evidence (filer)",
    )
