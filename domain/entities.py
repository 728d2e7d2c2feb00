"""Every mapped class, imported in one place: for migrations, catalogue tests and whoever needs all of them."""

from domain.assessments.accreditation import AccreditationChange, AssessmentBody
from domain.assessments.entities import Assessment, AssessmentPlan, AssessmentTransition, MilestoneReached
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.audit.entities import AuditEvent, AuditSeal, IdempotencyKey, OutboxEvent
from domain.base import Base
from domain.documents.entities import ArchiveEntry, Document, StorageUse
from domain.filings.entities import Filing, FilingSubmission, FilingTransition
from domain.grading.entities import Grading, GradingTransition
from domain.imports.entities import ImportProblem, ImportRun
from domain.inquiries.entities import Inquiry, InquiryMessage, KnowledgeArticle
from domain.inspections.entities import (
    CampaignPartner,
    Inspection,
    InspectionBatch,
    InspectionCampaign,
    InspectionFinding,
    OrderResponse,
    OverdueNotice,
    RectificationOrder,
)
from domain.mailed.entities import MailboxPosition, MailedPackage
from domain.notifications.entities import Notification, NotificationPreference
from domain.numbering import Counter
from domain.organisations.entities import Organisation
from domain.panels.entities import (
    ExpertAppointment,
    Opinion,
    PanelAssignment,
    PanelCase,
    PanelConclusion,
    PanelSession,
)
from domain.papers.entities import Paper
from domain.people.entities import (
    ExternalIdentity,
    Membership,
    PasswordReset,
    ServiceAccount,
    ServiceAccountKey,
    SignInAttempt,
    SignInSession,
    TotpCredential,
    User,
)
from domain.policy.entities import PolicyChange, PolicyRule
from domain.providers.entities import Provider
from domain.rectification.entities import RectificationMeasure, RectificationPlan, RectificationPlanTransition
from domain.replies.entities import ReplyLetter
from domain.returns.entities import MonthlyReturn
from domain.risk.entities import RiskAssessment, RiskFinding
from domain.search.entities import SearchEntry
from domain.selfinspections.entities import SelfInspection, SelfInspectionAnswer
from domain.systems.entities import System
from domain.templates.entities import LetterTemplate
from domain.tenants.entities import CalendarDay, District, Tenant, TenantSettings

__all__ = [
    "AccreditationChange",
    "ArchiveEntry",
    "Assessment",
    "AssessmentBody",
    "AssessmentFinding",
    "AssessmentPlan",
    "AssessmentReport",
    "AssessmentTransition",
    "AuditEvent",
    "AuditSeal",
    "Base",
    "CalendarDay",
    "CampaignPartner",
    "Counter",
    "District",
    "Document",
    "ExpertAppointment",
    "ExternalIdentity",
    "Filing",
    "FilingSubmission",
    "FilingTransition",
    "Grading",
    "GradingTransition",
    "IdempotencyKey",
    "ImportProblem",
    "ImportRun",
    "Inquiry",
    "InquiryMessage",
    "Inspection",
    "InspectionBatch",
    "InspectionCampaign",
    "InspectionFinding",
    "KnowledgeArticle",
    "LetterTemplate",
    "MailboxPosition",
    "MailedPackage",
    "Membership",
    "MilestoneReached",
    "MonthlyReturn",
    "Notification",
    "NotificationPreference",
    "Opinion",
    "OrderResponse",
    "Organisation",
    "OutboxEvent",
    "OverdueNotice",
    "PanelAssignment",
    "PanelCase",
    "PanelConclusion",
    "PanelSession",
    "Paper",
    "PasswordReset",
    "PolicyChange",
    "PolicyRule",
    "Provider",
    "RectificationMeasure",
    "RectificationOrder",
    "RectificationPlan",
    "RectificationPlanTransition",
    "ReplyLetter",
    "RiskAssessment",
    "RiskFinding",
    "SearchEntry",
    "SelfInspection",
    "SelfInspectionAnswer",
    "ServiceAccount",
    "ServiceAccountKey",
    "SignInAttempt",
    "SignInSession",
    "StorageUse",
    "System",
    "Tenant",
    "TenantSettings",
    "TotpCredential",
    "User",
]
