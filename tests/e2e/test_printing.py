"""The filing form on paper: whoever sees the filing gets it, as PDF and as Word, a draft as well."""

from __future__ import annotations

import io
import uuid

import docx
import httpx
import pytest

from tests.e2e.flows import done, graded_system, node, submitted
from tests.support import Api


async def printed(api: Api, who: str | None, path: str, method: str = "GET") -> httpx.Response:
    headers = {"authorization": f"Bearer {await api.token(who)}"} if who else {}
    return await api.client.request(method, f"{api.url}{path}", headers=headers)


async def paths(api: Api, who: str, filing: str) -> tuple[str, str]:
    found = await node(api, who, filing, "Filing", "printedPdf printedWord")
    return found["printedPdf"], found["printedWord"]


async def test_a_draft_is_printed_for_its_unit_and_for_nobody_else(api: Api) -> None:
    system = await graded_system(api, name="打印试验系统")
    filing = (await done(api, "unit.filer", "createFiling", "filing{id}", systemId=system))["id"]
    pdf, word = await paths(api, "unit.filer", filing)
    answer = await printed(api, "unit.approver", pdf)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert (await printed(api, "unit.filer", pdf)).content == answer.content  # the same state, the same bytes
    answer = await printed(api, "unit.filer", word)
    tables = docx.Document(io.BytesIO(answer.content)).tables
    assert len(tables) == 4
    assert "打印试验系统" in {cell.text for cell in tables[1]._cells}
    absent = f"/filings/fil_{uuid.uuid4()}/form.pdf"
    for who in ("district.officer", "city.officer", "expert", "assessor", "city.officer@tianjin"):
        refused, unknown = await printed(api, who, pdf), await printed(api, who, absent)
        assert refused.status_code == unknown.status_code == 404
        assert refused.json() == unknown.json()


@pytest.mark.parametrize("path", ["/filings/x/form.pdf", "/filings/sys_1/form.docx"])
async def test_what_is_no_filing_is_not_found(api: Api, path: str) -> None:
    assert (await printed(api, "unit.filer", path)).status_code == 404
    assert (await printed(api, None, path)).status_code == 401
    assert (await printed(api, "unit.filer", path, "POST")).status_code == 405


async def test_offices_print_what_was_submitted_and_each_printing_is_on_record(api: Api) -> None:
    filing = await submitted(api)
    pdf, _ = await paths(api, "district.officer", filing)
    assert (await printed(api, "district.officer", pdf)).status_code == 200
    events = await api.all("city.admin", "auditEvents", "subject{id}", ',filter:{action:"requestDownload"}')
    assert any(event["subject"] == {"id": filing} for event in events)
