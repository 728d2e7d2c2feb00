"""What follows acceptance, and what comes offline: amendment, cancellation, withdrawal, entry by an office."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from clients.papers import archive, paper
from domain.calendar import SHANGHAI, nth_working_day
from tests.e2e.flows import (
    FORM,
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
    submitted,
    under_review,
)
from tests.support import Api


def today() -> dt.date:
    return dt.datetime.now(SHANGHAI).date()


async def system_of(api: Api, filing: str) -> str:
    found = await node(api, "unit.filer", filing, "Filing", "system{id}")
    return str(found["system"]["id"])


async def test_an_amendment_takes_the_place_of_what_was_accepted(api: Api) -> None:
    former = await accepted(api)
    system = await system_of(api, former)
    number = (await node(api, "unit.filer", former, "Filing", "number"))["number"]
    await regrade(api, system, LEVEL_3, LEVEL_3, "unit")
    selection = f"filing{{{FORM} level replaces{{id}} documents{{kind}}}}"
    begun = await done(api, "unit.approver", "amendFiling", selection, filingId=former)
    assert (begun["state"], begun["level"], begun["replaces"]["id"]) == ("DRAFT", 3, former)
    before = await node(api, "unit.filer", former, "Filing", f"{FORM} replacedBy{{id}}")
    assert begun["form"] == before["form"]
    # The electronic archive is made anew; nothing else of the documents is asked for twice.
    assert "FILING_ARCHIVE" in {item["path"] for item in begun["missingItems"]}
    assert begun["documents"] == []
    assert before["replacedBy"] is None
    amended = begun["id"]
    await complete(api, amended)
    await done(api, "unit.approver", "submitFiling", "filing{id}", filingId=amended)
    received = await done(api, "district.officer", "receiveFiling", "filing{monthlyReturn{id}}", filingId=amended)
    given = {"monthlyReturnId": received["monthlyReturn"]["id"]}
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", **given)
    assert (await node(api, "unit.filer", former, "Filing", "state"))["state"] == "ACCEPTED"
    assert (await answered(api, amended, "A"))["filing"] == {"state": "ACCEPTED", "number": f"{number}/2"}
    after = await node(api, "unit.filer", former, "Filing", "state replacedBy{id} system{currentFiling{id} level}")
    assert after == {
        "state": "REPLACED",
        "replacedBy": {"id": amended},
        "system": {"currentFiling": {"id": amended}, "level": 3},
    }


async def test_an_amendment_carries_the_documents_over(api: Api) -> None:
    system = await graded_system(api, LEVEL_3)
    former = await accepted(api, system)
    selection = "filing{id documents{id kind sha256 filename} missingItems{path}}"
    begun = await done(api, "unit.approver", "amendFiling", selection, filingId=former)
    kinds = [document["kind"] for document in begun["documents"]]
    assert sorted(kinds) == ["EXPERT_OPINION", "ORGANISATION_AND_RULES", "PRODUCT_LIST", "PROTECTION_PLAN", "TOPOLOGY"]
    former_documents = (await node(api, "unit.filer", former, "Filing", "documents{id sha256}"))["documents"]
    assert {each["sha256"] for each in begun["documents"]} < {each["sha256"] for each in former_documents}
    taken = await done(
        api, "unit.filer", "detachDocument", "filing{documents{id}}", documentId=begun["documents"][0]["id"]
    )
    assert len(taken["documents"]) == 4
    assert len((await node(api, "unit.filer", former, "Filing", "documents{id}"))["documents"]) == 6


async def test_only_what_was_accepted_is_amended_or_cancelled(api: Api) -> None:
    filing = await submitted(api)
    for name, more in (("amendFiling", {}), ("cancelFiling", {"reason": "停用"})):
        payload = await api.do("unit.approver", name, "filing{id}", filingId=filing, **more)
        assert codes(payload) == ["INVALID_STATE"]


async def test_one_amendment_at_a_time(api: Api) -> None:
    former = await accepted(api)
    await done(api, "unit.approver", "amendFiling", "filing{id}", filingId=former)
    assert codes(await api.do("unit.approver", "amendFiling", "filing{id}", filingId=former)) == ["INVALID_STATE"]


async def test_cancelling_says_why_and_retires_the_system(api: Api) -> None:
    filing = await accepted(api)
    refused = await api.do(
        "unit.approver", "cancelFiling", "filing{id}", filingId=filing, reason=" ", retiredOn="2999-01-01"
    )
    assert [error["field"] for error in refused["userErrors"]] == ["reason", "retiredOn"]
    selection = "filing{state cancelReason system{retiredOn}}"
    cancelled = await done(api, "unit.approver", "cancelFiling", selection, filingId=filing, reason="系统已下线")
    assert cancelled == {
        "state": "CANCELLED",
        "cancelReason": "系统已下线",
        "system": {"retiredOn": today().isoformat()},
    }
    for who in ("city.officer", "district.officer"):
        assert (await node(api, who, filing, "Filing", "cancelReason"))["cancelReason"] == "系统已下线"


async def test_a_filing_is_not_cancelled_below_its_amendment(api: Api) -> None:
    former = await accepted(api)
    amended = (await done(api, "unit.approver", "amendFiling", "filing{id}", filingId=former))["id"]
    await complete(api, amended)
    await done(api, "unit.approver", "submitFiling", "filing{id}", filingId=amended)
    cancel = {"filingId": former, "reason": "停用"}
    assert codes(await api.do("unit.approver", "cancelFiling", "filing{id}", **cancel)) == ["INVALID_STATE"]
    await done(api, "unit.approver", "withdrawFiling", "filing{id}", filingId=amended)
    assert (await done(api, "unit.approver", "cancelFiling", "filing{state}", **cancel))["state"] == "CANCELLED"


async def test_what_was_withdrawn_can_be_filed_anew(api: Api) -> None:
    filing = await submitted(api)
    system = await system_of(api, filing)
    await done(api, "unit.approver", "withdrawFiling", "filing{id}", filingId=filing)
    again = await done(api, "unit.filer", "createFiling", "filing{id state}", systemId=system)
    assert again["state"] == "DRAFT"
    assert again["id"] != filing


# --- entered by an office ---


async def test_a_district_enters_what_came_by_courier(api: Api) -> None:
    system = await graded_system(api)
    document = await stored(api, "district.officer", "FILING_ARCHIVE", archive("courier"))
    arrived = today() - dt.timedelta(days=1)
    given = {
        "systemId": system,
        "channel": "COURIER",
        "receivedOn": arrived.isoformat(),
        "form": {"grading": {"filledBy": "张华"}},
        "documents": [{"documentId": document, "kind": "FILING_ARCHIVE"}],
    }
    selection = """filing{id state channel receivedAt submittedAt reviewDueOn monthlyReturn{state district{id}}
      district{id} missingItems{path required} documents{id owner{id}} unit{id} submissions{by{login}}
      history{action from to}}"""
    assert codes(await api.do("city.officer", "enterFiling", "filing{id}", **given)) == ["FORBIDDEN"]
    entered = await done(api, "district.officer", "enterFiling", selection, **given)
    assert (entered["state"], entered["channel"], entered["reviewDueOn"]) == ("RECEIVED", "COURIER", None)
    assert entered["receivedAt"] == entered["submittedAt"] == f"{arrived}T00:00:00+08:00"
    assert entered["monthlyReturn"] == {"state": "OPEN", "district": entered["district"]}
    assert "system.businessDescription" in {item["path"] for item in entered["missingItems"] if item["required"]}
    assert entered["documents"] == [{"id": document, "owner": entered["unit"]}]
    assert entered["submissions"] == [{"by": {"login": "district.officer"}}]
    assert entered["history"] == [{"action": "enterFiling", "from": None, "to": "RECEIVED"}]
    assert (await node(api, "unit.filer", entered["id"], "Filing", "channel"))["channel"] == "COURIER"
    assert codes(await api.do("district.officer", "enterFiling", "filing{id}", **given)) == ["INVALID_STATE"]


async def test_the_citys_clock_counts_from_the_day_of_arrival(api: Api) -> None:
    selection = "id unit{authorityLevel} currentGrading{level} filings{nodes{state}}"
    ended = {"WITHDRAWN", "ACCEPTED", "CANCELLED", "REPLACED"}
    system = next(
        each["id"]
        for each in await api.all("city.officer", "systems", selection)
        if each["unit"]["authorityLevel"] == "CITY"
        and (each["currentGrading"] or {"level": 1})["level"] > 1
        and all(filing["state"] in ended for filing in each["filings"]["nodes"])
    )
    document = await stored(api, "city.officer", "FILING_ARCHIVE", archive("exchange"))
    arrived = today() - dt.timedelta(days=3)
    given = {"systemId": system, "channel": "DOCUMENT_EXCHANGE", "receivedOn": arrived.isoformat()}
    given["documents"] = [{"documentId": document, "kind": "FILING_ARCHIVE"}]
    entered = await done(api, "city.officer", "enterFiling", "filing{state reviewDueOn}", **given)
    assert entered == {"state": "UNDER_REVIEW", "reviewDueOn": nth_working_day(arrived, 10).date.isoformat()}


async def test_what_is_wrong_with_an_entry_is_told_at_once(api: Api) -> None:
    system = await graded_system(api)
    given: dict[str, Any] = {"systemId": system, "channel": "ONLINE", "receivedOn": "2999-01-01"}
    given["form"] = {"unit": {"postcode": "1"}, "system": {"isSubsystem": False, "parentUnit": "x"}}
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **given)
    assert [error["field"] for error in payload["userErrors"]] == [
        "channel",
        "receivedOn",
        "form.unit.postcode",
        "form.system.parentUnit",
    ]
    given = {"systemId": system, "channel": "EMAIL", "receivedOn": today().isoformat()}
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **given)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("MISSING_ITEMS", "FILING_ARCHIVE")]
    own = await stored(api, "unit.filer", "TOPOLOGY", paper("x"), "x.pdf")
    given["documents"] = [
        {"documentId": own, "kind": "TOPOLOGY"},
        {"documentId": f"doc_{uuid.uuid4()}", "kind": "FILING_ARCHIVE"},
    ]
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **given)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [
        ("NOT_FOUND", "documents.0.documentId"),
        ("NOT_FOUND", "documents.1.documentId"),
    ]


@pytest.mark.parametrize("kind", ["A", "B"])
async def test_what_was_entered_is_reviewed_like_any_other(api: Api, kind: str) -> None:
    system = await graded_system(api)
    document = await stored(api, "district.officer", "FILING_ARCHIVE", archive(f"review {kind}"))
    given = {"systemId": system, "channel": "EMAIL", "receivedOn": today().isoformat()}
    given["documents"] = [{"documentId": document, "kind": "FILING_ARCHIVE"}]  # type: ignore[assignment]
    filing = await done(api, "district.officer", "enterFiling", "filing{id monthlyReturn{id}}", **given)
    monthly = filing["monthlyReturn"]["id"]
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", monthlyReturnId=monthly)
    letter = await answered(api, filing["id"], kind)
    assert letter["filing"]["state"] == {"A": "ACCEPTED", "B": "INCOMPLETE"}[kind]
    if kind == "B":
        await complete(api, filing["id"])
        again = await done(api, "unit.approver", "resubmitFiling", "filing{state}", filingId=filing["id"])
        assert again["state"] == "UNDER_REVIEW"


async def test_a_regrading_is_taken_up_when_a_filing_is_resubmitted(api: Api) -> None:
    filing = await under_review(api)
    system = await system_of(api, filing)
    await answered(api, filing, "B")
    await complete(api, filing)
    await regrade(api, system, LEVEL_3, LEVEL_3, "unit")
    refused = await api.do("unit.approver", "resubmitFiling", "filing{id}", filingId=filing)
    assert set(codes(refused)) == {"MISSING_ITEMS"}
    assert {error["field"] for error in refused["userErrors"]} >= {"TOPOLOGY", "EXPERT_OPINION"}
