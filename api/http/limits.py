"""How much one operation may ask, judged on the parsed document alone: before validation, before any SQL.

Fragments are measured once each and added where they are spread, so that fragments which double one another cost as
little to judge as any others. Numbers are of the operation as it would be executed, with its fragments expanded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FloatValueNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
)

from api.http.errors import Code, RequestError, request_error
from api.http.request import INPUT_DEPTH
from domain.text import Text

# For the parser: tokens bound the work of parsing and validating, comments are kept apart from them.
TOKENS = 4000
COMMENTS = 500
# Python refuses to read numbers of thousands of digits, and takes its time for shorter ones.
NUMBER_LENGTH = 40


@dataclass(slots=True)
class Measure:
    """What a selection set comes to; ``keys`` counts each response key at its own level, fragments merged in."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    repeated: int = 0
    keys: Counter[str] = field(default_factory=Counter)

    def add(self, other: Measure, levels: int = 0) -> None:
        """Add what ``other`` holds, ``levels`` below this."""
        self.depth = max(self.depth, other.depth + levels)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        self.repeated += other.repeated


# What is limited, how much of it one operation may have, and the words for it.
LIMITS: dict[str, tuple[int, Text]] = {
    "depth": (15, Text("嵌套层数", "levels of nested fields")),
    "fields": (2000, Text("字段总数", "fields")),
    "aliases": (60, Text("别名数", "aliases")),
    "repeated": (50, Text("重复字段数", "repeated fields")),
    "directives": (50, Text("指令数", "directives")),
    "rootFields": (30, Text("顶层字段数", "fields at the root")),
    "mutations": (10, Text("一次请求中的变更数", "mutations in one request")),
}


def too_many_tokens() -> RequestError:
    """The document is longer than ``TOKENS`` tokens (or ``COMMENTS`` comments)."""
    return refusal("tokens", None, TOKENS, Text("词元数", "tokens"))


def check(document: DocumentNode) -> None:
    """Refuse a document of which any operation is beyond a limit.

    Raises: RequestError(OPERATION_TOO_COMPLEX) naming the limit and the value; RequestError(BAD_USER_INPUT) for a
    literal that PostgreSQL could not take.
    """
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    ruler = _Ruler(fragments)
    try:
        # Fragments that nobody spreads are refused by validation, which walks them all the same.
        for name in fragments:
            ruler.fragment(name)
        for node in document.definitions:
            if isinstance(node, OperationDefinitionNode):
                _check_operation(node, ruler)
    except RecursionError:
        words = Text("片段嵌套层数", "levels of nested fragments")
        raise refusal("nesting", None, LIMITS["depth"][0], words) from None


def _check_operation(node: OperationDefinitionNode, ruler: _Ruler) -> None:
    for variable in node.variable_definitions or ():
        if variable.default_value:
            _check_value(variable.default_value)
    measure = ruler.measure(node.selection_set)
    roots = measure.keys.total()
    values = {
        "depth": measure.depth,
        "fields": measure.fields,
        "aliases": measure.aliases,
        "repeated": measure.repeated,
        "directives": measure.directives + _directives(node),
        "rootFields": roots,
        "mutations": roots if node.operation is OperationType.MUTATION else 0,
    }
    for name, actual in values.items():
        maximum, words = LIMITS[name]
        if actual > maximum:
            raise refusal(name, actual, maximum, words)


class _Ruler:
    """Measures selection sets, each fragment once."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self.fragments = fragments
        self.measured: dict[str, Measure] = {}

    def fragment(self, name: str) -> Measure:
        """The measure of a fragment; one unknown or within itself adds nothing (validation refuses it)."""
        if name not in self.measured:
            self.measured[name] = Measure()
            if name in self.fragments:
                self.measured[name] = self.measure(self.fragments[name].selection_set)
        return self.measured[name]

    def measure(self, selections: SelectionSetNode) -> Measure:
        total = Measure()
        for node in selections.selections:
            total.directives += _directives(node)
            if isinstance(node, FieldNode):
                _check_arguments(node.arguments)
                total.fields += 1
                total.aliases += node.alias is not None
                total.keys[(node.alias or node.name).value] += 1
                total.depth = max(total.depth, 1)
                if node.selection_set:
                    total.add(self.measure(node.selection_set), levels=1)
            elif isinstance(node, FragmentSpreadNode):
                self._merge(total, self.fragment(node.name.value))
            elif isinstance(node, InlineFragmentNode):
                self._merge(total, self.measure(node.selection_set))
        total.repeated += total.keys.total() - len(total.keys)
        return total

    @staticmethod
    def _merge(total: Measure, part: Measure) -> None:
        """Add a fragment at its place: its keys now count here, so its own repetitions are not counted twice."""
        total.add(part)
        total.keys.update(part.keys)
        total.repeated -= part.keys.total() - len(part.keys)


def _directives(node: SelectionNode | OperationDefinitionNode) -> int:
    """How many directives stand on ``node``; their arguments are checked on the way."""
    for directive in node.directives or ():
        _check_arguments(directive.arguments)
    return len(node.directives or ())


def _check_arguments(arguments: Iterable[ArgumentNode] | None) -> None:
    for argument in arguments or ():
        _check_value(argument.value)


def _check_value(value: ValueNode, depth: int = 0) -> None:
    if depth > INPUT_DEPTH:
        raise refusal("inputDepth", depth, INPUT_DEPTH, Text("参数嵌套层数", "levels of nested arguments"))
    if isinstance(value, ListValueNode):
        for inner in value.values:
            _check_value(inner, depth + 1)
    elif isinstance(value, ObjectValueNode):
        for member in value.fields:
            _check_value(member.value, depth + 1)
    elif isinstance(value, IntValueNode | FloatValueNode) and len(value.value) > NUMBER_LENGTH:
        raise request_error(
            Code.BAD_USER_INPUT,
            f"数字过长,最多 {NUMBER_LENGTH} 个字符。",
            f"A number may have {NUMBER_LENGTH} characters.",
        )
    elif isinstance(value, StringValueNode) and "\0" in value.value:
        raise request_error(
            Code.BAD_USER_INPUT,
            "文本中不得含有空字符(U+0000)。",
            "Text may not contain the character U+0000.",
        )


def refusal(name: str, actual: int | None, maximum: int, words: Text) -> RequestError:
    """Refuse what is beyond the limit ``name``; ``actual`` None: beyond the maximum, and nobody counted on."""
    facts: dict[str, str | int] = {"limit": name, "maximum": maximum}
    count = Text("超过限制", "too many")
    if actual is not None:
        # Doubled fragments reach numbers that no JSON reader takes.
        facts["actual"] = min(actual, 10**9)
        count = Text(f"为 {facts['actual']}", str(facts["actual"]))
    return request_error(
        Code.OPERATION_TOO_COMPLEX,
        f"操作过于复杂:{words.zh}{count.zh},最多 {maximum}。请拆分为多个请求。",
        f"The operation is too complex: {count.en} {words.en}, where {maximum} are allowed. "
        "Split it into several requests.",
        **facts,
    )
