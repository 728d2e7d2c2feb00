"""Reply letters (复函): drafted by one person, issued by another, never changed afterwards (workflow.md stage 2)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from domain.assessments.due import settle_due
from domain.checks import LONG, Checks, wrong_state
from domain.codes import filing_number, verification_code
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.filings.clock import stop_clock
from domain.filings.entities import Filing, FilingState
from domain.filings.labels import LABELS, label
from domain.filings.life import check, take
from domain.numbering import next_number
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.panels.entities import PanelPurpose
from domain.panels.use_cases import open_case
from domain.papers.issue import issue_paper
from domain.replies.entities import ReplyKind, ReplyLetter, ReplyState
from domain.replies.letter import kind_of, letter_of, told_of
from domain.systems.entities import System
from domain.templates.numbers import take_number
from domain.templates.use_cases import template_of
from domain.tenants.entities import District, Tenant
from domain.work import KEY, TENANT, Work

MAX_ITEMS = 100
_NUMBERED = select(func.count()).where(Filing.tenant_id == TENANT, Filing.system_id == KEY, Filing.number.is_not(None))


async def draft_reply(
    work: Work,
    *,
    filing_id: UUID,
    kind: ReplyKind,
    body: str | None = None,
    missing_items: Sequence[str] | None = None,
) -> ReplyLetter:
    """Draft the answer to a filing under review: B names what is missing, C gives its reasons.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("draftReply")
    filing = await work.load(Filing, filing_id, field="filingId")
    check(filing, "draftReply")
    checks = Checks()
    kind = ReplyKind[kind]
    text = checks.text(body, "body", required=kind is ReplyKind.C, limit=LONG)
    items = [text_ for item in missing_items or () if (text_ := checks.text(item, "missingItems", limit=LONG))]
    if kind is ReplyKind.B and not items:
        checks.wrong("missingItems", "复函 B 须列明所缺材料。", "Reply B names what is missing.")
    if len(items) > MAX_ITEMS:
        checks.wrong("missingItems", f"最多 {MAX_ITEMS} 项。", f"At most {MAX_ITEMS} items.")
    checks.done()
    waiting = await work.session.scalar(
        select(ReplyLetter.id).where(
            ReplyLetter.tenant_id == filing.tenant_id,
            ReplyLetter.filing_id == filing.id,
            ReplyLetter.state == ReplyState.DRAFT,
        )
    )
    if waiting is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该备案已有待签发的复函。请先签发或退回。",
            "A reply to this filing waits to be issued. Issue or return that one first.",
            "filingId",
        )
    reply = ReplyLetter(
        tenant_id=filing.tenant_id,
        created_at=work.now,
        filing_id=filing.id,
        unit_id=filing.unit_id,
        kind=kind,
        state=ReplyState.DRAFT,
        body=text or kind.zh,
        missing_items=items if kind is ReplyKind.B else [],
        named_items=[_named(item) for item in items] if kind is ReplyKind.B else [],
        drafted_by_id=work.caller.user_id,
        version=1,
    )
    work.session.add(reply)
    await work.session.flush()
    work.record("draftReply", reply, after={"kind": kind})
    return reply


async def issue_reply(
    work: Work, *, reply_letter_id: UUID, reason: str | None = None, version: int | None = None
) -> ReplyLetter:
    """Issue a draft as a numbered letter; the filing follows: A ACCEPTED, B INCOMPLETE, C RE_REVIEW with a panel case.

    A ``reason``, which the input shares with returning, goes into the audit trail.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, DUTY_SEPARATION, CONFLICT).
    """
    work.require("issueReply")
    checks = Checks()
    remark = checks.text(reason, "reason", limit=LONG)
    checks.done()
    reply = await _draft(work, reply_letter_id, version)
    work.require_another(reply.drafted_by_id)
    filing = await work.get(Filing, reply.filing_id, lock=True)
    check(filing, f"issueReply.{reply.kind}", "replyLetterId")
    chosen = await template_of(work.session, reply.tenant_id, kind_of(reply))
    office = await work.get(Organisation, work.caller.organisation_id)
    told = await told_of(work.session, filing)
    await stop_clock(work, filing, reply)
    # Others of the unit, and then all who issue letters, wait from here to the end: what can be read is read before.
    if reply.kind is ReplyKind.A:
        await _accept(work, filing, told.city)
    elif reply.kind is ReplyKind.C:
        await open_case(work, PanelPurpose.FILING_RE_REVIEW, filing)
    reply.number, reply.verification_code = await take_number(work, chosen.template), verification_code()
    reply.state, reply.issued_at, reply.issued_by_id = ReplyState.ISSUED, work.now, work.caller.user_id
    reply.version += 1
    take(work, filing, f"issueReply.{reply.kind}", "replyLetterId")
    work.record("issueReply", reply, after={"number": reply.number, "kind": reply.kind, "reason": remark})
    content = await letter_of(work.session, reply, filing, office, told, chosen)
    await issue_paper(work, DocumentKind.REPLY_LETTER, office.id, content, reply_letter_id=reply.id)
    return reply


async def return_reply(
    work: Work, *, reply_letter_id: UUID, reason: str | None = None, version: int | None = None
) -> ReplyLetter:
    """Send a draft back to its drafter, with the reason.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("returnReply")
    reply = await _draft(work, reply_letter_id, version)
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    checks.done()
    reply.state, reply.return_reason = ReplyState.RETURNED, text
    reply.version += 1
    work.record("returnReply", reply, after={"reason": text})
    return reply


def _named(item: str) -> dict[str, str | None]:
    """An item in words: a path of the form or a kind of document by what the form prints, anything else as it is."""
    words = label(item)
    return {"path": item if item in LABELS else None, "zh": words.zh, "en": words.en}


async def _draft(work: Work, reply_letter_id: UUID, version: int | None) -> ReplyLetter:
    reply = await work.load(ReplyLetter, reply_letter_id, field="replyLetterId", version=version)
    if reply.state is not ReplyState.DRAFT:
        raise wrong_state(reply, "只有待签发的复函可以办理。", "Only a draft waits for this.", "replyLetterId")
    return reply


async def _accept(work: Work, filing: Filing, tenant: Tenant) -> None:
    """Give the filing its number, and put it in the place of the system's former one."""
    unit = await work.get(Organisation, filing.unit_id, lock=True)
    system = await work.get(System, filing.system_id, lock=True)
    if unit.unit_serial is None:
        unit.unit_serial = await next_number(work, "unit")
    if system.system_serial is None:
        system.system_serial = await next_number(work, f"system:{unit.id}")
    code = tenant.division_code
    if filing.authority is AuthorityLevel.DISTRICT and filing.district_id is not None:
        code = (await work.get(District, filing.district_id)).division_code
    former = None
    if system.current_filing_id is not None:
        former = await work.get(Filing, system.current_filing_id, lock=True)
    number = filing_number(code, unit.unit_serial, system.system_serial)
    if former is not None and former.state is FilingState.ACCEPTED:
        take(work, former, "replace", "replyLetterId")
        filing.replaces_id = former.id
    # The number is the system's: a filing that replaces another carries it on, marked as a later edition.
    ((again,),) = await work.rows(_NUMBERED, filing.system_id)
    filing.number = f"{number}/{again + 1}" if again else number
    system.current_filing_id = filing.id
    await settle_due(work, system, filing.level)
    system.amendment_due = filing.grading_id != system.current_grading_id
    system.version += 1
