"""Files of units, systems and filings go in whole or row by row, once however often they come; every error is told."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from api.demo.files import zip_archive
from clients.papers import archive
from domain.codes import credit_code
from domain.imports import tasks
from domain.imports.columns import COLUMNS
from domain.imports.entities import ImportKind
from domain.imports.filing_columns import FILINGS
from storage.database import Database
from storage.settings import Settings
from tests.e2e.flows import graded_system
from tests.e2e.people import home_of
from tests.support import Api, BackgroundWork

RUN = """importRun{id kind mode dryRun state rowsTotal rowsDone created updated unchanged problemCount reason
  problems(first:100){totalCount nodes{row column heading message}} endedAt document{filename}}"""

# A package as Office makes them, with nothing of a workbook in it.
NO_WORKBOOK = zip_archive({"[Content_Types].xml": b"<Types/>"})


async def upload(api: Api, person: str, name: str, content: bytes, purpose: str = "OTHER") -> str:
    granted = await api.do(
        person,
        "requestUpload",
        "upload{id url headers{name value}}",
        filename=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        purpose=purpose,
    )
    target = granted["upload"]
    async with httpx.AsyncClient(trust_env=False) as client:
        headers = {header["name"]: header["value"] for header in target["headers"]}
        (await client.put(target["url"], content=content, headers=headers)).raise_for_status()
    completed = await api.do(person, "completeUpload", "document{id}", uploadId=target["id"])
    document: str = completed["document"]["id"]
    return document


async def template(api: Api, person: str, kind: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {await api.token(person)}"}
    return await api.client.get(f"{api.url}/import-template/{kind.lower()}.xlsx", headers=headers)


async def workbook(api: Api, person: str, kind: str, rows: list[dict[str, Any]]) -> bytes:
    """The platform's own template, filled in by the fields of its columns."""
    answer = await template(api, person, kind)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    fields = [column.field for column in COLUMNS[ImportKind[kind]]]
    for number, row in enumerate(rows, start=3):
        for field, value in row.items():
            book["数据"].cell(number, fields.index(field) + 1).value = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


async def start(api: Api, person: str, kind: str, content: bytes, mode: str = "ALL_OR_NOTHING", **more: Any) -> str:
    document = await upload(api, person, "导入.xlsx", content)
    given = {"documentId": document, "kind": kind, "mode": mode, **more}
    started = await api.do(person, "startImport", "importRun{id state rowsDone}", **given)
    assert started["userErrors"] == []
    assert started["importRun"]["state"] == "WAITING"
    run: str = started["importRun"]["id"]
    return run


async def read(api: Api, person: str, run: str) -> dict[str, Any]:
    selection = RUN.removeprefix("importRun")
    node: dict[str, Any] = (
        await api.ask(person, f"query($i:ID!){{node(id:$i){{...on ImportRun{selection}}}}}", i=run)
    )["node"]
    return node


async def carry_out(
    api: Api,
    jobs: BackgroundWork,
    person: str,
    kind: str,
    rows: list[dict[str, Any]],
    mode: str = "ALL_OR_NOTHING",
    **more: Any,
) -> dict[str, Any]:
    """The import of some rows, to its end."""
    run = await start(api, person, kind, await workbook(api, person, kind, rows), mode, **more)
    assert "imports.run" in await jobs.run()
    return await read(api, person, run)


def counts(run: dict[str, Any]) -> tuple[str, int, int, int, int]:
    return run["state"], run["created"], run["updated"], run["unchanged"], run["problemCount"]


def cells(run: dict[str, Any]) -> set[tuple[int, str | None]]:
    return {(problem["row"], problem["column"]) for problem in run["problems"]["nodes"]}


def letter(field: str) -> str:
    """Over which column of a file of filings stands what fills ``field``."""
    return str(get_column_letter([column.field for column in FILINGS].index(field) + 1))


def new_code() -> str:
    return credit_code(f"11110108{uuid.uuid4().int % 10**9:09d}")


