"""Consultation: a unit asks, the security centre answers, either ends it; what is published says of nobody."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import httpx
import pytest

from clients.papers import paper
from tests.e2e.flows import codes
from tests.support import Api

UNIT, COLLEAGUE, ADVISOR, DISTRICT = "unit.filer", "unit.approver", "city.advisor", "district.officer"
THREAD = "id state version title topic closeReason thread{side text attachments{id filename kind}}"


def fields(payload: dict[str, Any]) -> set[str]:
    return {error["field"] for error in payload["userErrors"]}


async def asked(api: Api, **given: Any) -> dict[str, Any]:
    values = {"title": "怎样定级", "topic": "GRADING", "text": "门户网站怎样定级?", **given}
    inquiry: dict[str, Any] = (await api.do(UNIT, "openInquiry", f"inquiry{{{THREAD}}}", **values))["inquiry"]
    return inquiry


async def uploaded(api: Api, person: str, filename: str, purpose: str = "OTHER", *, complete: bool = True) -> str:
    content = paper(filename + uuid.uuid4().hex)
    granted = await api.do(
        person,
        "requestUpload",
        "upload{id url headers{name value}}",
        filename=filename,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        purpose=purpose,
    )
    target = granted["upload"]
    if complete:
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = {header["name"]: header["value"] for header in target["headers"]}
            (await client.put(target["url"], content=content, headers=headers)).raise_for_status()
        done = await api.do(person, "completeUpload", "document{state}", uploadId=target["id"])
        assert done["document"] == {"state": "STORED"}
    document: str = target["id"]
    return document


async def test_a_thread_goes_to_and_fro_with_its_files(api: Api) -> None:
    question_file = await uploaded(api, COLLEAGUE, "问题.pdf")
    inquiry = await asked(api, attachmentIds=[question_file])
    assert (inquiry["state"], inquiry["title"], inquiry["topic"]) == ("OPEN", "怎样定级", "GRADING")
    answer_file = await uploaded(api, ADVISOR, "答复.pdf")
    answered = await api.do(
        ADVISOR,
        "replyToInquiry",
        f"inquiry{{{THREAD} answeredAt}}",
        inquiryId=inquiry["id"],
        text="先看侵害的客体。",
        attachmentIds=[answer_file],
        version=inquiry["version"],
    )
    assert answered["inquiry"]["state"] == "ANSWERED"
    assert answered["inquiry"]["answeredAt"]
    seen = (await api.ask(COLLEAGUE, f"query($id:ID!){{node(id:$id){{...on Inquiry{{{THREAD}}}}}}}", id=inquiry["id"]))[
        "node"
    ]
    assert [(said["side"], said["text"], [a["filename"] for a in said["attachments"]]) for said in seen["thread"]] == [
        ("UNIT", "门户网站怎样定级?", ["问题.pdf"]),
        ("CITY_OFFICE", "先看侵害的客体。", ["答复.pdf"]),
    ]
    for person, document in ((UNIT, answer_file), (ADVISOR, question_file), (DISTRICT, answer_file)):
        link = (await api.do(person, "requestDownload", "download{url}", documentId=document))["download"]
        async with httpx.AsyncClient(trust_env=False) as client:
            assert (await client.get(link["url"])).content.startswith(b"%PDF-")
    for person in ("expert", "assessor", "unit.filer@tianjin", "city.advisor@tianjin"):
        refused = await api.do(person, "requestDownload", "download{url}", documentId=question_file)
        assert codes(refused) == ["NOT_FOUND"]


# What each side can do in each state: the state after it, or the refusal.
LIFE = [
    ("OPEN", UNIT, "replyToInquiry", "OPEN"),
    ("OPEN", ADVISOR, "replyToInquiry", "ANSWERED"),
    ("OPEN", UNIT, "closeInquiry", "CLOSED"),
    ("OPEN", ADVISOR, "closeInquiry", "CLOSED"),
    ("ANSWERED", COLLEAGUE, "replyToInquiry", "OPEN"),
    ("ANSWERED", ADVISOR, "replyToInquiry", "ANSWERED"),
    ("ANSWERED", COLLEAGUE, "closeInquiry", "CLOSED"),
    ("ANSWERED", ADVISOR, "closeInquiry", "CLOSED"),
    ("CLOSED", UNIT, "replyToInquiry", "OPEN"),
    ("CLOSED", ADVISOR, "replyToInquiry", "INVALID_STATE"),
    ("CLOSED", UNIT, "closeInquiry", "INVALID_STATE"),
    ("CLOSED", ADVISOR, "closeInquiry", "INVALID_STATE"),
]


@pytest.mark.parametrize(("state", "person", "action", "outcome"), LIFE)
async def test_each_step_from_each_state(api: Api, state: str, person: str, action: str, outcome: str) -> None:
    inquiry = (await asked(api))["id"]
    if state == "ANSWERED":
        await api.do(ADVISOR, "replyToInquiry", "inquiry{id}", inquiryId=inquiry, text="答复")
    elif state == "CLOSED":
        await api.do(UNIT, "closeInquiry", "inquiry{id}", inquiryId=inquiry)
    given = {"text": "追问或答复"} if action == "replyToInquiry" else {"reason": "已解决"}
    payload = await api.do(person, action, "inquiry{state closedAt closeReason}", inquiryId=inquiry, **given)
    if outcome == "INVALID_STATE":
        assert codes(payload) == ["INVALID_STATE"]
        assert fields(payload) == {"inquiryId"}
        return
    closed = outcome == "CLOSED"
    assert payload["inquiry"]["state"] == outcome
    assert payload["inquiry"]["closeReason"] == ("已解决" if closed else None)
    assert (payload["inquiry"]["closedAt"] is not None) is closed


async def test_the_office_says_why_it_closes_and_the_unit_need_not(api: Api) -> None:
    inquiry = (await asked(api))["id"]
    refused = await api.do(ADVISOR, "closeInquiry", "inquiry{id}", inquiryId=inquiry)
    assert (codes(refused), fields(refused)) == (["INVALID_INPUT"], {"reason"})
    closed = await api.do(UNIT, "closeInquiry", "inquiry{state}", inquiryId=inquiry)
    assert closed["inquiry"] == {"state": "CLOSED"}


async def test_all_that_is_wrong_is_told_at_once(api: Api) -> None:
    refused = await api.do(UNIT, "openInquiry", "inquiry{id}", title=" ", topic="OTHER", text="\x07")
    assert fields(refused) == {"title", "text"}
    announced = await uploaded(api, UNIT, "未传.pdf", complete=False)
    of_another_kind = await uploaded(api, UNIT, "拓扑.pdf", "TOPOLOGY")
    used = await uploaded(api, UNIT, "已用.pdf")
    await asked(api, attachmentIds=[used])
    given = {"title": "x", "topic": "OTHER", "text": "x", "attachmentIds": [announced, of_another_kind, used]}
    refused = await api.do(UNIT, "openInquiry", "inquiry{id}", **given)
    assert codes(refused) == ["INVALID_INPUT"] * 3
    told = " ".join(error["message"] for error in refused["userErrors"])
    assert all(name in told for name in ("未传.pdf", "拓扑.pdf", "已用.pdf"))
    refused = await api.do(
        ADVISOR, "replyToInquiry", "inquiry{id}", inquiryId=(await asked(api))["id"], text="x", version=9
    )
    assert codes(refused) == ["CONFLICT"]


async def test_anothers_file_cannot_be_sent_along_and_a_filings_not_either(api: Api) -> None:
    inquiry = (await asked(api))["id"]
    of_the_unit = await uploaded(api, UNIT, "单位.pdf")
    refused = await api.do(
        ADVISOR, "replyToInquiry", "inquiry{id}", inquiryId=inquiry, text="x", attachmentIds=[of_the_unit]
    )
    assert codes(refused) == ["NOT_FOUND"]
    filed = (await api.ask(UNIT, "{filings(first:1,filter:{state:ACCEPTED}){nodes{documents{id}}}}"))["filings"][
        "nodes"
    ]
    document = filed[0]["documents"][0]["id"]
    refused = await api.do(UNIT, "replyToInquiry", "inquiry{id}", inquiryId=inquiry, text="x", attachmentIds=[document])
    assert codes(refused) == ["INVALID_INPUT"]
    sent = await uploaded(api, UNIT, "附件.pdf")
    await asked(api, attachmentIds=[sent])
    draft = (await api.ask(UNIT, "{filings(first:1,filter:{state:DRAFT}){nodes{id}}}"))["filings"]["nodes"][0]["id"]
    refused = await api.do(UNIT, "attachDocument", "filing{id}", filingId=draft, documentId=sent, kind="TOPOLOGY")
    assert codes(refused) == ["INVALID_STATE"]


async def answered(api: Api) -> str:
    inquiry = (await asked(api))["id"]
    await api.do(ADVISOR, "replyToInquiry", "inquiry{id}", inquiryId=inquiry, text="第二级。")
    found: str = inquiry
    return found


ARTICLE = {"title": "门户网站怎样定级", "question": "只发布信息的门户网站怎样定级?", "answer": "一般为第二级。"}
EVERYBODY = (UNIT, DISTRICT, "city.officer", "expert", "assessor")
READ = "query($id:ID!){node(id:$id){...on KnowledgeArticle{title question answer topic state inquiry{id}}}}"


async def test_what_is_published_is_for_everybody_and_says_nothing_of_who_asked(api: Api) -> None:
    inquiry = await answered(api)
    published = await api.do(ADVISOR, "publishAnswer", "knowledgeArticle{id topic}", inquiryId=inquiry, **ARTICLE)
    article = published["knowledgeArticle"]["id"]
    for person in EVERYBODY:
        node = (await api.ask(person, READ, id=article))["node"]
        office = person.startswith("city")
        assert node == {
            **ARTICLE,
            "topic": "GRADING",
            "state": "PUBLISHED",
            "inquiry": {"id": inquiry} if office else None,
        }
        asked_for = "query($i:ID){knowledgeArticles(filter:{inquiryId:$i}){totalCount}}"
        found = await api.answer(person, asked_for, i=inquiry)
        if office:
            assert found["data"]["knowledgeArticles"]["totalCount"] == 1
        else:  # nobody else can try out whose question it was
            assert found["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert (await api.ask("unit.filer@tianjin", READ, id=article))["node"] is None


async def test_a_later_edition_takes_the_place_of_the_former_and_either_can_be_withdrawn(api: Api) -> None:
    inquiry = await answered(api)
    first = (await api.do(ADVISOR, "publishAnswer", "knowledgeArticle{id}", inquiryId=inquiry, **ARTICLE))[
        "knowledgeArticle"
    ]
    later = await api.do(
        ADVISOR,
        "publishAnswer",
        "knowledgeArticle{id version}",
        inquiryId=inquiry,
        **{**ARTICLE, "answer": "第二级或以上。"},
        topic="OTHER",
    )
    second = later["knowledgeArticle"]
    state = "query($id:ID!){node(id:$id){...on KnowledgeArticle{state withdrawReason}}}"
    assert (await api.ask(ADVISOR, state, id=first["id"]))["node"] == {"state": "WITHDRAWN", "withdrawReason": None}
    assert (await api.ask(UNIT, state, id=first["id"]))["node"] is None
    withdrawn = await api.do(
        ADVISOR, "withdrawAnswer", "knowledgeArticle{state withdrawReason}", articleId=second["id"], reason="口径有变"
    )
    assert withdrawn["knowledgeArticle"] == {"state": "WITHDRAWN", "withdrawReason": "口径有变"}
    assert (await api.ask(UNIT, state, id=second["id"]))["node"] is None
    again = await api.do(ADVISOR, "withdrawAnswer", "knowledgeArticle{id}", articleId=second["id"], reason="x")
    assert codes(again) == ["INVALID_STATE"]


async def test_what_tells_of_the_unit_is_not_published(api: Api) -> None:
    inquiry = await answered(api)
    unit = (await api.ask(UNIT, "{viewer{membership{organisation{name creditCode contactName contactPhone}}}}"))[
        "viewer"
    ]["membership"]["organisation"]
    given = {
        "title": f"{unit['name']}的门户网站",
        "question": f"代码为 {unit['creditCode'].lower()} 的单位怎样定级?",
        "answer": f"请{unit['contactName']}致电 {unit['contactPhone']}。",
    }
    refused = await api.do(ADVISOR, "publishAnswer", "knowledgeArticle{id}", inquiryId=inquiry, **given)
    assert set(codes(refused)) == {"INVALID_INPUT"}
    assert fields(refused) == {"title", "question", "answer"}
    assert len(refused["userErrors"]) >= 4


async def test_only_what_is_answered_is_published(api: Api) -> None:
    inquiry = (await asked(api))["id"]
    refused = await api.do(ADVISOR, "publishAnswer", "knowledgeArticle{id}", inquiryId=inquiry, **ARTICLE)
    assert codes(refused) == ["INVALID_STATE"]


async def test_the_lists_filter_and_find(api: Api) -> None:
    word = uuid.uuid4().hex
    inquiry = await answered(api)
    await asked(api, title=f"标题{word}", topic="ASSESSMENT")
    await api.do(ADVISOR, "publishAnswer", "knowledgeArticle{id}", inquiryId=inquiry, **{**ARTICLE, "answer": word})
    for root, condition, count in (
        ("inquiries", f'text:"{word}"', 1),
        ("inquiries", f'text:"{word}",topic:ASSESSMENT,state:OPEN', 1),
        ("inquiries", f'text:"{word}",topics:[GRADING,FILING]', 0),
        ("inquiries", f'text:"{word}",states:[ANSWERED,CLOSED]', 0),
        ("knowledgeArticles", f'text:"{word}"', 1),
        ("knowledgeArticles", f'text:"{word}",topics:[GRADING]', 1),
        ("knowledgeArticles", f'text:"{word}",topic:ASSESSMENT', 0),
        ("knowledgeArticles", f'text:"{word}",state:WITHDRAWN', 0),
    ):
        found = await api.ask(ADVISOR, f"{{{root}(filter:{{{condition}}}){{totalCount}}}}")
        assert found[root]["totalCount"] == count, condition
    newest = (await api.ask(UNIT, "{inquiries(first:1){nodes{title}}}"))["inquiries"]["nodes"][0]
    assert newest["title"] == f"标题{word}"
