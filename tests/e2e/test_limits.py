"""What an operation may not ask is refused by name before any statement runs, and what it may costs is told with it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from storage.database import Database, Reads
from tests.support import Api


class Statements:
    """Counts what is asked of the database for operations; signing in and policies aside."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run = 0
        for owner, name in ((Reads, "fetch_json"), (Database, "transaction")):
            monkeypatch.setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, real: Any) -> Any:
        def counted(*given: Any, **more: Any) -> Any:
            self.run += 1
            return real(*given, **more)

        return counted


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[Statements]:
    with monkeypatch.context() as patching:
        yield Statements(patching)


def cursor(*values: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


def nested(levels: int) -> str:
    return "{filings{nodes" + "{replaces" * levels + "{id}" + "}" * levels + "}}"


MANY = "{organisations(first:100){nodes{systems(first:100){nodes{filings(first:100){nodes{id}}}}}}}"
TOO_MUCH = [
    (nested(16), "depth", 15, 19),
    ("{filings{nodes{" + " ".join(f"a{i}:id" for i in range(61)) + "}}}", "aliases", 60, 61),
    ("{viewer{user{" + "id " * 60 + "}}}", "repeated", 50, 59),
    ("{" + "a:__typename " * 5000 + "}", "tokens", 4000, None),
    ("{" + " ".join(f"a{i}:filings{{totalCount}}" for i in range(31)) + "}", "rootFields", 30, 31),
    (
        "{organisations(first:100){nodes{systems(first:100){nodes{filings(first:100){nodes{id}}}}}}}",
        "objects",
        50_000,
        1_010_100,
    ),
]


@pytest.mark.parametrize(("document", "limit", "maximum", "actual"), TOO_MUCH, ids=[each[1] for each in TOO_MUCH])
async def test_what_is_beyond_a_limit_is_refused_by_name_before_any_statement(
    api: Api, statements: Statements, document: str, limit: str, maximum: int, actual: int | None
) -> None:
    token = await api.token("city.officer")
    before = statements.run
    answer = await api.post(document, token)
    assert statements.run == before
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    given = error["extensions"]
    assert (given["code"], given["limit"], given["maximum"]) == ("OPERATION_TOO_COMPLEX", limit, maximum)
    assert given.get("actual") == actual
    assert "data" not in answer.json()


BAD = [
    ("{outer:filings(first:-1){nodes{id}}}", ["outer"], "first"),
    ("{outer:filings(first:101){nodes{id}}}", ["outer"], "first"),
    ("{filings{nodes{inner:documents(first:101){id}}}}", ["filings", "nodes", "inner"], "first"),
    ('{filings(after:"not a cursor"){nodes{id}}}', ["filings"], "after"),
    (f'{{filings(after:"{cursor("-created_at,-id", "yesterday", "x")}"){{nodes{{id}}}}}}', ["filings"], "after"),
    (f'{{filings(before:"{cursor("name,id", "x", "y")}"){{nodes{{id}}}}}}', ["filings"], "before"),
    ("query($i:[ID!]!){some:nodes(ids:$i){id}}", ["some"], "ids"),
    (
        "{units:organisations{edges{node{systems(orderBy:[" + "{field:NAME}," * 5 + "]){totalCount}}}}}",
        ["units", "edges", "node", "systems"],
        "orderBy",
    ),
]


@pytest.mark.parametrize(("document", "path", "argument"), BAD)
async def test_arguments_that_cannot_be_used_name_their_field_before_any_statement(
    api: Api, statements: Statements, document: str, path: list[str], argument: str
) -> None:
    token = await api.token("city.officer")
    before = statements.run
    answer = await api.post(document, token, **({"i": ["x"] * 101} if "$i" in document else {}))
    assert statements.run == before
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "argument": argument}
    assert error["path"] == path


async def test_a_text_with_a_null_byte_is_refused_before_any_statement(api: Api, statements: Statements) -> None:
    token = await api.token("city.officer")
    before = statements.run
    written = await api.post('{filings(filter:{text:"a\\u0000b"}){totalCount}}', token)
    assert written.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    sent = await api.post("query($t:String){filings(filter:{text:$t}){totalCount}}", token, t="a\0b")
    assert sent.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert statements.run == before


DEEP = "{not:" * 100 + "{}" + "}" * 100
DATABASE = ("postgres", "sql", "select", "relation", "asyncpg", "traceback", "$1")


def nots(levels: int) -> dict[str, Any]:
    return {"not": nots(levels - 1)} if levels else {}


