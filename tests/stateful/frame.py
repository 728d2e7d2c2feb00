"""How a walk goes: steps that have to be accepted and audited, or refused without a trace, as its model says."""

from __future__ import annotations

import datetime as dt
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from pydantic.alias_generators import to_camel

from domain.errors import Refusal
from domain.text import Term
from tests.stateful.city import City, Person, Server
from tests.stateful.model import SHANGHAI

# How often there are more walks, where some state was not reached.
ROUNDS = 6


class Walk(RuleBasedStateMachine):
    """A city, what time it is, and what was reached so far by all walks."""

    server: ClassVar[Server]
    reached: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.audited: Counter[str] = Counter()
        self.now = dt.datetime(2004, 1, 5, tzinfo=SHANGHAI)

    def found(self, start: dt.date) -> None:
        """The city begins, on a morning."""
        self.now = dt.datetime.combine(start, dt.time(9), SHANGHAI)
        self.city = City.found(self.server, self.now)

    @property
    def today(self) -> dt.date:
        """The day in China."""
        return self.now.astimezone(SHANGHAI).date()

    def attempt(self, person: Person, use_case: Callable[..., Any], *, allowed: bool, **given: Any) -> Any:
        """The step, which has to be accepted and audited, or refused without a trace: its result, None if refused."""
        self.now += dt.timedelta(seconds=1)
        result, refusal = None, None
        try:
            result = self.city.do(person, self.now, use_case, **given)
        except Refusal as found:
            refusal = found
        assert (refusal is None) is allowed, f"{person.name} {use_case.__name__}: {refusal}"
        before, self.audited = self.audited, self.city.audited()
        action = to_camel(use_case.__name__)
        assert (self.audited[action] > before[action]) is allowed, f"{action} left no trace, or one that it may not"
        assert allowed or self.audited == before
        return result

    def reach(self, vocabulary: type[Term], states: Iterable[str]) -> None:
        """Remember states in which something was."""
        self.reached.update(f"{vocabulary.__name__}.{state}" for state in states)

    @rule(days=st.integers(0, 25), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += dt.timedelta(days=days, hours=hours)


def walk(life: type[Walk], server: Server, walks: int, seed_: int = 0) -> None:
    """So many walks (or DENGBAO_WALKS) of a seed, which with DENGBAO_FRESH is another one each time."""
    life.server, fresh = server, bool(os.environ.get("DENGBAO_FRESH"))
    run_state_machine_as_test(
        life if fresh else seed(seed_)(life),
        settings=settings(
            max_examples=int(os.environ.get("DENGBAO_WALKS", walks)),
            stateful_step_count=40,
            deadline=None,
            derandomize=not fresh,
            # A walk takes a second: to make a failing one shorter takes minutes, and is for whoever looks into it.
            phases=tuple(Phase) if fresh else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def walk_everywhere(life: type[Walk], server: Server, states: Sequence[Term], walks: int) -> None:
    """The walks are no good unless they lead everywhere: there are more, until they have reached all of ``states``.

    A seed's walks are others where other modules are loaded: hypothesis takes constants from them.
    """
    life.reached = Counter()
    for each in range(ROUNDS):
        walk(life, server, walks, each)
        if os.environ.get("DENGBAO_FRESH") or not unreached(life, states):
            return
    pytest.fail(f"some states are never reached: {unreached(life, states)}; {life.reached}")


def unreached(life: type[Walk], states: Sequence[Term]) -> list[str]:
    """The states in which nothing ever was."""
    return sorted({f"{type(state).__name__}.{state.value}" for state in states} - life.reached.keys())
