"""The paged lists: what each can be filtered and ordered by. Everything here has an index led by the tenant."""

from __future__ import annotations

from api.schema.lists.assessments import ASSESSMENT_BODIES, ASSESSMENT_FINDINGS, ASSESSMENT_PLANS, ASSESSMENTS
from api.schema.lists.city import (
    CALENDAR_DAYS,
    DISTRICTS,
    MEMBERSHIPS,
    ORGANISATIONS,
    POLICY_CHANGES,
    SERVICE_ACCOUNTS,
    USERS,
)
from api.schema.lists.documents import ARCHIVE_ENTRIES
from api.schema.lists.filings import FILINGS, MONTHLY_RETURNS, REVIEW_PERIODS
from api.schema.lists.inquiries import INQUIRIES, KNOWLEDGE_ARTICLES
from api.schema.lists.inspections import (
    CAMPAIGNS,
    INSPECTION_BATCHES,
    INSPECTIONS,
    OVERDUE_NOTICES,
    SELF_INSPECTIONS,
)
from api.schema.lists.panels import EXPERT_APPOINTMENTS, PANEL_CASES, PANEL_SESSIONS
from api.schema.lists.providers import PROVIDERS
from api.schema.lists.rectification import (
    RECTIFICATION_MEASURES,
    RECTIFICATION_PLANS,
    RISK_ASSESSMENTS,
    RISK_FINDINGS,
)
from api.schema.lists.systems import GRADINGS, SYSTEMS
from api.schema.lists.work import AUDIT_EVENTS, IMPORT_PROBLEMS, IMPORT_RUNS, MAILED_PACKAGES, NOTIFICATIONS, WORK_ITEMS

__all__ = [
    "ARCHIVE_ENTRIES",
    "ASSESSMENTS",
    "ASSESSMENT_BODIES",
    "ASSESSMENT_FINDINGS",
    "ASSESSMENT_PLANS",
    "AUDIT_EVENTS",
    "CALENDAR_DAYS",
    "CAMPAIGNS",
    "DISTRICTS",
    "EXPERT_APPOINTMENTS",
    "FILINGS",
    "GRADINGS",
    "IMPORT_PROBLEMS",
    "IMPORT_RUNS",
    "INQUIRIES",
    "INSPECTIONS",
    "INSPECTION_BATCHES",
    "KNOWLEDGE_ARTICLES",
    "MAILED_PACKAGES",
    "MEMBERSHIPS",
    "MONTHLY_RETURNS",
    "NOTIFICATIONS",
    "ORGANISATIONS",
    "OVERDUE_NOTICES",
    "PANEL_CASES",
    "PANEL_SESSIONS",
    "POLICY_CHANGES",
    "PROVIDERS",
    "RECTIFICATION_MEASURES",
    "RECTIFICATION_PLANS",
    "REVIEW_PERIODS",
    "RISK_ASSESSMENTS",
    "RISK_FINDINGS",
    "SELF_INSPECTIONS",
    "SERVICE_ACCOUNTS",
    "SYSTEMS",
    "USERS",
    "WORK_ITEMS",
]
