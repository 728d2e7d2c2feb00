"""Supervision and inspection through HTTP: campaigns, inspections, orders, responses, reports, self-inspections."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import text

from domain.calendar import SHANGHAI, local_date
from domain.checklists.items import CURRENT, items_of
from domain.tasks import TASKS
from storage import queue
from storage.database import Database
from tests.e2e.flows import LEVEL_3, codes, done, graded_system, node, stored
from tests.e2e.test_verification import prove_genuine
from tests.support import Api, BackgroundWork

OFFICER, LEADER = "city.officer", "city.leader"
FILER, APPROVER = "unit.filer", "unit.approver"
PDF = b"%PDF-1.4 evidence"
ITEMS = items_of(CURRENT, 3)
PLANNED = "measures{inspectionFinding{id item measures{title}}}"


def today() -> dt.date:
    return local_date(dt.datetime.now(dt.UTC))


async def beijing(database: Database) -> uuid.UUID:
    found = await database.directory.resolve_tenant("beijing")
    assert found
    return found


async def joint_campaign(api: Api) -> str:
    """The demo's joint campaign of this year."""
    asked = (
        "query($y:Date!){campaigns(filter:{kind:JOINT_ENFORCEMENT,state:OPEN,startsFrom:$y,startsUntil:$y}){nodes{id}}}"
    )
    found = await api.ask(OFFICER, asked, y=f"{today().year}-01-01")
    return str(found["campaigns"]["nodes"][0]["id"])


async def scheduled(api: Api, system: str | None = None) -> str:
    """An inspection of a new system of level 3 that is scheduled for today: its id."""
    system = system or await graded_system(api, LEVEL_3, LEVEL_3)
    campaign = await joint_campaign(api)
    given = {"campaignId": campaign, "systemIds": [system], "plannedOn": today().isoformat()}
    await done(api, OFFICER, "scheduleInspections", "campaign{id}", **given)
    found = await api.ask(
        OFFICER, "query($s:ID!){inspections(filter:{systemId:$s,state:SCHEDULED}){nodes{id}}}", s=system
    )
    return str(found["inspections"]["nodes"][0]["id"])


async def started(api: Api, system: str | None = None) -> str:
    inspection = await scheduled(api, system)
    await done(api, OFFICER, "notifyInspections", "inspection{id}", inspectionIds=[inspection])
    people = ["王建国", "李红梅"]
    await done(api, OFFICER, "startInspection", "inspection{id}", inspectionId=inspection, inspectors=people)
    return inspection


async def found_wanting(api: Api, inspection: str) -> None:
    wrong = {"item": "CMP-1", "result": "NON_CONFORMING", "severity": "HIGH", "text": "默认口令未改"}
    await done(api, OFFICER, "recordFinding", "inspection{id}", inspectionId=inspection, **wrong)
    await done(api, OFFICER, "recordConforming", "inspection{id}", inspectionId=inspection)


async def order_of(api: Api, inspection: str) -> None:
    """Have its rectification order issued."""
    order = await done(api, OFFICER, "draftOrder", "rectificationOrder{id}", inspectionId=inspection, workingDays=10)
    await done(api, LEADER, "issueOrder", "rectificationOrder{id}", rectificationOrderId=order["id"])


async def ordered(api: Api) -> str:
    """An inspection whose rectification order is issued."""
    inspection = await started(api)
    await found_wanting(api, inspection)
    await order_of(api, inspection)
    return inspection


