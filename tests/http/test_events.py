"""Server-sent events (graphql-sse, distinct connections): results as they come, or a clear answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.http import events as sse
from api.http.connections import ABORT, STOP
from tests.e2e.flows import done
from tests.streams import TYPENAME, events
from tests.support import Api

STREAM = {"accept": "text/event-stream"}
CHANGED = "subscription{filingChanged{id}}"


async def test_a_query_is_one_result_and_the_end(api: Api) -> None:
    async with events(api.url, None, TYPENAME) as stream:
        assert stream.answer.status_code == 200
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["cache-control"] == "no-store"
        assert (await stream.next())[0] == "next"
        assert await stream.next() == ("complete", None)
        assert await stream.next() == ("end", None)


async def test_a_list_is_one_line_however_postgresql_breaks_it(api: Api) -> None:
    asked = "{systems(first:3){nodes{name unit{name}}}}"
    plain = (await api.ask("city.officer", asked))["systems"]
    async with events(api.url, await api.token("city.officer"), asked) as stream:
        kind, data = await stream.next()
        assert (kind, data["data"]["systems"]) == ("next", plain)


async def test_get_is_for_reading(api: Api) -> None:
    def get(document: str) -> object:
        return api.client.get(f"{api.url}/graphql", params={"query": document}, headers=STREAM)

    assert (await get(TYPENAME)).text.startswith("event: next\ndata: ")  # type: ignore[misc]
    assert (await get("mutation{signOut(input:{}){signedOut}}")).status_code == 405  # type: ignore[misc]


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ("", 400), ("[]", 400), ("{}", 400), ('{"query":1}', 400), ('{"query":"{"}', 400),
     ('{"query":"{x}"}', 400), ('{"query":"subscription{filingChanged{id}}"}', 401)],
)  # fmt: skip
async def test_what_is_refused_is_no_stream(api: Api, body: str, status: int) -> None:
    headers = {**STREAM, "content-type": "application/json"}
    answer = await api.client.post(f"{api.url}/graphql", content=body, headers=headers)
    assert (answer.status_code, "json" in answer.headers["content-type"]) == (status, True)
    assert answer.json()["errors"]


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*", "text/*"])
async def test_a_subscription_is_no_single_response(api: Api, accept: str) -> None:
    answer = await api.post(CHANGED, await api.token("city.officer"), {"accept": accept})
    assert answer.status_code in {400, 406, 200}
    assert answer.json()["errors"][0]["extensions"]["code"] in {"BAD_REQUEST", "NOT_ACCEPTABLE"}


async def test_a_stream_is_kept_open_by_saying_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.05)
    async with events(api.url, await api.token("city.officer"), CHANGED) as stream:
        lines = stream.answer.aiter_lines()
        assert [await anext(lines) for _ in range(6)] == [":", ""] * 3


async def test_who_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are not gathered for a client that does not take them: it is waited for, and then left."""
    monkeypatch.setattr(sse, "SEND_SECONDS", 0.05)
    cut: list[bool] = []

    async def never(*_: Any) -> Any:
        await asyncio.Event().wait()

    await sse.EventStream({ABORT: lambda: cut.append(True)}, never, never, "zh").run(b"{}")
    assert cut == [True]


async def test_a_stream_is_ended_when_the_server_is() -> None:
    """What goes on would otherwise hold up a stopping server until its patience ends."""
    sent: list[bytes] = []
    scope: dict[str, Any] = {}

    class Endless:
        closed = False

        async def __anext__(self) -> bytes:
            scope[STOP]()
            await asyncio.Event().wait()
            return b""

        async def aclose(self) -> None:
            self.closed = True

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    going_on = Endless()
    await asyncio.wait_for(sse.EventStream(scope, receive, send, "zh").run(going_on), 2)
    assert (sent[-1], going_on.closed) == (sse.COMPLETE, True)


async def test_streams_that_are_cut_leave_the_server_well(api: Api) -> None:
    token = await api.token("city.officer")
    for _ in range(20):
        async with events(api.url, token, CHANGED) as stream:
            assert stream.answer.status_code == 200
    await done(api, "city.officer", "markNotificationsRead", "unreadCount")
