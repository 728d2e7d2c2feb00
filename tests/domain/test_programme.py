"""The rolling programme: every important system is inspected in any 24 months, and no month or district is crowded."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import is_working_day
from domain.inspections.coverage import InspectionStanding, standing_on
from domain.inspections.due import DAY, add_months, inspection_due
from domain.inspections.programme import Candidate, Fixed, is_of_span, levelled, months_of, propose


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


@pytest.mark.parametrize(
    ("since", "last", "due"),
    [
        ("2026-03-10", None, "2028-03-09"),
        ("2026-03-01", None, "2028-02-29"),
        ("2026-03-10", "2026-05-04", "2028-05-04"),
        ("2026-03-10", "2025-05-04", "2028-03-09"),  # inspected before it was important
        ("2020-01-01", "2026-02-28", "2028-02-29"),
        ("2020-01-01", "2028-02-28", "2030-02-27"),  # the window from 29 February ends on the 27th
    ],
)
def test_the_last_day_that_keeps_every_window_covered(since: str, last: str | None, due: str) -> None:
    assert inspection_due(day(since), day(last) if last else None) == day(due)


@pytest.mark.parametrize(
    ("last", "due", "planned", "standing"),
    [
        ("2025-06-01", "2027-06-01", None, "INSPECTED"),
        (None, "2027-06-01", None, "UNSCHEDULED"),
        (None, "2027-06-01", "2027-06-01", "SCHEDULED"),
        (None, "2026-12-01", "2026-12-02", "SCHEDULED_LATE"),
        ("2024-06-01", "2026-06-01", None, "OVERDUE"),
        ("2024-06-01", "2026-06-01", "2026-12-01", "SCHEDULED_LATE"),
    ],
)
def test_why_a_system_is_uncovered(last: str | None, due: str, planned: str | None, standing: str) -> None:
    days = [day(each) if each else None for each in (last, planned)]
    assert standing_on(day("2026-11-25"), days[0], day(due), days[1]) is InspectionStanding[standing]


def uuid(number: int) -> UUID:
    return UUID(int=number)


@dataclass
class System:
    """A system of the simulated city, important from one day until another."""

    key: UUID
    district: UUID | None
    since: dt.date
    until: dt.date
    inspected: list[dt.date]

    @property
    def due_on(self) -> dt.date:
        return inspection_due(self.since, max(self.inspected, default=None))


START = day("2026-01-01")
MONTHS = 50  # two programmes, and what is left of a third
MONTHS_OF = lru_cache(lambda first, last: months_of(first, last, {}))


@st.composite
def cities(draw: st.DrawFn) -> list[System]:
    """Systems that come and go; some were inspected before the first programme, none of them overdue then."""
    systems = []
    for number in range(draw(st.integers(1, 25))):
        since = START + draw(st.integers(-600, 30 * MONTHS)) * DAY
        earlier = [START - draw(st.integers(1, 600)) * DAY] if since < START and draw(st.booleans()) else []
        systems.append(
            System(
                uuid(number),
                draw(st.sampled_from([None, uuid(1001), uuid(1002)])),
                since,
                since + draw(st.integers(1, 3000)) * DAY,
                [each for each in earlier if each >= since],
            )
        )
    return systems


@settings(deadline=None, max_examples=20)
@given(cities())
def test_any_24_months_cover_every_important_system_that_existed_throughout(systems: list[System]) -> None:
    """Batches are proposed again on each month's first day, and inspections take place on the days proposed."""
    for count in range(MONTHS):
        today = add_months(START, count)
        begins = add_months(START, count // 24 * 24)
        ends_on = add_months(begins, 24) - DAY
        here = [each for each in systems if each.since <= today <= each.until]
        wanted = [Candidate(each.key, each.key, each.district, each.due_on) for each in here]
        planned = propose([each for each in wanted if is_of_span(each.due_on, ends_on)], MONTHS_OF(today, ends_on))
        for each in planned:
            assert today <= each.planned_on <= ends_on
            assert is_working_day(each.planned_on)
            system = systems[each.candidate.system_id.int]
            if each.planned_on < add_months(today, 1) and each.planned_on <= system.until:
                system.inspected.append(each.planned_on)
    horizon = add_months(START, MONTHS)
    for system in systems:
        last = min(system.until, horizon - DAY)
        window = system.since
        for inspected in (*sorted(system.inspected), dt.date.max):
            # The window that begins the day after the inspection before: is it over without another?
            if add_months(window, 24) - DAY <= last:
                assert inspected < add_months(window, 24), system
            window = inspected + DAY if inspected < dt.date.max else window


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 760)), min_size=1, max_size=120),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 729)), max_size=20),
)
def test_what_is_proposed_is_each_system_once_in_time_and_on_working_days(
    given_: list[tuple[int, int]], there: list[tuple[int, int]]
) -> None:
    first, last = day("2026-11-26"), day("2028-11-25")
    months = MONTHS_OF(first, last)
    candidates = [
        Candidate(uuid(number), uuid(number % 7), uuid(district), first + days * DAY)
        for number, (district, days) in enumerate(given_)
    ]
    fixed = [Fixed(uuid(district), first + days * DAY) for district, days in there]
    planned = propose(candidates, months, fixed)
    assert Counter(each.candidate for each in planned) == Counter(candidates)
    assert propose(list(reversed(candidates)), months, fixed) == planned
    for each in planned:
        due = each.candidate.due_on
        assert each.planned_on <= due or not any(day_ <= due for day_ in months[0].days)
        assert is_working_day(each.planned_on)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 23)), min_size=1, max_size=24).filter(
        lambda months: any(count for count, _ in months)
    )
)
def test_work_is_as_even_as_deadlines_allow(months: list[tuple[int, int]]) -> None:
    """No schedule that keeps the deadlines has a lower greatest load a day; and work never grows denser."""
    needed = [sum(count for count, _ in months[: place + 1]) for place in range(len(months))]
    days = [sum(length for _, length in months[: place + 1]) for place in range(len(months))]
    level = levelled(needed, [length for _, length in months])
    assert level[-1] == needed[-1]
    assert all(done >= need for done, need in zip(level, needed, strict=True))
    loads = [(done - before) / length for done, before, (_, length) in zip(level, [0, *level], months, strict=False)]
    assert loads == sorted(loads, reverse=True)
    assert loads[0] == max(Fraction(need, length) for need, length in zip(needed, days, strict=True))


def test_districts_and_months_are_balanced() -> None:
    """A large city without pressing deadlines: each district's months differ by one a working day at most."""
    first, last = day("2027-01-01"), day("2028-12-31")
    months = months_of(first, last, {})
    candidates = [Candidate(uuid(n), uuid(n // 9), uuid(n % 19), last) for n in range(6_000)]
    by_month: Counter[dt.date] = Counter()
    by_district: dict[UUID | None, Counter[dt.date]] = defaultdict(Counter)
    for each in propose(candidates, months):
        month = each.planned_on.replace(day=1)
        by_month[month] += 1
        by_district[each.candidate.district_id][month] += 1
    days = sum(len(month.days) for month in months)
    for month in months:
        share = len(month.days) / days
        assert abs(by_month[month.first] - 6_000 * share) < 3
        for counts in by_district.values():
            assert abs(counts[month.first] - sum(counts.values()) * share) < 1
