"""Assessment bodies: registered, accredited, and what suspension, withdrawal and expiry do to them at once."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from domain.codes import credit_code
from storage.database import Database
from tests.e2e.assessment_flows import (
    APPROVER,
    ASSESSOR,
    OFFICER,
    STATE,
    body_of,
    commissioned,
    filed_system,
    report_given,
    today,
)
from tests.e2e.flows import codes, done, node
from tests.support import Api, BackgroundWork

BODY = "assessmentBody{id version bodyCode organisation{id name} accreditation{number levels status staff{senior}}}"
HISTORY = "history{status reason}"


async def decide(api: Api, body: str, **given: Any) -> dict[str, Any]:
    """Decide on a body's accreditation, whatever its version."""
    version = (await node(api, OFFICER, body, "AssessmentBody", "version"))["version"]
    return await api.do(OFFICER, "setAccreditation", BODY, assessmentBodyId=body, version=version, **given)


async def test_a_body_is_registered_and_accredited(api: Api) -> None:
    code = f"{random.randrange(5000, 9000)}"  # noqa: S311 - not a secret
    company = credit_code(f"91110000{random.randrange(10**8):08d}X")  # noqa: S311
    wrong = await api.do(OFFICER, "registerAssessmentBody", BODY, bodyCode="11", name=" ", creditCode="91")
    assert {error["field"] for error in wrong["userErrors"]} == {"bodyCode", "name", "creditCode"}
    made = await done(
        api, OFFICER, "registerAssessmentBody", BODY, bodyCode=code, name="北京测评技术有限公司", creditCode=company
    )
    assert made["accreditation"] is None
    taken = await api.do(OFFICER, "registerAssessmentBody", BODY, bodyCode=code, name="另一家", creditCode=company)
    assert {error["field"] for error in taken["userErrors"]} == {"bodyCode", "creditCode"}
    again = await api.do(
        OFFICER, "registerAssessmentBody", BODY, bodyCode="9998", organisationId=made["organisation"]["id"]
    )
    assert [error["field"] for error in again["userErrors"]] == ["organisationId"]
    lacking = await decide(api, made["id"], levels=[1, 3], staff={"junior": -1}, status="EXPIRED")
    assert {error["field"] for error in lacking["userErrors"]} == {
        "number", "validFrom", "validTo", "levels", "staff.junior", "status", "reason",
    }  # fmt: skip
    whole = {
        "number": f"DJCP202611{code}",
        "validFrom": today().isoformat(),
        "validTo": (today() + dt.timedelta(days=1000)).isoformat(),
        "levels": [3, 2, 3],
        "staff": {"senior": 3, "intermediate": 5, "junior": 9},
    }
    given = (await decide(api, made["id"], **whole))["assessmentBody"]["accreditation"]
    assert given == {"number": whole["number"], "levels": [2, 3], "status": "ACTIVE", "staff": {"senior": 3}}
    kept = (await decide(api, made["id"], levels=[2]))["assessmentBody"]["accreditation"]
    assert (kept["levels"], kept["staff"]) == ([2], {"senior": 3}), "what is not given stays"
    stale = await api.do(OFFICER, "setAccreditation", BODY, assessmentBodyId=made["id"], version=1, levels=[2])
    assert codes(stale) == ["CONFLICT"]


DECISIONS: list[tuple[str, dict[str, Any], bool]] = [
    ("RECTIFYING", {"status": "RECTIFYING", "reason": "抽查不合格"}, True),
    ("SUSPENDED", {"status": "SUSPENDED", "reason": "逾期未改"}, False),
    ("EXPIRED", {"status": "ACTIVE", "reason": "恢复", "validTo": (today() - dt.timedelta(days=1)).isoformat()}, False),
    ("REVOKED", {"status": "REVOKED", "reason": "出具虚假报告"}, False),
]


@pytest.fixture(scope="module")
async def assessments(api: Api) -> dict[str, str]:
    """An assessment that waits to be taken, one that is under way, and a system for another."""
    waiting, working = await commissioned(api), await commissioned(api)
    await done(api, ASSESSOR, "acceptAssessment", STATE, assessmentId=working)
    return {"waiting": waiting, "working": working, "system": await filed_system(api)}


