"""Documents that are plainly valid, told by one walk over the document.

graphql-core's validation asks some thirty rules about every node, which takes most of the time that a new operation
takes in all. Of most documents it finds nothing, and that can be said at once. Whatever this walk is not sure of it
leaves to graphql-core, which alone says what is wrong. A test holds that it finds nothing wrong in what passes here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLBoolean,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectFieldNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_input_object_type,
    is_input_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_union_type,
    type_from_ast,
)
from graphql.utilities import do_types_overlap, validate_input_literal
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage

CONDITIONS = frozenset({"skip", "include"})
_BOOLEAN = GraphQLNonNull(GraphQLBoolean)
Keys = dict[str, tuple[str, str] | None]


class _Doubt(Exception):  # noqa: N818 - nothing is wrong yet
    """Something that this walk does not judge."""


def is_plainly_valid(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Whether the document is valid beyond doubt: one operation and its fragments, introspection left to others."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if len(operations) != 1 or len(fragments) + 1 != len(document.definitions):
        return False
    try:
        _Walk(schema, fragments).operation(operations[0])
    except _Doubt:
        return False
    return True


def _sure(condition: object) -> None:
    if not condition:
        raise _Doubt


@dataclass(slots=True)
class _Walk:
    """A walk over one operation, into each fragment where it is spread."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, tuple[Any, ValueNode | None]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    spread: set[str] = field(default_factory=set)
    _within: list[str] = field(default_factory=list)

    def operation(self, node: OperationDefinitionNode) -> None:
        """Doubt unless all of the operation is valid, and uses all variables and fragments there are."""
        root = self.schema.get_root_type(node.operation)
        _sure(root and node.operation is not OperationType.SUBSCRIPTION and not node.directives)
        for variable in node.variable_definitions or ():
            type_ = type_from_ast(self.schema, variable.type)
            _sure(type_ and is_input_type(type_) and not variable.directives)
            _sure(variable.variable.name.value not in self.variables)
            if variable.default_value:
                self._value(variable.default_value, type_)
            self.variables[variable.variable.name.value] = type_, variable.default_value
        self._selections(root, node.selection_set, {})
        _sure(len(self.used) == len(self.variables) and len(self.spread) == len(self.fragments))

    def _selections(self, parent: Any, selections: SelectionSetNode, keys: Keys) -> None:
        """``keys``: what stands under each response key of the object so far."""
        for node in selections.selections:
            if node.directives:
                self._directives(node.directives)
            if isinstance(node, FieldNode):
                self._field(parent, node, keys)
            else:
                for type_, part in self._part(parent, node):
                    self._selections(type_, part, keys)

    def _field(self, parent: Any, node: FieldNode, keys: Keys) -> None:
        name = node.name.value
        if name == "__typename":
            _sure(not node.arguments and not node.selection_set)
            self._key(node, keys, (name, ""))
            return
        definition: GraphQLField | None = None if is_union_type(parent) else parent.fields.get(name)
        if definition is None:
            raise _Doubt
        if node.arguments or definition.args:
            self._arguments(definition.args, node.arguments or ())
        named = get_named_type(definition.type)
        if node.selection_set is None:
            _sure(is_leaf_type(named))
            self._key(node, keys, None if node.arguments else (name, str(definition.type)))
        else:
            _sure(is_composite_type(named))
            self._key(node, keys, None)
            self._selections(named, node.selection_set, {})

    @staticmethod
    def _key(node: FieldNode, keys: Keys, meaning: tuple[str, str] | None) -> None:
        """A key is given once, or to the same plain leaf again: there is nothing to be merged."""
        key = (node.alias or node.name).value
        _sure(key not in keys or (meaning is not None and keys[key] == meaning))
        keys[key] = meaning

    def _part(self, parent: Any, node: SelectionNode) -> Iterator[tuple[Any, SelectionSetNode]]:
        """The type and selections of a fragment, within which it is not spread again."""
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            yield parent if condition is None else self._condition(parent, condition.name.value), node.selection_set
            return
        assert isinstance(node, FragmentSpreadNode)  # noqa: S101 - there is nothing else
        name = node.name.value
        fragment = self.fragments.get(name)
        if fragment is None or name in self._within or fragment.directives or fragment.variable_definitions:
            raise _Doubt
        self.spread.add(name)
        self._within.append(name)
        yield self._condition(parent, fragment.type_condition.name.value), fragment.selection_set
        self._within.pop()

    def _condition(self, parent: Any, name: str) -> Any:
        type_ = self.schema.get_type(name)
        _sure(is_object_type(type_) or is_abstract_type(type_))
        _sure(type_ is parent or do_types_overlap(self.schema, type_, parent))  # type: ignore[arg-type]  # see above
        return type_

    # --- values ---

    def _directives(self, nodes: Iterable[DirectiveNode]) -> None:
        given: set[str] = set()
        for node in nodes:
            arguments = node.arguments or ()
            _sure(node.name.value in CONDITIONS and node.name.value not in given and len(arguments) == 1)
            _sure(arguments[0].name.value == "if")
            given.add(node.name.value)
            self._value(arguments[0].value, _BOOLEAN)

    def _arguments(self, offered: Any, nodes: Iterable[ArgumentNode | ObjectFieldNode]) -> None:
        """The arguments of a field, or the fields of an input object."""
        given: set[str] = set()
        for node in nodes:
            name = node.name.value
            _sure(name in offered and name not in given)
            given.add(name)
            self._value(node.value, offered[name].type)
        for name, each in offered.items():
            _sure(name in given or not is_required_argument(each))

    def _value(self, node: ValueNode, type_: Any) -> None:
        if isinstance(node, VariableNode):
            self.used.add(node.name.value)
            _sure(node.name.value in self.variables)
            own, own_default = self.variables[node.name.value]
            _sure(allowed_variable_usage(self.schema, own, own_default, type_, Undefined))
            return
        if is_non_null_type(type_):
            _sure(not isinstance(node, NullValueNode))
            type_ = type_.of_type
        if isinstance(node, NullValueNode):
            return
        if is_list_type(type_):
            for item in node.values if isinstance(node, ListValueNode) else (node,):
                self._value(item, type_.of_type)
        elif is_input_object_type(type_):
            if not isinstance(node, ObjectValueNode) or type_.is_one_of:
                raise _Doubt
            self._arguments(type_.fields, node.fields)
        else:
            _sure(not isinstance(node, ListValueNode | ObjectValueNode))
            validate_input_literal(node, type_, _doubted)


def _doubted(error: GraphQLError, _: object) -> None:
    raise _Doubt from error
