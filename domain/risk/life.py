"""A risk assessment's life: one table of what may follow what."""

from __future__ import annotations

from domain.risk.entities import RiskAssessmentState
from domain.transitions import Life, step

S = RiskAssessmentState

_FROZEN = {
    "zh": "已随方案提交或作废的风险评估不能更改。请另行登记。",
    "en": "One that was handed in with a plan, or discarded, stays as it is. Record another one.",
}
LIFE = Life(
    "riskAssessmentId",
    {
        "recordRiskAssessment": step(S.RECORDED, to=None, **_FROZEN),
        "discardRiskAssessment": step(S.RECORDED, to=S.DISCARDED, **_FROZEN),
        "submitRectificationPlan": step(S.RECORDED, to=S.SUBMITTED, **_FROZEN),
    },
)
