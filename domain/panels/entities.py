"""The expert panel (专家评审): appointments, sessions, cases, who was asked, what they said, what was concluded."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, level, refers, term, unique
from domain.panels.voting import Majority, TieRule
from domain.text import Term


class ExpertField(Term):
    """What an expert knows about (专业领域)."""

    NETWORK_SECURITY = "NETWORK_SECURITY", "网络安全", "network security"
    SYSTEM_SECURITY = "SYSTEM_SECURITY", "主机与系统安全", "hosts and operating systems"
    APPLICATION_SECURITY = "APPLICATION_SECURITY", "应用安全", "applications"
    DATA_SECURITY = "DATA_SECURITY", "数据安全与备份恢复", "data, backup and recovery"
    CRYPTOGRAPHY = "CRYPTOGRAPHY", "密码技术", "cryptography"
    PHYSICAL_SECURITY = "PHYSICAL_SECURITY", "物理安全", "physical security"
    SECURITY_MANAGEMENT = "SECURITY_MANAGEMENT", "安全管理", "security management"
    RISK_ASSESSMENT = "RISK_ASSESSMENT", "风险评估", "risk assessment"
    LEVEL_PROTECTION = "LEVEL_PROTECTION", "等级保护与定级", "classified protection, grading"
    E_GOVERNMENT = "E_GOVERNMENT", "电子政务", "e-government"
    EMERGENCY_RESPONSE = "EMERGENCY_RESPONSE", "应急响应", "emergency response"
    LAW_AND_STANDARDS = "LAW_AND_STANDARDS", "法律法规与标准", "law and standards"


class PanelPurpose(Term):
    """Why the panel meets (评审目的); the code is what its opinion documents carry in their number."""

    GRADING_ADVICE = "GRADING_ADVICE", "定级咨询评审", "advice on a grading", "定"
    FILING_RE_REVIEW = "FILING_RE_REVIEW", "备案再评审", "re-review of a filing's level", "复"
    PLAN_REVIEW = "PLAN_REVIEW", "整改方案评审", "review of a rectification plan", "改"


class PanelSessionState(Term):
    """Where a session stands (评审会状态)."""

    PLANNED = "PLANNED", "筹备或进行中", "takes cases, and some are open"
    CONCLUDED = "CONCLUDED", "已结束", "all of its cases are concluded"


class PanelCaseState(Term):
    """Where a panel case stands (评审状态)."""

    OPEN = "OPEN", "待指派专家", "waits for a session and its experts"
    IN_REVIEW = "IN_REVIEW", "评审中", "experts give their opinions, sealed from one another"
    OPINIONS_IN = "OPINIONS_IN", "意见已齐", "the opinions are open, the conclusion is to be drawn"
    CONCLUDED = "CONCLUDED", "已形成意见", "the panel has concluded"


class Verdict(Term):
    """Whether what was put before the panel may stand (评审结论)."""

    AGREE = "AGREE", "同意", "it stands as it is"
    DISAGREE = "DISAGREE", "不同意", "it has to be changed"


class ExpertAppointment(TenantRow):
    """An expert's appointment to the city's panel (专家聘任): fields, term (both days included), employer."""

    __tablename__ = "expert_appointments"

    user_id: Mapped[UUID]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    valid_from: Mapped[dt.date]
    valid_until: Mapped[dt.date]
    # Where the expert works: an organisation of the platform, whose cases are then not for this expert, or a name.
    employer_id: Mapped[UUID | None]
    employer_name: Mapped[str | None]
    appointed_by_id: Mapped[UUID]
    dismissed_at: Mapped[dt.datetime | None]
    dismissal_reason: Mapped[str | None]

    __table_args__ = (
        refers("user_id", "users"),
        refers("employer_id", "organisations"),
        refers("appointed_by_id", "users"),
        CheckConstraint("valid_until >= valid_from", name="term"),
        CheckConstraint("cardinality(fields) > 0", name="has_a_field"),
        CheckConstraint("(dismissed_at IS NULL) = (dismissal_reason IS NULL)", name="dismissal_has_a_reason"),
        Index(None, "tenant_id", "user_id", "valid_from", "id"),
        Index(None, "tenant_id", "valid_until", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class PanelSession(Versioned, TenantRow):
    """A meeting of the panel (评审会): its day, purpose and place; its cases name it."""

    __tablename__ = "panel_sessions"

    held_on: Mapped[dt.date]
    purpose: Mapped[PanelPurpose] = mapped_column(term(PanelPurpose))
    state: Mapped[PanelSessionState] = mapped_column(term(PanelSessionState), default=PanelSessionState.PLANNED)
    place: Mapped[str | None]
    note: Mapped[str | None]
    created_by_id: Mapped[UUID]

    __table_args__ = (
        refers("created_by_id", "users"),
        Index(None, "tenant_id", "held_on", "id"),
        Index(None, "tenant_id", "state", "held_on", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class PanelCase(Versioned, TenantRow):
    """One matter before the expert group (评审事项): a grading, a filing or a rectification plan."""

    __tablename__ = "panel_cases"

    purpose: Mapped[PanelPurpose] = mapped_column(term(PanelPurpose))
    state: Mapped[PanelCaseState] = mapped_column(term(PanelCaseState), default=PanelCaseState.OPEN)
    session_id: Mapped[UUID | None]
    unit_id: Mapped[UUID]
    system_id: Mapped[UUID]
    grading_id: Mapped[UUID | None]
    filing_id: Mapped[UUID | None]
    rectification_plan_id: Mapped[UUID | None]
    # The level that is before the panel, or of the plan's system, as it was when the case was opened.
    level: Mapped[int] = mapped_column(level())
    concluded_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("session_id", "panel_sessions"),
        refers("unit_id", "organisations"),
        refers("system_id", "systems"),
        refers("grading_id", "gradings"),
        refers("filing_id", "filings"),
        refers("rectification_plan_id", "rectification_plans"),
        CheckConstraint("num_nonnulls(grading_id, filing_id, rectification_plan_id) = 1", name="one_subject"),
        CheckConstraint(
            "(purpose = 'GRADING_ADVICE') = (grading_id IS NOT NULL) "
            "AND (purpose = 'PLAN_REVIEW') = (rectification_plan_id IS NOT NULL)",
            name="subject_of_purpose",
        ),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("(state = 'CONCLUDED') = (concluded_at IS NOT NULL)", name="concluded_at_known"),
        CheckConstraint("state IN ('OPEN', 'CONCLUDED') OR session_id IS NOT NULL", name="session_known"),
        Index(None, "tenant_id", "session_id", "id"),
        Index(None, "tenant_id", "filing_id", "id"),
        Index(None, "tenant_id", "grading_id", "id"),
        Index(None, "tenant_id", "rectification_plan_id", "id"),
        Index(None, "tenant_id", "system_id", "id"),
        Index(None, "tenant_id", "unit_id", "id"),
        Index(None, "tenant_id", "state", "created_at", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(
            "uq_panel_cases_one_open_filing",
            "tenant_id",
            "filing_id",
            unique=True,
            postgresql_where="state <> 'CONCLUDED' AND filing_id IS NOT NULL",
        ),
        Index(
            "uq_panel_cases_one_open_grading",
            "tenant_id",
            "grading_id",
            unique=True,
            postgresql_where="state <> 'CONCLUDED' AND grading_id IS NOT NULL",
        ),
        Index(
            "uq_panel_cases_one_open_plan",
            "tenant_id",
            "rectification_plan_id",
            unique=True,
            postgresql_where="state <> 'CONCLUDED' AND rectification_plan_id IS NOT NULL",
        ),
    )


class PanelAssignment(TenantRow):
    """An expert asked for an opinion on a case; a declared conflict or a dismissal ends the access that it gave."""

    __tablename__ = "panel_assignments"

    case_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    is_chair: Mapped[bool] = mapped_column(default=False)
    conflict_declared_at: Mapped[dt.datetime | None]
    conflict_reason: Mapped[str | None]
    # That there is an opinion is no secret, what it says is: officers can see whom they wait for.
    opinion_given_at: Mapped[dt.datetime | None]
    released_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("case_id", "panel_cases"),
        refers("expert_id", "users"),
        unique("case_id", "expert_id"),
        CheckConstraint("(conflict_declared_at IS NULL) = (conflict_reason IS NULL)", name="conflict_has_a_reason"),
        CheckConstraint(
            "NOT is_chair OR (conflict_declared_at IS NULL AND released_at IS NULL)", name="chair_is_in_force"
        ),
        Index(None, "tenant_id", "expert_id", "case_id"),
        Index("uq_panel_assignments_one_chair", "tenant_id", "case_id", unique=True, postgresql_where="is_chair"),
    )

    @property
    def in_force(self) -> bool:
        """Whether the expert still takes part."""
        return self.conflict_declared_at is None and self.released_at is None


class Opinion(TenantRow):
    """One expert's opinion on one case (专家意见), filed once and never changed."""

    __tablename__ = "opinions"

    case_id: Mapped[UUID]
    expert_id: Mapped[UUID]
    recommended_level: Mapped[int | None] = mapped_column(level())
    verdict: Mapped[Verdict] = mapped_column(term(Verdict))
    reasons: Mapped[str]

    __table_args__ = (
        refers("case_id", "panel_cases"),
        refers("expert_id", "users"),
        unique("case_id", "expert_id"),
        CheckConstraint("recommended_level BETWEEN 1 AND 5", name="recommended_level"),
        Index(None, "tenant_id", "expert_id", "case_id"),
    )


class PanelConclusion(TenantRow):
    """What the panel concluded on a case (评审结论), by the rules as they were then; never changed.

    ``number`` is that of the opinion document (评审意见书); ``opinions`` counts those that the conclusion rests on.
    """

    __tablename__ = "panel_conclusions"

    case_id: Mapped[UUID]
    number: Mapped[str]
    level: Mapped[int | None] = mapped_column(level())
    verdict: Mapped[Verdict] = mapped_column(term(Verdict))
    text: Mapped[str]
    opinions: Mapped[int]
    quorum: Mapped[int]
    majority: Mapped[Majority] = mapped_column(term(Majority))
    tie_rule: Mapped[TieRule] = mapped_column(term(TieRule))
    chair_id: Mapped[UUID | None]
    concluded_by_id: Mapped[UUID]

    __table_args__ = (
        refers("case_id", "panel_cases"),
        refers("chair_id", "users"),
        refers("concluded_by_id", "users"),
        unique("case_id"),
        unique("number"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level"),
        CheckConstraint("opinions >= quorum", name="quorum_was_there"),
    )
