"""Strawberry as it is commonly written: SQLAlchemy's ORM, a DataLoader per relation, graphql-core completing values.

Honest work: loaders batch over the whole request, documents are parsed and validated once, one session per request in
a transaction bound to the tenant, the tenant and the city office's row conditions in every statement. It understands
the views' own operations, and gives the same answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import make_dataclass
from typing import Any, Optional
from uuid import UUID

import orjson
import strawberry
import uvicorn
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type, is_object_type
from sqlalchemy import ARRAY, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from api.schema.build import schema as platform_schema
from domain.documents.entities import Document as DocumentRow
from domain.filings.entities import Filing as FilingRow
from domain.filings.entities import FilingSubmission, FilingTransition
from domain.grading.entities import Grading as GradingRow
from domain.organisations.entities import Organisation as OrganisationRow
from domain.organisations.entities import OrganisationKind
from domain.people.entities import User as UserRow
from domain.replies.entities import ReplyLetter as ReplyRow
from domain.systems.entities import System as SystemRow
from domain.tenants.entities import District as DistrictRow
from storage.database import Database
from storage.settings import Settings

VISIBLE = {FilingRow: FilingRow.state != "DRAFT", GradingRow: GradingRow.state != "DRAFT"}


# --- loaders, made for each request ---


class Loaders:
    """One request's session and its batches."""

    def __init__(self, session: AsyncSession, tenant: UUID) -> None:
        self._session = session
        self._tenant = tenant
        self._lock = asyncio.Lock()  # a session runs one statement at a time
        rows = (OrganisationRow, SystemRow, GradingRow, FilingRow, DistrictRow, UserRow)
        self.one = {row: DataLoader(self._by_key(row)) for row in rows}
        self.many = {
            row: DataLoader(self._by_filing(row, descending=row is ReplyRow))
            for row in (DocumentRow, ReplyRow, FilingSubmission, FilingTransition)
        }
        self.systems_of_unit: DataLoader[UUID, int] = DataLoader(self._counts(SystemRow))
        self.filings_of_unit: DataLoader[UUID, int] = DataLoader(self._counts(FilingRow))
        self.latest_of_unit: DataLoader[UUID, list[FilingRow]] = DataLoader(self._latest)

    def of(self, row: Any) -> list[Any]:
        """The conditions that every statement on ``row`` has."""
        return [row.tenant_id == self._tenant, *([VISIBLE[row]] if row in VISIBLE else [])]

    async def all(self, query: Any) -> Sequence[Any]:
        """The entities of a query."""
        async with self._lock:
            return (await self._session.scalars(query)).all()

    async def rows(self, query: Any) -> Sequence[Any]:
        """The rows of a query."""
        async with self._lock:
            return (await self._session.execute(query)).all()

    def _by_key(self, row: Any) -> Any:
        async def load(keys: list[UUID]) -> list[Any]:
            found = await self.all(select(row).where(*self.of(row), row.id.in_(keys)))
            known = {each.id: each for each in found}
            return [known.get(key) for key in keys]

        return load

    def _by_filing(self, row: Any, *, descending: bool) -> Any:
        async def load(keys: list[UUID]) -> list[list[Any]]:
            order = row.id.desc() if descending else row.id
            grouped = defaultdict(list)
            for each in await self.all(select(row).where(*self.of(row), row.filing_id.in_(keys)).order_by(order)):
                grouped[each.filing_id].append(each)
            return [grouped[key] for key in keys]

        return load

    def _counts(self, row: Any) -> Any:
        async def load(keys: list[UUID]) -> list[int]:
            query = select(row.unit_id, func.count()).where(*self.of(row), row.unit_id.in_(keys))
            known = dict(await self.rows(query.group_by(row.unit_id)))
            return [known.get(key, 0) for key in keys]

        return load

    async def _latest(self, keys: list[UUID]) -> list[list[FilingRow]]:
        newest = (FilingRow.created_at.desc(), FilingRow.id.desc())
        place = func.row_number().over(partition_by=FilingRow.unit_id, order_by=newest).label("place")
        ranked = select(FilingRow.id, place).where(*self.of(FilingRow), FilingRow.unit_id.in_(keys)).subquery()
        query = (
            select(FilingRow).join(ranked, ranked.c.id == FilingRow.id).where(*self.of(FilingRow), ranked.c.place <= 3)
        )
        grouped = defaultdict(list)
        for each in await self.all(query.order_by(*newest)):
            grouped[each.unit_id].append(each)
        return [grouped[key] for key in keys]


def one(row: Any, key: str, type_: Any) -> Any:
    """A relation to one entity, by the column ``key``."""

    async def load(root: Any, info: strawberry.Info) -> Any:
        value = getattr(root, key)
        return None if value is None else await info.context.one[row].load(value)

    load.__annotations__["return"] = Optional[type_]  # noqa: UP045 - may be a name
    return strawberry.field(resolver=load)


