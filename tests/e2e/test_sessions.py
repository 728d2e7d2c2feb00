"""Signing in, going on, signing out; acting under one's own memberships only."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from api.demo.accounts import ACCOUNTS, PASSWORD, SECOND_CITY
from storage.database import Database
from tests.support import Api

SIGN_IN = """mutation($i:SignInInput!){signIn(input:$i){accessToken refreshToken expiresAt
  viewer{user{login} membership{id role duties}} userErrors{code field message}}}"""
REFRESH = "mutation($i:RefreshSessionInput!){refreshSession(input:$i){accessToken refreshToken userErrors{code field}}}"
SIGN_OUT = "mutation{signOut(input:{}){signedOut userErrors{code}}}"
VIEWER = "{viewer{user{login} tenant{slug} membership{id}}}"


async def sign_in(api: Api, username: str, password: str = PASSWORD) -> dict[str, object]:
    answer = (await api.post(SIGN_IN, i={"username": username, "password": password})).json()
    signed: dict[str, object] = answer["data"]["signIn"]
    return signed


@pytest.mark.parametrize("city", ["beijing", SECOND_CITY])
@pytest.mark.parametrize("account", ACCOUNTS, ids=lambda account: account.username)
async def test_every_demo_account_signs_in_in_every_city(api: Api, account: object, city: str) -> None:
    username = account.username + ("" if city == "beijing" else f"@{city}")  # type: ignore[attr-defined]  # an Account
    signed = await sign_in(api, username)
    assert signed["userErrors"] == []
    assert signed["viewer"]["membership"]["role"] == account.role  # type: ignore[index,attr-defined]  # JSON
    viewer = (await api.ask(username, VIEWER))["viewer"]
    assert viewer["user"]["login"] == account.username  # type: ignore[attr-defined]
    assert viewer["tenant"]["slug"] == city


@pytest.mark.parametrize(
    ("username", "password"),
    [("unit.filer", "wrong"), ("nobody.here", PASSWORD), ("unit.filer@nowhere", PASSWORD), ("", ""), ("u1.filer", "!")],
)
async def test_who_is_wrong_hears_the_same_whatever_is_wrong(api: Api, username: str, password: str) -> None:
    signed = await sign_in(api, username, password)
    assert signed["accessToken"] is None
    assert signed["viewer"] is None
    (error,) = signed["userErrors"]  # type: ignore[misc]  # a list of one
    assert (error["code"], error["field"]) == ("INVALID_INPUT", "password")  # type: ignore[index]


async def test_too_many_failures_are_throttled_for_that_name_only(api: Api) -> None:
    for _ in range(10):
        await sign_in(api, "city.advisor@tianjin", "wrong")
    throttled = await sign_in(api, "city.advisor@tianjin")
    assert [error["code"] for error in throttled["userErrors"]] == ["RATE_LIMITED"]  # type: ignore[union-attr,index,attr-defined]
    assert (await sign_in(api, "city.advisor"))["userErrors"] == []


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_session(api: Api) -> None:
    signed = await sign_in(api, "city.leader")
    first = signed["refreshToken"]
    renewed = (await api.post(REFRESH, i={"refreshToken": first})).json()["data"]["refreshSession"]
    assert renewed["userErrors"] == []
    stolen = (await api.post(REFRESH, i={"refreshToken": first})).json()["data"]["refreshSession"]
    assert [error["code"] for error in stolen["userErrors"]] == ["INVALID_INPUT"]
    after = (await api.post(REFRESH, i={"refreshToken": renewed["refreshToken"]})).json()["data"]["refreshSession"]
    assert after["accessToken"] is None
    await ends(api, str(renewed["accessToken"]))


async def test_signing_out_ends_the_access_token_at_once(api: Api) -> None:
    token = str((await sign_in(api, "city.leader"))["accessToken"])
    assert (await api.post(SIGN_OUT, token)).json()["data"]["signOut"]["signedOut"] is True
    answer = await api.post(VIEWER, token)
    assert answer.status_code == 401


async def ends(api: Api, token: str) -> None:
    """The session's end reaches the worker by notification: in a moment."""
    for _ in range(50):
        if (await api.post(VIEWER, token)).status_code == 401:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the session did not end")


@pytest.mark.parametrize("token", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])  # pragma: allowlist secret
async def test_a_token_that_is_none_is_refused(api: Api, token: str) -> None:
    answer = await api.post(VIEWER, token)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_revoking_a_membership_takes_effect_at_once(api: Api, database: Database) -> None:
    token = str((await sign_in(api, "assessor@tianjin"))["accessToken"])
    assert (await api.post(VIEWER, token)).status_code == 200
    tenant = await database.directory.resolve_tenant("tianjin")
    assert tenant
    change = "UPDATE memberships SET revoked_at = {} WHERE user_id = (SELECT id FROM users WHERE username = 'assessor')"
    async with database.transaction(tenant) as session:
        await session.execute(text(change.format("now()")))
    await ends(api, token)
    async with database.transaction(tenant) as session:
        await session.execute(text(change.format("NULL")))


async def test_under_an_empty_policy_nobody_does_anything(api: Api, database: Database) -> None:
    tenant = await database.directory.resolve_tenant("tianjin")
    assert tenant
    token = await api.token("unit.filer@tianjin")
    assert (await api.post(VIEWER, token)).status_code == 200
    async with database.transaction(tenant) as session:
        kept = (await session.execute(text("DELETE FROM policy_rules RETURNING tenant_id, subject, action"))).all()
    for _ in range(50):
        answer = await api.post(VIEWER, token)
        if answer.status_code == 403:
            break
        await asyncio.sleep(0.05)
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    restore = text("INSERT INTO policy_rules (tenant_id, subject, action) VALUES (:tenant_id, :subject, :action)")
    async with database.transaction(tenant) as session:
        await session.execute(restore, [dict(row._mapping) for row in kept])
    assert (await api.post(VIEWER, token)).status_code == 200


async def test_acting_as_is_for_ones_own_memberships(api: Api) -> None:
    own = (await api.ask("unit.filer", VIEWER))["viewer"]["membership"]["id"]
    foreign = (await api.ask("unit.approver", VIEWER))["viewer"]["membership"]["id"]
    token = await api.token("unit.filer")
    assert (await api.post(VIEWER, token, {"x-acting-as": own})).status_code == 200
    for wrong in (foreign, "mem_x", "1"):
        answer = await api.post(VIEWER, token, {"x-acting-as": wrong})
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_messages_come_in_the_callers_language(api: Api) -> None:
    given = {"username": "unit.filer", "password": "wrong"}
    for header, word in (("zh-CN", "密码"), ("en-GB,en;q=0.9", "password")):
        answer = await api.post(SIGN_IN, None, {"accept-language": header}, i=given)
        assert word in answer.json()["data"]["signIn"]["userErrors"][0]["message"]
