"""The expert panel through HTTP: who sees what when, conflicts of interest, conclusions and what follows from them."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from typing import Any

from domain.access import Duty, Role
from storage.database import Database
from tests.e2e.flows import GENERAL, LEVEL_2, LEVEL_3, answered, codes, complete, done, node, regrade
from tests.e2e.panel_flows import (
    EXPERTS,
    OFFICER,
    advice,
    assigned,
    case_of,
    concluded,
    draft_grading,
    on_a_session,
    opinion,
    opinions,
    re_review,
    state_of,
    supervised_unit,
    today,
    user_id,
)
from tests.e2e.people import home_of, somebody
from tests.support import Api, BackgroundWork

OPINIONS = "opinions{expert{login} recommendedLevel verdict reasons}"
OUTSIDE = ("district.officer", "assessor", "city.officer@tianjin", "expert@tianjin")


async def test_another_level_is_adjusted_regraded_resubmitted_and_accepted(api: Api) -> None:
    filing, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    seen = await node(api, "expert", case, "PanelCase", "level subject{__typename ...on Filing{id system{name} level}}")
    assert (seen["subject"]["id"], seen["level"]) == (filing, 2)
    await opinions(api, case, 3, 3, 2)
    case_ = await concluded(api, case)
    conclusion = case_["conclusion"]
    assert case_["state"] == case_["session"]["state"] == "CONCLUDED"
    assert (conclusion["level"], conclusion["verdict"], conclusion["opinions"]) == (3, "DISAGREE", 3)
    assert (conclusion["quorum"], conclusion["majority"], conclusion["tieRule"]) == (3, "SIMPLE", "HIGHER_LEVEL")
    assert re.fullmatch(rf"北京等保专评复〔{today().year}〕[0-9]+号", conclusion["number"])
    found = await node(api, "unit.filer", filing, "Filing", "state system{id} history{action to}")
    assert found["state"] == "LEVEL_ADJUSTMENT"
    assert found["history"][-1] == {"action": "concludePanelCase", "to": "LEVEL_ADJUSTMENT"}
    system = found["system"]["id"]
    refused = await api.do("unit.approver", "resubmitFiling", "filing{id}", filingId=filing)
    assert [(each["code"], each["field"]) for each in refused["userErrors"]] == [("INVALID_STATE", "filingId")]
    await regrade(api, system, LEVEL_3, GENERAL, "unit")
    await complete(api, filing)
    again = await done(api, "unit.approver", "resubmitFiling", "filing{state level}", filingId=filing)
    assert again == {"state": "UNDER_REVIEW", "level": 3}
    letter = await answered(api, filing, "A")
    assert letter["filing"]["state"] == "ACCEPTED"


async def test_a_level_that_stands_goes_back_to_review_with_a_new_clock(api: Api) -> None:
    filing, case = await re_review(api)
    await assigned(api, case, "FILING_RE_REVIEW")
    await opinions(api, case, 2, 2, 3)
    assert (await concluded(api, case))["conclusion"]["verdict"] == "AGREE"
    found = await node(api, "unit.filer", filing, "Filing", "state level reviewDueOn repliedAt")
    assert (found["state"], found["level"], found["repliedAt"]) == ("UNDER_REVIEW", 2, None)
    assert found["reviewDueOn"] > today().isoformat()
    assert (await answered(api, filing, "A"))["filing"]["state"] == "ACCEPTED"


async def test_opinions_are_sealed_until_all_are_in(api: Api) -> None:
    _, case = await advice(api)
    await assigned(api, case)
    await opinion(api, "expert2", case, 3)
    await opinion(api, "expert3", case, 2)
    before = {
        person: await node(api, person, case, "PanelCase", OPINIONS)
        for person in ("city.officer", "city.leader", *EXPERTS, "unit.filer", "unit.approver", *OUTSIDE)
    }
    given = "assignments{expert{login} opinionGivenAt}"
    asked = (await node(api, "city.officer", case, "PanelCase", given))["assignments"]
    assert {each["expert"]["login"] for each in asked if each["opinionGivenAt"]} == {"expert2", "expert3"}
    assert before["city.officer"] == before["city.leader"] == before["expert"] == {"opinions": []}
    assert [each["recommendedLevel"] for each in before["expert2"]["opinions"]] == [3]
    assert [each["recommendedLevel"] for each in before["expert3"]["opinions"]] == [2]
    assert {before[person] for person in ("unit.filer", "unit.approver", *OUTSIDE)} == {None}
    await opinion(api, "expert", case, 3)
    assert await state_of(api, case) == "OPINIONS_IN"
    for person in ("city.officer", "city.leader", *EXPERTS):
        after = await node(api, person, case, "PanelCase", OPINIONS)
        assert [each["recommendedLevel"] for each in after["opinions"]] == [3, 2, 3]
    assert {await unseen(api, person, case) for person in ("unit.filer", "unit.approver", *OUTSIDE)} == {None}
    await concluded(api, case)
    for person in ("unit.filer", "unit.approver"):
        own = await node(
            api, person, case, "PanelCase", f"conclusion{{level}} assignments{{id}} session{{id}} {OPINIONS}"
        )
        assert (own["conclusion"]["level"], own["opinions"], own["assignments"]) == (3, [], [])
        assert own["session"] is not None
    assert {await unseen(api, person, case) for person in OUTSIDE} == {None}


async def unseen(api: Api, person: str, case: str) -> Any:
    return await node(api, person, case, "PanelCase", "id")


async def test_an_opinion_is_given_once_and_says_why(api: Api) -> None:
    _, case = await advice(api)
    await assigned(api, case)
    wrong = await api.do("expert", "submitOpinion", "opinion{id}", panelCaseId=case, recommendedLevel=7, reasons=" ")
    assert sorted((each["code"], each["field"]) for each in wrong["userErrors"]) == [
        ("INVALID_INPUT", "reasons"),
        ("INVALID_INPUT", "recommendedLevel"),
    ]
    contradiction = {"panelCaseId": case, "recommendedLevel": 3, "verdict": "AGREE", "reasons": "x"}
    payload = await api.do("expert", "submitOpinion", "opinion{id}", **contradiction)
    assert [each["field"] for each in payload["userErrors"]] == ["verdict"]
    given = {"panelCaseId": case, "recommendedLevel": 2, "reasons": "x"}
    both = await asyncio.gather(*(api.do("expert", "submitOpinion", "opinion{verdict}", **given) for _ in range(2)))
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    assert {"verdict": "AGREE"} in [payload["opinion"] for payload in both]
    assert codes(await api.do("assessor", "submitOpinion", "opinion{id}", **given)) == ["FORBIDDEN"]
    assert codes(await api.do("expert@tianjin", "submitOpinion", "opinion{id}", **given)) == ["NOT_FOUND"]


async def test_two_officers_who_conclude_at_once_conclude_once(api: Api, database: Database) -> None:
    grading, case = await advice(api)
    await assigned(api, case)
    early = await api.do(OFFICER, "concludePanelCase", "panelCase{id}", panelCaseId=case)
    assert codes(early) == ["INVALID_STATE"]
    await opinions(api, case, 2, 2, 2)
    home = (await home_of(api, OFFICER))["name"]
    second = await somebody(api, database, Role.CITY_OFFICE, {Duty.OFFICER}, home)
    both = await asyncio.gather(
        *(api.do(person, "concludePanelCase", "panelCase{state}", panelCaseId=case) for person in (OFFICER, second))
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    found = await node(api, "unit.filer", grading, "Grading", "state expertOpinion{level verdict} history{action}")
    assert found["expertOpinion"] == {"level": 2, "verdict": "AGREE"}
    assert [each["action"] for each in found["history"]] == ["saveGrading", "requestGradingAdvice", "concludePanelCase"]


async def test_opinion_documents_are_numbered_without_gaps(api: Api) -> None:
    cases = [(await advice(api))[1] for _ in range(3)]
    for case in cases:
        await assigned(api, case)
        await opinions(api, case, 2, 2, 2)
    found = await asyncio.gather(*(concluded(api, case) for case in cases))
    numbers = sorted(int(re.sub(r".*〕|号", "", each["conclusion"]["number"])) for each in found)
    assert numbers == list(range(numbers[0], numbers[0] + 3))


# --- conflicts of interest ---


async def appointed(api: Api, database: Database, **given: Any) -> str:
    """A new expert of the panel: the user name."""
    home = (await home_of(api, OFFICER))["name"]
    person = await somebody(api, database, Role.EXPERT, {Duty.EXPERT}, home)
    term = {
        "validFrom": today().isoformat(),
        "validUntil": (today() + dt.timedelta(days=700)).isoformat(),
        "fields": ["LEVEL_PROTECTION"],
        **given,
    }
    await done(api, OFFICER, "appointExpert", "appointment{id}", userId=await user_id(api, person), **term)
    return person


async def test_all_who_may_not_be_asked_are_named_at_once(api: Api, database: Database) -> None:
    _, case = await advice(api)
    await on_a_session(api, case)
    unit = await home_of(api, "unit.filer")
    employed = await appointed(api, database, employerId=unit["id"])
    office = (await home_of(api, OFFICER))["name"]
    unknown = await somebody(api, database, Role.EXPERT, {Duty.EXPERT}, office)
    past = {"validFrom": "2020-01-01", "validUntil": "2021-12-31"}
    over = await appointed(api, database, **past)
    people = ["expert", employed, unknown, over]
    ids = [*[await user_id(api, person) for person in people], await user_id(api, "unit.filer"), "usr_" + "0" * 8]
    payload = await api.do(OFFICER, "assignExperts", "panelCase{id}", panelCaseId=case, expertIds=ids)
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [
        ("CONFLICT_OF_INTEREST", "expertIds.1"),
        ("INVALID_INPUT", "expertIds.2"),
        ("INVALID_INPUT", "expertIds.3"),
        ("INVALID_INPUT", "expertIds.4"),
        ("CONFLICT_OF_INTEREST", "expertIds.4"),
        ("NOT_FOUND", "expertIds.5"),
    ]
    assert unit["name"] in payload["userErrors"][0]["message"]
    assert await state_of(api, case) == "OPEN"


async def asked_about(api: Api, filer: str, system: str | None = None) -> str:
    """A case about a grading of ``filer``'s, on a session."""
    if system is None:
        grading = (await draft_grading(api, filer))["id"]
    else:
        given = {"systemId": system, "businessInformation": LEVEL_2, "systemService": GENERAL}
        grading = (await done(api, filer, "saveGrading", "grading{id}", **given))["id"]
    await done(api, filer, "requestGradingAdvice", "grading{id}", gradingId=grading)
    case = await case_of(api, "gradingId", grading)
    await on_a_session(api, case)
    return case


