"""GraphQL over HTTP, as bytes on the wire: what is malformed is refused clearly, and the server keeps serving."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import orjson
import pytest

from tests.support import Api

JSON = {"content-type": "application/json"}
GRAPHQL = {**JSON, "accept": "application/graphql-response+json"}
TYPENAME = b'{"query":"{__typename}"}'
DEEP = "{organisations{nodes{" + "supervisingUnit{" * 14 + "id" + "}" * 17
SIGN_OUTS = "mutation{" + " ".join(f"m{i}:signOut(input:{{}}){{signedOut}}" for i in range(11)) + "}"


async def send(api: Api, content: bytes, headers: dict[str, str] | None = None, method: str = "POST") -> httpx.Response:
    return await api.client.request(method, f"{api.url}/graphql", content=content, headers=headers or GRAPHQL)


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"][:1]
    found: str = error["extensions"]["code"]
    return found


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a number": b"1",
    "a string": b'"x"',
    "a batch": b"[" + TYPENAME + b"," + TYPENAME + b"]",
    "NaN": b'{"query":"{__typename}","variables":{"x":NaN}}',
    "infinity": b'{"query":"{__typename}","variables":{"x":1e999}}',
    "half a document": b'{"query":"{__typename}"',
    "bytes that are no UTF-8": b'{"query":"\xff"}',
    "a lone surrogate": b'{"query":"{__typename}","variables":{"x":"\\ud800"}}',
    "a byte order mark": b"\xef\xbb\xbf" + TYPENAME,
    "NUL": b'{"query":"{__typename}","variables":{"x":"\\u0000"}}',
    "a query that is a number": b'{"query":1}',
    "variables in a list": b'{"query":"{__typename}","variables":[]}',
    "no query": b'{"variables":{}}',
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_what_is_no_request_is_refused(api: Api, what: str) -> None:
    answer = await send(api, MALFORMED[what])
    assert answer.status_code == 400
    assert code(answer) == "BAD_REQUEST"
    assert (await send(api, TYPENAME)).json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{nope}", "GRAPHQL_VALIDATION_FAILED"),
        ("{__typename @nope}", "GRAPHQL_VALIDATION_FAILED"),
        ("{districts}", "GRAPHQL_VALIDATION_FAILED"),
        ("{districts(first:" + "9" * 5000 + "){totalCount}}", "BAD_USER_INPUT"),
        ("query A{__typename} query B{__typename}", "OPERATION_RESOLUTION_FAILURE"),
        ("{" + "a:__typename " * 60 + "}", "OPERATION_TOO_COMPLEX"),
        ("{" + " ".join(f"a{i}:__typename" for i in range(61)) + "}", "OPERATION_TOO_COMPLEX"),
        ("{" + "__typename " * 4001 + "}", "OPERATION_TOO_COMPLEX"),
        (DEEP, "OPERATION_TOO_COMPLEX"),
        (SIGN_OUTS, "OPERATION_TOO_COMPLEX"),
        ("subscription{x}", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_documents_that_cannot_be_executed(api: Api, document: str, expected: str) -> None:
    answer = await send(api, orjson.dumps({"query": document}))
    assert answer.status_code == 400
    assert code(answer) == expected


async def test_fragments_that_double_are_judged_at_once(api: Api) -> None:
    fragments = " ".join(f"fragment F{i} on Query{{...F{i + 1} ...F{i + 1}}}" for i in range(40))
    document = "{...F0} " + fragments + " fragment F40 on Query{__typename}"
    answer = await asyncio.wait_for(send(api, orjson.dumps({"query": document})), 5)
    assert code(answer) == "OPERATION_TOO_COMPLEX"


async def test_no_message_suggests_a_name(api: Api) -> None:
    for document in (
        "{filing}",
        "{districts(firs:1){totalCount}}",
        "{districts{node{id}}}",
        "{node(id:1){...on Filin{id}}}",
    ):
        text = (await send(api, orjson.dumps({"query": document}))).text
        for name in ("Did you mean", "filings", "'first'", "'nodes'", "'Filing'"):
            assert name not in text


@pytest.mark.parametrize("size", [2_000_000, 6_000_000])
async def test_a_body_that_is_too_large_gets_its_answer(api: Api, size: int) -> None:
    answer = await send(api, b'{"query":"{__typename}#' + b"x" * size + b'"}')
    assert answer.status_code == 413
    assert code(answer) == "PAYLOAD_TOO_LARGE"


async def test_a_body_without_a_length_is_read_up_to_the_limit(api: Api) -> None:
    async def parts(count: int) -> Any:
        yield b'{"query":"{__typename}","x":"'
        for _ in range(count):
            yield b"x" * 65536
        yield b'"}'

    for count, status in ((2, 200), (40, 413)):
        answer = await api.client.post(f"{api.url}/graphql", content=parts(count), headers=GRAPHQL)
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"content-type": "application/json; charset=utf-16"}, 415),
        ({**JSON, "content-encoding": "gzip"}, 415),
        ({**JSON, "accept": "text/html"}, 406),
        ({**JSON, "accept": "application/json"}, 200),
        ({**JSON, "accept": "*/*"}, 200),
    ],
)
async def test_headers_decide_first(api: Api, headers: dict[str, str], status: int) -> None:
    content = gzip.compress(TYPENAME) if "content-encoding" in headers else TYPENAME
    assert (await send(api, content, headers)).status_code == status


async def test_the_media_type_decides_the_status_of_a_refused_document(api: Api) -> None:
    body = orjson.dumps({"query": "{nope}"})
    legacy = await send(api, body, {**JSON, "accept": "application/json"})
    modern = await send(api, body)
    assert (legacy.status_code, modern.status_code) == (200, 400)
    assert modern.headers["content-type"].startswith("application/graphql-response+json")


@pytest.mark.parametrize("name", ["authorization", "content-type", "x-acting-as"])
async def test_a_header_that_is_given_twice_is_refused(api: Api, name: str) -> None:
    port = urlsplit(api.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
    head += f"{name}: a\r\n" * (1 if name == "content-type" else 2)
    writer.write(f"{head}Content-Length: {len(TYPENAME)}\r\n\r\n".encode() + TYPENAME)
    answer = await reader.read()
    writer.close()
    assert b"BAD_REQUEST" in answer


async def test_get_asks_and_never_changes(api: Api) -> None:
    asked = await api.client.get(f"{api.url}/graphql?query={quote('{__typename}')}")
    assert asked.json()["data"] == {"__typename": "Query"}
    mutation = quote("mutation{signOut(input:{}){signedOut}}")
    changed = await api.client.get(f"{api.url}/graphql?query={mutation}", headers={"accept": GRAPHQL["accept"]})
    assert changed.status_code == 405
    assert changed.headers["allow"] == "POST"
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await send(api, TYPENAME, method=method)).status_code == 405


async def test_strangers_learn_nothing_of_the_schema(api: Api) -> None:
    refused = await send(api, orjson.dumps({"query": "{__schema{types{name}}}"}))
    assert refused.status_code == 401
    for name in ("Filing", "Nonsense"):
        answer = await send(api, orjson.dumps({"query": f'{{__type(name:"{name}"){{name}}}}'}))
        assert answer.json()["data"] == {"__type": None}
    token = await api.token("unit.filer")
    known = await api.post("{__schema{queryType{name}}}", token)
    assert known.json()["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_every_response_carries_what_protects_it(api: Api) -> None:
    for path in ("/graphql", "/healthz", "/readyz", "/nowhere"):
        answer = await api.client.get(f"{api.url}{path}", headers={"x-request-id": "mine-1"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"] == "mine-1"


async def test_health(api: Api) -> None:
    assert (await api.client.get(f"{api.url}/healthz")).json() == {"alive": True}
    ready = await api.client.get(f"{api.url}/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"ready": True, "parts": {"database": "ok", "objectStore": "ok"}}


async def test_variables_of_the_wrong_kind_name_their_place(api: Api) -> None:
    token = await api.token("city.officer")
    answer = await api.post("query($f:FilingFilter){filings(filter:$f){totalCount}}", token, f={"level": "x"})
    assert answer.status_code == 400
    assert code(answer) == "BAD_USER_INPUT"
    assert "level" in answer.json()["errors"][0]["message"]
    for wrong in (
        {"submittedFrom": "yesterday"},
        {"submittedFrom": "2026-01-01T00:00:00"},
        {"reviewDueFrom": "20260101"},
    ):
        answer = await api.post("query($f:FilingFilter){filings(filter:$f){totalCount}}", token, f=wrong)
        assert code(answer) == "BAD_USER_INPUT", wrong
