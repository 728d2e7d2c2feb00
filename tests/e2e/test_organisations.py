"""Organisations are entered and kept by those who may, with everything that is wrong told at once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from domain.access import Duty, Role
from domain.codes import credit_code
from storage.database import Database
from tests.e2e.people import home_of, somebody
from tests.support import Api

SELECTION = """organisation{id kind name creditCode authorityLevel district{id} supervisingUnit{id} contactPhone
  contactEmail industry version}"""


def new_code() -> str:
    return credit_code(f"11110108{uuid.uuid4().int % 10**9:09d}")


async def haidian(api: Api) -> str:
    return (await home_of(api, "district.officer"))["district"]["id"]  # type: ignore[index]  # a nested object


async def new_unit(api: Api, **more: Any) -> dict[str, Any]:
    given = {"kind": "UNIT", "name": "新设单位", "creditCode": new_code(), "authorityLevel": "CITY", **more}
    payload = await api.do("city.admin", "createOrganisation", SELECTION, **given)
    assert payload["userErrors"] == []
    made: dict[str, Any] = payload["organisation"]
    return made


def fields(payload: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in payload["userErrors"]}


async def test_a_new_unit_is_seen_by_its_district(api: Api) -> None:
    district = await haidian(api)
    made = await new_unit(
        api, authorityLevel="DISTRICT", districtId=district, details={"contactPhone": "010-1", "industry": "FINANCE"}
    )
    assert made["district"] == {"id": district}
    assert (made["contactPhone"], made["industry"], made["version"]) == ("010-1", "FINANCE", 1)
    asked = "query($i:ID!){node(id:$i){id}}"
    assert (await api.ask("district.officer", asked, i=made["id"]))["node"] == {"id": made["id"]}
    assert (await api.ask("unit.filer", asked, i=made["id"]))["node"] is None


async def test_small_letters_of_a_credit_code_are_made_large(api: Api) -> None:
    code = new_code()
    assert (await new_unit(api, creditCode=code.lower()))["creditCode"] == code


WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "everything": (
        {
            "name": " ",
            "creditCode": "91350100M000100Y44",
            "supervisingUnitId": None,
            "authorityLevel": "DISTRICT",
            "details": {"postcode": "1", "contactEmail": "nobody"},
        },
        {"name", "creditCode", "districtId", "details.postcode", "details.contactEmail"},
    ),
    "a unit without level and code": ({"creditCode": None, "authorityLevel": None}, {"creditCode", "authorityLevel"}),
    "a provider that files": ({"kind": "PROVIDER"}, {"authorityLevel"}),
    "a second city office": (
        {"kind": "CITY_OFFICE", "authorityLevel": None, "creditCode": None},
        {"kind"},
    ),
}


@pytest.mark.parametrize(("given", "wrong"), WRONG.values(), ids=WRONG)
async def test_all_that_is_wrong_is_told_at_once(api: Api, given: dict[str, Any], wrong: set[str]) -> None:
    whole = {"kind": "UNIT", "name": "x", "creditCode": new_code(), "authorityLevel": "CITY", **given}
    payload = await api.do("city.admin", "createOrganisation", SELECTION, **whole)
    assert fields(payload) == dict.fromkeys(wrong, "INVALID_INPUT")
    assert payload["organisation"] is None


async def test_a_code_is_registered_once(api: Api) -> None:
    code = (await new_unit(api))["creditCode"]
    given = {"kind": "UNIT", "name": "x", "creditCode": code, "authorityLevel": "CITY"}
    assert fields(await api.do("city.admin", "createOrganisation", SELECTION, **given)) == {
        "creditCode": "INVALID_INPUT"
    }


async def test_a_district_has_one_office(api: Api) -> None:
    given = {"kind": "DISTRICT_OFFICE", "name": "x", "districtId": await haidian(api)}
    assert fields(await api.do("city.admin", "createOrganisation", SELECTION, **given)) == {
        "districtId": "INVALID_INPUT"
    }


async def test_supervision_goes_in_no_circle(api: Api) -> None:
    top = await new_unit(api)
    middle = await new_unit(api, supervisingUnitId=top["id"])
    below = await new_unit(api, supervisingUnitId=middle["id"])
    for above in (top, middle, below):
        payload = await api.do(
            "city.admin",
            "updateOrganisation",
            SELECTION,
            organisationId=top["id"],
            version=top["version"],
            supervisingUnitId=above["id"],
        )
        assert fields(payload) == {"supervisingUnitId": "INVALID_INPUT"}
    freed = await api.do(
        "city.admin",
        "updateOrganisation",
        SELECTION,
        organisationId=middle["id"],
        version=middle["version"],
        withoutSupervisingUnit=True,
    )
    assert freed["organisation"]["supervisingUnit"] is None


async def test_an_update_is_bound_to_the_version_that_was_read_and_leaves_its_trace(api: Api) -> None:
    unit = await new_unit(api, details={"contactPhone": "010-1", "contactEmail": "a@example.cn"})
    given = {"organisationId": unit["id"], "version": unit["version"], "name": "改名"}
    changed = await api.do(
        "city.admin", "updateOrganisation", SELECTION, **given, details={"contactPhone": "", "contactEmail": None}
    )
    assert changed["organisation"] == {
        **unit,
        "name": "改名",
        "contactPhone": None,
        "version": unit["version"] + 1,
    }
    again = await api.do("city.admin", "updateOrganisation", SELECTION, **given)
    assert fields(again) == {"version": "CONFLICT"}
    trail = await api.ask("city.admin", "{auditEvents(first:1){nodes{action subjectType}}}")
    assert trail["auditEvents"]["nodes"] == [{"action": "updateOrganisation", "subjectType": "Organisation"}]


async def test_a_units_admin_keeps_its_own_contacts_and_nothing_else(api: Api, database: Database) -> None:
    home = await home_of(api, "unit.filer")
    admin = await somebody(api, database, Role.UNIT, {Duty.ADMIN}, home["name"])
    own = {"organisationId": home["id"], "version": home["version"]}
    refused = await api.do(
        admin, "updateOrganisation", SELECTION, **own, name="别名", authorityLevel="CITY", withoutSupervisingUnit=True
    )
    assert fields(refused) == dict.fromkeys(("name", "authorityLevel", "supervisingUnitId"), "FORBIDDEN")
    done = await api.do(admin, "updateOrganisation", SELECTION, **own, details={"contactTitle": "主任"})
    assert done["userErrors"] == []
    supervised = await api.ask(
        "unit.filer", "query($u:ID){organisations(filter:{supervisingUnitId:$u}){nodes{id version}}}", u=home["id"]
    )
    other = supervised["organisations"]["nodes"][0]
    given = {"organisationId": other["id"], "version": other["version"], "details": {"contactTitle": "x"}}
    assert fields(await api.do(admin, "updateOrganisation", SELECTION, **given)) == {None: "FORBIDDEN"}
