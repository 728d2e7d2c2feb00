"""The assessment's part of the play: organised by the city office, done by a body, its report handed in by program."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from clients.graphql import Person
from clients.papers import paper
from clients.reports import MANIFEST, hand_in

Say = Callable[[str], None]
ERRORS = "userErrors { code field message }"
BODIES = """query Bodies($level: Int!, $name: String!) {
  assessmentBodies(filter: {status: ACTIVE, level: $level, organisation: {text: $name}}) {
    nodes { id bodyCode accreditation { number validTo levels } } } }"""
ORGANISE = f"""mutation Organise($input: OrganiseAssessmentInput!) {{ organiseAssessment(input: $input) {{
  assessment {{ id level dueOn system {{ name }} }} {ERRORS} }} }}"""
FUND = f"""mutation Fund($input: RecordFundingInput!) {{ recordFunding(input: $input) {{
  assessment {{ funding {{ amount source }} }} {ERRORS} }} }}"""
STEP = """mutation Step($input: AssessmentStepInput!) {{ {0}(input: $input) {{
  assessment {{ id state }} userErrors {{ code field message }} }} }}"""
MILESTONE = f"""mutation Milestone($input: RecordMilestoneInput!) {{ recordMilestone(input: $input) {{
  assessment {{ progress }} {ERRORS} }} }}"""
OUTCOME = """query Outcome($id: ID!) { node(id: $id) { ... on Assessment { state number
  report { conclusion conformityRate findings { area severity title open } } system { nextAssessmentDueOn } } } }"""
FINDINGS = (
    {
        "area": "AREA_BOUNDARY",
        "severity": "MEDIUM",
        "title": "边界访问控制策略未定期核查",
        "suggestion": "每季度核查。",
    },
    {"area": "PERSONNEL", "severity": "LOW", "title": "安全意识培训记录不完整", "suggestion": "保存培训和考核记录。"},
)


async def assess(
    officer: Person,
    unit: tuple[Person, Person],
    district: Person,
    assessor: Person,
    say: Say,
    system: str,
) -> str:
    """Have a filed system of level 3 assessed, up to the receipt of its report: the assessment's id."""
    filer, approver = unit
    found = (await officer.ask(BODIES, level=3, name=assessor.organisation))["assessmentBodies"]["nodes"]
    body = found[0]
    organised = (await officer.do(ORGANISE, systemId=system, assessmentBodyId=body["id"]))["assessment"]
    key: str = organised["id"]
    say(
        f"\n{officer.name} 组织「{organised['system']['name']}」的等级测评(第 {organised['level']} 级),"
        f"委托 {assessor.organisation}"
    )
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date().isoformat()
    funded = await filer.do(FUND, assessmentId=key, amount=180_000, source="部门预算", securedOn=today)
    say(f"{filer.name} 登记测评经费 {funded['assessment']['funding']['amount']} 元")
    await assessor.do(STEP.format("acceptAssessment"), assessmentId=key)
    say(f"{assessor.name} 接受委托")
    for milestone in ("PREPARED", "PLAN_AGREED", "ON_SITE_STARTED", "ON_SITE_DONE"):
        reached = await assessor.do(MILESTONE, assessmentId=key, milestone=milestone)
        say(f"{assessor.name} 登记进度 {milestone}:{reached['assessment']['progress']}%")
    await _hand_in(assessor, say, key, today)
    await approver.do(STEP.format("confirmAssessmentReport"), assessmentId=key)
    say(f"{approver.name} 确认报告,报送区县信息办")
    await district.do(STEP.format("receiveAssessmentReport"), assessmentId=key)
    seen = (await approver.ask(OUTCOME, id=key))["node"]
    report = seen["report"]
    say(
        f"{district.name} 接收报告 {seen['number']}:{report['conclusion']},符合率 {report['conformityRate']}%,"
        f"问题 {len(report['findings'])} 项;下次测评期限 {seen['system']['nextAssessmentDueOn']}"
    )
    return key


async def _hand_in(assessor: Person, say: Say, assessment: str, today: str) -> None:
    """The body's program hands in a folder with the report, and, run again, finds it there."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "测评报告.pdf").write_bytes(paper(f"等级测评报告 {assessment}"))
        entry = {
            "file": "测评报告.pdf",
            "assessmentId": assessment,
            "reportedOn": today,
            "conclusion": "CONFORMING",
            "conformityRate": 93.5,
            "findings": FINDINGS,
        }
        (Path(folder) / MANIFEST).write_text(json.dumps({"reports": [entry]}, ensure_ascii=False), "utf-8")
        say(f"{assessor.organisation} 的程序批量上传报告:")
        await hand_in(assessor, Path(folder), say)
        say("再次运行:")
        await hand_in(assessor, Path(folder), say)
