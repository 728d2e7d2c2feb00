"""A filing played through all five roles' hands, and told as a person would read it (`dengbao demo`).

Everybody does their steps through HTTP only: reply A, then B with a resubmission, then C with the expert panel, a level
adjusted and accepted; one that came on paper is entered by the district's office (`entry`) and goes on online; the
accepted filing is amended, and the amended one takes its place. The system whose level was adjusted is rectified
(`rectification`) and assessed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from clients.assessment import assess
from clients.entry import LEFT_BLANK, NAME, enter
from clients.graphql import Person, Refused
from clients.inspection import inspect
from clients.panel import advise
from clients.papers import ANSWERS, archive, paper
from clients.rectification import People, rectify

PASSWORD = "dengbao-demo"  # noqa: S105 - the demo's, and only the demo's
EXPERTS = ("expert", "expert2", "expert3")
Say = Callable[[str], None]

ERRORS = "userErrors { code field message }"
CREATE_SYSTEM = f"""mutation CreateSystem($input: CreateSystemInput!) {{ createSystem(input: $input) {{
  system {{ id name code }} {ERRORS} }} }}"""
SAVE_GRADING = f"""mutation SaveGrading($input: SaveGradingInput!) {{ saveGrading(input: $input) {{
  grading {{ id level securityMark }} {ERRORS} }} }}"""
GRADING_STEP = """mutation Step($input: GradingStepInput!) {{ {0}(input: $input) {{
  grading {{ id state level securityMark }} userErrors {{ code field message }} }} }}"""
FILING = "id state number level version reviewDueOn missingItems { path message required } monthlyReturn { id month }"
CREATE_FILING = f"""mutation CreateFiling($input: CreateFilingInput!) {{ createFiling(input: $input) {{
  filing {{ {FILING} form {{ unit {{ unitName }} }} }} {ERRORS} }} }}"""
CURRENT_FORM = f"""query Form($id: ID!) {{ node(id: $id) {{ ... on Filing {{ {FILING} form {{
  unit {{ unitName province city county address postcode divisionCode leader {{ name title phone email }}
    responsibleDepartment contact {{ name title phone mobile email }} subordination subordinationOther unitType
    unitTypeOther industry industryOther systemTotal level2Count level3Count level4Count level5Count }}
  system {{ systemName systemNumber businessTypes businessDescription serviceScope serviceAudience networkCoverage
    networkNature interconnections inServiceOn isSubsystem parentSystem parentUnit
    keyProducts {{ kind count domesticUse }} services {{ kind used provider }} }}
  grading {{ expertReviewed hasCompetentDepartment competentDepartment departmentApproved filledBy filledOn }}
  }} }} }} }}"""
SAVE_FILING = f"""mutation SaveFiling($input: SaveFilingInput!) {{ saveFiling(input: $input) {{
  filing {{ {FILING} }} {ERRORS} }} }}"""
ATTACH = f"""mutation Attach($input: AttachDocumentInput!) {{ attachDocument(input: $input) {{
  filing {{ {FILING} }} {ERRORS} }} }}"""
FILING_STEP = """mutation Step($input: FilingStepInput!) {{ {0}(input: $input) {{
  filing {{ id state number reviewDueOn monthlyReturn {{ id month }} }} userErrors {{ code field message }} }} }}"""
HAND_IN = f"""mutation HandIn($input: MonthlyReturnStepInput!) {{ submitMonthlyReturn(input: $input) {{
  monthlyReturn {{ month state late filings(first: 100) {{ totalCount }} }} {ERRORS} }} }}"""
DRAFT = f"""mutation Draft($input: DraftReplyInput!) {{ draftReply(input: $input) {{
  replyLetter {{ id kind state }} {ERRORS} }} }}"""
ISSUE = f"""mutation Issue($input: ReplyStepInput!) {{ issueReply(input: $input) {{
  replyLetter {{ number kind verificationCode filing {{ state number }} }} {ERRORS} }} }}"""
REPLIES = """query Replies($id: ID!) { node(id: $id) { ... on Filing { state number
  replies { number kind body missingItems } history { action to by { displayName } } } } }"""
SYSTEM_OF = """query SystemOf($id: ID!) { node(id: $id) { ... on Filing { system { id name } } } }"""
WHO = """query Who($id: ID!) { filings { totalCount } node(id: $id) { id } }"""

L2 = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "GENERAL"}], "reasoning": "影响公共服务秩序"}
L1 = {"harms": [{"object": "LEGITIMATE_RIGHTS", "degree": "GENERAL"}], "reasoning": "影响轻微"}
L3 = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "SERIOUS"}], "reasoning": "严重影响公共服务"}


class PlayError(Exception):
    """The play could not be given: nothing answers, the demo data are not there, or a step was refused."""


@dataclass(slots=True)
class Cast:
    """Who plays."""

    filer: Person
    approver: Person
    district: Person
    officer: Person
    leader: Person
    experts: tuple[Person, ...]
    assessor: Person


async def play(url: str, say: Say) -> None:
    """Give the whole play against the platform at ``url``, telling each step. Raises: PlayError."""
    try:
        async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
            cast = await _sign_in(http, url.rstrip("/"), say)
            filings = [
                await _file(cast, say, "政务服务预约系统", L2, L1),
                await _file(cast, say, "惠民补贴发放系统", L2, L2),
                await _file(cast, say, "区级协同办公系统", L2, L2),
            ]
            on_paper = await enter(cast.district, cast.filer, say)
            await _receive(cast, say, filings)
            await _reply(cast, say, filings[0], kind="A", body="经审核,材料齐全,定级准确,接受备案。")
            await _reply(cast, say, filings[1], kind="B", body="请补充下列材料。", missingItems=["系统拓扑结构说明"])
            await _resubmit(cast, say, filings[1])
            await _reply(
                cast, say, filings[2], kind="C", body="服务面向全区公众,系统服务等级明显偏低,提请专家组再评审。"
            )
            await advise(cast.officer, cast.experts, say, filings[2], level=3)
            await _adjust(cast, say, filings[2])
            await _reply(cast, say, filings[2], kind="A", body="级别已按专家意见调整,接受备案。")
            await _reply(cast, say, filings[1], kind="A", body="材料已补齐,接受备案。")
            await _go_on(cast, say, on_paper)
            filings.append(await _amend(cast, say, filings[0]))
            level_3 = (await cast.filer.ask(SYSTEM_OF, id=filings[2]))["node"]["system"]["id"]
            await rectify(People(cast.filer, cast.approver, cast.officer, cast.experts), say, level_3)
            await _assess(cast, say, filings[2])
            await _inspect(cast, say, filings[2])
            await _look(cast, say, filings)
    except Refused as refused:
        raise PlayError(f"A step was refused: {refused}") from refused
    except httpx.HTTPError as error:
        raise PlayError(
            f"{url} cannot be used ({type(error).__name__}). Start the platform with `make run`."
        ) from error


async def _sign_in(http: httpx.AsyncClient, url: str, say: Say) -> Cast:
    names = ("unit.filer", "unit.approver", "district.officer", "city.officer", "city.leader", "assessor", *EXPERTS)
    people = [await Person.sign_in(http, url, name, PASSWORD) for name in names]
    for name, person in zip(names, people, strict=True):
        say(f"登录 {name}:{person.name}({person.organisation})")
    filer, approver, district, officer, leader, assessor, *experts = people
    return Cast(filer, approver, district, officer, leader, tuple(experts), assessor)


async def _file(cast: Cast, say: Say, name: str, information: dict[str, Any], service: dict[str, Any]) -> str:
    """From a new system to a submitted filing: the filing's id."""
    code = f"DEMO-{uuid.uuid4().hex[:8].upper()}"
    system = (await cast.filer.do(CREATE_SYSTEM, name=name, code=code, inServiceOn="2026-03-01"))["system"]
    say(f"\n{cast.filer.name} 登记信息系统「{name}」({code})")
    given = {"systemId": system["id"], "businessInformation": information, "systemService": service}
    grading = (await cast.filer.do(SAVE_GRADING, **given))["grading"]
    say(f"{cast.filer.name} 定级:{grading['securityMark']},第 {grading['level']} 级")
    await cast.filer.do(GRADING_STEP.format("submitGrading"), gradingId=grading["id"])
    await cast.approver.do(GRADING_STEP.format("confirmGrading"), gradingId=grading["id"])
    say(f"{cast.approver.name} 确认定级")
    filing = (await cast.filer.do(CREATE_FILING, systemId=system["id"]))["filing"]
    say(f"{cast.filer.name} 创建备案,表格已预填,尚缺 {len(filing['missingItems'])} 项")
    await _complete(cast, say, filing["id"], name)
    done = (await cast.approver.do(FILING_STEP.format("submitFiling"), filingId=filing["id"]))["filing"]
    say(f"{cast.approver.name} 提交备案:{done['state']}")
    identifier: str = filing["id"]
    return identifier


