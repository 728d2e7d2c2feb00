"""Anyone who holds a numbered paper learns whether it is genuine: from the API, and on a plain page."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from typing import Any

import httpx
import pytest
import segno
from PIL import Image

from domain.papers.content import read
from storage.database import Database
from storage.papers.press import Press
from storage.papers.verification import MASK
from storage.settings import Settings
from tests.e2e.flows import answered, node, under_review
from tests.e2e.test_papers import LETTER, OPINION, fetched, paper_of
from tests.papers.test_rendering import of_pdf
from tests.support import Api, BackgroundWork, serving

VERIFY = "query($n:String!,$c:String!){verifyLetter(number:$n,code:$c){genuine}}"
NOTHING_RUNS = "default-src 'none'; style-src 'sha256-"


async def prove_genuine(api: Api, person: str, document: dict[str, Any]) -> None:
    """A paper is found genuine by the number and code that are printed on it, and by no other code."""
    text = of_pdf(await fetched(api, person, document["id"]))
    code = re.search("验证码([2-9A-Z]{12})", text)
    number = re.search(r"\(([^()]*)\)\.pdf$", document["filename"])
    assert code
    assert number
    assert number[1] in text
    for typed, genuine in {code[1]: True, code[1][::-1] + "2": False}.items():
        answer = await api.answer(None, VERIFY, n=number[1], c=typed)
        assert answer["data"] == {"verifyLetter": {"genuine": genuine}}


async def visit(url: str, **typed: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(f"{url}/verify", params=typed)


async def test_a_page_tells_what_is_genuine_and_runs_nothing(api: Api) -> None:
    letter = await answered(api, await under_review(api), "A")
    number, code = letter["number"], letter["verificationCode"]
    for typed, kind, status in (
        ({}, None, 200),
        ({"number": number, "code": code}, "genuine", 200),
        ({"number": f" {number} ", "code": f"{code[:6].lower()} {code[6:]}"}, "genuine", 200),
        ({"number": number, "code": code[::-1] + "2"}, "not", 200),
        ({"number": number}, "incomplete", 200),
        ({"number": "\x00", "code": code}, "not", 200),
    ):
        answer = await visit(api.url, **typed)
        assert answer.status_code == status
        assert re.findall('<section class="(.*?)"', answer.text) == ([kind] if kind else []), typed
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["content-security-policy"].startswith(NOTHING_RUNS)
        assert answer.headers["cache-control"] == "no-store"
        # Chinese first, English second; nothing of what the paper says.
        assert answer.text.index("公文真伪核验") < answer.text.index("Verify a letter")
        assert "预算" not in answer.text
        assert "<script" not in answer.text
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.post(f"{api.url}/verify", data={"number": number})).status_code == 405


@pytest.mark.parametrize("typed", ['"><script>alert(1)</script>', "{style}{0.__class__}", "</form><h1>x"])
async def test_what_is_typed_is_shown_as_it_is(api: Api, typed: str) -> None:
    answer = await visit(api.url, number=typed, code=typed)
    assert '<section class="not"' in answer.text
    assert not any(tag in answer.text for tag in ("<script", "</form><h1>", "__class__')"))
    form = answer.text[answer.text.index("<form") :]
    assert form.count("<input") == 2


async def test_codes_cannot_be_tried_out_on_the_page(api: Api, settings: Settings) -> None:
    limited = settings.model_copy(update={"rate_verify_letter": 2})
    async with serving(limited) as url:
        answers = [await visit(url, number="x", code=str(at)) for at in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        assert "请求过于频繁" in answers[-1].text
        # The same allowance is the API's.
        async with httpx.AsyncClient(trust_env=False) as client:
            body = {"query": '{verifyLetter(number:"x",code:"y"){genuine}}'}
            refused = (await client.post(f"{url}/graphql", json=body)).json()
        assert refused["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert (await visit(url)).status_code == 200


async def test_a_qr_code_leads_to_the_page_with_number_and_code(
    api: Api, database: Database, jobs: BackgroundWork
) -> None:
    issued = await answered(api, await under_review(api), "A")
    await jobs.run()
    content = read((await paper_of(database, issued["id"])).content)

    def qr(made: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            (picture,) = [name for name in archive.namelist() if name.startswith("word/media/")]
            return points(archive.read(picture))

    def points(png: bytes) -> bytes:
        return Image.open(io.BytesIO(png)).convert("L").tobytes()

    def expected(text: str) -> bytes:
        buffer = io.BytesIO()
        segno.make(text, micro=False, error="m", mask=MASK).save(buffer, kind="png", border=0, scale=8)
        return points(buffer.getvalue())

    number, code = issued["number"], issued["verificationCode"]
    query = httpx.QueryParams({"number": number, "code": code})
    public = await Press("https://djba.example.gov.cn/").word(content)
    assert qr(public) == expected(f"https://djba.example.gov.cn/verify?{query}")
    answer = await visit(api.url, **dict(query))
    assert '<section class="genuine"' in answer.text
    # Where nobody said where we are, it holds both for whoever types them.
    assert qr(await Press().word(content)) == expected(f"{number}\n{code}")
    without = dataclasses.replace(content, number=None)
    assert "验证码" not in of_pdf(await Press("https://djba.example.gov.cn").pdf(without))


async def test_a_letters_paper_is_genuine_by_what_is_printed_on_it(api: Api, jobs: BackgroundWork) -> None:
    issued = await answered(api, await under_review(api), "A")
    await jobs.run()
    made = await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER)
    await prove_genuine(api, "unit.filer", made["document"])


async def test_an_opinion_document_is_genuine_by_what_is_printed_on_it(api: Api) -> None:
    """Receipts, orders and reports are proved where they are made."""
    cases = (await api.ask("unit.filer", OPINION))["panelCases"]["nodes"]
    opinion = next(each["opinionDocument"] for each in cases if each["opinionDocument"])
    await prove_genuine(api, "unit.filer", opinion)
