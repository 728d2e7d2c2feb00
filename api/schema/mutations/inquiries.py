"""What is done in consultation (咨询) and with the knowledge base (知识库)."""

import strawberry

from api.schema.inquiries import Inquiry, KnowledgeArticle
from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
from domain.inquiries import knowledge
from domain.inquiries import use_cases as inquiries
from domain.inquiries.entities import InquiryTopic

_ATTACHMENTS = ("附件:已完成上传、用途为 OTHER 的文件", "files, uploaded whole with the purpose OTHER")


@strawberry.input(description="提出咨询 / opening an inquiry")
class OpenInquiryInput:
    """Opening an inquiry."""

    title: str = says("标题", "title")
    topic: InquiryTopic = says("事项", "topic")
    text: str = says("问题", "the question")
    attachment_ids: list[strawberry.ID] | None = may_ref("doc", *_ATTACHMENTS)
    idempotency_key: str | None = key()


@strawberry.input(description="答复或追问 / answering, or asking further")
class ReplyToInquiryInput:
    """Answering, or asking further."""

    inquiry_id: strawberry.ID = ref("inq", "咨询", "the inquiry")
    text: str = says("正文", "text")
    attachment_ids: list[strawberry.ID] | None = may_ref("doc", *_ATTACHMENTS)
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="办结咨询 / closing an inquiry")
class CloseInquiryInput:
    """Closing an inquiry."""

    inquiry_id: strawberry.ID = ref("inq", "咨询", "the inquiry")
    reason: str | None = may("理由(市信息办办结时必填)", "why; the city office has to say")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="发布答复 / publishing an answer")
class PublishAnswerInput:
    """Publishing an answer."""

    inquiry_id: strawberry.ID = ref("inq", "所出咨询", "the inquiry that it is from")
    title: str = says("标题", "title")
    question: str = says("问题,不得含提问单位信息", "the question, without anything of the unit's")
    answer: str = says("答复,不得含提问单位信息", "the answer, without anything of the unit's")
    topic: InquiryTopic | None = may("事项;默认同原咨询", "topic, by default the inquiry's")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="撤回已发布的答复 / withdrawing a published answer")
class WithdrawAnswerInput:
    """Withdrawing a published answer."""

    article_id: strawberry.ID = ref("kna", "知识库条目", "the article")
    reason: str = says("理由", "why")
    version: int | None = version()
    idempotency_key: str | None = key()


InquiryPayload = payload("InquiryPayload", "inquiry", Inquiry, "咨询", "the inquiry")
KnowledgeArticlePayload = payload(
    "KnowledgeArticlePayload", "knowledge_article", KnowledgeArticle, "知识库条目", "the article"
)

_inquiry, _article = entity("inquiry"), entity("knowledgeArticle")


@strawberry.type
class InquiryMutations:
    """What is done in consultation."""

    open_inquiry: InquiryPayload = mutation(
        Run(inquiries.open_inquiry, _inquiry), OpenInquiryInput, "提出咨询(单位) / open an inquiry (unit)"
    )
    reply_to_inquiry: InquiryPayload = mutation(
        Run(inquiries.reply_to_inquiry, _inquiry),
        ReplyToInquiryInput,
        "答复(安全中心)或追问(单位) / answer (security centre) or ask further (unit)",
    )
    close_inquiry: InquiryPayload = mutation(
        Run(inquiries.close_inquiry, _inquiry), CloseInquiryInput, "办结咨询 / close an inquiry"
    )
    publish_answer: KnowledgeArticlePayload = mutation(
        Run(knowledge.publish_answer, _article),
        PublishAnswerInput,
        "发布答复到知识库(安全中心) / publish an answer (security centre)",
    )
    withdraw_answer: KnowledgeArticlePayload = mutation(
        Run(knowledge.withdraw_answer, _article),
        WithdrawAnswerInput,
        "撤回已发布的答复(安全中心) / withdraw a published answer (security centre)",
    )