def unit(**more: Any) -> dict[str, Any]:
    given = {"credit_code": new_code(), "name": "导入的单位", "authority_level": "区县级", "district_id": "海淀区"}
    return {**given, **more}


def system(**more: Any) -> dict[str, Any]:
    return {"code": uuid.uuid4().hex[:10], "name": "导入的系统", **more}


async def found(api: Api, person: str, rows: list[dict[str, Any]]) -> int:
    """How many of the systems with these codes there are."""
    many = 0
    for row in rows:
        answer = await api.ask(person, "query($c:String){systems(filter:{text:$c}){totalCount}}", c=row["code"])
        many += answer["systems"]["totalCount"]
    return many


# --- systems ---


async def test_a_units_systems_go_in_once_however_often_the_file_comes(api: Api, jobs: BackgroundWork) -> None:
    whole = system(in_service_on="2020-05-01")
    rows = [whole, system(parent_system_id=whole["code"])]
    run = await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows)
    assert counts(run) == ("DONE", 2, 0, 0, 0)
    assert (run["rowsTotal"], run["rowsDone"], run["document"]["filename"]) == (2, 2, "导入.xlsx")
    asked = "query($c:String){systems(filter:{text:$c}){nodes{name inServiceOn subsystems{nodes{code}}}}}"
    shown = (await api.ask("unit.filer", asked, c=whole["code"]))["systems"]["nodes"]
    assert shown == [
        {"name": "导入的系统", "inServiceOn": "2020-05-01", "subsystems": {"nodes": [{"code": rows[1]["code"]}]}}
    ]
    told = "{viewer{notifications(first:1){nodes{kind subject{id}}}}}"
    [first] = (await api.ask("unit.filer", told))["viewer"]["notifications"]["nodes"]
    assert first == {"kind": "IMPORT_ENDED", "subject": {"id": run["id"]}}
    assert counts(await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows)) == ("DONE", 0, 0, 2, 0)
    rows[1]["name"] = "改名"
    assert counts(await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows, "ROW_BY_ROW")) == ("DONE", 0, 1, 1, 0)
    assert await found(api, "unit.filer", rows) == 2


async def mixed(api: Api) -> list[dict[str, Any]]:
    """Rows of which the first and the last are in order."""
    taken = system()
    return [
        system(),
        system(name=None),
        system(in_service_on="someday", code="x" * 61),
        taken,
        {**taken},
        system(unit_id=new_code()),
        system(parent_system_id="nowhere"),
        system(name="=1+1"),
    ]


WRONG = {(4, "C"), (5, "D"), (5, "B"), (7, "B"), (8, "A"), (9, "E"), (10, "C")}


async def test_a_dry_run_tells_every_error_by_row_and_cell_and_writes_nothing(api: Api, jobs: BackgroundWork) -> None:
    rows = await mixed(api)
    run = await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows, dryRun=True)
    assert counts(run) == ("DONE", 2, 0, 0, len(WRONG))
    assert cells(run) == WRONG
    assert {each["heading"] for each in run["problems"]["nodes"]} >= {"系统编号", "系统名称", "投入运行日期"}
    assert await found(api, "unit.filer", [rows[0], rows[3]]) == 0


async def test_all_or_nothing_leaves_nothing(api: Api, jobs: BackgroundWork) -> None:
    rows = await mixed(api)
    run = await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows)
    assert run["state"] == "REFUSED"
    assert run["reason"]
    assert cells(run) == WRONG
    assert await found(api, "unit.filer", [rows[0], rows[3]]) == 0


async def test_row_by_row_takes_what_is_in_order(api: Api, jobs: BackgroundWork) -> None:
    rows = await mixed(api)
    run = await carry_out(api, jobs, "unit.filer", "SYSTEMS", rows, "ROW_BY_ROW")
    assert counts(run) == ("DONE", 2, 0, 0, len(WRONG))
    assert run["rowsDone"] == run["rowsTotal"] == len(rows)
    assert await found(api, "unit.filer", [rows[0], rows[3]]) == 2


