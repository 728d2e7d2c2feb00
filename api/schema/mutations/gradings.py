"""What is done with gradings (定级)."""

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.systems import Grading
from domain.grading import use_cases as gradings
from domain.grading.levels import HarmConsequence, HarmDegree, HarmObject


@strawberry.input(description="一项侵害 / one harm")
class HarmInput:
    """One harm."""

    object: HarmObject = says("受侵害的客体", "what is harmed")
    degree: HarmDegree = says("侵害程度", "how badly")


@strawberry.input(description="业务信息或系统服务的定级 / the determination for one of the two")
class DeterminationInput:
    """The determination for one of the two."""

    harms: list[HarmInput] = says("侵害", "the harms")
    description: str | None = may("业务信息描述,或系统服务描述(范围、对象)", "what the information, or the service, is")
    object_reasoning: str | None = may("侵害客体的确定", "why these objects are harmed")
    degree_reasoning: str | None = may("侵害程度的确定", "why to this degree")
    consequences: list[HarmConsequence] | None = may("危害后果", "what follows")
    reasoning: str | None = may("等级确定理由", "reasoning")


@strawberry.input(description="系统描述(定级报告第一部分) / the system, for the report's first section")
class SystemDescriptionInput:
    """The system, for the report's first section."""

    responsibility: str | None = may("责任主体", "the responsible unit")
    elements: str | None = may("构成要素与网络结构", "its elements and network structure")
    boundary: str | None = may("边界及边界设备", "its boundary and boundary devices")
    business: str | None = may("承载业务", "the business it carries")


@strawberry.input(description="保存定级草稿 / saving a grading's draft")
class SaveGradingInput:
    """Saving a grading's draft."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    grading_id: strawberry.ID | None = may_ref("grd", "要修改的草稿", "the draft to change")
    version: int | None = may("修改草稿时必填:读取时的版本", "required to change a draft: the version that was read")
    business_information: DeterminationInput = says("业务信息安全", "business information")
    system_service: DeterminationInput = says("系统服务安全", "system service")
    description: str | None = may("系统概述", "the system in short")
    system_description: SystemDescriptionInput | None = may(
        "系统描述;不填则保留原文", "section by section; kept when left out"
    )
    reason_against_opinion: str | None = may("未采纳专家意见的理由", "why the experts' opinion is not followed")
    idempotency_key: str | None = key()


@strawberry.input(description="定级的一步 / a step of a grading")
class GradingStepInput:
    """A step of a grading."""

    grading_id: strawberry.ID = ref("grd", "定级", "the grading")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="退回定级 / returning a grading")
class ReturnGradingInput:
    """Returning a grading."""

    grading_id: strawberry.ID = ref("grd", "定级", "the grading")
    reason: str | None = may("必填:退回理由", "required: why")
    version: int | None = version()
    idempotency_key: str | None = key()


GradingPayload = payload("GradingPayload", "grading", Grading, "定级", "the grading")

_grading = entity("grading")


@strawberry.type
class GradingMutations:
    """What is done with gradings."""

    save_grading: GradingPayload = mutation(
        Run(gradings.save_grading, _grading),
        SaveGradingInput,
        "保存定级草稿,等级自动得出(填报人) / save a draft (filer)",
    )
    submit_grading: GradingPayload = mutation(
        Run(gradings.submit_grading, _grading), GradingStepInput, "提交定级(填报人) / submit a grading (filer)"
    )
    discard_grading: GradingPayload = mutation(
        Run(gradings.discard_grading, _grading), GradingStepInput, "作废定级草稿(填报人) / give up a draft (filer)"
    )
    confirm_grading: GradingPayload = mutation(
        Run(gradings.confirm_grading, _grading), GradingStepInput, "确认定级(审批人) / confirm a grading (approver)"
    )
    request_grading_advice: GradingPayload = mutation(
        Run(gradings.request_grading_advice, _grading),
        GradingStepInput,
        "请专家评审定级,可选(填报人) / ask the panel for advice (filer)",
    )
    return_grading: GradingPayload = mutation(
        Run(gradings.return_grading, _grading), ReturnGradingInput, "退回定级(审批人) / return a grading (approver)"
    )
