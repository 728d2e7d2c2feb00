"""The inspection's part of the play: a fault found, an order signed by another person, its answer, closure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from clients.graphql import Person
from clients.papers import paper

Say = Callable[[str], None]
ERRORS = "userErrors { code field message }"
CAMPAIGN = """query Campaign($first: Date!, $last: Date!) { campaigns(first: 1, filter: {kind: JOINT_ENFORCEMENT,
  state: OPEN, startsFrom: $first, startsUntil: $last}) { nodes { id title } } }"""
CREATE = f"""mutation Create($input: CreateCampaignInput!) {{ createCampaign(input: $input) {{
  campaign {{ id title partners {{ name }} }} {ERRORS} }} }}"""
SCHEDULE = f"""mutation Schedule($input: ScheduleInspectionsInput!) {{ scheduleInspections(input: $input) {{
  campaign {{ id }} {ERRORS} }} }}"""
AHEAD = """query Ahead($campaign: ID!, $system: ID!) { inspections(first: 1, filter: {campaignId: $campaign,
  systemId: $system, state: SCHEDULED}) { nodes { id plannedOn system { name } } } }"""
NOTIFY = f"""mutation Notify($input: NotifyInspectionsInput!) {{ notifyInspections(input: $input) {{
  count {ERRORS} }} }}"""
START = f"""mutation Start($input: StartInspectionInput!) {{ startInspection(input: $input) {{
  inspection {{ checklist {{ edition items {{ key }} }} }} {ERRORS} }} }}"""
RECORD = f"""mutation Record($input: RecordFindingInput!) {{ recordFinding(input: $input) {{
  inspection {{ id }} {ERRORS} }} }}"""
CONFORM = f"""mutation Conform($input: RecordConformingInput!) {{ recordConforming(input: $input) {{
  inspection {{ findings {{ item result }} }} {ERRORS} }} }}"""
DRAFT = f"""mutation Draft($input: DraftOrderInput!) {{ draftOrder(input: $input) {{
  rectificationOrder {{ id }} {ERRORS} }} }}"""
ISSUE = f"""mutation Issue($input: OrderStepInput!) {{ issueOrder(input: $input) {{
  rectificationOrder {{ number dueOn }} {ERRORS} }} }}"""
SEEN = """query Seen($id: ID!) { node(id: $id) { ... on Inspection {
  state findings { item result } order { number } } } }"""
RESPOND = f"""mutation Respond($input: RespondToOrderInput!) {{ respondToOrder(input: $input) {{
  inspection {{ state response {{ late documents {{ filename }} }} }} {ERRORS} }} }}"""
CLOSE = f"""mutation Close($input: CloseInspectionInput!) {{ closeInspection(input: $input) {{
  inspection {{ state }} {ERRORS} }} }}"""


async def inspect(officer: Person, leader: Person, approver: Person, say: Say, system: str) -> str:
    """Have a system inspected within this year's joint campaign, up to closure: the inspection's id."""
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    campaign = await _campaign(officer, say, today)
    await officer.do(SCHEDULE, campaignId=campaign, systemIds=[system], plannedOn=today.isoformat())
    found = (await officer.ask(AHEAD, campaign=campaign, system=system))["inspections"]["nodes"][0]
    key: str = found["id"]
    say(f"{officer.name} 安排 {found['plannedOn']} 检查「{found['system']['name']}」")
    hidden = (await approver.ask(SEEN, id=key))["node"]
    await officer.do(NOTIFY, inspectionIds=[key])
    seen = (await approver.ask(SEEN, id=key))["node"]
    before = "不可见" if hidden is None else "可见"
    say(f"{officer.name} 通知单位;{approver.name} 通知前{before},通知后可见:{seen['state']}")
    begun = (await officer.do(START, inspectionId=key, inspectors=[officer.name, "李红梅"]))["inspection"]
    items = begun["checklist"]["items"]
    wrong = {"result": "NON_CONFORMING", "severity": "HIGH", "text": "管理员账户使用默认口令。"}
    await officer.do(RECORD, inspectionId=key, item="CMP-1", **wrong)
    await officer.do(CONFORM, inspectionId=key)
    say(f"{officer.name} 按检查表({begun['checklist']['edition']} 版,{len(items)} 项)检查,发现 1 项高风险问题")
    await _order(officer, leader, approver, say, key)
    evidence = await approver.upload("整改证明.pdf", paper("整改证明"), "INSPECTION_EVIDENCE")
    given = {"inspectionId": key, "text": "已修改默认口令并启用复杂度策略。", "documentIds": [evidence["id"]]}
    responded = (await approver.do(RESPOND, **given))["inspection"]
    late = "逾期" if responded["response"]["late"] else "按期"
    say(f"{approver.name} {late}反馈整改情况,附 {responded['response']['documents'][0]['filename']}")
    closed = (await officer.do(CLOSE, inspectionId=key, remark="整改到位。"))["inspection"]
    say(f"{officer.name} 审核后结案:{closed['state']}")
    return key


async def _campaign(officer: Person, say: Say, today: dt.date) -> str:
    """This year's joint campaign; begun where there is none."""
    year = {"first": f"{today.year}-01-01", "last": f"{today.year}-12-31"}
    found = (await officer.ask(CAMPAIGN, **year))["campaigns"]["nodes"]
    if found:
        say(f"\n{officer.name} 在「{found[0]['title']}」中安排检查")
        return str(found[0]["id"])
    made = await officer.do(
        CREATE, kind="JOINT_ENFORCEMENT", year=today.year, partners=[{"name": "市公安局"}, {"name": "市国家保密局"}]
    )
    say(f"\n{officer.name} 建立「{made['campaign']['title']}」,会同 {len(made['campaign']['partners'])} 个部门")
    return str(made["campaign"]["id"])


async def _order(officer: Person, leader: Person, approver: Person, say: Say, key: str) -> None:
    drafted = (await officer.do(DRAFT, inspectionId=key, workingDays=15, demands="请立即修改默认口令。"))[
        "rectificationOrder"
    ]
    before = (await approver.ask(SEEN, id=key))["node"]
    issued = (await leader.do(ISSUE, rectificationOrderId=drafted["id"]))["rectificationOrder"]
    after = (await approver.ask(SEEN, id=key))["node"]
    say(f"{officer.name} 拟限期整改通知书,{leader.name} 签发 {issued['number']},期限 {issued['dueOn']}")
    say(f"{approver.name} 签发前可见检查记录 {len(before['findings'])} 项,签发后 {len(after['findings'])} 项")
