"""Every edge of the schema from one entity to others, as documents that follow them; what a generated test walks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType, get_named_type

from api.reads.sources import registry
from api.schema.build import schema


@dataclass(frozen=True)
class Edge:
    """A field of an entity's type that leads to other entities; ``target`` is None where they are of several types."""

    owner: str
    name: str
    target: str | None
    paged: bool

    def document(self, inner: str = "id", first: int = 10) -> str:
        """The field with what is selected of the entities it leads to."""
        if self.target is None:
            return f"{self.name}{{...on Node{{id}}}}"
        if self.paged:
            return f"{self.name}(first:{first}){{totalCount nodes{{{inner}}} edges{{node{{id}}}}}}"
        return f"{self.name}{{{inner}}}"


def _edge(owner: str, name: str, field: GraphQLField) -> Edge | None:
    named = get_named_type(field.type)
    if isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
        return Edge(owner, name, None, paged=False)
    if named.name in registry.by_type:
        return Edge(owner, name, named.name, paged=False)
    if isinstance(named, GraphQLObjectType) and "edges" in named.fields:
        return Edge(owner, name, get_named_type(named.fields["nodes"].type).name, paged=True)
    return None


def _edges() -> Iterator[Edge]:
    for owner in registry.by_type:
        type_ = schema().get_type(owner)
        assert isinstance(type_, GraphQLObjectType)
        for name, field in type_.fields.items():
            if (found := _edge(owner, name, field)) is not None:
                yield found


EDGES = tuple(_edges())


def of(owner: str) -> list[Edge]:
    """The edges that begin at a type."""
    return [edge for edge in EDGES if edge.owner == owner]


def onward(edge: Edge) -> str | None:
    """From where an edge leads, two hops more: back to the type that it began at where a way leads there.

    None where nothing leads further.
    """
    ways = [(second, third) for second in of(edge.target or "") for third in of(second.target or "")]
    if not ways:
        return None
    second, third = max(ways, key=lambda way: (way[1].target == edge.owner, way[0].target == edge.owner))
    return second.document(third.document(first=5), first=5)