async def test_a_measure_treats_what_was_found_wanting_once_the_order_is_issued(api: Api) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_3)
    inspection = await started(api, system)
    await found_wanting(api, inspection)
    asked = "system{id} findings{id item result measures{title}}"
    found = {each["item"]: each for each in (await node(api, OFFICER, inspection, "Inspection", asked))["findings"]}
    wanting, conforming = found.pop("CMP-1")["id"], next(iter(found.values()))["id"]
    last = today().replace(year=today().year + 1).isoformat()
    measure = {"title": "更换默认口令", "owner": "信息中心", "dueOn": last}

    async def save(findings: list[str], of: str = system) -> list[tuple[str, str]]:
        """Why a plan with a measure for each of these findings is refused."""
        measures = [{**measure, "inspectionFindingId": each} for each in findings]
        given = {"systemId": of, "title": "整改方案", "measures": measures}
        payload = await api.do(FILER, "saveRectificationPlan", "rectificationPlan{id}", **given)
        return [(error["code"], error["field"]) for error in payload["userErrors"]]

    first, second = (("NOT_FOUND", f"measures.{place}.inspectionFindingId") for place in (0, 1))
    assert await save([wanting]) == [first], "the unit does not see it yet"
    await order_of(api, inspection)
    assert await save([wanting, conforming]) == [second], "what conforms needs no measure"
    assert await save([wanting], await graded_system(api)) == [first], "another system's"
    assert await save([wanting]) == []
    plans = await api.all(FILER, "rectificationPlans", PLANNED, f',filter:{{systemId:"{system}"}}')
    treats = {"inspectionFinding": {"id": wanting, "item": "CMP-1", "measures": [{"title": measure["title"]}]}}
    assert [plan["measures"] for plan in plans] == [[treats]]
    of_it = f',filter:{{inspectionFindingId:"{wanting}"}}'
    assert len(await api.all(FILER, "rectificationMeasures", "id", of_it)) == 1


