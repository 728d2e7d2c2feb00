"""The life of an inquiry and of a published answer: a table each of what may follow what."""

from __future__ import annotations

from domain.inquiries.entities import ArticleState, Inquiry, InquiryState, KnowledgeArticle
from domain.transitions import Life, step
from domain.work import Work

S, A = InquiryState, ArticleState


def _mark(work: Work, inquiry: Inquiry, _: str, __: InquiryState) -> None:
    """When it was last answered; when and by whom it is closed."""
    closed = inquiry.state is S.CLOSED
    inquiry.closed_at = work.now if closed else None
    inquiry.closed_by_id = work.caller.user_id if closed else None
    if inquiry.state is S.ANSWERED:
        inquiry.answered_at = work.now


def _withdrawn(work: Work, article: KnowledgeArticle, _: str, __: ArticleState) -> None:
    article.withdrawn_at = work.now


INQUIRY = Life(
    "inquiryId",
    {
        # Whoever asks may always ask further, and so opens again what was closed.
        "replyToInquiry.unit": step(*S, to=S.OPEN, zh="可随时追问。", en="You may always ask further."),
        "replyToInquiry.office": step(
            S.OPEN,
            S.ANSWERED,
            to=S.ANSWERED,
            zh="已办结的咨询由提问单位追问后方可再答。",
            en="A closed inquiry is answered again once the unit asks further.",
        ),
        "closeInquiry": step(
            S.OPEN, S.ANSWERED, to=S.CLOSED, zh="只有未办结的咨询可以办结。", en="It is closed already."
        ),
    },
    _mark,
)
ARTICLE = Life(
    "articleId",
    {
        "withdrawAnswer": step(
            A.PUBLISHED, to=A.WITHDRAWN, zh="只有已发布的条目可以撤回。", en="Only a published one can be withdrawn."
        )
    },
    _withdrawn,
)
