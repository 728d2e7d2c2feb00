"""Consultation (咨询): a unit asks, the security centre answers, either ends it (workflow.md stage 1)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from domain.access import Role
from domain.checks import LONG, Checks
from domain.documents.attach import attachable
from domain.errors import ErrorCode, refuse
from domain.inquiries.entities import Inquiry, InquiryMessage, InquiryState, InquiryTopic
from domain.inquiries.life import INQUIRY
from domain.work import Work

# A thread stays small enough to be read as one list.
MAX_MESSAGES = 200


async def open_inquiry(
    work: Work, *, title: str, topic: InquiryTopic, text: str, attachment_ids: Sequence[UUID] | None = None
) -> Inquiry:
    """Ask the security centre, with files if need be: a new inquiry, OPEN.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("openInquiry")
    checks = Checks()
    given_title = checks.text(title, "title", required=True)
    given_text = checks.text(text, "text", required=True, limit=LONG)
    checks.done()
    inquiry = Inquiry(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        unit_id=work.caller.organisation_id,
        opened_by_id=work.caller.user_id,
        title=given_title or "",
        topic=InquiryTopic[topic],
        state=InquiryState.OPEN,
        last_message_at=work.now,
        version=1,
    )
    work.session.add(inquiry)
    await work.session.flush()
    await _say(work, inquiry, given_text or "", attachment_ids or ())
    work.record("openInquiry", inquiry, after={"topic": inquiry.topic})
    return inquiry


async def reply_to_inquiry(
    work: Work,
    *,
    inquiry_id: UUID,
    text: str,
    attachment_ids: Sequence[UUID] | None = None,
    version: int | None = None,
) -> Inquiry:
    """Add to the thread: the security centre answers (→ ANSWERED), the unit asks further (→ OPEN, also when closed).

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("replyToInquiry")
    inquiry = await work.load(Inquiry, inquiry_id, field="inquiryId", version=version)
    checks = Checks()
    given = checks.text(text, "text", required=True, limit=LONG)
    checks.done()
    said = await work.session.scalar(
        select(func.count()).where(
            InquiryMessage.tenant_id == inquiry.tenant_id, InquiryMessage.inquiry_id == inquiry.id
        )
    )
    if (said or 0) >= MAX_MESSAGES:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"一件咨询最多 {MAX_MESSAGES} 条消息。请另行提出咨询。",
            f"An inquiry has {MAX_MESSAGES} messages at most. Open another one.",
            "inquiryId",
        )
    side = "office" if work.caller.role is Role.CITY_OFFICE else "unit"
    INQUIRY.take(work, inquiry, f"replyToInquiry.{side}")
    await _say(work, inquiry, given or "", attachment_ids or ())
    inquiry.close_reason = None
    inquiry.last_message_at = work.now
    return inquiry


async def close_inquiry(
    work: Work, *, inquiry_id: UUID, reason: str | None = None, version: int | None = None
) -> Inquiry:
    """End an inquiry; the office gives its reason, the unit need not.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("closeInquiry")
    inquiry = await work.load(Inquiry, inquiry_id, field="inquiryId", version=version)
    checks = Checks()
    text = checks.text(reason, "reason", required=work.caller.role is Role.CITY_OFFICE, limit=LONG)
    checks.done()
    INQUIRY.take(work, inquiry, "closeInquiry")
    inquiry.close_reason = text
    return inquiry


async def _say(work: Work, inquiry: Inquiry, text: str, attachment_ids: Sequence[UUID]) -> None:
    documents = await attachable(work, attachment_ids, "attachmentIds")
    message = InquiryMessage(
        tenant_id=inquiry.tenant_id,
        created_at=work.now,
        inquiry_id=inquiry.id,
        author_id=work.caller.user_id,
        organisation_id=work.caller.organisation_id,
        side=work.caller.role,
        text=text,
    )
    work.session.add(message)
    await work.session.flush()
    for document in documents:
        document.inquiry_message_id, document.attached_at = message.id, work.now
