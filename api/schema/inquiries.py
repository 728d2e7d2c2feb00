"""Consultation (咨询): inquiries with their threads, and the knowledge base (知识库)."""

import datetime as dt

import strawberry

from api.reads.sources import column, entity, global_id, to_many, to_one
from api.schema.city import Organisation, User
from api.schema.common import Node, lazy, vocabulary
from api.schema.filings import Document
from domain.access import Role
from domain.inquiries.entities import ArticleState, InquiryState, InquiryTopic
from domain.inquiries.entities import Inquiry as InquiryRow
from domain.inquiries.entities import InquiryMessage as InquiryMessageRow
from domain.inquiries.entities import KnowledgeArticle as KnowledgeArticleRow

for _term in (ArticleState, InquiryState, InquiryTopic):
    vocabulary(_term)


@entity(InquiryMessageRow, "msg")
@strawberry.type(description="咨询中的一条消息,不再改变 / one message of an inquiry, never changed")
class InquiryMessage(Node):
    """One message of an inquiry."""

    id: strawberry.ID = global_id("msg")
    inquiry: lazy("Inquiry", "inquiries") | None = to_one("inquiry_id", "所属咨询 / its inquiry")
    side: Role = column("side", "哪一方:提问单位或市信息办 / which side speaks: the unit or the city office")
    organisation: Organisation | None = to_one("organisation_id", "发言机构 / whose message it is")
    author: User | None = to_one("author_id", "发言人,仅同机构可见 / who wrote it, for those who may see the person")
    text: str = column("text", "正文 / text")
    attachments: list[Document] = to_many("inquiry_message_id", "附件 / attachments")
    created_at: dt.datetime = column("created_at", "时间 / when")


@entity(InquiryRow, "inq")
@strawberry.type(description="咨询 / an inquiry of a unit to the security centre")
class Inquiry(Node):
    """An inquiry of a unit to the security centre."""

    id: strawberry.ID = global_id("inq")
    unit: Organisation | None = to_one("unit_id", "提问单位 / the unit that asks")
    opened_by: User | None = to_one("opened_by_id", "提问人 / who opened it")
    title: str = column("title", "标题 / title")
    topic: InquiryTopic = column("topic", "事项 / topic")
    state: InquiryState = column("state", "状态 / state")
    thread: list[InquiryMessage] = to_many("inquiry_id", "往来消息,先后为序 / the messages, in order", "id")
    created_at: dt.datetime = column("created_at", "提出时间 / when it was opened")
    last_message_at: dt.datetime = column("last_message_at", "最新消息时间 / when something was last said")
    answered_at: dt.datetime | None = column("answered_at", "最近答复时间 / when it was last answered")
    closed_at: dt.datetime | None = column("closed_at", "办结时间 / when it was closed")
    closed_by: User | None = to_one("closed_by_id", "办结人 / who closed it")
    close_reason: str | None = column("close_reason", "办结理由 / why it was closed")
    version: int = column("version", "版本 / counts its changes")


@entity(KnowledgeArticleRow, "kna")
@strawberry.type(description="知识库条目:不显示提问单位 / a published answer; it never says who had asked")
class KnowledgeArticle(Node):
    """A published answer."""

    id: strawberry.ID = global_id("kna")
    title: str = column("title", "标题 / title")
    topic: InquiryTopic = column("topic", "事项 / topic")
    question: str = column("question", "问题 / the question")
    answer: str = column("answer", "答复 / the answer")
    state: ArticleState = column("state", "状态 / state")
    published_at: dt.datetime = column("created_at", "发布时间 / when it was published")
    published_by: User | None = to_one("published_by_id", "发布人 / who published it")
    withdrawn_at: dt.datetime | None = column("withdrawn_at", "撤回时间 / when it was withdrawn")
    withdraw_reason: str | None = column(
        "withdraw_reason", "撤回理由,被新版取代时为空 / why it was withdrawn, null when a later edition took its place"
    )
    inquiry: Inquiry | None = to_one("inquiry_id", "出自何咨询(仅市信息办) / the inquiry it is from (city office only)")
    version: int = column("version", "版本 / counts its changes")
