"""Papers from the step that issues them to the download: made once, kept, for those who may see them."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import httpx
import pytest
from minio.error import S3Error
from sqlalchemy import select, text

from domain.documents.entities import Document
from domain.papers.chinese import punctuated
from domain.papers.content import read
from domain.papers.entities import Paper
from storage.database import Database
from storage.files import ObjectStore
from storage.papers.press import Press
from tests.e2e.flows import LEVEL_2, LEVEL_3, answered, codes, done, graded_system, node, under_review
from tests.e2e.panel_flows import advice, assigned, concluded, opinions
from tests.papers.test_rendering import joined, of_pdf, of_word
from tests.support import Api, BackgroundWork

LETTER = "number verificationCode issuedAt document{id filename mediaType size sha256 kind} documents{id filename}"
REPORT = "report{id filename kind sha256} documents{id filename}"


def word(subject: dict[str, Any]) -> str:
    """The Word file among a subject's documents."""
    (found,) = [each["id"] for each in subject["documents"] if each["filename"].endswith(".docx")]
    return str(found)


async def fetched(api: Api, person: str, document: str) -> bytes:
    """A document as ``person`` downloads it."""
    link = await done(api, person, "requestDownload", "download{url}", documentId=document)
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(link["url"])).content


async def letter(api: Api, jobs: BackgroundWork, kind: str, **given: Any) -> dict[str, Any]:
    """An issued reply with its files."""
    issued = await answered(api, await under_review(api), kind, **given)
    assert (await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER))["document"] is None
    assert "papers.render" in await jobs.run()
    return {**issued, **await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER)}


SAYS = {
    "A": ["接受", "备案编号为", "第二级(S2A1G2)", "备案信息表", "测评机构"],
    "B": ["备案材料不全", "1.系统拓扑结构及说明", "2.加盖公章的安全产品清单", "10个工作日"],
    "C": ["明显不准", "专家组", "定级偏低", "再评审"],
}


@pytest.mark.parametrize("kind", SAYS)
async def test_a_letter_says_what_was_issued(api: Api, jobs: BackgroundWork, kind: str) -> None:
    given = {"body": "定级偏低。"} if kind == "C" else {}
    if kind == "B":
        given["missingItems"] = ["TOPOLOGY", "加盖公章的安全产品清单"]
    made = await letter(api, jobs, kind, **given)
    assert made["document"]["kind"] == "REPLY_LETTER"
    assert made["document"]["filename"].endswith(".pdf")
    assert word(made)
    content = await fetched(api, "unit.filer", made["document"]["id"])
    assert hashlib.sha256(content).hexdigest() == made["document"]["sha256"]
    for found in (of_pdf(content), of_word(await fetched(api, "unit.filer", word(made)))):
        for said in (made["number"], made["verificationCode"], "北京市信息化工作办公室", "海淀区财政局", *SAYS[kind]):
            assert joined(punctuated(said)) in found, said


async def test_a_letter_is_for_those_who_see_the_reply(api: Api, jobs: BackgroundWork) -> None:
    made = await letter(api, jobs, "A")
    for person in ("unit.filer", "unit.approver", "district.officer", "city.officer", "city.advisor"):
        assert (await fetched(api, person, made["document"]["id"])).startswith(b"%PDF-")
    for person in ("expert", "assessor", "unit.filer@tianjin", "city.officer@tianjin"):
        for document in (made["document"]["id"], word(made)):
            assert codes(await api.do(person, "requestDownload", "download{url}", documentId=document)) == ["NOT_FOUND"]
            assert await node(api, person, document, "Document", "id") is None


async def test_a_grading_report_has_its_sections(api: Api, jobs: BackgroundWork) -> None:
    system = await graded_system(api, LEVEL_3, name="报告系统 <b>#x")
    assert "papers.render" in await jobs.run()
    found = await node(api, "unit.filer", system, "System", f"currentGrading{{id state {REPORT}}}")
    grading = found["currentGrading"]
    assert grading["report"]["kind"] == "GRADING_REPORT"
    for found in (
        of_pdf(await fetched(api, "city.officer", grading["report"]["id"])),
        of_word(await fetched(api, "district.officer", word(grading))),
    ):
        for said in (
            "信息系统安全等级保护定级报告",
            "一、“报告系统 <b>#x”信息系统描述",
            "(一)业务信息安全保护等级的确定",
            "2.业务信息受到破坏时所侵害客体的确定",
            "社会秩序、公共利益",
            "严重损害",
            "(二)系统服务安全保护等级的确定",
            "(三)安全保护等级的确定",
            "第三级(S3A1G3)",
        ):
            assert joined(punctuated(said)) in found, said
    for person in ("expert", "assessor"):
        assert await node(api, person, grading["report"]["id"], "Document", "id") is None


