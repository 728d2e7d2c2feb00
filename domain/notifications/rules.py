"""Who is told of what: one table, from an event (a subject, and the mutation that was accepted) to kinds and audiences.

An audience is a role and duty, and how the person's organisation has to do with the subject. Who of them may not see
the subject is not told (``delivery``), whatever stands here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnExpressionArgument, func, select, true
from sqlalchemy.orm import aliased

from domain.access import Duty, Role
from domain.assessments.entities import ENDED, Assessment, AssessmentOrganiser, AssessmentState
from domain.filings.entities import FilingState
from domain.inquiries.entities import InquiryState
from domain.mailed.entities import MailedPackageState
from domain.notifications.kinds import NotificationKind as K
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.panels.entities import PanelAssignment, PanelCaseState
from domain.people.entities import Membership
from domain.rectification.entities import UNDER_WAY, PlanState
from domain.text import Term

# Over ``Membership`` and its ``Organisation``: which of them, for this subject.
Whose = Callable[[Any], ColumnExpressionArgument[bool]]


@dataclass(frozen=True, slots=True)
class Audience:
    """People with ``duty`` (None: any) in ``role``, in the organisations that ``whose`` names."""

    role: Role
    duty: Duty | None
    whose: Whose


@dataclass(frozen=True, slots=True)
class Rule:
    """When an event (of a subject for which ``when`` holds) is delivered: tell ``to`` of ``kind``."""

    kind: K
    to: tuple[Audience, ...]
    when: Callable[[Any], bool]
    # Each person is told once of this subject, however often the event comes.
    once: bool


def rule(kind: K, *to: Audience, when: Callable[[Any], bool] = lambda _: True, once: bool = False) -> Rule:
    """A row of the table."""
    return Rule(kind, to, when, once)


# --- whose ---


def _everybody(_: Any) -> ColumnExpressionArgument[bool]:
    return true()


def _unit(subject: Any) -> ColumnExpressionArgument[bool]:
    return Organisation.id.in_([subject.unit_id])


def _supervisor(subject: Any) -> ColumnExpressionArgument[bool]:
    """The unit's supervising unit."""
    unit = aliased(Organisation)
    return Organisation.id.in_(
        select(unit.supervising_unit_id).where(unit.tenant_id == subject.tenant_id, unit.id == subject.unit_id)
    )


def _approving(subject: Any) -> ColumnExpressionArgument[bool]:
    """Who confirms a unit's gradings: its supervising unit, or the unit itself where it has none."""
    unit = aliased(Organisation)
    return Organisation.id.in_(
        select(func.coalesce(unit.supervising_unit_id, unit.id)).where(
            unit.tenant_id == subject.tenant_id, unit.id == subject.unit_id
        )
    )


def _district(subject: Any) -> ColumnExpressionArgument[bool]:
    return Organisation.district_id.in_([subject.district_id])


def _city_where_no_district(subject: Any) -> ColumnExpressionArgument[bool]:
    # A constant would take the other conditions with it.
    return Membership.user_id.in_([]) if subject.district_id is not None else true()


def _units_district(subject: Any) -> ColumnExpressionArgument[bool]:
    """The district of a district-level unit."""
    unit = aliased(Organisation)
    return Organisation.district_id.in_(
        select(unit.district_id).where(
            unit.tenant_id == subject.tenant_id,
            unit.id == subject.unit_id,
            unit.authority_level == AuthorityLevel.DISTRICT,
        )
    )


def _assigned(case: Any) -> ColumnExpressionArgument[bool]:
    """The experts who were asked, and still take part."""
    return Membership.user_id.in_(
        select(PanelAssignment.expert_id).where(
            PanelAssignment.tenant_id == case.tenant_id,
            PanelAssignment.case_id == case.id,
            PanelAssignment.conflict_declared_at.is_(None),
            PanelAssignment.released_at.is_(None),
        )
    )


def _assessed_by(body: Any) -> ColumnExpressionArgument[bool]:
    """The units of assessments that the body has under way."""
    return Organisation.id.in_(
        select(Assessment.unit_id).where(
            Assessment.tenant_id == body.tenant_id,
            Assessment.body_id == body.id,
            Assessment.state.not_in(ENDED),
        )
    )


