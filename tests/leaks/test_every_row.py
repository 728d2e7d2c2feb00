"""Every row of the catalogue has its tests, by name: one that is renamed or lost is missed here."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from api.schema.build import schema
from tests.leaks.rows import BEYOND, ROWS

TESTS = Path(__file__).parents[1]


@cache
def named_in(file: str) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse((TESTS / file).read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def test_the_catalogue_is_whole() -> None:
    assert [*ROWS] == list(range(1, 50))


@pytest.mark.parametrize("number", ROWS)
def test_a_row_has_its_tests(number: int) -> None:
    row = ROWS[number]
    tests = row.tests + (row.subscribed if schema().subscription_type else ())
    assert row.tests or row.subscribed
    missing = [each for each in tests if each.partition("::")[2] not in named_in(each.partition("::")[0])]
    assert missing == []


@pytest.mark.parametrize("leak", BEYOND)
def test_what_is_tried_beyond_has_its_tests(leak: str) -> None:
    missing = [each for each in BEYOND[leak] if each.partition("::")[2] not in named_in(each.partition("::")[0])]
    assert BEYOND[leak]
    assert missing == []


def test_every_test_of_leaks_is_in_the_catalogue_or_says_what_it_tries() -> None:
    """A test that is in no row says in a docstring what it is that might leak."""
    named = {each for row in ROWS.values() for each in row.tests} | {each for some in BEYOND.values() for each in some}
    silent = []
    for path in Path(__file__).parent.glob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                known = f"leaks/{path.name}::{node.name}" in named
                silent += [] if known or ast.get_docstring(node) else [node.name]
    assert silent == []
