"""The way of a case through the panel, as far as a test needs it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from domain.calendar import SHANGHAI
from tests.e2e.flows import GENERAL, LEVEL_2, answered, done, node, under_review
from tests.support import Api

EXPERTS = ("expert", "expert2", "expert3")
OFFICER = "city.officer"


def today() -> dt.date:
    """The day that it is in China."""
    return dt.datetime.now(SHANGHAI).date()


async def user_id(api: Api, username: str) -> str:
    """A person's id."""
    return str((await api.ask(username, "{viewer{user{id}}}"))["viewer"]["user"]["id"])


async def draft_grading(api: Api, filer: str = "unit.filer", information: Any = LEVEL_2) -> dict[str, Any]:
    """A grading's draft of a new system."""
    system = await done(api, filer, "createSystem", "system{id}", name="评审系统", code=uuid.uuid4().hex[:12])
    given = {"systemId": system["id"], "businessInformation": information, "systemService": GENERAL}
    return await done(api, filer, "saveGrading", "grading{id version level system{id}}", **given)


async def supervised_unit(api: Api) -> str:
    """The name of the unit that the demo's own supervises."""
    asked = "{viewer{membership{organisation{supervisedUnits(first:1){nodes{name}}}}}}"
    home = (await api.ask("unit.filer", asked))["viewer"]["membership"]["organisation"]
    return str(home["supervisedUnits"]["nodes"][0]["name"])


async def advice(api: Api) -> tuple[str, str]:
    """A grading with the panel, and its case."""
    grading = (await draft_grading(api))["id"]
    await done(api, "unit.filer", "requestGradingAdvice", "grading{state}", gradingId=grading)
    return grading, await case_of(api, "gradingId", grading)


async def re_review(api: Api) -> tuple[str, str]:
    """A filing that was answered with C, and its case."""
    filing = await under_review(api)
    await answered(api, filing, "C")
    return filing, await case_of(api, "filingId", filing)


async def case_of(api: Api, key: str, subject: str) -> str:
    """The open case of a grading or filing."""
    document = f"query($id:ID!){{panelCases(filter:{{{key}:$id,state:OPEN}}){{nodes{{id}}}}}}"
    (found,) = (await api.ask(OFFICER, document, id=subject))["panelCases"]["nodes"]
    return str(found["id"])


async def on_a_session(api: Api, case: str, purpose: str = "GRADING_ADVICE") -> str:
    """Put the case on a session of its own: the session."""
    given = {"heldOn": today().isoformat(), "purpose": purpose, "place": "第二会议室"}
    session = await done(api, OFFICER, "createPanelSession", "panelSession{id}", **given)
    added = {"panelSessionId": session["id"], "panelCaseId": case}
    await done(api, OFFICER, "addPanelCase", "panelCase{state}", **added)
    return str(session["id"])


async def assigned(api: Api, case: str, purpose: str = "GRADING_ADVICE", experts: Sequence[str] = EXPERTS) -> list[str]:
    """Put the case on a session and ask experts, the first of them in the chair: their ids."""
    await on_a_session(api, case, purpose)
    ids = [await user_id(api, expert) for expert in experts]
    given = {"panelCaseId": case, "expertIds": ids, "chairId": ids[0]}
    found = await done(api, OFFICER, "assignExperts", "panelCase{state}", **given)
    assert found["state"] == "IN_REVIEW"
    return ids


async def opinion(api: Api, expert: str, case: str, level: int) -> None:
    """One expert's opinion."""
    given = {"panelCaseId": case, "recommendedLevel": level, "reasons": "理由"}
    await done(api, expert, "submitOpinion", "opinion{id}", **given)


async def opinions(api: Api, case: str, *levels: int) -> None:
    """An opinion of each of the demo's experts."""
    for expert, level in zip(EXPERTS, levels, strict=True):
        await opinion(api, expert, case, level)


async def concluded(api: Api, case: str) -> dict[str, Any]:
    """The conclusion of a case whose opinions are in."""
    selection = "panelCase{state session{state} conclusion{level verdict number text opinions quorum majority tieRule}}"
    return await done(api, OFFICER, "concludePanelCase", selection, panelCaseId=case)


async def state_of(api: Api, case: str) -> str:
    """The case's state."""
    return str((await node(api, OFFICER, case, "PanelCase", "state"))["state"])
