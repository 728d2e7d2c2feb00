"""What every subject's life has in common: one table of what may follow what, and one door through it.

A subject (``domain/filings/life.py`` and its like) declares its table of steps; nothing else moves its state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from domain.checks import wrong_state
from domain.text import Term
from domain.work import Work

State = TypeVar("State", bound=Term)
# Adds a line to a subject's history: the work, the subject, the action, the state before.
Remember = Callable[[Work, Any, str, Any], None]


@dataclass(frozen=True, slots=True)
class Step(Generic[State]):
    """From which states an action leads where (``to`` None: it stays), and what to do instead, in both languages."""

    sources: frozenset[State]
    to: State | None
    zh: str
    en: str


def step(*sources: State, to: State | None, zh: str, en: str) -> Step[State]:
    """A row of a table; ``zh`` and ``en`` are told to who tries it from another state."""
    return Step(frozenset(sources), to, zh, en)


@dataclass(frozen=True, slots=True)
class Life(Generic[State]):
    """A subject's table. A step is named by its mutation and, where that can lead to several states, a dot and more.

    ``field`` is the input's field that names the subject; ``remember`` writes its history where it has one.
    """

    field: str
    steps: Mapping[str, Step[State]]
    remember: Remember | None = None

    def check(self, subject: Any, name: str, field: str | None = None) -> Step[State]:
        """The step's row of the table, if it can be taken now. Raises: Refusal(INVALID_STATE)."""
        row = self.steps[name]
        if subject.state not in row.sources:
            raise wrong_state(subject, row.zh, row.en, field or self.field)
        return row

    def take(self, work: Work, subject: Any, name: str, field: str | None = None, **after: Any) -> None:
        """Take a step: the state moves, the version counts, history, audit (with ``after``) and outbox are written.

        Raises: Refusal(INVALID_STATE).
        """
        row = self.check(subject, name, field)
        action = name.partition(".")[0]
        before = subject.state
        subject.version += 1
        if row.to is not None:
            subject.state = row.to
            if self.remember is not None:
                self.remember(work, subject, action, before)
        work.record(action, subject, before={"state": before}, after={"state": subject.state, **after})