async def test_problems_are_told_in_english_and_exported(api: Api, jobs: BackgroundWork) -> None:
    run = await carry_out(api, jobs, "unit.filer", "SYSTEMS", [system(name=None)], dryRun=True)
    token = await api.token("unit.filer")
    document = "query($i:ID){importProblems(filter:{runId:$i}){nodes{row column heading message}}}"
    answer = await api.post(document, token, {"accept-language": "en"}, i=run["id"])
    [problem] = answer.json()["data"]["importProblems"]["nodes"]
    assert problem == {"row": 3, "column": "C", "heading": "Name", "message": "Fill this in."}
    headers = {"authorization": f"Bearer {token}"}
    body = {"query": document, "variables": {"i": run["id"]}}
    exported = await api.client.post(f"{api.url}/export/xlsx", json=body, headers=headers)
    [heading, row] = openpyxl.load_workbook(io.BytesIO(exported.content)).worksheets[0].iter_rows(values_only=True)
    assert row == (3, "C", "系统名称", "请填写此项。")
    assert heading[0] == "行号"


async def test_an_office_imports_for_its_own_units_alone(api: Api, jobs: BackgroundWork) -> None:
    units = await api.all(
        "city.officer", "organisations", "creditCode authorityLevel district{name}", ",filter:{kind:UNIT}"
    )
    near = next(each for each in units if each["authorityLevel"] == "DISTRICT" and each["district"]["name"] == "海淀区")
    far = next(each for each in units if each["authorityLevel"] == "DISTRICT" and each["district"]["name"] != "海淀区")
    rows = [system(unit_id=near["creditCode"]), system(unit_id=far["creditCode"]), system()]
    run = await carry_out(api, jobs, "district.officer", "SYSTEMS", rows, "ROW_BY_ROW")
    assert counts(run) == ("DONE", 1, 0, 0, 2)
    assert cells(run) == {(4, "A"), (5, "A")}
    assert counts(await carry_out(api, jobs, "city.officer", "SYSTEMS", rows[:2]))[:4] == ("DONE", 1, 0, 1)


async def test_imported_systems_leave_their_trail(api: Api, jobs: BackgroundWork) -> None:
    row = system()
    await carry_out(api, jobs, "unit.filer", "SYSTEMS", [row])
    asked = "{auditEvents(first:5){nodes{action subject{...on System{code}} user{login}}}}"
    events = (await api.ask("city.admin", asked))["auditEvents"]["nodes"]
    assert {"action": "createSystem", "subject": {"code": row["code"]}, "user": {"login": "unit.filer"}} in events


# --- units ---


async def test_units_go_in_and_are_kept_up_to_date(api: Api, jobs: BackgroundWork) -> None:
    above = unit(authority_level="市级", district_id=None, industry="财政", contact_email="a@example.cn")
    below = unit(supervising_unit_id=above["credit_code"].lower(), district_id="110108")
    for person in ("city.officer", "city.admin"):
        run = await carry_out(api, jobs, person, "UNITS", [above, below])
        assert counts(run) == (("DONE", 2, 0, 0, 0) if person == "city.officer" else ("DONE", 0, 0, 2, 0))
    asked = "query($u:ID){organisations(filter:{supervisingUnitId:$u}){nodes{creditCode district{name}}}}"
    listed = await api.all(
        "city.officer", "organisations", "id creditCode industry contactEmail", ",filter:{kind:UNIT}"
    )
    [top] = [each for each in listed if each["creditCode"] == above["credit_code"]]
    assert (top["industry"], top["contactEmail"]) == ("FINANCE", "a@example.cn")
    shown = (await api.ask("city.officer", asked, u=top["id"]))["organisations"]["nodes"]
    assert shown == [{"creditCode": below["credit_code"], "district": {"name": "海淀区"}}]
    # An empty cell changes nothing; a circle is not closed.
    run = await carry_out(api, jobs, "city.officer", "UNITS", [{**above, "contact_email": None, "name": "改名"}])
    assert counts(run) == ("DONE", 0, 1, 0, 0)
    run = await carry_out(api, jobs, "city.officer", "UNITS", [{**above, "supervising_unit_id": below["credit_code"]}])
    assert (run["state"], cells(run)) == ("REFUSED", {(3, "E")})