async def test_from_the_schedule_to_closure(api: Api, jobs: BackgroundWork) -> None:
    inspection = await scheduled(api)
    assert await node(api, APPROVER, inspection, "Inspection", "id") is None  # not yet notified
    told = await done(api, OFFICER, "notifyInspections", "inspection{notifiedAt}", inspectionIds=[inspection])
    assert told["notifiedAt"]
    seen = await node(api, APPROVER, inspection, "Inspection", "state plannedOn checklist{edition items{key area}}")
    assert (seen["state"], seen["plannedOn"]) == ("SCHEDULED", today().isoformat())
    assert [item["key"] for item in seen["checklist"]["items"]] == list(ITEMS)
    one = await api.do(OFFICER, "startInspection", "inspection{id}", inspectionId=inspection, inspectors=["甲", "甲"])
    assert codes(one) == ["INVALID_INPUT"]
    begun = await done(
        api,
        OFFICER,
        "startInspection",
        "inspection{state inspectedOn system{lastInspectedOn nextInspectionOn}}",
        inspectionId=inspection,
        inspectors=["王建国", "李红梅"],
    )
    assert begun["state"] == "IN_PROGRESS"
    assert begun["system"] == {"lastInspectedOn": today().isoformat(), "nextInspectionOn": None}
    early = await api.do(OFFICER, "closeInspection", "inspection{id}", inspectionId=inspection)
    assert codes(early) == ["MISSING_ITEMS"] * len(ITEMS)
    assert [error["field"] for error in early["userErrors"]] == [f"items.{key}" for key in ITEMS]
    evidence = await stored(api, OFFICER, "INSPECTION_EVIDENCE", PDF, "照片.pdf")
    wrong = {"item": "CMP-1", "result": "NON_CONFORMING", "severity": "HIGH", "text": "默认口令未改"}
    await done(
        api, OFFICER, "recordFinding", "inspection{id}", inspectionId=inspection, documentIds=[evidence], **wrong
    )
    rest = await done(api, OFFICER, "recordConforming", "inspection{findings{item result}}", inspectionId=inspection)
    assert {each["item"]: each["result"] for each in rest["findings"]} == {
        key: "NON_CONFORMING" if key == "CMP-1" else "CONFORMING" for key in ITEMS
    }
    wanting = await api.do(OFFICER, "closeInspection", "inspection{id}", inspectionId=inspection)
    assert codes(wanting) == ["INVALID_STATE"]
    order = await done(
        api,
        OFFICER,
        "draftOrder",
        "rectificationOrder{id state}",
        inspectionId=inspection,
        workingDays=10,
        demands="请立即整改。",
    )
    hidden = "findings{id} order{id} documents{id} checklist{edition}"
    for person in (FILER, APPROVER):
        seen = await node(api, person, inspection, "Inspection", hidden)
        assert (seen["findings"], seen["order"], seen["documents"]) == ([], None, [])
    frozen = await api.do(OFFICER, "recordFinding", "inspection{id}", inspectionId=inspection, **wrong)
    assert codes(frozen) == ["INVALID_STATE"]
    issued = await done(
        api,
        LEADER,
        "issueOrder",
        "rectificationOrder{number dueOn issuedBy{login} inspection{state responseDueOn}}",
        rectificationOrderId=order["id"],
    )
    counted = await api.ask(OFFICER, "query($d:Date!){workingDays(from:$d,count:10){date}}", d=today().isoformat())
    assert issued["dueOn"] == issued["inspection"]["responseDueOn"] == counted["workingDays"]["date"]
    assert issued["number"].startswith(f"北京信息办责改〔{today().year}〕")
    seen = await node(api, APPROVER, inspection, "Inspection", "findings{item} order{number} documents{id}")
    assert len(seen["findings"]) == len(ITEMS)
    assert seen["order"]["number"] == issued["number"]
    assert [each["id"] for each in seen["documents"]] == [evidence]
    await jobs.run()
    letter = await node(api, APPROVER, order["id"], "RectificationOrder", "document{id filename} documents{mediaType}")
    assert issued["number"] in letter["document"]["filename"]
    assert len(letter["documents"]) == 2
    await prove_genuine(api, APPROVER, letter["document"])
    notified = await node(api, APPROVER, inspection, "Inspection", "notice{id filename} noticeFiles{mediaType}")
    assert f"北京信息办检通〔{today().year}〕" in notified["notice"]["filename"]
    assert len(notified["noticeFiles"]) == 2
    await prove_genuine(api, APPROVER, notified["notice"])
    proof = await stored(api, APPROVER, "INSPECTION_EVIDENCE", PDF, "整改证明.pdf")
    answer = {"inspectionId": inspection, "text": "已整改。", "documentIds": [proof]}
    responded = await done(api, APPROVER, "respondToOrder", "inspection{state response{late documents{id}}}", **answer)
    assert responded == {"state": "RESPONDED", "response": {"late": False, "documents": [{"id": proof}]}}
    again = {"inspectionId": inspection, "reason": "证明不足", "workingDays": 5}
    returned = await done(api, OFFICER, "returnResponse", "inspection{state response{id}}", **again)
    assert returned == {"state": "ORDER_ISSUED", "response": None}
    await done(api, APPROVER, "respondToOrder", "inspection{id}", inspectionId=inspection, text="已补充整改。")
    closed = await done(
        api, OFFICER, "closeInspection", "inspection{state closedBy{login} responses{returnReason}}",
        inspectionId=inspection,
    )  # fmt: skip
    assert closed["state"] == "CLOSED"
    assert [each["returnReason"] for each in closed["responses"]] == ["证明不足", None]
    await jobs.run()
    asked = "{viewer{notifications(first:20){nodes{kind subject{id}}}}}"
    kinds = {each["kind"] for each in (await api.ask(APPROVER, asked))["viewer"]["notifications"]["nodes"]}
    assert kinds >= {"INSPECTION_NOTIFIED", "ORDER_ISSUED", "RESPONSE_RETURNED", "INSPECTION_CLOSED"}


async def test_what_conforms_is_closed_without_an_order(api: Api) -> None:
    inspection = await started(api)
    await done(api, OFFICER, "recordConforming", "inspection{id}", inspectionId=inspection)
    nothing = await api.do(OFFICER, "draftOrder", "rectificationOrder{id}", inspectionId=inspection, workingDays=10)
    assert codes(nothing) == ["INVALID_STATE"]
    closed = await done(api, OFFICER, "closeInspection", "inspection{state order{id}}", inspectionId=inspection)
    assert closed == {"state": "CLOSED", "order": None}
    assert (await node(api, APPROVER, inspection, "Inspection", "findings{id}"))["findings"] == []


