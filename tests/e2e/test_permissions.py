"""Who may do what: the contract's table, restated, asked of the server for every account and every mutation."""

from __future__ import annotations

import uuid

import pytest

from api.schema.build import schema
from authz.permissions import PERMISSIONS, UNGOVERNED
from tests.support import INPUTS, Api

FILER, APPROVER = "unit.filer", "unit.approver"
DISTRICT, OFFICER, LEADER = "district.officer", "city.officer", "city.leader"
ADVISOR, ADMIN, EXPERT, ASSESSOR = "city.advisor", "city.admin", "expert", "assessor"
UNIT_ADMIN = "unit.admin"
ADMINS = (ADMIN, "district.admin", UNIT_ADMIN, "assessor.admin")
UNIT = (FILER, APPROVER, UNIT_ADMIN)
UPLOADING = (*UNIT, ASSESSOR, OFFICER, ADVISOR, DISTRICT, ADMIN)
EVERYBODY = (FILER, APPROVER, DISTRICT, OFFICER, LEADER, ADVISOR, *ADMINS, EXPERT, ASSESSOR)


def unknown(prefix: str) -> str:
    return f"{prefix}_{uuid.uuid4()}"


HARMS = {"harms": [{"object": "NATIONAL_SECURITY", "degree": "GENERAL"}]}
DIGEST = "0" * 64
# Mutation: who may, what is selected, an input that is well-formed and names what does not exist.
TABLE = {
    "createOrganisation": (
        (ADMIN,),
        "organisation{id}",
        {"kind": "UNIT", "name": "x", "authorityLevel": "DISTRICT", "districtId": unknown("dis")},
    ),
    "updateOrganisation": (ADMINS, "organisation{id}", {"organisationId": unknown("org"), "version": 1}),
    "setPermission": (
        (ADMIN,),
        "policyChange{id}",
        {"role": "UNIT", "duty": "FILER", "operation": "nothing", "allowed": True, "reason": "x"},
    ),
    "setLetterTemplate": (
        (ADMIN,),
        "letterTemplate{kind}",
        {"kind": "REPLY_A", "version": 0, "reason": "x", "template": {"title": "", "signer": "", "parts": []}},
    ),
    "resetLetterTemplate": ((ADMIN,), "letterTemplate{kind}", {"kind": "REPLY_A", "version": 0, "reason": ""}),
    "inviteUser": (
        ADMINS,
        "user{id}",
        {"username": "x.y", "displayName": "x", "duties": ["OFFICER"], "organisationId": unknown("org")},
    ),
    "updateUser": (ADMINS, "user{id}", {"userId": unknown("usr"), "email": "a@b.cn"}),
    "setUserDisabled": (ADMINS, "user{id}", {"userId": unknown("usr"), "disabled": True}),
    "issuePassword": (ADMINS, "user{id}", {"userId": unknown("usr")}),
    "grantMembership": (ADMINS, "membership{id}", {"userId": unknown("usr"), "duties": ["OFFICER"]}),
    "revokeMembership": (ADMINS, "membership{id}", {"membershipId": unknown("mem")}),
    "createServiceAccount": (
        ADMINS,
        "serviceAccount{id}",
        {"name": "x", "duties": ["OFFICER"], "organisationId": unknown("org")},
    ),
    "rotateServiceAccountKey": (ADMINS, "serviceAccount{id}", {"serviceAccountId": unknown("sva")}),
    "revokeServiceAccount": (ADMINS, "serviceAccount{id}", {"serviceAccountId": unknown("sva")}),
    "createSystem": ((FILER,), "system{id}", {"name": "x", "code": "x", "unitId": unknown("org")}),
    "updateSystem": ((FILER,), "system{id}", {"systemId": unknown("sys"), "version": 1}),
    "retireSystem": ((FILER,), "system{id}", {"systemId": unknown("sys")}),
    "setSystemImportance": ((OFFICER,), "system{id}", {"systemId": unknown("sys"), "important": True}),
    "saveGrading": (
        (FILER,),
        "grading{id}",
        {"systemId": unknown("sys"), "businessInformation": HARMS, "systemService": HARMS},
    ),
    "submitGrading": ((FILER,), "grading{id}", {"gradingId": unknown("grd")}),
    "discardGrading": ((FILER,), "grading{id}", {"gradingId": unknown("grd")}),
    "discardFiling": ((FILER, APPROVER), "filing{id}", {"filingId": unknown("fil")}),
    "confirmGrading": ((APPROVER,), "grading{id}", {"gradingId": unknown("grd")}),
    "requestGradingAdvice": ((FILER,), "grading{id}", {"gradingId": unknown("grd")}),
    "returnGrading": ((APPROVER,), "grading{id}", {"gradingId": unknown("grd"), "reason": "x"}),
    "setTenantSettings": ((ADMIN,), "tenant{id}", {"panelQuorum": 0}),
    "appointExpert": (
        (OFFICER,),
        "appointment{id}",
        {"userId": unknown("usr"), "fields": [], "validFrom": "2026-01-01", "validUntil": "2026-12-31"},
    ),
    "dismissExpert": ((OFFICER,), "appointment{id}", {"appointmentId": unknown("exp"), "reason": "x"}),
    "createPanelSession": (
        (OFFICER,),
        "panelSession{id}",
        {"heldOn": "2026-11-24", "purpose": "GRADING_ADVICE", "place": "x" * 300},
    ),
    "addPanelCase": ((OFFICER,), "panelCase{id}", {"panelSessionId": unknown("pss"), "panelCaseId": unknown("pcs")}),
    "assignExperts": ((OFFICER,), "panelCase{id}", {"panelCaseId": unknown("pcs"), "expertIds": []}),
    "closeOpinions": ((EXPERT, OFFICER), "panelCase{id}", {"panelCaseId": unknown("pcs")}),
    "concludePanelCase": ((OFFICER,), "panelCase{id}", {"panelCaseId": unknown("pcs")}),
    "declareConflict": ((EXPERT,), "assignment{id}", {"panelCaseId": unknown("pcs"), "reason": "x"}),
    "submitOpinion": (
        (EXPERT,),
        "opinion{id}",
        {"panelCaseId": unknown("pcs"), "recommendedLevel": 2, "reasons": "x"},
    ),
    "createFiling": ((FILER,), "filing{id}", {"systemId": unknown("sys")}),
    "saveFiling": ((FILER,), "filing{id}", {"filingId": unknown("fil"), "version": 1, "form": {}}),
    "attachDocument": (
        (FILER,),
        "filing{id}",
        {"filingId": unknown("fil"), "documentId": unknown("doc"), "kind": "TOPOLOGY"},
    ),
    "detachDocument": ((FILER,), "filing{id}", {"documentId": unknown("doc")}),
    "submitFiling": ((APPROVER,), "filing{id}", {"filingId": unknown("fil")}),
    "withdrawFiling": ((APPROVER,), "filing{id}", {"filingId": unknown("fil")}),
    "resubmitFiling": ((APPROVER,), "filing{id}", {"filingId": unknown("fil")}),
    "amendFiling": ((APPROVER,), "filing{id}", {"filingId": unknown("fil")}),
    "cancelFiling": ((APPROVER,), "filing{id}", {"filingId": unknown("fil"), "reason": "停用"}),
    "enterFiling": (
        (DISTRICT, OFFICER),
        "filing{id}",
        {"systemId": unknown("sys"), "channel": "COURIER", "receivedOn": "2026-11-02"},
    ),
    "receiveFiling": ((DISTRICT, OFFICER), "filing{id}", {"filingId": unknown("fil")}),
    "startImport": (
        (FILER, OFFICER, ADMIN, DISTRICT),
        "importRun{id}",
        {"documentId": unknown("doc"), "kind": "SYSTEMS", "mode": "ROW_BY_ROW"},
    ),
    "requestUpload": (
        UPLOADING,
        "upload{id}",
        {"filename": "x.exe", "size": 1, "sha256": DIGEST, "purpose": "OTHER"},
    ),
    "completeUpload": (UPLOADING, "document{id}", {"uploadId": unknown("doc")}),
    "resumeUpload": (UPLOADING, "upload{id}", {"uploadId": unknown("doc")}),
    "abortUpload": (UPLOADING, "document{id}", {"uploadId": unknown("doc")}),
    "markNotificationsRead": (EVERYBODY, "unreadCount", {"notificationIds": [unknown("ntf")]}),
    "setNotificationPreferences": (
        EVERYBODY,
        "preferences{kind}",
        {"preferences": [{"kind": "CASE_ASSIGNED", "inApp": True, "email": True}] * 2},
    ),
    "requestDownload": (EVERYBODY, "download{url}", {"documentId": unknown("doc")}),
    "setCalendarDay": ((ADMIN,), "calendarDay{id}", {"day": "2011-01-01"}),
    "openMonthlyReturn": ((DISTRICT,), "monthlyReturn{id}", {"month": "2999-01-01"}),
    "submitMonthlyReturn": ((DISTRICT,), "monthlyReturn{id}", {"monthlyReturnId": unknown("ret")}),
    "draftReply": ((OFFICER,), "replyLetter{id}", {"filingId": unknown("fil"), "kind": "A"}),
    "issueReply": ((LEADER,), "replyLetter{id}", {"replyLetterId": unknown("rep")}),
    "returnReply": ((LEADER,), "replyLetter{id}", {"replyLetterId": unknown("rep"), "reason": "x"}),
    "registerAssessmentBody": (
        (OFFICER,),
        "assessmentBody{id}",
        {"bodyCode": "9999", "organisationId": unknown("org")},
    ),
    "setAccreditation": ((OFFICER,), "assessmentBody{id}", {"assessmentBodyId": unknown("bod"), "version": 1}),
    "commissionAssessment": (
        (APPROVER,),
        "assessment{id}",
        {"systemId": unknown("sys"), "assessmentBodyId": unknown("bod")},
    ),
    "organiseAssessment": (
        (OFFICER,),
        "assessment{id}",
        {"systemId": unknown("sys"), "assessmentBodyId": unknown("bod")},
    ),
    "adoptAssessmentPlan": ((OFFICER,), "assessmentPlan{id}", {"year": 1999}),
    "recordFunding": (
        (FILER,),
        "assessment{id}",
        {"assessmentId": unknown("asm"), "amount": 1, "securedOn": "2026-01-01"},
    ),
    **{
        name: (people, "assessment{id}", {"assessmentId": unknown("asm"), **given})
        for name, people, given in (
            ("acceptAssessment", (ASSESSOR,), {}),
            ("declineAssessment", (ASSESSOR,), {"reason": "x"}),
            ("recordMilestone", (ASSESSOR,), {"milestone": "PREPARED"}),
            (
                "uploadAssessmentReport",
                (ASSESSOR,),
                {"documentId": unknown("doc"), "reportedOn": "2026-01-01", "conclusion": "CONFORMING"},
            ),
            ("confirmAssessmentReport", (APPROVER,), {}),
            ("receiveAssessmentReport", (DISTRICT, OFFICER), {}),
            ("returnAssessmentReport", (DISTRICT, OFFICER), {"reason": "x"}),
            ("cancelAssessment", (APPROVER, OFFICER), {"reason": "x"}),
        )
    },
    "createCampaign": ((OFFICER,), "campaign{id}", {"kind": "JOINT_ENFORCEMENT", "year": 1999}),
    "addCampaignPartner": ((OFFICER,), "campaign{id}", {"campaignId": unknown("cmp"), "name": "x"}),
    "removeCampaignPartner": ((OFFICER,), "campaign{id}", {"campaignId": unknown("cmp"), "name": "x"}),
    "proposeBatches": ((OFFICER,), "campaign{id}", {"campaignId": unknown("cmp")}),
    "scheduleInspections": ((OFFICER,), "campaign{id}", {"campaignId": unknown("cmp"), "batchIds": [unknown("bat")]}),
    "notifyInspections": ((OFFICER,), "inspection{id}", {"inspectionIds": [unknown("ins")]}),
    "rescheduleInspection": (
        (OFFICER,),
        "inspection{id}",
        {"inspectionId": unknown("ins"), "plannedOn": "2030-01-02"},
    ),
    "cancelInspection": ((OFFICER,), "inspection{id}", {"inspectionId": unknown("ins"), "reason": "x"}),
    "startInspection": ((OFFICER,), "inspection{id}", {"inspectionId": unknown("ins"), "inspectors": ["x", "y"]}),
    "recordFinding": (
        (OFFICER,),
        "inspection{id}",
        {"inspectionId": unknown("ins"), "item": "PHY-1", "result": "CONFORMING"},
    ),
    "recordConforming": ((OFFICER,), "inspection{id}", {"inspectionId": unknown("ins")}),
    "draftOrder": ((OFFICER,), "rectificationOrder{id}", {"inspectionId": unknown("ins"), "workingDays": 10}),
    "issueOrder": ((LEADER,), "rectificationOrder{id}", {"rectificationOrderId": unknown("ord")}),
    "returnOrder": ((LEADER,), "rectificationOrder{id}", {"rectificationOrderId": unknown("ord"), "reason": "x"}),
    "respondToOrder": ((APPROVER,), "inspection{id}", {"inspectionId": unknown("ins"), "text": "x"}),
    "returnResponse": (
        (OFFICER,),
        "inspection{id}",
        {"inspectionId": unknown("ins"), "reason": "x", "workingDays": 10},
    ),
    "closeInspection": ((OFFICER,), "inspection{id}", {"inspectionId": unknown("ins")}),
    "publishCampaignReport": ((OFFICER,), "campaign{id}", {"campaignId": unknown("cmp")}),
    "startSelfInspection": ((FILER,), "selfInspection{id}", {"systemId": unknown("sys")}),
    "saveSelfInspection": ((FILER,), "selfInspection{id}", {"selfInspectionId": unknown("sin"), "version": 1}),
    "submitSelfInspection": ((APPROVER,), "selfInspection{id}", {"selfInspectionId": unknown("sin")}),
    "openInquiry": (
        UNIT,
        "inquiry{id}",
        {"title": "x", "topic": "OTHER", "text": "x", "attachmentIds": [unknown("doc")]},
    ),
    "replyToInquiry": ((*UNIT, ADVISOR), "inquiry{id}", {"inquiryId": unknown("inq"), "text": "x"}),
    "closeInquiry": ((*UNIT, ADVISOR), "inquiry{id}", {"inquiryId": unknown("inq"), "reason": "x"}),
    "publishAnswer": (
        (ADVISOR,),
        "knowledgeArticle{id}",
        {"inquiryId": unknown("inq"), "title": "x", "question": "x", "answer": "x"},
    ),
    "registerProvider": (
        (OFFICER,),
        "provider{id}",
        {
            "organisationId": unknown("org"),
            "services": ["TESTING"],
            "validFrom": "2026-01-01",
            "validUntil": "2027-12-31",
        },
    ),
    "updateProvider": ((OFFICER,), "provider{id}", {"providerId": unknown("prv"), "version": 1}),
    "recommendProvider": (
        (OFFICER,),
        "provider{id}",
        {"providerId": unknown("prv"), "validFrom": "2026-01-01", "validUntil": "2027-12-31"},
    ),
    "withdrawRecommendation": ((OFFICER,), "provider{id}", {"providerId": unknown("prv"), "reason": "x"}),
    "recordRiskAssessment": (
        (FILER,),
        "riskAssessment{id}",
        {"systemId": unknown("sys"), "title": "x", "assessedOn": "2026-01-01", "findings": []},
    ),
    "discardRiskAssessment": ((FILER,), "riskAssessment{id}", {"riskAssessmentId": unknown("ras")}),
    "saveRectificationPlan": (
        (FILER,),
        "rectificationPlan{id}",
        {"systemId": unknown("sys"), "title": "x", "measures": []},
    ),
    "discardRectificationPlan": ((FILER,), "rectificationPlan{id}", {"rectificationPlanId": unknown("rpl")}),
    "submitRectificationPlan": ((APPROVER,), "rectificationPlan{id}", {"rectificationPlanId": unknown("rpl")}),
    "reviewRectificationPlan": (
        (OFFICER,),
        "rectificationPlan{id}",
        {"rectificationPlanId": unknown("rpl"), "decision": "APPROVE"},
    ),
    "updateMeasure": ((FILER,), "measure{id}", {"measureId": unknown("rme"), "progress": 10}),
    "completeRectification": ((FILER,), "rectificationPlan{id}", {"rectificationPlanId": unknown("rpl")}),
    "withdrawAnswer": ((ADVISOR,), "knowledgeArticle{id}", {"articleId": unknown("kna"), "reason": "x"}),
}