async def paper_of(database: Database, reply: str) -> Paper:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    async with database.transaction(tenant) as session:
        found = await session.scalar(select(Paper).where(Paper.reply_letter_id == UUID(reply.partition("_")[2])))
    assert found
    return found


async def test_rendering_again_adds_nothing_and_gives_the_same(
    api: Api, database: Database, jobs: BackgroundWork
) -> None:
    made = await letter(api, jobs, "A")
    paper = await paper_of(database, made["id"])
    before = await fetched(api, "unit.filer", made["document"]["id"])
    platform = jobs.platform
    async with database.transaction(paper.tenant_id) as session:
        await platform.jobs.enqueue(session, paper.tenant_id, "papers.render", {"paper_id": paper.id})
    assert await jobs.run() == ["papers.render"]
    async with database.transaction(paper.tenant_id) as session:
        kept = (await session.scalars(select(Document).where(Document.reply_letter_id == paper.reply_letter_id))).all()
    assert len(kept) == 2
    assert await fetched(api, "unit.filer", made["document"]["id"]) == before
    # A later change of what the letter speaks of does not change it.
    system = (await node(api, "unit.filer", made["id"], "ReplyLetter", "filing{system{id version}}"))["filing"][
        "system"
    ]
    await done(
        api, "unit.filer", "updateSystem", "system{id}", systemId=system["id"], version=system["version"], name="新名称"
    )
    again = await Press().pdf(read(paper.content))
    assert again == before


async def test_what_was_made_before_the_worker_died_is_taken_up(
    api: Api, database: Database, jobs: BackgroundWork, store: ObjectStore
) -> None:
    """The files are there, locked, and nobody noted it: the same job again notes them, without a second version."""
    issued = await answered(api, await under_review(api), "A")
    paper = await paper_of(database, issued["id"])
    content = await Press().pdf(read(paper.content))
    key = f"{paper.tenant_id}/papers/{paper.id}/{hashlib.sha256(content).hexdigest()}"
    await store.put(key, content, "application/pdf")
    assert "papers.render" in await jobs.run()
    made = await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER)
    assert made["document"]["sha256"] == hashlib.sha256(content).hexdigest()


async def test_neither_the_words_nor_the_file_can_be_changed(
    api: Api, database: Database, jobs: BackgroundWork, store: ObjectStore
) -> None:
    made = await letter(api, jobs, "A")
    paper = await paper_of(database, made["id"])
    with pytest.raises(Exception, match="permission denied"):
        async with database.transaction(paper.tenant_id) as session:
            await session.execute(text("UPDATE papers SET content = '{}'"))
    async with database.transaction(paper.tenant_id) as session:
        kept = (await session.scalars(select(Document).where(Document.reply_letter_id == paper.reply_letter_id))).all()
    for document in kept:
        with pytest.raises(S3Error):
            await _remove(store, document.object_key)
        stat = await store.stat(document.object_key)
        assert stat
        assert stat.size == document.size


async def _remove(store: ObjectStore, key: str) -> None:
    version = await store._call(lambda: store._client.stat_object(bucket_name=store._bucket, object_name=key))
    await store._call(
        lambda: store._client.remove_object(bucket_name=store._bucket, object_name=key, version_id=version.version_id)
    )


class OutOfPaper(Press):
    """A press that fails once."""

    failed = False

    async def pdf(self, content: Any) -> bytes:
        """Fails the first time."""
        if not self.failed:
            self.failed = True
            raise OSError("out of paper")
        return await super().pdf(content)


