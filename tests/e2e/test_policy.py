"""A city changes its policy: within the envelope, at once, on record; each decision can be explained."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from api import operator
from api.explanation import Explained, explain, matrix
from authz.envelope import FIXED, SEPARATE, objection, outcome
from authz.permissions import PERMISSIONS, holders, shipped_lines
from authz.policy import decide
from domain.access import Duty, Role
from storage.database import Database
from storage.settings import Settings
from tests.e2e.flows import codes
from tests.e2e.people import home_of
from tests.e2e.test_people import unit_admin
from tests.support import Api, serving

CHANGE = "policyChange{operation role duty allowed reason changedBy{login}}"
ADMIN = "city.admin@tianjin"
SHIPPED = frozenset(shipped_lines())


async def change(api: Api, **given: Any) -> dict[str, Any]:
    return await api.do(ADMIN, "setPermission", CHANGE, **{"reason": "试行", **given})


@pytest.fixture
async def tianjin(database: Database) -> AsyncIterator[uuid.UUID]:
    """The second city, whose policy is the shipped one again afterwards."""
    key = await database.directory.resolve_tenant("tianjin")
    assert key
    yield key
    async with database.transaction(key) as session:
        await session.execute(text("DELETE FROM policy_rules"))
        rows = [{"t": key, "s": subject, "a": action} for subject, action in sorted(SHIPPED)]
        await session.execute(text("INSERT INTO policy_rules (tenant_id, subject, action) VALUES (:t, :s, :a)"), rows)


IMPORTANT = {"role": "CITY_OFFICE", "operation": "setSystemImportance"}


async def important(api: Api, url: str, who: str) -> list[str]:
    """Why marking a system that is not there is refused, by one of the servers."""
    document = "mutation($i:SetSystemImportanceInput!){setSystemImportance(input:$i){userErrors{code}}}"
    body = {"query": document, "variables": {"i": {"systemId": f"sys_{uuid.uuid4()}", "important": True}}}
    headers = {"authorization": f"Bearer {await api.token(who)}"}
    answer = (await api.client.post(f"{url}/graphql", json=body, headers=headers)).json()
    return codes(answer["data"]["setSystemImportance"])


async def test_a_change_holds_on_every_worker_within_a_second(api: Api, settings: Settings, tianjin: uuid.UUID) -> None:
    async with serving(settings) as other:
        leader = "city.leader@tianjin"
        for url in (api.url, other):
            assert await important(api, url, leader) == ["FORBIDDEN"]
        for allowed, expected in ((True, ["NOT_FOUND"]), (False, ["FORBIDDEN"])):
            made = await change(api, **IMPORTANT, duty="LEADER", allowed=allowed)
            assert made["userErrors"] == []
            assert await important(api, api.url, leader) == expected  # the worker itself: at once
            async with asyncio.timeout(1):
                while await important(api, other, leader) != expected:
                    pass


async def test_its_history_is_kept_and_read(api: Api, tianjin: uuid.UUID) -> None:
    await change(api, **IMPORTANT, duty="ADVISOR", allowed=True, reason="咨询员认定")
    asked = (
        '{policyChanges(first:1,filter:{operation:"setSystemImportance"}){nodes{allowed duty reason changedBy{login}}}}'
    )
    (last,) = (await api.ask(ADMIN, asked))["policyChanges"]["nodes"]
    assert last == {"allowed": True, "duty": "ADVISOR", "reason": "咨询员认定", "changedBy": {"login": "city.admin"}}
    asked = '{permissions(operation:"setSystemImportance"){role duty allowed shipped fixed}}'
    now = {each["duty"]: each for each in (await api.ask("unit.filer@tianjin", asked))["permissions"]}
    assert (now["ADVISOR"]["allowed"], now["ADVISOR"]["shipped"]) == (True, False)
    assert (now["OFFICER"]["allowed"], now["OFFICER"]["shipped"]) == (True, True)
    assert now["ADMIN"]["allowed"] is False
    events = await api.all(ADMIN, "auditEvents", "action")
    assert "setPermission" in {event["action"] for event in events[:3]}
    assert codes(await change(api, **IMPORTANT, duty="ADVISOR", allowed=True)) == ["INVALID_STATE"]


@pytest.mark.parametrize(
    "given",
    [
        {"role": "CITY_OFFICE", "duty": "OFFICER", "operation": "setPermission", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "OFFICER", "operation": "issueReply", "allowed": True},
        {"role": "UNIT", "duty": "FILER", "operation": "confirmGrading", "allowed": True},
        {"role": "UNIT", "duty": "APPROVER", "operation": "saveFiling", "allowed": True},
        {"role": "UNIT", "operation": "saveGrading", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "OFFICER", "operation": "issueOrder", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "OFFICER", "operation": "returnOrder", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "LEADER", "operation": "draftOrder", "allowed": True},
        {"role": "UNIT", "duty": "FILER", "operation": "submitSelfInspection", "allowed": True},
        {"role": "UNIT", "duty": "APPROVER", "operation": "saveSelfInspection", "allowed": True},
        {"role": "UNIT", "duty": "FILER", "operation": "submitRectificationPlan", "allowed": True},
        {"role": "UNIT", "operation": "saveRectificationPlan", "allowed": True},
        {"role": "UNIT", "duty": "FILER", "operation": "draftReply", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "ADMIN", "operation": "receiveFiling", "allowed": True},
        {"role": "CITY_OFFICE", "duty": "LEADER", "operation": "issueReply", "allowed": False},
        {"role": "UNIT", "duty": "LEADER", "operation": "saveFiling", "allowed": True},
        {"role": "UNIT", "duty": "FILER", "operation": "dropEverything", "allowed": True},
    ],
)
async def test_beyond_the_envelope_nothing_is_changed(api: Api, given: dict[str, Any]) -> None:
    payload = await change(api, **given)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", "operation")]


LINES = st.tuples(
    st.sampled_from(sorted({(r, d) for r, d in holders()} | {(r, None) for r in Role}, key=str)),
    st.sampled_from(sorted(PERMISSIONS)),
    st.booleans(),
)


@given(st.lists(LINES, max_size=30))
def test_no_series_of_changes_leads_out_of_the_envelope(
    changes: list[tuple[tuple[Role, Duty | None], str, bool]],
) -> None:
    lines = SHIPPED
    for (role, duty), operation, allowed in changes:
        if objection(lines, (role, duty), operation, allowed=allowed) is None:
            line = (f"{role}.{duty}" if duty else str(role), operation)
            lines = lines | {line} if allowed else lines - {line}
    decisions = outcome(lines)
    for role, duty in holders():
        held = {action for of_role, of_duty, action in decisions if (of_role, of_duty) == (role, duty)}
        assert not any({former, later} <= held for former, later in SEPARATE)
        assert held & FIXED == {action for of, to, action in outcome(SHIPPED) if (of, to) == (role, duty)} & FIXED
        assert all(role in {of_role for of_role, _ in PERMISSIONS[action]} for action in held)
    assert {action for _, _, action in decisions} == set(PERMISSIONS)


def test_what_is_worked_out_is_what_casbin_decides() -> None:
    fewer = frozenset(line for number, line in enumerate(sorted(SHIPPED)) if number % 3)
    for lines in (SHIPPED, fewer | {("UNIT.FILER", "openInquiry")}):
        assert outcome(lines) == decide(sorted(lines), "tenant")


def test_the_shipped_policy_is_within_its_own_envelope() -> None:
    assert set(PERMISSIONS) >= FIXED | {name for pair in SEPARATE for name in pair}
    held = outcome(SHIPPED)
    for role, duty in holders():
        assert not any((role, duty, former) in held and (role, duty, later) in held for former, later in SEPARATE)


# --- for the operator ---


async def explained(database: Database, who: str, operation: str, identifier: str | None = None) -> list[Explained]:
    key = await database.directory.resolve_tenant("beijing")
    assert key
    async with database.transaction(key) as session:
        return await explain(session, key, who, operation, identifier)


def said(each: Explained) -> dict[str, bool]:
    return {layer.name: layer.passes for layer in each.layers}


async def test_a_decision_is_explained_layer_by_layer(api: Api, database: Database) -> None:
    drafts = await api.all("unit.filer", "filings", "id", ",filter:{state:DRAFT}")
    draft = drafts[0]["id"]
    (own,) = await explained(database, "unit.approver", "submitFiling", draft)
    assert own.may
    assert list(said(own)) == ["account", "membership", "policy", "row-level security", "row scope"]
    (filer,) = await explained(database, "unit.filer", "submitFiling", draft)
    assert said(filer) == {**said(own), "policy": False}
    assert "UNIT.APPROVER" in next(layer.why for layer in filer.layers if layer.name == "policy")
    (officer,) = await explained(database, "city.officer", "filings", draft)
    assert said(officer) == {**said(own), "row scope": False}
    foreign = (await api.all("unit.filer@tianjin", "filings", "id"))[0]["id"]
    (nobody,) = await explained(database, "unit.approver", "submitFiling", foreign)
    assert said(nobody)["row-level security"] is False


async def test_the_matrix_tells_what_a_city_has_changed(api: Api, database: Database, tianjin: uuid.UUID) -> None:
    lines = (SHIPPED | {("CITY_OFFICE.LEADER", "setSystemImportance")}) - {("UNIT", "openInquiry")}
    rows = {operation: (cells, fixed) for operation, cells, fixed in matrix(lines)}
    assert rows["setSystemImportance"][0][Role.CITY_OFFICE, Duty.LEADER] == "+"
    assert rows["openInquiry"][0][Role.UNIT, Duty.FILER] == "−"
    assert rows["setPermission"] == ({**rows["setPermission"][0], (Role.CITY_OFFICE, Duty.ADMIN): "✓"}, True)


async def test_a_later_versions_operations_come_to_cities_that_are_there(
    database: Database, tianjin: uuid.UUID
) -> None:
    async with database.transaction(tianjin) as session:
        await session.execute(text("DELETE FROM policy_rules WHERE action IN ('openInquiry', 'closeInquiry')"))
    assert await operator.complete_policies(database) == len(
        [1 for _, action in SHIPPED if action in {"openInquiry", "closeInquiry"}]
    )
    assert await operator.complete_policies(database) == 0


async def test_a_units_administrator_changes_no_policy(api: Api, database: Database) -> None:
    admin = await unit_admin(api, database)
    given_ = {"role": "UNIT", "duty": "FILER", "operation": "openInquiry", "allowed": True, "reason": "x"}
    assert codes(await api.do(admin, "setPermission", CHANGE, **given_)) == ["FORBIDDEN"]
    assert await home_of(api, "unit.filer")
