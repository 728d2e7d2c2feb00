"""Arguments with their provenance: a value written in the document, or a place in the request's variables.

A plan is made once for many values. So the compiler never looks at a variable: it binds it (``bind``), or, where the
statement's shape depends on it, asks a question that the plan is then kept under (``shape``, ``is_null``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    value_from_ast_untyped,
)

from api.reads.plans import Path, Trace, Variables, walk

Convert = Callable[[Any], Any]


def is_none(value: Any) -> bool:
    """The question whether a value is absent or null, which is the same to us."""
    return value is None


def itself(value: Any) -> Hashable:
    """The question for a value itself; one that cannot be a key answers as its text."""
    return value if isinstance(value, Hashable) else repr(value)


def length(value: Any) -> int | None:
    """The question for a list's length; a single value is a list of one (GraphQL's list coercion)."""
    if value is None:
        return None
    return len(value) if isinstance(value, list) else 1


def structure(value: Any) -> Hashable:
    """The question which fields of an object are given, at every depth, and how long its lists of objects are."""
    if isinstance(value, dict):
        return "object", tuple((name, structure(each)) for name, each in sorted(value.items()) if each is not None)
    if isinstance(value, list) and (not value or any(isinstance(each, dict) for each in value)):
        return "list", tuple(map(structure, value))
    return None if value is None else "value"


@dataclass(frozen=True, slots=True)
class Binder:
    """How a parameter's value is found in a request's variables."""

    path: Path
    convert: Convert

    def __call__(self, variables: Variables) -> Any:
        """The value, converted; None stays None."""
        value = walk(variables, self.path)
        return None if value is None else self.convert(value)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that stands in the document."""

    value: Any

    def is_null(self, _: Trace) -> bool:
        """Whether it is null."""
        return self.value is None

    def shape(self, _: Trace, classify: Callable[[Any], Any] = itself) -> Any:
        """Its class."""
        return classify(self.value)

    def get(self, name: str) -> Literal:
        """The field ``name`` of an object."""
        return Literal(self.value.get(name) if isinstance(self.value, dict) else None)

    def items(self, _: Trace) -> list[Literal]:
        """The elements of a list."""
        if self.value is None:
            return []
        return [Literal(item) for item in (self.value if isinstance(self.value, list) else [self.value])]

    def binder(self, convert: Convert) -> Any:
        """The converted value."""
        return None if self.value is None else convert(self.value)


@dataclass(frozen=True, slots=True)
class Variable:
    """A place in the variables."""

    path: Path

    def is_null(self, trace: Trace) -> bool:
        """Whether it is null in this request, remembered as a question."""
        return bool(trace.ask(self.path, is_none))

    def shape(self, trace: Trace, classify: Callable[[Any], Any] = itself) -> Any:
        """Its class in this request, remembered as a question."""
        return trace.ask(self.path, classify)

    def get(self, name: str) -> Variable:
        """The field ``name`` of an object."""
        return Variable((*self.path, name))

    def items(self, trace: Trace) -> list[Variable]:
        """The elements of a list, whose number is remembered as a question."""
        count = trace.ask(self.path, length)
        if not isinstance(walk(trace.variables, self.path), list):
            return [self] if count else []
        return [Variable((*self.path, index)) for index in range(count)]

    def binder(self, convert: Convert) -> Binder:
        """What finds the value later."""
        return Binder(self.path, convert)


@dataclass(frozen=True, slots=True)
class Given(Variable):
    """A place in the variables that is known not to be null."""

    def is_null(self, _: Trace) -> bool:
        """It was asked before."""
        return False


@dataclass(frozen=True, slots=True)
class Fields:
    """An object that stands in the document, whose fields may be variables."""

    fields: Mapping[str, Any]

    def is_null(self, _: Trace) -> bool:
        """An object is there."""
        return False

    def get(self, name: str) -> Any:
        """The field ``name``, null where it is not given."""
        return self.fields.get(name, Literal(None))

    def items(self, _: Trace) -> list[Any]:
        """A single object is a list of one."""
        return [self]


@dataclass(frozen=True, slots=True)
class Items:
    """A list that stands in the document, whose elements may be variables."""

    elements: tuple[Any, ...]

    def is_null(self, _: Trace) -> bool:
        """A list is there."""
        return False

    def items(self, _: Trace) -> list[Any]:
        """Its elements."""
        return list(self.elements)

    def binder(self, convert: Convert) -> Any:
        """The converted list; elements that are variables are found later."""
        parts = [element.binder(_same) for element in self.elements]
        if not any(callable(part) for part in parts):
            return convert(parts)
        return lambda variables: convert([part(variables) if callable(part) else part for part in parts])


def _same(value: Any) -> Any:
    return value


def given(node: ValueNode | None) -> Any:
    """The argument written as ``node``."""
    if node is None or isinstance(node, NullValueNode):
        return Literal(None)
    if isinstance(node, VariableNode):
        return Variable((node.name.value,))
    if isinstance(node, ObjectValueNode):
        return Fields({field.name.value: given(field.value) for field in node.fields})
    if isinstance(node, ListValueNode):
        return Items(tuple(given(value) for value in node.values))
    return Literal(value_from_ast_untyped(node))


def expanded(argument: Any, trace: Trace) -> Any:
    """``argument`` with its variables taken apart: one question for each tells what in it is given."""
    if isinstance(argument, Variable):
        return _expanded(argument.path, trace.ask(argument.path, structure))
    if isinstance(argument, Fields):
        return Fields({name: expanded(each, trace) for name, each in argument.fields.items()})
    if isinstance(argument, Items):
        return Items(tuple(expanded(each, trace) for each in argument.elements))
    return argument


def _expanded(path: Path, shape: Any) -> Any:
    match shape:
        case None:
            return Literal(None)
        case ("object", parts):
            return Fields({name: _expanded((*path, name), part) for name, part in parts})
        case ("list", parts):
            return Items(tuple(_expanded((*path, index), part) for index, part in enumerate(parts)))
    return Given(path)


def arguments_of(node: FieldNode) -> Fields:
    """The arguments of a field, by name."""
    return Fields({argument.name.value: given(argument.value) for argument in node.arguments or ()})
