"""Leaks through what stays open: one test for each row of the catalogue that names subscriptions or WebSockets."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from websockets.exceptions import InvalidStatus

from authz import tokens
from domain.access import Duty, Role
from storage.database import Database
from tests.e2e.flows import done, under_review
from tests.e2e.people import home_of, somebody
from tests.e2e.test_subscriptions import CHANGED, TOLD, settled, touch
from tests.leaks.test_identity import program
from tests.streams import acknowledged, events, opened
from tests.support import Api

NUMBER = "subscription($f:FilingFilter){filingChanged(filter:$f){id number}}"


@pytest.mark.parametrize(
    ("who", "filter_"),
    [
        ("unit.filer", {"replyLetters": {"state": "DRAFT"}}),
        ("unit.filer", {"number": {"startsWith": "1"}}),
        ("unit.filer", {"and": [{"or": [{"not": {"formText": "x"}}]}]}),
        ("unit.filer", {"state": "NO_SUCH_STATE"}),
        ("unit.filer", {"unitId": "fil_019a04b3-bec0-79e3-b52a-ee58cb97ae9b"}),
        ("unit.filer", {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"state": "DRAFT"}}}}}}}}}),
    ],
)
async def test_subscription_filter_same_validator_as_query(api: Api, who: str, filter_: dict[str, object]) -> None:
    """Row 9: a subscription's filter took what a query's refused, and told by its events what cannot be read."""
    asked = "query($f:FilingFilter){filings(filter:$f){totalCount}}"
    plain = (await api.answer(who, asked, f=filter_)).get("errors")
    async with acknowledged(api.url, await api.token(who)) as socket:
        await socket.subscribe(NUMBER, f=filter_)
        if plain:
            assert await socket.code() == plain[0]["extensions"]["code"]
        else:  # matches nothing, and so does the stream
            await touch(api)
            assert await socket.silent()


async def test_subscription_event_reread_under_subscriber_scope(api: Api) -> None:
    """Row 10: the row rule held for reading and not for events. What an event shows is what a query shows, no more."""
    shown = "id replies{id kind state} documents{id} history{action} missingItems{path}"
    listening = f"subscription{{filingChanged{{{shown}}}}}"
    people = ("unit.filer", "city.officer", "district.officer")
    sockets = [acknowledged(api.url, await api.token(person)) for person in people]
    async with sockets[0] as unit, sockets[1] as city, sockets[2] as district:
        for socket in (unit, city, district):
            await socket.subscribe(listening)
            await settled(socket)
        filing = await under_review(api)
        draft = await done(
            api, "city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A", body="同意。"
        )
        await asyncio.sleep(0.3)
        for person, socket in zip(people, (unit, city, district), strict=True):
            last = None
            while not await _over(found := asyncio.create_task(socket.next(0.5))):
                last = found.result()["payload"]["data"]["filingChanged"]
            plain = await api.ask(person, f"query($i:ID!){{node(id:$i){{...on Filing{{{shown}}}}}}}", i=filing)
            assert last is not None, person
            if person != "city.officer":
                assert draft["id"] not in str(last)
            assert {key: last[key] for key in ("id", "documents")} == {
                key: plain["node"][key] for key in ("id", "documents")
            }


async def _over(waiting: asyncio.Task[dict[str, object]]) -> bool:
    try:
        await waiting
    except TimeoutError:
        return True
    return False


async def test_revoke_closes_ws_within_a_second(api: Api, database: Database) -> None:
    """Row 11: who was blocked went on listening. A membership, a session or a key that ends closes what is open."""
    login = await _somebody(api, database)
    membership = (await api.ask(login, "{viewer{membership{id}}}"))["viewer"]["membership"]["id"]
    async with (
        acknowledged(api.url, await api.token(login)) as socket,
        events(api.url, await api.token(login), CHANGED) as stream,
    ):
        await socket.subscribe(CHANGED)
        await settled(socket)
        await done(api, "city.admin", "revokeMembership", "membership{id}", membershipId=membership)
        assert await socket.next(1) == {"closed": 4401}
        kind, result = await stream.next(1)
        assert (kind, result["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert await stream.next(1) == ("complete", None)


async def test_signing_out_closes_what_the_session_opened(api: Api, database: Database) -> None:
    """Row 11: the same for a session that ends."""
    login = await _somebody(api, database)
    async with acknowledged(api.url, token := await api.token(login)) as socket:
        await socket.subscribe(TOLD)
        await settled(socket)
        await api.post("mutation{signOut(input:{}){signedOut}}", token)
        assert await socket.next(1) == {"closed": 4401}


async def test_a_keys_revocation_closes_what_it_opened(api: Api) -> None:
    """Row 11: the same for a program's key."""
    unit = await home_of(api, "unit.filer")
    made = await api.do(
        "city.admin",
        "createServiceAccount",
        "serviceAccount{id} key",
        name="订阅",
        duties=["FILER"],
        organisationId=unit["id"],
    )
    async with acknowledged(api.url, made["key"]) as socket:
        await socket.subscribe(CHANGED)
        await settled(socket)
        touched = await touch(api)
        assert (await socket.data())["filingChanged"]["id"] == touched
        account = made["serviceAccount"]["id"]
        await done(api, "city.admin", "revokeServiceAccount", "serviceAccount{id}", serviceAccountId=account)
        assert await socket.next(1) == {"closed": 4401}


