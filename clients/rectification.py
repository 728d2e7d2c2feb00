"""The play's third stage: an important system is risk-assessed, and rectified by a plan that the panel has reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from clients.graphql import Person
from clients.panel import ERRORS, Matter, convene
from clients.papers import paper

IMPORTANT = f"""mutation Important($input: SetSystemImportanceInput!) {{ setSystemImportance(input: $input) {{
  system {{ id name important }} {ERRORS} }} }}"""
PROVIDERS = """query Providers { providers(first: 1, filter: {service: RISK_ASSESSMENT, inForce: true}) {
  nodes { id organisation { name } } } }"""
RECORD = f"""mutation Record($input: RecordRiskAssessmentInput!) {{ recordRiskAssessment(input: $input) {{
  riskAssessment {{ id severity findings {{ id title severity treatment }} }} {ERRORS} }} }}"""
SAVE = f"""mutation Save($input: SaveRectificationPlanInput!) {{ saveRectificationPlan(input: $input) {{
  rectificationPlan {{ id version budget missingItems {{ message }} measures {{ id title }} }} {ERRORS} }} }}"""
SUBMIT = f"""mutation Submit($input: RectificationPlanStepInput!) {{ submitRectificationPlan(input: $input) {{
  rectificationPlan {{ state }} {ERRORS} }} }}"""
DECIDE = f"""mutation Decide($input: ReviewRectificationPlanInput!) {{ reviewRectificationPlan(input: $input) {{
  rectificationPlan {{ state }} {ERRORS} }} }}"""
REPORT = f"""mutation Report($input: UpdateMeasureInput!) {{ updateMeasure(input: $input) {{
  measure {{ title progress plan {{ progress }} }} {ERRORS} }} }}"""
COMPLETE = f"""mutation Complete($input: CompleteRectificationInput!) {{ completeRectification(input: $input) {{
  rectificationPlan {{ state riskAssessment {{ findings {{ closedAt }} }} }} {ERRORS} }} }}"""

FINDINGS = (
    {
        "title": "互联网出口缺少访问控制",
        "asset": "边界路由器",
        "area": "AREA_BOUNDARY",
        "severity": "HIGH",
        "treatment": "MITIGATE",
    },
    {
        "title": "机房未设独立监控",
        "area": "PHYSICAL_ENVIRONMENT",
        "severity": "LOW",
        "treatment": "ACCEPT",
        "treatmentReason": "已有值班巡查,影响有限。",
    },
)


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part."""

    filer: Person
    approver: Person
    officer: Person
    experts: Sequence[Person]


async def rectify(people: People, say: Callable[[str], None], system: str) -> None:
    """Mark the system important, assess its risks, and carry a plan through panel, approval and completion."""
    marked = (await people.officer.do(IMPORTANT, systemId=system, important=True))["system"]
    say(f"\n{people.officer.name} 认定「{marked['name']}」为重要信息系统")
    plan = await _plan(people, say, system, marked["name"])
    done = (await people.approver.do(SUBMIT, rectificationPlanId=plan["id"]))["rectificationPlan"]
    say(f"{people.approver.name} 报送整改方案:{done['state']}")
    opinion = {"verdict": "AGREE", "reasons": "措施与风险相对应,期限和责任明确。"}
    matter = Matter("PLAN_REVIEW", plan["id"], opinion, "同意")
    conclusion, state = await convene(people.officer, people.experts, say, matter)
    say(f"{people.officer.name} 形成结论 {conclusion['number']}:{conclusion['text']}方案为 {state}")
    approved = (await people.officer.do(DECIDE, rectificationPlanId=plan["id"], decision="APPROVE"))[
        "rectificationPlan"
    ]
    say(f"{people.officer.name} 同意整改方案:{approved['state']}")
    await _carry_out(people, say, plan)


async def _plan(people: People, say: Callable[[str], None], system: str, name: str) -> dict[str, Any]:
    """The risk assessment by a provider of the directory, and the plan that rests on it."""
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    (provider,) = (await people.filer.ask(PROVIDERS))["providers"]["nodes"]
    report = await people.filer.upload(f"{name}风险评估报告.pdf", paper(f"{name} 风险评估"), "RISK_ASSESSMENT_REPORT")
    assessment = (
        await people.filer.do(
            RECORD,
            systemId=system,
            title=f"{name}风险评估",
            assessedOn=today.isoformat(),
            providerId=provider["id"],
            findings=list(FINDINGS),
            documentIds=[report["id"]],
        )
    )["riskAssessment"]
    by, count = provider["organisation"]["name"], len(assessment["findings"])
    say(f"{people.filer.name} 登记风险评估({by}):风险 {count} 项,最高 {assessment['severity']}")
    given: dict[str, Any] = {
        "systemId": system,
        "title": f"{name}等级保护整改建设方案",
        "riskAssessmentId": assessment["id"],
        "measures": [
            {
                "title": "部署边界防火墙并收敛端口",
                "owner": "信息中心",
                "dueOn": (today + dt.timedelta(days=60)).isoformat(),
                "budget": 180_000,
                "riskFindingId": assessment["findings"][0]["id"],
            }
        ],
    }
    plan = (await people.filer.do(SAVE, **given))["rectificationPlan"]
    say(f"{people.filer.name} 编制整改方案,预算 {plan['budget']} 元,尚缺:{plan['missingItems'][0]['message']}")
    text = await people.filer.upload(f"{name}整改方案.pdf", paper(f"{name} 整改方案"), "RECTIFICATION_PLAN")
    kept = [{**measure, "measureId": plan["measures"][0]["id"]} for measure in given["measures"]]
    given |= {"measures": kept, "documentIds": [text["id"]], "rectificationPlanId": plan["id"]}
    saved: dict[str, Any] = (await people.filer.do(SAVE, **given, version=plan["version"]))["rectificationPlan"]
    return saved


async def _carry_out(people: People, say: Callable[[str], None], plan: dict[str, Any]) -> None:
    for progress, note in ((60, "设备已到货,正在安装。"), (100, "已投入运行并经复测。")):
        for measure in plan["measures"]:
            given = {"measureId": measure["id"], "progress": progress, "note": note}
            told = (await people.filer.do(REPORT, **given))["measure"]
            say(
                f"{people.filer.name} 报告「{told['title']}」{told['progress']}%,方案总进度 {told['plan']['progress']}%"
            )
    evidence = await people.filer.upload("整改验收报告.pdf", paper("整改验收"), "OTHER")
    given = {"rectificationPlanId": plan["id"], "evidenceIds": [evidence["id"]], "note": "各项措施均已落实。"}
    done = (await people.filer.do(COMPLETE, **given))["rectificationPlan"]
    closed = sum(finding["closedAt"] is not None for finding in done["riskAssessment"]["findings"])
    say(f"{people.filer.name} 办结整改:{done['state']},关闭风险 {closed} 项")