async def test_who_works_for_the_supervising_unit_is_not_asked(api: Api, database: Database) -> None:
    filer = await somebody(api, database, Role.UNIT, {Duty.FILER}, await supervised_unit(api))
    case = await asked_about(api, filer)
    # By a membership this time, without any appointment: both are told.
    given = {"panelCaseId": case, "expertIds": [await user_id(api, "unit.filer")]}
    payload = await api.do(OFFICER, "assignExperts", "panelCase{id}", **given)
    assert codes(payload) == ["INVALID_INPUT", "CONFLICT_OF_INTEREST"]
    assert (await home_of(api, "unit.filer"))["name"] in payload["userErrors"][1]["message"]


async def test_who_works_for_the_body_that_assesses_the_system_is_not_asked(api: Api, database: Database) -> None:
    assessed = {each["id"] for each in await api.all("assessor", "systems", "id")}
    systems = await api.all("unit.filer", "systems", "id unit{name}")
    system = next(each for each in systems if each["id"] in assessed)
    filer = await somebody(api, database, Role.UNIT, {Duty.FILER}, system["unit"]["name"])
    case = await asked_about(api, filer, system["id"])
    employed = await appointed(api, database, employerId=(await home_of(api, "assessor"))["id"])
    given = {"panelCaseId": case, "expertIds": [await user_id(api, employed)]}
    assert codes(await api.do(OFFICER, "assignExperts", "panelCase{id}", **given)) == ["CONFLICT_OF_INTEREST"]


