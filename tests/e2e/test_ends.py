"""How what was begun ends otherwise than by a reply: drafts given up, levels that are not filed, terms over."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import select, update

from clients.papers import archive, paper
from domain.panels.entities import ExpertAppointment
from domain.people.entities import User
from storage.database import Database
from tests.e2e.flows import (
    GENERAL,
    LEVEL_2,
    LEVEL_3,
    accepted,
    answered,
    codes,
    complete,
    done,
    graded_system,
    node,
    regrade,
    stored,
    under_review,
)
from tests.e2e.panel_flows import assigned, concluded, opinions, re_review, today
from tests.support import Api, BackgroundWork

QUEUE = "query($a:WorkAction){viewer{workQueue(first:100,filter:{action:$a}){nodes{subject{id} duty}}}}"


async def waiting(api: Api, who: str, action: str) -> set[str]:
    """What waits for somebody to do ``action``: ids."""
    found = await api.ask(who, QUEUE, a=action)
    return {each["subject"]["id"] for each in found["viewer"]["workQueue"]["nodes"]}


# --- drafts ---


async def test_a_draft_of_a_filing_is_given_up_and_the_system_filed_anew(api: Api) -> None:
    system = await graded_system(api)
    draft = (await done(api, "unit.filer", "createFiling", "filing{id}", systemId=system))["id"]
    assert codes(await api.do("unit.filer", "createFiling", "filing{id}", systemId=system)) == ["INVALID_STATE"]
    ended = await done(api, "unit.filer", "discardFiling", "filing{state history{action from to}}", filingId=draft)
    assert ended["state"] == "DISCARDED"
    assert ended["history"][-1] == {"action": "discardFiling", "from": "DRAFT", "to": "DISCARDED"}
    for who in ("city.officer", "district.officer"):
        assert await node(api, who, draft, "Filing", "id") is None
    assert draft not in await waiting(api, "unit.filer", "COMPLETE_FILING")
    for step in ("discardFiling", "submitFiling"):
        who = "unit.approver"
        assert codes(await api.do(who, step, "filing{id}", filingId=draft)) == ["INVALID_STATE"]
    await done(api, "unit.filer", "createFiling", "filing{id}", systemId=system)


async def test_what_was_submitted_is_not_discarded(api: Api) -> None:
    filing = await under_review(api)
    assert codes(await api.do("unit.approver", "discardFiling", "filing{id}", filingId=filing)) == ["INVALID_STATE"]
    assert codes(await api.do("unit.filer@tianjin", "discardFiling", "filing{id}", filingId=filing)) == ["NOT_FOUND"]


async def test_an_amendment_is_given_up_and_what_was_accepted_stands(api: Api) -> None:
    former = await accepted(api)
    draft = await done(api, "unit.approver", "amendFiling", "filing{id}", filingId=former)
    await done(api, "unit.approver", "discardFiling", "filing{id}", filingId=draft["id"])
    assert (await node(api, "unit.filer", former, "Filing", "state replacedBy{id}")) == {
        "state": "ACCEPTED",
        "replacedBy": None,
    }


async def test_a_draft_of_a_grading_is_given_up_and_the_system_graded_anew(api: Api) -> None:
    system = await graded_system(api)
    given = {"systemId": system, "businessInformation": LEVEL_3, "systemService": GENERAL}
    draft = (await done(api, "unit.filer", "saveGrading", "grading{id}", **given))["id"]
    assert draft in await waiting(api, "unit.filer", "SUBMIT_GRADING")
    ended = await done(api, "unit.filer", "discardGrading", "grading{state system{level}}", gradingId=draft)
    assert ended == {"state": "DISCARDED", "system": {"level": 2}}
    assert await node(api, "city.officer", draft, "Grading", "id") is None
    assert draft not in await waiting(api, "unit.filer", "SUBMIT_GRADING")
    for step in ("discardGrading", "submitGrading"):
        assert codes(await api.do("unit.filer", step, "grading{id}", gradingId=draft)) == ["INVALID_STATE"]
    await done(api, "unit.filer", "saveGrading", "grading{id}", **given)


# --- level 1 ---


async def test_what_the_panel_finds_to_be_of_level_1_is_withdrawn(api: Api) -> None:
    filing, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    await opinions(api, case, 1, 1, 1)
    await concluded(api, case)
    assert codes(await api.do("unit.approver", "withdrawFiling", "filing{id}", filingId=filing)) == ["INVALID_STATE"]
    system = (await node(api, "unit.filer", filing, "Filing", "system{id}"))["system"]["id"]
    await regrade(api, system, GENERAL, GENERAL, "unit")
    refused = await api.do("unit.approver", "resubmitFiling", "filing{id}", filingId=filing)
    assert [(each["code"], "withdrawFiling" in each["message"]) for each in refused["userErrors"]] == [
        ("INVALID_STATE", True)
    ]
    assert filing in await waiting(api, "unit.approver", "WITHDRAW_FILING")
    assert filing not in await waiting(api, "unit.filer", "ADJUST_LEVEL")
    ended = await done(api, "unit.approver", "withdrawFiling", "filing{state}", filingId=filing)
    assert ended["state"] == "WITHDRAWN"
    assert codes(await api.do("unit.filer", "createFiling", "filing{id}", systemId=system)) == ["INVALID_STATE"]


async def test_a_complete_draft_of_what_is_now_level_1_is_not_submitted(api: Api) -> None:
    system = await graded_system(api)
    filing = (await done(api, "unit.filer", "createFiling", "filing{id}", systemId=system))["id"]
    await complete(api, filing)
    await regrade(api, system, GENERAL, GENERAL, "unit")
    refused = await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing)
    assert [(each["code"], "discardFiling" in each["message"]) for each in refused["userErrors"]] == [
        ("INVALID_STATE", True)
    ]


# --- the report that a filing rests on ---

REPORTS = "documents{id kind filename sha256} missingItems{path} form{grading{hasGradingReport}}"


async def test_a_filing_has_the_report_that_the_platform_made_of_its_grading(api: Api, jobs: BackgroundWork) -> None:
    system = await graded_system(api)
    given = {"systemId": system}
    filing = await done(api, "unit.filer", "createFiling", f"filing{{id {REPORTS}}}", **given)
    assert filing["documents"] == []
    assert "GRADING_REPORT" in {each["path"] for each in filing["missingItems"]}
    await jobs.run()
    made = await node(api, "unit.filer", system, "System", "currentGrading{report{sha256}}")
    [report] = (seen := await node(api, "unit.filer", filing["id"], "Filing", REPORTS))["documents"]
    assert (report["kind"], report["sha256"]) == ("GRADING_REPORT", made["currentGrading"]["report"]["sha256"])
    assert "GRADING_REPORT" not in {each["path"] for each in seen["missingItems"]}
    assert seen["form"]["grading"]["hasGradingReport"] is True
    # Graded anew, the new report takes the former's place; one begun later has it from the start.
    await regrade(api, system, LEVEL_3, GENERAL, "unit")
    await jobs.run()
    [again] = (await node(api, "unit.filer", filing["id"], "Filing", REPORTS))["documents"]
    assert again["sha256"] != report["sha256"]
    await done(api, "unit.filer", "discardFiling", "filing{id}", filingId=filing["id"])
    [kept] = (await done(api, "unit.filer", "createFiling", f"filing{{{REPORTS}}}", **given))["documents"]
    assert kept["sha256"] == again["sha256"]


async def test_a_report_that_the_unit_uploaded_stays(api: Api, jobs: BackgroundWork) -> None:
    system = await graded_system(api)
    filing = (await done(api, "unit.filer", "createFiling", "filing{id}", systemId=system))["id"]
    document = await stored(api, "unit.filer", "GRADING_REPORT", paper("盖章的定级报告"), "定级报告.pdf")
    given = {"filingId": filing, "documentId": document, "kind": "GRADING_REPORT"}
    await done(api, "unit.filer", "attachDocument", "filing{id}", **given)
    await jobs.run()
    assert [each["id"] for each in (await node(api, "unit.filer", filing, "Filing", REPORTS))["documents"]] == [
        document
    ]


# --- terms, inquiries, what is overdue ---


async def test_an_expert_whose_term_is_over_gives_no_opinion(api: Api, database: Database) -> None:
    _, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    assert case in await waiting(api, "expert3", "SUBMIT_OPINION")
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    person = select(User.id).where(User.tenant_id == tenant, User.username == "expert3").scalar_subquery()
    mine = (ExpertAppointment.tenant_id == tenant, ExpertAppointment.user_id == person)
    async with database.transaction(tenant) as session:
        ends = (await session.execute(select(ExpertAppointment.id, ExpertAppointment.valid_until).where(*mine))).all()
        await session.execute(update(ExpertAppointment).where(*mine).values(valid_until=today() - dt.timedelta(days=1)))
    try:
        given = {"panelCaseId": case, "recommendedLevel": 2, "reasons": "理由"}
        assert codes(await api.do("expert3", "submitOpinion", "opinion{id}", **given)) == ["FORBIDDEN"]
        assert case not in await waiting(api, "expert3", "SUBMIT_OPINION")
    finally:
        async with database.transaction(tenant) as session:
            for key, end in ends:
                of = (ExpertAppointment.tenant_id == tenant, ExpertAppointment.id == key)
                await session.execute(update(ExpertAppointment).where(*of).values(valid_until=end))
    await done(api, "expert3", "submitOpinion", "opinion{id}", **given)


async def test_an_answered_inquiry_waits_for_its_unit_to_close_it(api: Api) -> None:
    given = {"title": "定级问题", "topic": "GRADING", "text": "如何定级?"}
    inquiry = (await done(api, "unit.approver", "openInquiry", "inquiry{id}", **given))["id"]
    assert inquiry not in await waiting(api, "unit.approver", "CLOSE_INQUIRY")
    await done(api, "city.advisor", "replyToInquiry", "inquiry{id}", inquiryId=inquiry, text="见定级指南。")
    for who in ("unit.approver", "unit.filer"):
        assert inquiry in await waiting(api, who, "CLOSE_INQUIRY")
    assert inquiry not in await waiting(api, "unit.filer@tianjin", "CLOSE_INQUIRY")
    await done(api, "unit.filer", "closeInquiry", "inquiry{id}", inquiryId=inquiry)
    assert inquiry not in await waiting(api, "unit.approver", "CLOSE_INQUIRY")


async def test_what_is_overdue_can_be_asked_for(api: Api) -> None:
    everything = await api.all("city.officer", "filings", "id overdue reviewDueOn")
    for overdue in (True, False):
        found = await api.all("city.officer", "filings", "id", f",filter:{{overdue:{str(overdue).lower()}}}")
        assert {each["id"] for each in found} == {each["id"] for each in everything if each["overdue"] is overdue}
    assert any(each["overdue"] for each in everything)


# --- entered by an office, all in one ---


async def paper_filing(api: Api, office: str, **given: Any) -> dict[str, Any]:
    """The input of ``enterFiling`` for a system that nobody has entered yet."""
    home = await api.ask("unit.filer", "{viewer{membership{organisation{id}}}}")
    document = await stored(api, office, "FILING_ARCHIVE", archive(uuid.uuid4().hex))
    return {
        "system": {
            "unitId": home["viewer"]["membership"]["organisation"]["id"],
            "name": "纸质备案的系统",
            "code": uuid.uuid4().hex[:12],
        },
        "grading": {"businessInformation": LEVEL_3, "systemService": LEVEL_2, "gradedOn": "2026-10-08"},
        "channel": "COURIER",
        "receivedOn": today().isoformat(),
        "documents": [{"documentId": document, "kind": "FILING_ARCHIVE"}],
        **given,
    }


GRADED = "grading{id state asFiled level securityMark} form{grading{gradedOn level}}"


async def test_system_grading_and_filing_are_entered_in_one_go_and_are_the_units(api: Api) -> None:
    given = await paper_filing(api, "district.officer")
    selection = f"filing{{id state level channel system{{id level securityMark name}} {GRADED}}}"
    entered = await done(api, "district.officer", "enterFiling", selection, **given)
    assert (entered["state"], entered["level"], entered["system"]["securityMark"]) == ("RECEIVED", 3, "S3A2G3")
    grading = entered["grading"]
    assert (grading["state"], grading["asFiled"]) == ("CONFIRMED", True)
    assert entered["form"]["grading"] == {"gradedOn": "2026-10-08", "level": 3}
    # It is the unit's: sent back, it goes on there, and what the unit grades itself takes the place of what was filed.
    received = await node(api, "district.officer", entered["id"], "Filing", "monthlyReturn{id}")
    of = {"monthlyReturnId": received["monthlyReturn"]["id"]}
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", **of)
    await answered(api, entered["id"], "B")
    await regrade(api, entered["system"]["id"], LEVEL_2, GENERAL, "unit")
    assert (await node(api, "unit.filer", grading["id"], "Grading", "state"))["state"] == "SUPERSEDED"
    await complete(api, entered["id"])
    again = await done(
        api, "unit.approver", "resubmitFiling", f"filing{{state level {GRADED}}}", filingId=entered["id"]
    )
    assert (again["state"], again["level"], again["grading"]["asFiled"]) == ("UNDER_REVIEW", 2, False)


async def test_an_office_grades_nothing_that_the_unit_has_graded_itself(api: Api) -> None:
    given = await paper_filing(api, "district.officer", system=None, systemId=await graded_system(api))
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **given)
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("INVALID_STATE", "grading")]


async def test_all_that_is_wrong_with_an_entry_is_told_at_once_and_nothing_is_kept(api: Api) -> None:
    given = await paper_filing(api, "district.officer", channel="ONLINE")
    code = given["system"]["code"]
    given["system"]["name"] = " "
    given["grading"] = {"businessInformation": {"harms": []}, "systemService": LEVEL_2, "gradedOn": "2027-01-01"}
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **given)
    fields = ["channel", "grading.gradedOn", "grading.businessInformation.harms", "system.name"]
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [
        ("INVALID_INPUT", field) for field in fields
    ]
    found = await api.ask("unit.filer", "query($c:String){systems(filter:{text:$c}){totalCount}}", c=code)
    assert found["systems"]["totalCount"] == 0


async def test_an_entry_is_for_the_authority_of_the_units_level_and_names_its_system_once(api: Api) -> None:
    given = await paper_filing(api, "city.officer")
    assert codes(await api.do("city.officer", "enterFiling", "filing{id}", **given)) == ["FORBIDDEN"]
    for changed in ({"system": None}, {"systemId": await graded_system(api)}):
        payload = await api.do("district.officer", "enterFiling", "filing{id}", **{**given, **changed})
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("INVALID_INPUT", "systemId")]