def _addressed(package: Any) -> ColumnExpressionArgument[bool]:
    """The office whose mailbox it came to."""
    return Organisation.id.in_([package.organisation_id])


def _person(column: str) -> Whose:
    return lambda subject: Membership.user_id.in_([getattr(subject, column)])


# --- audiences ---

CITY_OFFICERS = Audience(Role.CITY_OFFICE, Duty.OFFICER, _everybody)
CITY_LEADERS = Audience(Role.CITY_OFFICE, Duty.LEADER, _everybody)
CITY_ADVISORS = Audience(Role.CITY_OFFICE, Duty.ADVISOR, _everybody)
DISTRICT_OFFICERS = Audience(Role.DISTRICT_OFFICE, Duty.OFFICER, _district)
FILERS = Audience(Role.UNIT, Duty.FILER, _unit)
APPROVERS = Audience(Role.UNIT, Duty.APPROVER, _unit)
CONFIRMING = Audience(Role.UNIT, Duty.APPROVER, _approving)
SUPERVISORS = Audience(Role.UNIT, Duty.APPROVER, _supervisor)
DRAFTER = Audience(Role.CITY_OFFICE, Duty.OFFICER, _person("drafted_by_id"))
ASKER = Audience(Role.UNIT, None, _person("opened_by_id"))
ASSIGNED = Audience(Role.EXPERT, Duty.EXPERT, _assigned)
UNITS_DISTRICT = Audience(Role.DISTRICT_OFFICE, Duty.OFFICER, _units_district)
GRADER = Audience(Role.UNIT, Duty.FILER, _person("saved_by_id"))

# The assessors of the body that an assessment names, and those of a body itself.
ASSESSORS = Audience(Role.ASSESSOR, Duty.ASSESSOR, lambda assessment: Organisation.id.in_([assessment.body_id]))
BODYS_ASSESSORS = Audience(Role.ASSESSOR, Duty.ASSESSOR, lambda body: Organisation.id.in_([body.id]))
BODYS_UNITS = Audience(Role.UNIT, Duty.APPROVER, _assessed_by)
EVERY_DISTRICT = Audience(Role.DISTRICT_OFFICE, Duty.OFFICER, _everybody)
# Who hears of a self-inspection: the office of the unit's district, or the city's where it has none.
AUTHORITY_OF_DISTRICT = Audience(Role.DISTRICT_OFFICE, Duty.OFFICER, _district)
AUTHORITY_OF_CITY = Audience(Role.CITY_OFFICE, Duty.OFFICER, _city_where_no_district)

# Who enters what came by e-mail: one office's officers, of either kind.
ADDRESSED = tuple(Audience(role, Duty.OFFICER, _addressed) for role in (Role.CITY_OFFICE, Role.DISTRICT_OFFICE))

# Whoever started an import, whatever the office.
IMPORTERS = tuple(
    Audience(role, None, _person("started_by_id")) for role in (Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.UNIT)
)


def _of_district(subject: Any) -> bool:
    return bool(subject.authority is AuthorityLevel.DISTRICT)


def _of_city(subject: Any) -> bool:
    return bool(subject.authority is AuthorityLevel.CITY)


def _organised_by_city(assessment: Any) -> bool:
    return bool(assessment.organised_by is AssessmentOrganiser.CITY_OFFICE)


def _commissioned_by_unit(assessment: Any) -> bool:
    return bool(assessment.organised_by is AssessmentOrganiser.UNIT)


def _is_notified(inspection: Any) -> bool:
    return inspection.notified_at is not None


def _in(state: Term) -> Callable[[Any], bool]:
    return lambda subject: bool(subject.state is state)


def _important(plan: Any) -> bool:
    return bool(plan.important)


def _approved(plan: Any) -> bool:
    """What was decided, also when the unit has gone on meanwhile."""
    return plan.state in {*UNDER_WAY, PlanState.COMPLETED}


def _says(kind: str) -> Callable[[Any], bool]:
    return lambda reply: bool(reply.kind == kind)


# --- the table ---

