"""The ten-working-day clock, by the official calendar."""

import bisect
import datetime as dt

import pytest
from chinese_calendar import constants
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import MOST_WORKING_DAYS, WorkingDay, local_date, nth_working_day

D = dt.date.fromisoformat
TEN = {
    "2007-09-25": "2007-10-12",  # over the national holiday, with worked weekends
    "2007-11-01": "2007-11-15",
    "2026-09-18": "2026-10-09",
}


@pytest.mark.parametrize(("received", "due"), TEN.items())
def test_ten_working_days(received: str, due: str) -> None:
    found = nth_working_day(D(received), 10)
    assert (found.date, found.provisional) == (D(due), False)


def test_a_year_without_an_official_calendar_is_provisional() -> None:
    # Monday to Friday are taken where nothing is published: ten of them after Friday the 25th.
    assert nth_working_day(D("2026-12-25"), 10) == WorkingDay(D("2027-01-08"), provisional=True)
    assert nth_working_day(D("2026-12-25"), 4) == WorkingDay(D("2026-12-31"), provisional=False)


def test_a_ruling_counts_in_an_unpublished_year_too() -> None:
    rulings = {D("2027-01-01"): False}
    assert nth_working_day(D("2026-12-31"), 1, rulings) == WorkingDay(D("2027-01-04"), provisional=True)
    whole = {D("2027-01-01"): True}
    assert nth_working_day(D("2026-12-31"), 1, whole) == WorkingDay(D("2027-01-01"), provisional=False)


def test_one_doubtful_day_on_the_way_makes_the_answer_provisional() -> None:
    monday = D("2027-01-04")
    assert nth_working_day(D("2026-12-31"), 2, {monday: True}) == WorkingDay(monday, provisional=True)


def test_a_weekend_worked_for_a_holiday_counts() -> None:
    assert nth_working_day(D("2026-02-13"), 1).date == D("2026-02-14")


def test_the_day_is_that_of_china() -> None:
    assert local_date(dt.datetime(2026, 1, 31, 15, 59, tzinfo=dt.UTC)) == D("2026-01-31")
    assert local_date(dt.datetime(2026, 1, 31, 16, 0, tzinfo=dt.UTC)) == D("2026-02-01")


@pytest.mark.parametrize("count", [0, -1, MOST_WORKING_DAYS + 1, 10**18])
def test_a_count_that_nobody_needs_is_not_counted(count: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 1000"):
        nth_working_day(D("2026-01-05"), count)


def test_the_calendar_ends_with_the_year_9999() -> None:
    with pytest.raises(ValueError, match="9999"):
        nth_working_day(D("9999-12-30"), 10)


def test_a_tenants_own_ruling_counts() -> None:
    monday = D("2026-11-23")
    assert nth_working_day(D("2026-11-22"), 1).date == monday
    assert nth_working_day(D("2026-11-22"), 1, {monday: False}).date == D("2026-11-24")


@given(st.dates(D("2005-01-01"), D("2030-12-31")), st.integers(1, 30))
def test_one_more_day_is_the_first_after(start: dt.date, count: int) -> None:
    before = nth_working_day(start, count)
    assert nth_working_day(start, count + 1).date == nth_working_day(before.date, 1).date


# Working days a year, 2007 to 2026, in which two libraries that were compared day by day agree.
A_YEAR = [249, 251, 250, 250, 250, 249, 250, 250, 249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248]
WORKED_WEEKENDS = {
    2007: "02-17 02-25 04-28 04-29 09-29 09-30 12-29",
    2025: "01-26 02-08 04-27 09-28 10-11",
    2026: "01-04 02-14 02-28 05-09 09-20 10-10",
}


@pytest.mark.parametrize(("year", "count"), list(zip(range(2007, 2027), A_YEAR, strict=True)))
def test_a_year_has_its_working_days(year: int, count: int) -> None:
    last = nth_working_day(dt.date(year - 1, 12, 31), count).date
    assert last.year == year
    assert (nth_working_day(last, 1).date.year, nth_working_day(last, 1).provisional) == (year + 1, year == 2026)


@pytest.mark.parametrize(("year", "days"), WORKED_WEEKENDS.items())
def test_weekends_that_are_worked(year: int, days: str) -> None:
    every = (dt.date(year, 1, 1) + dt.timedelta(days=number) for number in range(365))
    weekends = [day for day in every if day.isoweekday() > 5]
    worked = [day for day in weekends if nth_working_day(day - dt.timedelta(days=1), 1).date == day]
    assert [day.strftime("%m-%d") for day in worked] == days.split()


@pytest.mark.parametrize("year", range(2004, 2027))
def test_the_clock_is_right_on_every_day_of_every_calendar(year: int) -> None:
    """Against the official notices' own lists: from each day, the tenth worked one after."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 60)]
    worked = [
        day for day in days if day in constants.workdays or (day.isoweekday() <= 5 and day not in constants.holidays)
    ]
    for start in days[: (last - first).days + 1]:
        due = worked[bisect.bisect_right(worked, start) + 9]
        assert nth_working_day(start, 10) == WorkingDay(due, provisional=due.year > 2026)
