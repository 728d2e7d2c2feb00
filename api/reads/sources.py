"""Where a field's data is. A GraphQL type declares it field by field; the compiler reads nothing else.

Each of the functions in lower case gives a Strawberry field that carries its source; a field without one cannot be
read, and the schema is refused when it is built.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import strawberry
from graphql import GraphQLField
from sqlalchemy import ColumnElement, FromClause, String, Text, cast, literal
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from api.reads.listings import Listing
from domain.base import Base

if TYPE_CHECKING:
    from api.execution.platform import Platform
    from api.http.operations import Context

SOURCE = "dengbao.source"
On = Callable[[FromClause, FromClause], ColumnElement[bool]]
Build = Callable[[FromClause], ColumnElement[Any]]
JsonBuild = Callable[[ColumnElement[Any]], ColumnElement[Any]]
Type = TypeVar("Type", bound=type)


@dataclass(frozen=True, slots=True)
class Expression:
    """A SQL expression over the row; ``needs`` names the columns without which it reads null."""

    build: Build
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ToOne:
    """Another entity's row; None in the answer where there is none, or none that the caller can see.

    ``key`` is the row's foreign key that names it, where that is all that ``on`` asks for.
    """

    on: On
    needs: frozenset[str] = frozenset()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """One of the entities that a field may hold: where ``when`` holds of the row, the one that ``key`` points to."""

    type_name: str
    key: str
    when: Build
    needs: frozenset[str]


@dataclass(frozen=True, slots=True)
class ToOneOf:
    """A row of one of several entities, of the first member whose condition holds; the field is a union or interface.

    ``members`` is given the names of the field's possible types.
    """

    members: Callable[[Iterable[str]], list[Member]]


@dataclass(frozen=True, slots=True)
class ToMany:
    """A list that stays small by nature, ordered by columns of the target (``-`` before a name: descending).

    ``key`` is the target's foreign key where that is all that ``on`` asks for.
    """

    on: On
    order: tuple[str, ...] = ("id",)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A paged list; at the root (``on`` None) of all rows that the caller can see. ``key`` as in ``ToMany``."""

    listing: Listing
    on: On | None = None
    key: str | None = None


@dataclass(frozen=True)
class Figures:
    """Counts of a list's rows for each value of ``by``, whose names the field's type reads as columns, with ``count``.

    ``needs`` names the columns without which there are none; ``where`` leaves rows of which there is nothing to count;
    ``on`` and ``key`` as in ``Connection``.
    """

    listing: Listing
    by: Mapping[str, Build]
    needs: frozenset[str]
    where: Build | None = None
    on: On | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Embedded:
    """A JSON document within the row, whose parts are the fields of the field's type.

    One that is ``kept_as_shown`` is JSON text with each of its type's fields, in their order: taken whole, it is
    handed on as it is.
    """

    build: Build
    needs: frozenset[str] = frozenset()
    kept_as_shown: bool = False


@dataclass(frozen=True, slots=True)
class Json:
    """A part of an embedded document, under ``key``."""

    key: str


@dataclass(frozen=True, slots=True)
class JsonExpression:
    """An expression over an embedded document."""

    build: JsonBuild


@dataclass(frozen=True, slots=True)
class Virtual:
    """An object without a row of its own; ``text`` names the argument that filters the lists right below it."""

    text: str | None = None


@dataclass(frozen=True, slots=True)
class NodeById:
    """``node(id:)``, or ``nodes(ids:)``."""

    many: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """A subscription's root: a row that has changed, read again for whoever listens; ``listing`` has its filter.

    ``personal``: only rows of the person who listens are told of.
    """

    listing: Listing
    personal: bool = False


