"""The audit trail through HTTP: who, acting as what, from where, on what, before and after, and with what outcome."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from api.execution.refusals import Refusals, Refused
from domain.access import Duty, Role
from domain.audit.entities import AuditEvent
from domain.errors import not_found
from storage.database import Database
from tests.e2e.people import home_of, somebody
from tests.e2e.test_accounts import settled
from tests.support import SIGN_IN, Api

ENTRY = """id action outcome reason attempts user{login} membership{role} organisation{name} subjectType
  changes{field before after} address userAgent requestId createdAt"""
AGENT = {"user-agent": "clerk/7", "x-request-id": "desk-17"}


async def trail(api: Api, who: str, filter_: str = "", first: int = 20) -> list[dict[str, Any]]:
    given = f"filter:{{{filter_}}}" if filter_ else ""
    answer = await api.ask(who, f"{{auditEvents(first:{first} {given}){{totalCount nodes{{{ENTRY}}}}}}}")
    nodes: list[dict[str, Any]] = answer["auditEvents"]["nodes"]
    return nodes


def changes(entry: dict[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    return {each["field"]: (each["before"], each["after"]) for each in entry["changes"]}


@pytest.fixture(scope="module")
async def system(api: Api) -> dict[str, Any]:
    return (await api.do("unit.filer", "createSystem", "system{id version}", name="审计试验", code="AUD-1"))["system"]


async def test_an_accepted_write_says_who_where_from_and_what_changed(api: Api, system: dict[str, Any]) -> None:
    given = {"systemId": system["id"], "version": system["version"], "name": "审计试验二"}
    document = "mutation($i:UpdateSystemInput!){updateSystem(input:$i){userErrors{code}}}"
    answer = await api.post(document, await api.token("unit.filer"), AGENT, i=given)
    assert answer.json()["data"]["updateSystem"]["userErrors"] == []
    (entry,) = await trail(api, "city.admin", f'subjectId:"{system["id"]}", action:"updateSystem"')
    assert (entry["outcome"], entry["attempts"], entry["reason"]) == ("ACCEPTED", 1, None)
    assert entry["user"]["login"] == "unit.filer"
    assert entry["membership"]["role"] == "UNIT"
    assert (entry["address"], entry["requestId"]) == ("127.0.0.1", "desk-17")
    assert entry["userAgent"] == "clerk/7"
    assert changes(entry)["name"] == ("审计试验", "审计试验二")


async def test_a_refused_attempt_is_recorded_in_a_transaction_of_its_own(
    api: Api, database: Database, system: dict[str, Any]
) -> None:
    # Of somebody new: who was refused too often lately, as others of these tests are, has attempts counted only.
    office = (await home_of(api, "city.officer"))["name"]
    officer = await somebody(api, database, Role.CITY_OFFICE, {Duty.OFFICER}, office)
    answer = await api.do(officer, "retireSystem", "system{id}", systemId=system["id"], retiredOn="2026-01-01")
    assert [each["code"] for each in answer["userErrors"]] == ["FORBIDDEN"]
    (entry,) = await trail(api, "city.admin", f'subjectId:"{system["id"]}", outcome:REFUSED')
    assert (entry["action"], entry["reason"], entry["user"]["login"]) == ("retireSystem", "FORBIDDEN", officer)
    assert entry["subjectType"] == "System"


async def test_an_attempt_at_what_one_cannot_see_names_it_and_shows_nothing(api: Api, database: Database) -> None:
    absent = f"sys_{uuid.uuid4()}"
    home = (await home_of(api, "unit.filer"))["name"]
    filer = await somebody(api, database, Role.UNIT, {Duty.FILER}, home)
    await api.do(filer, "retireSystem", "system{id}", systemId=absent, retiredOn="2026-01-01")
    (entry,) = await trail(api, "city.admin", f'subjectId:"{absent}"')
    assert (entry["outcome"], entry["reason"]) == ("REFUSED", "NOT_FOUND")


async def test_sign_ins_and_failed_ones_are_in_the_trail(api: Api) -> None:
    name = f"nobody{uuid.uuid4().hex[:6]}"
    answer = (await api.post(SIGN_IN, headers=AGENT, i={"username": name, "password": "hunter2hunter2"})).json()
    assert answer["data"]["signIn"]["userErrors"]
    failed = (await trail(api, "city.admin", 'action:"signIn", outcome:REFUSED', 1))[0]
    assert changes(failed)["username"] == (None, name)
    assert failed["user"] is None
    assert failed["address"] == "127.0.0.1"
    assert "hunter2" not in str(failed)
    accepted = await trail(api, "city.admin", 'action:"signIn", outcome:ACCEPTED')
    assert {entry["user"]["login"] for entry in accepted}


async def test_a_token_that_opens_nothing_any_more_is_in_the_trail(api: Api) -> None:
    person = await settled(api)
    token = await person.token()
    foreign = (await api.ask("unit.filer", "{viewer{membership{id}}}"))["viewer"]["membership"]["id"]
    asked = "{viewer{user{id}}}"
    assert (await api.post(asked, token, {**AGENT, "x-acting-as": foreign})).status_code == 403
    await person.do(token, "signOut", "signedOut")
    assert (await api.post(asked, token, AGENT)).status_code == 401
    ended, acted = await trail(api, "city.admin", f'userId:"{person.id}", action:"authenticate"')
    assert (ended["outcome"], ended["reason"], ended["subjectType"]) == ("REFUSED", "UNAUTHENTICATED", "User")
    assert (acted["outcome"], acted["reason"], acted["subjectType"]) == ("REFUSED", "FORBIDDEN", "Membership")
    assert {ended["address"], acted["address"]} == {"127.0.0.1"}
    assert {ended["user"]["login"], acted["user"]["login"]} == {person.name}


async def test_a_wrong_key_is_in_the_citys_trail_and_a_forged_token_in_none(api: Api, database: Database) -> None:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    key = f"dbk_{tenant.hex}.{uuid.uuid4().hex}.{'x' * 43}"
    elsewhere = f"dbk_{uuid.uuid4().hex}.{uuid.uuid4().hex}.{'x' * 43}"
    marks = {"user-agent": f"probe/{uuid.uuid4().hex}"}
    for token in (key, elsewhere, "a.b.c", f"{await api.token('unit.filer')}x"):
        assert (await api.post("{viewer{user{id}}}", token, marks)).status_code == 401
    found = await trail(api, "city.admin", 'action:"authenticate", outcome:REFUSED', first=100)
    (entry,) = [each for each in found if each["userAgent"] == marks["user-agent"]]
    assert (entry["reason"], entry["user"], entry["subjectType"]) == ("UNAUTHENTICATED", None, "Tenant")


async def test_a_download_is_recorded_each_time(api: Api) -> None:
    documents = await api.ask("city.officer", "{filings(first:5,filter:{state:ACCEPTED}){nodes{documents{id state}}}}")
    stored = next(d for f in documents["filings"]["nodes"] for d in f["documents"] if d["state"] == "STORED")
    for _ in range(2):
        await api.do("city.officer", "requestDownload", "download{url}", documentId=stored["id"])
    entries = await trail(api, "city.admin", f'subjectId:"{stored["id"]}", action:"requestDownload"')
    assert [entry["user"]["login"] for entry in entries] == ["city.officer", "city.officer"]


async def test_the_trail_is_filtered_ordered_and_paged(api: Api) -> None:
    login = await api.ask("unit.filer", "{viewer{user{id} membership{organisation{id}}}}")
    person = login["viewer"]["user"]["id"]
    mine = await trail(api, "city.admin", f'userId:"{person}"')
    assert {entry["user"]["login"] for entry in mine} == {"unit.filer"}
    ascending = "{auditEvents(first:3,orderBy:[{field:CREATED_AT}]){nodes{createdAt} pageInfo{hasNextPage}}}"
    page = (await api.ask("city.admin", ascending))["auditEvents"]
    moments = [entry["createdAt"] for entry in page["nodes"]]
    assert moments == sorted(moments)
    assert page["pageInfo"]["hasNextPage"]
    later = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)).isoformat()
    assert await trail(api, "city.admin", f'createdFrom:"{later}"') == []


async def test_an_administrator_of_a_unit_sees_its_own_people_only(api: Api, database: Database) -> None:
    home = (await api.ask("unit.filer", "{viewer{membership{organisation{id name}}}}"))["viewer"]["membership"]
    admin = await somebody(api, database, Role.UNIT, {Duty.ADMIN}, home["organisation"]["name"])
    entries = await trail(api, admin, first=100)
    assert entries
    assert {entry["organisation"]["name"] for entry in entries} == {home["organisation"]["name"]}


async def test_refusals_without_end_do_not_fill_the_disk(api: Api, database: Database) -> None:
    """Beyond so many in a window they are counted, and one event says how many there were."""
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    refusals = Refusals(database.transaction, each=3)
    attempt = Refused(tenant, "signIn", not_found("username").problems, claimed="x" * 1000)
    before = await _recorded(database, tenant)
    for _ in range(500):
        await refusals.note(attempt)
    await refusals.close()
    events = (await _recorded(database, tenant))[len(before) :]
    assert [event.attempts for event in events] == [1, 1, 1, 497]
    assert events[-1].after == {"signIn NOT_FOUND": 497}
    assert len(events[0].after["username"]) == 64


async def _recorded(database: Database, tenant: uuid.UUID) -> list[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.tenant_id == tenant, AuditEvent.user_id.is_(None))
    async with database.transaction(tenant) as session:
        found = await session.scalars(query.where(AuditEvent.outcome == "REFUSED").order_by(AuditEvent.id))
        return list(found)