async def test_what_is_wrong_with_units_is_told_by_the_rules_of_one_entered_by_hand(
    api: Api, jobs: BackgroundWork
) -> None:
    rows = [
        unit(credit_code="91350100M000100Y44", postcode="1"),
        unit(name=None, district_id="纽约"),
        unit(authority_level=None, credit_code=None),
        unit(contact_email="nobody", supervising_unit_id=new_code()),
    ]
    run = await carry_out(api, jobs, "city.officer", "UNITS", rows)
    expected = {(3, "A"), (3, "J"), (4, "B"), (4, "D"), (5, "A"), (5, "C"), (6, "W"), (6, "E")}
    assert (run["state"], cells(run)) == ("REFUSED", expected)


async def test_a_district_enters_its_own_units_alone(api: Api, jobs: BackgroundWork) -> None:
    others = await api.all("city.officer", "organisations", "creditCode authorityLevel", ",filter:{kind:UNIT}")
    city_level = next(each for each in others if each["authorityLevel"] == "CITY")
    rows = [
        unit(),
        unit(district_id="东城区"),
        unit(authority_level="市级"),
        unit(credit_code=city_level["creditCode"]),
        unit(supervising_unit_id=city_level["creditCode"]),
    ]
    run = await carry_out(api, jobs, "district.officer", "UNITS", rows, "ROW_BY_ROW")
    assert counts(run) == ("DONE", 1, 0, 0, 4)
    assert cells(run) == {(4, "D"), (5, "C"), (6, "A"), (7, "E")}


# --- filings ---


async def test_a_district_enters_its_backlog_of_filings(api: Api, jobs: BackgroundWork) -> None:
    home = await home_of(api, "unit.filer")
    asked = "query($i:ID!){node(id:$i){...on Organisation{creditCode}...on System{code}}}"
    code = (await api.ask("unit.filer", asked, i=home["id"]))["node"]["creditCode"]
    systems = [(await api.ask("unit.filer", asked, i=await graded_system(api)))["node"]["code"] for _ in range(2)]
    ungraded = await api.do("unit.filer", "createSystem", "system{code}", name="x", code=uuid.uuid4().hex[:10])
    names = [f"{each}.zip" for each in (*systems, ungraded["system"]["code"])]
    for name in names:
        await upload(api, "district.officer", name, archive(name), "FILING_ARCHIVE")
    common = {
        "unit_id": code,
        "channel": "公文交换",
        "received_on": "2026-11-02",
        "business_types": "内部办公、公众服务",
    }
    rows = [
        {**common, "system_id": systems[0], "document_id": names[0], "filled_by": "李晓明", "expert_reviewed": "否"},
        {**common, "system_id": systems[1], "document_id": names[1], "network_nature": "互联网"},
        {**common, "system_id": ungraded["system"]["code"], "document_id": names[2]},
        {**common, "system_id": "nowhere", "document_id": names[1]},
        {**common, "system_id": systems[0], "document_id": None, "received_on": "2999-01-01", "channel": "传真"},
    ]
    dry = await carry_out(api, jobs, "district.officer", "FILINGS", rows, dryRun=True)
    wrong = {(5, "system_id"), (6, "system_id"), (7, "system_id"), (7, "channel"), (7, "document_id")}
    assert (dry["created"], cells(dry)) == (2, {(row, letter(field)) for row, field in wrong})
    done = await carry_out(api, jobs, "district.officer", "FILINGS", rows[:2])
    assert counts(done) == ("DONE", 2, 0, 0, 0)
    shown = await api.ask(
        "district.officer",
        """query($u:ID){filings(first:2,filter:{unitId:$u,channel:DOCUMENT_EXCHANGE}){nodes{state receivedAt
           system{code} documents{kind filename}
           form{system{businessTypes networkNature systemName} grading{filledBy}}}}}""",
        u=home["id"],
    )
    second, first = shown["filings"]["nodes"]
    assert {first["system"]["code"], second["system"]["code"]} == set(systems)
    assert first["state"] == second["state"] == "RECEIVED"
    assert first["receivedAt"].startswith("2026-11-02")
    assert first["documents"] == [{"kind": "FILING_ARCHIVE", "filename": names[0]}]
    assert first["form"]["system"]["businessTypes"] == ["INTERNAL_OFFICE", "PUBLIC_SERVICE"]
    assert (first["form"]["grading"]["filledBy"], second["form"]["system"]["networkNature"]) == ("李晓明", "INTERNET")
    again = await carry_out(api, jobs, "district.officer", "FILINGS", rows[:2], "ROW_BY_ROW")
    assert counts(again) == ("DONE", 0, 0, 2, 0)


