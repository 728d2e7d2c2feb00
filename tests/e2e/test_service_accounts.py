"""Programs' accounts: keys that are shown once, do what they are for, overlap when exchanged, and end at once."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import Text, cast, func, literal_column, select, text

from domain.access import Duty, Role
from domain.entities import Base
from storage.database import Database
from tests.e2e.flows import codes, done
from tests.e2e.people import home_of, somebody
from tests.support import Api

SELECTION = (
    "serviceAccount{id name inForce operations keys{id expiresAt revokedAt} user{id kind} membership{role duties}} key"
)
VIEWER = "{viewer{user{id kind} membership{id role duties} tenant{slug}}}"


async def made(api: Api, who: str = "city.admin", **given: Any) -> tuple[dict[str, Any], str]:
    """A service account of the demo's unit, and its key."""
    unit = await home_of(api, "unit.filer")
    whole = {"name": "对接程序", "duties": ["FILER"], "organisationId": unit["id"], **given}
    payload = await api.do(who, "createServiceAccount", SELECTION, **whole)
    assert payload["userErrors"] == []
    return payload["serviceAccount"], payload["key"]


async def create_system(api: Api, key: str) -> Any:
    """What a program gets that enters a system: a payload, or an error."""
    document = "mutation($i:CreateSystemInput!){createSystem(input:$i){system{id} userErrors{code}}}"
    answer = await api.post(document, key, i={"name": "程序登记的系统", "code": uuid.uuid4().hex[:12]})
    return answer.json()["data"]["createSystem"]


async def test_a_program_acts_under_its_one_membership(api: Api) -> None:
    account, key = await made(api, operations=["createSystem"])
    assert account["user"]["kind"] == "PROGRAM"
    viewer = (await api.post(VIEWER, key)).json()["data"]["viewer"]
    assert viewer["user"]["id"] == account["user"]["id"]
    assert (viewer["membership"]["role"], viewer["membership"]["duties"]) == ("UNIT", ["FILER"])
    assert (await create_system(api, key))["userErrors"] == []
    # What it did is on record as its own.
    events = await api.all(
        "city.admin", "auditEvents", "action user{id}", f',filter:{{userId:"{account["user"]["id"]}"}}'
    )
    assert [event["action"] for event in events] == ["createSystem"]


async def test_it_sees_what_its_organisation_sees(api: Api) -> None:
    _, key = await made(api)
    asked = "{filings(first:1){totalCount} users(first:1){totalCount} auditEvents{totalCount}}"
    of_program = (await api.post(asked, key)).json()["data"]
    assert of_program["filings"] == (await api.ask("unit.filer", asked))["filings"]
    assert of_program["auditEvents"]["totalCount"] == 0


async def test_without_operations_it_only_reads(api: Api) -> None:
    _, key = await made(api)
    assert codes(await create_system(api, key)) == ["FORBIDDEN"]


@pytest.mark.parametrize("token", ["dbk_", "dbk_x.y.z", f"dbk_{uuid.UUID(int=1).hex}.{uuid.UUID(int=2).hex}.secret"])
async def test_what_is_no_key_is_refused(api: Api, token: str) -> None:
    assert (await api.post(VIEWER, token)).status_code == 401


async def test_another_secret_is_refused_beside_the_right_one(api: Api) -> None:
    _, key = await made(api)
    assert (await api.post(VIEWER, key)).status_code == 200
    assert (await api.post(VIEWER, key[:-1] + ("A" if key[-1] != "A" else "B"))).status_code == 401


WRONG: dict[str, tuple[dict[str, Any], set[str]]] = {
    "everything": (
        {"name": " ", "duties": [], "expiresInDays": 0, "operations": ["createSystem"]},
        {"name", "duties", "expiresInDays", "operations"},
    ),
    "a person's duty": ({"duties": ["FILER", "APPROVER"]}, {"duties"}),
    "what the duties do not cover": ({"operations": ["submitFiling", "nothing"]}, {"operations"}),
    "a year too long": ({"expiresInDays": 367}, {"expiresInDays"}),
}


@pytest.mark.parametrize(("given", "fields"), WRONG.values(), ids=WRONG)
async def test_all_that_is_wrong_is_told_at_once(api: Api, given: dict[str, Any], fields: set[str]) -> None:
    unit = await home_of(api, "unit.filer")
    whole = {"name": "x", "duties": ["FILER"], "organisationId": unit["id"], **given}
    payload = await api.do("city.admin", "createServiceAccount", SELECTION, **whole)
    assert {error["field"] for error in payload["userErrors"]} == fields
    assert set(codes(payload)) == {"INVALID_INPUT"}
    assert payload["key"] is None


