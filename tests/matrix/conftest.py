"""The matrix's world: the demo's cities, with what no demo shows, so that every state of every subject is there."""

from __future__ import annotations

import pytest

from storage.database import Database
from tests.e2e.flows import GENERAL, LEVEL_2, done, graded_system
from tests.e2e.oracle import Everything, Worlds
from tests.e2e.rectification_flows import assessment_of
from tests.support import DEMO_CITIES, Api

FILER, OFFICER = "unit.filer", "city.officer"


async def _given_up(api: Api) -> None:
    """A grading, a filing and a risk assessment that their unit has discarded."""
    system = await graded_system(api, name="矩阵")
    given = {"systemId": system, "businessInformation": LEVEL_2, "systemService": GENERAL}
    grading = await done(api, FILER, "saveGrading", "grading{id}", **given)
    await done(api, FILER, "discardGrading", "grading{id}", gradingId=grading["id"])
    filing = await done(api, FILER, "createFiling", "filing{id}", systemId=system)
    await done(api, FILER, "discardFiling", "filing{id}", filingId=filing["id"])
    risk = await assessment_of(api, system)
    await done(api, FILER, "discardRiskAssessment", "riskAssessment{id}", riskAssessmentId=risk["id"])


async def _sent_back(api: Api) -> None:
    """A reply that the leader has given back to its drafter."""
    for filing in await api.all(OFFICER, "filings", "id", ",filter:{state:UNDER_REVIEW}"):
        drafted = await api.do(OFFICER, "draftReply", "replyLetter{id}", filingId=filing["id"], kind="A")
        if letter := drafted["replyLetter"]:
            given = {"replyLetterId": letter["id"], "reason": "重拟"}
            await done(api, "city.leader", "returnReply", "replyLetter{id}", **given)
            return
    raise AssertionError("no filing waits for a reply")


@pytest.fixture(scope="module")
async def worlds(api: Api, database: Database) -> Worlds:
    """What the cities hold once every state is there."""
    await _given_up(api)
    await _sent_back(api)
    return {city: await Everything.of(database, city) for city in DEMO_CITIES}
