"""Who may do what: the shipped policy, as a table. Each tenant starts with it and may then change its own copy.

A mutation that has no row here does not exist: the schema is checked against these names when it is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.access import DUTIES, Duty, Role

# A row's subject: a role's duty, or a role with whatever duty.
Subject = tuple[Role, Duty | None]

CITY_OFFICER = (Role.CITY_OFFICE, Duty.OFFICER)
CITY_ADMIN = (Role.CITY_OFFICE, Duty.ADMIN)
CITY_LEADER = (Role.CITY_OFFICE, Duty.LEADER)
CITY_ADVISOR = (Role.CITY_OFFICE, Duty.ADVISOR)
DISTRICT_OFFICER = (Role.DISTRICT_OFFICE, Duty.OFFICER)
FILER = (Role.UNIT, Duty.FILER)
APPROVER = (Role.UNIT, Duty.APPROVER)
UNIT = (Role.UNIT, None)
EXPERT = (Role.EXPERT, Duty.EXPERT)
ASSESSOR = (Role.ASSESSOR, Duty.ASSESSOR)
ADMINS: tuple[Subject, ...] = tuple(
    (role, Duty.ADMIN) for role in (Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.UNIT, Role.ASSESSOR)
)
EVERYBODY: tuple[Subject, ...] = tuple((role, None) for role in Role)

# Asked by whoever comes, and for oneself whatever one's duties are: of nobody's policy.
PUBLIC = frozenset({"signIn", "refreshSession", "requestPasswordReset", "resetPassword"})
OWN = frozenset({"signOut", "changePassword", "enrolTotp", "confirmTotp", "disableTotp", "revokeSession"})
UNGOVERNED = PUBLIC | OWN
# All that is possible before a password is changed that somebody else made.
BEFORE_PASSWORD_CHANGE = frozenset({"changePassword", "signOut", "refreshSession", "__typename"})

PERMISSIONS: Mapping[str, tuple[Subject, ...]] = {
    "createOrganisation": (CITY_ADMIN,),
    "updateOrganisation": ADMINS,
    "setTenantSettings": (CITY_ADMIN,),
    "setPermission": (CITY_ADMIN,),
    "setLetterTemplate": (CITY_ADMIN,),
    "resetLetterTemplate": (CITY_ADMIN,),
    "inviteUser": ADMINS,
    "updateUser": ADMINS,
    "setUserDisabled": ADMINS,
    "issuePassword": ADMINS,
    "grantMembership": ADMINS,
    "revokeMembership": ADMINS,
    "createServiceAccount": ADMINS,
    "rotateServiceAccountKey": ADMINS,
    "revokeServiceAccount": ADMINS,
    "createSystem": (FILER,),
    "updateSystem": (FILER,),
    "retireSystem": (FILER,),
    "setSystemImportance": (CITY_OFFICER,),
    "saveGrading": (FILER,),
    "requestGradingAdvice": (FILER,),
    "submitGrading": (FILER,),
    "discardGrading": (FILER,),
    "confirmGrading": (APPROVER,),
    "returnGrading": (APPROVER,),
    "createFiling": (FILER,),
    "saveFiling": (FILER,),
    # An amendment's draft is the approver's to begin, and so to give up.
    "discardFiling": (FILER, APPROVER),
    "attachDocument": (FILER,),
    "detachDocument": (FILER,),
    # Who may import what is narrowed in domain/imports/use_cases.py (MAY_IMPORT).
    "startImport": (FILER, CITY_OFFICER, CITY_ADMIN, DISTRICT_OFFICER),
    "requestUpload": (UNIT, ASSESSOR, CITY_OFFICER, CITY_ADVISOR, CITY_ADMIN, DISTRICT_OFFICER),
    "completeUpload": (UNIT, ASSESSOR, CITY_OFFICER, CITY_ADVISOR, CITY_ADMIN, DISTRICT_OFFICER),
    "resumeUpload": (UNIT, ASSESSOR, CITY_OFFICER, CITY_ADVISOR, CITY_ADMIN, DISTRICT_OFFICER),
    "abortUpload": (UNIT, ASSESSOR, CITY_OFFICER, CITY_ADVISOR, CITY_ADMIN, DISTRICT_OFFICER),
    "requestDownload": EVERYBODY,
    "markNotificationsRead": EVERYBODY,
    "setNotificationPreferences": EVERYBODY,
    "submitFiling": (APPROVER,),
    "withdrawFiling": (APPROVER,),
    "resubmitFiling": (APPROVER,),
    "amendFiling": (APPROVER,),
    "cancelFiling": (APPROVER,),
    "enterFiling": (DISTRICT_OFFICER, CITY_OFFICER),
    "receiveFiling": (DISTRICT_OFFICER, CITY_OFFICER),
    "setCalendarDay": (CITY_ADMIN,),
    "openMonthlyReturn": (DISTRICT_OFFICER,),
    "submitMonthlyReturn": (DISTRICT_OFFICER,),
    "draftReply": (CITY_OFFICER,),
    "issueReply": (CITY_LEADER,),
    "returnReply": (CITY_LEADER,),
    "appointExpert": (CITY_OFFICER,),
    "dismissExpert": (CITY_OFFICER,),
    "createPanelSession": (CITY_OFFICER,),
    "addPanelCase": (CITY_OFFICER,),
    "assignExperts": (CITY_OFFICER,),
    "declareConflict": (EXPERT,),
    "submitOpinion": (EXPERT,),
    "closeOpinions": (EXPERT, CITY_OFFICER),
    "concludePanelCase": (CITY_OFFICER,),
    "registerAssessmentBody": (CITY_OFFICER,),
    "setAccreditation": (CITY_OFFICER,),
    "commissionAssessment": (APPROVER,),
    "organiseAssessment": (CITY_OFFICER,),
    "adoptAssessmentPlan": (CITY_OFFICER,),
    "recordFunding": (FILER,),
    "cancelAssessment": (APPROVER, CITY_OFFICER),
    "acceptAssessment": (ASSESSOR,),
    "declineAssessment": (ASSESSOR,),
    "recordMilestone": (ASSESSOR,),
    "uploadAssessmentReport": (ASSESSOR,),
    "confirmAssessmentReport": (APPROVER,),
    "receiveAssessmentReport": (DISTRICT_OFFICER, CITY_OFFICER),
    "returnAssessmentReport": (DISTRICT_OFFICER, CITY_OFFICER),
    "createCampaign": (CITY_OFFICER,),
    "addCampaignPartner": (CITY_OFFICER,),
    "removeCampaignPartner": (CITY_OFFICER,),
    "proposeBatches": (CITY_OFFICER,),
    "scheduleInspections": (CITY_OFFICER,),
    "notifyInspections": (CITY_OFFICER,),
    "rescheduleInspection": (CITY_OFFICER,),
    "cancelInspection": (CITY_OFFICER,),
    "startInspection": (CITY_OFFICER,),
    "recordFinding": (CITY_OFFICER,),
    "recordConforming": (CITY_OFFICER,),
    "draftOrder": (CITY_OFFICER,),
    "issueOrder": (CITY_LEADER,),
    "returnOrder": (CITY_LEADER,),
    "respondToOrder": (APPROVER,),
    "returnResponse": (CITY_OFFICER,),
    "closeInspection": (CITY_OFFICER,),
    "publishCampaignReport": (CITY_OFFICER,),
    "startSelfInspection": (FILER,),
    "saveSelfInspection": (FILER,),
    "submitSelfInspection": (APPROVER,),
    "openInquiry": (UNIT,),
    "replyToInquiry": (UNIT, CITY_ADVISOR),
    "closeInquiry": (UNIT, CITY_ADVISOR),
    "publishAnswer": (CITY_ADVISOR,),
    "withdrawAnswer": (CITY_ADVISOR,),
    "registerProvider": (CITY_OFFICER,),
    "updateProvider": (CITY_OFFICER,),
    "recommendProvider": (CITY_OFFICER,),
    "withdrawRecommendation": (CITY_OFFICER,),
    "recordRiskAssessment": (FILER,),
    "discardRiskAssessment": (FILER,),
    "saveRectificationPlan": (FILER,),
    "discardRectificationPlan": (FILER,),
    "submitRectificationPlan": (APPROVER,),
    "reviewRectificationPlan": (CITY_OFFICER,),
    "updateMeasure": (FILER,),
    "completeRectification": (FILER,),
}


def subject_name(subject: Subject) -> str:
    """How a policy line writes a subject: ``UNIT.FILER``, or ``UNIT`` for the whole role."""
    role, duty = subject
    return f"{role}.{duty}" if duty else str(role)


def shipped_lines() -> Iterator[tuple[str, str]]:
    """The shipped policy's lines: subject, action."""
    for action, subjects in PERMISSIONS.items():
        for subject in subjects:
            yield subject_name(subject), action


def holders() -> Iterator[tuple[Role, Duty]]:
    """Every role with every duty that it has."""
    for role, duties in DUTIES.items():
        for duty in sorted(duties):
            yield role, duty
