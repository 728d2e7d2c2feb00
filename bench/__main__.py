"""``make bench``: measures what was asked for, prints it, and writes it to ``docs/PERFORMANCE.md``."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import defaultdict
from typing import Any

import uvloop

from bench.growth import City
from bench.report import Report
from bench.run import Options, Run
from bench.stack import stack
from bench.suites import SUITES, Suite, When
from bench.views import VIEWS

STARTED = time.perf_counter()


def main() -> None:
    """Measure, and tell; fails when a suite did."""
    sys.exit(uvloop.run(_run(_options())))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--suites", default=",".join(suite.name for suite in SUITES), help="default: %(default)s")
    parser.add_argument(
        "--sizes",
        default="60000,1000000",
        help="filings in the city, ascending; 10000000 takes an hour (default: %(default)s)",
    )
    parser.add_argument("--views", default=",".join(view.name for view in VIEWS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument(
        "--seconds", type=float, default=1.2, help="of load for each server in each round (default: %(default)s)"
    )
    parser.add_argument("--requests", type=int, default=240, help="in each round of a mutation (default: %(default)s)")
    parser.add_argument("--no-peers", action="store_true", help="leave the ORM and PostGraphile out")
    parser.add_argument("--no-write", action="store_true", help="leave docs/PERFORMANCE.md as it is")
    given = parser.parse_args()
    given.suites = given.suites.split(",")
    unknown = set(given.suites) - {suite.name for suite in SUITES}
    if unknown:
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    return given


async def _run(given: argparse.Namespace) -> int:
    options = Options(
        given.rounds, given.seconds, given.requests, frozenset(given.views.split(",")), not given.no_peers
    )
    wanted = [suite for suite in SUITES if suite.name in given.suites]
    async with stack(_progress) as made:
        version = await made.superuser.fetchval("SHOW server_version")
        measured = Measured(Run(made, options))
        await measured.every(wanted, When.FIRST)
        later = [suite for suite in wanted if suite.when is not When.FIRST]
        if later:
            await _while_it_grows(await City.prepare(made.connect, made.tenant_id, _progress), given, measured, later)
    report = measured.report(wanted)
    if not given.no_write:
        report.write(" ".join(sys.argv[1:]), version)
    return 1 if measured.failed else 0


async def _while_it_grows(city: City, given: argparse.Namespace, measured: Measured, suites: list[Suite]) -> None:
    for size in map(int, given.sizes.split(",")):
        await city.grow(size)
        measured.run.filings = size
        await measured.every(suites, When.EACH_SIZE)
    await city.close()
    await measured.every(suites, When.LAST)


class Measured:
    """What the suites have given so far. One that fails is told of, and does not keep the others from their turn."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.failed: list[str] = []
        self._found: dict[str, list[Any]] = defaultdict(list)

    async def every(self, suites: list[Suite], when: When) -> None:
        """Give each of ``suites`` that comes now its turn."""
        for suite in suites:
            if suite.when is when and self.run.filings >= suite.filings:
                try:
                    self._found[suite.name] += await suite.measure(self.run)
                    _progress(suite.name)
                except Exception:
                    traceback.print_exc()
                    self.failed.append(suite.name)
                    _progress(f"{suite.name} failed")

    def report(self, suites: list[Suite]) -> Report:
        """All of it as tables."""
        report = Report()
        for suite in suites:
            if self._found[suite.name]:
                suite.show(report, self._found[suite.name])
        for note in dict.fromkeys(self.run.notes):
            report.note(note)
        if self.failed:
            report.note(f"Failed in this run: {', '.join(dict.fromkeys(self.failed))}.")
        report.summary()
        return report


def _progress(line: str) -> None:
    print(f"{time.perf_counter() - STARTED:6.0f} s  {line}", flush=True)


if __name__ == "__main__":
    main()
