"""What is done with assessment bodies (测评机构) and level assessments (等级测评)."""

import datetime as dt

import strawberry

from api.schema.assessments import Assessment, AssessmentBody, AssessmentPlan
from api.schema.common import BigInt
from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.mutations.organisations import OrganisationDetailsInput
from domain.assessments import bodies, plan, reporting, use_cases
from domain.assessments.accreditation import AccreditationStatus
from domain.assessments.conclusions import Conclusion, ConclusionVocabulary
from domain.assessments.entities import AssessmentMilestone
from domain.findings import ControlArea, Severity


@strawberry.input(description="登记测评机构 / registering an assessment body")
class RegisterAssessmentBodyInput:
    """Registering an assessment body."""

    body_code: str = says("机构代码(4 位数字),用于报告编号", "its four digits in report numbers")
    name: str | None = may("名称;新机构必填", "name, of a new organisation")
    credit_code: str | None = may("统一社会信用代码;新机构必填", "unified social credit code, of a new organisation")
    details: OrganisationDetailsInput | None = may("地址与联系信息", "address and contacts, of a new organisation")
    organisation_id: strawberry.ID | None = may_ref(
        "org", "平台上已有的测评机构", "an assessment body that is an organisation here already"
    )
    idempotency_key: str | None = key()


@strawberry.input(description="测评师人数 / how many assessors, by grade")
class AssessorStaffInput:
    """How many assessors, by grade."""

    senior: int | None = may("高级", "senior")
    intermediate: int | None = may("中级", "intermediate")
    junior: int | None = may("初级", "junior")


@strawberry.input(
    description="授予、变更、暂停或取消资质;未给出的项不变 / deciding on an accreditation; the rest stays"
)
class SetAccreditationInput:
    """Deciding on an accreditation."""

    assessment_body_id: strawberry.ID = ref("bod", "测评机构", "the body")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    number: str | None = may("资质编号", "number")
    valid_from: dt.date | None = may("有效期起(含)", "from this day on")
    valid_to: dt.date | None = may("有效期止(含),最长五年", "up to this day, five years at most")
    levels: list[int] | None = may("可测评的等级(2 至 5)", "levels that it may assess, from 2 to 5")
    status: AccreditationStatus | None = may("状态;“已过期”不能设定", "status; EXPIRED cannot be set")
    staff: AssessorStaffInput | None = may("测评师人数", "assessors by grade")
    reason: str | None = may("理由;整改、暂停、取消及恢复时必填", "why; required for any other status than before")
    idempotency_key: str | None = key()


@strawberry.input(description="委托测评 / commissioning an assessment")
class CommissionAssessmentInput:
    """Commissioning an assessment."""

    system_id: strawberry.ID = ref("sys", "第二级系统", "a system of level 2")
    assessment_body_id: strawberry.ID = ref("bod", "测评机构", "the body")
    due_on: dt.date | None = may("完成期限", "when it is due")
    idempotency_key: str | None = key()


@strawberry.input(
    description="组织测评,或为计划中的测评指定机构 / organising an assessment, or giving a planned one to a body"
)
class OrganiseAssessmentInput:
    """Organising an assessment."""

    system_id: strawberry.ID | None = may_ref("sys", "第三级以上系统", "a system of level 3 or above")
    assessment_id: strawberry.ID | None = may_ref("asm", "计划中的测评", "a planned assessment instead")
    assessment_body_id: strawberry.ID = ref("bod", "测评机构", "the body")
    due_on: dt.date | None = may("完成期限", "when it is due")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="年度计划的一项 / one assessment of a plan")
class PlanItemInput:
    """One assessment of a plan."""

    system_id: strawberry.ID = ref("sys", "第三级以上系统", "a system of level 3 or above")
    assessment_body_id: strawberry.ID | None = may_ref("bod", "测评机构,可后定", "the body, which may follow later")
    due_on: dt.date | None = may("完成期限", "when it is due")


@strawberry.input(description="采纳年度测评计划,全部或一项不采 / adopting a yearly plan, all of it or nothing")
class AdoptAssessmentPlanInput:
    """Adopting a yearly plan."""

    year: int = says("年度:今年或明年", "this year or the next")
    items: list[PlanItemInput] | None = may(
        "所列各项(至多 1000);不填则采纳建议", "what it holds, 1000 at most; what is proposed where left out"
    )
    idempotency_key: str | None = key()


@strawberry.input(description="登记测评经费 / recording an assessment's funding")
class RecordFundingInput:
    """Recording an assessment's funding."""

    assessment_id: strawberry.ID = ref("asm", "等级测评", "the assessment")
    amount: BigInt = says("金额(元)", "amount in yuan")
    secured_on: dt.date = says("落实日期", "when it was secured")
    source: str | None = may("资金来源", "where it comes from")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="等级测评的一步 / a step of an assessment")
class AssessmentStepInput:
    """A step of an assessment."""

    assessment_id: strawberry.ID = ref("asm", "等级测评", "the assessment")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="须有理由的一步:谢绝、退回、取消 / a step that takes a reason")
class AssessmentReasonInput:
    """A step of an assessment that takes a reason."""

    assessment_id: strawberry.ID = ref("asm", "等级测评", "the assessment")
    reason: str | None = may("必填:理由", "required: why")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="登记测评进度 / recording a milestone")
class RecordMilestoneInput:
    """Recording a milestone."""

    assessment_id: strawberry.ID = ref("asm", "等级测评", "the assessment")
    milestone: AssessmentMilestone = says("达到的节点", "the milestone reached")
    reached_on: dt.date | None = may("达到日期;不填为今天", "on which day; today where left out")
    note: str | None = may("说明", "note")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="测评发现的问题 / a finding")
