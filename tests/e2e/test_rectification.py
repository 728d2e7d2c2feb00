"""Rectification through HTTP: what is found, planned, reviewed by the panel, decided, carried out and completed."""

from __future__ import annotations

from typing import Any

import pytest

from domain.access import Duty, Role
from storage.database import Database
from tests.e2e.flows import codes, done, node, stored
from tests.e2e.panel_flows import OFFICER, case_of, on_a_session, today, user_id
from tests.e2e.people import home_of, somebody
from tests.e2e.rectification_flows import (
    ACCEPTED,
    APPROVER,
    FILER,
    FINDING,
    PLAN,
    assessment_of,
    carried_out,
    decided,
    drafted,
    in_days,
    judged,
    measure,
    submitted,
    system_of,
)
from tests.support import Api, BackgroundWork

OUTSIDE = ("district.officer@tianjin", "city.officer@tianjin", "unit.filer@tianjin", "expert@tianjin")


async def state_of(api: Api, plan: str, person: str = FILER) -> str | None:
    found = await node(api, person, plan, "RectificationPlan", "state")
    return found and str(found["state"])


async def step(api: Api, who: str, name: str, plan: str, **given: Any) -> dict[str, Any]:
    return await api.do(who, name, "rectificationPlan{state}", rectificationPlanId=plan, **given)


