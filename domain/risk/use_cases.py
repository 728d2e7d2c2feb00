"""What a unit records of its risk assessments (风险评估; workflow.md stage 3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from domain.calendar import local_date
from domain.checks import LONG, Checks, require_version
from domain.documents.attach import keep_attached
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.findings import ControlArea, Severity
from domain.listed import known_entries, replace_entries
from domain.providers.entities import Provider, ProviderService
from domain.rectification.entities import CLOSED, RectificationMeasure, RectificationPlan
from domain.risk.entities import RiskAssessment, RiskAssessmentState, RiskFinding, RiskTreatment
from domain.risk.life import LIFE
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.work import Work

MOST_FINDINGS = 300
GRAVEST_FIRST = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)


async def record_risk_assessment(
    work: Work,
    *,
    system_id: UUID,
    title: str,
    assessed_on: dt.date,
    findings: Sequence[Mapping[str, Any]],
    risk_assessment_id: UUID | None = None,
    version: int | None = None,
    provider_id: UUID | None = None,
    summary: str | None = None,
    document_ids: Sequence[UUID] | None = None,
) -> RiskAssessment:
    """Record a risk assessment, or change one that was not handed in yet (``risk_assessment_id``, ``version``).

    ``findings`` is the whole list: one that is not given again is taken out, unless a measure treats it.
    ``document_ids`` are all of its reports (purpose RISK_ASSESSMENT_REPORT), None: those that it has.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("recordRiskAssessment")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    assessment = await _recorded(work, system, risk_assessment_id, version)
    checks = Checks()
    assessment.title = checks.text(title, "title", required=True) or ""
    assessment.summary = checks.text(summary, "summary", limit=LONG)
    assessment.assessed_on = assessed_on
    if assessed_on > local_date(work.now):
        checks.wrong("assessedOn", "评估日期不得晚于今天。", "The day of the assessment may not be later than today.")
    assessment.provider_id = await _provider(work, checks, provider_id)
    present = await findings_of(work, assessment) if risk_assessment_id else {}
    kept = known_entries(checks, findings, present, "findingId", "findings")
    values = _findings(checks, findings)
    await _treated(work, checks, [each for each in present.values() if each not in kept])
    checks.done()
    assessment.severity = gravest([each["severity"] for each in values])
    assessment.recorded_by_id = work.caller.user_id
    work.session.add(assessment)
    await work.session.flush()
    await replace_entries(work, present, kept, values, lambda: _new_finding(work, assessment))
    if document_ids is not None:
        await keep_attached(
            work, document_ids, "documentIds", DocumentKind.RISK_ASSESSMENT_REPORT, risk_assessment_id=assessment.id
        )
    after: dict[str, Any] = {"findings": len(values), "severity": assessment.severity}
    if risk_assessment_id is None:
        work.record("recordRiskAssessment", assessment, after=after)
    else:
        LIFE.take(work, assessment, "recordRiskAssessment", **after)
    return assessment


async def discard_risk_assessment(
    work: Work, *, risk_assessment_id: UUID, version: int | None = None
) -> RiskAssessment:
    """RECORDED → DISCARDED, unless a plan under way rests on it.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("discardRiskAssessment")
    assessment = await work.load(RiskAssessment, risk_assessment_id, field="riskAssessmentId", version=version)
    work.require_own(assessment.unit_id)
    LIFE.check(assessment, "discardRiskAssessment")
    findings = select(RiskFinding.id).where(
        RiskFinding.tenant_id == assessment.tenant_id, RiskFinding.risk_assessment_id == assessment.id
    )
    plan = RectificationPlan
    rests = exists().where(
        plan.tenant_id == assessment.tenant_id, plan.risk_assessment_id == assessment.id, plan.state.not_in(CLOSED)
    )
    if await work.session.scalar(select(rests | _measure_for(assessment.tenant_id, findings))):
        raise refuse(
            ErrorCode.INVALID_STATE,
            "有整改方案以该风险评估为依据。请先修改或作废该方案。",
            "A rectification plan rests on it. Change or discard the plan first.",
            "riskAssessmentId",
        )
    LIFE.take(work, assessment, "discardRiskAssessment")
    return assessment


async def findings_of(work: Work, assessment: RiskAssessment) -> dict[UUID, RiskFinding]:
    """The assessment's findings by their keys, in their order."""
    found = await work.session.scalars(
        select(RiskFinding)
        .where(RiskFinding.tenant_id == assessment.tenant_id, RiskFinding.risk_assessment_id == assessment.id)
        .order_by(RiskFinding.position, RiskFinding.id)
    )
    return {each.id: each for each in found}


