"""A schema whose tables do not agree is refused when it is built; what it shows is described."""

from __future__ import annotations

import pytest
import strawberry
from graphql import GraphQLEnumType
from strawberry.schema.config import StrawberryConfig

from api.reads.sources import column
from api.schema.build import SchemaError, check, schema, sdl
from api.schema.common import SCALARS
from api.schema.mutations import Mutation
from api.schema.mutations.adapter import Run, mutation
from api.schema.mutations.filings import CreateFilingInput, FilingPayload
from api.schema.mutations.systems import SystemPayload
from api.schema.query import Query
from domain.filings.use_cases import create_filing
from domain.systems.use_cases import create_system


def built(query: type, changes: type) -> object:
    config = StrawberryConfig(scalar_map=SCALARS)
    return strawberry.Schema(query, changes, config=config)._schema


def extended(name: str, annotation: object, value: object, base: type = Mutation) -> type:
    return strawberry.type(type(base.__name__, (base,), {"__annotations__": {name: annotation}, name: value}))


def test_the_schema_that_is_served_agrees() -> None:
    check(schema())
    assert "type Filing implements Node" in sdl()


def test_a_field_without_a_source_is_refused() -> None:
    query = extended("stray", str, strawberry.field(description="x"), Query)
    with pytest.raises(SchemaError, match=r"Query\.stray has no source"):
        check(built(query, Mutation))  # type: ignore[arg-type]  # a GraphQLSchema


def test_a_mutation_without_a_row_in_the_permission_table_is_refused() -> None:
    stray = mutation(Run(create_filing, lambda _: None), CreateFilingInput, "x")  # type: ignore[arg-type,return-value]
    with pytest.raises(SchemaError, match="dropEverything has no row"):
        check(built(Query, extended("drop_everything", FilingPayload, stray)))  # type: ignore[arg-type]


def test_a_mutation_without_a_use_case_is_refused() -> None:
    with pytest.raises(SchemaError, match="createSystem has no use case"):
        check(built(Query, extended("create_system", str, column("x", "x"))))  # type: ignore[arg-type]


def test_an_input_that_its_use_case_does_not_take_is_refused() -> None:
    wrong = mutation(Run(create_system, lambda _: None), CreateFilingInput, "x")  # type: ignore[arg-type,return-value]
    with pytest.raises(SchemaError, match="createSystem does not take systemId"):
        check(built(Query, extended("create_system", SystemPayload, wrong)))  # type: ignore[arg-type]


def test_every_word_is_described() -> None:
    shown = [each for name, each in schema().type_map.items() if not name.startswith("__")]
    assert [each.name for each in shown if not each.description] == []
    words = [(each.name, word) for each in shown if isinstance(each, GraphQLEnumType) for word in each.values.items()]
    assert [(enum, name) for enum, (name, value) in words if not value.description] == []
