"""What a report says and found, checked as a whole before anything is kept (domain facts 5.2, 5.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from domain.assessments.conclusions import EDITIONS, Conclusion, ConclusionVocabulary, Edition, Figure, in_force
from domain.assessments.entities import Assessment
from domain.assessments.report_entities import AssessmentFinding, AssessmentReport
from domain.calendar import local_date
from domain.checks import LONG, Checks
from domain.findings import ControlArea, Severity
from domain.work import Work

MOST_FINDINGS = 1_000
WHOLE = 10_000  # 100 points, or percent, in hundredths


def reported(
    work: Work,
    checks: Checks,
    *,
    reported_on: dt.date,
    vocabulary: ConclusionVocabulary | None,
    conclusion: Conclusion,
    score: float | None,
    conformity_rate: float | None,
    severities: Sequence[Severity],
) -> dict[str, Any]:
    """A report's figures as they are kept; what contradicts itself or its edition goes to ``checks``."""
    if reported_on > local_date(work.now):
        checks.wrong("reportedOn", "报告日期不得晚于今天。", "A report is dated today or before.")
    words = ConclusionVocabulary[vocabulary] if vocabulary is not None else in_force(reported_on)
    edition, said = EDITIONS[words], Conclusion[conclusion]
    if edition.since > reported_on:
        checks.wrong(
            "vocabulary",
            f"该版用语自 {edition.since} 起使用,不适用于 {reported_on} 的报告。",
            f"That edition begins on {edition.since}, after the report.",
        )
    given = {Figure.SCORE: _hundredths(checks, "score", score)}
    given[Figure.RATE] = _hundredths(checks, "conformityRate", conformity_rate)
    _check_figures(checks, edition, given)
    if said not in edition.words:
        known = "、".join(each.zh for each in edition.words)
        checks.wrong(
            "conclusion",
            f"该版结论用语为:{known}。",
            f"The edition's conclusions are {', '.join(edition.words)}.",
        )
    elif edition.figure is not Figure.NONE and (figure := given[edition.figure]) is not None:
        _check_conclusion(checks, edition, said, figure / 100, severities)
    return {
        "reported_on": reported_on,
        "vocabulary": words,
        "conclusion": said,
        "score": given[Figure.SCORE],
        "conformity_rate": given[Figure.RATE],
    }


def _hundredths(checks: Checks, field: str, value: float | None) -> int | None:
    if value is None:
        return None
    hundredths = round(value * 100)
    if not 0 <= hundredths <= WHOLE or abs(hundredths - value * 100) > 1e-6:
        checks.wrong(field, "须为 0 至 100,至多两位小数。", "From 0 to 100, with two decimals at most.")
    return min(max(hundredths, 0), WHOLE)


def _check_figures(checks: Checks, edition: Edition, given: Mapping[Figure, int | None]) -> None:
    """The edition's figure is there, and no other."""
    for figure, field in ((Figure.SCORE, "score"), (Figure.RATE, "conformityRate")):
        if edition.figure is figure and given[figure] is None:
            checks.wrong(field, f"该版报告须给出{figure.zh}。", f"The edition asks for the {figure.en}.")
        elif edition.figure is not figure and given[figure] is not None:
            checks.wrong(field, f"该版报告没有{figure.zh},请留空。", f"The edition has no {figure.en}; leave it out.")


def _check_conclusion(
    checks: Checks, edition: Edition, said: Conclusion, figure: float, severities: Sequence[Severity]
) -> None:
    due = edition.due(figure, high=Severity.HIGH in severities, medium=Severity.MEDIUM in severities)
    if due is not said:
        checks.wrong(
            "conclusion",
            f"按{edition.figure.zh} {figure:g} 和所列问题的风险等级,结论应为“{due.zh}”。请核对。",
            f"By the {edition.figure.value.lower()} {figure:g} and the findings it is {due.value}. Check them.",
        )


def severities_of(findings: Sequence[Mapping[str, Any]]) -> list[Severity]:
    """How grave each finding of an input is."""
    return [Severity[each["severity"]] for each in findings]


async def read_findings(
    work: Work, checks: Checks, assessment: Assessment, findings: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The findings of an input as they are kept; what is wrong with any of them goes to ``checks``."""
    if len(findings) > MOST_FINDINGS:
        checks.wrong("findings", f"最多 {MOST_FINDINGS} 项问题。", f"At most {MOST_FINDINGS} findings.")
        return []
    former = await open_findings(work, assessment.system_id)
    repeated: set[UUID] = set()
    made = []
    for place, each in enumerate(findings):
        field = f"findings.{place}"
        repeats = each.get("repeatsId")
        if repeats is not None and (repeats not in former or repeats in repeated):
            checks.wrong(
                f"{field}.repeatsId",
                "须为该系统尚未关闭的问题,且只引用一次。",
                "A finding of the system that is still open, named once.",
            )
        elif repeats is not None:
            repeated.add(repeats)
        made.append(
            {
                "place": place + 1,
                "area": ControlArea[each["area"]],
                "severity": Severity[each["severity"]],
                "title": checks.text(each.get("title"), f"{field}.title", required=True),
                "description": checks.text(each.get("description"), f"{field}.description", limit=LONG),
                "suggestion": checks.text(each.get("suggestion"), f"{field}.suggestion", limit=LONG),
                "repeats_id": repeats,
            }
        )
    return made


async def open_findings(work: Work, system_id: UUID) -> set[UUID]:
    """The keys of the system's findings that stand."""
    found = await work.session.scalars(
        select(AssessmentFinding.id).where(
            AssessmentFinding.tenant_id == work.caller.tenant_id,
            AssessmentFinding.system_id == system_id,
            AssessmentFinding.open,
        )
    )
    return set(found)


async def standing(work: Work, system_id: UUID, severity: Severity) -> Sequence[AssessmentFinding]:
    """The system's findings of one severity that stand, in their report's order."""
    found = await work.session.scalars(
        select(AssessmentFinding)
        .where(
            AssessmentFinding.tenant_id == work.caller.tenant_id,
            AssessmentFinding.system_id == system_id,
            AssessmentFinding.open,
            AssessmentFinding.severity == severity,
        )
        .order_by(AssessmentFinding.report_id, AssessmentFinding.place)
    )
    return found.all()


async def settle_findings(work: Work, report: AssessmentReport) -> None:
    """A report is received: it closes what was open before, and what it found, known before or not, is open."""
    own = AssessmentFinding.tenant_id == report.tenant_id
    await work.session.execute(
        update(AssessmentFinding)
        .where(own, AssessmentFinding.system_id == report.system_id, AssessmentFinding.open)
        .values(open=False, closed_at=work.now, closed_by_report_id=report.id)
    )
    await work.session.execute(
        update(AssessmentFinding).where(own, AssessmentFinding.report_id == report.id).values(open=True)
    )
