"""A plan's figures follow from its measures, and what a submission lacks from plan, measures and findings."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents.kinds import DocumentKind
from domain.findings import Severity
from domain.rectification.entities import RectificationMeasure, RectificationPlan
from domain.rectification.measures import begin, sum_up
from domain.rectification.missing import missing_items
from domain.risk.entities import RiskFinding, RiskTreatment
from domain.risk.use_cases import gravest

TODAY = dt.date(2026, 11, 25)
LATER = TODAY + dt.timedelta(days=30)
NOW = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
TEXT = {DocumentKind.RECTIFICATION_PLAN}


def measure(
    progress: int = 0, due_on: dt.date = LATER, budget: int = 0, treats: uuid.UUID | None = None
) -> RectificationMeasure:
    done_at = NOW if progress == 100 else None
    return RectificationMeasure(
        title="措施", progress=progress, due_on=due_on, budget=budget, done_at=done_at, risk_finding_id=treats
    )


def plan(*, important: bool = True, level: int | None = 3, assessed: bool = True) -> RectificationPlan:
    return RectificationPlan(important=important, level=level, risk_assessment_id=uuid.uuid4() if assessed else None)


def finding(treatment: RiskTreatment) -> RiskFinding:
    return RiskFinding(id=uuid.uuid4(), title="风险", treatment=treatment)


days = st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31))
measures = st.lists(st.builds(measure, st.integers(0, 100), days, st.integers(0, 10**9)), max_size=8)


@given(measures)
def test_a_plan_is_as_far_as_its_measures(found: list[RectificationMeasure]) -> None:
    summed = plan()
    sum_up(summed, found)
    assert summed.budget == sum(each.budget for each in found)
    assert (summed.progress == 100) == (bool(found) and all(each.progress == 100 for each in found))
    assert 0 <= summed.progress <= 100
    open_ = [each.due_on for each in found if each.progress < 100]
    assert summed.next_due_on == (min(open_) if open_ else None)
    assert summed.due_on == (max(each.due_on for each in found) if found else None)
    begin(found)
    assert [each.under_way for each in found] == [each.progress < 100 for each in found]


TREATED = finding(RiskTreatment.MITIGATE)
CASES = {
    "whole": (plan(), [measure(treats=TREATED.id)], [TREATED], TEXT, []),
    "no measure": (plan(), [], [], TEXT, ["measures"]),
    "nothing": (
        plan(level=None, assessed=False), [], [], set(),
        ["measures", "systemId", "riskAssessmentId", "RECTIFICATION_PLAN"],
    ),
    "of its own": (plan(important=False, level=None, assessed=False), [measure()], [], set(), []),
    "a day that has passed": (plan(), [measure(due_on=dt.date(2026, 11, 24))], [], TEXT, ["measures.0.dueOn"]),
    "due today": (plan(), [measure(due_on=TODAY)], [], TEXT, []),
    "an untreated finding": (plan(), [measure()], [finding(RiskTreatment.AVOID)], TEXT, ["measures"]),
    "an accepted finding": (plan(), [measure()], [finding(RiskTreatment.ACCEPT)], TEXT, []),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_is_missing(case: str) -> None:
    given_plan, given_measures, findings, documents, expected = CASES[case]
    found = missing_items(given_plan, given_measures, findings, (), documents, TODAY)
    assert [item["path"] for item in found] == expected
    assert all(item["required"] and item["zh"] and item["en"] for item in found)


def test_the_gravest_finding() -> None:
    assert gravest([Severity.LOW, Severity.HIGH, Severity.MEDIUM]) is Severity.HIGH
    assert gravest([]) is None
