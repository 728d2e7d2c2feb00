"""What passes as plainly valid is valid: graphql-core finds nothing wrong in it, however a document was damaged."""

from __future__ import annotations

import os
import random

import pytest
from graphql import GraphQLError, Lexer, Source, TokenKind, parse, validate
from hypothesis import HealthCheck, Phase, given, seed, settings

from api.http.valid import is_plainly_valid
from api.schema.build import schema
from bench.views import VIEWS
from tests.reads.generate import Operation, operations

EXAMPLES = int(os.environ.get("DENGBAO_EXAMPLES", "50"))
DAMAGES = 10

PLAIN = {
    "arguments": 'query($n: Int = 5, $f: [FilingFilter!]) { filings(first: $n, filter: {and: [{level: 3}], or: $f}) '
    "{ totalCount } a: systems(orderBy: {field: NAME}) { nodes { ...named } } } fragment named on System { id name }",
    "conditions": "query($b: Boolean!) { viewer @skip(if: $b) { __typename } districts @include(if: true) "
    "{ nodes { name @skip(if: false) @include(if: $b) } } }",
    "members": 'query { node(id: "x") { id ... on System { id name } ... on Filing { number unit { name } } } }',
}  # fmt: skip
# Each is wrong by one rule of those that one document alone can break.
WRONG = {
    "an unknown field": "{ filings { nope } }",
    "an unknown argument": "{ filings(nope: 1) { totalCount } }",
    "an argument twice": "{ filings(first: 1, first: 1) { totalCount } }",
    "a missing argument": "{ node { id } }",
    "a value of another type": '{ filings(first: "1") { totalCount } }',
    "a number too large": "{ filings(first: 99999999999) { totalCount } }",
    "a value that the enum does not have": "{ filings(filter: {state: NOPE}) { totalCount } }",
    "an unknown field of an input": "{ filings(filter: {nope: 1}) { totalCount } }",
    "a field of an input twice": "{ filings(filter: {level: 1, level: 2}) { totalCount } }",
    "a missing field of an input": "{ filings(orderBy: [{direction: ASC}]) { totalCount } }",
    "null where there must be a value": "{ node(id: null) { id } }",
    "a leaf with fields": "{ filings { totalCount { x } } }",
    "an object without fields": "{ filings }",
    "one key for two things": "{ a: filings { totalCount } a: systems { totalCount } }",
    "one key with two arguments": "{ filings(first: 1) { totalCount } filings(first: 2) { totalCount } }",
    "one key for two things in a fragment": "{ filings { totalCount ...f } } "
    "fragment f on FilingConnection { totalCount: __typename }",
    "a fragment that nobody knows": "{ filings { ...f } }",
    "a fragment that nobody spreads": "{ filings { totalCount } } fragment f on Filing { id }",
    "a fragment within itself": "{ filings { ...f } } fragment f on FilingConnection { totalCount ...f }",
    "a fragment on an unknown type": "{ filings { ... on Nope { id } } }",
    "a fragment on a leaf": "{ filings { ... on Int { id } } }",
    "a fragment that can never apply": "{ filings { ... on System { id } } }",
    "two fragments of one name": "{ filings { ...f } } fragment f on FilingConnection { totalCount } "
    "fragment f on FilingConnection { totalCount }",
    "a variable that nobody declared": "{ filings(first: $n) { totalCount } }",
    "a variable that nobody uses": "query($n: Int) { filings { totalCount } }",
    "a variable twice": "query($n: Int, $n: Int) { filings(first: $n) { totalCount } }",
    "a variable of another type": "query($n: String) { filings(first: $n) { totalCount } }",
    "a variable that may be null": "query($n: ID) { node(id: $n) { id } }",
    "a variable of an object type": "query($n: Filing) { filings(first: $n) { totalCount } }",
    "a default of another type": 'query($n: Int = "x") { filings(first: $n) { totalCount } }',
    "an unknown directive": "{ filings @nope { totalCount } }",
    "a directive twice": "{ filings @skip(if: true) @skip(if: true) { totalCount } }",
    "a directive without its argument": "{ filings @skip { totalCount } }",
    "a directive in the wrong place": "query @skip(if: true) { filings { totalCount } }",
    "two operations without a name": "{ filings { totalCount } } { systems { totalCount } }",
    "two operations of one name": "query a { filings { totalCount } } query a { systems { totalCount } }",
    "a type definition": "{ filings { totalCount } } type Nope { id: ID }",
}  # fmt: skip


@pytest.mark.parametrize("text", [*PLAIN.values(), *(view.graphql for view in VIEWS)])
def test_what_clients_ask_is_plainly_valid(text: str) -> None:
    document = parse(text)
    assert validate(schema(), document) == []
    assert is_plainly_valid(schema(), document)


@pytest.mark.parametrize("wrong", WRONG)
def test_no_rule_is_left_out(wrong: str) -> None:
    document = parse(WRONG[wrong])
    assert validate(schema(), document), "it is not wrong after all"
    assert not is_plainly_valid(schema(), document)


def damaged(text: str, chance: random.Random) -> str:
    """The text with a word put elsewhere, left out or given twice."""
    source, tokens = Source(text), []
    lexer = Lexer(source)
    while (token := lexer.advance()).kind is not TokenKind.EOF:
        tokens.append(text[token.start : token.end])
    for _ in range(chance.randint(1, 3)):
        place, other = chance.randrange(len(tokens)), chance.randrange(len(tokens))
        match chance.random():
            case which if which < 0.7:
                tokens[place] = tokens[other]
            case which if which < 0.85:
                tokens.insert(place, tokens[other])
            case _:
                del tokens[place]
    return " ".join(tokens)


@pytest.mark.parametrize("which", ["fixed", "fresh"])
def test_nothing_that_is_wrong_passes(which: str) -> None:
    chance = random.Random(20261125 if which == "fixed" else None)  # noqa: S311 - no secret
    passed = 0

    @seed(chance.getrandbits(32))
    @settings(
        max_examples=EXAMPLES // 2, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operations(schema(), ["fil#0"]))
    def try_out(operation: Operation) -> None:
        nonlocal passed
        for text in (operation[0], *(damaged(operation[0], chance) for _ in range(DAMAGES))):
            try:
                document = parse(text)
            except GraphQLError:
                continue
            if is_plainly_valid(schema(), document):
                passed += 1
                assert validate(schema(), document) == [], text

    try_out()
    assert passed >= EXAMPLES / 10, "next to nothing was judged"