async def _complete(cast: Cast, say: Say, identifier: str, name: str) -> None:
    """Fill in and attach whatever is still missing, as the platform lists it."""
    filing = (await cast.filer.ask(CURRENT_FORM, id=identifier))["node"]
    form = filing["form"]
    for item in filing["missingItems"]:
        if "." in item["path"]:
            *parents, last = item["path"].split(".")
            place = form
            for parent in parents:
                place[parent] = place = place[parent] or {}
            place[last] = ANSWERS[item["path"]]
    saved = await cast.filer.do(SAVE_FILING, filingId=identifier, version=filing["version"], form=form)
    missing = [item for item in saved["filing"]["missingItems"] if item["required"]]
    say(f"{cast.filer.name} 填写备案表,尚缺材料:{'、'.join(item['path'] for item in missing) or '无'}")
    for item in missing:
        is_archive = item["path"] == "FILING_ARCHIVE"
        content = archive(name) if is_archive else paper(name)
        filename = f"{name}-{item['path'].lower()}.{'zip' if is_archive else 'pdf'}"
        document = await cast.filer.upload(filename, content, item["path"])
        await cast.filer.do(ATTACH, filingId=identifier, documentId=document["id"], kind=item["path"])
        say(f"{cast.filer.name} 上传并附上 {filename}({document['size']} 字节)")


