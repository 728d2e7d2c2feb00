"""A filing that came on paper (线下备案代录): the office that it came to enters it, and all goes on as with any other.

The unit has never worked on the platform: its system, the level that it determined on paper and the form are entered in
one step, with the electronic archive that came along. What the paper lacks is listed, and does not keep it out.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from clients.graphql import Person
from clients.papers import ANSWERS, archive

Say = Callable[[str], None]

CHINA = ZoneInfo("Asia/Shanghai")
NAME = "街道便民服务系统"
UNIT = "{ viewer { membership { organisation { id name } } } }"
ENTER = """mutation Enter($input: EnterFilingInput!) { enterFiling(input: $input) {
  filing { id state system { securityMark } grading { state } missingItems { message required } }
  userErrors { code field message } } }"""
OF_THE_UNIT = "query Entered($id: ID!) { node(id: $id) { ... on Filing { state channel } } }"
# What the form says that came with the archive: all of table 2 but what was left blank, and table 3.
LEFT_BLANK = "system.businessDescription"


async def enter(office: Person, filer: Person, say: Say) -> str:
    """``office`` enters what came by courier from the unit of ``filer``: the filing's id."""
    unit = (await filer.ask(UNIT))["viewer"]["membership"]["organisation"]
    code = f"PAPER-{uuid.uuid4().hex[:8].upper()}"
    document = await office.upload(f"{NAME}.zip", archive(code), "FILING_ARCHIVE")
    harmed = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "GENERAL"}]}
    entered = await office.do(
        ENTER,
        channel="COURIER",
        receivedOn=dt.datetime.now(CHINA).date().isoformat(),
        system={"unitId": unit["id"], "name": NAME, "code": code, "inServiceOn": ANSWERS["system.inServiceOn"]},
        grading={"businessInformation": harmed, "systemService": harmed, "gradedOn": ANSWERS["system.inServiceOn"]},
        form={"system": _table("system", systemName=NAME, systemNumber=code), "grading": _table("grading")},
        documents=[{"documentId": document["id"], "kind": "FILING_ARCHIVE"}],
    )
    filing = entered["filing"]
    mark, graded = filing["system"]["securityMark"], filing["grading"]["state"]
    say(f"\n{office.name} 收到「{unit['name']}」专人送达的纸质备案,代录系统「{NAME}」及定级 {mark}:{graded}")
    say(f"{office.name} 录入备案表和电子数据 {document['filename']}:{filing['state']}")
    for item in filing["missingItems"]:
        if item["required"]:
            say(f"纸质材料所缺:{item['message']}")
    seen = (await filer.ask(OF_THE_UNIT, id=filing["id"]))["node"]
    say(f"{filer.name} 在平台上看到办公室代录的备案:{seen['state']}({seen['channel']})")
    made: str = filing["id"]
    return made


def _table(name: str, **other: str) -> Mapping[str, Any]:
    """A table of the form as the paper has it."""
    paths = (path for path in ANSWERS if path.startswith(f"{name}.") and path != LEFT_BLANK)
    return {path.rpartition(".")[2]: ANSWERS[path] for path in paths} | other
