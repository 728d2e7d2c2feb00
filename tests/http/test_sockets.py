"""graphql-transport-ws, frame by frame: what is malformed closes the socket with its code, and the server lives on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode

from api.http import sockets
from storage.settings import Settings
from tests.streams import TYPENAME, Socket, acknowledged, opened
from tests.support import Api, serving

ASKED = {"type": "subscribe", "id": "1", "payload": {"query": TYPENAME}}
INIT = {"type": "connection_init"}


async def answers(socket: Socket, id_: str = "ok") -> bool:
    """Whether an operation gets its result, and then its end."""
    await socket.subscribe(TYPENAME, id_)
    assert await socket.data() == {"__typename": "Query"}
    return await socket.next() == {"type": "complete", "id": id_}


@pytest.mark.parametrize("protocol", ["graphql-ws", "x-unknown", ""])
async def test_another_subprotocol_is_refused_before_anything_is_said(api: Api, protocol: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(api.url, protocol):
            pytest.fail("it was taken")
    assert refused.value.response.status_code == 400


async def test_a_page_of_another_origin_is_refused(api: Api, settings: Settings) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with opened(api.url, origin="https://elsewhere.example"):
            pytest.fail("it was taken")
    assert refused.value.response.status_code == 403
    async with opened(api.url, origin=api.url) as own:
        await own.send(INIT)
        assert (await own.next())["type"] == "connection_ack"
    async with (
        serving(settings.model_copy(update={"cors_origins": "https://ours.example"})) as url,
        opened(url, origin="https://ours.example") as named,
    ):
        await named.send(INIT)
        assert (await named.next())["type"] == "connection_ack"


BAD: dict[str, Any] = {
    "no JSON": "hello",
    "bytes": b"{}",
    "a JSON string": '"ping"',
    "a JSON list": "[]",
    "null": "null",
    "NaN": '{"type":"ping","payload":{"x":NaN}}',
    "a lone surrogate": '{"type":"ping","payload":{"x":"\\ud800"}}',
    "JSON of great depth": '{"type":"ping","payload":' + "[" * 1000 + "]" * 1000 + "}",
    "an object that is deep": '{"type":"ping","payload":' + '{"a":' * 30 + "1" + "}" * 31,
    "NUL": '{"type":"ping","payload":{"x":"\\u0000"}}',
    "no type": {},
    "an unknown type": {"type": "start", "id": "1"},
    "a type that is a number": {"type": 1},
    "a message that only servers send": {"type": "next", "id": "1", "payload": {}},
    "no id": {"type": "subscribe", "payload": {"query": TYPENAME}},
    "an empty id": {**ASKED, "id": ""},
    "an id that is a number": {**ASKED, "id": 1},
    "an id without end": {**ASKED, "id": "x" * 129},
    "no payload": {"type": "subscribe", "id": "1"},
    "no query": {**ASKED, "payload": {}},
    "a query that is a number": {**ASKED, "payload": {"query": 1}},
    "variables that are a text": {**ASKED, "payload": {"query": TYPENAME, "variables": "x"}},
    "a batch": {**ASKED, "payload": [{"query": TYPENAME}]},
    "complete without an id": {"type": "complete"},
    "ping with a text": {"type": "ping", "payload": "x"},
    "pong with a text": {"type": "pong", "payload": "x"},
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_no_message_closes_the_socket(api: Api, what: str) -> None:
    async with acknowledged(api.url) as socket:
        await socket.send(BAD[what])
        assert await socket.next() == {"closed": 4400}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([ASKED], 4401),
        ([INIT, INIT], 4429),
        ([{**INIT, "payload": "x"}], 4400),
        ([{**INIT, "payload": {"authorization": "Bearer nobody"}}], 4403),
        ([{**INIT, "payload": {"Authorization": "Basic x"}}], 4403),
    ],
)
async def test_the_order_of_things(api: Api, messages: list[Any], code: int) -> None:
    async with opened(api.url) as socket:
        for message in messages:
            await socket.send(message)
        found = await socket.next()
        while "closed" not in found:
            found = await socket.next()
        assert found == {"closed": code}


async def test_who_says_nothing_is_not_waited_for(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "INIT_SECONDS", 0.2)
    async with opened(api.url) as socket:
        await socket.send({"type": "ping"})
        assert await socket.next() == {"type": "pong"}
        assert await socket.next() == {"closed": 4408}


async def test_bytes_that_are_no_utf8_close_the_socket(api: Api) -> None:
    async with acknowledged(api.url) as socket:
        socket.connection.transport.write(Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True))
        assert await socket.next() == {"closed": 1007}


async def test_a_message_has_a_greatest_length(api: Api) -> None:
    async with acknowledged(api.url) as socket:
        await socket.subscribe(TYPENAME + " #" + "x" * 1_100_000)
        assert await socket.next() == {"closed": 1009}


async def test_pings_pongs_and_ends_of_nothing(api: Api) -> None:
    async with acknowledged(api.url) as socket:
        await socket.send({"type": "ping", "payload": {"a": 1}})
        assert await socket.next() == {"type": "pong", "payload": {"a": 1}}
        for message in ({"type": "pong"}, {"type": "complete", "id": "none"}):
            await socket.send(message)
        assert await answers(socket, "a")
        assert await answers(socket, "a")  # an id is free again once its operation has ended


REFUSED = {
    "{": "GRAPHQL_PARSE_FAILED",
    "{nope}": "GRAPHQL_VALIDATION_FAILED",
    "query A{__typename} query B{__typename}": "OPERATION_RESOLUTION_FAILURE",
    "{" + " ".join(f"a{i}:__typename" for i in range(1000)) + "}": "OPERATION_TOO_COMPLEX",
    "{a" * 10_000 + "}" * 10_000: "GRAPHQL_PARSE_FAILED",
    "query($x:Int!){districts(first:$x){totalCount}}": "BAD_USER_INPUT",
    "{filings{totalCount}}": "UNAUTHENTICATED",
    "{__schema{types{name}}}": "UNAUTHENTICATED",
    "subscription{filingChanged{id}}": "UNAUTHENTICATED",
    "subscription{filingChanged{id} notificationReceived{id}}": "GRAPHQL_VALIDATION_FAILED",
    "subscription{__typename}": "GRAPHQL_VALIDATION_FAILED",
}


@pytest.mark.parametrize("document", REFUSED)
async def test_what_http_refuses_is_refused_here_and_the_socket_lives(api: Api, document: str) -> None:
    async with acknowledged(api.url) as socket:
        await socket.subscribe(document)
        assert await socket.code() == REFUSED[document]
        assert await answers(socket)


async def test_numbers_of_thousands_of_digits_and_persisted_queries(api: Api) -> None:
    async with acknowledged(api.url) as socket:
        payload = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
        await socket.send({"type": "subscribe", "id": "1", "payload": payload})
        assert await socket.code() == "PERSISTED_QUERY_NOT_SUPPORTED"
        text = json.dumps({**ASKED, "payload": {"query": TYPENAME, "variables": {"a": 1}}})
        await socket.send(text.replace('"a": 1', f'"a": {"9" * 10_000}'))
        assert (await socket.next()).get("closed") == 4400


async def test_operations_at_once_are_bounded_and_each_is_told(api: Api) -> None:
    async with acknowledged(api.url) as socket:
        for number in range(60):
            await socket.subscribe(TYPENAME, str(number))
        ended: dict[str, str] = {}
        while len(ended) < 60:
            message = await socket.next()
            if message["type"] != "next":
                ended[message["id"]] = message["type"]
        assert set(ended.values()) <= {"complete", "error"}
        assert await answers(socket)


async def test_a_running_id_is_taken_and_mutations_have_their_caller(api: Api) -> None:
    token = await api.token("unit.filer")
    async with acknowledged(api.url, token, **{"Accept-Language": "en"}) as socket:
        await socket.subscribe("{viewer{user{login}}}")
        assert (await socket.data())["viewer"]["user"]["login"] == "unit.filer"
        await socket.next()
        await socket.subscribe('mutation{retireSystem(input:{systemId:"x",retiredOn:"2026-01-01"}){userErrors{code}}}')
        assert (await socket.data())["retireSystem"]["userErrors"] == [{"code": "NOT_FOUND"}]
        await socket.next()
        await socket.subscribe("subscription{filingChanged{id}}", "s")
        await socket.subscribe("subscription{filingChanged{id}}", "s")
        assert await socket.next() == {"closed": 4409}


async def test_sockets_are_bounded_by_address(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "SOCKETS_OF_ADDRESS", 1)
    async with acknowledged(api.url) as first:
        with pytest.raises(InvalidStatus) as refused:
            async with opened(api.url):
                pytest.fail("it was taken")
        assert refused.value.response.status_code == 429
        assert await answers(first)
    await asyncio.sleep(0.05)
    async with acknowledged(api.url) as next_:
        assert await answers(next_)


async def test_sockets_that_are_dropped_leave_the_server_well(api: Api) -> None:
    token = await api.token("city.officer")

    async def drop() -> None:
        async with acknowledged(api.url, token) as socket:
            await socket.subscribe("subscription{filingChanged{id}}")
            socket.connection.transport.abort()

    await asyncio.gather(*(drop() for _ in range(40)))
    async with acknowledged(api.url, token) as socket:
        assert await answers(socket)
