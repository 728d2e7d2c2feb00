"""Root fields that Python computes, beside SQL and introspection in one operation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from api.execution.executor import PlatformExecutor
from api.execution.platform import Platform
from api.http.documents import Documents
from api.http.errors import Code, RequestError, request_error
from api.http.operations import Context
from api.reads.sources import argument, computed
from api.schema.build import check
from api.schema.common import SCALARS
from api.schema.mutations import Mutation
from api.schema.query import Query
from authz.tokens import Tokens
from storage.database import Database
from storage.files import ObjectStore
from storage.keys import AuditKey, token_key
from storage.settings import Settings
from tests.e2e.oracle import Everything
from tests.reads.support import caller_of
from tests.support import Api


@strawberry.type(description="x")
class Tomorrow:
    """The day after a day, and who asked."""

    next_day: dt.date = strawberry.field(description="x")
    asked_by: str = strawberry.field(description="x")


async def compute_tomorrow(_: Platform, context: Context, arguments: Mapping[str, Any]) -> Tomorrow:
    day: dt.date = arguments["from"] + dt.timedelta(days=1)
    return Tomorrow(next_day=day, asked_by=context.caller.role.value if context.caller else "nobody")


async def refuse(_: Platform, __: Context, ___: Mapping[str, Any]) -> str:
    raise request_error(Code.RATE_LIMITED, "慢", "slowly")


@strawberry.type
class Extended(Query):
    """The platform's query type, and some computed fields."""

    tomorrow: Tomorrow = computed(compute_tomorrow, "x", argument("from", dt.date, "x"), open_to_all=True)
    members_only: Tomorrow = computed(compute_tomorrow, "x", argument("from", dt.date, "x"))
    refused: str | None = computed(refuse, "x", open_to_all=True)
    broken: str = computed(refuse, "x", open_to_all=True)


@pytest.fixture(scope="module")
def extended() -> GraphQLSchema:
    made: GraphQLSchema = strawberry.Schema(Extended, Mutation, config=StrawberryConfig(scalar_map=SCALARS))._schema
    check(made)
    return made


class Asking:
    """Asks the executor directly, as the endpoint does."""

    def __init__(self, schema: GraphQLSchema, platform: Platform, context: Context) -> None:
        self.documents = Documents(schema)
        self.executor = PlatformExecutor(schema, platform)
        self.context = context

    async def __call__(self, document: str, **variables: Any) -> Any:
        return orjson.loads(await self.executor.execute(self.documents.prepare(document), variables, self.context))


@pytest.fixture
async def asking(extended: GraphQLSchema, settings: Settings, database: Database, store: ObjectStore, api: Api) -> Any:
    everything = await Everything.of(database, "beijing")
    platform = Platform.start(database, store, Tokens(token_key(settings)), AuditKey(settings))

    def of(username: str | None) -> Asking:
        caller = caller_of(everything, username) if username else None
        return Asking(extended, platform, Context(caller, "en", ""))

    return of


async def test_computed_fields_stand_in_their_place_beside_sql_and_introspection(asking: Any) -> None:
    answer = await asking("city.officer")(
        """query($d:Date!,$no:Boolean!){
          a:districts{totalCount} b:tomorrow(from:$d){askedBy d:nextDay __typename} __typename
          c:__type(name:"Tomorrow"){name} e:membersOnly(from:"2026-12-31"){nextDay}
          f:membersOnly(from:$d)@include(if:$no){nextDay}
          z:viewer{user{login}}}""",
        d="2026-02-28",
        no=False,
    )
    assert list(answer["data"]) == ["a", "b", "__typename", "c", "e", "z"]
    assert answer["data"] == {
        "a": {"totalCount": 16},
        "b": {"askedBy": "CITY_OFFICE", "d": "2026-03-01", "__typename": "Tomorrow"},
        "__typename": "Extended",
        "c": {"name": "Tomorrow"},
        "e": {"nextDay": "2027-01-01"},
        "z": {"user": {"login": "city.officer"}},
    }


async def test_strangers_get_what_is_open_to_all_and_nothing_else(asking: Any) -> None:
    answer = await asking(None)('{tomorrow(from:"2026-02-28"){askedBy nextDay} viewer{user{id}}}')
    assert answer["data"] == {"tomorrow": {"askedBy": "nobody", "nextDay": "2026-03-01"}, "viewer": None}
    with pytest.raises(RequestError) as refusal:
        await asking(None)('{tomorrow(from:"2026-02-28"){askedBy} membersOnly(from:"2026-02-28"){askedBy}}')
    assert refusal.value.code is Code.UNAUTHENTICATED


async def test_a_failure_has_its_path_and_takes_no_more_with_it_than_graphql_says(asking: Any) -> None:
    answer = await asking("city.officer")("{a:refused districts{totalCount}}")
    assert answer["data"] == {"a": None, "districts": {"totalCount": 16}}
    assert answer["errors"] == [{"message": "slowly", "path": ["a"], "extensions": {"code": "RATE_LIMITED"}}]
    answer = await asking("city.officer")("{a:broken districts{totalCount}}")
    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["a"]
