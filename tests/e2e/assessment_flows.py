"""The way of an assessment, as far as a test needs it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from clients.papers import paper
from domain.calendar import SHANGHAI
from tests.e2e.flows import LEVEL_2, LEVEL_3, accepted, done, graded_system, stored
from tests.support import Api

OFFICER, DISTRICT, APPROVER, FILER, ASSESSOR = (
    "city.officer", "district.officer", "unit.approver", "unit.filer", "assessor",
)  # fmt: skip
STATE = "assessment{id state version number progress}"
FINDING = {"area": "PERSONNEL", "severity": "LOW", "title": "培训记录不完整", "suggestion": "补齐培训记录"}


def today() -> dt.date:
    """The day that it is in China."""
    return dt.datetime.now(SHANGHAI).date()


async def body_of(api: Api, code: str = "1101") -> dict[str, Any]:
    """An assessment body of the demo by its code."""
    asked = "query($c:String!){assessmentBodies(filter:{text:$c}){nodes{id version bodyCode accreditation{status}}}}"
    (found,) = (await api.ask(OFFICER, asked, c=code))["assessmentBodies"]["nodes"]
    return dict(found)


async def filed_system(api: Api, level: int = 2) -> str:
    """A system of the demo's unit whose filing is accepted: its id."""
    harms = LEVEL_2 if level == 2 else LEVEL_3
    system = await graded_system(api, harms, harms, name=f"第{level}级测评系统")
    await accepted(api, system)
    return system


async def commissioned(api: Api, level: int = 2, system: str | None = None) -> str:
    """An assessment by the first of the demo's bodies, not taken yet: its id."""
    given = {"systemId": system or await filed_system(api, level), "assessmentBodyId": (await body_of(api))["id"]}
    who, name = (APPROVER, "commissionAssessment") if level == 2 else (OFFICER, "organiseAssessment")
    return str((await done(api, who, name, STATE, **given))["id"])


async def taken(api: Api, level: int = 2, system: str | None = None) -> str:
    """An assessment that the body has taken: its id."""
    assessment = await commissioned(api, level, system)
    await done(api, ASSESSOR, "acceptAssessment", STATE, assessmentId=assessment)
    return assessment


async def report_given(api: Api, assessment: str, **given: Any) -> dict[str, Any]:
    """The input of a report's upload, its file stored."""
    document = await stored(api, ASSESSOR, "ASSESSMENT_REPORT", paper(f"{assessment} {given}"), "测评报告.pdf")
    figures = {"conclusion": "CONFORMING", "conformityRate": 95.5, "reportedOn": today().isoformat()}
    return {"assessmentId": assessment, "documentId": document, **figures, **given}


async def uploaded(api: Api, assessment: str, **given: Any) -> dict[str, Any]:
    """The assessment after its report was uploaded."""
    return await done(api, ASSESSOR, "uploadAssessmentReport", STATE, **await report_given(api, assessment, **given))


async def received(api: Api, assessment: str, **given: Any) -> None:
    """Report uploaded, confirmed and received by the district office."""
    await uploaded(api, assessment, **given)
    await done(api, APPROVER, "confirmAssessmentReport", STATE, assessmentId=assessment)
    await done(api, DISTRICT, "receiveAssessmentReport", STATE, assessmentId=assessment)
