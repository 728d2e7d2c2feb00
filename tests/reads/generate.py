"""Random valid operations over the whole schema, as hypothesis strategies.

`hypothesis-graphql` writes the documents: any field, any argument, unions and interfaces, filters within filters. It
writes values as literals, each field once, and no directives; so what else the language has is put in afterwards:
variables of every input type in the place of literals at any depth, with and without defaults, fields a second time
under another name with other arguments, ``@skip`` and ``@include``, named and inline fragments. Ids, texts and numbers
are drawn from those that mean something here. Left out are cursors, which the reference has not (paging has tests of
its own), and what Python computes.
"""

from __future__ import annotations

import random
from typing import Any

from graphql import (
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    NullValueNode,
    ObjectFieldNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    TypeInfo,
    TypeInfoVisitor,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    is_non_null_type,
    parse_type,
    print_ast,
    validate,
    value_from_ast_untyped,
    visit,
)
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis_graphql import queries

from api.reads.sources import Computed, source_of
from api.schema.build import schema as declared

LEFT_OUT = frozenset({"cursor", "startCursor", "endCursor"})
TEXTS = ("平台", "系统", "海淀 系统", "ＸＴ", "%", "区", "")
DATES = ("2026-01-01", "2026-11-01", "2026-11-20")
MOMENTS = ("2026-06-01T00:00:00+08:00", "2026-11-10T12:00:00Z")
Operation = tuple[str, dict[str, Any]]


def operations(schema: GraphQLSchema, ids: list[str]) -> st.SearchStrategy[Operation]:
    """Queries with their variables; ``ids`` are global ids to ask for."""
    scalars = {
        "ID": _texts(ids),
        "String": _texts(TEXTS),
        "Date": _texts(DATES),
        "DateTime": _texts(MOMENTS),
        "Int": st.integers(0, 5).map(lambda number: IntValueNode(value=str(number))),
    }
    roots = [name for name, each in declared().query_type.fields.items() if not isinstance(source_of(each), Computed)]  # type: ignore[union-attr]
    documents = queries(schema, fields=roots, custom_scalars=scalars, print_ast=lambda document: document)

    @st.composite
    def operation(draw: st.DrawFn) -> Operation:
        # One draw, from which all that is put in follows: hypothesis shrinks it with the document.
        made = elaborated(schema, draw(documents), random.Random(draw(st.integers(0, 2**16))))  # noqa: S311 - a test's
        assume(made is not None)
        assert made
        return made

    return operation()


def _texts(values: Any) -> st.SearchStrategy[ValueNode]:
    return st.sampled_from(list(values)).map(lambda value: StringValueNode(value=value))


def elaborated(schema: GraphQLSchema, document: DocumentNode, chance: random.Random) -> Operation | None:
    """The document with the rest of the language put in, and its variables; None where that makes no valid one."""
    plain = visit(document, _Pages(chance))
    info = TypeInfo(schema)
    variables = _Variables(info, chance)
    lifted = visit(plain, TypeInfoVisitor(info, variables))
    info = TypeInfo(schema)
    fragments = _Fragments(info, chance)
    spread = visit(lifted, TypeInfoVisitor(info, fragments))
    (query,) = spread.definitions
    whole = OperationDefinitionNode(
        operation=query.operation,
        name=None,
        variable_definitions=tuple(variables.definitions),
        directives=(),
        selection_set=query.selection_set,
    )
    made = DocumentNode(definitions=(whole, *fragments.made))
    return None if validate(schema, made, max_errors=1) else (print_ast(made), variables.values)


