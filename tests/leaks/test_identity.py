"""Leaks by sign-in, tokens, sessions, memberships and policy: one test for each row of the catalogue."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import jwt
import pytest
from sqlalchemy import text

from api.schema.build import schema
from authz.access import Authority
from authz.permissions import DUTIES, PERMISSIONS, UNGOVERNED, shipped_lines
from authz.policy import MODEL, PolicyError, decide
from domain.access import Caller, Duty, Role
from storage.database import Database
from storage.settings import Settings
from tests.e2e.flows import codes
from tests.e2e.people import home_of
from tests.e2e.test_accounts import settled
from tests.e2e.test_people import unit_admin
from tests.streams import acknowledged
from tests.support import Api, serving

VIEWER = "{viewer{user{login}}}"


async def program(api: Api, **given: Any) -> str:
    """The key of a program of the demo's unit."""
    unit = await home_of(api, "unit.filer")
    whole = {"name": "泄漏检查", "duties": ["FILER"], "organisationId": unit["id"], **given}
    return str((await api.do("city.admin", "createServiceAccount", "serviceAccount{id} key", **whole))["key"])


async def test_me_viewer_nested_relations_use_caller_scope(api: Api) -> None:
    """Row 1: what hangs on ``viewer`` is what the caller's lists show."""
    nested = """{viewer{tenant{name} membership{organisation{filings(first:100){nodes{id}}
      memberships(first:100){nodes{id}}}}
      user{memberships(first:100){nodes{id organisation{systems(first:100){nodes{id}}}}}}}}"""
    for person in ("expert", "assessor", "district.officer", "unit.filer"):
        viewer = (await api.ask(person, nested))["viewer"]
        for name in ("filings", "memberships"):
            seen = {node["id"] for node in viewer["membership"]["organisation"][name]["nodes"]}
            assert seen <= {node["id"] for node in await api.all(person, name, "id")}, (person, name)


async def test_a_read_only_key_is_read_only_everywhere(api: Api) -> None:
    """Row 12: a key's operations hold for every mutation, alone, beside others and under an alias, in a socket."""
    key = await program(api)
    document = """mutation($s:CreateSystemInput!,$n:MarkNotificationsReadInput!){
      a:createSystem(input:$s){userErrors{code}} b:createSystem(input:$s){userErrors{code}}
      markNotificationsRead(input:$n){userErrors{code}}}"""
    given = {"s": {"name": "x", "code": uuid.uuid4().hex[:8]}, "n": {}}
    answer = await api.post(document, key, **given)
    assert {tuple(codes(payload)) for payload in answer.json()["data"].values()} == {("FORBIDDEN",)}
    async with acknowledged(api.url, key) as socket:
        await socket.subscribe(document, **given)
        assert {tuple(codes(payload)) for payload in (await socket.data()).values()} == {("FORBIDDEN",)}


async def test_graphiql_off_in_prod(api: Api) -> None:
    """Row 16: GraphiQL, whose pages have leaked tokens, is off unless it is asked for."""
    assert Settings(_env_file=None).graphiql is False  # type: ignore[call-arg]
    answer = await api.client.get(f"{api.url}/graphql", headers={"accept": "text/html"})
    assert "text/html" not in answer.headers.get("content-type", "")


async def test_action_without_duty_denied() -> None:
    """Row 27: whoever has no duty may nothing; no operation is for an empty list of duties."""

    async def load(_: uuid.UUID) -> frozenset[tuple[str, str]]:
        return frozenset(shipped_lines())

    one = uuid.UUID(int=1)
    authority = Authority(load)
    await authority.load(one)
    for role in Role:
        nobody = Caller(one, one, one, one, role, frozenset(), one, None)
        assert not any(authority.may(nobody, action) for action in PERMISSIONS)
    assert all(PERMISSIONS.values())
    assert all(DUTIES.values())


def test_registry_every_mutation_has_duty() -> None:
    """Row 28: every mutation has its row, or is for oneself or for everybody by name."""
    mutations = schema().mutation_type
    assert mutations
    assert mutations.fields.keys() == PERMISSIONS.keys() | UNGOVERNED


