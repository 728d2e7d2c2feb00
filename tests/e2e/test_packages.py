"""Filing packages at the platform: an office enters one as it came, a unit puts one into its draft."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.demo.accounts import PASSWORD
from clients.graphql import Person, Refused
from clients.package import Sending, role_of, send_as_office, send_as_unit
from clients.papers import paper
from storage.database import Database
from storage.files import ObjectStore
from tests.e2e.flows import LEVEL_2, LEVEL_3, codes, done, graded_system, node, stored
from tests.e2e.panel_flows import today
from tests.packages import answers, package, unzipped, zipped
from tests.support import Api, BackgroundWork

# Transactions in which nothing is being done just now.
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
ENTERED = """filing{id state level channel system{id name code} grading{asFiled securityMark} unit{id}
  documents{kind filename state sha256 scan owner{id}} missingItems{path required}
  form{unit{unitName} system{systemName businessDescription} attachments{kind present filename}}}"""


async def unit_of(api: Api) -> dict[str, Any]:
    home = await api.ask("unit.filer", "{viewer{membership{organisation{id name}}}}")
    unit: dict[str, Any] = home["viewer"]["membership"]["organisation"]
    return unit


async def form_of(api: Api, code: str | None = None) -> dict[str, Any]:
    form = answers(systemNumber=code or uuid.uuid4().hex[:12], systemName="线下备案系统")
    form["unit"]["unitName"] = (await unit_of(api))["name"]
    return form


def came(document: str, **given: Any) -> dict[str, Any]:
    return {"packageId": document, "channel": "COURIER", "receivedOn": today().isoformat(), **given}


async def test_an_office_enters_a_package_and_sees_at_once_what_is_missing(api: Api, tmp_path: Path) -> None:
    form = await form_of(api)
    document = await stored(api, "district.officer", "FILING_ARCHIVE", package(tmp_path, form), "材料包.zip")
    filing = await done(api, "district.officer", "enterFiling", ENTERED, **came(document))
    assert (filing["state"], filing["level"], filing["channel"]) == ("RECEIVED", 3, "COURIER")
    assert filing["grading"] == {"asFiled": True, "securityMark": "S3A2G3"}
    assert (filing["system"]["name"], filing["system"]["code"]) == ("线下备案系统", form["system"]["systemNumber"])
    assert filing["form"]["system"]["businessDescription"] == form["system"]["businessDescription"]
    assert {each["kind"]: (each["filename"], each["state"]) for each in filing["documents"]} == {
        "FILING_ARCHIVE": ("材料包.zip", "STORED"),
        "TOPOLOGY": ("拓扑图.pdf", "STORED"),
    }
    assert {each["owner"]["id"] for each in filing["documents"]} == {filing["unit"]["id"]}
    assert {item["path"] for item in filing["missingItems"] if item["required"]} == {
        "ORGANISATION_AND_RULES",
        "PROTECTION_PLAN",
        "PRODUCT_LIST",
        "EXPERT_OPINION",
    }
    topology = next(row for row in filing["form"]["attachments"] if row["kind"] == "TOPOLOGY")
    assert topology == {"kind": "TOPOLOGY", "present": True, "filename": "拓扑图.pdf"}
    # The unit can download what it sent, byte for byte, and it is the unit's.
    documents = await node(api, "unit.filer", filing["id"], "Filing", "documents{id kind}")
    key = next(each["id"] for each in documents["documents"] if each["kind"] == "TOPOLOGY")
    payload = await api.do("unit.filer", "requestDownload", "download{url}", documentId=key)
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(payload["download"]["url"])).content == paper("拓扑图")
    assert codes(await api.do("district.officer", "enterFiling", "filing{id}", **came(document))) == ["INVALID_INPUT"]


async def test_a_system_that_the_unit_has_graded_keeps_its_grading(api: Api, tmp_path: Path) -> None:
    system = await graded_system(api, LEVEL_2, LEVEL_2)
    code = (await node(api, "unit.filer", system, "System", "code"))["code"]
    document = await stored(api, "district.officer", "FILING_ARCHIVE", package(tmp_path, await form_of(api, code)))
    filing = await done(api, "district.officer", "enterFiling", ENTERED, **came(document))
    assert (filing["system"]["id"], filing["level"], filing["grading"]["asFiled"]) == (system, 2, False)


async def test_what_is_given_beside_a_package_holds(api: Api, tmp_path: Path) -> None:
    form = await form_of(api)
    document = await stored(api, "district.officer", "FILING_ARCHIVE", package(tmp_path, form, grading=None))
    more = {"grading": {"filledBy": "赵岚"}}
    grading = {"businessInformation": LEVEL_2, "systemService": LEVEL_3}
    filing = await done(
        api, "district.officer", "enterFiling", "filing{level form{grading{filledBy}}}",
        **came(document, form=more, grading=grading),
    )  # fmt: skip
    assert filing == {"level": 3, "form": {"grading": {"filledBy": "赵岚"}}}


async def test_all_that_is_wrong_with_a_package_is_told_and_nothing_is_kept(api: Api, tmp_path: Path) -> None:
    form = await form_of(api)
    files = unzipped(package(tmp_path, form))
    files["form.json"] = json.dumps({**form, "unit": {**form["unit"], "postcode": "1"}}).encode()
    files["attachments/OTHER/x.exe"] = b"MZ"
    document = await stored(api, "district.officer", "FILING_ARCHIVE", zipped(files))
    payload = await api.do("district.officer", "enterFiling", "filing{id}", **came(document, receivedOn="2999-01-01"))
    assert {each["field"] for each in payload["userErrors"]} == {
        "receivedOn",
        "packageId.form.json",
        "packageId.form.json.unit.postcode",
        "packageId.attachments/OTHER/x.exe",
    }
    text = form["system"]["systemNumber"]
    found = await api.ask("unit.filer", "query($c:String){systems(filter:{text:$c}){totalCount}}", c=text)
    assert found["systems"]["totalCount"] == 0


async def test_a_package_opens_nothing_that_its_reader_may_not_see(api: Api, tmp_path: Path) -> None:
    """A unit that is another office's, or nobody's, is the same answer; so is a document of somebody else's."""
    answers_ = []
    units = await api.all("city.officer", "organisations", "name kind authorityLevel")
    others = next(each["name"] for each in units if each["kind"] == "UNIT" and each["authorityLevel"] == "CITY")
    for name in ("从未有过的单位", others):
        form = await form_of(api)
        form["unit"]["unitName"] = name
        document = await stored(api, "district.officer", "FILING_ARCHIVE", package(tmp_path, form))
        payload = await api.do("district.officer", "enterFiling", "filing{id}", **came(document))
        answers_.append([(each["code"], each["field"]) for each in payload["userErrors"]])
    assert answers_ == [[("INVALID_INPUT", "packageId.form.json.unit.unitName")]] * 2
    own = await stored(api, "unit.filer", "FILING_ARCHIVE", package(tmp_path, await form_of(api)))
    for document in (own, f"doc_{uuid.uuid4()}"):
        payload = await api.do("district.officer", "enterFiling", "filing{id}", **came(document))
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("NOT_FOUND", "packageId")]