class _Pages(Visitor):
    """Pages of a few rows in one direction without cursors, and some fields a second time."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance = chance

    def leave_field(self, node: FieldNode, *_: object) -> Any:
        if node.name.value in LEFT_OUT:
            return FieldNode(name=NameNode(value="__typename"), alias=node.name, arguments=(), directives=())
        return _with(node, arguments=self._arguments(node))

    def _arguments(self, node: FieldNode) -> tuple[ArgumentNode, ...]:
        given = {each.name.value: each for each in node.arguments}
        order = given.get("orderBy")
        if order and isinstance(order.value, ListValueNode):  # as many as may be given
            given["orderBy"] = _argument("orderBy", ListValueNode(values=order.value.values[:4]))
        sizes = given.keys() & {"first", "last"}
        if not sizes:
            return tuple(given.values())
        kept = self.chance.choice(sorted(sizes))
        for name in ("first", "last", "after", "before"):
            if name != kept:
                given.pop(name, None)
        if isinstance(given[kept].value, NullValueNode) and self.chance.random() < 0.8:
            given[kept] = _argument(kept, IntValueNode(value=str(self.chance.randrange(6))))
        return tuple(each for each in given.values() if self.chance.random() < 0.9)

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> SelectionSetNode:
        again = [
            _with(each, alias=NameNode(value=f"again_{index}"), arguments=self._arguments(each))
            for index, each in enumerate(node.selections)
            if isinstance(each, FieldNode) and each.selection_set and self.chance.random() < 0.1
        ]
        name = [FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())]
        return SelectionSetNode(selections=(*node.selections, *again, *(name if self.chance.random() < 0.3 else ())))


class _Variables(Visitor):
    """Variables in the place of values, and in conditions."""

    def __init__(self, info: TypeInfo, chance: random.Random) -> None:
        super().__init__()
        self.info = info
        self.chance = chance
        self.definitions: list[VariableDefinitionNode] = []
        self.values: dict[str, Any] = {}

    def enter_argument(self, node: ArgumentNode, *_: object) -> Any:
        return self._lifted(node)

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> Any:
        return self._lifted(node)

    def _lifted(self, node: Any) -> Any:
        type_ = self.info.get_input_type()
        if self.chance.random() < 0.5 or isinstance(node.value, VariableNode):
            return None
        return _with(node, value=self._variable(str(type_), node.value, optional=not is_non_null_type(type_)))

    def _variable(self, type_: str, value: ValueNode, *, optional: bool) -> VariableNode:
        name = NameNode(value=f"v{len(self.definitions)}")
        variable = VariableNode(name=name)
        how = self.chance.choice(["given", "given", "default", "both", "absent"]) if optional else "given"
        default = value if how in {"default", "both"} else None
        self.definitions.append(
            VariableDefinitionNode(variable=variable, type=parse_type(type_), default_value=default, directives=())
        )
        if how in {"given", "both"}:
            self.values[name.value] = value_from_ast_untyped(value)
        return variable

    def leave_field(self, node: FieldNode, *_: object) -> Any:
        if self.chance.random() > 0.1:
            return None
        flag: ValueNode = BooleanValueNode(value=self.chance.random() < 0.5)
        if self.chance.random() < 0.7:
            flag = self._variable("Boolean!", flag, optional=False)
        kind = NameNode(value=self.chance.choice(["skip", "include"]))
        return _with(node, directives=(DirectiveNode(name=kind, arguments=(_argument("if", flag),)),))


class _Fragments(Visitor):
    """Selections in fragments."""

    def __init__(self, info: TypeInfo, chance: random.Random) -> None:
        super().__init__()
        self.info = info
        self.chance = chance
        self.made: list[FragmentDefinitionNode] = []

    def leave_selection_set(self, node: SelectionSetNode, *_: object) -> Any:
        parent = self.info.get_parent_type()
        if parent is None or self.chance.random() > 0.2:
            return None
        on = NamedTypeNode(name=NameNode(value=parent.name))
        part: Any
        if self.chance.random() < 0.5:
            part = InlineFragmentNode(type_condition=on, directives=(), selection_set=node)
        else:
            name = NameNode(value=f"F{len(self.made)}")
            self.made.append(FragmentDefinitionNode(name=name, type_condition=on, directives=(), selection_set=node))
            part = FragmentSpreadNode(name=name, directives=())
        return SelectionSetNode(selections=(part,))


def _argument(name: str, value: ValueNode) -> ArgumentNode:
    return ArgumentNode(name=NameNode(value=name), value=value)


def _with(node: Any, **changed: Any) -> Any:
    """A node with some parts changed."""
    return type(node)(**{**{key: getattr(node, key) for key in node.keys if key != "loc"}, **changed})
