"""The rolling programme (两年滚动): which important system is inspected when, none late and no month crowded.

Deadlines come first: a system is planned for a month that ends before its due day, or, where that month is past, for
the earliest days there are. Within that the work is levelled, district by district: its load per working day is the
slope of the least concave majorant of its deadlines, the evenest that keeps them (Yao, Demers and Shenker, 1995: jobs
that may all begin at once). Whole systems are then a matter of rounding: each district's count lies within one of its
share in every month, and the districts' roundings are chosen against one another, so that the city's months are even.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from uuid import UUID

from domain.calendar import is_working_day
from domain.inspections.due import DAY, add_months

# How finely districts' roundings are tried against one another.
OFFSETS = 12


@dataclass(frozen=True, slots=True)
class Candidate:
    """An important system that is to be inspected by ``due_on``; ``district_id`` None: a city-level unit's."""

    system_id: UUID
    unit_id: UUID
    district_id: UUID | None
    due_on: dt.date


@dataclass(frozen=True, slots=True)
class Planned:
    """A system and the working day that is proposed for it."""

    candidate: Candidate
    planned_on: dt.date


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the programme: its first day, and the working days in it that can still be used."""

    first: dt.date
    days: Sequence[dt.date]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is scheduled already: it stays, and counts for its month and district."""

    district_id: UUID | None
    planned_on: dt.date


def months_of(first: dt.date, last: dt.date, rulings: Mapping[dt.date, bool]) -> list[Month]:
    """The months from ``first`` to ``last`` (both days included) that have a working day left."""
    found = []
    month = first.replace(day=1)
    while month <= last:
        following = add_months(month, 1)
        length = (min(following - DAY, last) - max(month, first)).days + 1
        days = [max(month, first) + count * DAY for count in range(length)]
        working = [day for day in days if is_working_day(day, rulings)]
        if working:
            found.append(Month(month, working))
        month = following
    return found


def is_of_span(due_on: dt.date, ends_on: dt.date) -> bool:
    """Whether a system due then is the programme's to inspect: a month later, and it is the next one's."""
    return due_on < add_months(ends_on + DAY, 1) - DAY


def propose(candidates: Sequence[Candidate], months: Sequence[Month], fixed: Sequence[Fixed] = ()) -> list[Planned]:
    """A working day for each of the candidates, in the order of the days. Raises: ValueError without any month."""
    if not months:
        raise ValueError("no month of the programme has a working day left")
    by_district: dict[UUID | None, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_district[candidate.district_id].append(candidate)
    taken: dict[UUID | None, Counter[int]] = defaultdict(Counter)
    for each in fixed:
        taken[each.district_id][_month_at(months, each.planned_on)] += 1
    loads = [0] * len(months)
    for counts in taken.values():
        for place, count in counts.items():
            loads[place] += count
    chosen: list[list[Candidate]] = [[] for _ in months]
    # The largest first: the smaller ones' roundings then even out what it leaves.
    for district, mine in sorted(by_district.items(), key=lambda item: (-len(item[1]), str(item[0]))):
        mine.sort(key=lambda each: (_deadline(months, each.due_on), each.unit_id, each.due_on, each.system_id))
        start = 0
        for place, count in enumerate(_counts(mine, months, taken[district], loads)):
            chosen[place] += mine[start : start + count]
            loads[place] += count
            start += count
    return [planned for month, mine in zip(months, chosen, strict=True) for planned in _on_days(month, mine)]


def _month_at(months: Sequence[Month], day: dt.date) -> int:
    """The place of the day's month; the nearest where it has none."""
    return max(0, bisect_right([month.first for month in months], day) - 1)


def _deadline(months: Sequence[Month], due_on: dt.date) -> int:
    """The place of the last month whose days are all in time; the first where none is."""
    return max(0, bisect_right([month.days[-1] for month in months], due_on) - 1)


def _counts(
    mine: Sequence[Candidate], months: Sequence[Month], taken: Mapping[int, int], loads: Sequence[int]
) -> list[int]:
    """How many of a district's systems each month gets, beside what is ``taken``; ``loads`` is what the city has."""
    needed = list(accumulate(_per_month((_deadline(months, each.due_on) for each in mine), len(months))))
    fixed = list(accumulate(taken.get(place, 0) for place in range(len(months))))
    level = levelled([n + f for n, f in zip(needed, fixed, strict=True)], [len(month.days) for month in months])
    tried = [_rounded(level, needed, fixed, Fraction(step, OFFSETS)) for step in range(OFFSETS)]
    return min(tried, key=lambda counts: _crowded(counts, loads, months))


def _per_month(places: Iterator[int], months: int) -> list[int]:
    found = Counter(places)
    return [found[place] for place in range(months)]


def levelled(needed: Sequence[int], weights: Sequence[int]) -> list[Fraction]:
    """The evenest cumulative work that has ``needed`` done by the end of each month and all of it by the last.

    ``weights`` are the months' working days. It is the least concave majorant of the points (days so far, needed).
    """
    days = list(accumulate(weights))
    hull: list[tuple[int, int]] = [(0, 0)]
    for point in zip(days, needed, strict=True):
        while len(hull) > 1 and _slope(hull[-2], hull[-1]) <= _slope(hull[-1], point):
            hull.pop()
        hull.append(point)
    found: list[Fraction] = []
    place = 0
    for day in days:
        while hull[place + 1][0] < day:
            place += 1
        (x, y), slope = hull[place], _slope(hull[place], hull[place + 1])
        found.append(y + slope * (day - x))
    return found


def _slope(a: tuple[int, int], b: tuple[int, int]) -> Fraction:
    return Fraction(b[1] - a[1], b[0] - a[0])


def _rounded(level: Sequence[Fraction], needed: Sequence[int], fixed: Sequence[int], offset: Fraction) -> list[int]:
    """Whole systems a month: never fewer by its end than are needed, all of them by the last."""
    counts, before = [], 0
    for work, need, there in zip(level, needed, fixed, strict=True):
        done = min(max(before, need, math.floor(work + offset) - there), needed[-1])
        counts.append(done - before)
        before = done
    return counts


def _crowded(counts: Sequence[int], loads: Sequence[int], months: Sequence[Month]) -> float:
    """How crowded the city's months would be: the fuller, the more a further system weighs."""
    return sum((count + load) ** 2 / len(month.days) for count, load, month in zip(counts, loads, months, strict=True))


def _on_days(month: Month, mine: Sequence[Candidate]) -> Iterator[Planned]:
    """A month's systems over its working days: those due within it first, then district by district, unit by unit."""
    last = month.days[-1]
    ordered = sorted(
        mine, key=lambda each: (min(each.due_on, last), str(each.district_id), each.unit_id, each.system_id)
    )
    for number, candidate in enumerate(ordered):
        place = number * len(month.days) // len(ordered)
        in_time = bisect_right(month.days, candidate.due_on) - 1
        yield Planned(candidate, month.days[min(place, max(in_time, 0))])
