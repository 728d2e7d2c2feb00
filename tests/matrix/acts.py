"""What every mutation acts on: a second table beside who may (``TABLE``), restated without the code under test.

Of a mutation: the input field that names its subject, the entity, whose it has to be, and in which states it goes on.
What does not go on is refused before anything is written; what would go on is asked with a version of long ago, or with
an input that is wrong, so that the world stays as it is while it is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.oracle import Row, Viewer

Whose = Callable[[Viewer, Row], bool]


def anybodys(_: Viewer, __: Row) -> bool:
    """Whoever sees it may."""
    return True


def own(viewer: Viewer, row: Row) -> bool:
    """The unit itself: one that supervises it sees, and does not do, its work."""
    return bool(row["unit_id"] == viewer.home["id"])


def approving(viewer: Viewer, row: Row) -> bool:
    """The supervising unit, or the unit itself where it has none."""
    unit = viewer.all.rows["organisations"][row["unit_id"]]
    return bool((unit["supervising_unit_id"] or unit["id"]) == viewer.home["id"])


def of_its_level(viewer: Viewer, row: Row) -> bool:
    """The authority of the unit's own level."""
    return bool(row["authority"] == ("CITY" if viewer.role == "CITY_OFFICE" else "DISTRICT"))


def own_or_the_offices(viewer: Viewer, row: Row) -> bool:
    """The unit that asked, or the city office that answers."""
    return viewer.role == "CITY_OFFICE" or own(viewer, row)


def who_had_it_done(viewer: Viewer, row: Row) -> bool:
    """The unit that commissioned an assessment, or the city office that organised it."""
    if viewer.role == "CITY_OFFICE":
        return bool(row["organised_by"] == "CITY_OFFICE")
    return own(viewer, row) and row["organised_by"] == "UNIT"


def administered(viewer: Viewer, row: Row) -> bool:
    """The city office administers every organisation, others their own."""
    return viewer.role == "CITY_OFFICE" or bool(row.get("organisation_id", row["id"]) == viewer.home["id"])


def has_not_said(viewer: Viewer, row: Row) -> bool:
    """Each expert gives one opinion on a case."""
    return (row["id"], viewer.user) not in {
        (each["case_id"], each["expert_id"]) for each in viewer.all.values("opinions")
    }


def is_concluded(viewer: Viewer, plan: Row) -> bool:
    """The panel has concluded on the plan as it was last submitted."""
    case = viewer.all.rows["panel_cases"].get(plan["panel_case_id"])
    return case is not None and case["state"] == "CONCLUDED"


def is_carried_out(viewer: Viewer, measure: Row) -> bool:
    """The measure's plan is being carried out."""
    plan = viewer.all.rows["rectification_plans"][measure["plan_id"]]
    return plan["state"] in {"APPROVED", "IN_PROGRESS"}


@dataclass(frozen=True)
class Acts:
    """``states`` None: in whatever state. ``wrong`` is what of the input is wrong where no version can be given."""

    field: str
    table: str
    whose: Whose = anybodys
    states: frozenset[str] | None = None
    wrong: Mapping[str, Any] | None = None
    also: Whose = anybodys
    # What goes on would be done, whatever else the input says: asked only of those who may not.
    would_do: bool = False

    def goes_on(self, viewer: Viewer, row: Row) -> bool:
        """Whether nothing but the input stands in the way of who may do it."""
        return (self.states is None or row["state"] in self.states) and self.also(viewer, row)


def acts(
    field: str,
    table: str,
    whose: Whose = anybodys,
    *states: str,
    wrong: Mapping[str, Any] | None = None,
    also: Whose = anybodys,
    would_do: bool = False,
) -> Acts:
    """A row of the table; ``also`` is what has to hold beside the state."""
    return Acts(field, table, whose, frozenset(states) if states else None, wrong, also, would_do)


_EDITABLE = ("DRAFT", "INCOMPLETE", "LEVEL_ADJUSTMENT")
_UNTIL_THE_REPORT = ("PLANNED", "COMMISSIONED", "IN_PROGRESS")
_TOO_LONG = "长" * 20_001