@pytest.mark.parametrize(
    ("document", "variables", "code", "path"),
    [
        (f"{{filings(filter:{DEEP}){{totalCount}}}}", {}, "OPERATION_TOO_COMPLEX", None),
        ("query($f:FilingFilter){filings(filter:$f){totalCount}}", {"f": nots(100)}, "OPERATION_TOO_COMPLEX", None),
        ("query($f:FilingFilter){a:filings(filter:$f){totalCount}}", {"f": nots(8)}, "OPERATION_TOO_COMPLEX", ["a"]),
        ("query($n:Int){a:filings(first:$n){totalCount}}", {"n": -1}, "BAD_USER_INPUT", ["a"]),
        ("query($c:String){a:filings(after:$c){totalCount}}", {"c": "$tampered"}, "BAD_USER_INPUT", ["a"]),
    ],
)
async def test_bad_input_is_told_by_code_and_path_and_nothing_of_the_database(
    api: Api, statements: Statements, document: str, variables: dict[str, Any], code: str, path: list[str] | None
) -> None:
    token = await api.token("city.officer")
    if variables.get("c"):
        given = (await api.ask("city.officer", "{filings(first:1){pageInfo{endCursor}}}"))["filings"]["pageInfo"]
        variables = {"c": given["endCursor"][:-6] + "AAAAAA"}
    before = statements.run
    answer = await api.post(document, token, **variables)
    assert statements.run == before
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error.get("path") == path
    assert not [word for word in DATABASE if word in answer.text.lower()]


async def test_an_id_that_was_tampered_with_is_of_nothing(api: Api) -> None:
    key = (await api.ask("city.officer", "{filings(first:1){nodes{id}}}"))["filings"]["nodes"][0]["id"]
    for tampered in (key[:-1], key + "0", key.upper(), "org" + key[3:], key.replace("-", "")):
        answer = await api.ask(
            "city.officer", "query($i:ID!){node(id:$i){id} filings(filter:{systemId:$i}){totalCount}}", i=tampered
        )
        assert answer == {"node": None, "filings": {"totalCount": 0}}


async def test_a_mutation_whose_answer_would_be_too_much_is_not_carried_out(api: Api, statements: Statements) -> None:
    token = await api.token("unit.filer")
    before = statements.run
    many = "subsystems(first:100){nodes{subsystems(first:100){nodes{subsystems(first:100){nodes{id}}}}}}"
    document = f"mutation($i:CreateSystemInput!){{createSystem(input:$i){{system{{{many}}}}}}}"
    answer = await api.post(document, token, i={"name": "不应建立", "code": "NEVER"})
    assert answer.json()["errors"][0]["extensions"]["limit"] == "objects"
    document = "mutation($i:CreateSystemInput!){a:createSystem(input:$i){system{subsystems(first:-1){totalCount}}}}"
    answer = await api.post(document, token, i={"name": "不应建立", "code": "NEVER"})
    assert answer.json()["errors"][0]["path"] == ["a", "system", "subsystems"]
    assert statements.run == before


@pytest.mark.parametrize(
    ("document", "objects"),
    [
        ("{__typename}", 0),
        ('{__type(name:"Filing"){name}}', 0),
        ("{filings(first:7){nodes{id}}}", 7),
        ("{filings(first:7){nodes{id unit{id} documents(first:3){id}}}}", 7 + 7 + 7 * 3),
        ("{filings{totalCount}}", 1),
        ("{filings(first:100){totalCount pageInfo{endCursor}}}", 1),
        ("{organisations(first:7){nodes{systems(first:50){totalCount}}}}", 7 + 7),
        ("{filings(first:7){edges{cursor}}}", 7),
        ('{node(id:"fil_x"){id}}', 0),
    ],
)
async def test_the_cost_is_told_with_each_answer(api: Api, document: str, objects: int) -> None:
    answer = await api.answer("city.officer", document)
    assert answer["extensions"] == {"cost": {"objects": objects, "maximum": 50_000}}


async def test_the_cost_of_a_mutation_is_that_of_reading_what_it_changed(api: Api) -> None:
    payload = "system{id unit{id} subsystems(first:5){nodes{id}}}"
    document = f"mutation($i:CreateSystemInput!){{createSystem(input:$i){{{payload}}}}}"
    answer = await api.answer("unit.filer", document, i={"name": "计量平台", "code": "COST"})
    assert answer["extensions"] == {"cost": {"objects": 1 + 1 + 5, "maximum": 50_000}}