async def test_district_cannot_grant_above_own_or_foreign_tenant(api: Api, database: Database) -> None:
    """Row 29: an administrator makes nobody what its own organisation is not, and reaches nobody of others."""
    admin = await unit_admin(api, database)
    foreign = (await api.ask("unit.filer@tianjin", "{viewer{user{id} membership{id organisation{id}}}}"))["viewer"]
    office = (await home_of(api, "city.officer"))["id"]
    colleague = (await api.ask("unit.filer", "{viewer{user{id}}}"))["viewer"]["user"]["id"]
    grant, selection = "grantMembership", "membership{id}"
    for given, code in (
        ({"userId": foreign["user"]["id"], "duties": ["FILER"]}, "NOT_FOUND"),
        (
            {"userId": colleague, "duties": ["FILER"], "organisationId": foreign["membership"]["organisation"]["id"]},
            "NOT_FOUND",
        ),
        ({"userId": colleague, "duties": ["OFFICER"], "organisationId": office}, "FORBIDDEN"),
        ({"userId": colleague, "duties": ["OFFICER"]}, "INVALID_INPUT"),
        ({"userId": colleague, "duties": ["ADMIN"], "role": "CITY_OFFICE"}, "INVALID_INPUT"),
    ):
        assert set(codes(await api.do(admin, grant, selection, **given))) == {code}, given
    for given in ({"userId": foreign["user"]["id"], "duties": ["FILER"]},):
        assert codes(await api.do("city.admin", grant, selection, **given)) == ["NOT_FOUND"]


async def test_no_client_header_changes_authz(api: Api) -> None:
    """Row 30: of all headers the token and the acting membership alone say who asks."""
    token = await api.token("unit.filer")
    plain = (await api.post("{viewer{user{id} membership{id role}} filings{totalCount}}", token)).json()["data"]
    for name in ("x-tenant", "x-tenant-id", "x-user-id", "x-role", "x-admin", "x-forwarded-user", "x-hasura-role",
                 "x-apollo-operation-name", "x-validate", "x-original-url", "x-http-method-override"):  # fmt: skip
        answer = await api.post("{viewer{user{id} membership{id role}} filings{totalCount}}", token, {name: "admin"})
        assert answer.json()["data"] == plain, name


async def test_mutation_via_get_export_refused(api: Api) -> None:
    """Row 32: nothing is changed by GET, by an export, or by a key that only reads."""
    key = await program(api)
    mutation = "mutation{markNotificationsRead(input:{}){unreadCount}}"
    headers = {"authorization": f"Bearer {key}"}
    assert (await api.client.get(f"{api.url}/graphql", params={"query": mutation}, headers=headers)).status_code == 405
    exported = await api.client.post(f"{api.url}/export/csv", json={"query": mutation}, headers=headers)
    assert exported.status_code == 400
    assert codes(
        (await api.post(mutation.replace("{unreadCount}", "{userErrors{code}}"), key)).json()["data"][
            "markNotificationsRead"
        ]
    ) == ["FORBIDDEN"]


def test_no_key_match_or_regex_in_the_model() -> None:
    """Row 47: the model compares for equality."""
    words = MODEL.read_text()
    assert not any(word in words for word in ("keyMatch", "regexMatch", "ipMatch", "globMatch"))


@pytest.mark.parametrize("lines", [[], [("", "")], [("UNIT.FILER", "")]])
def test_empty_policy_fails(lines: list[tuple[str, str]]) -> None:
    """Row 48: an empty policy, or one of empty names, is an error and never a yes."""
    with pytest.raises(PolicyError):
        decide(lines, "tenant")


def test_role_names_are_reserved() -> None:
    """Row 48: a subject without a name has nothing, and a duty that is named like a role has not what the role has."""
    assert decide([("", "createSystem")], "tenant") == frozenset()
    assert {duty for _, duty, _ in decide([("UNIT", "createSystem")], "tenant")} == DUTIES[Role.UNIT]
    assert not {duty.value for duty in Duty} & {f"{role}" for role in Role} - {"EXPERT", "ASSESSOR"}


