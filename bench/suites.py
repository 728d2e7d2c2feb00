"""What ``make bench`` measures. A suite is a module with a ``measure`` and a ``show``, and a row here.

``measure(run)`` gives figures, one or several; ``show(report, figures)`` makes tables of them all and names what has to
be reached (``report.goal``). To measure one suite alone: ``python -m bench --suites NAME --sizes 60000``.
"""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench import (
    assessments,
    bulk,
    compiling,
    guarding,
    inspections,
    letters,
    lists,
    mutations,
    reads,
    sealing,
    starting,
    uploads,
)
from bench.report import Report
from bench.run import Run


class When(enum.Enum):
    """At which point of a run a suite has its turn."""

    FIRST = "in the demo's city, before it grows"
    EACH_SIZE = "at each size of the city; nothing in it may be changed"
    LAST = "once, when the city has its last size: it may be changed"


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite; ``filings`` is how large the city has to be for it."""

    name: str
    when: When
    measure: Callable[[Run], Awaitable[Sequence[Any]]]
    show: Callable[[Report, Sequence[Any]], None]
    filings: int = 0


# In the order of the report.
SUITES = (
    Suite("reads", When.EACH_SIZE, reads.measure, reads.show),
    Suite("lists", When.EACH_SIZE, lists.measure, lists.show),
    Suite("guarding", When.EACH_SIZE, guarding.measure, guarding.show),
    Suite("compiling", When.FIRST, compiling.measure, compiling.show),
    Suite("uploads", When.LAST, uploads.measure, uploads.show),
    Suite("mutations", When.LAST, mutations.measure, mutations.show),
    Suite("letters", When.LAST, letters.measure, letters.show),
    Suite("sealing", When.LAST, sealing.measure, sealing.show),
    Suite("assessments", When.LAST, assessments.measure, assessments.show),
    Suite("bulk", When.LAST, bulk.measure, bulk.show),
    # It adds 20,000 systems, of which background work then has much to do.
    Suite("inspections", When.LAST, inspections.measure, inspections.show),
    Suite("starting", When.FIRST, starting.measure, starting.show),
)
