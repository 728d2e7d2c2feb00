"""The way of a rectification plan, as far as a test needs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tests.e2e.flows import done, graded_system, node, stored
from tests.e2e.panel_flows import EXPERTS, OFFICER, assigned, case_of, concluded, today

FILER, APPROVER = "unit.filer", "unit.approver"
FINDING = {
    "title": "缺少访问控制",
    "asset": "边界路由器",
    "area": "AREA_BOUNDARY",
    "severity": "HIGH",
    "treatment": "MITIGATE",
}
ACCEPTED = {**FINDING, "title": "机房未设监控", "severity": "LOW", "treatment": "ACCEPT", "treatmentReason": "影响有限"}
PLAN = "id version state missingItems{path} measures{id version title progress underWay} budget progress"


def in_days(count: int) -> str:
    """A day so many days from today."""
    return (today() + dt.timedelta(days=count)).isoformat()


async def system_of(api: Any, *, important: bool, unit: str = "unit") -> str:
    """A new graded system: its id."""
    system = await graded_system(api, unit=unit)
    if important:
        await done(api, OFFICER, "setSystemImportance", "system{id}", systemId=system, important=True)
    return system


async def assessment_of(api: Any, system: str, *findings: dict[str, Any], **given: Any) -> dict[str, Any]:
    """A risk assessment with findings (one to be treated, one accepted, where none are given)."""
    given = {"systemId": system, "title": "年度风险评估", "assessedOn": in_days(-3), **given}
    selection = "riskAssessment{id version state severity findings{id title}}"
    return await done(
        api, FILER, "recordRiskAssessment", selection, findings=list(findings) or [FINDING, ACCEPTED], **given
    )


def measure(title: str = "部署防火墙", **given: Any) -> dict[str, Any]:
    """A measure's input."""
    return {"title": title, "owner": "信息中心", "dueOn": in_days(60), "budget": 1000, **given}


async def drafted(api: Any, *, important: bool) -> dict[str, Any]:
    """A plan's draft that lacks nothing."""
    system = await system_of(api, important=important)
    assessment = await assessment_of(api, system)
    document = await stored(api, FILER, "RECTIFICATION_PLAN", b"%PDF-1.4 plan", "整改方案.pdf")
    given = {
        "systemId": system,
        "title": "整改建设方案",
        "riskAssessmentId": assessment["id"],
        "documentIds": [document],
        "measures": [measure(riskFindingId=assessment["findings"][0]["id"]), measure("完善制度", budget=500)],
    }
    return await done(
        api, FILER, "saveRectificationPlan", f"rectificationPlan{{{PLAN} system{{id}} riskAssessment{{id}}}}", **given
    )


async def submitted(api: Any, *, important: bool) -> dict[str, Any]:
    """A plan that the unit's approver has submitted."""
    plan = await drafted(api, important=important)
    await done(api, APPROVER, "submitRectificationPlan", "rectificationPlan{state}", rectificationPlanId=plan["id"])
    return plan


async def judged(api: Any, plan: str, verdicts: Sequence[str] = ("AGREE",) * 3) -> dict[str, Any]:
    """The panel's conclusion on the plan's open case."""
    case = await case_of(api, "rectificationPlanId", plan)
    await assigned(api, case, "PLAN_REVIEW")
    for expert, verdict in zip(EXPERTS, verdicts, strict=True):
        given = {"panelCaseId": case, "verdict": verdict, "reasons": "理由"}
        await done(api, expert, "submitOpinion", "opinion{id}", **given)
    return {"id": case, **await concluded(api, case)}


async def decided(api: Any, plan: str, decision: str, **given: Any) -> dict[str, Any]:
    """The payload of the city officer's decision."""
    selection = "rectificationPlan{state reviewReason}"
    given = {"rectificationPlanId": plan, "decision": decision, **given}
    payload: dict[str, Any] = await api.do(OFFICER, "reviewRectificationPlan", selection, **given)
    return payload


async def carried_out(api: Any, plan: str) -> dict[str, Any]:
    """All of the plan's measures reported as done: the plan."""
    found = await node(api, FILER, plan, "RectificationPlan", "measures{id}")
    for each in found["measures"]:
        await done(api, FILER, "updateMeasure", "measure{id}", measureId=each["id"], progress=100)
    return dict(await node(api, FILER, plan, "RectificationPlan", f"{PLAN} nextDueOn overdue"))