async def test_a_paper_filing_goes_in_whole_with_a_system_that_nobody_had_entered(
    api: Api, jobs: BackgroundWork
) -> None:
    home = await home_of(api, "unit.filer")
    asked = "query($i:ID!){node(id:$i){...on Organisation{creditCode}}}"
    unit_code = (await api.ask("unit.filer", asked, i=home["id"]))["node"]["creditCode"]
    code = uuid.uuid4().hex[:10]
    await upload(api, "district.officer", f"{code}.zip", archive(code), "FILING_ARCHIVE")
    row = {
        "unit_id": unit_code,
        "system_id": code,
        "system_name": "纸质备案的系统",
        "in_service_on": "2020-05-01",
        "channel": "公文交换",
        "received_on": "2026-11-02",
        "document_id": f"{code}.zip",
        "business_information": "对社会秩序和公共利益造成严重损害、1-1",
        "system_service": "对社会秩序和公共利益造成损害",
        "graded_on": "2026-10-08",
        "business_types": "其他",
        "business_other": "档案数字化",
        "service_scope": "跨地(市、区)",
        "service_scope_count": 3,
        "key_products.SERVER.count": 4,
        "key_products.SERVER.domestic_use": "部分使用",
        "key_products.SERVER.domestic_percent": 50,
        "key_products.OTHER.count": 1,
        "key_products.OTHER.domestic_use": "全部使用",
        "key_products.OTHER.other": "密码机",
        "services.TRAINING.used": "有",
        "services.TRAINING.provider": "国内其他服务商",
        "services.OTHER.used": "无",
    }
    unreadable = {**row, "key_products.DATABASE.count": "许多", "graded_on": "昨天"}
    late = {**row, "system_id": f"{code}-2", "graded_on": "2026-11-03"}
    lacking = {
        **row,
        "system_id": f"{code}-3",
        "key_products.NETWORK.count": 1,
        "services.INTEGRATION.provider": "国内其他服务商",
        "network_coverage": "局域网",
        "network_coverage_other": "不该填",
    }
    partial = {**row, "system_id": f"{code}-4", "key_products.SERVER.domestic_percent": 100}
    rows = [unreadable, late, lacking, partial]
    dry = await carry_out(api, jobs, "district.officer", "FILINGS", rows, dryRun=True)
    fields = {
        (3, "key_products.DATABASE.count"),
        (3, "graded_on"),
        (4, "graded_on"),
        (5, "key_products.NETWORK.domestic_use"),
        (5, "services.INTEGRATION.used"),
        (5, "network_coverage_other"),
        (6, "key_products.SERVER.domestic_percent"),
    }
    assert (dry["created"], cells(dry)) == (0, {(number, letter(field)) for number, field in fields})
    done = await carry_out(api, jobs, "district.officer", "FILINGS", [row])
    assert counts(done) == ("DONE", 1, 0, 0, 0)
    shown = await api.ask(
        "district.officer",
        """query($c:String){systems(filter:{text:$c}){nodes{name securityMark inServiceOn currentGrading{asFiled}
           filings{nodes{state level form{grading{gradedOn} system{businessTypes businessOther serviceScopeCount
             keyProducts{kind count domesticUse domesticPercent other} services{kind used provider}}}}}}}}""",
        c=code,
    )
    [system_] = shown["systems"]["nodes"]
    [filing] = system_.pop("filings")["nodes"]
    assert system_ == {
        "name": "纸质备案的系统",
        "securityMark": "S3A2G3",
        "inServiceOn": "2020-05-01",
        "currentGrading": {"asFiled": True},
    }
    assert (filing["state"], filing["level"], filing["form"]["grading"]) == ("RECEIVED", 3, {"gradedOn": "2026-10-08"})
    table = filing["form"]["system"]
    assert (table["businessOther"], table["serviceScopeCount"]) == ("档案数字化", 3)
    assert table["keyProducts"] == [
        {"kind": "SERVER", "count": 4, "domesticUse": "PARTIAL", "domesticPercent": 50, "other": None},
        {"kind": "OTHER", "count": 1, "domesticUse": "ALL", "domesticPercent": None, "other": "密码机"},
    ]
    assert {(each["kind"], each["used"], each["provider"]) for each in table["services"]} == {
        ("TRAINING", True, "DOMESTIC"),
        ("OTHER", False, None),
    }


