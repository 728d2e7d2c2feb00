"""The directory of providers: kept by city officers, read by everybody in the city."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from domain.codes import credit_code
from tests.e2e.flows import codes, done, node
from tests.e2e.panel_flows import OFFICER
from tests.e2e.rectification_flows import in_days
from tests.support import Api

SELECTION = """provider{id version services state inForce validUntil withdrawReason description
  qualifications{name number issuedBy validFrom validUntil} organisation{id kind name contactPhone}}"""
TERM = {"validFrom": in_days(-1), "validUntil": in_days(365)}


def a_provider(**given: Any) -> dict[str, Any]:
    code = credit_code(f"91110108{uuid.uuid4().int % 10**9:09d}")
    qualification = {"name": "信息安全服务资质", "number": "CCRC-1", "validUntil": in_days(100)}
    made = {
        "name": "某评估公司",
        "creditCode": code,
        "services": ["RISK_ASSESSMENT"],
        "qualifications": [qualification],
    }
    return {**made, **TERM, "details": {"contactPhone": "010-1"}, **given}


def fields(payload: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((error["code"], error["field"]) for error in payload["userErrors"])


async def test_a_recommendation_is_made_withdrawn_and_made_again(api: Api) -> None:
    made = await done(api, OFFICER, "registerProvider", SELECTION, **a_provider())
    assert (made["organisation"]["kind"], made["organisation"]["contactPhone"]) == ("PROVIDER", "010-1")
    assert (made["state"], made["inForce"], made["qualifications"][0]["number"]) == ("RECOMMENDED", True, "CCRC-1")
    key = made["id"]
    given = {"providerId": key, "version": 1, "services": ["TESTING", "TESTING"], "description": "检测"}
    changed = await done(api, OFFICER, "updateProvider", SELECTION, **given)
    assert (changed["services"], changed["description"], len(changed["qualifications"])) == (["TESTING"], "检测", 1)
    assert codes(await api.do(OFFICER, "updateProvider", SELECTION, **given)) == ["CONFLICT"]
    assert fields(await api.do(OFFICER, "withdrawRecommendation", SELECTION, providerId=key)) == [
        ("INVALID_INPUT", "reason")
    ]
    withdrawn = await done(api, OFFICER, "withdrawRecommendation", SELECTION, providerId=key, reason="报告失实")
    assert (withdrawn["state"], withdrawn["inForce"]) == ("WITHDRAWN", False)
    twice = await api.do(OFFICER, "withdrawRecommendation", SELECTION, providerId=key, reason="又一次")
    assert codes(twice) == ["INVALID_STATE"]
    for person in ("unit.filer", "district.officer", "expert", "assessor", "city.leader"):
        seen = await node(api, person, key, "Provider", "state withdrawReason organisation{name provider{id}}")
        assert (seen["state"], seen["withdrawReason"]) == ("WITHDRAWN", "报告失实"), person
        assert seen["organisation"]["provider"] == {"id": key}
    assert await node(api, "city.officer@tianjin", key, "Provider", "id") is None
    again = await done(api, OFFICER, "recommendProvider", SELECTION, providerId=key, **TERM)
    assert (again["state"], again["withdrawReason"], again["inForce"]) == ("RECOMMENDED", None, True)


async def test_an_organisation_is_in_the_directory_once(api: Api) -> None:
    made = await done(api, OFFICER, "registerProvider", SELECTION, **a_provider())
    given = {"organisationId": made["organisation"]["id"], "services": ["TESTING"], **TERM}
    assert fields(await api.do(OFFICER, "registerProvider", SELECTION, **given)) == [
        ("INVALID_INPUT", "organisationId")
    ]
    entered = {"kind": "PROVIDER", "name": "另一公司", "creditCode": a_provider()["creditCode"]}
    organisation = await done(api, "city.admin", "createOrganisation", "organisation{id}", **entered)
    there = {**given, "organisationId": organisation["id"]}
    assert fields(await api.do(OFFICER, "registerProvider", SELECTION, **there, name="另一公司")) == [
        ("INVALID_INPUT", "organisationId")
    ]
    put_in = await done(api, OFFICER, "registerProvider", SELECTION, **there)
    assert put_in["organisation"]["name"] == "另一公司"


WRONG: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an entry": (
        {"services": [], "validUntil": in_days(-5), "qualifications": [{"name": " "}], "name": "", "creditCode": "1"},
        ["creditCode", "name", "qualifications.0.name", "services", "validUntil"],
    ),
    "too long": ({"validUntil": in_days(2000)}, ["validUntil"]),
    "over before it begins": (
        {
            "qualifications": [{"name": "资质", "validFrom": in_days(2), "validUntil": in_days(1)}],
            "validFrom": in_days(400),
        },
        ["qualifications.0.validUntil", "validUntil"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
async def test_all_that_is_wrong_is_told_at_once(api: Api, case: str) -> None:
    given, expected = WRONG[case]
    payload = await api.do(OFFICER, "registerProvider", SELECTION, **a_provider(**given))
    assert payload["provider"] is None
    assert fields(payload) == [("INVALID_INPUT", field) for field in expected]


async def test_the_directory_is_searched_by_service_validity_and_name(api: Api) -> None:
    everything = await api.all("unit.filer", "providers", "id services inForce organisation{name}")
    for arguments, holds in (
        ("service:TESTING", lambda each: "TESTING" in each["services"]),
        ("inForce:false", lambda each: not each["inForce"]),
        ('organisation:{text:"评估"}', lambda each: "评估" in each["organisation"]["name"]),
    ):
        found = await api.all("unit.filer", "providers", "id", f",filter:{{{arguments}}}")
        assert {each["id"] for each in found} == {each["id"] for each in everything if holds(each)}
        assert found
