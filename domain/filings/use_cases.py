"""What units do with their filings (备案; workflow.md stage 2); what offices do is in ``office``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.calendar import local_date
from domain.checks import LONG, Checks, require_version
from domain.documents.entities import Document
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, refuse
from domain.filings.clock import start_clock
from domain.filings.drafting import (
    FIRST_FILED_LEVEL,
    attach,
    begin,
    begun,
    confirmed,
    entered_form,
    fileable,
    hand_in,
    needs_no_filing,
    refresh,
    require_complete,
    require_filed_level,
    under_way,
)
from domain.filings.entities import Filing, FilingState
from domain.filings.form import FilingForm
from domain.filings.life import STEPS, check, take
from domain.filings.reports import take_report
from domain.panels.consequences import require_regraded
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.work import Work


async def create_filing(work: Work, *, system_id: UUID) -> Filing:
    """Begin a filing of a system with a confirmed grading of level 2 or above; its form is prefilled.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE).
    """
    work.require("createFiling")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    filing = await begin(work, "createFiling", system, await fileable(work, system))
    await begun(work, filing, "createFiling")
    if await take_report(work.session, filing):
        await refresh(work, filing, FilingForm.model_validate(filing.form))
    return filing


async def save_filing(work: Work, *, filing_id: UUID, form: Mapping[str, Any], version: int | None = None) -> Filing:
    """Replace the given tables of the form.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveFiling")
    filing = await _own(work, filing_id, require_version(version))
    check(filing, "saveFiling")
    await refresh(work, filing, await entered_form(work, FilingForm.model_validate(filing.form), form))
    filing.saved_by_id = work.caller.user_id
    take(work, filing, "saveFiling")
    return filing


async def attach_document(
    work: Work, *, filing_id: UUID, document_id: UUID, kind: DocumentKind, version: int | None = None
) -> Filing:
    """Put a stored document with a filing, as ``kind``.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("attachDocument")
    filing = await _own(work, filing_id, version)
    check(filing, "attachDocument")
    await attach(work, filing, document_id, kind)
    await refresh(work, filing, FilingForm.model_validate(filing.form))
    filing.saved_by_id = work.caller.user_id
    take(work, filing, "attachDocument")
    return filing


async def detach_document(work: Work, *, document_id: UUID, version: int | None = None) -> Filing:
    """Take a document out of the filing it is with.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("detachDocument")
    document = await work.load(Document, document_id, field="documentId")
    if document.filing_id is None:
        raise refuse(ErrorCode.INVALID_STATE, "该文件未附于任何备案。", "The document is with no filing.", "documentId")
    filing = await _own(work, document.filing_id, version)
    check(filing, "detachDocument")
    document.filing_id = document.attached_at = None
    await work.session.flush()
    await refresh(work, filing, FilingForm.model_validate(filing.form))
    filing.saved_by_id = work.caller.user_id
    take(work, filing, "detachDocument")
    return filing


async def submit_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """DRAFT → SUBMITTED, whole or not at all; its documents go under object lock.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, MISSING_ITEMS, DUTY_SEPARATION, CONFLICT).
    """
    work.require("submitFiling")
    filing = await _own(work, filing_id, version)
    check(filing, "submitFiling")
    await require_filed_level(work, filing, "discardFiling")
    # A regrading may have been confirmed since the form was saved.
    await refresh(work, filing, FilingForm.model_validate(filing.form))
    work.require_another(filing.saved_by_id)
    require_in_use(await work.get(System, filing.system_id))
    require_complete(filing)
    await hand_in(work, filing)
    filing.submitted_at = work.now
    take(work, filing, "submitFiling")
    return filing


async def withdraw_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """SUBMITTED → WITHDRAWN; the system can then be filed anew.

    So ends as well what was sent back, once its system is graded level 1, which is not filed.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("withdrawFiling")
    filing = await _own(work, filing_id, version)
    sent_back = filing.state in STEPS["withdrawFiling.level_1"].sources and await needs_no_filing(work, filing)
    take(work, filing, "withdrawFiling.level_1" if sent_back else "withdrawFiling")
    return filing


async def discard_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """DRAFT → DISCARDED: it is given up, with the documents attached to it, and its system can be filed anew.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("discardFiling")
    filing = await _own(work, filing_id, version)
    take(work, filing, "discardFiling")
    return filing


