"""Casbin's part, without database or server: decisions equal the table, and nothing is a yes by accident."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from authz.access import Authority
from authz.permissions import PERMISSIONS, holders, shipped_lines
from authz.policy import MODEL, PolicyError, decide
from authz.scopes import SCOPES, scope
from domain.access import DUTIES, Caller, Duty, Role
from domain.entities import Base

LINES = sorted(shipped_lines())


def caller(role: Role, *duties: Duty) -> Caller:
    one = uuid.UUID(int=1)
    return Caller(one, one, one, one, role, frozenset(duties), one, None)


def test_the_shipped_policy_decides_as_its_table_says() -> None:
    expected = {
        (role, duty, action)
        for action, subjects in PERMISSIONS.items()
        for role, duty in holders()
        if (role, duty) in subjects or (role, None) in subjects
    }
    assert decide(LINES, "tenant") == expected


# Each example evaluates a policy whole, some hundred milliseconds of Casbin.
@settings(max_examples=20, deadline=None)
@given(st.sets(st.sampled_from(LINES), min_size=1))
def test_fewer_lines_never_allow_more(some: set[tuple[str, str]]) -> None:
    assert decide(sorted(some), "tenant") <= decide(LINES, "tenant")


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_policies_of_several_cities_are_decided_at_once() -> None:
    cities = [str(number) for number in range(6)]
    with ThreadPoolExecutor(len(cities)) as threads:
        decided = list(threads.map(partial(decide, LINES), cities))
    assert decided == [decide(LINES, "tenant")] * len(cities)


@pytest.mark.parametrize(
    ("lines", "domain"), [([], "tenant"), (LINES, ""), ([("UNIT.FILER", "dropEverything")], "tenant"), ([], "")]
)
def test_an_empty_policy_is_an_error_and_not_a_yes(lines: list[tuple[str, str]], domain: str) -> None:
    with pytest.raises(PolicyError):
        decide(lines, domain)


def test_a_subject_that_is_named_like_a_role_has_nothing() -> None:
    decisions = decide([("UNIT", "createSystem"), ("FILER", "saveGrading"), ("", "createFiling")], "tenant")
    assert {action for _, _, action in decisions} == {"createSystem"}
    assert {role for role, _, _ in decisions} == {Role.UNIT}


def test_the_model_compares_for_equality_only() -> None:
    text = MODEL.read_text()
    assert "keyMatch" not in text
    assert "regex" not in text


def test_every_role_has_duties_and_every_action_has_somebody() -> None:
    assert DUTIES.keys() == set(Role)
    assert all(DUTIES.values())
    assert all(PERMISSIONS.values())


async def test_nobody_may_anything_without_a_duty_or_a_policy() -> None:
    async def load(_: uuid.UUID) -> frozenset[tuple[str, str]]:
        return frozenset(LINES)

    authority = Authority(load)
    filer = caller(Role.UNIT, Duty.FILER)
    with pytest.raises(PolicyError):
        authority.may(filer, "createSystem")
    await authority.load(filer.tenant_id)
    assert authority.may(filer, "createSystem")
    assert not authority.may(caller(Role.UNIT), "createSystem")
    assert not authority.may(caller(Role.CITY_OFFICE, Duty.FILER), "createSystem")
    assert not authority.may(filer, "")


async def test_a_policy_is_exchanged_whole_and_the_former_stays_until_then() -> None:
    lines = frozenset(LINES)
    gate = asyncio.Event()

    async def load(_: uuid.UUID) -> frozenset[tuple[str, str]]:
        await gate.wait()
        return lines

    authority, filer = Authority(load), caller(Role.UNIT, Duty.FILER)
    gate.set()
    await authority.load(filer.tenant_id)
    lines = frozenset({("UNIT.FILER", "saveGrading")})
    gate.clear()
    authority.invalidate(filer.tenant_id)
    loading = asyncio.create_task(authority.load(filer.tenant_id))
    await asyncio.sleep(0)
    assert authority.may(filer, "createSystem")
    gate.set()
    await loading
    assert not authority.may(filer, "createSystem")
    assert authority.may(filer, "saveGrading")


async def test_who_comes_while_a_policy_is_loaded_waits_for_it() -> None:
    asked = 0

    async def load(_: uuid.UUID) -> frozenset[tuple[str, str]]:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return frozenset(LINES)

    authority, filer = Authority(load), caller(Role.UNIT, Duty.FILER)

    async def ask() -> bool:
        await authority.load(filer.tenant_id)
        return authority.may(filer, "createSystem")

    assert all(await asyncio.gather(*(ask() for _ in range(20))))
    assert asked == 1


async def test_an_emptied_policy_leaves_the_former_in_force_and_is_told() -> None:
    lines = frozenset(LINES)

    async def load(_: uuid.UUID) -> frozenset[tuple[str, str]]:
        return lines

    authority, filer = Authority(load), caller(Role.UNIT, Duty.FILER)
    await authority.load(filer.tenant_id)
    lines = frozenset()
    authority.invalidate(filer.tenant_id)
    for _ in range(2):
        with pytest.raises(PolicyError):
            await authority.load(filer.tenant_id)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_a_scope_names_the_tenant_and_an_unknown_table_has_no_rows(table: str, role: Role) -> None:
    alias = Base.metadata.tables[table].alias("t")
    made = select(alias).where(scope(role, alias)).whereclause
    sql = str(made.compile(dialect=postgresql.dialect())) if made is not None else ""
    if table != "tenants" and role not in SCOPES.get(table, {}):
        assert sql == "false"
    else:
        assert sql.startswith("t.id = " if table == "tenants" else "t.tenant_id = ")