async def test_a_returned_order_is_drafted_anew(api: Api) -> None:
    inspection = await started(api)
    await found_wanting(api, inspection)
    given = {"inspectionId": inspection, "workingDays": 10}
    first = await done(api, OFFICER, "draftOrder", "rectificationOrder{id}", **given)
    second = await api.do(OFFICER, "draftOrder", "rectificationOrder{id}", **given)
    assert codes(second) == ["INVALID_STATE"]
    unsaid = await api.do(LEADER, "returnOrder", "rectificationOrder{id}", rectificationOrderId=first["id"])
    assert codes(unsaid) == ["INVALID_INPUT"]
    back = {"rectificationOrderId": first["id"], "reason": "期限过短"}
    returned = await done(api, LEADER, "returnOrder", "rectificationOrder{state returnReason}", **back)
    assert returned == {"state": "RETURNED", "returnReason": "期限过短"}
    await done(api, OFFICER, "draftOrder", "rectificationOrder{id}", **{**given, "workingDays": 20})
    found = await node(api, OFFICER, inspection, "Inspection", "orders{state} order{workingDays}")
    assert [each["state"] for each in found["orders"]] == ["RETURNED", "DRAFT"]
    assert found["order"] == {"workingDays": 20}


@pytest.mark.parametrize("days", [0, 251])
async def test_a_deadline_has_working_days(api: Api, days: int) -> None:
    inspection = await started(api)
    payload = await api.do(OFFICER, "draftOrder", "rectificationOrder{id}", inspectionId=inspection, workingDays=days)
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("INVALID_INPUT", "workingDays")]


async def remind(jobs: BackgroundWork, database: Database, now: dt.date) -> None:
    tenant = await beijing(database)
    async with database.transaction(tenant) as session:
        await queue.Queue(TASKS).enqueue(session, tenant, "reminders.send", {})
    await jobs.run(now=dt.datetime.combine(now, dt.time(9), SHANGHAI))


async def test_an_overdue_order_is_warned_of_once_and_its_answer_is_late(
    api: Api, jobs: BackgroundWork, database: Database
) -> None:
    inspection = await ordered(api)
    missed = today() - dt.timedelta(days=1)
    async with database.transaction(await beijing(database)) as session:
        await session.execute(
            text("UPDATE inspections SET response_due_on = :day WHERE id = :id"),
            {"day": missed, "id": uuid.UUID(inspection.partition("_")[2])},
        )
    working = today()
    while working.isoweekday() > 5:
        working += dt.timedelta(days=1)
    for _ in range(2):
        await remind(jobs, database, working)
    seen = await node(api, APPROVER, inspection, "Inspection", "overdue unit{id}")
    assert seen["overdue"] is True
    notices = await api.all(APPROVER, "overdueNotices", "orderNumber dueOn inspection{id}")
    mine = [each for each in notices if (each["inspection"] or {}).get("id") == inspection]
    assert [each["dueOn"] for each in mine] == [missed.isoformat()]
    late = await done(
        api, APPROVER, "respondToOrder", "inspection{response{late}}", inspectionId=inspection, text="已整改。"
    )
    assert late["response"]["late"] is True


async def test_a_supervising_unit_sees_the_notice_and_nothing_else(api: Api) -> None:
    """The demo's last unit is supervised by the demo's own, and has missed a deadline."""
    own = (await api.ask(APPROVER, "{viewer{membership{organisation{id}}}}"))["viewer"]["membership"]["organisation"]
    notices = await api.all(APPROVER, "overdueNotices", "orderNumber unit{id} system{name} inspection{id}")
    others = [each for each in notices if each["unit"]["id"] != own["id"]]
    assert others
    assert all(each["inspection"] is None and each["system"] for each in others)


async def test_inspections_are_scheduled_moved_and_called_off(api: Api) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_3)
    inspection = await scheduled(api, system)
    campaign = await joint_campaign(api)
    twice = {"campaignId": campaign, "systemIds": [system], "plannedOn": today().isoformat()}
    assert codes(await api.do(OFFICER, "scheduleInspections", "campaign{id}", **twice)) == ["INVALID_INPUT"]
    past = {"campaignId": campaign, "systemIds": [system], "plannedOn": "2020-01-01"}
    assert codes(await api.do(OFFICER, "scheduleInspections", "campaign{id}", **past)) == ["INVALID_INPUT"]
    nobody = await api.do(OFFICER, "startInspection", "inspection{id}", inspectionId=inspection, inspectors=["a", "b"])
    assert codes(nobody) == ["INVALID_STATE"]  # the unit has not been notified
    later = min(today() + dt.timedelta(days=7), dt.date(today().year, 12, 31)).isoformat()
    moved = await done(
        api, OFFICER, "rescheduleInspection", "inspection{plannedOn}", inspectionId=inspection, plannedOn=later
    )
    assert moved == {"plannedOn": later}
    await done(api, OFFICER, "notifyInspections", "inspection{id}", inspectionIds=[inspection])
    silent = await api.do(OFFICER, "rescheduleInspection", "inspection{id}", inspectionId=inspection, plannedOn=later)
    assert [each["field"] for each in silent["userErrors"]] == ["reason"]
    off = await done(api, OFFICER, "cancelInspection", "inspection{state}", inspectionId=inspection, reason="系统停用")
    assert off == {"state": "CANCELLED"}
    assert (await node(api, OFFICER, system, "System", "nextInspectionOn")) == {"nextInspectionOn": None}


