"""Values that Python made, shaped as they were selected: of computed fields, and of mutations' payloads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, GraphQLField, get_named_type, is_object_type

from api.reads.selections import Selections


def shaped(selections: Selections, type_: Any, nodes: list[FieldNode], value: Any) -> Any:
    """``value`` of GraphQL type ``type_``: leaves as they are, objects by what ``nodes`` select of them.

    An object is a mapping by GraphQL names, or an instance of its Strawberry type.
    """
    named = get_named_type(type_)
    if value is None or not is_object_type(named):
        return value
    if isinstance(value, list | tuple):
        return [shaped(selections, named, nodes, each) for each in value]
    made: dict[str, Any] = {}
    for key, selected in selections.of(named, nodes).items():
        name = selected[0].name.value
        if name == "__typename":
            made[key] = named.name
        else:
            field = named.fields[name]
            made[key] = shaped(selections, field.type, selected, _member(value, name, field))
    return made


def _member(value: Any, name: str, field: GraphQLField) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return getattr(value, field.extensions["strawberry-definition"].python_name)
