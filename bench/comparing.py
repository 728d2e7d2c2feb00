"""Several servers that do the same, measured in turn: each round gives everybody a go, ratios are taken per round."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.load import Load, load
from bench.processes import processor_seconds
from bench.stack import Stack

Loader = Callable[[float], Awaitable[Load]]
WARM_SECONDS = 1.0
COUNTED = 20
COLUMNS = ("", "ratio", "goal", "requests/s", "p50 ms", "p99 ms", "CPU ms", "× by hand", "database ms")


@dataclass(frozen=True, slots=True)
class Subject:
    """One that is measured: its process, and how to load it for some seconds."""

    name: str
    pid: int
    load: Loader


@dataclass(frozen=True, slots=True)
class Go:
    """One subject's go in one round: milliseconds of processor are per request."""

    rate: float
    median_ms: float
    p99_ms: float
    server_ms: float
    database_ms: float


@dataclass(frozen=True, slots=True)
class Figures:
    """A subject's medians over the rounds; ``ratio`` is its rate as a share of the first subject's."""

    name: str
    rate: float
    median_ms: float
    p99_ms: float
    server_ms: float
    database_ms: float
    ratio: float
    ratios: tuple[float, ...]
    server_ratio: float

    def cells(self, goal: str = "") -> tuple[str, ...]:
        """A row of a table with ``COLUMNS``; ``goal`` is what the ratio has to reach, where it has to."""
        return (
            self.name, f"{self.ratio:.2f}", goal, f"{self.rate:,.0f}", f"{self.median_ms:.1f}", f"{self.p99_ms:.1f}",
            f"{self.server_ms:.2f}", f"{self.server_ratio:.1f}", f"{self.database_ms:.2f}",
        )  # fmt: skip


async def compare(stack: Stack, subjects: Sequence[Subject], rounds: int, seconds: float) -> list[Figures]:
    """Everybody's figures; the first subject is what the others are compared with."""
    for subject in subjects:
        await subject.load(min(WARM_SECONDS, seconds))
    goes: dict[str, list[Go]] = {subject.name: [] for subject in subjects}
    for number in range(rounds):
        # Forwards and backwards, so that nobody always comes after the same one.
        for subject in subjects if number % 2 == 0 else reversed(subjects):
            goes[subject.name].append(await _go(stack, subject, seconds))
    first = goes[subjects[0].name]
    return [_figures(name, each, first) for name, each in goes.items()]


async def _go(stack: Stack, subject: Subject, seconds: float) -> Go:
    database = stack.database_pids()
    before = processor_seconds(subject.pid), processor_seconds(*database)
    done = await subject.load(seconds)
    after = processor_seconds(subject.pid), processor_seconds(*database)
    server, behind = ((b - a) * 1000 / len(done.times) for a, b in zip(before, after, strict=True))
    return Go(done.rate, done.quantile(0.5), done.quantile(0.99), server, behind)


def _figures(name: str, goes: Sequence[Go], first: Sequence[Go]) -> Figures:
    ratios = tuple(mine.rate / other.rate for mine, other in zip(goes, first, strict=True))
    middle: Mapping[str, float] = {
        field: median(getattr(go, field) for go in goes)
        for field in ("rate", "median_ms", "p99_ms", "server_ms", "database_ms")
    }
    other = median(go.server_ms for go in first)
    return Figures(
        name, **middle, ratio=median(ratios), ratios=ratios, server_ratio=middle["server_ms"] / other if other else 0.0
    )


async def statements_per_request(stack: Stack, port: int, request: bytes) -> float:
    """How many statements the server sends for one request, as PostgreSQL counts them."""
    async with stack.statements() as found:
        await load(port, iter([request] * COUNTED), connections=1)
    return len(found) / COUNTED