async def test_the_programme_proposes_batches_that_leave_nothing_uncovered(api: Api) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_3)
    marked = {"systemId": system, "important": True}
    due = "system{importantSince inspectionDueOn inspectionStanding}"
    important = await done(api, OFFICER, "setSystemImportance", due, **marked)
    assert important["importantSince"] == today().isoformat()
    assert important["inspectionStanding"] == "UNSCHEDULED"
    programme = await done(api, OFFICER, "createCampaign", "campaign{id startsOn endsOn}", **coming())
    asked = "campaign{batches(first:100){nodes{id month state inspections(first:100){nodes{plannedOn system{id}}}}}}"
    proposed = await done(api, OFFICER, "proposeBatches", asked, campaignId=programme["id"])
    batches = proposed["batches"]["nodes"]
    planned = {each["system"]["id"]: each["plannedOn"] for batch in batches for each in batch["inspections"]["nodes"]}
    assert {batch["state"] for batch in batches} == {"PROPOSED"}
    rows = await api.all(
        OFFICER, "systems", "id retiredOn inspectionDueOn nextInspectionOn", ",filter:{important:true}"
    )
    open_ = [each for each in rows if not each["retiredOn"] and not each["nextInspectionOn"]]
    assert planned.keys() == {each["id"] for each in open_ if each["inspectionDueOn"] < programme["endsOn"]} | {
        each["id"] for each in open_ if each["id"] in planned
    }
    assert all(
        planned[each["id"]] <= each["inspectionDueOn"] or each["inspectionDueOn"] < programme["startsOn"]
        for each in open_
        if each["id"] in planned
    )
    assert await node(api, "district.officer", programme["id"], "InspectionCampaign", "id") is None
    first = batches[0]
    chosen = {"campaignId": programme["id"], "batchIds": [first["id"]]}
    after = await done(api, OFFICER, "scheduleInspections", "campaign{coverage{state count}}", **chosen)
    states: dict[str, int] = {}
    for each in after["coverage"]:
        states[each["state"]] = states.get(each["state"], 0) + each["count"]
    assert states["SCHEDULED"] == len(first["inspections"]["nodes"])
    assert states["PROPOSED"] == len(planned) - states["SCHEDULED"]
    again = await done(api, OFFICER, "proposeBatches", asked, campaignId=programme["id"])
    assert first["id"] in {each["id"] for each in again["batches"]["nodes"]}
    assert codes(await api.do(OFFICER, "scheduleInspections", "campaign{id}", **chosen)) == ["INVALID_STATE"]


def coming() -> dict[str, Any]:
    """A programme that the demo has not."""
    return {"kind": "ROLLING_TWO_YEAR", "year": today().year + 1}


async def test_a_campaign_is_one_a_year_and_its_partners_come_and_go(api: Api) -> None:
    given = {"kind": "JOINT_ENFORCEMENT", "year": 2031, "partners": [{"name": "市公安局"}, {"name": "市保密局"}]}
    campaign = await done(api, OFFICER, "createCampaign", "campaign{id endsOn partners{name}}", **given)
    assert campaign["endsOn"] == "2031-12-31"
    assert codes(await api.do(OFFICER, "createCampaign", "campaign{id}", **given)) == ["INVALID_INPUT"]
    key = {"campaignId": campaign["id"], "name": "市密码局"}
    more = await done(api, OFFICER, "addCampaignPartner", "campaign{partners{name}}", **key)
    assert len(more["partners"]) == 3
    assert codes(await api.do(OFFICER, "addCampaignPartner", "campaign{id}", **key)) == ["INVALID_INPUT"]
    less = await done(api, OFFICER, "removeCampaignPartner", "campaign{partners{name}}", **key)
    assert {each["name"] for each in less["partners"]} == {"市公安局", "市保密局"}
    nothing = await api.do(OFFICER, "publishCampaignReport", "campaign{id}", campaignId=campaign["id"])
    assert codes(nothing) == ["INVALID_STATE"]


