"""What docs/roles tells each person to send is what the schema takes; what it tells them to ask is asked.

A block is spoken for by the account named in the comment before it: ``<!-- city.officer -->``.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, OperationType, parse, validate

from api.demo.accounts import ACCOUNTS
from api.schema.build import schema
from authz.permissions import PERMISSIONS, UNGOVERNED
from tests.support import Api

ROLES = Path(__file__).parents[2] / "docs" / "roles"
BLOCK = re.compile(r"<!-- (?P<account>[\w.]+) -->\n```graphql\n(?P<document>.*?)```", re.DOTALL)
FENCE = re.compile(r"^```graphql$", re.MULTILINE)


def blocks() -> list[tuple[str, str, str]]:
    """Page, account and document of every block."""
    return [
        (page.name, found["account"], found["document"])
        for page in sorted(ROLES.glob("*.md"))
        for found in BLOCK.finditer(page.read_text())
    ]


def operation_of(document: str) -> OperationDefinitionNode:
    node = parse(document).definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    return node


def mutations_of(document: str) -> set[str]:
    node = operation_of(document)
    if node.operation is not OperationType.MUTATION:
        return set()
    return {field.name.value for field in node.selection_set.selections}  # type: ignore[attr-defined]


def test_each_role_has_its_page_and_each_block_its_account() -> None:
    pages = {page.stem for page in ROLES.glob("*.md")} - {"README"}
    assert pages == {"city-office", "district-office", "unit", "expert", "assessor", "administrator"}
    for page in ROLES.glob("*.md"):
        assert len(FENCE.findall(page.read_text())) == len(BLOCK.findall(page.read_text())), page.name
    duties = {account.username: (account.role, account.duty) for account in ACCOUNTS}
    assert {duties[account] for _, account, _ in blocks()} == set(duties.values())


@pytest.mark.parametrize(("page", "account", "document"), blocks())
def test_the_schema_takes_every_block(page: str, account: str, document: str) -> None:
    assert validate(schema(), parse(document)) == [], (page, account)


def test_every_mutation_is_told_of() -> None:
    told = {name for _, _, document in blocks() for name in mutations_of(document)}
    assert told >= PERMISSIONS.keys() | UNGOVERNED


async def test_what_asks_without_variables_is_answered(api: Api) -> None:
    asked = 0
    for page, account, document in blocks():
        node = operation_of(document)
        if node.operation is OperationType.QUERY and not node.variable_definitions:
            answer = await api.answer(account, document)
            assert "errors" not in answer, (page, document, answer)
            asked += 1
    assert asked >= 10
