"""The review: its clock and calendar, replies by two people, numbers without gaps, letters that anyone can check."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from domain.access import Duty, Role
from domain.calendar import SHANGHAI, nth_working_day
from domain.filings.entities import ReviewPeriod
from storage.database import Database
from tests.e2e.flows import (
    FORM,
    accepted,
    answered,
    codes,
    complete,
    done,
    graded_system,
    node,
    submitted,
    under_review,
)
from tests.e2e.people import somebody
from tests.support import Api, BackgroundWork

PERIODS = "reviewDueOn reviewPeriods{startedOn dueOn provisional endedOn punctual reply{kind}}"


def today() -> dt.date:
    return dt.datetime.now(SHANGHAI).date()


async def draft(api: Api, filing: str, kind: str = "A", **given: Any) -> str:
    given = {"body": "经审核。", **({"missingItems": ["系统名称"]} if kind == "B" else {}), **given}
    letter = await done(api, "city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind=kind, **given)
    return str(letter["id"])


# --- the clock ---


async def test_a_reply_stops_the_clock_and_a_resubmission_starts_another(api: Api) -> None:
    filing = await under_review(api)
    due = nth_working_day(today(), 10)
    running = {
        "startedOn": today().isoformat(),
        "dueOn": due.date.isoformat(),
        "provisional": due.provisional,
        "endedOn": None,
        "punctual": None,
        "reply": None,
    }
    found = await node(api, "city.officer", filing, "Filing", PERIODS)
    assert found == {"reviewDueOn": due.date.isoformat(), "reviewPeriods": [running]}
    await answered(api, filing, "B")
    ended = {**running, "endedOn": today().isoformat(), "punctual": True, "reply": {"kind": "B"}}
    assert (await node(api, "unit.filer", filing, "Filing", PERIODS))["reviewPeriods"] == [ended]
    await complete(api, filing)
    await done(api, "unit.approver", "resubmitFiling", "filing{id}", filingId=filing)
    assert (await node(api, "city.officer", filing, "Filing", PERIODS))["reviewPeriods"] == [ended, running]


@pytest.fixture
async def ruling(api: Api) -> AsyncIterator[str]:
    """A working day within the running reviews, as the official calendar has it; no ruling is left on it."""
    day = nth_working_day(today(), 3).date.isoformat()
    yield day
    await api.do("city.admin", "setCalendarDay", "calendarDay{id}", day=day)


async def test_a_ruling_moves_the_reviews_that_run(api: Api, ruling: str) -> None:
    running, ended = await under_review(api), await accepted(api)
    before = {each: await node(api, "city.officer", each, "Filing", f"version {PERIODS}") for each in (running, ended)}
    selection = "calendarDay{day working reason decidedBy{login}}"
    ruled = await done(api, "city.admin", "setCalendarDay", selection, day=ruling, working=False, reason="市运会放假")
    assert ruled == {"day": ruling, "working": False, "reason": "市运会放假", "decidedBy": {"login": "city.admin"}}
    after = await node(api, "city.officer", running, "Filing", f"version {PERIODS}")
    due = nth_working_day(today(), 11).date.isoformat()
    assert after["reviewDueOn"] == after["reviewPeriods"][0]["dueOn"] == due
    assert after["version"] == before[running]["version"] + 1
    assert await node(api, "city.officer", ended, "Filing", f"version {PERIODS}") == before[ended]
    events = await api.all("city.admin", "auditEvents", "action subject{id}")
    assert {"action": "setCalendarDay", "subject": {"id": running}} in events
    listed = await api.ask("unit.filer", '{calendarDays(filter:{dayFrom:"2026-01-01"}){nodes{day working}}}')
    assert {"day": ruling, "working": False} in listed["calendarDays"]["nodes"]
    counted = await api.ask("unit.filer", "query($d:Date!){workingDays(from:$d,count:3){date}}", d=today().isoformat())
    assert counted["workingDays"]["date"] > ruling
    elsewhere = "query($d:Date!){workingDays(from:$d,count:3){date provisional}}"
    assert (await api.ask("unit.filer@tianjin", elsewhere, d=today().isoformat()))["workingDays"]["date"] == ruling
    # Taken back, the official calendar holds again.
    await done(api, "city.admin", "setCalendarDay", "calendarDay{id}", day=ruling)
    assert await node(api, "city.officer", running, "Filing", PERIODS) == {
        name: value for name, value in before[running].items() if name != "version"
    }


async def test_provisional_dates_are_settled_once_the_calendar_is_known(
    api: Api, database: Database, jobs: BackgroundWork
) -> None:
    filing = await under_review(api)
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    certain = await node(api, "city.officer", filing, "Filing", f"reviewDueProvisional {PERIODS}")
    async with database.transaction(tenant) as session:
        # As it would have been, had this year's calendar not been published when the review began.
        wrong = {"due_on": today() + dt.timedelta(days=13), "provisional": True}
        await session.execute(
            update(ReviewPeriod).where(ReviewPeriod.filing_id == UUID(filing.removeprefix("fil_"))).values(wrong)
        )
        await jobs.platform.jobs.enqueue(session, tenant, "filings.settle_due_dates", {})
    assert "filings.settle_due_dates" in await jobs.run()
    assert await node(api, "city.officer", filing, "Filing", f"reviewDueProvisional {PERIODS}") == certain


async def test_a_ruling_says_why(api: Api) -> None:
    payload = await api.do("city.admin", "setCalendarDay", "calendarDay{id}", day="2031-05-05", working=True)
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", "reason")]
    payload = await api.do("city.admin", "setCalendarDay", "calendarDay{id}", day="2031-05-05")
    assert [(error["code"], error["field"]) for error in payload["userErrors"]] == [("INVALID_INPUT", "working")]


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2007-09-25", 10, {"date": "2007-10-12", "provisional": False}),
        ("2026-09-18", 10, {"date": "2026-10-09", "provisional": False}),
        ("2036-12-25", 10, {"date": "2037-01-08", "provisional": True}),
    ],
)
async def test_working_days_are_counted_for_whoever_is_signed_in(
    api: Api, start: str, count: int, expected: dict[str, Any]
) -> None:
    document = "query($f:Date!,$c:Int!){workingDays(from:$f,count:$c){date provisional}}"
    for person in ("unit.filer", "expert", "city.officer@tianjin"):
        assert (await api.ask(person, document, f=start, c=count))["workingDays"] == expected
    assert (await api.answer(None, document, f=start, c=count))["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("count", [0, -1, 1001])
async def test_a_count_that_nobody_needs_is_refused(api: Api, count: int) -> None:
    answer = await api.answer("unit.filer", 'query($c:Int!){workingDays(from:"2026-01-01",count:$c){date}}', c=count)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


# --- replies ---


async def test_a_returned_draft_is_drafted_anew(api: Api) -> None:
    filing = await under_review(api)
    first = await draft(api, filing)
    payload = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A")
    assert codes(payload) == ["INVALID_STATE"]
    selection = "replyLetter{state returnReason number}"
    returned = await done(api, "city.leader", "returnReply", selection, replyLetterId=first, reason="请补充理由")
    assert returned == {"state": "RETURNED", "returnReason": "请补充理由", "number": None}
    assert codes(await api.do("city.leader", "issueReply", "replyLetter{id}", replyLetterId=first)) == ["INVALID_STATE"]
    letter = await answered(api, filing, "C", body="服务面向全市,等级偏低。")
    assert letter["filing"]["state"] == "RE_REVIEW"
    replies = (await node(api, "city.officer", filing, "Filing", "replies{state}"))["replies"]
    assert [each["state"] for each in replies] == ["ISSUED", "RETURNED"]
    seen = (await node(api, "unit.filer", filing, "Filing", "replies{state kind}"))["replies"]
    assert seen == [{"state": "ISSUED", "kind": "C"}]


async def test_a_reply_names_places_of_the_form_in_its_words(api: Api) -> None:
    filing = await under_review(api)
    items = ["unit.postcode", "TOPOLOGY", "机房平面图"]
    letter = await answered(api, filing, "B", missingItems=items)
    shown = await node(api, "unit.filer", letter["id"], "ReplyLetter", "missingItems namedItems{path text}")
    assert shown == {
        "missingItems": items,
        "namedItems": [
            {"path": "unit.postcode", "text": "表一 03 邮政编码(6 位数字)"},
            {"path": "TOPOLOGY", "text": "系统拓扑结构及说明"},
            {"path": None, "text": "机房平面图"},
        ],
    }


async def test_two_leaders_who_issue_at_once_issue_once(api: Api, database: Database) -> None:
    filing = await under_review(api)
    letter = await draft(api, filing)
    leaders = ("city.leader", await somebody(api, database, Role.CITY_OFFICE, {Duty.LEADER}, None))
    both = await asyncio.gather(
        *(api.do(leader, "issueReply", "replyLetter{number}", replyLetterId=letter) for leader in leaders)
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]


async def test_one_who_issues_while_another_returns_is_told(api: Api) -> None:
    filing = await under_review(api)
    letter = await draft(api, filing)
    both = await asyncio.gather(
        api.do("city.leader", "issueReply", "replyLetter{id}", replyLetterId=letter),
        api.do("city.leader", "returnReply", "replyLetter{id}", replyLetterId=letter, reason="重拟"),
    )
    assert sorted(codes(payload) for payload in both) == [[], ["INVALID_STATE"]]
    state = (await node(api, "city.officer", letter, "ReplyLetter", "state"))["state"]
    assert state == ("ISSUED" if codes(both[0]) == [] else "RETURNED")


async def test_letters_of_each_kind_are_numbered_without_gaps_or_doubles(api: Api, database: Database) -> None:
    filings = [await under_review(api) for _ in range(4)]
    kinds = ["A", "B", "A", "A"]
    drafts = [await draft(api, filing, kind) for filing, kind in zip(filings, kinds, strict=True)]
    refused = await draft(api, await under_review(api))
    at_once = [
        api.do("city.leader", "issueReply", "replyLetter{number filing{number}}", replyLetterId=each) for each in drafts
    ]
    # One that fails takes no number with it.
    at_once.append(api.do("city.leader", "issueReply", "replyLetter{id}", replyLetterId=refused, version=99))
    payloads = await asyncio.gather(*at_once)
    assert [codes(payload) for payload in payloads] == [[], [], [], [], ["CONFLICT"]]
    numbers = {payload["replyLetter"]["filing"]["number"] for payload in payloads[:4]} - {None}
    # One unit's filings, accepted at once, have the unit's serial and a serial each.
    assert len(numbers) == 3
    assert len({number[:11] for number in numbers}) == 1
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    rows = await database.reads.fetch_rows(tenant, "SELECT kind, number FROM reply_letters WHERE number IS NOT NULL")
    for kind in "ABC":
        taken = [re.fullmatch(r".+〔(\d{4})〕(\d+)号", row["number"]) for row in rows if row["kind"] == kind]
        by_year: dict[str, list[int]] = {}
        for match in taken:
            assert match
            by_year.setdefault(match[1], []).append(int(match[2]))
        assert by_year
        assert all(sorted(found) == list(range(1, len(found) + 1)) for found in by_year.values())


# --- letters that anyone can check ---

VERIFY = "query($n:String!,$c:String!){verifyLetter(number:$n,code:$c){genuine}}"


async def test_anyone_can_check_a_letter_and_learns_nothing_else(api: Api) -> None:
    filing = await under_review(api)
    letter = await answered(api, filing, "A")
    number, code = letter["number"], letter["verificationCode"]
    typed = f" {code[:4].lower()} {code[4:8]} {code[8:]} "
    for person in (None, "unit.filer@tianjin", "expert"):
        for given, genuine in {
            (number, code): True,
            (number, typed): True,
            (number, f"{code[:-1]}{'2' if code[-1] != '2' else '3'}"): False,
            (number, ""): False,
            ("北京信息办备复〔2026〕999999号", code): False,
            ("", code): False,
            (number, f"{code}\x00"): False,
        }.items():
            answer = await api.answer(person, VERIFY, n=given[0], c=given[1])
            if "errors" in answer:  # a null byte is refused before anything is asked
                assert "\x00" in given[1]
            else:
                assert answer["data"] == {"verifyLetter": {"genuine": genuine}}


async def test_a_draft_is_no_letter(api: Api) -> None:
    await draft(api, await under_review(api))
    assert (await api.answer(None, VERIFY, n="", c=""))["data"]["verifyLetter"] == {"genuine": False}


# --- comparison ---

CHANGES = "query($f:ID!,$t:ID!){filingChanges(from:$f,to:$t){path label before after}}"


async def test_versions_are_compared_place_by_place(api: Api) -> None:
    filing = await under_review(api)
    await answered(api, filing, "B")
    found = await node(api, "unit.filer", filing, "Filing", FORM)
    form = found["form"]
    form["system"]["systemName"] = "改正后的名称"
    form["system"]["businessTypes"] = ["CONTROL"]
    form["unit"]["leader"]["email"] = None
    form["system"]["keyProducts"] = [{"kind": "SERVER", "count": 3, "domesticUse": "ALL"}]
    given = {"filingId": filing, "version": found["version"], "form": form}
    await done(api, "unit.filer", "saveFiling", "filing{id}", **given)
    first = (await node(api, "unit.filer", filing, "Filing", "submissions{id}"))["submissions"][0]["id"]
    changes = (await api.ask("unit.filer", CHANGES, f=first, t=filing))["filingChanges"]
    by_path = {each["path"]: each for each in changes}
    assert by_path["system.systemName"] == {
        "path": "system.systemName",
        "label": "表二 01 系统名称",
        "before": "测试系统",
        "after": "改正后的名称",
    }
    assert by_path["system.businessTypes"]["after"] == "管理控制"
    assert by_path["unit.leader.email"]["after"] == ""
    assert by_path["system.keyProducts"]["after"] == "服务器,数量 3,使用国产品率 全部使用"
    assert set(by_path) == {"system.systemName", "system.businessTypes", "unit.leader.email", "system.keyProducts"}
    # The city sees the same; in English when asked so; the same version twice is no change.
    response = await api.post(CHANGES, await api.token("city.officer"), {"accept-language": "en"}, f=first, t=filing)
    english = {each["path"]: each for each in response.json()["data"]["filingChanges"]}
    assert english["system.businessTypes"]["after"] == "management and control"
    assert (await api.ask("city.officer", CHANGES, f=filing, t=filing))["filingChanges"] == []


@pytest.mark.parametrize("person", ["expert", "assessor", "unit.filer@tianjin", "city.officer@tianjin"])
async def test_what_cannot_be_seen_cannot_be_compared(api: Api, person: str) -> None:
    filing = await submitted(api)
    first = (await node(api, "unit.filer", filing, "Filing", "submissions{id}"))["submissions"][0]["id"]
    for from_, to in ((first, filing), (filing, first), (f"fil_{uuid.uuid4()}", filing), ("x", "y")):
        assert (await api.ask(person, CHANGES, f=from_, t=to))["filingChanges"] is None


async def test_an_amendment_is_compared_with_what_it_replaces(api: Api) -> None:
    former = await accepted(api, await graded_system(api))
    amended = (await done(api, "unit.approver", "amendFiling", "filing{id}", filingId=former))["id"]
    changes = (await api.ask("unit.filer", CHANGES, f=former, t=amended))["filingChanges"]
    assert [(each["path"], each["after"]) for each in changes] == [("FILING_ARCHIVE", "")]
    # The office does not see a draft.
    assert (await api.ask("city.officer", CHANGES, f=former, t=amended))["filingChanges"] is None
