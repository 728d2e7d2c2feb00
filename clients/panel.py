"""The experts' part of the play: a session is planned, opinions are given sealed, and the panel concludes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from clients.graphql import Person

ERRORS = "userErrors { code field message }"
CASES = """query Cases($purpose: PanelPurpose!) { panelCases(first: 100, filter: {purpose: $purpose, state: OPEN},
  orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { id system { name } subject {
    ... on Filing { id } ... on RectificationPlan { id } } } } }"""
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
  panelCase {{ conclusion {{ number level text }} subject {{
    ... on Filing {{ filed: state }} ... on RectificationPlan {{ planned: state }} }} }} {ERRORS} }} }}"""
ME = "query Me { viewer { user { id } } }"


@dataclass(frozen=True, slots=True)
class Matter:
    """What is before the panel: why, its id, and the opinion that each expert gives."""

    purpose: str
    subject: str
    opinion: dict[str, Any]
    told: str


async def advise(
    officer: Person, experts: Sequence[Person], say: Callable[[str], None], filing: str, *, level: int
) -> None:
    """Take the filing that reply C sent to the experts to a conclusion, each of whom recommends ``level``."""
    opinion = {"recommendedLevel": level, "reasons": "服务面向全区公众,中断后影响严重。"}
    matter = Matter("FILING_RE_REVIEW", filing, opinion, f"第 {level} 级")
    conclusion, state = await convene(officer, experts, say, matter)
    say(f"{officer.name} 形成结论 {conclusion['number']}:{conclusion['text']}备案转为 {state}")


async def convene(
    officer: Person, experts: Sequence[Person], say: Callable[[str], None], matter: Matter
) -> tuple[dict[str, Any], str]:
    """Take a matter through the panel: the conclusion, and the state that its subject is then in."""
    found = await officer.ask(CASES, purpose=matter.purpose)
    case = next(each for each in found["panelCases"]["nodes"] if (each["subject"] or {}).get("id") == matter.subject)
    held_on = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)).isoformat()
    session = (await officer.do(SESSION, heldOn=held_on, purpose=matter.purpose, place="第一会议室"))["panelSession"]
    await officer.do(ADD, panelSessionId=session["id"], panelCaseId=case["id"])
    keys = [(await expert.ask(ME))["viewer"]["user"]["id"] for expert in experts]
    await officer.do(ASSIGN, panelCaseId=case["id"], expertIds=keys, chairId=keys[0])
    say(f"\n{officer.name} 安排 {held_on} 评审会,列入「{case['system']['name']}」,指派专家 {len(keys)} 名")
    for expert in experts:
        await expert.do(OPINION, panelCaseId=case["id"], **matter.opinion)
        seen = (await expert.ask(SEEN, id=case["id"]))["node"]
        say(f"专家 {expert.name} 提交意见:{matter.told};此时可见意见 {len(seen['opinions'])} 份")
    concluded = (await officer.do(CONCLUDE, panelCaseId=case["id"]))["panelCase"]
    (state,) = concluded["subject"].values()
    return concluded["conclusion"], state