class AssessmentFindingInput:
    """A finding."""

    area: ControlArea = says("安全控制类", "control area")
    severity: Severity = says("风险等级", "severity")
    title: str | None = may("必填:问题", "required: what is wanting")
    description: str | None = may("描述", "description")
    suggestion: str | None = may("整改建议", "what to do about it")
    repeats_id: strawberry.ID | None = may_ref(
        "asf", "上次测评发现、仍未整改的同一问题", "an open finding of an earlier assessment that is found again"
    )


@strawberry.input(description="上传测评报告:文件与其数据 / handing in a report: the document and its figures")
class UploadAssessmentReportInput:
    """Handing in a report."""

    assessment_id: strawberry.ID = ref("asm", "等级测评", "the assessment")
    document_id: strawberry.ID = ref(
        "doc", "报告(PDF,以用途 ASSESSMENT_REPORT 上传)", "a PDF, uploaded for this purpose"
    )
    reported_on: dt.date = says("报告日期", "the report's own day")
    conclusion: Conclusion = says("测评结论", "conclusion")
    vocabulary: ConclusionVocabulary | None = may(
        "结论用语版本;不填则按报告日期", "the edition that words it; that of the report's day where left out"
    )
    score: float | None = may("得分(2015、2019 年版)", "score from 0 to 100 (editions 2015, 2019)")
    conformity_rate: float | None = may("符合率,%(2025 年版)", "rate of conformity in percent (edition 2025)")
    summary: str | None = may("总体评价", "overall appraisal")
    findings: list[AssessmentFindingInput] | None = may("发现的问题", "findings")
    version: int | None = version()
    idempotency_key: str | None = key()


AssessmentBodyPayload = payload("AssessmentBodyPayload", "assessment_body", AssessmentBody, "测评机构", "the body")
AssessmentPayload = payload("AssessmentPayload", "assessment", Assessment, "等级测评", "the assessment")
AssessmentPlanPayload = payload("AssessmentPlanPayload", "assessment_plan", AssessmentPlan, "年度计划", "the plan")

_body, _assessment = entity("assessmentBody"), entity("assessment")


@strawberry.type
class AssessmentMutations:
    """What is done with assessment bodies and level assessments."""

    register_assessment_body: AssessmentBodyPayload = mutation(
        Run(bodies.register_assessment_body, _body),
        RegisterAssessmentBodyInput,
        "登记测评机构(市经办人) / register a body (city officer)",
    )
    set_accreditation: AssessmentBodyPayload = mutation(
        Run(bodies.set_accreditation, _body),
        SetAccreditationInput,
        "授予或变更资质,立即生效(市经办人) / decide on an accreditation, with effect at once (city officer)",
    )
    commission_assessment: AssessmentPayload = mutation(
        Run(use_cases.commission_assessment, _assessment),
        CommissionAssessmentInput,
        "委托第二级系统的测评(单位审批人) / have a level 2 system assessed (unit approver)",
    )
    organise_assessment: AssessmentPayload = mutation(
        Run(use_cases.organise_assessment, _assessment),
        OrganiseAssessmentInput,
        "组织第三级以上系统的测评(市经办人) / have a system of level 3 or above assessed (city officer)",
    )
    adopt_assessment_plan: AssessmentPlanPayload = mutation(
        Run(plan.adopt_assessment_plan, entity("assessmentPlan")),
        AdoptAssessmentPlanInput,
        "采纳年度测评计划(市经办人) / adopt a yearly plan (city officer)",
    )
    record_funding: AssessmentPayload = mutation(
        Run(use_cases.record_funding, _assessment),
        RecordFundingInput,
        "登记测评经费(单位填报人) / record that the money is secured (unit filer)",
    )
    accept_assessment: AssessmentPayload = mutation(
        Run(use_cases.accept_assessment, _assessment),
        AssessmentStepInput,
        "接受委托(所委托机构的测评师) / take an assessment (assessor of the body)",
    )
    decline_assessment: AssessmentPayload = mutation(
        Run(use_cases.decline_assessment, _assessment),
        AssessmentReasonInput,
        "谢绝委托,即不再可见(所委托机构的测评师) / decline it, and no longer see it (assessor of the body)",
    )
    record_milestone: AssessmentPayload = mutation(
        Run(use_cases.record_milestone, _assessment),
        RecordMilestoneInput,
        "登记进度(所委托机构的测评师) / record how far it is (assessor of the body)",
    )
    upload_assessment_report: AssessmentPayload = mutation(
        Run(reporting.upload_assessment_report, _assessment),
        UploadAssessmentReportInput,
        "上传报告,单位确认前可再传(所委托机构的测评师) / "
        "hand in the report, again until the unit confirms it (assessor of the body)",
    )
    confirm_assessment_report: AssessmentPayload = mutation(
        Run(reporting.confirm_assessment_report, _assessment),
        AssessmentStepInput,
        "确认报告并报送同级主管机关(单位审批人) / confirm the report, which goes to the authority (unit approver)",
    )
    receive_assessment_report: AssessmentPayload = mutation(
        Run(reporting.receive_assessment_report, _assessment),
        AssessmentStepInput,
        "接收报告并出具回执(同级信息办经办人) / receive the report, with a receipt (officer of its authority)",
    )
    return_assessment_report: AssessmentPayload = mutation(
        Run(reporting.return_assessment_report, _assessment),
        AssessmentReasonInput,
        "退回报告(同级信息办经办人) / send the report back to the body (officer of its authority)",
    )
    cancel_assessment: AssessmentPayload = mutation(
        Run(use_cases.cancel_assessment, _assessment),
        AssessmentReasonInput,
        "取消测评(其组织方:单位审批人,或市经办人) / call it off (who had it done: unit approver, or city officer)",
    )
