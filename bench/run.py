"""What a suite is given: the stack, how large the city is, and how long it may measure."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.stack import Stack


@dataclass(frozen=True, slots=True)
class Options:
    """How thoroughly: rounds, seconds of load for each server in each of them, requests in each of a mutation's."""

    rounds: int = 5
    seconds: float = 1.2
    requests: int = 240
    views: frozenset[str] = frozenset()
    peers: bool = True


@dataclass(slots=True)
class Run:
    """One run; ``notes`` are for what has to be said besides the figures."""

    stack: Stack
    options: Options
    filings: int = 0
    notes: list[str] = field(default_factory=list)
