"""A grading's way through HTTP: approval with and without a supervising unit, advice, against it, regrading."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.access import Duty, Role
from storage.database import Database
from tests.e2e.flows import GENERAL, LEVEL_3, accepted, codes, done, graded_system, harms, node, regrade
from tests.e2e.panel_flows import advice, assigned, concluded, draft_grading, opinions, supervised_unit
from tests.e2e.people import home_of, somebody
from tests.support import Api

FULL = {
    "description": "居民健康档案数据",
    "objectReasoning": "泄露将侵害公民合法权益",
    "degreeReasoning": "涉及面广",
    "consequences": ["LEGAL_DISPUTE", "SOCIAL_IMPACT", "LEGAL_DISPUTE"],
    "reasoning": "查表得第二级",
}
DESCRIPTION = {"responsibility": "信息中心", "elements": "双机热备", "boundary": "防火墙", "business": "预约挂号"}


async def test_a_supervised_units_grading_is_approved_by_its_supervisor(api: Api, database: Database) -> None:
    unit = await supervised_unit(api)
    filer = await somebody(api, database, Role.UNIT, {Duty.FILER}, unit)
    approver = await somebody(api, database, Role.UNIT, {Duty.APPROVER}, unit)
    grading = (await draft_grading(api, filer))["id"]
    await done(api, filer, "submitGrading", "grading{id}", gradingId=grading)
    for step in ("confirmGrading", "returnGrading"):
        given = {"gradingId": grading, **({"reason": "x"} if step == "returnGrading" else {})}
        assert codes(await api.do(approver, step, "grading{id}", **given)) == ["FORBIDDEN"]
    selection = "grading{state supervisorApproval{unit at} confirmedBy{login}}"
    confirmed = await done(api, "unit.approver", "confirmGrading", selection, gradingId=grading)
    supervisor = (await home_of(api, "unit.filer"))["name"]
    assert confirmed["state"] == "CONFIRMED"
    assert confirmed["supervisorApproval"]["unit"] == supervisor
    assert confirmed["confirmedBy"] == {"login": "unit.approver"}


async def test_a_returned_grading_is_a_draft_again_with_the_reason(api: Api) -> None:
    grading = await draft_grading(api)
    step = {"gradingId": grading["id"]}
    assert codes(await api.do("unit.approver", "returnGrading", "grading{id}", **step, reason="x")) == ["INVALID_STATE"]
    await done(api, "unit.filer", "submitGrading", "grading{id}", **step)
    assert codes(await api.do("unit.approver", "returnGrading", "grading{id}", **step)) == ["INVALID_INPUT"]
    selection = "grading{state returnReason supervisorApproval{unit}}"
    returned = await done(api, "unit.approver", "returnGrading", selection, **step, reason="描述不清")
    assert returned == {"state": "DRAFT", "returnReason": "描述不清", "supervisorApproval": None}
    await done(api, "unit.filer", "submitGrading", "grading{id}", **step)
    await done(api, "unit.approver", "confirmGrading", "grading{id}", **step)
    found = await node(
        api, "unit.filer", grading["id"], "Grading", "returnReason history{action from to reason by{login}}"
    )
    assert found["returnReason"] is None
    assert [(each["action"], each["from"], each["to"]) for each in found["history"]] == [
        ("saveGrading", None, "DRAFT"),
        ("submitGrading", "DRAFT", "AWAITING_APPROVAL"),
        ("returnGrading", "AWAITING_APPROVAL", "DRAFT"),
        ("submitGrading", "DRAFT", "AWAITING_APPROVAL"),
        ("confirmGrading", "AWAITING_APPROVAL", "CONFIRMED"),
    ]
    assert found["history"][2]["reason"] == "描述不清"
    assert found["history"][2]["by"] == {"login": "unit.approver"}


async def test_going_against_the_panel_needs_a_reason(api: Api) -> None:
    grading, case = await advice(api)
    assert codes(await api.do("unit.filer", "submitGrading", "grading{id}", gradingId=grading)) == ["INVALID_STATE"]
    await assigned(api, case)
    await opinions(api, case, 3, 3, 3)
    await concluded(api, case)
    found = await node(
        api, "unit.filer", grading, "Grading", "state version level system{id} expertOpinion{level number}"
    )
    assert (found["state"], found["level"], found["expertOpinion"]["level"]) == ("DRAFT", 2, 3)
    refused = await api.do("unit.filer", "submitGrading", "grading{id}", gradingId=grading)
    assert [(each["code"], each["field"]) for each in refused["userErrors"]] == [
        ("MISSING_ITEMS", "reasonAgainstOpinion")
    ]
    given = {
        "systemId": found["system"]["id"],
        "gradingId": grading,
        "version": found["version"],
        "businessInformation": harms("SOCIAL_ORDER_PUBLIC_INTEREST", "GENERAL"),
        "systemService": GENERAL,
        "reasonAgainstOpinion": "服务范围仅限本区。",
    }
    await done(api, "unit.filer", "saveGrading", "grading{id}", **given)
    submitted = await done(api, "unit.filer", "submitGrading", "grading{state}", gradingId=grading)
    assert submitted["state"] == "AWAITING_APPROVAL"
    # The city keeps seeing what was once before the panel, also as a draft; nobody but the unit sees other drafts.
    assert await node(api, "city.officer", grading, "Grading", "id") is not None
    other = (await draft_grading(api))["id"]
    assert await node(api, "city.officer", other, "Grading", "id") is None
    assert await node(api, "expert", grading, "Grading", "level") == {"level": 2}


async def test_following_the_panel_needs_none(api: Api) -> None:
    grading, case = await advice(api)
    await assigned(api, case)
    await opinions(api, case, 3, 3, 3)
    await concluded(api, case)
    found = await node(api, "unit.filer", grading, "Grading", "version system{id}")
    given = {"systemId": found["system"]["id"], "gradingId": grading, "version": found["version"]}
    await done(
        api, "unit.filer", "saveGrading", "grading{id}", **given, businessInformation=LEVEL_3, systemService=GENERAL
    )
    await done(api, "unit.filer", "submitGrading", "grading{id}", gradingId=grading)
    confirmed = await done(api, "unit.approver", "confirmGrading", "grading{state level}", gradingId=grading)
    assert confirmed == {"state": "CONFIRMED", "level": 3}


async def test_the_reports_sections_are_kept(api: Api) -> None:
    grading = await draft_grading(api)
    given: dict[str, Any] = {
        "systemId": grading["system"]["id"],
        "gradingId": grading["id"],
        "version": grading["version"],
        "businessInformation": {**LEVEL_3, **FULL},
        "systemService": GENERAL,
        "systemDescription": DESCRIPTION,
    }
    selection = (
        "grading{version businessInformation{level description objectReasoning degreeReasoning consequences reasoning}"
        " systemService{consequences} systemDescription{responsibility elements boundary business}}"
    )
    saved = await done(api, "unit.filer", "saveGrading", selection, **given)
    kept = {**FULL, "consequences": ["LEGAL_DISPUTE", "SOCIAL_IMPACT"], "level": 3}
    assert saved["businessInformation"] == kept
    assert saved["systemService"] == {"consequences": []}
    assert saved["systemDescription"] == DESCRIPTION
    long = {**given, "version": saved["version"], "systemDescription": {"boundary": "x" * 20_001, "business": "\x01"}}
    payload = await api.do("unit.filer", "saveGrading", "grading{id}", **long)
    assert {each["field"] for each in payload["userErrors"]} == {
        "systemDescription.boundary",
        "systemDescription.business",
    }


@pytest.mark.parametrize(("edition", "level"), [("GA_T_1389_2017", 3), ("REPORT_TEMPLATE_2025", 3)])
async def test_the_citys_matrix_grades_and_is_kept(api: Api, edition: str, level: int) -> None:
    rights = harms("LEGITIMATE_RIGHTS", "ESPECIALLY_SERIOUS")
    before = await draft_grading(api, information=rights)
    assert before["level"] == 2
    settings = "tenant{settings{version gradingMatrix}}"
    version = (await api.ask("city.admin", "{viewer{tenant{settings{version}}}}"))["viewer"]["tenant"]["settings"]
    strict = {"version": version["version"], "gradingMatrix": edition}
    changed = await done(api, "city.admin", "setTenantSettings", settings, **strict)
    try:
        assert (await draft_grading(api, information=rights))["level"] == level
    finally:
        usual = {"version": changed["settings"]["version"], "gradingMatrix": "GB_T_22240_2008"}
        await done(api, "city.admin", "setTenantSettings", settings, **usual)
    assert (await node(api, "unit.filer", before["id"], "Grading", "matrix level")) == {
        "matrix": "GB/T 22240-2008",
        "level": 2,
    }


async def test_a_new_level_of_a_filed_system_owes_an_amended_filing(api: Api) -> None:
    system = await graded_system(api)
    due = "amendmentDue level"
    await accepted(api, system)
    assert await node(api, "unit.filer", system, "System", due) == {"amendmentDue": False, "level": 2}
    await regrade(api, system, LEVEL_3, GENERAL, "unit")
    assert await node(api, "city.officer", system, "System", due) == {"amendmentDue": True, "level": 3}


async def test_of_two_who_step_at_once_one_is_told(api: Api, database: Database) -> None:
    grading = (await draft_grading(api))["id"]
    step = {"gradingId": grading}
    both = await asyncio.gather(
        api.do("unit.filer", "requestGradingAdvice", "grading{id}", **step),
        api.do("unit.filer", "submitGrading", "grading{id}", **step),
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    other = (await draft_grading(api))["id"]
    await done(api, "unit.filer", "submitGrading", "grading{id}", gradingId=other)
    second = await somebody(api, database, Role.UNIT, {Duty.APPROVER}, (await home_of(api, "unit.filer"))["name"])
    both = await asyncio.gather(
        api.do("unit.approver", "confirmGrading", "grading{id}", gradingId=other),
        api.do(second, "returnGrading", "grading{id}", gradingId=other, reason="描述不清"),
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    system = (await draft_grading(api))["system"]["id"]
    given = {"systemId": system, "businessInformation": LEVEL_3, "systemService": GENERAL}
    assert codes(await api.do("unit.filer", "saveGrading", "grading{id}", **given)) == ["INVALID_STATE"]
