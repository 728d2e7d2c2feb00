"""Systems are entered, changed, retired and marked important by those who may."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.e2e.flows import graded_system
from tests.e2e.test_filing import completed
from tests.support import Api

SELECTION = "system{id name code version important retiredOn parentSystem{id}}"


async def new_system(api: Api, **more: Any) -> dict[str, Any]:
    given = {"name": "测试系统", "code": uuid.uuid4().hex[:12], **more}
    payload = await api.do("unit.filer", "createSystem", SELECTION, **given)
    assert payload["userErrors"] == []
    made: dict[str, Any] = payload["system"]
    return made


async def change(api: Api, system: dict[str, Any], **given: Any) -> dict[str, Any]:
    return await api.do(
        "unit.filer", "updateSystem", SELECTION, systemId=system["id"], version=system["version"], **given
    )


def fields(payload: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in payload["userErrors"]}


async def test_what_is_given_changes_and_the_rest_stays(api: Api) -> None:
    system = await new_system(api)
    changed = await change(api, system, name="改名")
    assert changed["system"] == {**system, "name": "改名", "version": 2}
    assert fields(await change(api, system, name="再改")) == {"version": "CONFLICT"}


@pytest.mark.parametrize("blank", ["", "  "])
async def test_name_and_code_cannot_be_taken_out(api: Api, blank: str) -> None:
    system = await new_system(api)
    assert fields(await change(api, system, name=blank, code=blank)) == dict.fromkeys(("name", "code"), "INVALID_INPUT")


async def test_a_code_is_used_once_in_a_unit(api: Api) -> None:
    first, second = await new_system(api), await new_system(api)
    assert fields(await change(api, second, code=first["code"])) == {"code": "INVALID_INPUT"}
    assert (await change(api, second, code=second["code"]))["userErrors"] == []


async def test_systems_are_part_of_each_other_in_no_circle(api: Api) -> None:
    whole = await new_system(api)
    part = await new_system(api, parentSystemId=whole["id"])
    assert part["parentSystem"] == {"id": whole["id"]}
    for above in (whole, part):
        assert fields(await change(api, whole, parentSystemId=above["id"])) == {"parentSystemId": "INVALID_INPUT"}
    freed = await change(api, part, withoutParentSystem=True)
    assert freed["system"]["parentSystem"] is None


async def test_two_changes_that_would_close_a_circle_do_not_both_happen(api: Api) -> None:
    one, other = await new_system(api), await new_system(api)
    answers = await asyncio.gather(
        change(api, one, parentSystemId=other["id"]), change(api, other, parentSystemId=one["id"])
    )
    assert sorted(bool(answer["userErrors"]) for answer in answers) == [False, True]


async def test_a_retired_system_takes_nothing_new(api: Api) -> None:
    system = await new_system(api)
    retired = await api.do("unit.filer", "retireSystem", SELECTION, systemId=system["id"], retiredOn="2026-01-01")
    assert retired["system"]["retiredOn"] == "2026-01-01"
    given = {"systemId": system["id"]}
    harms = {"harms": [{"object": "NATIONAL_SECURITY", "degree": "GENERAL"}]}
    for name, person, more in (
        ("retireSystem", "unit.filer", {}),
        ("updateSystem", "unit.filer", {"version": 2, "name": "x"}),
        ("createFiling", "unit.filer", {}),
        ("saveGrading", "unit.filer", {"businessInformation": harms, "systemService": harms}),
        ("setSystemImportance", "city.officer", {"important": True}),
    ):
        payload = await api.do(person, name, "__typename", **given, **more)
        assert fields(payload) == {"systemId": "INVALID_STATE"}, name
    late = await api.do("unit.filer", "createSystem", SELECTION, name="x", code="y", parentSystemId=system["id"])
    assert fields(late) == {"parentSystemId": "INVALID_INPUT"}


async def test_the_day_of_retirement_is_between_service_and_today(api: Api) -> None:
    system = await new_system(api, inServiceOn="2020-05-01")
    for day in ("2020-04-30", "2999-01-01"):
        refused = await api.do("unit.filer", "retireSystem", SELECTION, systemId=system["id"], retiredOn=day)
        assert fields(refused) == {"retiredOn": "INVALID_INPUT"}


async def test_a_system_with_a_filing_or_parts_under_way_stays(api: Api) -> None:
    whole = await new_system(api)
    part = await new_system(api, parentSystemId=whole["id"])
    assert fields(await api.do("unit.filer", "retireSystem", SELECTION, systemId=whole["id"])) == {
        "systemId": "INVALID_STATE"
    }
    assert (await api.do("unit.filer", "retireSystem", SELECTION, systemId=part["id"]))["userErrors"] == []
    assert (await api.do("unit.filer", "retireSystem", SELECTION, systemId=whole["id"]))["userErrors"] == []

    filing = (await completed(api))["id"]
    asked = "query($f:ID!){node(id:$f){...on Filing{system{id}}}}"
    system = (await api.ask("unit.filer", asked, f=filing))["node"]["system"]["id"]
    await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing)
    refused = await api.do("unit.filer", "retireSystem", SELECTION, systemId=system)
    assert fields(refused) == {"systemId": "INVALID_STATE"}
    assert "撤回" in refused["userErrors"][0]["message"]
    await api.do("unit.approver", "withdrawFiling", "filing{id}", filingId=filing)
    assert (await api.do("unit.filer", "retireSystem", SELECTION, systemId=system))["userErrors"] == []


async def test_a_draft_of_a_retired_system_is_not_handed_in(api: Api) -> None:
    filing = (await completed(api))["id"]
    asked = "query($f:ID!){node(id:$f){...on Filing{system{id}}}}"
    system = (await api.ask("unit.filer", asked, f=filing))["node"]["system"]["id"]
    assert (await api.do("unit.filer", "retireSystem", SELECTION, systemId=system))["userErrors"] == []
    refused = await api.do("unit.approver", "submitFiling", "filing{id}", filingId=filing)
    assert fields(refused) == {"systemId": "INVALID_STATE"}


async def test_the_city_marks_a_system_important(api: Api) -> None:
    system = await graded_system(api)
    for important in (True, False):
        marked = await api.do("city.officer", "setSystemImportance", SELECTION, systemId=system, important=important)
        assert marked["system"]["important"] is important
