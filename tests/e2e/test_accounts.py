"""A person's own account: the first password, one-time codes, links by e-mail, where one is signed in."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import re
import time
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from domain.access import Duty, Role
from domain.people.sign_in import FAILURES_PER_NAME
from domain.people.totp import PERIOD, code_at
from storage.database import Database
from tests.e2e.flows import codes
from tests.e2e.people import home_of, somebody
from tests.e2e.test_mail import Mailbox, mailbox
from tests.support import Api, BackgroundWork

__all__ = ["mailbox"]

SIGN_IN = """mutation($i:SignInInput!){signIn(input:$i){accessToken refreshToken passwordChangeRequired
  viewer{user{id login}} userErrors{code field}}}"""
VIEWER = "{viewer{user{login} sessions{id current method address createdAt}}}"
NEW = "Vesuv-1944!"


@dataclass
class Person:
    """A person made for a test, and how to ask as it."""

    api: Api
    id: str
    name: str
    password: str

    async def sign_in(self, **more: Any) -> dict[str, Any]:
        answer = await self.api.post(SIGN_IN, i={"username": self.name, "password": self.password, **more})
        signed: dict[str, Any] = answer.json()["data"]["signIn"]
        return signed

    async def token(self, **more: Any) -> str:
        signed = await self.sign_in(**more)
        assert signed["userErrors"] == [], signed
        return str(signed["accessToken"])

    async def do(self, token: str, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
        input_ = "TotpInput" if name in {"confirmTotp", "disableTotp"} else name[0].upper() + name[1:] + "Input"
        document = f"mutation($i:{input_}!){{{name}(input:$i){{{selection} userErrors{{code field message}}}}}}"
        payload: dict[str, Any] = (await self.api.post(document, token, i=given)).json()["data"][name]
        return payload


async def invited(api: Api, **given: Any) -> Person:
    """Somebody whom the city's administrator has invited to the demo's unit; with the first password."""
    unit = await home_of(api, "unit.filer")
    name = f"p{uuid.uuid4().hex[:10]}"
    whole = {"username": name, "displayName": "新人", "duties": ["FILER"], "organisationId": unit["id"], **given}
    payload = await api.do("city.admin", "inviteUser", "user{id} initialPassword", **whole)
    assert payload["userErrors"] == [], payload
    return Person(api, payload["user"]["id"], name, payload["initialPassword"])


async def settled(api: Api) -> Person:
    """The same, with a password of the person's own."""
    person = await invited(api)
    given = {"currentPassword": person.password, "newPassword": NEW}
    assert codes(await person.do(await person.token(), "changePassword", "changed", **given)) == []
    person.password = NEW
    return person


async def test_a_first_password_is_changed_before_anything_else(api: Api) -> None:
    person = await invited(api)
    signed = await person.sign_in()
    assert signed["passwordChangeRequired"] is True
    assert signed["viewer"] is None
    token = str(signed["accessToken"])
    for document in (
        VIEWER,
        "{filings{totalCount}}",
        "{__schema{types{name}}}",
        "mutation{enrolTotp(input:{}){secret}}",
    ):
        answer = await api.post(document, token)
        assert answer.json()["errors"][0]["extensions"]["passwordChangeRequired"] is True, document
    for path, body in (("/export/csv", {"query": "{filings{nodes{id}}}"}), ("/import-template/units.xlsx", None)):
        method = "POST" if body else "GET"
        headers = {"authorization": f"Bearer {token}"}
        assert (await api.client.request(method, api.url + path, json=body, headers=headers)).status_code == 403
    weak = await person.do(token, "changePassword", "changed", currentPassword=person.password, newPassword="password")
    assert {error["field"] for error in weak["userErrors"]} == {"newPassword"}
    assert len(weak["userErrors"]) == 3
    same = await person.do(
        token, "changePassword", "changed", currentPassword=person.password, newPassword=person.password
    )
    assert codes(same) == ["INVALID_INPUT"]
    wrong = await person.do(token, "changePassword", "changed", currentPassword="x", newPassword=NEW)
    assert [(error["code"], error["field"]) for error in wrong["userErrors"]] == [("INVALID_INPUT", "currentPassword")]
    done = await person.do(token, "changePassword", "changed", currentPassword=person.password, newPassword=NEW)
    assert done == {"changed": True, "userErrors": []}
    # The same session goes on, with all that its person may do.
    assert (await api.post(VIEWER, token)).json()["data"]["viewer"]["user"]["login"] == person.name
    person.password = NEW
    assert (await person.sign_in())["passwordChangeRequired"] is False