async def test_an_import_that_is_given_up_has_failed_and_is_told(
    api: Api, jobs: BackgroundWork, database: Database
) -> None:
    run = await start(api, "unit.filer", "SYSTEMS", await workbook(api, "unit.filer", "SYSTEMS", [system()]))
    async with database.connection() as connection:
        job = await connection.fetchval("SELECT max(id) FROM jobs.queue WHERE entrypoint = 'imports.run'")
        for _ in range(3):  # as many workers as died while they ran it
            await connection.execute(
                "INSERT INTO jobs.log (job_id, status, priority, entrypoint) VALUES ($1, 'picked', 0, 'imports.run')",
                job,
            )
    assert [why for task, why in await jobs.outcomes() if task == "imports.run" and why]
    ended = await read(api, "unit.filer", run)
    assert (ended["state"], ended["created"]) == ("FAILED", 0)
    assert ended["reason"]
    assert ended["endedAt"]
    told = "{viewer{notifications(first:1){nodes{kind subject{id}}}}}"
    [first] = (await api.ask("unit.filer", told))["viewer"]["notifications"]["nodes"]
    assert first == {"kind": "IMPORT_ENDED", "subject": {"id": run}}
    async with database.connection() as connection:
        await connection.execute("DELETE FROM jobs.queue WHERE id = $1", job)


async def test_a_killed_workers_import_goes_on_where_it_was(api: Api, settings: Settings, database: Database) -> None:
    """Row by row, a worker is killed (SIGKILL) between its batches: the next one ends it, and no row is there twice."""
    rows = [system() for _ in range(1_600)]
    content = await workbook(api, "unit.filer", "SYSTEMS", rows)
    run = await start(api, "unit.filer", "SYSTEMS", content, "ROW_BY_ROW")
    async with killable(settings) as first:
        await until(api, run, lambda seen: seen["rowsDone"] > 0)
        first.send_signal(signal.SIGKILL)
        await first.wait()
    left = await read(api, "unit.filer", run)
    assert (left["state"], left["rowsDone"] < len(rows)) == ("RUNNING", True)
    async with killable(settings) as second:
        ended = await until(api, run, lambda seen: seen["state"] != "RUNNING")
        second.send_signal(signal.SIGTERM)
        await second.wait()
    assert counts(ended) == ("DONE", len(rows), 0, 0, 0)
    assert ended["rowsDone"] == ended["rowsTotal"] == len(rows)


