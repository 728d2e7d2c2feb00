"""What units and offices do with filings (备案; workflow.md stage 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import func, select

from domain.access import Role
from domain.checks import require_version
from domain.documents.entities import Document, DocumentState
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.entities import Filing, FilingChannel, FilingState, FilingSubmission
from domain.filings.form import EDITION, FilingForm, FilingFormEntry, merge, problems_of
from domain.filings.life import check, record_transition, start_clock, take
from domain.filings.missing import missing_items
from domain.filings.prefill import Known, prefilled, with_derived
from domain.grading.entities import Grading, GradingState
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.returns.use_cases import open_return
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.text import Text
from domain.work import Work

FIRST_FILED_LEVEL = 2
# How long what was submitted stays under object lock.
RETENTION = dt.timedelta(days=3650)
ENDED = (FilingState.ACCEPTED, FilingState.WITHDRAWN, FilingState.CANCELLED, FilingState.REPLACED)


async def create_filing(work: Work, *, system_id: UUID) -> Filing:
    """Begin a filing of a system with a confirmed grading of level 2 or above; its form is prefilled.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE).
    """
    work.require("createFiling")
    system = await work.load(System, system_id, field="systemId")
    work.require_own(system.unit_id)
    require_in_use(system)
    grading = await _confirmed(work, system)
    if grading is None:
        raise _not_now("该系统尚无已确认的定级。请先完成定级。", "The system has no confirmed grading. Grade it first.")
    if grading.level < FIRST_FILED_LEVEL:
        raise _not_now("第一级信息系统无须备案。", "Systems of level 1 are not filed.")
    under_way = await work.session.scalar(
        select(Filing.id).where(
            Filing.tenant_id == system.tenant_id, Filing.system_id == system.id, Filing.state.not_in(ENDED)
        )
    )
    if under_way is not None:
        raise _not_now("该系统已有办理中的备案。", "A filing of the system is under way.")
    unit = await work.session.get_one(Organisation, (system.tenant_id, system.unit_id))
    filing = Filing(
        tenant_id=system.tenant_id,
        created_at=work.now,
        system_id=system.id,
        unit_id=system.unit_id,
        grading_id=grading.id,
        state=FilingState.DRAFT,
        channel=FilingChannel.ONLINE,
        level=grading.level,
        authority=unit.authority_level,
        district_id=unit.district_id if unit.authority_level is AuthorityLevel.DISTRICT else None,
        form_edition=EDITION,
        saved_by_id=work.caller.user_id,
        version=1,
    )
    form = prefilled(await _known(work, unit, system, grading))
    _keep(filing, form, grading, {})
    work.session.add(filing)
    await work.session.flush()
    record_transition(work, filing, "createFiling", None)
    work.record("createFiling", filing, after={"systemId": str(system.id)})
    return filing


async def save_filing(work: Work, *, filing_id: UUID, form: Mapping[str, Any], version: int | None = None) -> Filing:
    """Replace the given tables of the form.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("saveFiling")
    filing = await _own(work, filing_id, require_version(version))
    check(filing, "saveFiling")
    try:
        entry = FilingFormEntry.model_validate(form)
    except ValidationError as error:
        raise Refusal(*problems_of(error, "form")) from None
    await _refresh(work, filing, merge(FilingForm.model_validate(filing.form), entry))
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
    document = await work.load(Document, document_id, field="documentId")
    work.require_own(document.owner_id)
    if document.state is not DocumentState.STORED:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该文件尚未上传完成。请先调用 completeUpload。",
            "The document is not stored yet. Complete its upload first.",
            "documentId",
        )
    if document.is_attached and document.filing_id != filing.id:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该文件已用于另一备案或咨询。请另行上传。",
            "The document is with another filing or inquiry. Upload it again.",
            "documentId",
        )
    document.kind, document.filing_id, document.attached_at = DocumentKind[kind], filing.id, work.now
    await work.session.flush()
    await _refresh(work, filing, FilingForm.model_validate(filing.form))
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
    await _refresh(work, filing, FilingForm.model_validate(filing.form))
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
    work.require_another(filing.saved_by_id)
    require_in_use(await work.session.get_one(System, (filing.tenant_id, filing.system_id)))
    _require_complete(filing)
    await _lock_documents(work, filing)
    filing.submitted_at = work.now
    await _keep_submission(work, filing)
    take(work, filing, "submitFiling")
    return filing


async def withdraw_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """SUBMITTED → WITHDRAWN. Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT)."""
    work.require("withdrawFiling")
    filing = await _own(work, filing_id, version)
    take(work, filing, "withdrawFiling")
    return filing


async def resubmit_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """INCOMPLETE or LEVEL_ADJUSTMENT → UNDER_REVIEW, with a new clock.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, MISSING_ITEMS, DUTY_SEPARATION, CONFLICT).
    """
    work.require("resubmitFiling")
    filing = await _own(work, filing_id, version)
    check(filing, "resubmitFiling")
    work.require_another(filing.saved_by_id)
    _require_complete(filing)
    await _lock_documents(work, filing)
    await start_clock(work, filing)
    await _keep_submission(work, filing)
    take(work, filing, "resubmitFiling")
    return filing


