"""The whole schema, checked when it is built: fields have sources, mutations rows in the permission table."""

from __future__ import annotations

import inspect
from functools import cache

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.schema.config import StrawberryConfig

from api.reads.sources import SOURCE, registry
from api.schema import audit, city, filings, systems
from api.schema.common import SCALARS
from api.schema.mutations import Mutation
from api.schema.mutations.adapter import RUN, Run, prefix_of, snake
from api.schema.query import Query
from authz.permissions import PERMISSIONS, UNGOVERNED

# Types whose fields are filled in by hand rather than read: connections, pages, and what mutations give back.
PLAIN_SUFFIXES = ("Connection", "Edge", "Payload", "PageInfo", "UserError", "Upload", "HttpHeader", "Download")


class SchemaError(Exception):
    """The schema and its tables do not agree; the platform refuses to start."""


@cache
def schema() -> GraphQLSchema:
    """The schema that is served. Raises: SchemaError."""
    made = strawberry.Schema(
        Query,
        Mutation,
        types=[
            city.Tenant,
            city.District,
            city.Organisation,
            city.User,
            city.Membership,
            systems.System,
            systems.Grading,
            filings.Filing,
            filings.Document,
            filings.ReplyLetter,
            filings.Transition,
            filings.Submission,
            filings.MonthlyReturn,
            audit.AuditEvent,
        ],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
    )
    built: GraphQLSchema = made._schema
    check(built)
    return built


def sdl() -> str:
    """The schema in the schema definition language, in alphabetical order."""
    return print_schema(lexicographic_sort_schema(schema())) + "\n"


def check(built: GraphQLSchema) -> None:
    """Refuse a schema with a field that nothing can read. Raises: SchemaError."""
    for name, type_ in built.type_map.items():
        if not isinstance(type_, GraphQLObjectType) or name.startswith("__") or name.endswith(PLAIN_SUFFIXES):
            continue
        if type_ is built.mutation_type:
            continue
        for field_name, field in type_.fields.items():
            definition = field.extensions.get("strawberry-definition")
            if definition is None or SOURCE not in definition.metadata:
                raise SchemaError(f"{name}.{field_name} has no source")
    assert built.mutation_type is not None  # noqa: S101 - it was given above
    for name, field in built.mutation_type.fields.items():
        if RUN not in field.extensions["strawberry-definition"].metadata:
            raise SchemaError(f"the mutation {name} has no use case")
        _check_inputs(name, field)
        if name not in PERMISSIONS and name not in UNGOVERNED:
            raise SchemaError(f"the mutation {name} has no row in the permission table")
    for name in PERMISSIONS.keys() - built.mutation_type.fields.keys():
        raise SchemaError(f"the permission table names {name}, which is no mutation")
    for name in registry.by_type:
        if name not in built.type_map:
            raise SchemaError(f"{name} is an entity and not in the schema")


def _check_inputs(name: str, field: GraphQLField) -> None:
    """What a mutation's input offers, its use case has to take. Raises: SchemaError."""
    run: Run = field.extensions["strawberry-definition"].metadata[RUN]
    if run.use_case is None:
        return
    taken = inspect.signature(run.use_case).parameters
    type_ = get_named_type(field.args["input"].type)
    assert isinstance(type_, GraphQLInputObjectType)  # noqa: S101 - every mutation takes one
    for given in type_.fields.keys() - {"idempotencyKey"}:
        if snake(given) not in taken:
            raise SchemaError(f"the use case of {name} does not take {given}")
    _check_ids(type_)


def _check_ids(type_: GraphQLInputObjectType) -> None:
    """Ids say whose they are, at every depth. Raises: SchemaError."""
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if isinstance(named, GraphQLInputObjectType):
            _check_ids(named)
        elif named.name == "ID" and prefix_of(field) not in registry.by_prefix:
            raise SchemaError(f"{type_.name}.{name} does not say whose id it is")
