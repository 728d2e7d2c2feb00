"""From a document's text to an operation ready to be executed: parsed, within the limits, valid; and remembered.

Each distinct text is parsed and validated once and kept, least recently used first out, within a bound in bytes.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    Lexer,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    Source,
    StringValueNode,
    Token,
    TokenKind,
    Visitor,
    print_ast,
    validate,
    visit,
)
from graphql.language.parser import Parser, nested_too_deeply_error

from api.http import limits
from api.http.errors import Code, from_graphql, request_error
from api.http.valid import is_plainly_valid

# Enough to mend a document by, too few to be a burden to send.
MAX_ERRORS = 5
CACHE_BYTES = 32 << 20
# Measured with tracemalloc over documents of 10 to 4,000 tokens: 60 to 75 bytes of tree for one of text, and 4 KB.
TREE_FACTOR, TREE_BASE = 80, 4096
NAME = re.compile(r"\w+", re.ASCII)
INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class PreparedOperation:
    """One operation of a valid document. The same text gives the same object while it is remembered."""

    document_text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    kind: OperationType
    # The introspection fields anywhere in the document: ``__schema``, ``__type``.
    introspects: frozenset[str]
    # The names of its root fields, those included that a directive may leave out.
    roots: frozenset[str]

    @property
    def name(self) -> str | None:
        """The operation's name in the document."""
        return self.operation.name.value if self.operation.name else None


class Documents:
    """Parses, limits and validates documents against one schema."""

    def __init__(self, schema: GraphQLSchema, cache_bytes: int = CACHE_BYTES) -> None:
        self._schema = schema
        self._room = cache_bytes
        self._used = 0
        self._kept: OrderedDict[str, Mapping[str | None, PreparedOperation]] = OrderedDict()

    def prepare(self, text: str, operation_name: str | None = None) -> PreparedOperation:
        """The operation ``operation_name`` of ``text``; None means its only one.

        Raises: RequestError (GRAPHQL_PARSE_FAILED, GRAPHQL_VALIDATION_FAILED, OPERATION_TOO_COMPLEX,
        OPERATION_RESOLUTION_FAILURE).
        """
        operations = self._kept.get(text)
        if operations is None:
            operations = self._load(text)
            self._keep(text, operations)
        else:
            self._kept.move_to_end(text)
        if operation_name is None and len(operations) == 1:
            return next(iter(operations.values()))
        try:
            return operations[operation_name]
        except KeyError:
            raise request_error(
                Code.OPERATION_RESOLUTION_FAILURE,
                "请用 operationName 指明文档中要执行的操作。",
                "Name one of the document's operations in operationName.",
            ) from None

    def __len__(self) -> int:
        """How many documents are remembered."""
        return len(self._kept)

    def _load(self, text: str) -> Mapping[str | None, PreparedOperation]:
        document = _parse(text)
        limits.check(document)
        known = is_plainly_valid(self._schema, document)
        if not known and self._errors(document):
            # Trees are kept without locations, which would triple them; a second look finds where it is wrong.
            raise from_graphql(Code.GRAPHQL_VALIDATION_FAILED, self._errors(_parse(text, located=True)))
        introspects = frozenset() if known else _introspection(document)
        found = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        operations = [
            PreparedOperation(text, document, node, node.operation, introspects, _roots(document, node))
            for node in found
        ]
        return {operation.name: operation for operation in operations}

    def _errors(self, document: DocumentNode) -> list[GraphQLError]:
        return validate(
            self._schema, document, max_errors=MAX_ERRORS, hide_suggestions=True, allow_empty_selection_sets=False
        )

    def _keep(self, text: str, operations: Mapping[str | None, PreparedOperation]) -> None:
        cost = _cost(text)
        if cost > self._room // 8:  # one document does not push out all others
            return
        self._kept[text] = operations
        self._used += cost
        while self._used > self._room:
            oldest, _ = self._kept.popitem(last=False)
            self._used -= _cost(oldest)


def blind(operation: PreparedOperation) -> PreparedOperation:
    """``operation`` for those who may not know the schema: whatever ``__type`` asks for, there is no such type."""
    document = visit(operation.document, _NamelessTypes())
    index = operation.document.definitions.index(operation.operation)
    node = document.definitions[index]
    return PreparedOperation(
        print_ast(document), document, node, operation.kind, operation.introspects, operation.roots
    )


class _NamelessTypes(Visitor):
    """Asks each ``__type`` for the empty name, which no type can have."""

    def enter_field(self, node: FieldNode, *_: object) -> FieldNode | None:
        if node.name.value != "__type":
            return None
        nothing = ArgumentNode(name=NameNode(value="name"), value=StringValueNode(value=""))
        return FieldNode(
            alias=node.alias,
            name=node.name,
            arguments=(nothing,),
            directives=node.directives,
            selection_set=node.selection_set,
        )


class _Introspection(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        if node.name.value in INTROSPECTION:
            self.found.add(node.name.value)


def _introspection(document: DocumentNode) -> frozenset[str]:
    visitor = _Introspection()
    visit(document, visitor)
    return frozenset(visitor.found)


def _roots(document: DocumentNode, operation: OperationDefinitionNode) -> frozenset[str]:
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    found: set[str] = set()
    waiting: list[SelectionNode] = list(operation.selection_set.selections)
    spread: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode):
            found.add(node.name.value)
        elif isinstance(node, InlineFragmentNode):
            waiting += node.selection_set.selections
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            waiting += fragments[node.name.value].selection_set.selections
    return frozenset(found)


class _Lexer(Lexer):
    """Reads names, of which documents are made, at once rather than character by character."""

    def read_name(self, start: int) -> Token:
        """The name that begins at ``start``."""
        name = NAME.match(self.source.body, start)
        assert name is not None  # noqa: S101 - it has a first letter
        return self.create_token(TokenKind.NAME, start, name.end(), name[0])


def _parse(text: str, *, located: bool = False) -> DocumentNode:
    parser = Parser(
        text,
        no_location=not located,
        lexer=_Lexer(Source(text)),
        max_lexical_tokens=limits.TOKENS,
        max_comments=limits.COMMENTS,
        allow_empty_selection_sets=False,
    )
    try:
        return parser.parse_document()
    except RecursionError:
        raise from_graphql(Code.GRAPHQL_PARSE_FAILED, [nested_too_deeply_error(parser)]) from None
    except GraphQLSyntaxError as error:
        if error.description.startswith("Document contains more than"):
            raise limits.too_many_tokens() from None
        raise from_graphql(Code.GRAPHQL_PARSE_FAILED, [error]) from None


def _cost(text: str) -> int:
    return TREE_BASE + TREE_FACTOR * len(text)