async def _receive(cast: Cast, say: Say, filings: list[str]) -> None:
    monthly_return: dict[str, Any] = {}
    say("")
    for identifier in filings:
        received = await cast.district.do(FILING_STEP.format("receiveFiling"), filingId=identifier)
        monthly_return = received["filing"]["monthlyReturn"]
        say(f"{cast.district.name} 接收备案,列入 {monthly_return['month'][:7]} 月报")
    handed_in = (await cast.district.do(HAND_IN, monthlyReturnId=monthly_return["id"]))["monthlyReturn"]
    late = "逾期" if handed_in["late"] else "按期"
    say(f"{cast.district.name} 报送 {handed_in['month'][:7]} 月报,共 {handed_in['filings']['totalCount']} 件,{late}")


async def _reply(cast: Cast, say: Say, identifier: str, **reply: Any) -> None:
    drafted = (await cast.officer.do(DRAFT, filingId=identifier, **reply))["replyLetter"]
    say(f"\n{cast.officer.name} 拟复函 {drafted['kind']}:{reply['body']}")
    issued = (await cast.leader.do(ISSUE, replyLetterId=drafted["id"]))["replyLetter"]
    number = issued["filing"]["number"]
    accepted = f",备案编号 {number}" if number else ""
    say(f"{cast.leader.name} 签发 {issued['number']},备案转为 {issued['filing']['state']}{accepted}")


async def _resubmit(cast: Cast, say: Say, identifier: str) -> None:
    document = await cast.filer.upload("系统拓扑结构说明.pdf", paper("topology"), "TOPOLOGY")
    await cast.filer.do(ATTACH, filingId=identifier, documentId=document["id"], kind="TOPOLOGY")
    say(f"{cast.filer.name} 按复函补充材料")
    again = (await cast.approver.do(FILING_STEP.format("resubmitFiling"), filingId=identifier))["filing"]
    say(f"{cast.approver.name} 重新提交:{again['state']},新的审核期限 {again['reviewDueOn']}")