ACTS: Mapping[str, Acts] = {
    "updateSystem": acts("systemId", "systems", own),
    "retireSystem": acts("systemId", "systems", own),
    "setSystemImportance": acts("systemId", "systems"),
    "submitGrading": acts("gradingId", "gradings", own, "DRAFT"),
    "requestGradingAdvice": acts("gradingId", "gradings", own, "DRAFT"),
    "confirmGrading": acts("gradingId", "gradings", approving, "AWAITING_APPROVAL"),
    "returnGrading": acts("gradingId", "gradings", approving, "AWAITING_APPROVAL"),
    "saveFiling": acts("filingId", "filings", own, *_EDITABLE),
    "submitFiling": acts("filingId", "filings", own, "DRAFT"),
    "discardGrading": acts("gradingId", "gradings", own, "DRAFT"),
    "discardFiling": acts("filingId", "filings", own, "DRAFT"),
    "withdrawFiling": acts("filingId", "filings", own, "SUBMITTED"),
    "resubmitFiling": acts("filingId", "filings", own, "INCOMPLETE", "LEVEL_ADJUSTMENT"),
    "amendFiling": acts("filingId", "filings", own, "ACCEPTED"),
    "cancelFiling": acts("filingId", "filings", own, "ACCEPTED"),
    "receiveFiling": acts("filingId", "filings", of_its_level, "SUBMITTED"),
    "draftReply": acts("filingId", "filings", anybodys, "UNDER_REVIEW", wrong={"kind": "B", "body": _TOO_LONG}),
    "issueReply": acts("replyLetterId", "reply_letters", anybodys, "DRAFT"),
    "returnReply": acts("replyLetterId", "reply_letters", anybodys, "DRAFT"),
    "submitMonthlyReturn": acts("monthlyReturnId", "monthly_returns", anybodys, "OPEN"),
    "assignExperts": acts("panelCaseId", "panel_cases", anybodys, "OPEN", "IN_REVIEW", "OPINIONS_IN"),
    "concludePanelCase": acts("panelCaseId", "panel_cases", anybodys, "OPINIONS_IN"),
    "declareConflict": acts("panelCaseId", "panel_cases", anybodys, "IN_REVIEW", "OPINIONS_IN", wrong={"reason": ""}),
    "submitOpinion": acts(
        "panelCaseId", "panel_cases", anybodys, "IN_REVIEW", wrong={"reasons": ""}, also=has_not_said
    ),
    "replyToInquiry": acts("inquiryId", "inquiries", own_or_the_offices),
    "closeInquiry": acts("inquiryId", "inquiries", own_or_the_offices, "OPEN", "ANSWERED"),
    "updateProvider": acts("providerId", "providers"),
    "recommendProvider": acts("providerId", "providers"),
    "withdrawRecommendation": acts("providerId", "providers", anybodys, "RECOMMENDED"),
    "discardRiskAssessment": acts("riskAssessmentId", "risk_assessments", own, "RECORDED"),
    "discardRectificationPlan": acts("rectificationPlanId", "rectification_plans", own, "DRAFT"),
    "submitRectificationPlan": acts("rectificationPlanId", "rectification_plans", own, "DRAFT", "RETURNED"),
    "reviewRectificationPlan": acts(
        "rectificationPlanId", "rectification_plans", anybodys, "IN_PANEL_REVIEW", also=is_concluded
    ),
    "updateMeasure": acts("measureId", "rectification_measures", own, also=is_carried_out),
    "completeRectification": acts("rectificationPlanId", "rectification_plans", own, "IN_PROGRESS"),
    "setAccreditation": acts("assessmentBodyId", "assessment_bodies"),
    "recordFunding": acts(
        "assessmentId", "assessments", own, *_UNTIL_THE_REPORT, "REPORT_UPLOADED", "CONFIRMED", "RETURNED"
    ),
    "acceptAssessment": acts("assessmentId", "assessments", anybodys, "COMMISSIONED"),
    "declineAssessment": acts("assessmentId", "assessments", anybodys, "COMMISSIONED"),
    "recordMilestone": acts("assessmentId", "assessments", anybodys, "IN_PROGRESS", "RETURNED"),
    "uploadAssessmentReport": acts(
        "assessmentId", "assessments", anybodys, "IN_PROGRESS", "REPORT_UPLOADED", "RETURNED"
    ),
    "confirmAssessmentReport": acts("assessmentId", "assessments", own, "REPORT_UPLOADED"),
    "receiveAssessmentReport": acts("assessmentId", "assessments", of_its_level, "CONFIRMED"),
    "returnAssessmentReport": acts("assessmentId", "assessments", of_its_level, "CONFIRMED"),
    "cancelAssessment": acts("assessmentId", "assessments", who_had_it_done, *_UNTIL_THE_REPORT),
    "withdrawAnswer": acts("articleId", "knowledge_articles", anybodys, "PUBLISHED"),
    "updateOrganisation": acts("organisationId", "organisations", administered),
    "revokeMembership": acts("membershipId", "memberships", administered, would_do=True),
    "rotateServiceAccountKey": acts("serviceAccountId", "service_accounts", administered, would_do=True),
    "revokeServiceAccount": acts("serviceAccountId", "service_accounts", administered, would_do=True),
    "saveGrading": acts("systemId", "systems", own, would_do=True),
    "createFiling": acts("systemId", "systems", own, would_do=True),
    "recordRiskAssessment": acts("systemId", "systems", own, would_do=True),
    "saveRectificationPlan": acts("systemId", "systems", own, would_do=True),
    "startSelfInspection": acts("systemId", "systems", own, would_do=True),
    "commissionAssessment": acts("systemId", "systems", own, would_do=True),
    "addCampaignPartner": acts("campaignId", "inspection_campaigns", anybodys, "OPEN", wrong={"name": ""}),
    "removeCampaignPartner": acts("campaignId", "inspection_campaigns", anybodys, "OPEN", would_do=True),
    "publishCampaignReport": acts("campaignId", "inspection_campaigns", anybodys, "OPEN"),
    "rescheduleInspection": acts("inspectionId", "inspections", anybodys, "PROPOSED", "SCHEDULED"),
    "cancelInspection": acts("inspectionId", "inspections", anybodys, "PROPOSED", "SCHEDULED"),
    "startInspection": acts("inspectionId", "inspections", anybodys, "SCHEDULED"),
    "recordFinding": acts("inspectionId", "inspections", anybodys, "IN_PROGRESS", would_do=True),
    "recordConforming": acts("inspectionId", "inspections", anybodys, "IN_PROGRESS", would_do=True),
    "draftOrder": acts("inspectionId", "inspections", anybodys, "IN_PROGRESS", wrong={"workingDays": 0}),
    "issueOrder": acts("rectificationOrderId", "rectification_orders", anybodys, "DRAFT"),
    "returnOrder": acts("rectificationOrderId", "rectification_orders", anybodys, "DRAFT"),
    "respondToOrder": acts("inspectionId", "inspections", own, "ORDER_ISSUED"),
    "returnResponse": acts("inspectionId", "inspections", anybodys, "RESPONDED"),
    "closeInspection": acts("inspectionId", "inspections", anybodys, "IN_PROGRESS", "RESPONDED"),
    "saveSelfInspection": acts("selfInspectionId", "self_inspections", own, "DRAFT"),
    "submitSelfInspection": acts("selfInspectionId", "self_inspections", own, "DRAFT"),
}