async def test_a_declared_conflict_ends_access_at_once_and_needs_a_replacement(
    api: Api, database: Database, jobs: BackgroundWork
) -> None:
    grading, case = await advice(api)
    await assigned(api, case)
    await opinions(api, case, 2, 3, 3)
    assert codes(await api.do("expert3", "declareConflict", "assignment{id}", panelCaseId=case)) == ["INVALID_INPUT"]
    given = {"panelCaseId": case, "reason": "曾任职于该单位。"}
    declared = await done(api, "expert3", "declareConflict", "assignment{conflictReason case{id}}", **given)
    assert declared == {"conflictReason": "曾任职于该单位。", "case": None}
    assert await node(api, "expert3", case, "PanelCase", "id") is None
    assert await node(api, "expert3", grading, "Grading", "id") is None
    assert codes(await api.do("expert3", "submitOpinion", "opinion{id}", panelCaseId=case)) == ["NOT_FOUND"]
    await jobs.run()
    told = "{viewer{notifications(first:100){nodes{kind subject{id}}}}}"
    notices = (await api.ask(OFFICER, told))["viewer"]["notifications"]["nodes"]
    assert {"kind": "EXPERT_STEPPED_BACK", "subject": {"id": case}} in notices
    # Two opinions are left, the quorum is three: they are sealed again, and nothing can be concluded.
    assert await state_of(api, case) == "IN_REVIEW"
    assert (await node(api, OFFICER, case, "PanelCase", OPINIONS))["opinions"] == []
    for name, who in (("concludePanelCase", OFFICER), ("closeOpinions", "expert")):
        assert codes(await api.do(who, name, "panelCase{id}", panelCaseId=case)) == ["INVALID_STATE"]
    again = {"panelCaseId": case, "expertIds": [await user_id(api, "expert3")]}
    assert codes(await api.do(OFFICER, "assignExperts", "panelCase{id}", **again)) == ["CONFLICT_OF_INTEREST"]
    replacement = await appointed(api, database)
    await done(
        api, OFFICER, "assignExperts", "panelCase{id}", panelCaseId=case, expertIds=[await user_id(api, replacement)]
    )
    assert len((await node(api, replacement, case, "PanelCase", OPINIONS))["opinions"]) == 0
    await opinion(api, replacement, case, 2)
    conclusion = (await concluded(api, case))["conclusion"]
    assert (conclusion["level"], conclusion["opinions"]) == (2, 3)
    assert codes(await api.do("expert", "declareConflict", "assignment{id}", **given)) == ["INVALID_STATE"]


