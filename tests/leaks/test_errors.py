"""What errors, and the time that they take, may tell: nothing of what the caller cannot see."""

from __future__ import annotations

import statistics
import time
import uuid
from typing import Any

import orjson
import structlog

from api.http.endpoint import GraphQLEndpoint
from api.http.front import Front
from api.http.operations import Operations
from api.schema.build import schema
from tests.support import Api

SECRET = "SELECT password FROM users -- /srv/dengbao/secret.py"


async def foreign_system(api: Api) -> str:
    return (await api.ask("unit.filer@tianjin", "{systems(first:1){nodes{id}}}"))["systems"]["nodes"][0]["id"]  # type: ignore[no-any-return]


async def refusal(api: Api, system: str) -> Any:
    return await api.do("unit.filer", "retireSystem", "system{id}", systemId=system, retiredOn="2026-01-01")


async def test_another_citys_id_is_answered_as_one_that_never_was(api: Api) -> None:
    """Row 26: the same words, codes and fields for both, from mutations and from queries."""
    foreign, unknown = await foreign_system(api), f"sys_{uuid.uuid4()}"
    assert await refusal(api, foreign) == await refusal(api, unknown)
    node = "query($i:ID!){node(id:$i){id} nodes(ids:[$i]){id} filings(filter:{systemId:$i}){totalCount}}"
    assert await api.ask("city.officer", node, i=foreign) == await api.ask("city.officer", node, i=unknown)


async def test_the_time_to_refuse_does_not_tell_what_exists(api: Api) -> None:
    """Row 36: NOT_FOUND for what exists elsewhere takes as long as for what does not, side by side."""
    ids = {"foreign": await foreign_system(api), "unknown": f"sys_{uuid.uuid4()}"}
    took: dict[str, list[float]] = {name: [] for name in ids}
    for _ in range(20):
        for name, system in ids.items():
            started = time.perf_counter()
            await refusal(api, system)
            took[name].append(time.perf_counter() - started)
    slow, quick = sorted((statistics.median(times) for times in took.values()), reverse=True)
    assert slow < quick * 2


class Failing:
    """A part that breaks, saying more than a client may hear."""

    async def authenticate(self, *_: Any, **__: Any) -> None:
        return None

    async def execute(self, *_: Any) -> bytes:
        raise RuntimeError(SECRET)

    async def renew(self, *_: Any) -> Any:
        raise RuntimeError(SECRET)

    async def subscribe(self, *_: Any) -> Any:
        raise RuntimeError(SECRET)


async def test_a_fault_of_ours_is_told_by_a_reference_that_the_log_has() -> None:
    """Errors are masked: no words of SQL, paths or exceptions, but a number under which the log says all."""
    part = Failing()
    app = Front(GraphQLEndpoint(Operations(schema(), part, part)))
    sent: list[dict[str, Any]] = []
    body = orjson.dumps({"query": "{__typename}"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "client": ("127.0.0.1", 1)}
    with structlog.testing.capture_logs() as logged:
        await app({**scope, "headers": [(b"content-type", b"application/json")]}, receive, send)
    answer = orjson.loads(sent[-1]["body"])
    (error,) = answer["errors"]
    assert SECRET not in str(answer)
    assert "RuntimeError" not in str(answer)
    assert error["extensions"]["errorId"] in error["message"]
    (line,) = [each for each in logged if each.get("error_id") == error["extensions"]["errorId"]]
    assert SECRET in str(line["exc_info"])