async def receive_filing(work: Work, *, filing_id: UUID, version: int | None = None) -> Filing:
    """A district office receives its district-level units' filings, the city office those of city-level units.

    At the district: → RECEIVED, listed in the month's return. At the city: → UNDER_REVIEW, the clock starts.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("receiveFiling")
    filing = await work.load(Filing, filing_id, field="filingId", version=version)
    office = AuthorityLevel.CITY if work.caller.role is Role.CITY_OFFICE else AuthorityLevel.DISTRICT
    if filing.authority is not office:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "该备案须由其同级主管机关接收。",
            "This filing is for the authority of its unit's own level to receive.",
        )
    if office is AuthorityLevel.CITY:
        check(filing, "receiveFiling.city")
        await start_clock(work, filing)
        take(work, filing, "receiveFiling.city")
    else:
        check(filing, "receiveFiling.district")
        monthly_return = await open_return(work)
        filing.monthly_return_id = monthly_return.id
        take(work, filing, "receiveFiling.district")
    filing.received_at = work.now
    return filing


async def _own(work: Work, filing_id: UUID, version: int | None) -> Filing:
    filing = await work.load(Filing, filing_id, field="filingId", version=version)
    work.require_own(filing.unit_id)
    return filing


async def _confirmed(work: Work, system: System) -> Grading | None:
    if system.current_grading_id is None:
        return None
    grading = await work.session.get_one(Grading, (system.tenant_id, system.current_grading_id))
    return grading if grading.state is GradingState.CONFIRMED else None


async def _known(work: Work, unit: Organisation, system: System, grading: Grading) -> Known:
    counted = await work.session.execute(
        select(System.level, func.count())
        .where(System.tenant_id == unit.tenant_id, System.unit_id == unit.id, System.retired_on.is_(None))
        .group_by(System.level)
    )
    levels: dict[int | None, int] = dict(counted.all())
    parent = parent_unit = supervising = None
    if system.parent_system_id is not None:
        parent = await work.session.get_one(System, (system.tenant_id, system.parent_system_id))
        parent_unit = await work.session.get_one(Organisation, (system.tenant_id, parent.unit_id))
    if unit.supervising_unit_id is not None:
        supervising = await work.session.get_one(Organisation, (unit.tenant_id, unit.supervising_unit_id))
    return Known(
        unit=unit,
        system=system,
        grading=grading,
        levels={level: many for level, many in levels.items() if level is not None},
        system_total=sum(levels.values()),
        supervising_unit=supervising.name if supervising else None,
        parent_system=parent.name if parent else None,
        parent_unit=parent_unit.name if parent_unit else None,
    )


async def _refresh(work: Work, filing: Filing, form: FilingForm) -> None:
    """Work out again what follows from the grading in force and the documents attached."""
    system = await work.session.get_one(System, (filing.tenant_id, filing.system_id))
    grading = await _confirmed(work, system)
    if grading is None or grading.level < FIRST_FILED_LEVEL:
        grading = await work.session.get_one(Grading, (filing.tenant_id, filing.grading_id))
    attached = await work.session.execute(
        select(Document.kind, Document.filename)
        .where(Document.tenant_id == filing.tenant_id, Document.filing_id == filing.id)
        .order_by(Document.id)
    )
    _keep(filing, form, grading, dict(attached.all()))


def _keep(filing: Filing, form: FilingForm, grading: Grading, documents: Mapping[DocumentKind, str]) -> None:
    form = with_derived(form, grading, documents)
    filing.grading_id, filing.level = grading.id, grading.level
    filing.form = form.stored()
    filing.missing_items = [item.stored() for item in missing_items(form, grading.level, documents.keys())]


def _require_complete(filing: Filing) -> None:
    missing = [item for item in filing.missing_items if item["required"]]
    if missing:
        raise Refusal(
            *(Problem(ErrorCode.MISSING_ITEMS, Text(item["zh"], item["en"]), item["path"]) for item in missing)
        )


async def _keep_submission(work: Work, filing: Filing) -> None:
    """Form and files as they are handed in: later corrections change the filing, and not this."""
    found = await work.session.execute(
        select(Document.kind, Document.filename, Document.size, Document.sha256)
        .where(Document.tenant_id == filing.tenant_id, Document.filing_id == filing.id)
        .order_by(Document.id)
    )
    work.session.add(
        FilingSubmission(
            tenant_id=filing.tenant_id,
            created_at=work.now,
            filing_id=filing.id,
            level=filing.level,
            form_edition=filing.form_edition,
            form=filing.form,
            documents=[
                {"kind": row.kind.value, "filename": row.filename, "size": row.size, "sha256": row.sha256}
                for row in found
            ],
            by_id=work.caller.user_id,
        )
    )


async def _lock_documents(work: Work, filing: Filing) -> None:
    keys = await work.session.scalars(
        select(Document.object_key).where(Document.tenant_id == filing.tenant_id, Document.filing_id == filing.id)
    )
    for key in keys:
        await work.files.lock_until(key, work.now + RETENTION)


def _not_now(zh: str, en: str) -> Refusal:
    return refuse(ErrorCode.INVALID_STATE, zh, en, "systemId")
