"""What an assessment found flows into the rectification plan; the next assessment closes it."""

from __future__ import annotations

from typing import Any

from tests.e2e.assessment_flows import FILER, FINDING, filed_system, received, taken, today
from tests.e2e.flows import codes, done, node
from tests.support import Api

PLAN = "rectificationPlan{id version missingItems{message} measures{id assessmentFinding{id title open}}}"


def measure(finding: str | None = None) -> dict[str, Any]:
    """A measure, for a finding where one is named."""
    return {
        "title": "安装补丁",
        "owner": "信息中心",
        "dueOn": today().replace(year=today().year + 1).isoformat(),
        "assessmentFindingId": finding,
    }


async def test_grave_findings_ask_for_a_measure_until_the_next_assessment_closes_them(api: Api) -> None:
    system = await filed_system(api)
    found = [{**FINDING, "severity": "HIGH", "title": "高危漏洞"}, FINDING]
    await received(api, await taken(api, system=system), conclusion="BASICALLY_CONFORMING", findings=found)
    asked = "assessmentFindings(filter:{open:true}){nodes{id severity measures{title}}}"
    open_ = (await node(api, FILER, system, "System", asked))["assessmentFindings"]["nodes"]
    grave = next(each["id"] for each in open_ if each["severity"] == "HIGH")
    given = {"systemId": system, "title": "整改方案"}
    plan = await done(api, FILER, "saveRectificationPlan", PLAN, **given, measures=[measure()])
    assert any("高危漏洞" in each["message"] for each in plan["missingItems"])
    change = {**given, "rectificationPlanId": plan["id"], "version": plan["version"]}
    wrong = measure(grave.replace("asf_0", "asf_f"))
    refused = await api.do(FILER, "saveRectificationPlan", PLAN, **change, measures=[wrong])
    assert codes(refused) == ["NOT_FOUND"]
    plan = await done(api, FILER, "saveRectificationPlan", PLAN, **change, measures=[measure(grave)])
    assert not any("高危漏洞" in each["message"] for each in plan["missingItems"])
    (planned,) = plan["measures"]
    assert planned["assessmentFinding"] == {"id": grave, "title": "高危漏洞", "open": True}
    await received(api, await taken(api, system=system))
    (closed,) = (await node(api, FILER, plan["id"], "RectificationPlan", "measures{assessmentFinding{open}}"))[
        "measures"
    ]
    assert closed["assessmentFinding"] == {"open": False}