async def test_a_token_that_ends_closes_what_it_opened(
    api: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 11: without anything being heard, at the moment that the token says."""
    monkeypatch.setattr(tokens, "LIFE", dt.timedelta(seconds=2))
    login = await _somebody(api, database)
    token = await api.token(login)
    async with acknowledged(api.url, token) as socket:
        await socket.subscribe(CHANGED)
        assert await socket.next(4) == {"closed": 4401}
    async with opened(api.url) as late:
        await late.send({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
        assert await late.next() == {"closed": 4403}


async def test_readonly_token_scope_on_ws(api: Api) -> None:
    """Row 12: a key's limits were not known to subscriptions. It hears its own unit's rows, and may do nothing more."""
    async with acknowledged(api.url, await program(api)) as socket:
        await socket.subscribe(CHANGED, "s")
        await settled(socket)
        touched = await touch(api)
        assert (await socket.data())["filingChanged"]["id"] == touched
        await socket.subscribe('mutation{createSystem(input:{name:"x",code:"x"}){userErrors{code}}}', "m")
        assert (await socket.data())["createSystem"]["userErrors"] == [{"code": "FORBIDDEN"}]


@pytest.mark.parametrize("protocol", ["graphql-ws", "subscriptions-transport-ws", "graphql-sse"])
async def test_ws_legacy_subprotocol_refused(api: Api, protocol: str) -> None:
    """Row 13: an older protocol let operations through before ``connection_init``. One protocol is spoken, in order."""
    with pytest.raises(InvalidStatus):
        async with opened(api.url, protocol):
            pytest.fail("it was taken")
    async with opened(api.url) as socket:
        await socket.subscribe("{__typename}")
        assert await socket.next() == {"closed": 4401}


async def test_one_listeners_rights_are_not_anothers(api: Api) -> None:
    """Row 34: what one subscriber was shown was kept for the next. Two cities hear nothing of each other."""
    async with (
        acknowledged(api.url, await api.token("city.officer")) as here,
        acknowledged(api.url, await api.token("city.officer@tianjin")) as there,
    ):
        for socket in (here, there):
            await socket.subscribe(CHANGED)
            await settled(socket)
        filing = await under_review(api)
        assert (await here.data())["filingChanged"]["id"] == filing
        assert await there.silent()


async def _somebody(api: Api, database: Database) -> str:
    """A new filer of the demo's unit."""
    return await somebody(api, database, Role.UNIT, {Duty.FILER}, (await home_of(api, "unit.filer"))["name"])