async def test_the_chair_closes_when_there_is_a_quorum(api: Api, database: Database) -> None:
    _, case = await advice(api)
    late = await appointed(api, database)
    await assigned(api, case, experts=[*EXPERTS, late])
    await opinion(api, "expert", case, 2)
    await opinion(api, "expert2", case, 2)
    assert codes(await api.do("expert", "closeOpinions", "panelCase{id}", panelCaseId=case)) == ["INVALID_STATE"]
    await opinion(api, "expert3", case, 2)
    assert codes(await api.do("expert2", "closeOpinions", "panelCase{id}", panelCaseId=case)) == ["FORBIDDEN"]
    closed = await done(api, "expert", "closeOpinions", "panelCase{state opinions{id}}", panelCaseId=case)
    assert (closed["state"], len(closed["opinions"])) == ("OPINIONS_IN", 3)
    given = {"panelCaseId": case, "recommendedLevel": 4, "reasons": "迟到"}
    assert codes(await api.do(late, "submitOpinion", "opinion{id}", **given)) == ["INVALID_STATE"]
    assert (await concluded(api, case))["conclusion"]["level"] == 2


async def test_dismissal_takes_back_what_was_not_yet_given(api: Api, database: Database) -> None:
    _, case = await advice(api)
    leaving = await appointed(api, database)
    await assigned(api, case, experts=[*EXPERTS, leaving])
    await opinions(api, case, 2, 2, 2)
    assert await state_of(api, case) == "IN_REVIEW"
    (appointment,) = await api.all(leaving, "expertAppointments", "id")
    given = {"appointmentId": appointment["id"], "reason": "退休"}
    await done(api, OFFICER, "dismissExpert", "appointment{dismissedAt}", **given)
    assert await node(api, leaving, case, "PanelCase", "id") is None
    assert await state_of(api, case) == "OPINIONS_IN"
    assert codes(await api.do(OFFICER, "dismissExpert", "appointment{id}", **given)) == ["INVALID_STATE"]