async def test_changing_the_password_ends_all_other_sessions(api: Api) -> None:
    person = await settled(api)
    here, there = await person.token(), await person.token()
    given = {"currentPassword": NEW, "newPassword": "Aetna-1669?"}
    assert codes(await person.do(here, "changePassword", "changed", **given)) == []
    assert [(await api.post(VIEWER, token)).status_code for token in (here, there)] == [200, 401]


async def enrolled(person: Person) -> tuple[bytes, list[str]]:
    """The secret of a person's authenticator, and the recovery codes."""
    token = await person.token()
    made = await person.do(token, "enrolTotp", "secret uri")
    assert f"secret={made['secret']}" in made["uri"]
    secret = base64.b32decode(made["secret"])
    wrong = await person.do(token, "confirmTotp", "confirmed recoveryCodes", totp="000000")
    if code_now(secret) != "000000":
        assert [(error["code"], error["field"]) for error in wrong["userErrors"]] == [("INVALID_INPUT", "totp")]
    confirmed = await person.do(token, "confirmTotp", "confirmed recoveryCodes", totp=code_now(secret, -1))
    assert confirmed["confirmed"] is True, confirmed
    assert codes(await person.do(token, "enrolTotp", "secret")) == ["INVALID_STATE"]
    return secret, confirmed["recoveryCodes"]


