"""Whether an operation filters or orders by what a role cannot see, found on the document alone."""

from __future__ import annotations

from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    GraphQLSchema,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    parse,
    value_from_ast_untyped,
    visit,
)

from api.reads.listings import LISTINGS, Relation
from api.reads.sources import registry
from authz.scopes import HIDDEN
from domain.access import Role


def names_hidden(schema: GraphQLSchema, document: str, variables: dict[str, Any], role: Role) -> bool:
    """Parts that a directive leaves out are looked at as well."""
    info, tree = TypeInfo(schema), parse(document)
    visitor = _Arguments(info, {**_defaults(tree), **variables}, role)
    visit(tree, TypeInfoVisitor(info, visitor))
    return visitor.found


def _defaults(tree: DocumentNode) -> dict[str, Any]:
    return {
        each.variable.name.value: _value(each.default_value, {})
        for node in tree.definitions
        if isinstance(node, OperationDefinitionNode)
        for each in node.variable_definitions or ()
        if each.default_value is not None
    }


class _Arguments(Visitor):
    def __init__(self, info: TypeInfo, variables: dict[str, Any], role: Role) -> None:
        super().__init__()
        self.info, self.variables, self.role = info, variables, role
        self.found = False

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        name = get_named_type(self.info.get_input_type()).name  # type: ignore[union-attr,arg-type]
        value = _value(node.value, self.variables)
        if node.name.value == "filter" and value:
            self.found |= self._in_filter(name.removesuffix("Filter"), value)
        elif node.name.value == "orderBy" and value:
            listing = LISTINGS[name.removesuffix("Order")]
            terms = value if isinstance(value, list) else [value]
            self.found |= any(self._hides(listing.name, {listing.orders[term["field"]]}) for term in terms)

    def _in_filter(self, name: str, given: dict[str, Any]) -> bool:
        return any(self._by(name, key, value) for key, value in given.items() if value is not None)

    def _by(self, name: str, key: str, value: Any) -> bool:
        if key in {"and", "or", "not"}:
            return any(self._in_filter(name, each) for each in (value if isinstance(value, list) else [value]))
        offered = LISTINGS[name].filters[key]
        inner = isinstance(offered, Relation) and self._in_filter(offered.target, value)
        return inner or self._hides(name, offered.needs)

    def _hides(self, name: str, columns: Any) -> bool:
        table = str(registry.by_type[name].model.__tablename__)
        return bool(HIDDEN.get((self.role, table), frozenset()) & set(columns))


def _value(node: Any, variables: dict[str, Any]) -> Any:
    """A value as it was written, variables in their places."""
    match node:
        case VariableNode():
            return variables.get(node.name.value)
        case ListValueNode():
            return [_value(each, variables) for each in node.values]
        case ObjectValueNode():
            return {each.name.value: _value(each.value, variables) for each in node.fields}
        case EnumValueNode():
            return node.value
    return value_from_ast_untyped(node)