async def test_an_appointment_is_of_an_expert_with_a_term_and_fields(api: Api, database: Database) -> None:
    person = await appointed(api, database)
    expert = await user_id(api, person)
    end = today() + dt.timedelta(days=701)
    later = {"validFrom": end.isoformat(), "validUntil": (end + dt.timedelta(days=365)).isoformat()}
    await done(api, OFFICER, "appointExpert", "appointment{id}", userId=expert, fields=["CRYPTOGRAPHY"], **later)
    wrong = {"validFrom": today().isoformat(), "validUntil": (today() + dt.timedelta(days=4000)).isoformat()}
    payload = await api.do(
        OFFICER, "appointExpert", "appointment{id}", userId=await user_id(api, "unit.filer"), fields=[], **wrong
    )
    assert [each["field"] for each in payload["userErrors"]] == ["fields", "validUntil", "userId"]
    overlapping = await api.do(
        OFFICER, "appointExpert", "appointment{id}", userId=expert, fields=["CRYPTOGRAPHY"], **later
    )
    assert [each["field"] for each in overlapping["userErrors"]] == ["validFrom"]


# --- the city's settings ---


async def test_majority_and_tie_rule_are_the_citys_settings(api: Api) -> None:
    settings = "tenant{settings{version panelQuorum panelMajority panelTieRule}}"
    admin = "city.admin"
    first = (await api.ask("unit.filer", "{viewer{tenant{settings{version panelQuorum panelTieRule}}}}"))["viewer"]
    version = first["tenant"]["settings"]["version"]
    assert first["tenant"]["settings"]["panelQuorum"] == 3
    grading, case = await advice(api)
    await assigned(api, case)
    await opinions(api, case, 2, 3, 4)
    strict = {"version": version, "panelTieRule": "NO_CONCLUSION", "panelQuorum": 2}
    changed = await done(api, admin, "setTenantSettings", settings, **strict)
    try:
        assert changed["settings"]["panelQuorum"] == 2
        assert codes(await api.do(admin, "setTenantSettings", settings, **strict)) == ["CONFLICT"]
        wrong = {"version": version + 1, "panelQuorum": 0}
        assert codes(await api.do(admin, "setTenantSettings", settings, **wrong)) == ["INVALID_INPUT"]
        split = await api.do(OFFICER, "concludePanelCase", "panelCase{id}", panelCaseId=case)
        assert codes(split) == ["INVALID_STATE"]
    finally:
        usual = {"version": version + 1, "panelTieRule": "HIGHER_LEVEL", "panelQuorum": 3}
        await done(api, admin, "setTenantSettings", settings, **usual)
    assert (await concluded(api, case))["conclusion"]["level"] == 3
    assert (await node(api, "unit.filer", grading, "Grading", "expertOpinion{level}"))["expertOpinion"]["level"] == 3


async def test_a_case_goes_on_a_session_of_its_purpose(api: Api) -> None:
    _, case = await advice(api)
    ids = {"panelCaseId": case, "expertIds": [await user_id(api, "expert")]}
    assert codes(await api.do(OFFICER, "assignExperts", "panelCase{id}", **ids)) == ["INVALID_STATE"]
    given = {"heldOn": today().isoformat(), "purpose": "FILING_RE_REVIEW"}
    other = await done(api, OFFICER, "createPanelSession", "panelSession{id}", **given)
    wrong = await api.do(OFFICER, "addPanelCase", "panelCase{id}", panelCaseId=case, panelSessionId=other["id"])
    assert [(each["code"], each["field"]) for each in wrong["userErrors"]] == [("INVALID_INPUT", "panelSessionId")]
    session = await on_a_session(api, case)
    found = await node(api, OFFICER, session, "PanelSession", "state cases{totalCount nodes{id}}")
    assert found == {"state": "PLANNED", "cases": {"totalCount": 1, "nodes": [{"id": case}]}}


async def test_sessions_and_experts_are_found_by_text(api: Api) -> None:
    given = {"heldOn": today().isoformat(), "purpose": "PLAN_REVIEW", "place": "碧云轩第七会议室", "note": "备用"}
    session = await done(api, OFFICER, "createPanelSession", "panelSession{id}", **given)
    for text in ("碧云轩", "七会", "备用 碧云"):
        found = await api.ask(OFFICER, "query($t:String){panelSessions(filter:{text:$t}){nodes{id}}}", t=text)
        assert session in found["panelSessions"]["nodes"]
    experts = "query($t:String){expertAppointments(filter:{text:$t}){nodes{employerName}}}"
    found = (await api.ask(OFFICER, experts, t="网络空间"))["expertAppointments"]["nodes"]
    assert {each["employerName"] for each in found} == {"某大学网络空间安全学院"}