async def test_a_failure_is_tried_again_and_the_number_stays(
    api: Api, jobs: BackgroundWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    filing = await under_review(api)
    await jobs.run()
    issued = await answered(api, filing, "A")
    monkeypatch.setattr(jobs.platform, "papers", OutOfPaper())
    failures = [reason for task, reason in await jobs.outcomes() if task == "papers.render" and reason]
    assert len(failures) == 1
    assert failures[0].startswith("OSError")
    seen = await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER)
    assert (seen["number"], seen["document"]) == (issued["number"], None)
    await jobs.make_due()
    assert "papers.render" in await jobs.run()
    seen = await node(api, "unit.filer", issued["id"], "ReplyLetter", LETTER)
    assert seen["document"]
    assert seen["number"] == issued["number"]


# The demo's come first: their papers are made.
OPINION = """{panelCases(
  first:100,filter:{state:CONCLUDED,not:{purpose:PLAN_REVIEW}},orderBy:[{field:CREATED_AT,direction:ASC}]
) {nodes{opinionDocument{id filename} documents{id filename}}}}"""


async def test_an_opinion_document_has_the_conclusion_and_nobodys_own_words(api: Api) -> None:
    cases = (await api.ask("unit.filer", OPINION))["panelCases"]["nodes"]
    case = next(each for each in cases if each["opinionDocument"])
    document = case["opinionDocument"]["id"]
    for found in (
        of_pdf(await fetched(api, "unit.filer", document)),
        of_word(await fetched(api, "city.officer", word(case))),
    ):
        for said in ("信息系统定级专家评审意见", "北京市电子政务等级保护专家组", "二、评审结论", "安全保护等级应为第"):
            assert said in found
    opinions = await api.ask(
        "city.officer", "query($i:ID!){node(id:$i){...on Document{panelCase{opinions{reasons}}}}}", i=document
    )
    reasons = [each["reasons"] for each in opinions["node"]["panelCase"]["opinions"]]
    text = of_pdf(await fetched(api, "expert", document))
    assert reasons
    assert not any(joined(reason) in text for reason in reasons)
    for person in ("district.officer", "assessor", "unit.filer@tianjin"):
        assert codes(await api.do(person, "requestDownload", "download{url}", documentId=document)) == ["NOT_FOUND"]


async def test_a_conclusion_is_put_on_paper_and_the_grading_report_tells_of_it(api: Api, jobs: BackgroundWork) -> None:
    grading, case = await advice(api)
    await assigned(api, case)
    await opinions(api, case, 3, 3, 3)
    number = (await concluded(api, case))["conclusion"]["number"]
    assert "papers.render" in await jobs.run()
    made = await node(api, "unit.filer", case, "PanelCase", "opinionDocument{id kind} documents{id filename}")
    assert made["opinionDocument"]["kind"] == "OPINION_DOCUMENT"
    for found in (
        of_pdf(await fetched(api, "unit.filer", made["opinionDocument"]["id"])),
        of_word(await fetched(api, "expert", word(made))),
    ):
        for said in (
            number,
            "“评审系统”信息系统定级专家评审意见",
            "第二会议室",
            "安全保护等级应为第三级",
            "第二级应予调整",
        ):
            assert joined(punctuated(said)) in found, said
    draft = await node(api, "unit.filer", grading, "Grading", "version system{id}")
    against = {
        "gradingId": grading,
        "version": draft["version"],
        "systemId": draft["system"]["id"],
        "businessInformation": {**LEVEL_2, "objectReasoning": "客体的理由", "degreeReasoning": "程度的理由"},
        "systemService": LEVEL_2,
        "systemDescription": {"responsibility": "责任单位说明", "boundary": "边界说明"},
        "reasonAgainstOpinion": "不采纳的理由",
    }
    await done(api, "unit.filer", "saveGrading", "grading{id}", **against)
    await done(api, "unit.filer", "submitGrading", "grading{id}", gradingId=grading)
    await done(api, "unit.approver", "confirmGrading", "grading{id}", gradingId=grading)
    await jobs.run()
    report = (await node(api, "city.officer", grading, "Grading", REPORT))["report"]
    found = of_pdf(await fetched(api, "city.officer", report["id"]))
    for said in ("责任单位说明", "边界说明", "客体的理由", "程度的理由", "专家评审意见", number, "不采纳的理由"):
        assert joined(punctuated(said)) in found, said
