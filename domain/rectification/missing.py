"""What a rectification plan lacks before it can be submitted, all of it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from domain.assessments.report_entities import AssessmentFinding
from domain.documents.kinds import DocumentKind
from domain.filings.missing import MissingItem
from domain.rectification.entities import RectificationMeasure, RectificationPlan
from domain.risk.entities import RiskFinding, RiskTreatment
from domain.text import Text


def missing_items(
    plan: RectificationPlan,
    measures: Sequence[RectificationMeasure],
    findings: Sequence[RiskFinding],
    assessed: Sequence[AssessmentFinding],
    documents: Collection[DocumentKind],
    today: dt.date,
) -> list[dict[str, Any]]:
    """What the plan lacks, as it is kept.

    ``findings`` are those of the risk assessment that it rests on, ``assessed`` the grave ones of the system's level
    assessments that stand.
    """
    found = [*_of_measures(measures, findings, today), *_of_assessment(measures, assessed)]
    if plan.important:
        found += _of_important(plan, documents)
    return [each.stored() for each in found]


def _of_measures(
    measures: Sequence[RectificationMeasure], findings: Sequence[RiskFinding], today: dt.date
) -> Iterator[MissingItem]:
    if not measures:
        yield MissingItem("measures", Text("请至少列入一项整改措施。", "Plan at least one measure."))
    for place, measure in enumerate(measures):
        if measure.due_on < today and measure.done_at is None:
            message = Text("措施“{title}”的期限已过,请重新确定。", "The last day of {title} has passed; set another.")
            yield MissingItem(f"measures.{place}.dueOn", message.format(title=measure.title))
    treated = {measure.risk_finding_id for measure in measures}
    for finding in findings:
        if finding.treatment is not RiskTreatment.ACCEPT and finding.id not in treated:
            message = Text("风险“{title}”尚无整改措施。", "No measure treats the risk {title}.")
            yield MissingItem("measures", message.format(title=finding.title))


def _of_assessment(
    measures: Sequence[RectificationMeasure], assessed: Sequence[AssessmentFinding]
) -> Iterator[MissingItem]:
    treated = {measure.assessment_finding_id for measure in measures}
    for finding in assessed:
        if finding.id not in treated:
            message = Text(
                "等级测评发现的“{title}”尚无整改措施。", "No measure treats the assessment's finding {title}."
            )
            yield MissingItem("measures", message.format(title=finding.title))


def _of_important(plan: RectificationPlan, documents: Collection[DocumentKind]) -> Iterator[MissingItem]:
    """What the city office and the panel need to judge an important system's plan."""
    if plan.level is None:
        yield MissingItem(
            "systemId", Text("该系统尚未定级,请先完成定级。", "The system is not graded yet; grade it first.")
        )
    if plan.risk_assessment_id is None:
        yield MissingItem(
            "riskAssessmentId",
            Text("请先登记风险评估,并以其为方案依据。", "Record a risk assessment, and let the plan rest on it."),
        )
    if DocumentKind.RECTIFICATION_PLAN not in documents:
        yield MissingItem(
            DocumentKind.RECTIFICATION_PLAN.value,
            Text("请附上《等级保护整改建设方案》文本。", "Attach the text of the rectification plan."),
        )
