"""Variables that are plainly of their types are taken without graphql-core: it would have taken the same ones."""

from __future__ import annotations

from typing import Any

import pytest

from api.execution import variables
from api.execution.variables import judge, prepare
from api.http.documents import Documents
from api.http.errors import RequestError
from api.schema.build import schema

DOCUMENTS = Documents(schema())
VALUES: tuple[Any, ...] = (
    None, "", "fil_1", "DRAFT", 0, 1, -(2**31), 2**31 - 1, 2**31, -(2**31) - 1, 1.5, True, False, [], ["a"], [1], {},
)  # fmt: skip
# How a variable is declared, and where it then may stand.
DECLARED = {
    "ID!": "node(id:$v){id}",
    "ID": "filings(filter:{unitId:$v}){totalCount}",
    "String": "filings(after:$v){totalCount}",
    "String!": "filings(after:$v){totalCount}",
    "Int": "filings(first:$v){totalCount}",
    "Int!": "filings(first:$v){totalCount}",
    "Int! = 2": "filings(first:$v){totalCount}",
    "Int = 2": "filings(first:$v){totalCount}",
    "Boolean!": "filings @skip(if:$v){totalCount}",
    "Boolean": "systems(filter:{important:$v}){totalCount}",
    "[ID!]!": "nodes(ids:$v){id}",
    "FilingState": "filings(filter:{state:$v}){totalCount}",
}


def outcome(taken: Any) -> Any:
    try:
        return taken()
    except RequestError as refusal:
        return refusal.code


@pytest.mark.parametrize("declared", DECLARED)
def test_what_is_taken_at_once_is_what_graphql_core_takes(declared: str) -> None:
    operation = DOCUMENTS.prepare(f"query($v:{declared}){{{DECLARED[declared]}}}")
    for raw in ({}, *({"v": value} for value in VALUES)):
        expected = outcome(lambda raw=raw: prepare(schema(), operation, raw)[0])  # type: ignore[misc]  # bound now
        assert outcome(lambda raw=raw: judge(schema(), operation, raw)) == expected, raw  # type: ignore[misc]


def test_plain_variables_are_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    operation = DOCUMENTS.prepare("query($i:ID!,$n:Int){node(id:$i){id} filings(first:$n){totalCount}}")
    monkeypatch.setattr(variables, "prepare", None)
    assert judge(schema(), operation, {"i": "fil_1", "n": 3}) == {"i": "fil_1", "n": 3}
    assert judge(schema(), operation, {"i": "fil_1"}) == {"i": "fil_1"}
