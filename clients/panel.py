"""The experts' part of the play: a session is planned, opinions are given sealed, and the panel concludes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from clients.graphql import Person

ERRORS = "userErrors { code field message }"
CASE_OF = """query CaseOf($id: ID!) { panelCases(first: 100, filter: {purpose: FILING_RE_REVIEW, state: OPEN},
  orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { id subject { ... on Filing { id } } } }
  node(id: $id) { ... on Filing { system { name } } } }"""
SESSION = f"""mutation Session($input: CreatePanelSessionInput!) {{ createPanelSession(input: $input) {{
  panelSession {{ id heldOn }} {ERRORS} }} }}"""
ADD = (
    f"""mutation Add($input: AddPanelCaseInput!) {{ addPanelCase(input: $input) {{ panelCase {{ id }} {ERRORS} }} }}"""
)
ASSIGN = f"""mutation Assign($input: AssignExpertsInput!) {{ assignExperts(input: $input) {{
  panelCase {{ id }} {ERRORS} }} }}"""
OPINION = f"""mutation Opinion($input: SubmitOpinionInput!) {{ submitOpinion(input: $input) {{
  opinion {{ recommendedLevel }} {ERRORS} }} }}"""
SEEN = """query Seen($id: ID!) { node(id: $id) { ... on PanelCase { state opinions { recommendedLevel } } } }"""
CONCLUDE = f"""mutation Conclude($input: ConcludePanelCaseInput!) {{ concludePanelCase(input: $input) {{
  panelCase {{ conclusion {{ number level text }} subject {{ ... on Filing {{ state }} }} }} {ERRORS} }} }}"""
ME = "query Me { viewer { user { id } } }"


async def advise(
    officer: Person, experts: Sequence[Person], say: Callable[[str], None], filing: str, *, level: int
) -> None:
    """Take the filing that reply C sent to the experts to a conclusion, each of whom recommends ``level``."""
    found = await officer.ask(CASE_OF, id=filing)
    case = next(each["id"] for each in found["panelCases"]["nodes"] if (each["subject"] or {}).get("id") == filing)
    held_on = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)).isoformat()
    session = (await officer.do(SESSION, heldOn=held_on, purpose="FILING_RE_REVIEW", place="第一会议室"))[
        "panelSession"
    ]
    await officer.do(ADD, panelSessionId=session["id"], panelCaseId=case)
    keys = [(await expert.ask(ME))["viewer"]["user"]["id"] for expert in experts]
    await officer.do(ASSIGN, panelCaseId=case, expertIds=keys, chairId=keys[0])
    say(f"\n{officer.name} 安排 {held_on} 评审会,列入「{found['node']['system']['name']}」,指派专家 {len(keys)} 名")
    for expert in experts:
        await expert.do(OPINION, panelCaseId=case, recommendedLevel=level, reasons="服务面向全区公众,中断后影响严重。")
        seen = (await expert.ask(SEEN, id=case))["node"]
        say(f"专家 {expert.name} 提交意见:第 {level} 级;此时可见意见 {len(seen['opinions'])} 份")
    concluded = (await officer.do(CONCLUDE, panelCaseId=case))["panelCase"]
    conclusion = concluded["conclusion"]
    say(f"{officer.name} 形成结论 {conclusion['number']}:{conclusion['text']}备案转为 {concluded['subject']['state']}")
