"""Subscriptions: what has changed is told to whoever may see it, as they may see it, and nothing else is."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from api.execution import changes, subscriptions
from storage.database import Database
from storage.settings import Settings
from tests.e2e.flows import answered, done, under_review
from tests.streams import Socket, acknowledged, events
from tests.support import Api, BackgroundWork, serving

CHANGED = "subscription($f:FilingFilter){filingChanged(filter:$f){__typename id state unit{name}}}"
CUT = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
  WHERE pid <> pg_backend_pid() AND (query LIKE 'LISTEN%dengbao_changes%' OR query = 'SELECT 1')"""
_KEY = UUID(int=7)
TOLD = "subscription{notificationReceived{kind unread subject{id}}}"


async def draft(api: Api, who: str = "unit.filer") -> dict[str, Any]:
    """A draft of the unit's."""
    found = await api.ask(who, "{filings(first:1,filter:{state:DRAFT}){nodes{id version}}}")
    node: dict[str, Any] = found["filings"]["nodes"][0]
    return node


async def touch(api: Api, who: str = "unit.filer") -> str:
    """Do something with a draft; its id."""
    found = await draft(api, who)
    await done(api, who, "saveFiling", "filing{id}", filingId=found["id"], version=found["version"], form={})
    return str(found["id"])


async def settled(socket: Socket) -> None:
    """Wait until what was asked before is under way."""
    await socket.send({"type": "ping"})
    assert await socket.next() == {"type": "pong"}
    await asyncio.sleep(0.1)


async def test_each_hears_of_what_it_may_see_and_nobody_else(api: Api) -> None:
    """A draft is its unit's own; once it is submitted, the offices hear of it as well."""
    people = ("unit.filer", "city.officer", "district.officer", "expert", "unit.filer@tianjin", "city.officer@tianjin")
    heard: dict[str, set[str]] = {person: set() for person in people}
    over = asyncio.Event()

    async def listen(person: str) -> None:
        async with acknowledged(api.url, await api.token(person)) as socket:
            await socket.subscribe(CHANGED)
            await settled(socket)
            ready.release()
            while not over.is_set():
                try:
                    heard[person].add((await socket.data(0.2))["filingChanged"]["state"])
                except TimeoutError:
                    continue

    ready = asyncio.Semaphore(0)
    listening = [asyncio.create_task(listen(person)) for person in people]
    for _ in people:
        await ready.acquire()
    await touch(api)
    await under_review(api)
    await asyncio.sleep(0.5)
    over.set()
    await asyncio.gather(*listening)
    assert {"DRAFT", "SUBMITTED", "UNDER_REVIEW"} <= heard["unit.filer"]
    for office in ("city.officer", "district.officer"):
        assert "UNDER_REVIEW" in heard[office], office
        assert "DRAFT" not in heard[office], office
    for person in ("expert", "unit.filer@tianjin", "city.officer@tianjin"):
        assert heard[person] == set(), person


async def test_a_filter_says_of_which(api: Api) -> None:
    token = await api.token("unit.filer")
    mine = (await draft(api))["id"]
    async with acknowledged(api.url, token) as socket:
        await socket.subscribe(CHANGED, "other", f={"state": "ACCEPTED"})
        await socket.subscribe(CHANGED, "mine", f={"states": ["DRAFT"]})
        await settled(socket)
        assert await touch(api) == mine
        message = await socket.next()
        assert (message["id"], message["payload"]["data"]["filingChanged"]["id"]) == ("mine", mine)
        assert message["payload"]["data"]["filingChanged"]["__typename"] == "Filing"
        assert await socket.silent()
        await socket.send({"type": "complete", "id": "mine"})
        await settled(socket)
        await touch(api)
        assert await socket.silent()


async def test_server_sent_events_tell_the_same(api: Api) -> None:
    async with events(api.url, await api.token("unit.filer"), CHANGED) as stream:
        touched = await touch(api)
        kind, result = await stream.next()
        assert (kind, result["data"]["filingChanged"]["id"]) == ("next", touched)
        assert result["extensions"]["cost"]["objects"] == 2


async def test_a_notification_is_its_persons_own(api: Api, jobs: BackgroundWork) -> None:
    await deliver(jobs)
    async with (
        acknowledged(api.url, await api.token("unit.filer")) as told,
        acknowledged(api.url, await api.token("unit.filer@tianjin")) as other,
        acknowledged(api.url, await api.token("expert")) as stranger,
    ):
        for socket in (told, other, stranger):
            await socket.subscribe(TOLD)
            await settled(socket)
        filing = await under_review(api)
        await answered(api, filing, "A")
        await deliver(jobs)
        found = (await told.data())["notificationReceived"]
        assert found["unread"] is True
        assert found["subject"]["id"]
        assert await other.silent(0.1)
        assert await stranger.silent(0.1)


async def deliver(jobs: BackgroundWork) -> None:
    """Tell people of what was done."""
    from api.jobs.deliverer import Deliverer
    from domain.tasks import TASKS

    await Deliverer(jobs.platform, TASKS).deliver_all()


async def test_what_waits_for_a_slow_listener_is_each_row_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten changes of one filing, while another event is being read, are one event."""
    feed = changes.Changes().open((_KEY, "filings", None))
    for _ in range(10):
        feed.add(_KEY)
    assert await feed.next(0.01) == _KEY
    assert await feed.next(0.01) is None
    monkeypatch.setattr(changes, "WAITING", 3)
    for number in range(5):
        feed.add(type(_KEY)(int=number))
    with pytest.raises(Exception, match="RATE_LIMITED"):
        await feed.next(0.01)


async def test_whoever_may_have_missed_something_is_told(api: Api, database: Database) -> None:
    """The server's connection to the database is cut: the stream ends, and a new one hears again."""
    token = await api.token("unit.filer")
    async with acknowledged(api.url, token) as socket:
        await socket.subscribe(CHANGED)
        await settled(socket)
        async with database.connection() as connection:
            await connection.fetchval(CUT)
        assert await socket.code() == "UNAVAILABLE"
        for _ in range(50):
            await socket.subscribe(CHANGED, "again")
            try:
                message = await socket.next(0.2)
            except TimeoutError:
                break
            assert message["payload"][0]["extensions"]["code"] == "UNAVAILABLE"
            await asyncio.sleep(0.1)
        touched = await touch(api)
        assert (await socket.data())["filingChanged"]["id"] == touched


async def test_an_account_has_so_many_and_no_more(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MOST_OF_ACCOUNT", 2)
    async with acknowledged(api.url, await api.token("assessor")) as socket:
        for name in ("a", "b", "c"):
            await socket.subscribe(CHANGED, name)
        assert await socket.code() == "RATE_LIMITED"
        await socket.send({"type": "complete", "id": "a"})
        await settled(socket)
        await socket.subscribe(CHANGED, "d")
        assert await socket.silent()


async def test_a_stream_ends_when_it_has_lasted_as_long_as_one_may(api: Api, settings: Settings) -> None:
    async with serving(settings.model_copy(update={"stream_seconds": 1})) as url:
        token = await api.token("unit.filer")
        async with acknowledged(url, token) as socket, events(url, token, CHANGED) as stream:
            await socket.subscribe(CHANGED)
            assert await socket.next() == {"type": "complete", "id": "1"}
            assert await stream.next() == ("complete", None)


async def test_a_read_beside_is_answered(api: Api) -> None:
    async with acknowledged(api.url, await api.token("unit.filer")) as socket:
        await socket.subscribe(CHANGED)
        await socket.subscribe("{viewer{user{login}}}", "q")
        message = await socket.next()
        assert (message["id"], message["type"]) == ("q", "next")
