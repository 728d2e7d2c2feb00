"""Rules of assessments, restated as tables: accreditation by the day, conclusions by edition, periods, numbers."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.assessments.accreditation import AccreditationStatus, AssessmentBody, problem_with, status_on
from domain.assessments.conclusions import EDITIONS, Conclusion, ConclusionVocabulary, Figure, in_force
from domain.assessments.life import DONE, PROGRESS
from domain.assessments.periods import months_later, next_due
from domain.codes import report_number
from domain.errors import ErrorCode


def day(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def body(status: str | None, until: str = "2026-12-31", levels: tuple[int, ...] = (2, 3)) -> AssessmentBody:
    decided = AccreditationStatus[status] if status else None
    term = (day("2026-01-01"), day(until)) if status else (None, None)
    return AssessmentBody(status=decided, valid_from=term[0], valid_to=term[1], levels=list(levels))


@pytest.mark.parametrize(
    ("status", "on", "stands", "may"),
    [
        ("ACTIVE", "2026-01-01", "ACTIVE", True),  # the first day and the last one count
        ("ACTIVE", "2026-12-31", "ACTIVE", True),
        ("ACTIVE", "2027-01-01", "EXPIRED", False),
        ("ACTIVE", "2025-12-31", "ACTIVE", False),  # not begun
        ("RECTIFYING", "2026-06-01", "RECTIFYING", False),
        ("SUSPENDED", "2026-06-01", "SUSPENDED", False),
        ("SUSPENDED", "2027-06-01", "EXPIRED", False),
        ("REVOKED", "2026-06-01", "REVOKED", False),
        ("REVOKED", "2027-06-01", "REVOKED", False),  # withdrawn for good
        (None, "2026-06-01", None, False),
    ],
)
def test_a_body_may_act_while_its_accreditation_is_in_force(
    status: str | None, on: str, stands: str, may: bool
) -> None:
    found = body(status)
    assert status_on(found, day(on)) == (stands and AccreditationStatus[stands])
    problem = problem_with(found, day(on), 3, "field")
    assert (problem is None) is may
    if problem is not None:
        assert (problem.code, problem.field) == (ErrorCode.NOT_ACCREDITED, "field")


@pytest.mark.parametrize(("level", "may"), [(2, True), (3, True), (4, False), (5, False), (None, True)])
def test_a_body_takes_the_levels_that_it_is_accredited_for(level: int | None, may: bool) -> None:
    assert (problem_with(body("ACTIVE"), day("2026-06-01"), level, "x") is None) is may


V = ConclusionVocabulary


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        ("2001-01-01", "TEMPLATE_2007"),
        ("2007-11-15", "TEMPLATE_2007"),
        ("2014-12-31", "TEMPLATE_2007"),
        ("2015-01-01", "TEMPLATE_2015"),
        ("2019-12-01", "TEMPLATE_2019"),
        ("2025-03-19", "TEMPLATE_2019"),
        ("2025-03-20", "TEMPLATE_2025"),
        ("2026-11-25", "TEMPLATE_2025"),
    ],
)
def test_a_report_is_worded_by_the_edition_of_its_day(on: str, edition: str) -> None:
    assert in_force(day(on)) is V[edition]


@pytest.mark.parametrize(
    ("edition", "figure", "high", "medium", "due"),
    [
        ("TEMPLATE_2015", 100, False, False, "CONFORMING"),
        ("TEMPLATE_2015", 99.99, False, False, "BASICALLY_CONFORMING"),
        ("TEMPLATE_2015", 60, False, True, "BASICALLY_CONFORMING"),
        ("TEMPLATE_2015", 59.99, False, False, "NON_CONFORMING"),
        ("TEMPLATE_2015", 95, True, False, "NON_CONFORMING"),
        ("TEMPLATE_2019", 90, False, False, "EXCELLENT"),
        ("TEMPLATE_2019", 95, False, True, "GOOD"),
        ("TEMPLATE_2019", 80, False, True, "GOOD"),
        ("TEMPLATE_2019", 79.9, False, False, "FAIR"),
        ("TEMPLATE_2019", 70, False, False, "FAIR"),
        ("TEMPLATE_2019", 69.9, False, False, "POOR"),
        ("TEMPLATE_2019", 95, True, False, "POOR"),
        ("TEMPLATE_2025", 90.01, False, True, "CONFORMING"),
        ("TEMPLATE_2025", 90, False, False, "BASICALLY_CONFORMING"),
        ("TEMPLATE_2025", 95, True, False, "BASICALLY_CONFORMING"),
        ("TEMPLATE_2025", 60, True, True, "BASICALLY_CONFORMING"),
        ("TEMPLATE_2025", 59.99, False, False, "NON_CONFORMING"),
    ],
)
def test_a_conclusion_follows_from_figure_and_findings(
    edition: str, figure: float, high: bool, medium: bool, due: str
) -> None:
    assert EDITIONS[V[edition]].due(figure, high=high, medium=medium) is Conclusion[due]


@given(
    edition=st.sampled_from([each for each in V if EDITIONS[each].figure is not Figure.NONE]),
    figures=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    high=st.booleans(),
    medium=st.booleans(),
)
def test_a_better_figure_never_gives_a_worse_conclusion(
    edition: V, figures: tuple[int, int], high: bool, medium: bool
) -> None:
    found = EDITIONS[edition]
    worse, better = (found.due(each / 100, high=high, medium=medium) for each in sorted(figures))
    assert found.words.index(better) <= found.words.index(worse)
    graver = found.due(max(figures) / 100, high=True, medium=medium)
    assert found.words.index(better) <= found.words.index(graver)


@pytest.mark.parametrize(
    ("level", "assessed", "due"),
    [
        (2, "2026-11-25", "2028-11-25"),
        (3, "2026-11-25", "2027-11-25"),
        (4, "2026-11-25", "2027-05-25"),
        (4, "2026-08-31", "2027-02-28"),
        (3, "2028-02-29", "2029-02-28"),
        (5, "2026-11-25", None),
    ],
)
def test_the_next_assessment_is_due_by_the_level(level: int, assessed: str, due: str | None) -> None:
    assert next_due(level, day(assessed)) == (due and day(due))


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.integers(0, 60))
def test_months_later_is_in_the_right_month_and_never_later_in_it(start: dt.date, months: int) -> None:
    found = months_later(start, months)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day <= start.day
    assert found.day == start.day or (found + dt.timedelta(days=1)).day == 1


def test_a_reports_number_is_the_filings_with_year_body_and_times() -> None:
    assert report_number("11010800017-00003", 2026, "1101", 2) == "11010800017-00003-26-1101-02"
    assert report_number("11010800017-00003/2", 2007, "0003", 1) == "11010800017-00003-07-0003-01"
    with pytest.raises(ValueError, match="99"):
        report_number("11010800017-00003", 2026, "1101", 100)


def test_progress_grows_with_each_milestone() -> None:
    assert [*PROGRESS.values(), DONE] == sorted({*PROGRESS.values(), DONE})
