"""The paged lists of the consultation."""

from __future__ import annotations

from api.reads.listings import (
    before_moment,
    by_id,
    by_term,
    by_terms,
    by_text,
    from_moment,
    listing,
)
from api.schema.common import vocabulary
from api.schema.lists.wording import STATE, STATES, UNIT
from domain.inquiries.entities import ArticleState, Inquiry, InquiryState, InquiryTopic, KnowledgeArticle

for _term in (ArticleState, InquiryState, InquiryTopic):
    vocabulary(_term)

INQUIRIES = listing(
    "Inquiry",
    Inquiry,
    [
        by_term("state", "state", InquiryState, STATE),
        by_terms("states", "state", InquiryState, STATES),
        by_id("unitId", "unit_id", "org", UNIT),
        by_term("topic", "topic", InquiryTopic, "某一事项的 / on one topic"),
        by_terms("topics", "topic", InquiryTopic, "所列事项之一的 / on one of these topics"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_text(("title",), "标题含有 / whose title contains"),
    ],
    {"LAST_MESSAGE_AT": "last_message_at", "CREATED_AT": "created_at"},
    "-LAST_MESSAGE_AT",
)
KNOWLEDGE_ARTICLES = listing(
    "KnowledgeArticle",
    KnowledgeArticle,
    [
        by_term("state", "state", ArticleState, STATE),
        by_term("topic", "topic", InquiryTopic, "某一事项的 / on one topic"),
        by_terms("topics", "topic", InquiryTopic, "所列事项之一的 / on one of these topics"),
        by_id("inquiryId", "inquiry_id", "inq", "出自某咨询的(仅市信息办) / from one inquiry (city office only)"),
        from_moment("publishedFrom", "created_at", "发布于此时起 / published at this moment or later"),
        before_moment("publishedBefore", "created_at", "发布于此时前 / published before this moment"),
        by_text(("title", "question", "answer"), "标题、问题或答复含有 / whose title, question or answer contains"),
    ],
    {"PUBLISHED_AT": "created_at", "TITLE": "title"},
    "-PUBLISHED_AT",
)