# Why a mutation has no row above: it names nothing that is there already, or more than one thing decides.
NOT_HERE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "createOrganisation", "createSystem", "setTenantSettings", "createPanelSession", "requestUpload",
            "markNotificationsRead", "setNotificationPreferences", "setCalendarDay", "openMonthlyReturn",
            "adoptAssessmentPlan", "createCampaign", "setPermission", "openInquiry", "createServiceAccount",
            "inviteUser", "setLetterTemplate", "resetLetterTemplate",
        ),
        "names nothing that is there",
    ),
    **dict.fromkeys(
        ("updateUser", "setUserDisabled", "issuePassword", "grantMembership"),
        "a person's memberships decide: tests/e2e/test_people.py",
    ),
    **dict.fromkeys(
        (
            "completeUpload", "resumeUpload", "abortUpload", "requestDownload", "attachDocument", "detachDocument",
            "startImport",
        ),
        "the file decides: tests/e2e/test_documents.py, tests/leaks/test_files.py",
    ),
    **dict.fromkeys(
        ("appointExpert", "dismissExpert", "addPanelCase", "closeOpinions"),
        "the panel decides: tests/e2e/test_panels.py",
    ),
    "enterFiling": "the office's level decides: tests/e2e/test_filing.py",
    "publishAnswer": "the answer decides: tests/e2e/test_inquiries.py",
    "registerProvider": "the organisation's kind decides: tests/e2e/test_providers.py",
    "registerAssessmentBody": "the organisation's kind decides: tests/e2e/test_assessment_bodies.py",
    "organiseAssessment": "the body decides: tests/e2e/test_assessments.py",
    **dict.fromkeys(
        ("proposeBatches", "scheduleInspections", "notifyInspections"), "several at once: tests/e2e/test_inspections.py"
    ),
}  # fmt: skip