@pytest.mark.parametrize(("status", "decision", "sees"), DECISIONS)
async def test_a_decision_has_effect_at_once(
    api: Api, assessments: dict[str, str], status: str, decision: dict[str, Any], sees: bool
) -> None:
    body = await body_of(api)
    before = await node(api, OFFICER, body["id"], "AssessmentBody", "accreditation{validTo}")
    report = await report_given(api, assessments["working"])
    try:
        decided = (await decide(api, body["id"], **decision))["assessmentBody"]
        assert decided["accreditation"]["status"] == status
        named = {"systemId": assessments["system"], "assessmentBodyId": body["id"]}
        for who, name, given in (
            (APPROVER, "commissionAssessment", named),
            (ASSESSOR, "acceptAssessment", {"assessmentId": assessments["waiting"]}),
            (ASSESSOR, "declineAssessment", {"assessmentId": assessments["waiting"], "reason": "x"}),
            (ASSESSOR, "recordMilestone", {"assessmentId": assessments["working"], "milestone": "PREPARED"}),
            (ASSESSOR, "uploadAssessmentReport", report),
        ):
            assert codes(await api.do(who, name, STATE, **given)) == ["NOT_ACCREDITED"], name
        seen = await node(api, ASSESSOR, assessments["working"], "Assessment", "state system{id} unit{id}")
        assert seen["state"] == "IN_PROGRESS", "its own work it keeps"
        assert (seen["system"] is not None, seen["unit"] is not None) == (sees, sees)
        listed = await api.ask(ASSESSOR, "{systems{totalCount} gradings{totalCount} filings{totalCount}}")
        assert [found["totalCount"] > 0 for found in listed.values()] == [sees] * 3
    finally:
        restored = {"status": "ACTIVE", "reason": "恢复", "validTo": before["accreditation"]["validTo"]}
        assert (await decide(api, body["id"], **restored))["userErrors"] == []
    assert (await node(api, ASSESSOR, assessments["working"], "Assessment", "system{id}"))["system"] is not None


async def test_every_decision_is_kept_for_the_office_and_the_body(api: Api) -> None:
    body = (await body_of(api))["id"]
    for person in (OFFICER, ASSESSOR):
        history = (await node(api, person, body, "AssessmentBody", HISTORY))["history"]
        assert {"SUSPENDED", "REVOKED", "ACTIVE"} <= {each["status"] for each in history}
    for person in (APPROVER, "district.officer", "expert"):
        assert (await node(api, person, body, "AssessmentBody", HISTORY))["history"] == []


async def test_those_concerned_are_told(api: Api, jobs: BackgroundWork, assessments: dict[str, str]) -> None:
    await jobs.run()
    asked = "{viewer{notifications(first:50,filter:{kind:ACCREDITATION_CHANGED}){nodes{subject{id}}}}}"
    body = (await body_of(api))["id"]
    for person in (ASSESSOR, APPROVER):  # the body, and the unit that it works for
        told = (await api.ask(person, asked))["viewer"]["notifications"]["nodes"]
        assert body in {each["subject"]["id"] for each in told}


async def test_a_level_that_is_not_the_bodys_is_refused(api: Api) -> None:
    system, second = await filed_system(api, 3), await body_of(api, "1103")
    given = {"systemId": system, "assessmentBodyId": second["id"]}
    assert second["accreditation"]["status"] == "EXPIRED"
    assert codes(await api.do(OFFICER, "organiseAssessment", STATE, **given)) == ["NOT_ACCREDITED"]


async def test_reminders_of_what_is_due_and_of_accreditations_that_end(
    api: Api, jobs: BackgroundWork, database: Database
) -> None:
    from domain.tasks import TASKS
    from storage.queue import Queue

    await jobs.run()
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    morning = dt.datetime.fromisoformat("2026-11-25T08:30:00+08:00")
    for _ in range(2):
        async with database.transaction(tenant) as session:
            await Queue(TASKS).enqueue(session, tenant, "reminders.send", {})
        await jobs.run(now=morning)
    asked = "{viewer{notifications(first:100,filter:{kinds:[%s]}){nodes{kind dueOn subject{id}}}}}"
    told = (await api.ask(OFFICER, asked % "ACCREDITATION_EXPIRING,ASSESSMENT_DUE,ASSESSMENT_OVERDUE"))["viewer"]
    nodes = [(each["kind"], each["subject"]["id"], each["dueOn"]) for each in told["notifications"]["nodes"]]
    assert len(nodes) == len(set(nodes)), "each is told once of an occasion"
    second = await body_of(api, "1102")
    assert {subject for kind, subject, _ in nodes if kind == "ACCREDITATION_EXPIRING"} >= {second["id"]}
    assert {kind for kind, _, _ in nodes} >= {"ASSESSMENT_OVERDUE"}