async def _go_on(cast: Cast, say: Say, identifier: str) -> None:
    """What came on paper and lacked something goes on as any other: sent back, completed by the unit, accepted."""
    await _reply(cast, say, identifier, kind="B", body="纸质材料不全。", missingItems=[LEFT_BLANK])
    await _complete(cast, say, identifier, NAME)
    again = (await cast.approver.do(FILING_STEP.format("resubmitFiling"), filingId=identifier))["filing"]
    say(f"{cast.approver.name} 在平台上补齐后重新提交:{again['state']}")
    await _reply(cast, say, identifier, kind="A", body="材料已补齐,接受备案。")


async def _adjust(cast: Cast, say: Say, identifier: str) -> None:
    """The unit grades its system anew, as the experts advised, and files the level again."""
    system = (await cast.filer.ask(SYSTEM_OF, id=identifier))["node"]["system"]
    grading = (await cast.filer.do(SAVE_GRADING, systemId=system["id"], businessInformation=L3, systemService=L3))[
        "grading"
    ]
    await cast.filer.do(GRADING_STEP.format("submitGrading"), gradingId=grading["id"])
    await cast.approver.do(GRADING_STEP.format("confirmGrading"), gradingId=grading["id"])
    say(f"{cast.filer.name} 按专家意见重新定级:{grading['securityMark']},{cast.approver.name} 确认")
    await _complete(cast, say, identifier, system["name"])
    again = (await cast.approver.do(FILING_STEP.format("resubmitFiling"), filingId=identifier))["filing"]
    say(f"{cast.approver.name} 重新提交:{again['state']},新的审核期限 {again['reviewDueOn']}")


async def _amend(cast: Cast, say: Say, identifier: str) -> str:
    """What was accepted changes: an amended filing goes the same way, and takes the place of the first."""
    amended = (await cast.approver.do(FILING_STEP.format("amendFiling"), filingId=identifier))["filing"]
    say(f"\n{cast.approver.name} 办理变更备案:{amended['state']}")
    system = (await cast.filer.ask(SYSTEM_OF, id=amended["id"]))["node"]["system"]
    await _complete(cast, say, amended["id"], system["name"])
    done = (await cast.approver.do(FILING_STEP.format("submitFiling"), filingId=amended["id"]))["filing"]
    say(f"{cast.approver.name} 提交变更备案:{done['state']}")
    await _receive(cast, say, [amended["id"]])
    await _reply(cast, say, amended["id"], kind="A", body="变更属实,接受备案。")
    made: str = amended["id"]
    return made


async def _assess(cast: Cast, say: Say, filing: str) -> None:
    """The level 3 system that was filed is assessed, by the body that the demo's assessor is of."""
    system = (await cast.filer.ask(SYSTEM_OF, id=filing))["node"]["system"]["id"]
    unit = (cast.filer, cast.approver)
    await assess(cast.officer, unit, cast.district, cast.assessor, say, system)


async def _inspect(cast: Cast, say: Say, identifier: str) -> None:
    """What was filed is inspected, within this year's joint campaign."""
    system = (await cast.filer.ask(SYSTEM_OF, id=identifier))["node"]["system"]
    await inspect(cast.officer, cast.leader, cast.approver, say, system["id"])


async def _look(cast: Cast, say: Say, filings: list[str]) -> None:
    say("")
    for identifier in filings:
        filing = (await cast.filer.ask(REPLIES, id=identifier))["node"]
        steps = " → ".join(step["to"] for step in filing["history"])
        say(f"{cast.filer.name} 查看备案:{filing['number'] or '(未编号)'} {steps}")
    for person, role in ((cast.experts[0], "专家"), (cast.assessor, "测评机构")):
        seen = await person.ask(WHO, id=filings[1])
        if seen["node"] is not None:
            raise PlayError(f"{role} sees a filing that is none of its own")
        say(f"{role} {person.name} 可见备案 {seen['filings']['totalCount']} 件,看不到他人的这一件")
