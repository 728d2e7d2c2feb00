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

from bench import mutations
from bench.bulk import GOAL_MB, GOAL_SECONDS, IMPORTED, Bulk
from bench.comparing import Figures
from bench.compiling import GOAL_MS, Compiling
from bench.lists import GOAL, Listed
from bench.reads import PLATFORM, Row
from bench.starting import Start

READS = """\
`ratio` is the rate as a share of the hand-written endpoint's, the median of the rounds. Everybody answers the same over
the same database, bound to the tenant, below the same row-level security; answers are compared before anything is
measured (PostGraphile's have other names, and lack the role's row conditions). `CPU` is the server's processor time per
request, `database` PostgreSQL's; `MB` the server's share of memory (PSS)."""
FILE = Path(__file__).parent.parent / "docs" / "PERFORMANCE.md"
console = Console(width=150)


@dataclass(slots=True)
class Report:
    """What one run has measured, table by table, in Markdown."""

    parts: list[str] = field(default_factory=list)

    def table(self, title: str, words: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Print a table, and keep it for the file; ``words`` say how to read it."""
        shown = Table(*columns, title=title)
        lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
        for row in rows:
            shown.add_row(*row)
            lines.append(f"| {' | '.join(row)} |")
        console.print(shown)
        self.parts.append(f"## {title}\n{words}\n\n" + "\n".join(lines))

    def note(self, words: str) -> None:
        """Something to be said besides."""
        console.print(words)
        self.parts.append(words)

    def write(self, options: str, version: str) -> None:
        """Replace the file."""
        FILE.write_text("\n\n".join([_head(options, version), *self.parts]) + "\n")
        console.print(f"written to {FILE.relative_to(FILE.parent.parent)}")

    # --- the suites ---

    def reads(self, rows: Sequence[Row]) -> None:
        """The views."""
        self.table(
            "Reads, side by side",
            READS,
            ("filings", "view", *COMPARED, "statements", "MB"),
            (
                (
                    f"{r.filings:,}",
                    r.view.name,
                    *_compared(r.figures, r.view.goal),
                    f"{r.statements:g}",
                    f"{r.mb:.0f}",
                )
                for r in rows
            ),
        )  # fmt: skip

    def lists(self, found: Sequence[Listed]) -> None:
        """The lists, size by size."""
        sizes = sorted({each.filings for each in found})
        medians = {(each.title, each.filings): each.median_ms for each in found}
        self.table(
            "Lists while the city grows",
            "Medians in milliseconds, one request at a time.\n"
            f"Goal: from 60,000 to 1,000,000 filings the last column is at most {GOAL}.",
            ("list", *(f"{size:,}" for size in sizes), "last / first"),
            (
                (title, *(f"{medians[title, size]:.2f}" for size in sizes),
                 f"{medians[title, sizes[-1]] / medians[title, sizes[0]]:.2f}")
                for title in dict.fromkeys(each.title for each in found)
            ),
        )  # fmt: skip

    def mutations(self, rows: Sequence[mutations.Row]) -> None:
        """The mutations."""
        self.table(
            "Mutations, side by side",
            "Each request takes a filing of its own, prepared beforehand. By hand: the same statements in\n"
            "one transaction over asyncpg with the same rules, and nobody to be signed in or refused. Both lock the\n"
            "files in the store.",
            ("mutation", *COMPARED, "statements"),
            ((r.action, *_compared(r.figures, mutations.GOAL), f"{r.statements:g}") for r in rows),
        )

    def bulk(self, found: Sequence[Bulk]) -> None:
        """Lists and files."""
        self.table(
            "Whole lists out, whole files in",
            "Each in a server of its own; megabytes are its memory before, and the most that was ever resident.\n"
            "Goals: 100,000 filings in constant memory;\n"
            f"{IMPORTED:,} systems in {GOAL_SECONDS} s and {GOAL_MB} MB.",
            ("work", "rows", "seconds", "rows/s", "MB before", "MB at most"),
            (
                (b.what, f"{b.rows:,}", f"{b.seconds:.1f}", f"{b.rows / b.seconds:,.0f}",
                 f"{b.before:.0f}", f"{b.peak:.0f}")
                for b in found
            ),
        )  # fmt: skip

    def compiling(self, found: Sequence[Compiling]) -> None:
        """New operations."""
        self.table(
            "A new operation",
            "Milliseconds of processor until it is SQL, the first time it is seen; afterwards its plan is at hand.\n"
            f"Goal: all three together below {GOAL_MS:g}.",
            ("operation", "parse, validate", "compile", "both, p95"),
            ((c.view.name, f"{c.prepare_ms:.1f}", f"{c.compile_ms:.1f}", f"{c.p95_ms:.1f}") for c in found),
        )

    def starting(self, found: Sequence[Start]) -> None:
        """Starting."""
        self.table(
            "Starting",
            "`dengbao up` with its embedded PostgreSQL and object store; megabytes are shares of memory (PSS).",
            ("start", "ready after s", "worker MB", "everything MB"),
            ((s.title, f"{s.seconds:.1f}", f"{s.worker:.0f}", f"{s.whole:.0f}") for s in found),
        )


COMPARED = ("", "ratio", "goal", "requests/s", "p50 ms", "p99 ms", "CPU ms", "× by hand", "database ms")


def _compared(f: Figures, goal: float) -> tuple[str, ...]:
    return (
        f.name, f"{f.ratio:.2f}", f"{goal:g}" if f.name == PLATFORM else "", f"{f.rate:,.0f}", f"{f.median_ms:.1f}",
        f"{f.p99_ms:.1f}", f"{f.server_ms:.2f}", f"{f.server_ratio:.1f}", f"{f.database_ms:.2f}",
    )  # fmt: skip


def _head(options: str, version: str) -> str:
    return f"""# Performance

Written by `make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d}; repeat it with `python -m bench {options}`.
Measured on {os.cpu_count()} cores ({platform.machine()}), Linux, Python {platform.python_version()}, PostgreSQL
{version} as it is embedded (64 MB of shared buffers, fsync on), with load, servers and database on one machine: what
counts are the ratios in one run, not the rates. Everybody is measured in turn, in several rounds, over 8 connections.

The city's rows are copies of the demo's, each copy two hours older than the last, in all states and with documents,
replies, history and submissions; five other cities stand beside it in the same tables, each a twentieth of its size."""