async def test_a_published_report_has_its_figures_and_files(api: Api, jobs: BackgroundWork) -> None:
    """Of Tianjin's programme, once its scheduled inspections are called off."""
    officer = f"{OFFICER}@tianjin"
    found = await api.ask(officer, "{campaigns(filter:{kind:ROLLING_TWO_YEAR}){nodes{id}}}")
    campaign = found["campaigns"]["nodes"][0]["id"]
    undone = await api.do(officer, "publishCampaignReport", "campaign{id}", campaignId=campaign)
    assert codes(undone) == ["INVALID_STATE"]
    ahead = await api.all(
        officer, "inspections", "id", f',filter:{{campaignId:"{campaign}",states:[SCHEDULED,IN_PROGRESS]}}'
    )
    for each in ahead:
        await done(api, officer, "cancelInspection", "inspection{id}", inspectionId=each["id"], reason="x")
    given = {"campaignId": campaign, "summary": "总体良好。"}
    published = await done(api, officer, "publishCampaignReport", "campaign{state reportNumber}", **given)
    assert published["state"] == "PUBLISHED"
    await jobs.run()
    made = await node(
        api, officer, campaign, "InspectionCampaign", "report{id filename} documents{mediaType} batches{nodes{state}}"
    )
    assert published["reportNumber"] in made["report"]["filename"]
    await prove_genuine(api, officer, made["report"])
    assert len(made["documents"]) == 2
    assert {each["state"] for each in made["batches"]["nodes"]} == {"SCHEDULED"}
    closed = await api.do(officer, "proposeBatches", "campaign{id}", campaignId=campaign)
    assert codes(closed) == ["INVALID_STATE"]


async def test_a_unit_inspects_itself(api: Api, jobs: BackgroundWork, database: Database) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_3)
    made = await done(api, FILER, "startSelfInspection", "selfInspection{id version dueOn itemCount}", systemId=system)
    assert (made["dueOn"], made["itemCount"]) == (f"{today().year}-12-31", len(ITEMS))
    assert codes(await api.do(FILER, "startSelfInspection", "selfInspection{id}", systemId=system)) == ["INVALID_STATE"]
    assert await node(api, OFFICER, made["id"], "SelfInspection", "id") is None
    wrong = [{"item": "PHY-1", "result": "PARTLY"}, {"item": "NO-1", "result": "CONFORMING"}]
    key = {"selfInspectionId": made["id"], "version": made["version"]}
    refused = await api.do(FILER, "saveSelfInspection", "selfInspection{id}", **key, answers=wrong)
    assert [each["field"] for each in refused["userErrors"]] == ["answers.0.text", "answers.1.item"]
    some = [{"item": "PHY-1", "result": "PARTLY", "text": "正在补装门禁"}]
    saved = await done(api, FILER, "saveSelfInspection", "selfInspection{version answeredCount}", **key, answers=some)
    assert saved["answeredCount"] == 1
    lacking = await api.do(APPROVER, "submitSelfInspection", "selfInspection{id}", selfInspectionId=made["id"])
    assert codes(lacking) == ["MISSING_ITEMS"] * (len(ITEMS) - 1)
    rest = [{"item": item, "result": "CONFORMING"} for item in ITEMS if item != "PHY-1"]
    stale = await api.do(FILER, "saveSelfInspection", "selfInspection{id}", **key, answers=rest)
    assert codes(stale) == ["CONFLICT"]
    await done(
        api, FILER, "saveSelfInspection", "selfInspection{id}", **{**key, "version": saved["version"]}, answers=rest
    )
    submitted = await done(
        api, APPROVER, "submitSelfInspection", "selfInspection{state late}", selfInspectionId=made["id"]
    )
    assert submitted == {"state": "SUBMITTED", "late": False}
    for person in (OFFICER, "district.officer"):
        assert await node(api, person, made["id"], "SelfInspection", "answers{item}")
    second = await graded_system(api)
    assert codes(await api.do(FILER, "startSelfInspection", "selfInspection{id}", systemId=second)) == ["INVALID_STATE"]
    third = await graded_system(api, LEVEL_3, LEVEL_3)
    tenant = await beijing(database)
    for _ in range(2):
        async with database.transaction(tenant) as session:
            await queue.Queue(TASKS).enqueue(session, tenant, "self_inspections.open", {})
        await jobs.run(now=dt.datetime(today().year, 11, 2, 7, tzinfo=SHANGHAI))
    opened = await node(api, FILER, third, "System", "selfInspections{nodes{state dueOn}}")
    assert opened["selfInspections"]["nodes"] == [{"state": "DRAFT", "dueOn": f"{today().year}-12-31"}]


