"""What the trail keeps of a change, and the arithmetic of its seals."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.changes import changes_of
from domain.audit.merkle import Tree, leaf
from domain.audit.redaction import REDACTED, redacted
from domain.panels.entities import Opinion
from domain.people.entities import User
from domain.systems.entities import System


def split_root(leaves: list[str]) -> str:
    """RFC 6962, 2.1, as it is written there: split at the largest power of two below the count."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    if len(leaves) == 1:
        return leaves[0]
    at = 1 << ((len(leaves) - 1).bit_length() - 1)
    left, right = (bytes.fromhex(split_root(part)) for part in (leaves[:at], leaves[at:]))
    return hashlib.sha256(b"\1" + left + right).hexdigest()


@given(st.lists(st.text(max_size=5), max_size=70))
def test_a_tree_that_grows_has_the_root_of_the_standard(contents: list[str]) -> None:
    leaves = [leaf(content) for content in contents]
    tree = Tree()
    for each in leaves:
        tree.add(each)
    assert (tree.root(), tree.size) == (split_root(leaves), len(leaves))


@pytest.mark.parametrize(
    "name",
    ["password", "passwordHash", "password_hash", "totpSecret", "refreshToken", "details.email", "newPassword",
     "officePhone", "verificationCode", "apiToken", "ID-Number"],
)  # fmt: skip
def test_what_is_on_the_list_is_not_kept_however_deep(name: str) -> None:
    assert redacted({"a": [{name: "hunter2"}], name: {"x": 1}}) == {"a": [{name: REDACTED}], name: REDACTED}
    assert redacted({name: None}) == {name: None}  # that there was nothing may be known


@pytest.mark.parametrize("name", ["name", "state", "monkeys", "number", "reviewDueOn", "sha256"])
def test_what_is_not_on_the_list_is_kept(name: str) -> None:
    assert redacted({name: "x"}) == {name: "x"}


def test_changes_are_those_of_the_row() -> None:
    system = System(name="旧名", code="A", important=False)
    assert changes_of(system) == ({}, {"name": "旧名", "code": "A", "important": False})


def test_a_date_is_written_as_the_api_writes_it() -> None:
    assert changes_of(System(in_service_on=dt.date(2026, 1, 5)))[1] == {"inServiceOn": "2026-01-05"}


def test_of_an_opinion_nothing_is_kept_before_it_is_for_all() -> None:
    assert changes_of(Opinion(reasons="等级偏高", recommended_level=2)) == ({}, {})


def test_a_password_does_not_get_into_the_trail() -> None:
    _, after = changes_of(User(username="a.b", password_hash="$argon2id$…"))
    assert redacted(after) == {"username": "a.b", "passwordHash": REDACTED}
