"""An export is the list that its caller sees, whole, as a file; nothing else, and nothing unrecorded."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
import uuid
from typing import Any
from urllib.parse import unquote

import httpx
import openpyxl
import pytest
from sqlalchemy import select, text

from api import operator
from domain.access import Duty, Role
from domain.audit.entities import AuditEvent
from storage.database import Database
from tests.e2e.test_rows import LISTS, PEOPLE
from tests.support import SIGN_IN, Api


async def export(
    api: Api,
    person: str | None,
    document: str,
    suffix: str = "csv",
    headers: dict[str, str] | None = None,
    **given: Any,
) -> httpx.Response:
    """The response to an export."""
    headers = dict(headers or {})
    if person:
        headers["authorization"] = f"Bearer {await api.token(person)}"
    body = {"query": document, "variables": given}
    return await api.client.post(f"{api.url}/export/{suffix}", json=body, headers=headers)


def read_csv(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def read_xlsx(answer: httpx.Response) -> list[tuple[Any, ...]]:
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content), read_only=True)
    return list(book.worksheets[0].iter_rows(values_only=True))


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("table", LISTS)
async def test_an_export_holds_what_the_list_shows(api: Api, person: str, table: str) -> None:
    name = LISTS[table]
    shown = [node["id"] for node in await api.all(person, name, "id")]
    [heading, *rows] = read_csv(await export(api, person, f"{{{name}{{nodes{{id}}}}}}"))
    assert heading == ["全局标识"]
    assert [row[0] for row in rows] == shown


async def test_filter_order_and_variables_are_those_of_the_list(api: Api) -> None:
    arguments = "filter:{states:$s},orderBy:[{field:REVIEW_DUE_ON},{field:CREATED_AT,direction:DESC}]"
    document = f"query($s:[FilingState!]){{filings({arguments}){{nodes{{id state}}}}}}"
    answer = await export(api, "city.officer", document, s=["UNDER_REVIEW", "ACCEPTED"])
    paged = f"query($s:[FilingState!]){{filings(first:100,{arguments}){{nodes{{id state}}}}}}"
    shown = (await api.ask("city.officer", paged, s=["UNDER_REVIEW", "ACCEPTED"]))["filings"]["nodes"]
    rows = read_csv(answer)[1:]
    assert [row[0] for row in rows][:100] == [node["id"] for node in shown]
    assert {row[1] for row in rows} == {"审核中", "已接受备案"}


COLUMNS = "number state level overdue submittedAt reviewDueOn unit{name} system{name important} form{unit{industry}}"


async def test_excel_has_typed_cells_under_chinese_headings(api: Api) -> None:
    document = f"{{filings(filter:{{state:UNDER_REVIEW}}){{nodes{{{COLUMNS}}}}}}}"
    answer = await export(api, "city.officer", document, "xlsx")
    [heading, *rows] = read_xlsx(answer)
    assert heading[:2] == ("备案编号", "状态")
    assert heading[6:] == (
        "备案单位 · 名称",
        "信息系统 · 名称",
        "信息系统 · 是否重要信息系统",
        "备案表 · 表一 单位基本情况 · 10 行业类别",
    )
    paged = f"{{filings(first:100,filter:{{state:UNDER_REVIEW}}){{nodes{{{COLUMNS}}}}}}}"
    shown = (await api.ask("city.officer", paged))["filings"]["nodes"]
    assert len(rows) == len(shown)
    for row, node in zip(rows, shown, strict=True):
        assert row[1] == "审核中"
        assert row[2] == node["level"]
        assert row[3] == ("是" if node["overdue"] else "否")
        assert row[4] == dt.datetime.fromisoformat(node["submittedAt"]).replace(tzinfo=None, microsecond=0)
        assert row[5].date() == dt.date.fromisoformat(node["reviewDueOn"])
        assert row[6] == node["unit"]["name"]
    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    name = unquote(answer.headers["content-disposition"].partition("filename*=UTF-8''")[2])
    assert name.startswith("备案-")
    assert name.endswith(".xlsx")


async def test_english_speakers_get_english_words(api: Api) -> None:
    document = "{filings(filter:{state:ACCEPTED}){nodes{state unit{name}}}}"
    [heading, first, *_] = read_csv(await export(api, "city.officer", document, headers={"accept-language": "en"}))
    assert heading == ["state", "the unit · name"]
    assert first[0] == "answered with reply A"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
async def test_no_text_becomes_a_formula(api: Api, name: str) -> None:
    code = uuid.uuid4().hex[:12]
    made = await api.do("unit.filer", "createSystem", "system{name}", name=f"{name}", code=code)
    kept = made["system"]["name"]
    document = "query($c:String){systems(filter:{text:$c}){nodes{name}}}"
    [_, [cell]] = read_csv(await export(api, "unit.filer", document, c=code))
    assert cell == f"'{kept}"
    [_, row] = read_xlsx(await export(api, "unit.filer", document, "xlsx", c=code))
    assert row == (kept,)


async def test_hidden_columns_are_empty(api: Api) -> None:
    document = "{organisations(filter:{kind:UNIT}){nodes{name creditCode contactPhone}}}"
    rows = read_csv(await export(api, "expert", document))[1:]
    assert rows
    assert all(row[0] and row[1:] == ["", ""] for row in rows)


REFUSED = {
    "two lists": ("{filings{nodes{id}} systems{nodes{id}}}", 400, "BAD_USER_INPUT"),
    "no list": ("{viewer{user{login}}}", 400, "BAD_USER_INPUT"),
    "a page": ("{filings(first:5){nodes{id}}}", 400, "BAD_USER_INPUT"),
    "edges": ("{filings{edges{node{id}}}}", 400, "BAD_USER_INPUT"),
    "a list within": ("{filings{nodes{id documents{id}}}}", 400, "BAD_USER_INPUT"),
    "a paged list within": ("{organisations{nodes{systems{nodes{id}}}}}", 400, "BAD_USER_INPUT"),
    "no column": ("{filings{nodes{__typename}}}", 400, "BAD_USER_INPUT"),
    "a mutation": ('mutation{createSystem(input:{name:"x",code:"x"}){system{id}}}', 400, "BAD_REQUEST"),
    "another schema": ("{filings{nodes{password}}}", 400, "GRAPHQL_VALIDATION_FAILED"),
    "a bad variable": ("query($s:FilingState!){filings(filter:{state:$s}){nodes{id}}}", 400, "BAD_USER_INPUT"),
}


@pytest.mark.parametrize(("document", "status", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_is_no_single_list_is_refused(api: Api, document: str, status: int, code: str) -> None:
    answer = await export(api, "city.officer", document)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_an_export_is_for_who_is_signed_in_and_by_post(api: Api) -> None:
    document = "{filings{nodes{id}}}"
    assert (await export(api, None, document)).status_code == 401
    assert (await export(api, "city.officer", document, "pdf")).status_code == 404
    assert (await api.client.get(f"{api.url}/export/csv")).status_code == 405
    foreign = (await api.ask("expert", "{viewer{membership{id}}}"))["viewer"]["membership"]["id"]
    answer = await export(api, "city.officer", document, headers={"x-acting-as": foreign})
    assert answer.status_code == 403


async def trail(database: Database, city: str) -> list[AuditEvent]:
    tenant = await database.directory.resolve_tenant(city)
    assert tenant
    async with database.transaction(tenant) as session:
        found = await session.scalars(
            select(AuditEvent)
            .where(AuditEvent.tenant_id == tenant, AuditEvent.action == "export")
            .order_by(AuditEvent.id.desc())
        )
        return list(found)


async def test_an_export_is_recorded(api: Api, database: Database) -> None:
    document = "query($s:FilingState){filings(filter:{state:$s}){nodes{id unit{name}}}}"
    rows = read_csv(await export(api, "district.officer", document, s="ACCEPTED"))[1:]
    event = (await trail(database, "beijing"))[0]
    assert event.after == {
        "list": "filings",
        "columns": ["id", "unit.name"],
        "asked": "filter: { state: $s } {'s': 'ACCEPTED'}",
        "rows": len(rows),
        "complete": True,
    }


ROWS = 30_000


@pytest.fixture(scope="module")
async def large_city(api: Api, database: Database) -> str:
    """A city with one unit of many systems; the user name of its filer."""
    slug = f"large{uuid.uuid4().hex[:6]}"
    tenant = await operator.create_tenant(database, slug, "大市", "990000", default=False)
    async with database.transaction(tenant) as session:
        unit = uuid.uuid4()
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await session.execute(
            text(
                "INSERT INTO organisations (tenant_id, id, created_at, kind, name, authority_level, version) "
                "VALUES (:t, :u, now(), 'UNIT', '大单位', 'CITY', 1)"
            ),
            {"t": tenant, "u": unit},
        )
        await session.execute(
            text(
                "INSERT INTO systems "
                "(tenant_id, id, created_at, unit_id, name, code, important, amendment_due, version) "
                "SELECT :t, gen_random_uuid(), now(), :u, '系统' || n, 'S' || n, false, false, 1 "
                "FROM generate_series(1, :n) AS n"
            ),
            {"t": tenant, "u": unit, "n": ROWS},
        )
    person = await operator.create_user(
        database, tenant, "filer", "填报人", Role.UNIT, frozenset({Duty.FILER}), "大单位", must_change=False
    )
    answer = (await api.post(SIGN_IN, i={"username": f"filer@{slug}", "password": person.password})).json()
    api.tokens[f"filer@{slug}"] = answer["data"]["signIn"]["accessToken"]
    return f"filer@{slug}"


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
async def test_a_long_list_comes_whole_and_once(api: Api, large_city: str, suffix: str) -> None:
    answer = await export(api, large_city, "{systems{nodes{code}}}", suffix)
    rows = read_csv(answer) if suffix == "csv" else read_xlsx(answer)
    codes = [row[0] for row in rows[1:]]
    assert len(codes) == len(set(codes)) == ROWS


async def test_a_client_that_goes_away_stops_the_work(api: Api, database: Database, large_city: str) -> None:
    before = len(await trail(database, large_city.partition("@")[2]))
    headers = {"authorization": f"Bearer {api.tokens[large_city]}"}
    body = {"query": "{systems{nodes{id name code unit{name creditCode} createdAt version}}}"}
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("POST", f"{api.url}/export/csv", json=body, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        await anext(answer.aiter_raw(1000))
    for _ in range(100):
        events = await trail(database, large_city.partition("@")[2])
        if len(events) > before:
            break
        await asyncio.sleep(0.05)
    assert events[0].after
    assert events[0].after["complete"] is False
    assert 0 < events[0].after["rows"] < ROWS
    # The connection that was cut is replaced, and nobody else's binding is touched.
    assert (await api.ask(large_city, "{systems{totalCount}}"))["systems"]["totalCount"] == ROWS
    assert (await api.ask("city.officer", "{systems{totalCount}}"))["systems"]["totalCount"] < ROWS


async def test_only_a_few_exports_run_at_once(api: Api, large_city: str) -> None:
    document = "{systems{nodes{id name code unit{name}}}}"
    answers = await asyncio.gather(*(export(api, large_city, document, "xlsx") for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
