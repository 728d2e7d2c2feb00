"""``make bench``: measures what was asked for, prints it, and writes it to ``docs/PERFORMANCE.md``."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

import uvloop

from bench.bulk import BULK_FROM, Bulk, bulk
from bench.compiling import compiling
from bench.growth import City
from bench.lists import Listed, lists
from bench.mutations import Row as Changed
from bench.mutations import mutations
from bench.reads import PLATFORM, Reads, Row
from bench.report import Report
from bench.stack import Stack, stack
from bench.starting import starting
from bench.views import VIEWS

SUITES = ("compiling", "starting", "mutations", "bulk", "reads", "lists")
STARTED = time.perf_counter()


def main() -> None:
    """Measure, and tell."""
    uvloop.run(_run(_options()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--suites", default=",".join(SUITES), help="default: %(default)s")
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
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    report, suites = Report(), options.suites.split(",")
    if "compiling" in suites:
        report.compiling(compiling())
    if "starting" in suites:
        report.starting(await asyncio.to_thread(starting))
    async with stack(_progress) as made:
        version = await made.superuser.fetchval("SHOW server_version")
        await _with_city(made, options, suites, report)
    if not options.no_write:
        report.write(" ".join(sys.argv[1:]), version)


async def _with_city(made: Stack, options: argparse.Namespace, suites: list[str], report: Report) -> None:
    city = await City.prepare(made.connect, made.tenant_id, _progress)
    rows: list[Row] = []
    listed: list[Listed] = []
    changed: list[Changed] = []
    moved: list[Bulk] = []
    for size in map(int, options.sizes.split(",")):
        await city.grow(size)
        with Reads.start(made, peers=not options.no_peers) as reads:
            if "lists" in suites:
                listed += await lists(made, reads.servers[PLATFORM], size)
                _progress("lists")
            if "reads" in suites:
                rows += await reads.measure(size, set(options.views.split(",")), options.rounds, options.seconds)
                _progress("reads")
            left_out = reads.left_out
    # What changes the city comes last.
    if "mutations" in suites:
        changed = await mutations(made, rounds=options.rounds, requests=options.requests)
        _progress("mutations")
    if "bulk" in suites and size >= BULK_FROM:
        moved = await bulk(made)
        _progress("bulk")
    if rows:
        report.reads(rows)
    for name, reason in left_out.items():
        report.note(f"{name} is left out: {reason}.")
    if changed:
        report.mutations(changed)
    if moved:
        report.bulk(moved)
    if listed:
        report.lists(listed)


def _progress(line: str) -> None:
    print(f"{time.perf_counter() - STARTED:6.0f} s  {line}", flush=True)


if __name__ == "__main__":
    main()