def fields(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((error["code"], error["field"]) for error in payload["userErrors"])


async def test_an_important_systems_plan_goes_through_the_panel_to_its_completion(
    api: Api, jobs: BackgroundWork
) -> None:
    plan = await submitted(api, important=True)
    key = plan["id"]
    assert await state_of(api, key) == "SUBMITTED"
    early = await decided(api, key, "APPROVE")
    assert codes(early) == ["INVALID_STATE"]
    case = await judged(api, key)
    conclusion = case["conclusion"]
    assert (conclusion["level"], conclusion["verdict"], conclusion["opinions"]) == (None, "AGREE", 3)
    assert conclusion["number"].startswith("北京等保专评改〔")
    assert await state_of(api, key) == "IN_PANEL_REVIEW"
    assert (await decided(api, key, "APPROVE"))["rectificationPlan"] == {"state": "APPROVED", "reviewReason": None}
    unfinished = await step(api, FILER, "completeRectification", key)
    assert codes(unfinished) == ["INVALID_STATE"]
    found = await carried_out(api, key)
    assert (found["state"], found["progress"], found["nextDueOn"]) == ("IN_PROGRESS", 100, None)
    evidence = await stored(api, FILER, "OTHER", b"%PDF-1.4 evidence", "验收报告.pdf")
    completed = await step(api, FILER, "completeRectification", key, evidenceIds=[evidence], note="已复测")
    assert completed["rectificationPlan"] == {"state": "COMPLETED"}
    await jobs.run()
    seen = await node(
        api,
        FILER,
        key,
        "RectificationPlan",
        "completionNote documents{id kind} riskAssessment{state findings{title closedAt}} "
        "panelCase{subject{...on RectificationPlan{id}} opinionDocument{filename mediaType}} history{action from to}",
    )
    assert {each["kind"] for each in seen["documents"]} == {"RECTIFICATION_PLAN", "OTHER"}
    assert "整改建设方案专家评审意见" in seen["panelCase"]["opinionDocument"]["filename"]
    assert seen["panelCase"]["subject"] == {"id": key}
    assert seen["riskAssessment"]["state"] == "SUBMITTED"
    closed = {each["title"]: each["closedAt"] is not None for each in seen["riskAssessment"]["findings"]}
    assert closed == {FINDING["title"]: True, ACCEPTED["title"]: False}
    assert [each["to"] for each in seen["history"]] == [
        "DRAFT", "SUBMITTED", "IN_PANEL_REVIEW", "APPROVED", "IN_PROGRESS", "COMPLETED",
    ]  # fmt: skip


async def test_any_other_plan_begins_once_the_approver_has_submitted_it(api: Api) -> None:
    plan = await drafted(api, important=False)
    assert {await state_of(api, plan["id"], person) for person in (OFFICER, "district.officer", "expert")} == {None}
    assert (await step(api, APPROVER, "submitRectificationPlan", plan["id"]))["rectificationPlan"] == {
        "state": "IN_PROGRESS"
    }
    assert {await state_of(api, plan["id"], person) for person in (OFFICER, "district.officer")} == {"IN_PROGRESS"}
    assert {await state_of(api, plan["id"], person) for person in ("expert", "assessor", *OUTSIDE)} == {None}
    asked = f'{{panelCases(filter:{{rectificationPlanId:"{plan["id"]}"}}){{totalCount}}}}'
    assert (await api.ask(OFFICER, asked))["panelCases"]["totalCount"] == 0
    assert codes(await decided(api, plan["id"], "APPROVE")) == ["INVALID_STATE"]


async def test_a_returned_plan_is_revised_and_reviewed_by_the_panel_again(api: Api) -> None:
    plan = await submitted(api, important=True)
    key = plan["id"]
    changed = {"systemId": plan["system"]["id"], "title": "改", "measures": [], "rectificationPlanId": key}
    frozen = await api.do(FILER, "saveRectificationPlan", "rectificationPlan{id}", version=2, **changed)
    assert codes(frozen) == ["INVALID_STATE"]
    await judged(api, key, ("DISAGREE", "DISAGREE", "AGREE"))
    assert fields(await decided(api, key, "RETURN")) == [("INVALID_INPUT", "reason")]
    against = await decided(api, key, "APPROVE")
    assert fields(against) == [("INVALID_INPUT", "reason")], "going against the panel says why"
    returned = await decided(api, key, "RETURN", reason="请补充异地备份")
    assert returned["rectificationPlan"] == {"state": "RETURNED", "reviewReason": "请补充异地备份"}
    found = await node(api, FILER, key, "RectificationPlan", "version")
    kept = [{"measureId": each["id"], **measure(each["title"])} for each in plan["measures"]]
    again = {**changed, "version": found["version"], "measures": [*kept, measure("异地备份")]}
    finding = await node(api, FILER, plan["riskAssessment"]["id"], "RiskAssessment", "findings{id}")
    again["measures"][0]["riskFindingId"] = finding["findings"][0]["id"]
    again["riskAssessmentId"] = plan["riskAssessment"]["id"]
    await done(api, FILER, "saveRectificationPlan", "rectificationPlan{id}", **again)
    resubmitted = await step(api, APPROVER, "submitRectificationPlan", key)
    assert resubmitted == {"rectificationPlan": {"state": "SUBMITTED"}, "userErrors": []}
    case = await case_of(api, "rectificationPlanId", key)
    latest = await node(api, OFFICER, key, "RectificationPlan", "panelCase{id} reviewReason")
    assert latest == {"panelCase": {"id": case}, "reviewReason": None}
    await judged(api, key, ("DISAGREE", "AGREE", "DISAGREE"))
    approved = await decided(api, key, "APPROVE", reason="异地备份已列入市级统筹")
    assert approved["rectificationPlan"]["state"] == "APPROVED"


async def test_what_a_submission_lacks_is_told_at_once(api: Api) -> None:
    system = await system_of(api, important=True)
    saved = await done(
        api, FILER, "saveRectificationPlan", f"rectificationPlan{{{PLAN}}}", systemId=system, title="方案", measures=[]
    )
    lacking = ["RECTIFICATION_PLAN", "measures", "riskAssessmentId"]
    assert sorted(item["path"] for item in saved["missingItems"]) == lacking
    payload = await step(api, APPROVER, "submitRectificationPlan", saved["id"])
    assert fields(payload) == [("MISSING_ITEMS", each) for each in lacking]
    assessment = await assessment_of(api, system)
    given = {"systemId": system, "title": "方案", "rectificationPlanId": saved["id"], "version": saved["version"]}
    given |= {"riskAssessmentId": assessment["id"], "measures": [measure(dueOn=in_days(-1))]}
    found = await done(api, FILER, "saveRectificationPlan", f"rectificationPlan{{{PLAN}}}", **given)
    assert sorted(item["path"] for item in found["missingItems"]) == [
        "RECTIFICATION_PLAN",
        "measures",  # the finding that is to be mitigated; the accepted one needs none
        "measures.0.dueOn",
    ]


async def test_a_completion_needs_every_measure_and_evidence(api: Api) -> None:
    plan = await submitted(api, important=False)
    first, second = plan["measures"]
    await done(api, FILER, "updateMeasure", "measure{id}", measureId=first["id"], progress=100)
    payload = await step(api, FILER, "completeRectification", plan["id"])
    assert fields(payload) == [("MISSING_ITEMS", "evidenceIds"), ("MISSING_ITEMS", "measures.1")]
    await done(api, FILER, "updateMeasure", "measure{id}", measureId=second["id"], progress=100)
    wrong = await stored(api, FILER, "TOPOLOGY", b"%PDF-1.4 other", "拓扑.pdf")
    refused = await step(api, FILER, "completeRectification", plan["id"], evidenceIds=[wrong])
    assert fields(refused) == [("INVALID_INPUT", "evidenceIds")]


async def test_measures_are_reported_on_and_summed_up(api: Api) -> None:
    draft = await drafted(api, important=False)
    early = await api.do(FILER, "updateMeasure", "measure{id}", measureId=draft["measures"][0]["id"], progress=10)
    assert codes(early) == ["INVALID_STATE"]
    assert draft["budget"] == 1500
    await step(api, APPROVER, "submitRectificationPlan", draft["id"])
    first = draft["measures"][0]["id"]
    selection = "measure{progress underWay doneAt dueOn originalDueOn owner note version plan{progress nextDueOn}}"
    half = await done(api, FILER, "updateMeasure", selection, measureId=first, progress=50, owner="运维科")
    assert (half["underWay"], half["owner"], half["plan"]["progress"]) == (True, "运维科", 25)
    silent = await api.do(FILER, "updateMeasure", selection, measureId=first, dueOn=in_days(90), progress=101)
    assert fields(silent) == [("INVALID_INPUT", "note"), ("INVALID_INPUT", "progress")]
    moved = await done(api, FILER, "updateMeasure", selection, measureId=first, dueOn=in_days(90), note="招标推迟")
    assert (moved["dueOn"], moved["originalDueOn"]) == (in_days(90), in_days(60))
    assert moved["plan"]["nextDueOn"] == in_days(60), "the other measure's"
    finished = await done(api, FILER, "updateMeasure", selection, measureId=first, progress=100)
    assert (finished["underWay"], finished["doneAt"] is not None) == (False, True)
    stale = await api.do(FILER, "updateMeasure", selection, measureId=first, progress=0, version=half["version"])
    assert codes(stale) == ["CONFLICT"]
    reopened = await done(api, FILER, "updateMeasure", selection, measureId=first, progress=90)
    assert (reopened["underWay"], reopened["doneAt"]) == (True, None)


async def test_a_list_is_saved_as_a_whole(api: Api) -> None:
    plan = await drafted(api, important=False)
    first, second = plan["measures"]
    given = {"systemId": plan["system"]["id"], "title": "方案", "rectificationPlanId": plan["id"]}
    kept = [measure("新措施"), {"measureId": second["id"], **measure("完善制度和流程")}]
    saved = await done(
        api, FILER, "saveRectificationPlan", f"rectificationPlan{{{PLAN}}}", **given, version=1, measures=kept
    )
    assert [each["title"] for each in saved["measures"]] == ["新措施", "完善制度和流程"]
    assert saved["measures"][1]["id"] == second["id"]
    assert await node(api, FILER, first["id"], "RectificationMeasure", "id") is None
    wrong = [{"measureId": each, **measure()} for each in (first["id"], second["id"], second["id"])]
    other = await assessment_of(api, await system_of(api, important=False))
    wrong[1] |= {"riskFindingId": other["findings"][0]["id"], "owner": " "}
    payload = await api.do(
        FILER, "saveRectificationPlan", "rectificationPlan{id}", **given, version=saved["version"], measures=wrong
    )
    assert fields(payload) == [
        ("INVALID_INPUT", "measures.0.measureId"),
        ("INVALID_INPUT", "measures.1.owner"),
        ("INVALID_INPUT", "measures.2.measureId"),
        ("NOT_FOUND", "measures.1.riskFindingId"),
    ]
    stale = await api.do(FILER, "saveRectificationPlan", "rectificationPlan{id}", **given, version=1, measures=[])
    assert codes(stale) == ["CONFLICT"]
    second_one = await api.do(
        FILER, "saveRectificationPlan", "rectificationPlan{id}", systemId=given["systemId"], title="又一", measures=[]
    )
    assert fields(second_one) == [("INVALID_STATE", "systemId")], "one plan at a time"


async def test_a_risk_assessment_can_be_changed_until_it_is_handed_in(api: Api) -> None:
    system = await system_of(api, important=False)
    made = await assessment_of(api, system, FINDING, {**FINDING, "title": "口令未更换", "severity": "MEDIUM"})
    assert (made["state"], made["severity"]) == ("RECORDED", "HIGH")
    assert await node(api, OFFICER, made["id"], "RiskAssessment", "id") is None
    wrong = {
        "systemId": system,
        "title": " ",
        "assessedOn": in_days(1),
        "findings": [{**FINDING, "treatment": "ACCEPT"}],
    }
    payload = await api.do(FILER, "recordRiskAssessment", "riskAssessment{id}", **wrong)
    assert [each for _, each in fields(payload)] == ["assessedOn", "findings.0.treatmentReason", "title"]
    second = {"findingId": made["findings"][1]["id"], **FINDING, "title": "口令未更换", "severity": "LOW"}
    changed = await assessment_of(api, system, second, riskAssessmentId=made["id"], version=made["version"])
    assert (changed["severity"], [each["id"] for each in changed["findings"]]) == ("LOW", [second["findingId"]])
    treated = [measure(riskFindingId=second["findingId"])]
    plan = {"systemId": system, "title": "方案", "measures": treated, "riskAssessmentId": made["id"]}
    saved = await done(api, FILER, "saveRectificationPlan", "rectificationPlan{id}", **plan)
    again = {"systemId": system, "title": "评估", "assessedOn": in_days(-3), "findings": []}
    again |= {"riskAssessmentId": made["id"], "version": changed["version"]}
    assert fields(await api.do(FILER, "recordRiskAssessment", "riskAssessment{id}", **again)) == [
        ("INVALID_INPUT", "findings")
    ]
    discard = {"riskAssessmentId": made["id"]}
    assert codes(await api.do(FILER, "discardRiskAssessment", "riskAssessment{id}", **discard)) == ["INVALID_STATE"]
    assert (await step(api, FILER, "discardRectificationPlan", saved["id"]))["rectificationPlan"] == {
        "state": "DISCARDED"
    }
    discarded = await done(api, FILER, "discardRiskAssessment", "riskAssessment{state}", **discard)
    assert discarded == {"state": "DISCARDED"}


async def test_who_did_the_risk_assessment_does_not_judge_the_plan(api: Api, database: Database) -> None:
    """An expert whose employer is the provider has a conflict; others see plan and assessment once they are asked."""
    found = await api.all(
        OFFICER, "providers", "id state organisation{id}", ",filter:{service:RISK_ASSESSMENT,inForce:true}"
    )
    system = await system_of(api, important=True)
    assessment = await assessment_of(api, system, providerId=found[0]["id"])
    document = await stored(api, FILER, "RECTIFICATION_PLAN", b"%PDF-1.4 plan", "方案.pdf")
    given = {"systemId": system, "title": "方案", "riskAssessmentId": assessment["id"], "documentIds": [document]}
    given["measures"] = [measure(riskFindingId=assessment["findings"][0]["id"])]
    plan = await done(api, FILER, "saveRectificationPlan", "rectificationPlan{id}", **given)
    await step(api, APPROVER, "submitRectificationPlan", plan["id"])
    case = await case_of(api, "rectificationPlanId", plan["id"])
    home = (await home_of(api, OFFICER))["name"]
    employed = await somebody(api, database, Role.EXPERT, {Duty.EXPERT}, home)
    experts = [await user_id(api, name) for name in ("expert", employed)]
    appointment = {"userId": experts[1], "employerId": found[0]["organisation"]["id"], "fields": ["RISK_ASSESSMENT"]}
    appointment |= {"validFrom": in_days(-10), "validUntil": in_days(300)}
    await done(api, OFFICER, "appointExpert", "appointment{id}", **appointment)
    await on_a_session(api, case, "PLAN_REVIEW")
    asked = await api.do(OFFICER, "assignExperts", "panelCase{id}", panelCaseId=case, expertIds=experts)
    assert fields(asked) == [("CONFLICT_OF_INTEREST", "expertIds.1")]
    selection = "measures{title} documents{filename} riskAssessment{findings{title} documents{id}}"
    assert await node(api, "expert", plan["id"], "RectificationPlan", selection) is None
    await done(api, OFFICER, "assignExperts", "panelCase{id}", panelCaseId=case, expertIds=experts[:1])
    seen = await node(api, "expert", plan["id"], "RectificationPlan", selection)
    assert (len(seen["measures"]), len(seen["documents"]), len(seen["riskAssessment"]["findings"])) == (1, 1, 2)
    await done(api, "expert", "declareConflict", "assignment{id}", panelCaseId=case, reason="曾参与设计")
    assert await node(api, "expert", plan["id"], "RectificationPlan", selection) is None


async def test_people_are_told_and_what_waits_for_them_is_in_their_queues(api: Api, jobs: BackgroundWork) -> None:
    await jobs.run()
    plan = await submitted(api, important=True)
    await judged(api, plan["id"])
    assert await waiting(api, OFFICER, plan["id"]) == ["REVIEW_RECTIFICATION_PLAN"]
    await decided(api, plan["id"], "RETURN", reason="请补充")
    assert await waiting(api, FILER, plan["id"]) == ["SAVE_RECTIFICATION_PLAN"]
    assert await waiting(api, APPROVER, plan["id"]) == ["SUBMIT_RECTIFICATION_PLAN"]
    await jobs.run()
    expected = {
        "city.advisor": {"PLAN_SUBMITTED"},
        "district.officer": {"PLAN_SUBMITTED"},
        OFFICER: set(),  # who drew the conclusion knows that it waits
        FILER: {"PLAN_RETURNED"},
        APPROVER: {"PLAN_RETURNED"},
    }
    for person, kinds in expected.items():
        asked = "{viewer{notifications(first:50){nodes{kind subject{id}}}}}"
        nodes = (await api.ask(person, asked))["viewer"]["notifications"]["nodes"]
        assert {each["kind"] for each in nodes if each["subject"] == {"id": plan["id"]}} == kinds, person


async def waiting(api: Api, person: str, subject: str) -> list[str]:
    asked = "{viewer{workQueue(first:100){nodes{action subject{id}}}}}"
    nodes = (await api.ask(person, asked))["viewer"]["workQueue"]["nodes"]
    return [each["action"] for each in nodes if each["subject"] == {"id": subject}]


@pytest.mark.parametrize("person", ["unit.filer", "city.officer"])
async def test_overdue_is_a_filter_and_a_field_alike(api: Api, person: str) -> None:
    for list_, due in (("rectificationPlans", "nextDueOn"), ("rectificationMeasures", "dueOn")):
        everything = await api.all(person, list_, f"id overdue {due}")
        found = await api.all(person, list_, f"id overdue {due}", ",filter:{overdue:true}")
        assert {each["id"] for each in found} == {each["id"] for each in everything if each["overdue"]}
        assert all(each[due] < today().isoformat() for each in found)
    assert person != "city.officer" or found
