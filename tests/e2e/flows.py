"""What many tests go through before their own question: a graded system, a filing that lacks nothing, and so on."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import httpx

from clients.papers import archive
from domain.filings.sample import put, valid_value
from tests.support import Api

FORM = """id version state missingItems{path required message} form{
  unit{unitName province city county address postcode divisionCode leader{name title phone email} responsibleDepartment
    contact{name title phone mobile email} subordination subordinationOther unitType unitTypeOther industry
    industryOther systemTotal level2Count level3Count level4Count level5Count}
  system{systemName systemNumber businessTypes businessOther businessDescription serviceScope serviceScopeCount
    serviceAudience networkCoverage networkNature interconnections keyProducts{kind count domesticUse domesticPercent}
    services{kind used provider} inServiceOn isSubsystem parentSystem parentUnit}
  grading{expertReviewed hasCompetentDepartment competentDepartment departmentApproved filledBy filledOn}}"""


def harms(object_: str, degree: str) -> dict[str, Any]:
    """A determination that rests on one harm."""
    return {"harms": [{"object": object_, "degree": degree}]}


GENERAL = harms("LEGITIMATE_RIGHTS", "GENERAL")
LEVEL_2 = harms("SOCIAL_ORDER_PUBLIC_INTEREST", "GENERAL")
LEVEL_3 = harms("SOCIAL_ORDER_PUBLIC_INTEREST", "SERIOUS")


def codes(payload: dict[str, Any]) -> list[str]:
    """Why a mutation was refused; nothing where it was done."""
    return [error["code"] for error in payload["userErrors"]]


async def done(api: Api, who: str, name: str, selection: str, /, **given: Any) -> dict[str, Any]:
    """The entity of a mutation that has to succeed."""
    payload = await api.do(who, name, selection, **given)
    assert payload["userErrors"] == [], (name, payload)
    entity: dict[str, Any] = payload[selection.partition("{")[0]]
    return entity


async def node(api: Api, who: str, id_: str, type_: str, selection: str) -> Any:
    """An object by its id, as ``who`` sees it."""
    document = f"query($id:ID!){{node(id:$id){{...on {type_}{{{selection}}}}}}}"
    return (await api.ask(who, document, id=id_))["node"]


async def regrade(api: Api, system: str, information: dict[str, Any], service: dict[str, Any], unit: str) -> None:
    """A confirmed grading of the system."""
    given = {"systemId": system, "businessInformation": information, "systemService": service}
    grading = await done(api, f"{unit}.filer", "saveGrading", "grading{id}", **given)
    await done(api, f"{unit}.filer", "submitGrading", "grading{id}", gradingId=grading["id"])
    await done(api, f"{unit}.approver", "confirmGrading", "grading{id}", gradingId=grading["id"])


async def new_system(api: Api, filer: str = "unit.filer", name: str = "测试系统") -> str:
    """A system without a grading: its id."""
    return str((await done(api, filer, "createSystem", "system{id}", name=name, code=uuid.uuid4().hex[:12]))["id"])


async def graded_system(
    api: Api,
    information: dict[str, Any] = LEVEL_2,
    service: dict[str, Any] = GENERAL,
    unit: str = "unit",
    name: str = "测试系统",
) -> str:
    """A new system with a confirmed grading: its id."""
    system = await new_system(api, f"{unit}.filer", name)
    await regrade(api, system, information, service, unit)
    return system


async def uploaded(
    api: Api, who: str, kind: str, content: bytes, name: str, *, sent: bytes | None = None
) -> tuple[str, int]:
    """An upload's id, and what the store said of what was ``sent`` (else of what was announced)."""
    given = {"filename": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "purpose": kind}
    target = await done(api, who, "requestUpload", "upload{id url headers{name value}}", **given)
    headers = {header["name"]: header["value"] for header in target["headers"]}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.put(target["url"], content=content if sent is None else sent, headers=headers)
    return str(target["id"]), answer.status_code


async def stored(api: Api, who: str, kind: str, content: bytes, name: str = "数据.zip") -> str:
    """A document that was uploaded: its id."""
    document, status = await uploaded(api, who, kind, content, name)
    assert status == 200
    await done(api, who, "completeUpload", "document{id}", uploadId=document)
    return document


async def complete(api: Api, filing: str, unit: str = "unit") -> None:
    """Fill in what a draft, or a filing sent back, lacks; documents are the archive alone."""
    found = await node(api, f"{unit}.filer", filing, "Filing", FORM)
    paths = [item["path"] for item in found["missingItems"] if item["required"]]
    for path in paths:
        if "." in path:
            put(found["form"], path, valid_value(path))
    given = {"filingId": filing, "version": found["version"], "form": found["form"]}
    await done(api, f"{unit}.filer", "saveFiling", "filing{id}", **given)
    for kind in paths:
        if "." not in kind:
            document = await stored(api, f"{unit}.filer", kind, archive(kind))
            given = {"filingId": filing, "documentId": document, "kind": kind}
            await done(api, f"{unit}.filer", "attachDocument", "filing{id}", **given)


async def submitted(api: Api, unit: str = "unit", system: str | None = None) -> str:
    """A submitted filing of a new system: its id."""
    system = system or await graded_system(api, unit=unit)
    filing = (await done(api, f"{unit}.filer", "createFiling", "filing{id}", systemId=system))["id"]
    await complete(api, filing, unit)
    await done(api, f"{unit}.approver", "submitFiling", "filing{id}", filingId=filing)
    return str(filing)


async def under_review(api: Api, system: str | None = None) -> str:
    """A filing of the demo's district-level unit, received by its office and handed on: its id."""
    filing = await submitted(api, system=system)
    received = await done(api, "district.officer", "receiveFiling", "filing{monthlyReturn{id}}", filingId=filing)
    monthly = received["monthlyReturn"]["id"]
    await done(api, "district.officer", "submitMonthlyReturn", "monthlyReturn{id}", monthlyReturnId=monthly)
    return filing


async def answered(api: Api, filing: str, kind: str, **given: Any) -> dict[str, Any]:
    """A reply to a filing under review, drafted and issued: the letter."""
    given = {"body": "经审核。", **({"missingItems": ["系统名称"]} if kind == "B" else {}), **given}
    drafted = await done(api, "city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind=kind, **given)
    selection = "replyLetter{id number kind verificationCode filing{state number}}"
    return await done(api, "city.leader", "issueReply", selection, replyLetterId=drafted["id"])


async def accepted(api: Api, system: str | None = None) -> str:
    """A filing that was answered with A: its id."""
    filing = await under_review(api, system)
    await answered(api, filing, "A")
    return filing
