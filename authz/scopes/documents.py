"""Rows of documents: each is seen by those who see what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import FromClause

from authz.scopes.inspections import with_an_order
from authz.scopes.language import A, C, D, E, Rows, U, by_subject, everything, own, own_or_supervised, visible
from domain.access import Role
from domain.assessments.report_entities import AssessmentReport
from domain.documents.entities import ArchiveEntry, Document
from domain.filings.entities import Filing
from domain.grading.entities import Grading
from domain.inquiries.entities import InquiryMessage
from domain.inspections.entities import Inspection, InspectionCampaign, OrderResponse, RectificationOrder
from domain.panels.entities import PanelCase
from domain.rectification.entities import RectificationPlan
from domain.replies.entities import ReplyLetter
from domain.risk.entities import RiskAssessment
from domain.selfinspections.entities import SelfInspection


def _filing(role: Role) -> Rows:
    return visible(role, Filing.__table__, "filing_id")


def _grading(role: Role) -> Rows:
    return visible(role, Grading.__table__, "grading_id")


def _case(role: Role) -> Rows:
    return visible(role, PanelCase.__table__, "panel_case_id")


def _message(role: Role) -> Rows:
    return visible(role, InquiryMessage.__table__, "inquiry_message_id")


def _report(role: Role) -> Rows:
    return visible(role, AssessmentReport.__table__, "assessment_report_id")


def _reply(role: Role) -> Rows:
    return visible(role, ReplyLetter.__table__, "reply_letter_id")


# What came of inspections, for those who see some of them.
_INSPECTED: Mapping[str, FromClause] = {
    "inspection_id": Inspection.__table__,
    "inspection_notice_id": Inspection.__table__,
    "rectification_order_id": RectificationOrder.__table__,
    "order_response_id": OrderResponse.__table__,
    "inspection_campaign_id": InspectionCampaign.__table__,
    "self_inspection_id": SelfInspection.__table__,
}


def _inspected(role: Role, **instead: Rows) -> dict[str, Rows]:
    return {key: visible(role, table, key) for key, table in _INSPECTED.items()} | instead


def _rectification(role: Role) -> dict[str, Rows]:
    return {
        "risk_assessment_id": visible(role, RiskAssessment.__table__, "risk_assessment_id"),
        "rectification_plan_id": visible(role, RectificationPlan.__table__, "rectification_plan_id"),
    }


# The key of what a document belongs to decides; one without any is its owner's.
SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Document.__tablename__: {
        C: by_subject(
            own("owner_id"),
            filing_id=_filing(C),
            inquiry_message_id=everything,
            grading_id=_grading(C),
            panel_case_id=everything,
            reply_letter_id=everything,
            assessment_report_id=_report(C),
            **_inspected(C),
            **_rectification(C),
        ),
        D: by_subject(
            own("owner_id"),
            filing_id=_filing(D),
            inquiry_message_id=_message(D),
            grading_id=_grading(D),
            reply_letter_id=_reply(D),
            assessment_report_id=_report(D),
            **_inspected(D),
            **_rectification(D),
        ),
        U: by_subject(
            own_or_supervised("owner_id"),
            filing_id=own_or_supervised("owner_id"),
            inquiry_message_id=_message(U),
            grading_id=_grading(U),
            panel_case_id=_case(U),
            reply_letter_id=_reply(U),
            assessment_report_id=_report(U),
            **_inspected(U, inspection_id=with_an_order),
            **_rectification(U),
        ),
        E: by_subject(
            own("owner_id"),
            filing_id=_filing(E),
            grading_id=_grading(E),
            panel_case_id=_case(E),
            **_rectification(E),
        ),
        A: by_subject(
            own("owner_id"),
            filing_id=_filing(A),
            grading_id=_grading(A),
            assessment_report_id=_report(A),
            **_rectification(A),
        ),
    },
    ArchiveEntry.__tablename__: {role: visible(role, Document.__table__, "document_id") for role in Role},
}
