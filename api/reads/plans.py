"""Plans, found again by asking the questions that their compilation asked.

A plan may depend on a few facts about the variables (a directive's condition, a page size, whether a filter's field
is given), while everything else is a bound parameter. The compiler states each such dependence as a question. As
compilation is a function of the answers alone, the questions of one operation form a decision tree, whose leaves
are its plans: looking one up walks the tree with the present variables, and can never find a plan made for others.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, TypeVar

Plan = TypeVar("Plan")
Variables = Mapping[str, Any]
Path = tuple[str | int, ...]
Classifier = Callable[[Any], Hashable]


def walk(variables: Variables, path: Path) -> Any:
    """The value at ``path``, None where any step of it is absent."""
    value: Any = variables
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


@dataclass(frozen=True, slots=True)
class Question:
    """What is the class of the variable at ``path``? ``classify`` must be a module-level function."""

    path: Path
    classify: Classifier

    def answer(self, variables: Variables) -> Hashable:
        """The class of the present value."""
        return self.classify(walk(variables, self.path))


@dataclass(slots=True)
class Trace:
    """The questions that one compilation asks of its variables, each once, in order."""

    variables: Variables
    asked: dict[Question, Hashable] = field(default_factory=dict)

    def ask(self, path: Path, classify: Classifier) -> Any:
        """The class of the variable at ``path``, remembered as a dependence of the plan."""
        question = Question(path, classify)
        if question not in self.asked:
            self.asked[question] = question.answer(self.variables)
        return self.asked[question]


@dataclass(slots=True)
class _Node(Generic[Plan]):
    question: Question
    branches: dict[Hashable, _Node[Plan] | Plan] = field(default_factory=dict)


@dataclass(slots=True)
class _Tree(Generic[Plan]):
    root: _Node[Plan] | Plan | None = None
    weight: int = 0


def _one(_: Any) -> int:
    return 1


class PlanCache(Generic[Plan]):
    """Plans that weigh at most ``capacity`` together, by ``weigh`` (without it: so many plans).

    The operation that was unused for longest goes first, with all its plans.
    """

    def __init__(self, capacity: int, weigh: Callable[[Plan], int] = _one) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._trees: OrderedDict[Hashable, _Tree[Plan]] = OrderedDict()
        self._weight = 0

    @property
    def weight(self) -> int:
        """What the plans weigh together."""
        return self._weight

    def find(self, key: Hashable, variables: Variables) -> Plan | None:
        """The plan of ``key`` whose questions the variables answer as they did when it was made, or None."""
        tree = self._trees.get(key)
        if tree is None:
            return None
        self._trees.move_to_end(key)
        place = tree.root
        while isinstance(place, _Node):
            place = place.branches.get(place.question.answer(variables))
        return place

    def keep(self, key: Hashable, trace: Trace, plan: Plan) -> None:
        """Remember ``plan`` under the answers that ``trace`` gave, making room where there is none."""
        if self.find(key, trace.variables) is not None:  # another request was faster
            return
        weight = self._weigh(plan)
        if weight > self._capacity:
            return
        tree = self._trees.pop(key, None)
        if tree is None or tree.weight + weight > self._capacity:
            self._weight -= tree.weight if tree else 0
            tree = _Tree()
        self._trees[key] = tree
        self._graft(tree, trace, plan)
        tree.weight += weight
        self._weight += weight
        while self._weight > self._capacity:
            _, oldest = self._trees.popitem(last=False)
            self._weight -= oldest.weight

    def _graft(self, tree: _Tree[Plan], trace: Trace, plan: Plan) -> None:
        if not trace.asked:
            tree.root = plan
            return
        steps = list(trace.asked.items())
        if tree.root is None:
            tree.root = _Node(steps[0][0])
        node = tree.root
        for (question, answer), (following, _) in pairwise(steps):
            node = _same(node, question).branches.setdefault(answer, _Node(following))
        question, answer = steps[-1]
        _same(node, question).branches[answer] = plan


def _same(place: Any, question: Question) -> _Node[Any]:
    if not isinstance(place, _Node) or place.question != question:
        raise RuntimeError("a compilation asked other questions after the same answers")
    return place