RULES: Mapping[str, tuple[Rule, ...]] = {
    "Grading.submitGrading": (rule(K.GRADING_AWAITS_APPROVAL, CONFIRMING),),
    "Grading.confirmGrading": (rule(K.GRADING_CONFIRMED, GRADER),),
    "Grading.returnGrading": (rule(K.GRADING_RETURNED, GRADER),),
    "Grading.concludePanelCase": (rule(K.GRADING_ADVICE_GIVEN, FILERS),),
    "Filing.submitFiling": (
        rule(K.FILING_SUBMITTED, DISTRICT_OFFICERS, when=_of_district),
        rule(K.FILING_SUBMITTED, CITY_OFFICERS, when=_of_city),
    ),
    "Filing.withdrawFiling": (
        rule(K.FILING_WITHDRAWN, DISTRICT_OFFICERS, when=_of_district),
        rule(K.FILING_WITHDRAWN, CITY_OFFICERS, when=_of_city),
    ),
    "Filing.receiveFiling": (rule(K.FILING_RECEIVED, FILERS, APPROVERS),),
    "Filing.enterFiling": (rule(K.FILING_RECEIVED, FILERS, APPROVERS),),
    "Filing.resubmitFiling": (rule(K.FILING_RESUBMITTED, CITY_OFFICERS),),
    "Filing.cancelFiling": (
        rule(K.FILING_CANCELLED, CITY_OFFICERS),
        rule(K.FILING_CANCELLED, DISTRICT_OFFICERS, when=_of_district),
    ),
    "Filing.concludePanelCase": (
        rule(K.LEVEL_TO_ADJUST, FILERS, APPROVERS, when=_in(FilingState.LEVEL_ADJUSTMENT)),
        rule(K.RE_REVIEW_CONCLUDED, CITY_OFFICERS),
    ),
    "PanelCase.openPanelCase": (rule(K.CASE_OPENED, CITY_OFFICERS),),
    "PanelCase.assignExperts": (rule(K.CASE_ASSIGNED, ASSIGNED, once=True),),
    **dict.fromkeys(
        ("PanelCase.submitOpinion", "PanelCase.closeOpinions", "PanelCase.dismissExpert"),
        (rule(K.OPINIONS_IN, CITY_OFFICERS, when=_in(PanelCaseState.OPINIONS_IN)),),
    ),
    "PanelCase.declareConflict": (
        rule(K.EXPERT_STEPPED_BACK, CITY_OFFICERS),
        rule(K.OPINIONS_IN, CITY_OFFICERS, when=_in(PanelCaseState.OPINIONS_IN)),
    ),
    "RectificationPlan.submitRectificationPlan": (
        rule(K.PLAN_SUBMITTED, CITY_ADVISORS, UNITS_DISTRICT, when=_important),
    ),
    "RectificationPlan.concludePanelCase": (rule(K.PLAN_TO_REVIEW, CITY_OFFICERS),),
    "RectificationPlan.reviewRectificationPlan": (
        rule(K.PLAN_APPROVED, FILERS, APPROVERS, SUPERVISORS, when=_approved),
        rule(K.PLAN_RETURNED, FILERS, APPROVERS, SUPERVISORS, when=lambda plan: not _approved(plan)),
    ),
    "RectificationPlan.completeRectification": (
        rule(K.RECTIFICATION_COMPLETED, APPROVERS, SUPERVISORS),
        rule(K.RECTIFICATION_COMPLETED, CITY_OFFICERS, UNITS_DISTRICT, when=_important),
    ),
    "MonthlyReturn.submitMonthlyReturn": (rule(K.RETURN_SUBMITTED, CITY_OFFICERS),),
    "ReplyLetter.draftReply": (rule(K.REPLY_DRAFTED, CITY_LEADERS),),
    "ReplyLetter.returnReply": (rule(K.REPLY_RETURNED, DRAFTER),),
    "ReplyLetter.issueReply": (
        rule(K.FILING_ACCEPTED, FILERS, APPROVERS, SUPERVISORS, when=_says("A")),
        rule(K.FILING_INCOMPLETE, FILERS, APPROVERS, SUPERVISORS, when=_says("B")),
        rule(K.FILING_IN_RE_REVIEW, FILERS, APPROVERS, SUPERVISORS, when=_says("C")),
    ),
    "ImportRun.endImport": (rule(K.IMPORT_ENDED, *IMPORTERS),),
    "MailedPackage.collectPackage": (
        rule(K.PACKAGE_ARRIVED, *ADDRESSED, when=_in(MailedPackageState.WAITING)),
        rule(K.PACKAGE_REFUSED, *ADDRESSED, when=_in(MailedPackageState.REFUSED)),
    ),
    "Assessment.commissionAssessment": (rule(K.ASSESSMENT_COMMISSIONED, ASSESSORS),),
    **dict.fromkeys(
        ("Assessment.organiseAssessment", "Assessment.adoptAssessmentPlan"),
        (
            rule(K.ASSESSMENT_ORGANISED, FILERS, APPROVERS),
            rule(K.ASSESSMENT_COMMISSIONED, ASSESSORS, when=_in(AssessmentState.COMMISSIONED)),
        ),
    ),
    "Assessment.acceptAssessment": (
        rule(K.ASSESSMENT_ACCEPTED, FILERS, APPROVERS),
        rule(K.ASSESSMENT_ACCEPTED, CITY_OFFICERS, when=_organised_by_city),
    ),
    "Assessment.declineAssessment": (
        rule(K.ASSESSMENT_DECLINED, APPROVERS, when=_commissioned_by_unit),
        rule(K.ASSESSMENT_DECLINED, CITY_OFFICERS, when=_organised_by_city),
    ),
    "Assessment.cancelAssessment": (rule(K.ASSESSMENT_CANCELLED, FILERS, APPROVERS, ASSESSORS),),
    "Assessment.uploadAssessmentReport": (rule(K.ASSESSMENT_REPORT_UPLOADED, APPROVERS),),
    "Assessment.confirmAssessmentReport": (
        rule(K.ASSESSMENT_REPORT_CONFIRMED, DISTRICT_OFFICERS, when=_of_district),
        rule(K.ASSESSMENT_REPORT_CONFIRMED, CITY_OFFICERS, when=_of_city),
    ),
    "Assessment.receiveAssessmentReport": (rule(K.ASSESSMENT_REPORT_RECEIVED, FILERS, APPROVERS, ASSESSORS),),
    "Assessment.returnAssessmentReport": (rule(K.ASSESSMENT_REPORT_RETURNED, FILERS, APPROVERS, ASSESSORS),),
    "AssessmentBody.setAccreditation": (rule(K.ACCREDITATION_CHANGED, BODYS_ASSESSORS, BODYS_UNITS),),
    "Inspection.notifyInspections": (rule(K.INSPECTION_NOTIFIED, FILERS, APPROVERS),),
    **dict.fromkeys(
        ("Inspection.rescheduleInspection", "Inspection.cancelInspection"),
        (rule(K.INSPECTION_MOVED, FILERS, APPROVERS, when=_is_notified),),
    ),
    "RectificationOrder.draftOrder": (rule(K.ORDER_DRAFTED, CITY_LEADERS),),
    "RectificationOrder.returnOrder": (rule(K.ORDER_RETURNED, DRAFTER),),
    "RectificationOrder.issueOrder": (rule(K.ORDER_ISSUED, FILERS, APPROVERS),),
    "Inspection.respondToOrder": (rule(K.ORDER_RESPONDED, CITY_OFFICERS),),
    "Inspection.returnResponse": (rule(K.RESPONSE_RETURNED, FILERS, APPROVERS),),
    "Inspection.closeInspection": (rule(K.INSPECTION_CLOSED, FILERS, APPROVERS),),
    "InspectionCampaign.publishCampaignReport": (rule(K.CAMPAIGN_PUBLISHED, CITY_LEADERS, EVERY_DISTRICT),),
    "SelfInspection.submitSelfInspection": (
        rule(K.SELF_INSPECTION_SUBMITTED, AUTHORITY_OF_CITY, AUTHORITY_OF_DISTRICT),
    ),
    "Inquiry.openInquiry": (rule(K.INQUIRY_OPENED, CITY_ADVISORS),),
    "Inquiry.replyToInquiry": (
        rule(K.INQUIRY_ANSWERED, ASKER, when=_in(InquiryState.ANSWERED)),
        rule(K.INQUIRY_OPENED, CITY_ADVISORS, when=_in(InquiryState.OPEN)),
    ),
}
