"""What is selected of an object: fields merged under their response keys, fragments and directives resolved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionNode,
    SelectionSetNode,
    is_abstract_type,
)

from api.http.errors import Code, request_error
from api.reads.arguments import given
from api.reads.plans import Trace

# PostgreSQL cuts longer names, and two of them could become one.
KEY_BYTES = 63
COLUMNS = 800

Selected = dict[str, list[FieldNode]]


@dataclass(slots=True)
class Selections:
    """Collects selections of one operation; conditions of directives are asked of ``trace``."""

    schema: GraphQLSchema
    document: DocumentNode
    trace: Trace
    fragments: dict[str, FragmentDefinitionNode] = field(init=False)

    def __post_init__(self) -> None:
        self.fragments = {
            node.name.value: node for node in self.document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def of(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Selected:
        """What ``nodes``, which share a response key, select of an object of ``type_``."""
        return self.collect(type_, [node.selection_set for node in nodes if node.selection_set])

    def collect(self, type_: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Selected:
        """The fields of ``type_`` in selection sets, by response key, in order of first mention.

        Raises: RequestError(OPERATION_TOO_COMPLEX) for a key that is too long, or too many of them.
        """
        selected: Selected = {}
        seen: set[str] = set()
        for selection_set in sets:
            self._into(selected, type_, selection_set.selections, seen)
        if len(selected) > COLUMNS:
            raise request_error(
                Code.OPERATION_TOO_COMPLEX,
                f"单个对象所选字段过多,最多 {COLUMNS} 个。",
                f"Too many fields of one object are selected; {COLUMNS} are allowed.",
            )
        return selected

    def _into(
        self, selected: Selected, type_: GraphQLObjectType, nodes: Iterable[SelectionNode], seen: set[str]
    ) -> None:
        for node in nodes:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                selected.setdefault(_key(node), []).append(node)
                continue
            part: Any = node
            if isinstance(node, FragmentSpreadNode):
                if node.name.value in seen:
                    continue
                seen.add(node.name.value)
                part = self.fragments[node.name.value]
            if part.type_condition is None or self._applies(part.type_condition.name.value, type_):
                self._into(selected, type_, part.selection_set.selections, seen)

    def _applies(self, name: str, type_: GraphQLObjectType) -> bool:
        if name == type_.name:
            return True
        condition = self.schema.get_type(name)
        return bool(condition and is_abstract_type(condition) and self.schema.is_sub_type(condition, type_))

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            wanted = {"include": True, "skip": False}.get(directive.name.value)
            if wanted is None or not directive.arguments:
                continue
            if given(directive.arguments[0].value).shape(self.trace) is not wanted:
                return False
        return True


def key_of(node: FieldNode) -> str:
    """The name under which a field stands in the response."""
    return (node.alias or node.name).value


def _key(node: FieldNode) -> str:
    key = key_of(node)
    if len(key) > KEY_BYTES:
        raise request_error(
            Code.OPERATION_TOO_COMPLEX,
            f"别名过长,最多 {KEY_BYTES} 个字符。",
            f"An alias may have {KEY_BYTES} characters.",
        )
    return key