async def test_no_transaction_is_open_while_a_package_is_unpacked_and_stored(
    api: Api, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, int]] = []

    def watched(name: str) -> Callable[..., Awaitable[Any]]:
        step = getattr(ObjectStore, name)

        async def run(*given: Any) -> Any:
            async with database.connection() as connection:
                seen.append((name, await connection.fetchval(OPEN)))
            return await step(*given)

        return run

    document = await stored(api, "district.officer", "FILING_ARCHIVE", package(tmp_path, await form_of(api)))
    for name in ("unpack", "put_file"):
        monkeypatch.setattr(ObjectStore, name, watched(name))
    await done(api, "district.officer", "enterFiling", "filing{id}", **came(document))
    assert seen == [("unpack", 0), ("put_file", 0)]


async def test_what_was_not_entered_leaves_nothing(
    api: Api, database: Database, store: ObjectStore, jobs: BackgroundWork, tmp_path: Path
) -> None:
    """Its attachments lay in the store already; they are removed, and those of what was entered are not."""
    tenant = await database.directory.resolve_tenant("beijing")
    found = []
    for name in ("从未有过的单位", (await unit_of(api))["name"]):
        form = await form_of(api)
        form["unit"]["unitName"] = name
        drawing = paper(f"拓扑图 {name} {uuid.uuid4()}")
        content = package(tmp_path, form, topology=drawing)
        document = await stored(api, "district.officer", "FILING_ARCHIVE", content)
        payload = await api.do("district.officer", "enterFiling", "filing{id}", **came(document))
        key = f"{tenant}/content/{hashlib.sha256(drawing).hexdigest()}"
        assert await store.stat(key)
        found.append((codes(payload), key))
    await jobs.make_due()
    await jobs.run()
    assert [(codes_, bool(await store.stat(key))) for codes_, key in found] == [(["INVALID_INPUT"], False), ([], True)]


async def test_sent_twice_it_is_entered_once(api: Api, tmp_path: Path) -> None:
    content = package(tmp_path, await form_of(api))
    sending = Sending("材料包.zip", content, {}, ())
    told: list[int] = []
    async with httpx.AsyncClient(trust_env=False) as http:
        person = await Person.sign_in(http, api.url, "district.officer", PASSWORD)
        assert await role_of(person) == "DISTRICT_OFFICE"
        given = (person, sending, "EMAIL", today().isoformat(), lambda done_, _: told.append(done_))
        first = await send_as_office(*given)
        assert told[-1] == len(content)
        told.clear()
        assert await send_as_office(*given) == first
        assert told == []


async def test_a_unit_puts_a_package_into_its_draft_once(api: Api, tmp_path: Path) -> None:
    system = await graded_system(api, LEVEL_3, LEVEL_2)
    code = (await node(api, "unit.filer", system, "System", "code"))["code"]
    form = await form_of(api, code)
    content = package(tmp_path, form)
    sending = Sending("材料包.zip", content, form, [("TOPOLOGY", "拓扑图.pdf", paper("拓扑图"))])
    async with httpx.AsyncClient(trust_env=False) as http:
        person = await Person.sign_in(http, api.url, "unit.filer", PASSWORD)
        first = await send_as_unit(person, sending)
        again = await send_as_unit(person, sending)
        assert (first["id"], first["state"]) == (again["id"], "DRAFT")
        with pytest.raises(Refused):
            await send_as_unit(person, Sending("x.zip", content, {"system": {"systemNumber": "无此系统"}}, ()))
    filing = await node(api, "unit.filer", first["id"], "Filing", "documents{kind} form{system{businessDescription}}")
    assert sorted(each["kind"] for each in filing["documents"]) == ["FILING_ARCHIVE", "TOPOLOGY"]
    assert filing["form"]["system"]["businessDescription"] == form["system"]["businessDescription"]
