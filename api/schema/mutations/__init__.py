"""The root of all writes: each subject's mutations, gathered. A subject's inputs and payloads stand in its module."""

import strawberry

from api.schema.mutations.assessments import AssessmentMutations
from api.schema.mutations.calendar import CalendarMutations
from api.schema.mutations.documents import DocumentMutations
from api.schema.mutations.filings import FilingMutations
from api.schema.mutations.gradings import GradingMutations
from api.schema.mutations.imports import ImportMutations
from api.schema.mutations.inquiries import InquiryMutations
from api.schema.mutations.inspections import InspectionMutations
from api.schema.mutations.notifications import NotificationMutations
from api.schema.mutations.organisations import OrganisationMutations
from api.schema.mutations.panels import PanelMutations
from api.schema.mutations.people import PeopleMutations
from api.schema.mutations.policy import PolicyMutations
from api.schema.mutations.providers import ProviderMutations
from api.schema.mutations.rectification import RectificationMutations
from api.schema.mutations.replies import ReplyMutations
from api.schema.mutations.returns import MonthlyReturnMutations
from api.schema.mutations.service_accounts import ServiceAccountMutations
from api.schema.mutations.sessions import SessionMutations
from api.schema.mutations.systems import SystemMutations
from api.schema.mutations.templates import TemplateMutations
from api.schema.mutations.tenants import TenantMutations


@strawberry.type(description="变更 / all that can be done")
class Mutation(
    SessionMutations,
    OrganisationMutations,
    PeopleMutations,
    PolicyMutations,
    ServiceAccountMutations,
    SystemMutations,
    GradingMutations,
    FilingMutations,
    DocumentMutations,
    MonthlyReturnMutations,
    ReplyMutations,
    PanelMutations,
    CalendarMutations,
    InquiryMutations,
    TenantMutations,
    NotificationMutations,
    ImportMutations,
    AssessmentMutations,
    InspectionMutations,
    ProviderMutations,
    RectificationMutations,
    TemplateMutations,
):
    """All that can be done."""
