"""A field that is one of several entities: the first key that is not null decides, the member's own scope applies."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.reads import sources
from api.reads.listings import by_id, listing
from api.reads.sources import Registry, connection, global_id, to_one_of
from api.schema.build import SchemaError, check
from api.schema.common import SCALARS, Connection, Node
from api.schema.filings import Filing
from api.schema.mutations import Mutation
from api.schema.query import Query
from api.schema.rectification import RectificationPlan
from api.schema.systems import Grading
from domain.panels.entities import PanelCase
from storage.database import Database
from tests.e2e.oracle import Everything
from tests.reads.support import Compiled, caller_of
from tests.support import Api

KEYS = {"grading_id": "Grading", "filing_id": "Filing", "rectification_plan_id": "RectificationPlan"}
DOCUMENT = (
    """{cases{nodes{subject{__typename ...on Node{id} ...on Filing{number level} ...on Grading{level matrix}}}}}"""
)


def schema_with(monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]) -> GraphQLSchema:
    """The platform's schema with panel cases of our own, whose subject is declared by ``keys``."""
    copy = Registry(dict(sources.registry.by_type), dict(sources.registry.by_prefix))
    monkeypatch.setattr(sources.registry, "by_type", copy.by_type)
    monkeypatch.setattr(sources.registry, "by_prefix", copy.by_prefix)

    subject: Any = Annotated[Grading | Filing | RectificationPlan, strawberry.union("TriedSubject")]
    members = {"id": global_id("try"), "subject": to_one_of(keys, "x")}
    annotations = {"id": strawberry.ID, "subject": subject | None}
    tried = strawberry.type(type("Tried", (Node,), {"__annotations__": annotations, **members}))
    sources.entity(PanelCase, "try")(tried)
    filters = [by_id("filingId", "filing_id", "fil", "x")]
    cases = connection(listing("Tried", PanelCase, filters, {"CREATED_AT": "created_at"}, "CREATED_AT"), "x")
    several: Any = Connection[tried]  # type: ignore[valid-type]  # made above
    extended = strawberry.type(type("Query", (Query,), {"__annotations__": {"cases": several}, "cases": cases}))
    made: GraphQLSchema = strawberry.Schema(extended, Mutation, config=StrawberryConfig(scalar_map=SCALARS))._schema
    check(made)
    return made


@pytest.fixture
def schema(monkeypatch: pytest.MonkeyPatch) -> GraphQLSchema:
    return schema_with(monkeypatch, KEYS)


@pytest.mark.parametrize("username", ["city.officer", "expert"])
async def test_each_case_shows_the_filing_or_grading_it_is_about(
    schema: GraphQLSchema, api: Api, database: Database, username: str
) -> None:
    everything = await Everything.of(database, "beijing")
    answer = await Compiled(schema, database).answer(DOCUMENT, {}, caller_of(everything, username))
    shown = [node["subject"] for node in answer["cases"]["nodes"]]
    assert shown
    filings = {f"fil_{key}": row for key, row in everything.rows["filings"].items()}
    for subject in shown:
        assert subject["__typename"] in {"Filing", "Grading", "RectificationPlan"}
        if subject["__typename"] == "Filing":
            assert list(subject) == ["__typename", "id", "number", "level"]
            assert subject["level"] == filings[subject["id"]]["level"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({**KEYS, "grading_id": "Filing"}, "says of no key when it is a Grading"),
        ({**KEYS, "system_id": "System"}, "has members that TriedSubject has not"),
    ],
)
def test_members_and_keys_have_to_agree(monkeypatch: pytest.MonkeyPatch, keys: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        schema_with(monkeypatch, keys)