FIGURES = {
    "filingsByState": ("filings", "state", "Filing"),
    "filingsByLevel": ("filings", "level", "Filing"),
    "filingsByDistrict": ("filings", "authority district{id}", "Filing"),
    "reviewPunctuality": ("reviewPeriods", "outcome", "ReviewPeriod"),
    "assessmentCoverage": ("systems", "assessmentStanding level", "System"),
    "inspectionCoverage": ("systems", "inspectionStanding", "System"),
    "inspectionsByState": ("inspections", "state", "Inspection"),
    "selfInspections": ("selfInspections", "state late", "SelfInspection"),
    "riskAssessments": ("riskAssessments", "state", "RiskAssessment"),
    "riskFindings": ("riskFindings", "severity treatment closed", "RiskFinding"),
    "rectificationPlans": ("rectificationPlans", "state important overdue", "RectificationPlan"),
    "rectificationMeasures": ("rectificationMeasures", "underWay overdue", "RectificationMeasure"),
    "panelCases": ("panelCases", "purpose state", "PanelCase"),
    "assessmentsByState": ("assessments", "state important", "Assessment"),
    "assessmentFindings": ("assessmentFindings", "area severity open", "AssessmentFinding"),
}
# Their figures leave out no row of the list.
WHOLE = set(FIGURES) - {"assessmentCoverage", "inspectionCoverage"}


@pytest.mark.parametrize("person", [OFFICER, "district.officer", APPROVER, "expert", "assessor"])
async def test_each_figure_is_the_count_of_the_list_that_it_names(api: Api, person: str) -> None:
    selected = " ".join(f"{name}{{{fields} count}}" for name, (_, fields, _) in FIGURES.items())
    statistics = (await api.ask(person, f"{{statistics{{{selected}}}}}"))["statistics"]
    for name, figures in statistics.items():
        field, _, entity = FIGURES[name]
        total = 0
        for figure in figures:
            count = figure.pop("count")
            district = figure.pop("district", None)
            given = {key: value for key, value in figure.items() if value is not None}
            if district:
                given["districtId"] = district["id"]
            document = f"query($f:{entity}Filter){{{field}(first:1,filter:$f){{totalCount}}}}"
            assert (await api.ask(person, document, f=given))[field]["totalCount"] == count, (name, figure)
            total += count
        if name in WHOLE:
            listed = await api.ask(person, f"{{{field}(first:1){{totalCount}}}}")
            assert listed[field]["totalCount"] == total
    if person == OFFICER:
        assert all(statistics.values())
    if person in {APPROVER, "expert", "assessor"}:
        assert statistics["inspectionCoverage"] == []


async def test_figures_are_of_the_rows_that_a_filter_leaves(api: Api) -> None:
    asked = "{statistics{filingsByLevel(filter:{state:ACCEPTED}){level count}}}"
    found = (await api.ask(OFFICER, asked))["statistics"]["filingsByLevel"]
    listed = await api.ask(OFFICER, "{filings(first:1,filter:{state:ACCEPTED}){totalCount}}")
    assert sum(each["count"] for each in found) == listed["filings"]["totalCount"]
