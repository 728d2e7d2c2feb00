"""What is done with the expert panel (专家评审)."""

import datetime as dt

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from api.schema.panels import ExpertAppointment, Opinion, PanelAssignment, PanelCase, PanelSession
from domain.panels import experts, opinions, use_cases
from domain.panels.entities import ExpertField, PanelPurpose, Verdict


@strawberry.input(description="聘任专家 / appointing an expert")
class AppointExpertInput:
    """Appointing an expert."""

    user_id: strawberry.ID = ref("usr", "有专家身份的用户", "a person with an EXPERT membership")
    fields: list[ExpertField] = says("专业领域", "fields of expertise")
    valid_from: dt.date = says("聘期起(含)", "from this day on")
    valid_until: dt.date = says("聘期止(含),最长五年", "up to this day, five years at most")
    employer_id: strawberry.ID | None = may_ref("org", "工作单位(平台内机构)", "the employer, where on the platform")
    employer_name: str | None = may("工作单位名称", "the employer's name, where it is not")
    idempotency_key: str | None = key()


@strawberry.input(description="解聘专家 / ending an appointment early")
class DismissExpertInput:
    """Ending an appointment early."""

    appointment_id: strawberry.ID = ref("exp", "聘任", "the appointment")
    reason: str | None = may("必填:理由", "required: why")
    idempotency_key: str | None = key()


@strawberry.input(description="安排评审会 / planning a session")
class CreatePanelSessionInput:
    """Planning a session."""

    held_on: dt.date = says("会议日期", "the day it is held on")
    purpose: PanelPurpose = says("评审目的", "purpose")
    place: str | None = may("地点", "place")
    note: str | None = may("备注", "note")
    idempotency_key: str | None = key()


@strawberry.input(description="列入评审会 / putting a case on a session")
class AddPanelCaseInput:
    """Putting a case on a session."""

    panel_session_id: strawberry.ID = ref("pss", "评审会", "the session")
    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="指派专家 / asking experts")
class AssignExpertsInput:
    """Asking experts."""

    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    expert_ids: list[strawberry.ID] | None = may_ref("usr", "专家(用户);已指派者保留", "experts, by user; others stay")
    chair_id: strawberry.ID | None = may_ref("usr", "组长,须为所指派的专家", "the chair, one of the experts asked")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="结束征求意见 / opening the opinions before all are in")
class CloseOpinionsInput:
    """Opening the opinions before all are in."""

    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="形成评审结论 / drawing the conclusion")
class ConcludePanelCaseInput:
    """Drawing the conclusion."""

    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    text: str | None = may(
        "评审意见正文;不填则按结论生成", "the wording; where it is left out it follows from the result"
    )
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="声明回避 / declaring a conflict of interest")
class DeclareConflictInput:
    """Declaring a conflict of interest."""

    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    reason: str | None = may("必填:回避理由", "required: the conflict")
    idempotency_key: str | None = key()


@strawberry.input(description="提交专家意见 / giving an opinion")
class SubmitOpinionInput:
    """Giving an opinion."""

    panel_case_id: strawberry.ID = ref("pcs", "评审事项", "the case")
    recommended_level: int | None = may(
        "建议级别,1 至 5(定级与备案评审必填)", "the level recommended, where a level is judged"
    )
    verdict: Verdict | None = may(
        "结论;评审级别时由建议级别得出", "verdict; on a level it follows from the recommendation"
    )
    reasons: str | None = may("必填:理由", "required: reasons")
    idempotency_key: str | None = key()


ExpertAppointmentPayload = payload(
    "ExpertAppointmentPayload", "appointment", ExpertAppointment, "专家聘任", "the appointment"
)
PanelSessionPayload = payload("PanelSessionPayload", "panel_session", PanelSession, "评审会", "the session")
PanelCasePayload = payload("PanelCasePayload", "panel_case", PanelCase, "评审事项", "the case")
PanelAssignmentPayload = payload("PanelAssignmentPayload", "assignment", PanelAssignment, "指派", "the assignment")
OpinionPayload = payload("OpinionPayload", "opinion", Opinion, "专家意见", "the opinion")

_case = entity("panelCase")


@strawberry.type
class PanelMutations:
    """What is done with the expert panel."""

    appoint_expert: ExpertAppointmentPayload = mutation(
        Run(experts.appoint_expert, entity("appointment")),
        AppointExpertInput,
        "聘任或续聘专家(市经办人) / appoint (officer)",
    )
    dismiss_expert: ExpertAppointmentPayload = mutation(
        Run(experts.dismiss_expert, entity("appointment")), DismissExpertInput, "解聘专家(市经办人) / dismiss (officer)"
    )
    create_panel_session: PanelSessionPayload = mutation(
        Run(use_cases.create_panel_session, entity("panelSession")),
        CreatePanelSessionInput,
        "安排评审会(市经办人) / plan a session (city officer)",
    )
    add_panel_case: PanelCasePayload = mutation(
        Run(use_cases.add_panel_case, _case),
        AddPanelCaseInput,
        "列入评审会(市经办人) / put on a session (city officer)",
    )
    assign_experts: PanelCasePayload = mutation(
        Run(use_cases.assign_experts, _case), AssignExpertsInput, "指派专家(市经办人) / ask experts (city officer)"
    )
    declare_conflict: PanelAssignmentPayload = mutation(
        Run(opinions.declare_conflict, entity("assignment")),
        DeclareConflictInput,
        "声明回避,即不再可见该事项(所指派的专家) / step back from a case, which is then out of sight (expert)",
    )
    submit_opinion: OpinionPayload = mutation(
        Run(opinions.submit_opinion, entity("opinion")),
        SubmitOpinionInput,
        "提交专家意见,一次为限(所指派的专家) / give one's opinion, once (expert)",
    )
    close_opinions: PanelCasePayload = mutation(
        Run(opinions.close_opinions, _case),
        CloseOpinionsInput,
        "意见未齐而达法定人数时结束征求意见(组长、市经办人) / open the opinions early (chair, city officer)",
    )
    conclude_panel_case: PanelCasePayload = mutation(
        Run(use_cases.conclude_panel_case, _case),
        ConcludePanelCaseInput,
        "形成评审结论(市经办人) / conclude (city officer)",
    )
