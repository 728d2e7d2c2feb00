"""The rules of a filing's way, each broken once, through HTTP (workflow.md stages 1 and 2)."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from typing import Any

import httpx
import pytest

from clients.papers import archive, paper
from domain.access import Duty, Role
from domain.filings.sample import put, valid_value
from storage.database import Database
from tests.e2e.flows import (
    FORM,
    GENERAL,
    LEVEL_2,
    LEVEL_3,
    codes,
    complete,
    done,
    graded_system,
    harms,
    new_system,
    node,
    regrade,
    uploaded,
)
from tests.e2e.people import home_of, somebody
from tests.support import Api


async def draft(api: Api, **levels: dict[str, Any]) -> dict[str, Any]:
    filing = await done(api, "unit.filer", "createFiling", "filing{id}", systemId=await graded_system(api, **levels))
    return await read(api, filing["id"])


async def read(api: Api, filing: str) -> dict[str, Any]:
    found: dict[str, Any] = await node(api, "unit.filer", filing, "Filing", FORM)
    return found


async def completed(api: Api) -> dict[str, Any]:
    """A draft that lacks nothing."""
    filing = await draft(api)
    await complete(api, filing["id"])
    return await read(api, filing["id"])


@pytest.mark.parametrize(
    ("information", "service", "mark"),
    [
        (LEVEL_2, GENERAL, "S2A1G2"),
        (LEVEL_3, LEVEL_2, "S3A2G3"),
        (GENERAL, harms("NATIONAL_SECURITY", "ESPECIALLY_SERIOUS"), "S1A5G5"),
        ({"harms": [*GENERAL["harms"], *LEVEL_3["harms"]]}, GENERAL, "S3A1G3"),
    ],
)
async def test_levels_follow_from_harms(api: Api, information: Any, service: Any, mark: str) -> None:
    payload = await api.do(
        "unit.filer",
        "saveGrading",
        "grading{securityMark level state}",
        systemId=await new_system(api),
        businessInformation=information,
        systemService=service,
    )
    assert payload["grading"] == {"securityMark": mark, "level": int(mark[-1]), "state": "DRAFT"}


async def test_a_grading_without_harms_says_where(api: Api) -> None:
    payload = await api.do(
        "unit.filer",
        "saveGrading",
        "grading{id}",
        systemId=await new_system(api),
        businessInformation={"harms": []},
        systemService={"harms": []},
    )
    assert [error["field"] for error in payload["userErrors"]] == ["businessInformation.harms", "systemService.harms"]
    assert set(codes(payload)) == {"INVALID_INPUT"}


async def test_changing_a_draft_takes_its_version(api: Api) -> None:
    given: dict[str, Any] = {
        "systemId": await new_system(api),
        "businessInformation": LEVEL_2,
        "systemService": GENERAL,
    }
    first = (await api.do("unit.filer", "saveGrading", "grading{id version}", **given))["grading"]
    assert codes(await api.do("unit.filer", "saveGrading", "grading{id}", **given)) == ["INVALID_STATE"]
    assert codes(await api.do("unit.filer", "saveGrading", "grading{id}", **given, gradingId=first["id"])) == [
        "INVALID_INPUT"
    ]
    change = {**given, "gradingId": first["id"], "version": first["version"]}
    again = await api.do("unit.filer", "saveGrading", "grading{version}", **change)
    assert again["grading"]["version"] == first["version"] + 1
    assert codes(await api.do("unit.filer", "saveGrading", "grading{id}", **change)) == ["CONFLICT"]


async def test_a_later_grading_supersedes_the_former(api: Api) -> None:
    system = await graded_system(api)
    await regrade(api, system, LEVEL_3, GENERAL, "unit")
    found = await node(
        api, "unit.filer", system, "System", "level securityMark currentGrading{level} gradings{nodes{state}}"
    )
    assert (found["level"], found["securityMark"], found["currentGrading"]["level"]) == (3, "S3A1G3", 3)
    assert sorted(each["state"] for each in found["gradings"]["nodes"]) == ["CONFIRMED", "SUPERSEDED"]


async def test_level_1_and_ungraded_systems_are_not_filed(api: Api) -> None:
    for system in (await graded_system(api, GENERAL, GENERAL), await new_system(api)):
        payload = await api.do("unit.filer", "createFiling", "filing{id}", systemId=system)
        assert codes(payload) == ["INVALID_STATE"]


async def test_one_filing_of_a_system_at_a_time(api: Api) -> None:
    system = await graded_system(api)
    first, second = await asyncio.gather(
        *(api.do("unit.filer", "createFiling", "filing{id}", systemId=system) for _ in range(2))
    )
    assert sorted([codes(first), codes(second)]) in ([[], ["INVALID_STATE"]], [["CONFLICT"], []], [[], ["CONFLICT"]])


async def test_the_form_can_be_filled_from_its_missing_items_alone(api: Api) -> None:
    filing = await draft(api, information=LEVEL_3)
    left = [item["path"] for item in filing["missingItems"] if "." in item["path"]]
    assert left
    while left:
        put(filing["form"], left[0], valid_value(left[0]))
        saved = await api.do(
            "unit.filer",
            "saveFiling",
            "filing{id}",
            filingId=filing["id"],
            version=filing["version"],
            form=filing["form"],
        )
        assert saved["userErrors"] == []
        filing = await read(api, filing["id"])
        now = [item["path"] for item in filing["missingItems"] if "." in item["path"]]
        assert len(now) < len(left)
        left = now
    documents = {item["path"] for item in filing["missingItems"] if item["required"]}
    assert documents == {
        "FILING_ARCHIVE",
        "TOPOLOGY",
        "ORGANISATION_AND_RULES",
        "PROTECTION_PLAN",
        "PRODUCT_LIST",
        "EXPERT_OPINION",
    }


async def test_a_wrong_form_is_refused_with_every_place(api: Api) -> None:
    filing = await draft(api)
    form = {"unit": {"postcode": "12", "leader": {"email": "nobody"}}, "system": {"systemName": "x" * 300}}
    payload = await api.do(
        "unit.filer", "saveFiling", "filing{id}", filingId=filing["id"], version=filing["version"], form=form
    )
    assert {error["field"] for error in payload["userErrors"]} == {
        "form.unit.postcode",
        "form.unit.leader.email",
        "form.system.systemName",
    }
    assert (await read(api, filing["id"]))["version"] == filing["version"]


async def test_submitting_lists_all_that_is_missing(api: Api) -> None:
    filing = await draft(api, information=LEVEL_3)
    payload = await api.do("unit.approver", "submitFiling", "filing{state}", filingId=filing["id"])
    assert set(codes(payload)) == {"MISSING_ITEMS"}
    required = [item["path"] for item in filing["missingItems"] if item["required"]]
    assert [error["field"] for error in payload["userErrors"]] == required


async def test_what_was_submitted_is_frozen(api: Api) -> None:
    filing = await completed(api)
    submitted = await api.do("unit.approver", "submitFiling", "filing{state version}", filingId=filing["id"])
    assert submitted["filing"]["state"] == "SUBMITTED"
    for name, given in (
        ("saveFiling", {"version": submitted["filing"]["version"], "form": {}}),
        ("submitFiling", {}),
    ):
        who = "unit.filer" if name == "saveFiling" else "unit.approver"
        assert codes(await api.do(who, name, "filing{id}", filingId=filing["id"], **given)) == ["INVALID_STATE"]
    withdrawn = await api.do("unit.approver", "withdrawFiling", "filing{state}", filingId=filing["id"])
    assert withdrawn["filing"]["state"] == "WITHDRAWN"


SUBMISSIONS = "form{system{systemName}} submissions{by{login} form{system{systemName}} documents{kind sha256}}"


async def test_what_was_handed_in_stays_readable_as_it_was(api: Api) -> None:
    filing = await completed(api)
    await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing["id"])
    received = await api.do("district.officer", "receiveFiling", "filing{monthlyReturn{id}}", filingId=filing["id"])
    monthly = received["filing"]["monthlyReturn"]["id"]
    await api.do("district.officer", "submitMonthlyReturn", "monthlyReturn{id}", monthlyReturnId=monthly)
    drafted = await api.do(
        "city.officer", "draftReply", "replyLetter{id}", filingId=filing["id"], kind="B", missingItems=["系统名称"]
    )
    issue = {"replyLetterId": drafted["replyLetter"]["id"], "reason": "同意"}
    assert codes(await api.do("city.leader", "issueReply", "replyLetter{id}", **issue)) == []
    again = await read(api, filing["id"])
    first = again["form"]["system"]["systemName"]
    again["form"]["system"]["systemName"] = "改正后的名称"
    given = {"filingId": filing["id"], "version": again["version"], "form": {"system": again["form"]["system"]}}
    assert codes(await api.do("unit.filer", "saveFiling", "filing{id}", **given)) == []
    assert codes(await api.do("unit.approver", "resubmitFiling", "filing{id}", filingId=filing["id"])) == []
    for person in ("unit.filer", "city.officer", "district.officer"):
        found = await node(api, person, filing["id"], "Filing", SUBMISSIONS)
        names = [each["form"]["system"]["systemName"] for each in found["submissions"]]
        assert names == [first, "改正后的名称"]
        assert found["form"]["system"]["systemName"] == "改正后的名称"
        digests = [[document["sha256"] for document in each["documents"]] for each in found["submissions"]]
        assert digests == [[hashlib.sha256(archive("FILING_ARCHIVE")).hexdigest()]] * 2


async def test_two_who_submit_at_once_submit_once(api: Api) -> None:
    filing = await completed(api)
    both = await asyncio.gather(
        *(api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing["id"]) for _ in range(2))
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    history = (await node(api, "unit.filer", filing["id"], "Filing", "history{action}"))["history"]
    assert [step["action"] for step in history] == ["createFiling", "submitFiling"]


async def test_filings_go_to_the_authority_of_their_own_level(api: Api) -> None:
    filing = await completed(api)
    await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing["id"])
    assert codes(await api.do("city.officer", "receiveFiling", "filing{id}", filingId=filing["id"])) == ["FORBIDDEN"]
    received = await api.do("district.officer", "receiveFiling", "filing{state}", filingId=filing["id"])
    assert received["filing"]["state"] == "RECEIVED"
    assert codes(await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing["id"], kind="A")) == [
        "INVALID_STATE"
    ]


async def test_nobody_does_two_peoples_steps(api: Api, database: Database) -> None:
    home = (await home_of(api, "unit.filer"))["name"]
    person = await somebody(api, database, Role.UNIT, {Duty.FILER, Duty.APPROVER}, home)
    saved = await api.do(
        person,
        "saveGrading",
        "grading{id}",
        systemId=await new_system(api),
        businessInformation=LEVEL_2,
        systemService=GENERAL,
    )
    await api.do(person, "submitGrading", "grading{id}", gradingId=saved["grading"]["id"])
    refused = await api.do(person, "confirmGrading", "grading{id}", gradingId=saved["grading"]["id"])
    assert codes(refused) == ["DUTY_SEPARATION"]
    officer = await somebody(api, database, Role.CITY_OFFICE, {Duty.OFFICER, Duty.LEADER}, None)
    waiting = await api.all(officer, "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each for each in waiting if all(reply["state"] != "DRAFT" for reply in each["replies"]))
    drafted = await api.do(officer, "draftReply", "replyLetter{id}", filingId=filing["id"], kind="A")
    letter = drafted["replyLetter"]["id"]
    assert codes(await api.do(officer, "issueReply", "replyLetter{id}", replyLetterId=letter)) == ["DUTY_SEPARATION"]
    returned = await api.do("city.leader", "returnReply", "replyLetter{state}", replyLetterId=letter, reason="重拟")
    assert returned["replyLetter"]["state"] == "RETURNED"


@pytest.mark.parametrize(("kind", "field"), [("B", "missingItems"), ("C", "body")])
async def test_a_reply_says_why(api: Api, kind: str, field: str) -> None:
    waiting = await api.all("city.officer", "filings", "id", ",filter:{state:UNDER_REVIEW}")
    payload = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=waiting[0]["id"], kind=kind)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", field)]


async def test_the_same_key_gives_the_first_answer_again(api: Api) -> None:
    given = {"name": "幂等", "code": uuid.uuid4().hex[:12], "idempotencyKey": uuid.uuid4().hex}
    answers = await asyncio.gather(*(api.do("unit.filer", "createSystem", "system{id}", **given) for _ in range(4)))
    assert len({answer["system"]["id"] for answer in answers}) == 1
    other = await api.do("unit.filer", "createSystem", "system{id}", **{**given, "name": "另一个"})
    assert [(error["code"], error["field"]) for error in other["userErrors"]] == [("INVALID_INPUT", "idempotencyKey")]


async def test_the_store_takes_only_what_was_announced(api: Api, digests: bool) -> None:
    content = paper("x")
    _, status = await uploaded(api, "unit.filer", "TOPOLOGY", content, "x.pdf", sent=content[:-1] + b"!")
    assert status == (400 if digests else 200)
    never, _ = await uploaded(api, "unit.filer", "TOPOLOGY", content, "x.pdf", sent=content[:-1] + b"!")
    assert codes(await api.do("unit.filer", "completeUpload", "document{id}", uploadId=never)) == ["UPLOAD_REJECTED"]
    disguised, status = await uploaded(api, "unit.filer", "TOPOLOGY", b"MZ this is a program", "x.pdf")
    assert status == 200
    assert codes(await api.do("unit.filer", "completeUpload", "document{id}", uploadId=disguised)) == [
        "UPLOAD_REJECTED"
    ]


@pytest.mark.parametrize(
    ("filename", "size", "sha256", "fields"),
    [
        ("../x.pdf", 1, "0" * 64, ["filename"]),
        ("x.exe", 1, "0" * 64, ["filename"]),
        ("x.pdf", 0, "0" * 64, ["size"]),
        ("", 10**12, "zz", ["filename", "filename", "size", "sha256"]),
    ],
)
async def test_an_upload_is_announced_properly(
    api: Api, filename: str, size: int, sha256: str, fields: list[str]
) -> None:
    given = {"filename": filename, "size": size, "sha256": sha256, "purpose": "TOPOLOGY"}
    payload = await api.do("unit.filer", "requestUpload", "upload{id}", **given)
    assert [error["field"] for error in payload["userErrors"]] == fields


async def test_downloads_are_for_those_who_see_the_document(api: Api) -> None:
    filing = await completed(api)
    await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing["id"])
    document = (await node(api, "unit.filer", filing["id"], "Filing", "documents{id}"))["documents"][0]["id"]
    for person in ("unit.filer", "district.officer", "city.officer"):
        granted = await api.do(person, "requestDownload", "download{url} document{filename}", documentId=document)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(granted["download"]["url"])
        assert answer.content == archive("FILING_ARCHIVE")
        assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    for person in ("expert", "assessor", "city.officer@tianjin", "unit.filer@tianjin"):
        payload = await api.do(person, "requestDownload", "download{url}", documentId=document)
        assert codes(payload) == ["NOT_FOUND"]


async def test_text_that_cannot_be_kept_is_refused_as_input(api: Api) -> None:
    given = {"name": "a\x01b", "code": uuid.uuid4().hex[:12]}
    payload = await api.do("unit.filer", "createSystem", "system{id}", **given)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", "name")]
