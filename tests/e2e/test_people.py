"""People and what they may act as: by whom they are made, what they may be, several memberships, and their end."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from domain.access import Duty, Role
from storage.database import Database
from tests.e2e.flows import codes, done
from tests.e2e.people import home_of, somebody
from tests.e2e.test_accounts import invited, settled
from tests.support import Api

MEMBERSHIP = "membership{id role duties inForce organisation{id} user{id}}"
VIEWER = "{viewer{membership{id role duties} memberships{id}}}"


def fields(payload: dict[str, Any]) -> dict[str, str]:
    return {error["field"]: error["code"] for error in payload["userErrors"]}


async def unit_admin(api: Api, database: Database) -> str:
    """An administrator of the demo's unit."""
    return await somebody(api, database, Role.UNIT, {Duty.ADMIN}, (await home_of(api, "unit.filer"))["name"])


async def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    unit = await home_of(api, "unit.filer")
    given = {"username": "Ä", "displayName": " ", "email": "nobody", "duties": ["LEADER"], "organisationId": unit["id"]}
    payload = await api.do("city.admin", "inviteUser", "user{id} initialPassword", **given)
    assert fields(payload) == dict.fromkeys(("username", "displayName", "email", "duties"), "INVALID_INPUT")
    assert payload["initialPassword"] is None
    given = {"username": "unit.filer", "displayName": "x", "duties": ["EXPERT"], "role": "ASSESSOR"}
    payload = await api.do("city.admin", "inviteUser", "user{id}", **given, organisationId=unit["id"])
    assert fields(payload) == dict.fromkeys(("username", "role"), "INVALID_INPUT")


async def test_an_administrator_invites_people_of_the_own_organisation(api: Api, database: Database) -> None:
    admin = await unit_admin(api, database)
    given = {"username": f"p{uuid.uuid4().hex[:8]}", "displayName": "同事", "duties": ["FILER", "APPROVER"]}
    payload = await api.do(admin, "inviteUser", "user{id memberships{nodes{role duties organisation{id}}}}", **given)
    assert payload["userErrors"] == []
    (held,) = payload["user"]["memberships"]["nodes"]
    home = (await home_of(api, "unit.filer"))["id"]
    assert held == {"role": "UNIT", "duties": ["APPROVER", "FILER"], "organisation": {"id": home}}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"office": True, "duties": ["OFFICER"]}, "FORBIDDEN"),
        ({"role": "EXPERT", "duties": ["EXPERT"]}, "FORBIDDEN"),
        ({"role": "CITY_OFFICE", "duties": ["LEADER"]}, "INVALID_INPUT"),
    ],
)
async def test_and_makes_nobody_what_it_is_not_itself(
    api: Api, database: Database, given: dict[str, Any], code: str
) -> None:
    admin = await unit_admin(api, database)
    where = {"organisationId": (await home_of(api, "city.officer"))["id"]} if given.get("office") else {}
    wanted = {name: value for name, value in given.items() if name != "office"}
    person = {"username": f"p{uuid.uuid4().hex[:8]}", "displayName": "x"}
    assert set(codes(await api.do(admin, "inviteUser", "user{id}", **person, **wanted, **where))) == {code}
    colleague = (await api.all(admin, "users", "id login", ',filter:{text:"unit.filer"}'))[0]["id"]
    assert set(codes(await api.do(admin, "grantMembership", MEMBERSHIP, userId=colleague, **wanted, **where))) == {code}


async def test_several_memberships_and_the_one_acted_under(api: Api) -> None:
    person = await settled(api)
    body = next(
        each["id"]
        for each in await api.all("city.admin", "organisations", "id kind")
        if each["kind"] == "ASSESSMENT_BODY"
    )
    token = await person.token()
    first = (await api.post(VIEWER, token)).json()["data"]["viewer"]["membership"]
    given = {"userId": person.id, "organisationId": body, "duties": ["ASSESSOR"]}
    second = await done(api, "city.admin", "grantMembership", MEMBERSHIP, **given)
    assert codes(await api.do("city.admin", "grantMembership", MEMBERSHIP, **given)) == ["INVALID_STATE"]
    expert = await done(
        api, "city.admin", "grantMembership", MEMBERSHIP, **{**given, "role": "EXPERT", "duties": ["EXPERT"]}
    )
    viewer = (await api.post(VIEWER, token)).json()["data"]["viewer"]
    assert viewer["membership"] == first  # the oldest, where none is named
    assert {each["id"] for each in viewer["memberships"]} == {first["id"], second["id"], expert["id"]}
    for held, role in ((second, "ASSESSOR"), (expert, "EXPERT")):
        acting = (await api.post(VIEWER, token, {"x-acting-as": held["id"]})).json()["data"]["viewer"]
        assert acting["membership"]["role"] == role
    ended = await done(api, "city.admin", "revokeMembership", MEMBERSHIP, membershipId=second["id"])
    assert ended["inForce"] is False
    assert (await api.post(VIEWER, token, {"x-acting-as": second["id"]})).status_code == 403
    assert (await api.post(VIEWER, token)).status_code == 200
    for held in (first, expert):
        await done(api, "city.admin", "revokeMembership", MEMBERSHIP, membershipId=held["id"])
    assert (await api.post(VIEWER, token)).status_code == 401
    assert codes(await api.do("city.admin", "revokeMembership", MEMBERSHIP, membershipId=first["id"])) == [
        "INVALID_STATE"
    ]