def many(row: Any, type_: Any) -> Any:
    """What belongs to a filing."""

    async def load(root: Any, info: strawberry.Info, first: int | None = None) -> Any:
        return (await info.context.many[row].load(root.id))[:first]

    load.__annotations__["return"] = list[type_]
    return strawberry.field(resolver=load)


def key(prefix: str) -> Any:
    """The global id."""

    def make(root: Any) -> strawberry.ID:
        return strawberry.ID(f"{prefix}_{root.id}")

    return strawberry.field(resolver=make)


# --- parts of JSON documents, from the platform's own types ---


def parts(type_: GraphQLObjectType, made: dict[str, Any]) -> Any:
    """A type whose values are dictionaries."""
    if type_.name not in made:
        fields = []
        for name, definition in type_.fields.items():
            named = get_named_type(definition.type)
            inner: Any = parts(named, made) if is_object_type(named) else JSON
            listed = is_list_type(get_nullable_type(definition.type)) and is_object_type(named)
            fields.append((name, (list[inner] if listed else inner) | None))
        made[type_.name] = strawberry.type(make_dataclass(type_.name, fields))
    return made[type_.name]


def part(name: str) -> Any:
    """A type by its name in the platform's schema."""
    found = platform_schema().get_type(name)
    assert isinstance(found, GraphQLObjectType)
    return parts(found, PARTS)


PARTS: dict[str, Any] = {}
Form, Determination, Item, Submitted = map(part, ("FilingForm", "Determination", "MissingItem", "SubmittedDocument"))


# --- types; a value is the entity itself ---


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class District:
    name: str
    division_code: str


@strawberry.type
class User:
    display_name: str


@strawberry.type
class Grading:
    id: strawberry.ID = key("grd")
    state: str
    level: int
    security_mark: str
    confirmed_at: dt.datetime | None
    confirmed_by: User | None = one(UserRow, "confirmed_by_id", User)

    @strawberry.field
    def business_information(self) -> Determination:
        return {**self.business_information, "level": self.business_information_level}  # type: ignore[attr-defined]

    @strawberry.field
    def system_service(self) -> Determination:
        return {**self.system_service, "level": self.system_service_level}  # type: ignore[attr-defined]


@strawberry.type
class Document:
    id: strawberry.ID = key("doc")
    kind: str
    filename: str
    media_type: str
    size: int
    sha256: str
    state: str
    scan: str
    created_at: dt.datetime
    uploaded_by: User | None = one(UserRow, "uploaded_by_id", User)


@strawberry.type
class Reply:
    id: strawberry.ID = key("rep")
    kind: str
    number: str | None
    state: str
    body: str
    missing_items: list[str]
    issued_at: dt.datetime | None
    drafted_by: User | None = one(UserRow, "drafted_by_id", User)
    issued_by: User | None = one(UserRow, "issued_by_id", User)


@strawberry.type
class Submission:
    id: strawberry.ID = key("sbm")
    level: int
    documents: list[Submitted]
    by: User | None = one(UserRow, "by_id", User)

    @strawberry.field
    def at(self) -> dt.datetime:
        return self.created_at  # type: ignore[attr-defined,no-any-return]


@strawberry.type
class Transition:
    action: str
    by: User | None = one(UserRow, "by_id", User)

    @strawberry.field(name="from")
    def from_(self) -> str | None:
        return self.from_state  # type: ignore[attr-defined,no-any-return]

    @strawberry.field
    def to(self) -> str:
        return self.to_state  # type: ignore[attr-defined,no-any-return]

    @strawberry.field
    def at(self) -> dt.datetime:
        return self.created_at  # type: ignore[attr-defined,no-any-return]


@strawberry.type
class Count:
    total_count: int


@strawberry.type
class Filing(Node):
    id: strawberry.ID = key("fil")
    number: str | None
    state: str
    level: int
    authority: str
    channel: str
    created_at: dt.datetime
    submitted_at: dt.datetime | None
    received_at: dt.datetime | None
    review_due_on: dt.date | None
    replied_at: dt.datetime | None
    version: int
    form: Form
    district: District | None = one(DistrictRow, "district_id", District)
    unit: Optional[Organisation] = one(OrganisationRow, "unit_id", "Organisation")  # noqa: UP045
    system: Optional[System] = one(SystemRow, "system_id", "System")  # noqa: UP045
    grading: Grading | None = one(GradingRow, "grading_id", Grading)
    documents: list[Document] = many(DocumentRow, Document)
    replies: list[Reply] = many(ReplyRow, Reply)
    submissions: list[Submission] = many(FilingSubmission, Submission)
    history: list[Transition] = many(FilingTransition, Transition)

    @classmethod
    def is_type_of(cls, value: Any, _: Any) -> bool:
        return isinstance(value, FilingRow)

    @strawberry.field
    def missing_items(self) -> list[Item]:
        return [{**item, "message": item["zh"]} for item in self.missing_items]  # type: ignore[attr-defined]