Compute = Callable[["Platform", "Context", Mapping[str, Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Computed:
    """A root field whose value Python computes, beside the SQL of the same operation.

    ``compute`` gets the platform, who asks (``context.caller``), and the arguments by their GraphQL names, coerced; it
    gives a scalar, or an instance of the field's Strawberry type. ``open``: also for those who are not signed in.
    """

    compute: Compute
    open: bool = False


@dataclass(frozen=True, slots=True)
class EntityType:
    """A GraphQL type that is an entity: its mapped class, and the prefix of its global ids."""

    model: type[Base]
    prefix: str

    @property
    def table(self) -> FromClause:
        """The entity's table."""
        table: FromClause = self.model.__table__
        return table


@dataclass(slots=True)
class Registry:
    """The GraphQL types that are entities, by name and by prefix."""

    by_type: dict[str, EntityType] = field(default_factory=dict)
    by_prefix: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, entity: EntityType) -> None:
        """Register; a prefix belongs to one type only."""
        if self.by_prefix.setdefault(entity.prefix, name) != name:
            raise RuntimeError(f"the prefix {entity.prefix} is taken")
        self.by_type[name] = entity


registry = Registry()


def source_of(definition: GraphQLField) -> Any:
    """The source that a field declares, None where it has none."""
    made = definition.extensions.get("strawberry-definition")
    return made.metadata.get(SOURCE) if made else None


def entity(model: type[Base], prefix: str) -> Callable[[Type], Type]:
    """Register a GraphQL type as the entity ``model``, whose ids look like ``<prefix>_<uuid>``."""

    def register(cls: Type) -> Type:
        registry.add(cls.__name__, EntityType(model, prefix))
        return cls

    return register


def read(source: Any, description: str, **options: Any) -> Any:
    """A field with the given source."""
    return strawberry.field(description=description, metadata={SOURCE: source}, **options)


def column(source: str, description: str, **options: Any) -> Any:
    """A column of the row."""
    return read(Expression(lambda t: t.c[source], frozenset({source})), description, **options)


def expression(build: Build, description: str, *needs: str) -> Any:
    """A SQL expression over the row."""
    return read(Expression(build, frozenset(needs)), description)


def global_id(prefix: str) -> Any:
    """The row's opaque id."""
    return read(
        Expression(lambda t: literal(f"{prefix}_", String()) + cast(t.c.id, String())), "全局标识 / opaque global id"
    )


def to_one(key: str, description: str) -> Any:
    """The row that the foreign key ``key`` points to."""
    return read(ToOne(lambda mine, other: other.c.id == mine.c[key], frozenset({key}), key), description)


def to_one_on(on: On, description: str) -> Any:
    """The row that ``on`` (parent, target) finds; there must be at most one."""
    return read(ToOne(on), description)


def to_one_of(keys: Mapping[str, str], description: str) -> Any:
    """The row that the first of the foreign keys that is not null points to; ``keys`` says of which GraphQL type."""
    found = [
        Member(name, key, lambda t, key=key: t.c[key].is_not(None), frozenset({key}))  # type: ignore[misc]  # bound now
        for key, name in keys.items()
    ]
    return read(ToOneOf(lambda _: found), description)


def to_any(kind: str, key: str, description: str) -> Any:
    """The row under ``key`` of the entity whose class ``kind`` names; null where it is none of the field's types."""

    def members(names: Iterable[str]) -> list[Member]:
        return [_of_kind(name, kind, key) for name in sorted(names)]

    return read(ToOneOf(members), description)


def _of_kind(name: str, kind: str, key: str) -> Member:
    entity_name = registry.by_type[name].model.__name__
    return Member(name, key, lambda t: t.c[kind] == literal(entity_name, Text()), frozenset({kind, key}))


def computed(compute: Compute, description: str, *arguments: StrawberryArgument, open_to_all: bool = False) -> Any:
    """A root field that Python computes."""
    made = read(Computed(compute, open_to_all), description)
    made.arguments = list(arguments)
    return made


def to_many(key: str, description: str, *order: str) -> Any:
    """The rows whose foreign key ``key`` points here; a client may ask for the ``first`` few."""
    made = read(ToMany(lambda mine, other: other.c[key] == mine.c.id, order or ("id",), key), description)
    made.arguments = [argument("first", int | None, "只取前几条(至多 100) / only so many, 100 at most")]
    return made


def connection(listing: Listing, description: str, *, key: str | None = None, on: On | None = None) -> Any:
    """A paged list: of the rows whose ``key`` points here, of those that ``on`` finds, or of all."""
    made = read(Connection(listing, on if key is None else _on_key(key), key), description)
    made.arguments = listing_arguments(listing)
    return made


def event(listing: Listing, description: str, *, filtered: bool = True, personal: bool = False) -> Any:
    """Rows of a list as they change, those alone that its filter matches."""
    made = read(Event(listing, personal), description)
    made.arguments = [each for each in listing_arguments(listing) if filtered and each.python_name == "filter"]
    return made


def _on_key(key: str) -> On:
    return lambda mine, other: other.c[key] == mine.c.id


def figures(
    listing: Listing,
    by: Iterable[str] | Mapping[str, Build],
    description: str,
    *,
    needs: Iterable[str] = (),
    where: Build | None = None,
    key: str | None = None,
) -> Any:
    """Counts of a list's rows by columns, or by expressions that need columns; a client may filter the list first."""
    built = dict(by) if isinstance(by, Mapping) else {name: _column(name) for name in by}
    wanted = frozenset(needs) or frozenset(built)
    made = read(Figures(listing, built, wanted, where, None if key is None else _on_key(key), key), description)
    made.arguments = [
        argument("filter", listing.filter_input | None, "筛选条件,同列表的 / conditions, as the list takes them")
    ]
    return made


def _column(name: str) -> Build:
    return lambda t: t.c[name]


def searching(description: str) -> Any:
    """An object of lists (``found``) whose rows contain the argument ``text``."""
    made = read(Virtual("text"), description)
    made.arguments = [argument("text", str, "检索文字,空格隔开的各词均须含有 / words, all of which must be contained")]
    return made


def found(listing: Listing, description: str) -> Any:
    """A paged list that is filtered by the text of the object it stands in."""
    made = connection(listing, description)
    made.arguments = [each for each in made.arguments if each.python_name != "filter"]
    return made


def embedded(build: Build, description: str, *needs: str) -> Any:
    """A JSON document within the row."""
    return read(Embedded(build, frozenset(needs)), description)


def kept_as_shown(name: str, description: str) -> Any:
    """A JSON document in the column ``name``, which keeps it just as its type shows it."""
    return read(Embedded(lambda t: t.c[name], frozenset({name}), kept_as_shown=True), description)


def json(description: str, key: str) -> Any:
    """A part of the embedded document."""
    return read(Json(key), description)


def argument(name: str, annotation: Any, description: str) -> StrawberryArgument:
    """An argument; optional where its type takes None."""
    return StrawberryArgument(name, name, StrawberryAnnotation(annotation), description=description)


def listing_arguments(listing: Listing) -> list[StrawberryArgument]:
    """What every paged list takes."""
    orders: Any = types.GenericAlias(list, (listing.order_input,))
    return [
        argument(
            "first", int | None, "从前取几条(至多 100;默认 20) / how many from the start, 100 at most, 20 by default"
        ),
        argument("after", str | None, "在此游标之后 / after this cursor"),
        argument("last", int | None, "从后取几条(至多 100) / how many from the end, 100 at most"),
        argument("before", str | None, "在此游标之前 / before this cursor"),
        argument("filter", listing.filter_input | None, "筛选条件,须同时满足 / conditions, all of which must hold"),
        argument("orderBy", orders | None, "排序,先列者优先 / ordering, the first named goes first"),
    ]
