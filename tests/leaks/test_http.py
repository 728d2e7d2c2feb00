"""Ways in which GraphQL servers have leaked at their front; each test names its row."""

from __future__ import annotations

import uuid

import httpx
import pytest

from tests.support import Api

HTML = {"accept": "text/html"}


async def test_multi_alias_and_batched_ops_isolated_denials(api: Api) -> None:
    """Row 4: what one operation of a request is refused, another's answer must not make up for."""
    document = """mutation($a:CreateSystemInput!,$b:RetireSystemInput!){
      a:createSystem(input:$a){system{id} userErrors{code}} b:retireSystem(input:$b){system{id} userErrors{code}}
      c:createSystem(input:$a){system{id} userErrors{code}}}"""
    made = {"name": "隔离试验", "code": uuid.uuid4().hex[:8]}
    absent = {"systemId": f"sys_{uuid.uuid4()}", "retiredOn": "2026-01-01"}
    data = await api.ask("unit.filer", document, a=made, b=absent)
    assert data["a"]["system"]
    assert (data["b"]["system"], data["b"]["userErrors"]) == (None, [{"code": "NOT_FOUND"}])
    assert data["c"]["system"] is None
    both = "query($i:ID!){mine:node(id:$i){id} other:node(id:$i){id ...on System{name}}}"
    stranger = await api.ask("expert", both, i=data["a"]["system"]["id"])
    assert stranger == {"mine": None, "other": None}


async def test_graphiql_off_in_prod(api: Api) -> None:
    """Row 16: GraphiQL wrote the Authorization header into the URL; it is off unless a setting says otherwise."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{api.url}/graphql", headers=HTML)
        assert "graphiql" not in answer.text.lower()
        assert (await client.get(f"{api.url}/graphiql/graphiql.js")).status_code == 404


@pytest.mark.parametrize(
    "document",
    ["{filingz{id}}", "{filings(firs:1){nodes{id}}}", "{filings{nodes{numbr}}}", "{...on Quer{viewer{user{id}}}}",
     "mutation{signInn(input:{}){accessToken}}", "query($x:FilingFilterr){filings{nodes{id}}}"],
)  # fmt: skip
async def test_no_schema_text_anywhere(api: Api, document: str) -> None:
    """Row 23: with introspection off, suggestions and other resolvers gave the schema away."""
    answer = (await api.post(document)).json()
    assert "data" not in answer
    assert "did you mean" not in str(answer).lower()
    assert (await api.answer(None, "{__schema{types{name}}}"))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert (await api.answer(None, '{__type(name:"Filing"){name}}'))["data"] == {"__type": None}


async def test_alias_cost_limit(api: Api) -> None:
    """Row 24: one request asked the same thing a thousand times under other names."""
    many = " ".join(f"a{n}:filings(first:100){{nodes{{id documents{{id}}}}}}" for n in range(300))
    answer = await api.answer("city.officer", f"{{{many}}}")
    assert answer["errors"][0]["extensions"]["code"] == "OPERATION_TOO_COMPLEX"


@pytest.mark.parametrize(
    "header",
    ["x-tenant-id", "x-user-id", "x-role", "x-hasura-role", "x-forwarded-user", "x-original-url",
     "x-http-method-override", "x-skip-validation", "x-admin", "x-internal", "x-acting-role", "app.tenant"],
)  # fmt: skip
async def test_no_client_header_changes_authz(api: Api, header: str) -> None:
    """Row 30: a header of the client's switched validation off."""
    asked = "{systems(first:100){totalCount} auditEvents{totalCount} viewer{membership{role}}}"
    token = await api.token("unit.filer")
    for value in ("1", "true", "CITY_OFFICE", "admin", "DELETE"):
        plain, with_header = (
            (await api.post(asked, token)).json(),
            (await api.post(asked, token, {header: value})).json(),
        )
        assert plain["data"] == with_header["data"]
    assert (await api.post(asked, None, {header: "admin"})).status_code == 401


async def test_mutation_via_get_persisted_export_refused(api: Api) -> None:
    """Row 32: what changes something went through an endpoint or a method that is for reading."""
    document = 'mutation{createSystem(input:{name:"x",code:"GET"}){system{id}}}'
    token = {"authorization": f"Bearer {await api.token('unit.filer')}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        by_get = await client.get(f"{api.url}/graphql", params={"query": document}, headers=token)
        exported = await client.post(f"{api.url}/export/csv", json={"query": document}, headers=token)
        form = await client.post(f"{api.url}/graphql", data={"query": document}, headers=token)
    assert (by_get.status_code, exported.status_code, form.status_code) == (405, 400, 415)
    persisted = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}
    answer = await api.client.post(f"{api.url}/graphql", json=persisted, headers=token)
    assert answer.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"


@pytest.mark.parametrize(
    "directive", ['@export(as:"x")', '@invoke(method:"eval")', "@skip", "@include(if:1)", "@defer"]
)
async def test_unknown_directives_rejected(api: Api, directive: str) -> None:
    """Row 33: a directive's argument named a method to be called."""
    answer = await api.answer("city.officer", f"{{viewer{{user{{id {directive}}}}}}}")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