def gravest(severities: Sequence[Severity]) -> Severity | None:
    """The gravest of them, None of none."""
    return min(severities, key=GRAVEST_FIRST.index, default=None)


async def _recorded(work: Work, system: System, key: UUID | None, version: int | None) -> RiskAssessment:
    """The assessment to change, or a new one. Raises: Refusal(NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT)."""
    if key is None:
        return RiskAssessment(
            tenant_id=system.tenant_id,
            created_at=work.now,
            system_id=system.id,
            unit_id=system.unit_id,
            state=RiskAssessmentState.RECORDED,
            version=1,
        )
    assessment = await work.load(RiskAssessment, key, field="riskAssessmentId", version=require_version(version))
    if assessment.system_id != system.id:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            "该风险评估不属于此系统。",
            "The risk assessment is of another system.",
            "riskAssessmentId",
        )
    LIFE.check(assessment, "recordRiskAssessment")
    return assessment


async def _provider(work: Work, checks: Checks, key: UUID | None) -> UUID | None:
    """Who assessed: anybody in the directory who does so. A recommendation is advice, and no condition."""
    if key is None:
        return None
    provider = await work.load(Provider, key, field="providerId", lock=False)
    if ProviderService.RISK_ASSESSMENT.value not in provider.services:
        checks.wrong(
            "providerId",
            "该机构在名录中不提供风险评估服务,请核对。",
            "By the directory this provider does no risk assessments; check it.",
        )
    return provider.id


def _findings(checks: Checks, given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(given) > MOST_FINDINGS:
        checks.wrong("findings", f"一次评估最多登记 {MOST_FINDINGS} 项风险。", f"At most {MOST_FINDINGS} findings.")
        return []
    return [_finding(checks, f"findings.{place}", each) for place, each in enumerate(given)]


def _finding(checks: Checks, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
    treatment = RiskTreatment[given["treatment"]]
    reason = checks.text(given.get("treatmentReason"), f"{path}.treatmentReason", limit=LONG)
    if treatment is RiskTreatment.ACCEPT and reason is None:
        checks.wrong(f"{path}.treatmentReason", "接受风险须说明理由。", "Say why the risk is accepted.")
    return {
        "title": checks.text(given["title"], f"{path}.title", required=True),
        "description": checks.text(given.get("description"), f"{path}.description", limit=LONG),
        "asset": checks.text(given.get("asset"), f"{path}.asset"),
        "area": ControlArea[given["area"]],
        "severity": Severity[given["severity"]],
        "treatment": treatment,
        "treatment_reason": reason,
    }


async def _treated(work: Work, checks: Checks, removed: Sequence[RiskFinding]) -> None:
    """A finding that a measure treats cannot be taken out."""
    if not removed:
        return
    keys = [each.id for each in removed]
    found = await work.session.scalars(
        select(RectificationMeasure.risk_finding_id).where(
            RectificationMeasure.tenant_id == work.caller.tenant_id, RectificationMeasure.risk_finding_id.in_(keys)
        )
    )
    treated = set(found)
    for each in removed:
        if each.id in treated:
            checks.wrong(
                "findings",
                f"整改措施针对风险“{each.title}”,不能删去。请先修改方案。",
                f"A measure treats {each.title}: change the plan before you take it out.",
            )


def _measure_for(tenant: UUID, findings: Any) -> Any:
    return exists().where(
        RectificationMeasure.tenant_id == tenant,
        RectificationMeasure.risk_finding_id.in_(findings),
        RectificationPlan.tenant_id == tenant,
        RectificationPlan.id == RectificationMeasure.plan_id,
        RectificationPlan.state.not_in(CLOSED),
    )


def _new_finding(work: Work, assessment: RiskAssessment) -> RiskFinding:
    return RiskFinding(tenant_id=assessment.tenant_id, created_at=work.now, risk_assessment_id=assessment.id)
