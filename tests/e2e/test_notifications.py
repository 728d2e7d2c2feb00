"""People are told of what is theirs to do or to know, once, and never of what they may not see."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update

from api.demo.accounts import ACCOUNTS
from api.jobs.worker import working
from domain.audit.entities import OutboxEvent
from domain.entities import Base
from domain.notifications.entities import Notification
from domain.notifications.kinds import NotificationKind
from domain.notifications.rules import RULES
from domain.people.entities import Membership, User
from storage import queue
from storage.database import Database
from tests.support import Api, BackgroundWork

PEOPLE = [account.username for account in ACCOUNTS]
TOLD = "id kind title subjectType subject{__typename id} membership{role user{login}} dueOn createdAt unread readAt"


async def told(api: Api, person: str, arguments: str = "") -> list[dict[str, Any]]:
    found = await api.ask(person, f"{{viewer{{notifications(first:100{arguments}){{nodes{{{TOLD}}}}}}}}}")
    nodes: list[dict[str, Any]] = found["viewer"]["notifications"]["nodes"]
    return nodes


async def kinds_of(api: Api, person: str, subject: str) -> list[str]:
    """What a person was told of one thing, the first first."""
    return [each["kind"] for each in reversed(await told(api, person)) if (each["subject"] or {}).get("id") == subject]


async def submitted(api: Api) -> str:
    """A draft of the demo's unit that is complete, handed in."""
    drafts = await api.all("unit.filer", "filings", "id missingItems{required}", ",filter:{state:DRAFT}")
    for draft in drafts:
        if not any(item["required"] for item in draft["missingItems"]):
            payload = await api.do("unit.approver", "submitFiling", "filing{id}", filingId=draft["id"])
            if payload["filing"]:
                filing: str = payload["filing"]["id"]
                return filing
    raise AssertionError("no draft of the demo's unit is complete")


# --- who is told ---


@pytest.mark.parametrize("person", PEOPLE)
async def test_whoever_was_told_can_see_what_of(api: Api, person: str) -> None:
    for each in await told(api, person):
        assert each["subject"] is not None, each
        assert each["membership"]["user"]["login"] == person


async def test_the_demos_people_have_been_told_something(api: Api) -> None:
    for person in ("unit.filer", "unit.approver", "city.officer", "city.leader", "city.advisor", "district.officer"):
        assert await told(api, person), person


async def test_nobody_sees_what_others_were_told(api: Api) -> None:
    (first, *_) = await told(api, "city.leader")
    for person in PEOPLE:
        node = (await api.ask(person, "query($i:ID!){node(id:$i){id}}", i=first["id"]))["node"]
        assert (node is not None) == (person == "city.leader")


async def test_each_step_is_told_to_those_whom_it_concerns(api: Api, jobs: BackgroundWork) -> None:
    filing = await submitted(api)
    await jobs.run()
    assert await kinds_of(api, "district.officer", filing) == ["FILING_SUBMITTED"]
    assert await kinds_of(api, "city.officer", filing) == []  # the district's, as yet
    assert await kinds_of(api, "unit.approver", filing) == []  # who did it knows
    await api.do("district.officer", "receiveFiling", "filing{id}", filingId=filing)
    await jobs.run()
    assert await kinds_of(api, "unit.filer", filing) == ["FILING_RECEIVED"]
    assert await kinds_of(api, "unit.approver", filing) == ["FILING_RECEIVED"]
    assert await kinds_of(api, "district.officer", filing) == ["FILING_SUBMITTED"]