def code_now(secret: bytes, later: int = 0) -> str:
    return code_at(secret, int(time.time()) // PERIOD + later)


async def test_one_time_codes_are_asked_for_and_taken_once(api: Api) -> None:
    person = await settled(api)
    secret, recovery = await enrolled(person)
    missing = await person.sign_in()
    assert [(error["code"], error["field"]) for error in missing["userErrors"]] == [("INVALID_INPUT", "totp")]
    assert missing["accessToken"] is None
    code = code_now(secret)
    assert (await person.sign_in(totp=code))["userErrors"] == []
    # Somebody has looked over the shoulder.
    assert [error["field"] for error in (await person.sign_in(totp=code))["userErrors"]] == ["totp"]
    # Several at once, with one code that was not taken yet.
    fresh = code_now(secret, 1)
    at_once = await asyncio.gather(*(person.sign_in(totp=fresh) for _ in range(4)))
    assert sorted(len(signed["userErrors"]) for signed in at_once) == [0, 1, 1, 1]
    assert (await person.sign_in(totp=recovery[0].upper()))["userErrors"] == []
    assert [error["field"] for error in (await person.sign_in(totp=recovery[0]))["userErrors"]] == ["totp"]
    token = await person.token(totp=recovery[1])
    assert await person.do(token, "disableTotp", "disabled", totp=recovery[2]) == {"disabled": True, "userErrors": []}
    assert (await person.sign_in())["userErrors"] == []


async def test_the_secret_is_kept_sealed(api: Api, database: Database) -> None:
    person = await settled(api)
    secret, recovery = await enrolled(person)
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        rows = (await session.execute(text("SELECT t::text FROM totp_credentials t"))).scalars().all()
    kept = "\n".join(rows)
    assert base64.b32encode(secret).decode() not in kept
    assert secret.hex() not in kept
    assert not any(code in kept for code in recovery)


async def test_who_lost_the_password_and_the_device_gets_another_from_the_administrator(api: Api) -> None:
    person = await settled(api)
    await enrolled(person)
    given = {"userId": person.id, "withoutTotp": True}
    issued = await api.do("city.admin", "issuePassword", "user{id} initialPassword", **given)
    assert issued["userErrors"] == []
    assert (await person.sign_in())["accessToken"] is None
    person.password = issued["initialPassword"]
    assert (await person.sign_in())["passwordChangeRequired"] is True


REQUEST = "mutation($i:RequestPasswordResetInput!){requestPasswordReset(input:$i){requested userErrors{code}}}"
RESET = "mutation($i:ResetPasswordInput!){resetPassword(input:$i){changed userErrors{code field}}}"


async def reset(api: Api, token: str, password: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.post(RESET, i={"token": token, "newPassword": password})).json()["data"][
        "resetPassword"
    ]
    return payload


def link_in(mailbox: Mailbox, address: str) -> str:
    message = next(each for each in reversed(mailbox.arrived) if each["To"] == address)
    found = re.search(r"#resetToken=(\S+)", message.get_content())
    assert found
    return found[1]


async def test_a_forgotten_password_is_chosen_anew_by_a_link_that_is_good_once(
    api: Api, jobs: BackgroundWork, mailbox: Mailbox
) -> None:
    address = f"{uuid.uuid4().hex}@example.cn"
    person = await invited(api, email=address)
    await jobs.run()
    invitation = link_in(mailbox, address)
    assert (await reset(api, invitation, "weak"))["changed"] is False
    assert (await reset(api, invitation, NEW)) == {"changed": True, "userErrors": []}
    person.password = NEW
    signed = await person.sign_in()
    assert signed["passwordChangeRequired"] is False
    # Forgotten: whoever asks hears the same, and only who has an account is written to.
    count = len(mailbox.arrived)
    for name in (person.name, "nobody.here", "x@nowhere", "unit.filer@tianjin"):
        answer = (await api.post(REQUEST, i={"username": name})).json()["data"]["requestPasswordReset"]
        assert answer == {"requested": True, "userErrors": []}
    await jobs.run()
    assert {message["To"] for message in mailbox.arrived[count:]} == {address, "unit.filer@example.gov.cn"}
    link = link_in(mailbox, address)
    assert link != invitation
    forged = link[:-1] + ("A" if link[-1] != "A" else "B")
    for wrong in (invitation, forged, "x", f"{uuid.uuid4().hex}.{uuid.uuid4().hex}.x"):
        assert [error["field"] for error in (await reset(api, wrong, "Aetna-1669?"))["userErrors"]] == ["token"]
    assert (await reset(api, link, "Aetna-1669?"))["changed"] is True
    assert (await api.post(VIEWER, str(signed["accessToken"]))).status_code == 401
    assert (await person.sign_in())["accessToken"] is None


async def test_nobody_is_flooded_with_links(api: Api, jobs: BackgroundWork, mailbox: Mailbox) -> None:
    address = f"{uuid.uuid4().hex}@example.cn"
    person = await invited(api, email=address)
    for _ in range(5):
        await api.post(REQUEST, i={"username": person.name})
        await jobs.run()
    assert sum(message["To"] == address for message in mailbox.arrived) == 3


async def test_one_sees_where_one_is_signed_in_and_ends_it_there(api: Api) -> None:
    person = await settled(api)
    here, there = await person.token(), await person.token()
    sessions = (await api.post(VIEWER, here)).json()["data"]["viewer"]["sessions"]
    assert len(sessions) == 3
    assert sum(session["current"] for session in sessions) == 1
    assert all(session["method"] == "PASSWORD" and session["address"] == "127.0.0.1" for session in sessions)
    seen_there = (await api.post(VIEWER, there)).json()["data"]["viewer"]["sessions"]
    other = next(session["id"] for session in seen_there if session["current"])
    assert await person.do(here, "revokeSession", "revoked", sessionId=other) == {"revoked": True, "userErrors": []}
    assert [(await api.post(VIEWER, token)).status_code for token in (here, there)] == [200, 401]
    stranger = await settled(api)
    mine = next(session["id"] for session in sessions if session["current"])
    refused = await stranger.do(await stranger.token(), "revokeSession", "revoked", sessionId=mine)
    assert codes(refused) == ["NOT_FOUND"]


async def test_throttling_holds_when_all_guesses_come_at_once(api: Api, database: Database) -> None:
    person = await settled(api)
    right, person.password = person.password, "wrong"
    answers = await asyncio.gather(*(person.sign_in() for _ in range(40)))
    refused = [error["code"] for signed in answers for error in signed["userErrors"]]
    assert refused.count("INVALID_INPUT") == 10
    assert refused.count("RATE_LIMITED") == 30
    person.password = right
    assert [error["code"] for error in (await person.sign_in())["userErrors"]] == ["RATE_LIMITED"]
    # What was right does not count: the limit is of failures.
    other = await settled(api)
    assert all(not signed["userErrors"] for signed in await asyncio.gather(*(other.sign_in() for _ in range(15))))
    await forget_failures(database)


async def forget_failures(database: Database) -> None:
    """Everybody in the tests comes from one address."""
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        await session.execute(text("DELETE FROM sign_in_attempts"))


async def test_failures_are_counted_by_address_whatever_the_name(api: Api, database: Database) -> None:
    await forget_failures(database)
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        await session.execute(
            text(
                "INSERT INTO sign_in_attempts (tenant_id, id, created_at, username, address) "
                "SELECT :t, gen_random_uuid(), now(), 'n' || n, '127.0.0.1' FROM generate_series(1, 99) n"
            ),
            {"t": tenant},
        )
    given = [{"username": f"nobody{number}", "password": "x"} for number in range(6)]
    answers = await asyncio.gather(*(api.post(SIGN_IN, i=each) for each in given))
    refused = [answer.json()["data"]["signIn"]["userErrors"][0]["code"] for answer in answers]
    assert refused.count("INVALID_INPUT") == 1
    assert refused.count("RATE_LIMITED") == 5
    await forget_failures(database)


async def test_each_refused_sign_in_is_on_record_once(api: Api, database: Database) -> None:
    await forget_failures(database)
    person = await settled(api)
    person.password = "wrong"
    for _ in range(FAILURES_PER_NAME + 1):
        await person.sign_in()
    asked = "action reason attempts subjectType changes{field after}"
    events = await api.all("city.admin", "auditEvents", asked, f',filter:{{userId:"{person.id}",outcome:REFUSED}}')
    assert [event["reason"] for event in events] == ["RATE_LIMITED"] + ["INVALID_INPUT"] * FAILURES_PER_NAME
    assert {(event["action"], event["attempts"], event["subjectType"]) for event in events} == {("signIn", 1, "User")}
    assert {"field": "username", "after": person.name} in events[0]["changes"]
    await forget_failures(database)


async def test_a_program_has_no_password_codes_or_sessions(api: Api) -> None:
    unit = await home_of(api, "unit.filer")
    given = {"name": "x", "duties": ["FILER"], "organisationId": unit["id"]}
    key = (await api.do("city.admin", "createServiceAccount", "serviceAccount{id} key", **given))["key"]
    person = Person(api, "", "", "")
    assert codes(await person.do(key, "enrolTotp", "secret")) == ["FORBIDDEN"]
    assert codes(await person.do(key, "changePassword", "changed", currentPassword="x", newPassword=NEW)) == [
        "FORBIDDEN"
    ]
    assert (await api.post(VIEWER, key)).json()["data"]["viewer"]["sessions"] == []


async def test_a_session_that_has_passed_its_time_is_over(api: Api, database: Database) -> None:
    name = await somebody(api, database, Role.UNIT, {Duty.FILER}, (await home_of(api, "unit.filer"))["name"])
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    # Naming ``ended_at`` lets every worker hear of it.
    end = """UPDATE sign_in_sessions SET expires_at = :e, ended_at = NULL
             WHERE user_id = (SELECT id FROM users WHERE username = :n)"""
    async with database.transaction(tenant) as session:
        await session.execute(text(end), {"e": soon, "n": name})
    await api.post(VIEWER, api.tokens[name])
    await asyncio.sleep(1.1)
    assert (await api.post(VIEWER, api.tokens[name])).status_code == 401