async def test_nobody_hands_duties_to_himself(api: Api) -> None:
    mine = (await api.ask("city.admin", "{viewer{user{id}}}"))["viewer"]["user"]["id"]
    assert codes(await api.do("city.admin", "grantMembership", MEMBERSHIP, userId=mine, duties=["LEADER"])) == [
        "DUTY_SEPARATION"
    ]
    for name, given in (("issuePassword", {}), ("setUserDisabled", {"disabled": True})):
        assert codes(await api.do("city.admin", name, "user{id}", userId=mine, **given)) == ["DUTY_SEPARATION"]


async def test_a_city_keeps_an_administrator(api: Api) -> None:
    mine = (await api.ask("city.admin@tianjin", VIEWER))["viewer"]["membership"]["id"]
    payload = await api.do("city.admin@tianjin", "revokeMembership", MEMBERSHIP, membershipId=mine)
    assert fields(payload) == {"membershipId": "INVALID_STATE"}


async def test_who_also_acts_elsewhere_is_the_city_administrators(api: Api, database: Database) -> None:
    """Else a unit's administrator could sign in as a person of the city office."""
    admin, person = await unit_admin(api, database), await settled(api)
    assert codes(await api.do(admin, "updateUser", "user{id}", userId=person.id, displayName="改名")) == []
    office = (await home_of(api, "city.officer"))["id"]
    given = {"userId": person.id, "organisationId": office, "duties": ["OFFICER"]}
    await done(api, "city.admin", "grantMembership", MEMBERSHIP, **given)
    for name, more in (
        ("issuePassword", {}),
        ("setUserDisabled", {"disabled": True}),
        ("updateUser", {"email": "x@y.cn"}),
    ):
        assert fields(await api.do(admin, name, "user{id}", userId=person.id, **more)) == {"userId": "FORBIDDEN"}, name
    assert codes(await api.do("city.admin", "updateUser", "user{id}", userId=person.id, email="")) == []


async def test_people_of_others_are_nobody(api: Api, database: Database) -> None:
    admin = await unit_admin(api, database)
    officer = (await api.ask("city.officer", "{viewer{user{id} membership{id}}}"))["viewer"]
    for name, given in (
        ("issuePassword", {"userId": officer["user"]["id"]}),
        ("updateUser", {"userId": officer["user"]["id"]}),
        ("grantMembership", {"userId": officer["user"]["id"], "duties": ["FILER"]}),
        ("revokeMembership", {"membershipId": officer["membership"]["id"]}),
    ):
        selection = "membership{id}" if "Membership" in name else "user{id}"
        assert codes(await api.do(admin, name, selection, **given)) == ["NOT_FOUND"], name


async def test_who_is_kept_out_is_out_at_once_and_may_come_back(api: Api) -> None:
    person = await settled(api)
    token = await person.token()
    assert codes(await api.do("city.admin", "setUserDisabled", "user{id}", userId=person.id, disabled=True)) == []
    assert (await api.post(VIEWER, token)).status_code == 401
    assert [error["field"] for error in (await person.sign_in())["userErrors"]] == ["password"]
    assert codes(await api.do("city.admin", "setUserDisabled", "user{id}", userId=person.id, disabled=False)) == []
    assert (await api.post(VIEWER, token)).status_code == 401
    assert (await person.sign_in())["userErrors"] == []


async def test_what_administrators_do_is_on_record_without_secrets(api: Api) -> None:
    person = await invited(api)
    await api.do("city.admin", "issuePassword", "user{id} initialPassword", userId=person.id)
    events = await api.all("city.admin", "auditEvents", "action subject{id}")
    assert [event["action"] for event in events if event["subject"] == {"id": person.id}] == [
        "issuePassword",
        "inviteUser",
    ]
