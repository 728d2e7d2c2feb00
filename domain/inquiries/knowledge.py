"""The knowledge base (知识库): answers that the security centre publishes, never saying who had asked."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import exists, select

from domain.access import Role
from domain.checks import LONG, Checks
from domain.errors import ErrorCode, refuse
from domain.inquiries.entities import ArticleState, Inquiry, InquiryMessage, InquiryTopic, KnowledgeArticle
from domain.inquiries.life import ARTICLE
from domain.organisations.entities import Organisation
from domain.people.entities import User
from domain.systems.entities import System
from domain.work import Work

# What is shorter would be found in any text.
_SHORTEST_NAME, _SHORTEST_CODE = 2, 4


async def publish_answer(
    work: Work,
    *,
    inquiry_id: UUID,
    title: str,
    question: str,
    answer: str,
    topic: InquiryTopic | None = None,
    version: int | None = None,
) -> KnowledgeArticle:
    """Publish an answered inquiry to everybody in the city, as edited; an earlier edition gives way to it.

    What would say whose question it was (the unit's name and codes, its people, its systems' codes) is refused.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("publishAnswer")
    inquiry = await work.load(Inquiry, inquiry_id, field="inquiryId", version=version)
    await _require_answer(work, inquiry)
    checks = Checks()
    texts = {
        "title": checks.text(title, "title", required=True) or "",
        "question": checks.text(question, "question", required=True, limit=LONG) or "",
        "answer": checks.text(answer, "answer", required=True, limit=LONG) or "",
    }
    for particular in await _particulars(work, inquiry):
        for field, text in texts.items():
            if particular.casefold() in text.casefold():
                checks.wrong(
                    field,
                    f"含有提问单位的信息“{particular}”,请删去后再发布。",
                    f"“{particular}” tells whose question it was. Take it out.",
                )
    checks.done()
    await _withdraw_former(work, inquiry)
    article = KnowledgeArticle(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        inquiry_id=inquiry.id,
        topic=InquiryTopic[topic] if topic else inquiry.topic,
        **texts,
        state=ArticleState.PUBLISHED,
        published_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(article)
    await work.session.flush()
    work.record("publishAnswer", article, after={"title": article.title})
    return article


async def withdraw_answer(work: Work, *, article_id: UUID, reason: str, version: int | None = None) -> KnowledgeArticle:
    """Take a published answer back: PUBLISHED → WITHDRAWN.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("withdrawAnswer")
    article = await work.load(KnowledgeArticle, article_id, field="articleId", version=version)
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    ARTICLE.take(work, article, "withdrawAnswer", reason=text)
    article.withdraw_reason = text
    return article


async def _require_answer(work: Work, inquiry: Inquiry) -> None:
    answered = exists().where(
        InquiryMessage.tenant_id == inquiry.tenant_id,
        InquiryMessage.inquiry_id == inquiry.id,
        InquiryMessage.side == Role.CITY_OFFICE,
    )
    if not await work.session.scalar(select(answered)):
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该咨询尚未答复。请先答复,再发布。",
            "The inquiry has no answer yet. Answer it first.",
            "inquiryId",
        )


async def _withdraw_former(work: Work, inquiry: Inquiry) -> None:
    former = await work.session.scalar(
        select(KnowledgeArticle)
        .where(
            KnowledgeArticle.tenant_id == inquiry.tenant_id,
            KnowledgeArticle.inquiry_id == inquiry.id,
            KnowledgeArticle.state == ArticleState.PUBLISHED,
        )
        .with_for_update()
    )
    if former is not None:
        ARTICLE.take(work, former, "withdrawAnswer")
        await work.session.flush()


async def _particulars(work: Work, inquiry: Inquiry) -> list[str]:
    """What tells of the unit: its name and codes, its people, the codes of its systems; the longest first.

    The names of systems are not among them: "门户网站" says of nobody whose it is.
    """
    unit = await work.session.get_one(Organisation, (inquiry.tenant_id, inquiry.unit_id))
    codes = await work.session.scalars(
        select(System.code).where(System.tenant_id == unit.tenant_id, System.unit_id == unit.id)
    )
    asked = select(InquiryMessage.author_id).where(
        InquiryMessage.tenant_id == unit.tenant_id,
        InquiryMessage.inquiry_id == inquiry.id,
        InquiryMessage.side == Role.UNIT,
    )
    authors = await work.session.scalars(
        select(User.display_name).where(User.tenant_id == unit.tenant_id, User.id.in_(asked))
    )
    found = {each for each in (*_of_unit(unit), *authors) if len(each) >= _SHORTEST_NAME}
    found |= {code for code in codes if len(code) >= _SHORTEST_CODE}
    return sorted(found, key=lambda each: (-len(each), each))


def _of_unit(unit: Organisation) -> Iterator[str]:
    values = (
        unit.name,
        unit.credit_code,
        unit.address,
        unit.leader_name,
        unit.leader_phone,
        unit.leader_email,
        unit.contact_name,
        unit.contact_phone,
        unit.contact_mobile,
        unit.contact_email,
    )
    return (value.strip() for value in values if value and value.strip())