@strawberry.type
class UnitsFilings:
    unit: strawberry.Private[UUID]

    @strawberry.field
    async def total_count(self, info: strawberry.Info) -> int:
        found: int = await info.context.filings_of_unit.load(self.unit)
        return found

    @strawberry.field
    async def nodes(self, info: strawberry.Info) -> list[Filing]:
        found: list[Filing] = await info.context.latest_of_unit.load(self.unit)
        return found


@strawberry.type
class Organisation:
    id: strawberry.ID = key("org")
    name: str
    credit_code: str | None
    authority_level: str | None
    address: str | None
    contact_name: str | None
    contact_phone: str | None
    district: District | None = one(DistrictRow, "district_id", District)

    @strawberry.field
    async def systems(self, info: strawberry.Info) -> Count:
        return Count(total_count=await info.context.systems_of_unit.load(self.__dict__["id"]))

    @strawberry.field
    def filings(self, first: int) -> UnitsFilings:
        return UnitsFilings(unit=self.__dict__["id"])


@strawberry.type
class System:
    id: strawberry.ID = key("sys")
    name: str
    code: str
    important: bool
    security_mark: str | None
    level: int | None
    unit: Organisation | None = one(OrganisationRow, "unit_id", Organisation)
    current_filing: Filing | None = one(FilingRow, "current_filing_id", Filing)


@strawberry.type
class Filings:
    nodes: list[Filing]


@strawberry.type
class Organisations:
    nodes: list[Organisation]


@strawberry.type
class Systems:
    nodes: list[System]


@strawberry.input
class OrganisationFilter:
    kind: OrganisationKind


@strawberry.input
class SystemFilter:
    text: str


@strawberry.type
class Query:
    @strawberry.field
    async def filings(self, info: strawberry.Info, first: int) -> Filings:
        query = select(FilingRow).where(*info.context.of(FilingRow))
        query = query.order_by(FilingRow.created_at.desc(), FilingRow.id.desc()).limit(first)
        return Filings(nodes=await info.context.all(query))  # type: ignore[arg-type]

    @strawberry.field
    async def node(self, info: strawberry.Info, id: strawberry.ID) -> Node | None:
        found: Node | None = await info.context.one[FilingRow].load(UUID(id.removeprefix("fil_")))
        return found

    @strawberry.field
    async def organisations(self, info: strawberry.Info, first: int, filter: OrganisationFilter) -> Organisations:
        query = select(OrganisationRow).where(*info.context.of(OrganisationRow), OrganisationRow.kind == filter.kind)
        query = query.order_by(OrganisationRow.name, OrganisationRow.id).limit(first)
        return Organisations(nodes=await info.context.all(query))

    @strawberry.field
    async def systems(self, info: strawberry.Info, first: int, filter: SystemFilter) -> Systems:
        ((ids,),) = await info.context.rows(select(func.search_ids("systems", filter.text, type_=ARRAY(Uuid()))))
        pattern = f"%{filter.text}%"
        found = (
            SystemRow.id.in_(ids) if ids is not None else SystemRow.name.ilike(pattern) | SystemRow.code.ilike(pattern)
        )
        query = select(SystemRow).where(*info.context.of(SystemRow), found)
        return Systems(nodes=await info.context.all(query.order_by(SystemRow.name, SystemRow.id).limit(first)))


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name)


def create(settings: Settings) -> Starlette:
    """The application; the tenant is the default one."""
    schema = strawberry.Schema(
        Query,
        types=[Filing],
        config=StrawberryConfig(default_resolver=_get),
        extensions=[ParserCache(), ValidationCache()],
    )
    database: Database
    tenant: UUID

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal database, tenant
        database = await Database.open(settings)
        found = await database.directory.resolve_tenant(None)
        assert found is not None
        tenant = found
        yield
        await database.close()

    async def answer(request: Request) -> Response:
        given = await request.json()
        async with database.transaction(tenant) as session:
            result = await schema.execute(
                given["query"], given.get("variables"), context_value=Loaders(session, tenant)
            )
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [each.formatted for each in result.errors]
        return Response(orjson.dumps(body), media_type="application/json")

    return Starlette(routes=[Route("/graphql", answer, methods=["POST"])], lifespan=lifespan)


def serve(settings: Settings, port: int) -> None:
    """Serve until terminated."""
    uvicorn.run(create(settings), port=port, log_config=None, access_log=False, loop="uvloop")
