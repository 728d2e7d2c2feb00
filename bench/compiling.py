"""What an operation costs the first time: parsing, validation, compilation to SQL; afterwards its plan is at hand."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from api.http.documents import Documents
from api.reads.compiler import Compiler
from api.reads.plans import Trace
from api.schema.build import schema
from bench.report import Report
from bench.run import Run
from bench.views import VIEWS, View
from domain.access import Role

TIMES = 40
GOAL_MS = 5.0


@dataclass(frozen=True, slots=True)
class Compiling:
    """Milliseconds for one new operation: parsing and validation, compilation, and both at the 95th percentile."""

    view: View
    prepare_ms: float
    compile_ms: float
    p95_ms: float


async def measure(_: Run) -> list[Compiling]:
    """Each view's operation, new each time."""
    return [_measure(view) for view in VIEWS]


def show(report: Report, found: Sequence[Compiling]) -> None:
    """The table of new operations."""
    report.table(
        "A new operation",
        "Milliseconds of processor until it is SQL, the first time it is seen; afterwards its plan is at hand.",
        ("operation", "parse, validate", "compile", "both, p95"),
        ((c.view.name, f"{c.prepare_ms:.1f}", f"{c.compile_ms:.1f}", f"{c.p95_ms:.1f}") for c in found),
    )
    for each in found:
        whole = each.prepare_ms + each.compile_ms
        report.goal(f"{each.view.name}, new: ms until it is SQL", whole, GOAL_MS, at_most=True)


def _measure(view: View) -> Compiling:
    documents = Documents(schema())
    query = schema().query_type
    assert query is not None
    variables = view.variables({"id": "fil_00000000-0000-7000-8000-000000000000", "text": "系统"})
    prepared, compiled = [], []
    for number in range(TIMES):
        started = time.process_time()
        operation = documents.prepare(f"{view.graphql}# {number}")
        parsed = time.process_time()
        compiler = Compiler(schema(), operation, Role.CITY_OFFICE, Trace(variables))
        compiler.query(query, compiler.selections.collect(query, [operation.operation.selection_set]))
        prepared.append((parsed - started) * 1000)
        compiled.append((time.process_time() - parsed) * 1000)
    return Compiling(
        view, median(prepared), median(compiled), _p95([a + b for a, b in zip(prepared, compiled, strict=True)])
    )


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1]