# They name nothing that is there already, so the input above is wrong in another way.
OF_NO_OBJECT = {
    "requestUpload", "createPanelSession", "setTenantSettings", "setNotificationPreferences", "setCalendarDay",
    "openMonthlyReturn", "adoptAssessmentPlan",
    "createCampaign", "setPermission", "setLetterTemplate", "resetLetterTemplate",
}  # fmt: skip


def test_every_mutation_has_a_row_here_and_in_the_policy() -> None:
    mutations = schema().mutation_type
    assert mutations
    assert TABLE.keys() == mutations.fields.keys() - UNGOVERNED
    assert TABLE.keys() == PERMISSIONS.keys()


@pytest.mark.parametrize("person", EVERYBODY)
@pytest.mark.parametrize("name", TABLE)
async def test_a_mutation_is_for_those_whom_the_table_names(api: Api, name: str, person: str) -> None:
    allowed, selection, given = TABLE[name]
    payload = await api.do(person, name, selection, **given)
    codes = {error["code"] for error in payload["userErrors"]}
    field = selection.partition("{")[0]
    assert payload[field] is None
    if person in allowed:
        assert codes == ({"INVALID_INPUT"} if name in OF_NO_OBJECT else {"NOT_FOUND"})
    else:
        assert codes == {"FORBIDDEN"}


@pytest.mark.parametrize("name", TABLE)
async def test_nobody_does_anything_without_signing_in(api: Api, name: str) -> None:
    _, selection, given = TABLE[name]
    input_type = INPUTS.get(name, name[0].upper() + name[1:] + "Input")
    answer = await api.answer(None, f"mutation($i:{input_type}!){{{name}(input:$i){{{selection}}}}}", i=given)
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert answer.get("data") is None


@pytest.mark.parametrize("person", ["city.officer", "unit.filer", "expert"])
async def test_audit_events_are_for_administrators(api: Api, person: str) -> None:
    everything = (await api.ask("city.admin", "{auditEvents{totalCount}}"))["auditEvents"]["totalCount"]
    found = await api.all(person, "auditEvents", "user{login}")
    assert everything > 0
    if person == "expert":  # sees what it did itself
        assert {event["user"]["login"] for event in found} == {"expert"}
    else:
        assert found == []
