"""What a mutation is made of: its use case, its one input, and a payload whose entity is read again.

Adapters only: an input's fields are handed to the use case under their names, ids decoded to keys. A field that holds
ids says whose with ``ref``; keys of what does not exist are ``NOWHERE``.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLInputField, GraphQLInputObjectType, get_named_type, is_input_object_type
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from api.reads.listings import uuid_of
from api.schema.common import UserError
from domain.work import Preparation

RUN = "dengbao.run"
PREFIX = "dengbao.prefix"
NOWHERE = UUID(int=0)  # the key of what does not exist


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mutation gives back: keys of entities to read again, and plain values, by payload field.

    ``once`` are values that are shown to the first request only and kept nowhere: secrets.
    """

    entities: dict[str, UUID]
    values: dict[str, Any]
    once: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """How a mutation is carried out; ``use_case`` None: it is one of the session's (sign-in and its like).

    ``changes_access``: this worker forgets at once what it remembers of the city's people and policy, as all others do
    when they hear of it. ``before`` does what takes long (reading a large file) before the transaction begins: it takes
    a ``Preparation`` and the input's values, and gives further arguments of the use case.
    """

    use_case: Callable[..., Awaitable[Any]] | None
    answer: Callable[[Any], Answer]
    changes_access: bool = False
    before: Callable[[Preparation, Mapping[str, Any]], Awaitable[Mapping[str, Any]]] | None = None


_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def snake(name: str) -> str:
    """An input field's name as a use case's parameter."""
    return _CAPITAL.sub("_", name).lower()


def entity(name: str) -> Callable[[Any], Answer]:
    """The answer of a use case that gives back the entity of the payload's field ``name``."""
    return lambda made: Answer({name: made.id}, {})


def mutation(run: Run, input_: Any, description: str) -> Any:
    """A mutation with its one argument ``input``."""
    made = strawberry.field(description=description, metadata={RUN: run})
    made.arguments = [StrawberryArgument("input", "input", StrawberryAnnotation(input_), description="输入 / input")]
    return made


# --- inputs ---


def says(zh: str, en: str) -> Any:
    """A field that has to be given."""
    return strawberry.field(description=f"{zh} / {en}")


def may(zh: str, en: str) -> Any:
    """A field that may be given."""
    return strawberry.field(default=None, description=f"{zh} / {en}")


def ref(prefix: str, zh: str, en: str) -> Any:
    """An id, or a list of ids, of the entity whose ids begin with ``prefix``; it has to be given."""
    return strawberry.field(description=f"{zh} / {en}", metadata={PREFIX: prefix})


def may_ref(prefix: str, zh: str, en: str) -> Any:
    """An id, or a list of ids, that may be given."""
    return strawberry.field(default=None, description=f"{zh} / {en}", metadata={PREFIX: prefix})


def key() -> Any:
    """The idempotency key that every input may carry."""
    return may("幂等键:同键同输入再次请求得到同一结果", "the same key and input again gives the first answer again")


def version() -> Any:
    """The version that a step may be bound to."""
    return may("读取时的版本;已被他人修改时拒绝", "the version that was read; refused when somebody was faster")


def decoded(type_: GraphQLInputObjectType, given: Mapping[str, Any]) -> dict[str, Any]:
    """An input's values by its fields' names, ids decoded at every depth; an id of another kind names nothing."""
    return {name: _decoded(type_.fields[name], value) for name, value in given.items()}


def _decoded(field: GraphQLInputField, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_decoded(field, each) for each in value]
    prefix = prefix_of(field)
    if prefix is not None:
        return uuid_of(prefix)(value) or NOWHERE
    named = get_named_type(field.type)
    return decoded(named, value) if is_input_object_type(named) else value


def prefix_of(field: GraphQLInputField) -> str | None:
    """Whose ids an input's field holds, None where it holds none."""
    prefix: str | None = field.extensions["strawberry-definition"].metadata.get(PREFIX)
    return prefix


# --- payloads ---

ERRORS = ("未能办理的原因;办成时为空", "why it was not done; empty when it was")


def payload(name: str, field: str, type_: Any, zh: str, en: str, **more: Any) -> Any:
    """A payload of one entity (and ``more`` plain fields), with the reasons why it may be absent."""
    annotations = {field: type_ | None, **{each: kind | None for each, kind in more.items()}}
    members = {each: says("结果;未办成时为空", "the result, null when it was not done") for each in annotations}
    annotations["user_errors"] = list[UserError]
    members["user_errors"] = says(*ERRORS)
    return strawberry.type(
        type(name, (), {"__annotations__": annotations, "__doc__": en, **members}), description=f"{zh} / {en}"
    )