async def resubmit_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """INCOMPLETE or LEVEL_ADJUSTMENT → UNDER_REVIEW, with a new clock, by the grading in force.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, MISSING_ITEMS, DUTY_SEPARATION, CONFLICT).
    """
    work.require("resubmitFiling")
    filing = await _own(work, filing_id, version)
    check(filing, "resubmitFiling")
    await require_filed_level(work, filing, "withdrawFiling")
    # A regrading may have been confirmed since the form was saved.
    await refresh(work, filing, FilingForm.model_validate(filing.form))
    await require_regraded(work, filing)
    work.require_another(filing.saved_by_id)
    require_complete(filing)
    await hand_in(work, filing)
    await start_clock(work, filing)
    take(work, filing, "resubmitFiling")
    return filing


async def amend_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """Begin the filing that is to replace an accepted one: its form and documents, the system's present grading.

    The accepted one stands until the new one is accepted. The electronic archive is to be made anew and is not carried
    over. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("amendFiling")
    former = await _own(work, filing_id, version)
    check(former, "amendFiling")
    system = await work.session.get_one(System, (former.tenant_id, former.system_id), with_for_update=True)
    grading = await fileable(work, system, "filingId")
    filing = await begin(work, "amendFiling", system, grading, form=FilingForm.model_validate(former.form))
    await begun(work, filing, "amendFiling", replaces=str(former.id))
    await _carry_documents(work, former, filing)
    await take_report(work.session, filing)
    await refresh(work, filing, FilingForm.model_validate(filing.form))
    return filing


async def cancel_filing(
    work: Work,
    *,
    filing_id: UUID,
    reason: str,
    retired_on: dt.date | None = None,
    version: int | None = None,
) -> Filing:
    """ACCEPTED → CANCELLED, because the system is retired, or graded below what is filed.

    A system that is still in service is retired with it (``retired_on``, today where not given), unless its grading in
    force is of level 1. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("cancelFiling")
    filing = await _own(work, filing_id, version)
    check(filing, "cancelFiling")
    checks = Checks()
    text = checks.text(reason, "reason", required=True, limit=LONG)
    day = local_date(work.now)
    if retired_on is not None and retired_on > day:
        checks.wrong("retiredOn", "停用日期不得晚于今天。", "The day of retirement may not be later than today.")
    checks.done()
    system = await work.session.get_one(System, (filing.tenant_id, filing.system_id), with_for_update=True)
    if await under_way(work, system) not in {None, FilingState.DRAFT}:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该系统另有办理中的变更备案。请待其办结或撤回后再注销。",
            "An amendment of it is under way. Withdraw it, or wait for its end.",
            "filingId",
        )
    grading = await confirmed(work, system)
    if system.retired_on is None and (grading is None or grading.level >= FIRST_FILED_LEVEL):
        system.retired_on = retired_on or day
        system.version += 1
        work.record("cancelFiling", system, after={"retiredOn": system.retired_on.isoformat()})
    filing.cancel_reason = text
    take(work, filing, "cancelFiling", reason=text)
    return filing


async def _carry_documents(work: Work, former: Filing, filing: Filing) -> None:
    """The former filing's documents, the archive aside, are with the new one as well: the same bytes, kept once."""
    kept = await work.session.scalars(
        select(Document)
        .where(
            Document.tenant_id == former.tenant_id,
            Document.filing_id == former.id,
            Document.kind != DocumentKind.FILING_ARCHIVE,
        )
        .order_by(Document.id)
    )
    for each in kept:
        values = {column.key: getattr(each, column.key) for column in Document.__table__.c if column.key != "id"}
        work.session.add(Document(**{**values, "filing_id": filing.id, "attached_at": work.now}))
    await work.session.flush()


async def _own(work: Work, filing_id: UUID, version: int | None) -> Filing:
    filing = await work.load(Filing, filing_id, field="filingId", version=version)
    work.require_own(filing.unit_id)
    return filing