async def until(api: Api, run: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The import as soon as something holds of it."""
    for _ in range(3_000):
        seen = await read(api, "unit.filer", run)
        if holds(seen):
            return seen
        await asyncio.sleep(0.02)
    raise AssertionError(seen)


@asynccontextmanager
async def killable(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """``dengbao work`` in a process of its own, whose jobs go to others two seconds after its last sign of life."""
    given = {**settings.model_dump(), "job_lease_seconds": 2}
    environment = {f"DENGBAO_{name.upper()}": str(value) for name, value in given.items() if value is not None}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "work", env={**os.environ, **environment}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


# --- the run ---


async def test_a_file_that_cannot_be_used_ends_the_import_with_the_reason(api: Api, jobs: BackgroundWork) -> None:
    run = await start(api, "unit.filer", "SYSTEMS", NO_WORKBOOK)
    await jobs.run()
    ended = await read(api, "unit.filer", run)
    assert (ended["state"], ended["rowsTotal"]) == ("REFUSED", None)
    assert "Excel" in ended["reason"]


async def test_only_a_stored_workbook_of_ones_own_is_imported(api: Api) -> None:
    given = {"kind": "SYSTEMS", "mode": "ROW_BY_ROW"}
    paper = await upload(api, "unit.filer", "x.zip", archive("x"))
    refused = await api.do("unit.filer", "startImport", RUN, documentId=paper, **given)
    assert [(each["code"], each["field"]) for each in refused["userErrors"]] == [("INVALID_INPUT", "documentId")]
    refused = await api.do("district.officer", "startImport", RUN, documentId=paper, **given)
    assert [each["code"] for each in refused["userErrors"]] == ["NOT_FOUND"]
    book = await upload(api, "unit.filer", "x.xlsx", NO_WORKBOOK)
    refused = await api.do("unit.filer", "startImport", RUN, documentId=book, **{**given, "kind": "UNITS"})
    assert [(each["code"], each["field"]) for each in refused["userErrors"]] == [("FORBIDDEN", "kind")]


async def test_templates_are_for_who_is_signed_in(api: Api) -> None:
    assert (await api.client.get(f"{api.url}/import-template/units.xlsx")).status_code == 401
    assert (await api.client.get(f"{api.url}/import-template/people.xlsx")).status_code == 404
    answer = await template(api, "city.officer", "UNITS")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    codes = [cell.value for column in book["代码表"].iter_cols() for cell in column]
    assert "海淀区" in codes
    assert "和平区" not in codes


async def test_progress_is_seen_and_a_killed_worker_is_followed_by_one_that_goes_on(
    api: Api, jobs: BackgroundWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BATCH", 2)
    progress = tasks._Importing._progress
    for mode, written in (("ROW_BY_ROW", 4), ("ALL_OR_NOTHING", 0)):
        rows = [system() for _ in range(7)]
        run = await start(api, "unit.filer", "SYSTEMS", await workbook(api, "unit.filer", "SYSTEMS", rows), mode)
        seen: list[tuple[Any, int]] = []
        calls: list[int] = []

        async def stop_once(
            self: Any, *given: Any, run: str = run, rows: Any = rows, seen: list[Any] = seen, calls: list[int] = calls
        ) -> None:
            calls.append(1)
            if len(calls) == 3:
                seen.append((await read(api, "unit.filer", run), await found(api, "unit.filer", rows)))
                raise asyncio.CancelledError  # as when the worker is stopped
            await progress(self, *given)

        monkeypatch.setattr(tasks._Importing, "_progress", stop_once)
        outcomes = await jobs.outcomes()
        assert [bool(reason) for task, reason in outcomes if task == "imports.run"] == [True, False]
        [(halfway, many)] = seen
        assert (halfway["state"], halfway["rowsDone"], halfway["rowsTotal"]) == ("RUNNING", 4, 7)
        assert many == written
        ended = await read(api, "unit.filer", run)
        assert counts(ended) == ("DONE", 7, 0, 0, 0)
        assert ended["rowsDone"] == 7
        assert await found(api, "unit.filer", rows) == 7
