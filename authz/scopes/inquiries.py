"""Rows of the consultation: inquiries and the knowledge base."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import A, C, D, E, Rows, U, everything, of_its_units, own, visible, where
from domain.access import Role
from domain.inquiries.entities import ArticleState, Inquiry, InquiryMessage, KnowledgeArticle

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Inquiry.__tablename__: {C: everything, D: of_its_units, U: own("unit_id")},
    InquiryMessage.__tablename__: {role: visible(role, Inquiry.__table__, "inquiry_id") for role in (C, D, U)},
    KnowledgeArticle.__tablename__: {
        **dict.fromkeys((D, U, E, A), where("state", ArticleState.PUBLISHED)),
        C: everything,
    },
}

HIDDEN: Mapping[tuple[Role, str], frozenset[str]] = {
    # Whose question an article answers is the city office's alone to know.
    **dict.fromkeys(((role, KnowledgeArticle.__tablename__) for role in (D, U, E, A)), frozenset({"inquiry_id"})),
}
