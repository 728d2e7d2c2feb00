"""The expert panel (专家评审): appointments, sessions, cases, opinions, conclusions."""

import datetime as dt
from typing import Annotated

import strawberry

from api.reads.sources import column, connection, entity, global_id, to_many, to_one, to_one_of, to_one_on
from api.schema import lists
from api.schema.city import Organisation, User
from api.schema.common import Connection, Node, lazy, vocabulary
from api.schema.filings import Document, Filing
from api.schema.papers import as_pdf
from api.schema.rectification import RectificationPlan
from api.schema.systems import Grading, System
from domain.panels.entities import ExpertAppointment as ExpertAppointmentRow
from domain.panels.entities import ExpertField, PanelCaseState, PanelPurpose, PanelSessionState, Verdict
from domain.panels.entities import Opinion as OpinionRow
from domain.panels.entities import PanelAssignment as PanelAssignmentRow
from domain.panels.entities import PanelCase as PanelCaseRow
from domain.panels.entities import PanelConclusion as PanelConclusionRow
from domain.panels.entities import PanelSession as PanelSessionRow
from domain.panels.voting import Majority, TieRule

for _term in (ExpertField, PanelCaseState, PanelPurpose, PanelSessionState, Verdict, Majority, TieRule):
    vocabulary(_term)

PanelSubject = Annotated[
    Grading | Filing | RectificationPlan,
    strawberry.union("PanelSubject", description="评审对象 / what is put before the panel"),
]


@entity(ExpertAppointmentRow, "exp")
@strawberry.type(description="专家聘任 / an expert's appointment to the panel")
class ExpertAppointment(Node):
    """An expert's appointment to the panel."""

    id: strawberry.ID = global_id("exp")
    user: User | None = to_one("user_id", "专家 / the expert")
    fields: list[ExpertField] = column("fields", "专业领域 / fields of expertise")
    valid_from: dt.date = column("valid_from", "聘期起(含) / from this day on")
    valid_until: dt.date = column("valid_until", "聘期止(含) / up to this day")
    employer: Organisation | None = to_one("employer_id", "工作单位(平台内机构) / employer, where on the platform")
    employer_name: str | None = column("employer_name", "工作单位名称 / the employer's name")
    appointed_by: User | None = to_one("appointed_by_id", "聘任经办人 / who appointed")
    created_at: dt.datetime = column("created_at", "聘任时间 / when it was made")
    dismissed_at: dt.datetime | None = column("dismissed_at", "解聘时间 / when it was ended early")
    dismissal_reason: str | None = column("dismissal_reason", "解聘理由 / why it was ended early")


@entity(PanelSessionRow, "pss")
@strawberry.type(description="评审会 / a meeting of the panel")
class PanelSession(Node):
    """A meeting of the panel."""

    id: strawberry.ID = global_id("pss")
    held_on: dt.date = column("held_on", "会议日期 / the day it is held on")
    purpose: PanelPurpose = column("purpose", "评审目的 / purpose")
    state: PanelSessionState = column("state", "状态 / state")
    place: str | None = column("place", "地点 / place")
    note: str | None = column("note", "备注 / note")
    cases: Connection[lazy("PanelCase", "panels")] = connection(
        lists.PANEL_CASES, "评审事项 / its cases", key="session_id"
    )
    created_by: User | None = to_one("created_by_id", "安排人 / who planned it")
    created_at: dt.datetime = column("created_at", "安排时间 / when it was planned")
    version: int = column("version", "版本 / counts its changes")


@entity(PanelAssignmentRow, "pas")
@strawberry.type(description="专家指派 / an expert asked for an opinion on a case")
class PanelAssignment(Node):
    """An expert asked for an opinion on a case."""

    id: strawberry.ID = global_id("pas")
    case: lazy("PanelCase", "panels") | None = to_one("case_id", "评审事项 / the case")
    expert: User | None = to_one("expert_id", "专家 / the expert")
    is_chair: bool = column("is_chair", "是否组长 / whether the expert chairs the case")
    conflict_declared_at: dt.datetime | None = column(
        "conflict_declared_at", "声明回避时间 / when a conflict was declared"
    )
    conflict_reason: str | None = column("conflict_reason", "回避理由 / the conflict")
    opinion_given_at: dt.datetime | None = column("opinion_given_at", "提交意见时间 / when the opinion was given")
    released_at: dt.datetime | None = column("released_at", "解除指派时间 / when it was taken back, by a dismissal")
    created_at: dt.datetime = column("created_at", "指派时间 / when the expert was asked")