async def test_reload_during_requests(api: Api, database: Database) -> None:
    """Row 49: while the policy is exchanged again and again, no request finds it empty or half."""
    tenant = await database.directory.resolve_tenant("tianjin")
    assert tenant
    token = await api.token("unit.filer@tianjin")
    document = "mutation($i:CreateFilingInput!){createFiling(input:$i){userErrors{code}}}"
    going = True

    async def exchange() -> None:
        while going:
            async with database.transaction(tenant) as session:
                kept = (
                    await session.execute(text("DELETE FROM policy_rules RETURNING tenant_id, subject, action"))
                ).all()
                await session.execute(
                    text(
                        "INSERT INTO policy_rules (tenant_id, subject, action) VALUES (:tenant_id, :subject, :action)"
                    ),
                    [dict(row._mapping) for row in kept],
                )
            await asyncio.sleep(0.01)

    exchanging = asyncio.create_task(exchange())
    try:
        for _ in range(40):
            answer = (await api.post(document, token, i={"systemId": f"sys_{uuid.uuid4()}"})).json()
            assert codes(answer["data"]["createFiling"]) == ["NOT_FOUND"]
    finally:
        going = False
        await exchanging


# --- beyond the rows ---


async def test_tokens_of_another_make_are_refused(api: Api) -> None:
    """Algorithms and keys are ours: none, a symmetric one, another key, a token that has ended."""
    good = jwt.decode(await api.token("unit.filer"), options={"verify_signature": False})
    forged = [
        jwt.encode(good, None, algorithm="none"),
        jwt.encode(good, "k" * 40, algorithm="HS256"),
        jwt.encode({**good, "exp": int(time.time()) - 10}, "k" * 40, algorithm="HS256"),
        (await api.token("unit.filer"))[:-4] + "AAAA",
    ]
    for token in forged:
        assert (await api.post(VIEWER, token)).status_code == 401


async def test_a_token_of_one_city_is_of_no_use_in_another(api: Api) -> None:
    """A membership, a session, a refresh token of one city name nothing in another."""
    person = await settled(api)
    token = await person.token()
    foreign = (await api.ask("unit.filer@tianjin", "{viewer{membership{id} sessions{id}}}"))["viewer"]
    assert (await api.post(VIEWER, token, {"x-acting-as": foreign["membership"]["id"]})).status_code == 403
    refused = await person.do(token, "revokeSession", "revoked", sessionId=foreign["sessions"][0]["id"])
    assert codes(refused) == ["NOT_FOUND"]


HUNDRED = 100


@pytest.fixture
async def hundred(api: Api) -> list[tuple[str, str]]:
    """A hundred programs of the demo's unit: account and key."""
    unit = await home_of(api, "unit.filer")
    made = []
    for number in range(HUNDRED):
        given = {"name": f"批量 {number}", "duties": ["FILER"], "organisationId": unit["id"]}
        payload = await api.do("city.admin", "createServiceAccount", "serviceAccount{id} key", **given)
        made.append((payload["serviceAccount"]["id"], payload["key"]))
    return made


async def test_a_hundred_revocations_under_load_hold_within_a_second(
    api: Api, settings: Settings, hundred: list[tuple[str, str]]
) -> None:
    """Each is done at one worker and tried at another, which remembers the caller, while others ask all the time."""
    async with serving(settings) as other:
        going = True
        headers = {"authorization": f"Bearer {await api.token('unit.filer')}"}
        body = {"query": "{filings(first:20){nodes{id number unit{name} system{name}}}}"}

        async def load() -> None:
            while going:
                await api.client.post(f"{other}/graphql", json=body, headers=headers)

        async def status(key: str) -> int:
            given = {"authorization": f"Bearer {key}"}
            return (await api.client.post(f"{other}/graphql", json={"query": VIEWER}, headers=given)).status_code

        async def revoked(account: str, key: str) -> float:
            """How long after the answer a request was sent at which the other worker still knew the key."""
            assert await status(key) == 200
            document = "mutation($i:RevokeServiceAccountInput!){revokeServiceAccount(input:$i){userErrors{code}}}"
            answer = await api.post(document, await api.token("city.admin"), i={"serviceAccountId": account})
            assert codes(answer.json()["data"]["revokeServiceAccount"]) == []
            # A request that takes long on a busy machine counts from when it was sent.
            done, known = time.perf_counter(), 0.0
            while True:
                sent = time.perf_counter() - done
                if await status(key) == 401:
                    return known
                known = sent
                assert known < 1

        loading = [asyncio.create_task(load()) for _ in range(4)]
        longest = 0.0
        try:
            for at in range(0, HUNDRED, 10):
                longest = max(longest, *await asyncio.gather(*(revoked(*each) for each in hundred[at : at + 10])))
        finally:
            going = False
            await asyncio.gather(*loading)
        assert longest < 1