async def test_a_draft_is_told_to_the_leader_and_its_return_to_the_drafter(api: Api, jobs: BackgroundWork) -> None:
    waiting = await api.all("city.officer", "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each["id"] for each in waiting if not each["replies"])
    drafted = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A")
    reply = drafted["replyLetter"]["id"]
    await jobs.run()
    assert await kinds_of(api, "city.leader", reply) == ["REPLY_DRAFTED"]
    await api.do("city.leader", "returnReply", "replyLetter{id}", replyLetterId=reply, reason="请补充理由")
    await jobs.run()
    assert await kinds_of(api, "city.officer", reply) == ["REPLY_RETURNED"]


async def test_who_lost_the_membership_is_no_longer_told(api: Api, jobs: BackgroundWork, database: Database) -> None:
    tenant = await database.directory.resolve_tenant(None)
    assert tenant
    async with database.transaction(tenant) as session:
        leader = await session.scalar(select(User).where(User.tenant_id == tenant, User.username == "city.leader"))
        assert leader
        revoke = update(Membership).where(Membership.tenant_id == tenant, Membership.user_id == leader.id)
        await session.execute(revoke.values(revoked_at=func.now()))
    try:
        waiting = await api.all("city.officer", "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
        filing = next(each["id"] for each in waiting if not each["replies"])
        reply = (await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A"))[
            "replyLetter"
        ]
        await jobs.run()
    finally:
        async with database.transaction(tenant) as session:
            await session.execute(revoke.values(revoked_at=None))
    assert await kinds_of(api, "city.leader", reply["id"]) == []


def test_the_table_names_subjects_that_there_are() -> None:
    classes = {mapper.class_.__name__ for mapper in Base.registry.mappers}
    assert {name.partition(".")[0] for name in RULES} <= classes


# --- once, in order, whatever happens ---


async def test_delivered_again_nobody_is_told_again(api: Api, jobs: BackgroundWork, database: Database) -> None:
    tenant = await database.directory.resolve_tenant(None)
    assert tenant
    found = []
    for _ in range(2):
        async with database.transaction(tenant) as session:
            await session.execute(update(OutboxEvent).values(delivered_at=None))
        await jobs.run()
        found.append({person: await told(api, person) for person in PEOPLE})
    assert found[0] == found[1]


async def test_an_event_that_cannot_be_delivered_holds_nothing_up(
    api: Api, jobs: BackgroundWork, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = await submitted(api)
    broken = (
        RULES["Filing.submitFiling"][0].__class__(NotificationKind.FILING_SUBMITTED, (), lambda _: 1 / 0 > 0, False),
    )
    with monkeypatch.context() as patched:
        patched.setitem(RULES, "Filing.submitFiling", broken)  # type: ignore[arg-type]  # a table only here
        await api.do("unit.approver", "withdrawFiling", "filing{id}", filingId=filing)
        await jobs.outcomes()
    assert await kinds_of(api, "district.officer", filing) == ["FILING_WITHDRAWN"]
    await jobs.make_due()
    assert "notifications.deliver" in await jobs.run()  # mended, and tried again
    assert await kinds_of(api, "district.officer", filing) == ["FILING_SUBMITTED", "FILING_WITHDRAWN"]


async def test_a_commit_wakes_the_delivery(api: Api, jobs: BackgroundWork) -> None:
    waiting = await api.all("city.officer", "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each["id"] for each in waiting if not each["replies"])
    async with working(jobs.platform, lease=30), working(jobs.platform, lease=30):
        await asyncio.sleep(0.5)
        drafted = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A")
        reply = drafted["replyLetter"]["id"]
        async with asyncio.timeout(5):  # the timer would take thirty seconds
            while not await kinds_of(api, "city.leader", reply):  # noqa: ASYNC110 - asked as a client would
                await asyncio.sleep(0.1)
    assert await kinds_of(api, "city.leader", reply) == ["REPLY_DRAFTED"]  # by one of the two


async def test_a_thousand_people_are_told_at_once(api: Api, jobs: BackgroundWork, database: Database) -> None:
    tenant = await database.directory.resolve_tenant("tianjin")
    assert tenant
    users, memberships = Base.metadata.tables["users"], Base.metadata.tables["memberships"]
    async with database.transaction(tenant) as session:
        office = await session.scalar(
            select(Membership.organisation_id)
            .join(User, User.id == Membership.user_id)
            .where(User.username == "city.leader")
        )
        people = [
            {"tenant_id": tenant, "id": uuid.uuid4(), "created_at": func.now(), "username": f"many{number}",
             "display_name": "众", "password_hash": "!"}
            for number in range(1000)
        ]  # fmt: skip
        for each in people:
            each.pop("created_at")
        await session.execute(insert(users).values(created_at=func.now()), people)
        await session.execute(
            insert(memberships).values(created_at=func.now()),
            [
                {"tenant_id": tenant, "id": uuid.uuid4(), "user_id": each["id"], "organisation_id": office,
                 "role": "CITY_OFFICE", "duties": ["LEADER"]}
                for each in people
            ],
        )  # fmt: skip
    officer = "city.officer@tianjin"
    waiting = await api.all(officer, "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each["id"] for each in waiting if not each["replies"])
    await jobs.outcomes()  # what other tests have left
    failed = await queue.list_jobs(database, "failed")
    statements: list[str] = []

    def heard(*given: Any) -> None:
        statements.append(given[2])

    engine = database._engine.sync_engine
    event.listen(engine, "before_cursor_execute", heard)
    await jobs.run()
    idle = len(statements)  # each city is asked, and others may have made some
    drafted = await api.do(officer, "draftReply", "replyLetter{id}", filingId=filing, kind="A")
    statements.clear()
    await jobs.run()
    event.remove(engine, "before_cursor_execute", heard)
    assert len(statements) - 2 * idle < 40  # however many people there are
    reply = uuid.UUID(drafted["replyLetter"]["id"].partition("_")[2])
    async with database.transaction(tenant) as session:
        count = await session.scalar(
            select(func.count(func.distinct(Notification.user_id))).where(
                Notification.kind == NotificationKind.REPLY_DRAFTED, Notification.subject_id == reply
            )
        )
    assert count == 1001
    assert await queue.list_jobs(database, "failed") == failed


# --- what one does with it ---


async def test_reading_and_counting(api: Api) -> None:
    unread = await told(api, "unit.filer", ",filter:{unread:true}")
    assert unread
    counted = "{viewer{notifications(first:1,filter:{unread:true}){totalCount}}}"
    in_all = (await api.ask("unit.filer", counted))["viewer"]["notifications"]["totalCount"]
    assert all(each["unread"] and each["readAt"] is None for each in unread)
    one = unread[0]["id"]
    read = await api.do("unit.filer", "markNotificationsRead", "unreadCount", notificationIds=[one])
    assert read == {"unreadCount": in_all - 1, "userErrors": []}
    again = await api.do("unit.filer", "markNotificationsRead", "unreadCount", notificationIds=[one])
    assert again["unreadCount"] == in_all - 1
    assert one in {each["id"] for each in await told(api, "unit.filer", ",filter:{unread:false}") if each["readAt"]}
    others = await api.do("city.officer", "markNotificationsRead", "unreadCount", notificationIds=[one])
    assert (others["unreadCount"], others["userErrors"][0]["code"]) == (None, "NOT_FOUND")
    everything = await api.do("unit.filer", "markNotificationsRead", "unreadCount")
    assert everything["unreadCount"] == 0


async def test_titles_speak_the_callers_language(api: Api) -> None:
    (first, *_) = await told(api, "city.leader")
    token = await api.token("city.leader")
    document = "query($i:ID!){node(id:$i){...on Notification{title}}}"
    answer = (await api.post(document, token, {"accept-language": "en"}, i=first["id"])).json()
    kind = NotificationKind[first["kind"]]
    assert (first["title"], answer["data"]["node"]["title"]) == (kind.zh, kind.en)


async def test_who_does_not_want_to_be_told_on_the_platform_is_not(api: Api, jobs: BackgroundWork) -> None:
    choose = {"kind": "REPLY_DRAFTED", "inApp": False, "email": True}
    chosen = await api.do(
        "city.leader", "setNotificationPreferences", "preferences{kind inApp email}", preferences=[choose]
    )
    assert chosen["preferences"] == [choose]
    shown = await api.ask("city.leader", "{viewer{notificationPreferences{kind inApp email}}}")
    assert shown["viewer"]["notificationPreferences"] == [choose]
    waiting = await api.all("city.officer", "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each["id"] for each in waiting if not each["replies"])
    drafted = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A")
    await jobs.run()
    assert await kinds_of(api, "city.leader", drafted["replyLetter"]["id"]) == []
    back = {**choose, "inApp": True}
    await api.do("city.leader", "setNotificationPreferences", "preferences{kind}", preferences=[back])