async def test_the_key_is_shown_once_and_kept_nowhere(api: Api, database: Database) -> None:
    unit = await home_of(api, "unit.filer")
    given = {"name": "重发", "duties": ["FILER"], "organisationId": unit["id"], "idempotencyKey": uuid.uuid4().hex}
    first = await api.do("city.admin", "createServiceAccount", SELECTION, **given)
    again = await api.do("city.admin", "createServiceAccount", SELECTION, **given)
    assert again["serviceAccount"] == first["serviceAccount"]
    assert first["key"]
    assert again["key"] is None
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    secret = first["key"].rpartition(".")[2]
    async with database.transaction(tenant) as session:
        for name in ("idempotency_keys", "service_account_keys", "audit_events", "outbox_events"):
            whole = cast(literal_column(name), Text)
            held = select(func.count()).select_from(Base.metadata.tables[name]).where(whole.contains(secret))
            assert await session.scalar(held) == 0, name


async def test_keys_overlap_when_they_are_exchanged(api: Api, database: Database) -> None:
    account, first = await made(api)
    given = {"serviceAccountId": account["id"]}
    payload = await api.do("city.admin", "rotateServiceAccountKey", SELECTION, **given, overlapHours=1)
    second = payload["key"]
    assert len(payload["serviceAccount"]["keys"]) == 2
    assert [(await api.post(VIEWER, key)).status_code for key in (first, second)] == [200, 200]
    # The hour passes.
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    former = uuid.UUID(first.split(".")[1])
    async with database.transaction(tenant) as session:
        ends = await session.scalar(text("SELECT expires_at FROM service_account_keys WHERE id = :k"), {"k": former})
        assert ends is not None
        assert dt.timedelta(minutes=59) < ends - dt.datetime.now(dt.UTC) <= dt.timedelta(hours=1)
        await session.execute(text("UPDATE service_account_keys SET expires_at = now() WHERE id = :k"), {"k": former})
    assert (await api.post(VIEWER, second)).status_code == 200
    third = (await api.do("city.admin", "rotateServiceAccountKey", SELECTION, **given, overlapHours=0))["key"]
    assert [(await api.post(VIEWER, key)).status_code for key in (first, second, third)] == [401, 401, 200]


async def test_revoking_ends_it_for_good(api: Api) -> None:
    account, key = await made(api)
    assert (await api.post(VIEWER, key)).status_code == 200
    ended = await done(
        api, "city.admin", "revokeServiceAccount", "serviceAccount{inForce}", serviceAccountId=account["id"]
    )
    assert ended == {"inForce": False}
    assert (await api.post(VIEWER, key)).status_code == 401
    for name in ("revokeServiceAccount", "rotateServiceAccountKey"):
        payload = await api.do("city.admin", name, "serviceAccount{id}", serviceAccountId=account["id"])
        assert codes(payload) == ["INVALID_STATE"]


async def test_an_administrator_of_a_unit_has_its_own_only(api: Api, database: Database) -> None:
    home = await home_of(api, "unit.filer")
    admin = await somebody(api, database, Role.UNIT, {Duty.ADMIN}, home["name"])
    own, _ = await made(api, admin)
    assert codes(await api.do(admin, "revokeServiceAccount", "serviceAccount{id}", serviceAccountId=own["id"])) == []
    office = (await home_of(api, "city.officer"))["id"]
    payload = await api.do(
        admin, "createServiceAccount", SELECTION, name="x", duties=["OFFICER"], organisationId=office
    )
    assert codes(payload) == ["FORBIDDEN"]
    of_body = await api.all("city.admin", "serviceAccounts", "id organisation{kind}")
    foreign = next(each["id"] for each in of_body if each["organisation"]["kind"] == "ASSESSMENT_BODY")
    payload = await api.do(admin, "rotateServiceAccountKey", SELECTION, serviceAccountId=foreign)
    assert codes(payload) == ["NOT_FOUND"]


async def test_one_sees_which_key_is_in_use(api: Api) -> None:
    account, key = await made(api)
    await api.post(VIEWER, key)
    found = await api.all("city.admin", "serviceAccounts", "id keys{lastUsedAt}")
    (used,) = next(each["keys"] for each in found if each["id"] == account["id"])
    assert used["lastUsedAt"]
