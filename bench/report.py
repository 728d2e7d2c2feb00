"""The figures as tables: to the terminal, and to ``docs/PERFORMANCE.md``."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

FILE = Path(__file__).parent.parent / "docs" / "PERFORMANCE.md"
SUMMARY = "What had to be reached"
console = Console(width=150)


@dataclass(frozen=True, slots=True)
class Goal:
    """Something to be reached: at least ``goal`` of it, or at most."""

    what: str
    measured: float
    goal: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        """Whether it was, to the two places that are shown."""
        shown = round(self.measured, 2)
        return shown <= self.goal if self.at_most else shown >= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """A row of the table."""
        sign = "≤" if self.at_most else "≥"
        return self.what, f"{self.measured:.2f}", f"{sign} {self.goal:g}", "yes" if self.reached else "**no**"


@dataclass(slots=True)
class Report:
    """What one run has measured, table by table, in Markdown."""

    parts: list[str] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)

    def table(self, title: str, words: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table, and keep it for the file; ``words`` say how to read it."""
        self.parts.append(_markdown(title, words, columns, rows))

    def note(self, words: str) -> None:
        """Something to be said besides."""
        console.print(words)
        self.parts.append(words)

    def goal(self, what: str, measured: float, goal: float, *, at_most: bool = False) -> None:
        """Name something that has to be reached: it goes into the summary."""
        self.goals.append(Goal(what, measured, goal, at_most))

    def summary(self) -> None:
        """Put what was to be reached in front of everything; printed last, where it is seen."""
        words = "Ratios and figures of this run, each beside its goal; the tables below say what they are made of."
        columns = ("what", "measured", "goal", "reached")
        self.parts.insert(0, _markdown(SUMMARY, words, columns, [each.cells for each in self.goals]))

    def write(self, options: str, version: str) -> None:
        """Replace the file."""
        FILE.write_text("\n\n".join([_head(options, version), *self.parts]) + "\n")
        console.print(f"written to {FILE.relative_to(FILE.parent.parent)}")


def _markdown(title: str, words: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table as text for the file; the same goes to the terminal."""
    shown = Table(*columns, title=title)
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for row in rows:
        shown.add_row(*row)
        lines.append(f"| {' | '.join(row)} |")
    console.print(shown)
    return f"## {title}\n{words}\n\n" + "\n".join(lines)


def _head(options: str, version: str) -> str:
    return f"""# Performance

Written by `make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d}; repeat it with `python -m bench {options}`.
Measured on {os.cpu_count()} cores ({platform.machine()}), Linux, Python {platform.python_version()}, PostgreSQL
{version} as it is embedded (64 MB of shared buffers, fsync on), with load, servers and database on one machine: what
counts are the ratios in one run, not the rates. Everybody is measured in turn, in several rounds, over 8 connections.

The city's rows are copies of the demo's, each copy two hours older than the last, in all states and with documents,
replies, history and submissions; five other cities stand beside it in the same tables, each a twentieth of its size."""