@entity(OpinionRow, "opi")
@strawberry.type(description="专家意见,意见齐备前互不可见 / an expert's opinion, sealed until all are in")
class Opinion(Node):
    """An expert's opinion."""

    id: strawberry.ID = global_id("opi")
    case: lazy("PanelCase", "panels") | None = to_one("case_id", "评审事项 / the case")
    expert: User | None = to_one("expert_id", "专家 / the expert")
    recommended_level: int | None = column("recommended_level", "建议级别 / the level recommended")
    verdict: Verdict = column("verdict", "结论 / whether what is before the panel may stand")
    reasons: str = column("reasons", "理由 / reasons")
    created_at: dt.datetime = column("created_at", "提交时间 / when it was given")


@entity(PanelConclusionRow, "con")
@strawberry.type(description="评审结论 / what the panel concluded, by the rules as they were then")
class PanelConclusion(Node):
    """What the panel concluded."""

    id: strawberry.ID = global_id("con")
    case: lazy("PanelCase", "panels") | None = to_one("case_id", "评审事项 / the case")
    number: str = column("number", "评审意见书编号 / number of the opinion document")
    level: int | None = column("level", "级别 / the level concluded on")
    verdict: Verdict = column("verdict", "结论 / whether what was before the panel may stand")
    text: str = column("text", "评审意见 / the wording")
    opinions: int = column("opinions", "所据意见份数 / how many opinions it rests on")
    quorum: int = column("quorum", "当时的法定人数 / the quorum as it was")
    majority: Majority = column("majority", "当时的表决多数 / the majority as it was")
    tie_rule: TieRule = column("tie_rule", "当时未达多数的规则 / the rule without a majority, as it was")
    chair: User | None = to_one("chair_id", "组长 / the chair")
    concluded_by: User | None = to_one("concluded_by_id", "经办人 / who drew it")
    created_at: dt.datetime = column("created_at", "时间 / when")


@entity(PanelCaseRow, "pcs")
@strawberry.type(description="评审事项 / one matter before the panel")
class PanelCase(Node):
    """One matter before the panel."""

    id: strawberry.ID = global_id("pcs")
    purpose: PanelPurpose = column("purpose", "评审目的 / purpose")
    state: PanelCaseState = column("state", "状态 / state")
    session: PanelSession | None = to_one("session_id", "评审会 / the session")
    unit: Organisation | None = to_one("unit_id", "运营使用单位 / the unit")
    system: System | None = to_one("system_id", "信息系统 / the system")
    subject: PanelSubject | None = to_one_of(
        {"grading_id": "Grading", "filing_id": "Filing", "rectification_plan_id": "RectificationPlan"},
        "评审对象 / what is before the panel",
    )
    level: int = column("level", "送评级别,或方案所属系统的级别 / the level before the panel, or of the plan's system")
    assignments: list[PanelAssignment] = to_many("case_id", "指派的专家 / the experts asked")
    opinions: list[Opinion] = to_many("case_id", "专家意见,公开后可见 / opinions, once they are open")
    conclusion: PanelConclusion | None = to_one_on(
        lambda mine, other: other.c.case_id == mine.c.id, "评审结论 / the conclusion"
    )
    opinion_document: Document | None = as_pdf(
        "panel_case_id", "评审意见书(PDF/A),形成意见后生成 / the opinion document, made once it is concluded"
    )
    documents: list[Document] = to_many("panel_case_id", "评审文件 / its documents")
    created_at: dt.datetime = column("created_at", "提交评审时间 / when it was put before the panel")
    concluded_at: dt.datetime | None = column("concluded_at", "形成意见时间 / when the panel concluded")
    version: int = column("version", "版本 / counts its changes")
