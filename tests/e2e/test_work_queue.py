"""A person's queue holds what waits for exactly that person, what is due first goes first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from api.demo.accounts import ACCOUNTS
from authz.waiting import TABLE, WorkAction
from domain.access import Duty, Role
from domain.calendar import local_date
from storage.database import Database
from tests.e2e.flows import FORM, complete, done, graded_system, node
from tests.e2e.oracle import Everything, Viewer
from tests.e2e.people import home_of, somebody
from tests.support import Api

PEOPLE = [account.username for account in ACCOUNTS]
ITEM = "id action duty subjectType subject{id} dueOn overdue waitingSince"


async def queue(api: Api, person: str, arguments: str = "") -> list[dict[str, Any]]:
    """All of a person's queue, page by page."""
    found: list[dict[str, Any]] = []
    after = None
    while True:
        document = (
            f"query($a:String){{viewer{{workQueue(first:7,after:$a{arguments})"
            f"{{nodes{{{ITEM}}} pageInfo{{hasNextPage endCursor}}}}}}}}"
        )
        page = (await api.ask(person, document, a=after))["viewer"]["workQueue"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def actions(api: Api, person: str, subject: str) -> list[str]:
    """What a person has to do about one thing."""
    return [item["action"] for item in await queue(api, person) if item["subject"]["id"] == subject]


@pytest.mark.parametrize("person", PEOPLE)
async def test_the_queue_holds_what_waits_for_the_person(api: Api, database: Database, person: str) -> None:
    items = await queue(api, person)
    expected = Viewer.called(await Everything.of(database, "beijing"), person).waiting()
    assert all(item["subject"] for item in items), "an item's subject can be seen"
    found = {(item["action"], item["subject"]["id"].partition("_")[2], item["dueOn"]) for item in items}
    assert found == {(action, str(subject), due and due.isoformat()) for action, subject, due in expected}
    assert len(items) == len({item["id"] for item in items}) == len(expected)


def test_every_action_is_somebodys() -> None:
    assert {row.action for row in TABLE} == set(WorkAction)


async def test_what_is_overdue_goes_first_and_what_has_no_last_day_last(api: Api) -> None:
    today = local_date(dt.datetime.now(dt.UTC)).isoformat()
    found: list[bool] = []
    for person in ("city.officer", "city.leader"):
        items = await queue(api, person)
        dues = [item["dueOn"] for item in items]
        assert dues == sorted(dues, key=lambda due: (due is None, due or ""))
        assert [item["overdue"] for item in items] == [due is not None and due < today for due in dues]
        found += [item["overdue"] for item in items]
    assert set(found) == {True, False}


async def test_filters_and_counts(api: Api) -> None:
    items = await queue(api, "city.officer")
    asked = """{viewer{
      all: workQueue(first:1){totalCount}
      overdue: workQueue(first:1,filter:{overdue:true}){totalCount}
      reviews: workQueue(first:1,filter:{action:DRAFT_REPLY}){totalCount}
      others: workQueue(first:1,filter:{actions:[RECEIVE_FILING,ASSIGN_EXPERTS]}){totalCount}
    }}"""
    counted = (await api.ask("city.officer", asked))["viewer"]
    assert {name: page["totalCount"] for name, page in counted.items()} == {
        "all": len(items),
        "overdue": sum(item["overdue"] for item in items),
        "reviews": sum(item["action"] == "DRAFT_REPLY" for item in items),
        "others": sum(item["action"] in {"RECEIVE_FILING", "ASSIGN_EXPERTS"} for item in items),
    }


async def test_a_reply_moves_from_the_officer_to_the_leader_and_back(api: Api) -> None:
    waiting = await queue(api, "city.officer", ",filter:{action:DRAFT_REPLY}")
    filing = waiting[-1]["subject"]["id"]
    drafted = await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A")
    reply = drafted["replyLetter"]["id"]
    assert await actions(api, "city.officer", filing) == []
    assert await actions(api, "city.leader", reply) == ["ISSUE_REPLY"]
    assert await actions(api, "city.advisor", reply) == []
    await api.do("city.leader", "returnReply", "replyLetter{id}", replyLetterId=reply, reason="请补充理由")
    assert await actions(api, "city.leader", reply) == []
    assert await actions(api, "city.officer", filing) == ["DRAFT_REPLY"]


async def test_another_persons_step_does_not_wait_for_the_one_who_did_the_first(api: Api, database: Database) -> None:
    """Who saved the draft last cannot submit it: it waits for the other approvers alone."""
    home = (await home_of(api, "unit.filer"))["name"]
    both = await somebody(api, database, Role.UNIT, {Duty.FILER, Duty.APPROVER}, home)
    filing = (await done(api, "unit.filer", "createFiling", "filing{id}", systemId=await graded_system(api)))["id"]
    await complete(api, filing)
    for saver, waits in ((both, []), ("unit.filer", ["SUBMIT_FILING"])):
        seen = await node(api, saver, filing, "Filing", FORM)
        given = {"filingId": filing, "version": seen["version"], "form": seen["form"]}
        await done(api, saver, "saveFiling", "filing{id}", **given)
        assert await actions(api, both, filing) == waits
        assert await actions(api, "unit.approver", filing) == ["SUBMIT_FILING"]


@pytest.mark.parametrize("person", ["unit.filer", "city.admin", "assessor"])
async def test_other_peoples_items_are_of_nobody(api: Api, person: str) -> None:
    (item, *_) = await queue(api, "city.officer")
    assert (await api.ask(person, "query($i:ID!){node(id:$i){id}}", i=item["id"]))["node"] is None


async def test_an_empty_queue(api: Api) -> None:
    assert await queue(api, "city.admin") == []
