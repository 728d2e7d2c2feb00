"""How a filing comes to be and is kept whole: its grading, its form with all that follows from it, its documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, inspect, select

from domain.base import new_id
from domain.documents.entities import Document, DocumentState
from domain.documents.keeping import keep as keep_document
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.consistency import Places, contradictions, read_entry
from domain.filings.entities import Filing, FilingChannel, FilingState, FilingSubmission
from domain.filings.form import EDITION, FilingForm, merge
from domain.filings.life import BEGINNINGS, EDITABLE, record_transition
from domain.filings.missing import missing_items
from domain.filings.prefill import Known, prefilled, with_derived
from domain.grading.entities import Grading, GradingState
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.systems.entities import System
from domain.systems.use_cases import require_in_use
from domain.tenants.entities import District, Tenant
from domain.text import Text
from domain.transaction import Transaction
from domain.work import KEY, TENANT, Work

FIRST_FILED_LEVEL = 2
ENDED = (
    FilingState.ACCEPTED,
    FilingState.WITHDRAWN,
    FilingState.CANCELLED,
    FilingState.REPLACED,
    FilingState.DISCARDED,
)

_WITH_FILING = (Document.tenant_id == TENANT, Document.filing_id == KEY)
_ATTACHED = select(Document.kind, Document.filename).where(*_WITH_FILING).order_by(Document.id)
_DOCUMENTS_LOCKED = select(*inspect(Document).columns).where(*_WITH_FILING).order_by(Document.id).with_for_update()


async def fileable(work: Work, system: System, field: str = "systemId") -> Grading:
    """The grading that a new filing of ``system`` rests on. Raises: Refusal(INVALID_STATE) where none can be begun."""
    require_in_use(system)
    grading = await confirmed(work, system)
    if grading is None:
        raise _not_now(
            "该系统尚无已确认的定级。请先完成定级。", "The system has no confirmed grading. Grade it first.", field
        )
    if grading.level < FIRST_FILED_LEVEL:
        raise _not_now("第一级信息系统无须备案。", "Systems of level 1 are not filed.", field)
    if await under_way(work, system) is not None:
        raise _not_now("该系统已有办理中的备案。", "A filing of the system is under way.", field)
    return grading


async def under_way(work: Work, system: System) -> FilingState | None:
    """The state of the system's filing that has not come to an end, None where there is none."""
    return await work.session.scalar(
        select(Filing.state).where(
            Filing.tenant_id == system.tenant_id, Filing.system_id == system.id, Filing.state.not_in(ENDED)
        )
    )


async def begin(
    work: Work,
    step: str,
    system: System,
    grading: Grading,
    *,
    form: FilingForm | None = None,
    channel: FilingChannel = FilingChannel.ONLINE,
) -> Filing:
    """A new filing of ``system``, in the state in which ``step`` begins one; without a ``form`` it is prefilled.

    Where the system has an accepted filing, the new one is to take its place.
    """
    unit = await work.session.get_one(Organisation, (system.tenant_id, system.unit_id))
    former = None
    if system.current_filing_id is not None:
        former = await work.session.get_one(Filing, (system.tenant_id, system.current_filing_id))
    filing = Filing(
        tenant_id=system.tenant_id,
        id=new_id(),
        created_at=work.now,
        system_id=system.id,
        unit_id=system.unit_id,
        grading_id=grading.id,
        state=BEGINNINGS[step],
        channel=channel,
        level=grading.level,
        authority=unit.authority_level,
        district_id=unit.district_id if unit.authority_level is AuthorityLevel.DISTRICT else None,
        form_edition=EDITION,
        saved_by_id=work.caller.user_id,
        replaces_id=former.id if former is not None and former.state is FilingState.ACCEPTED else None,
        version=1,
    )
    if form is None:
        form = prefilled(await known(work, unit, system, grading))
    keep(filing, form, grading, {})
    return filing


async def begun(work: Work, filing: Filing, step: str, **after: Any) -> None:
    """Write a new filing with the first line of its history."""
    work.session.add(filing)
    await work.session.flush()
    action = step.partition(".")[0]
    record_transition(work, filing, action, None)
    work.record(action, filing, after={"systemId": str(filing.system_id), "state": filing.state, **after})


async def entered_form(
    work: Work, form: FilingForm, given: Mapping[str, Any], problems: Sequence[Problem] = ()
) -> FilingForm:
    """``form`` with the tables that ``given`` replaces.

    Raises: Refusal(INVALID_INPUT) with all that is wrong in it, after the ``problems`` found before.
    """
    entry, wrong = read_entry(given)
    places = await _places(work) if entry.unit is not None else None
    found = [*problems, *wrong, *contradictions(entry, places)]
    if found:
        raise Refusal(*found)
    return merge(form, entry)


async def refresh(work: Work, filing: Filing, form: FilingForm) -> None:
    """Work out again what follows from the grading in force and the documents attached."""
    grading = await confirmed(work, await work.get(System, filing.system_id))
    if grading is None or grading.level < FIRST_FILED_LEVEL:
        grading = await work.get(Grading, filing.grading_id)
    keep(filing, form, grading, await attached(work.session, filing))


async def attached(session: Transaction, filing: Filing) -> dict[DocumentKind, str]:
    """The filing's documents: their file names by kind."""
    return dict(await session.fetch(_ATTACHED, {TENANT.key: filing.tenant_id, KEY.key: filing.id}))


async def follow_grading(work: Work, system: System) -> None:
    """The system's filing that the unit can still change rests on the grading that was just confirmed."""
    filing = await work.session.scalar(
        select(Filing)
        .where(Filing.tenant_id == system.tenant_id, Filing.system_id == system.id, Filing.state.in_(EDITABLE))
        .with_for_update()
    )
    if filing is not None:
        await refresh(work, filing, FilingForm.model_validate(filing.form))


def keep(filing: Filing, form: FilingForm, grading: Grading, documents: Mapping[DocumentKind, str]) -> None:
    """Put ``form``, with all that follows from grading and documents, into the filing, and what it lacks."""
    form = with_derived(form, grading, documents)
    filing.grading_id, filing.level = grading.id, grading.level
    filing.form = form.stored()
    filing.missing_items = [item.stored() for item in missing_items(form, grading.level, documents.keys())]


async def attach(work: Work, filing: Filing, document_id: UUID, kind: DocumentKind, field: str = "documentId") -> None:
    """Put a stored document of the caller's with the filing; it is the unit's from then on.

    Raises: Refusal(NOT_FOUND, FORBIDDEN, INVALID_STATE).
    """
    document = await work.load(Document, document_id, field=field)
    work.require_own(document.owner_id)
    if document.state is not DocumentState.STORED:
        raise _not_now(
            "该文件尚未上传完成。请先调用 completeUpload。",
            "The document is not stored yet. Complete its upload first.",
            field,
        )
    if document.is_attached and document.filing_id != filing.id:
        raise _not_now(
            "该文件已用于另一备案或咨询。请另行上传。",
            "The document is with another filing or inquiry. Upload it again.",
            field,
        )
    document.kind, document.filing_id, document.attached_at = DocumentKind[kind], filing.id, work.now
    document.owner_id = filing.unit_id
    await work.session.flush()


async def needs_no_filing(work: Work, filing: Filing) -> bool:
    """Whether the system's grading in force is of a level that is not filed (level 1; Measures art. 15)."""
    grading = await confirmed(work, await work.get(System, filing.system_id))
    return grading is not None and grading.level < FIRST_FILED_LEVEL


async def require_filed_level(work: Work, filing: Filing, remedy: str) -> None:
    """Refuse to hand in what need not be filed; ``remedy`` is the mutation that ends it.

    Raises: Refusal(INVALID_STATE).
    """
    if await needs_no_filing(work, filing):
        raise _not_now(
            f"该系统现定为第一级,无须备案。请以 {remedy} 结束本备案。",
            f"The system is now graded level 1, which is not filed. End this filing by {remedy}.",
            "filingId",
        )


def require_complete(filing: Filing, only: Iterable[str] | None = None) -> None:
    """Refuse a filing that lacks what it needs; ``only`` names the paths that matter now.

    Raises: Refusal(MISSING_ITEMS) with every item.
    """
    wanted = None if only is None else set(only)
    missing = [item for item in filing.missing_items if item["required"] and (wanted is None or item["path"] in wanted)]
    if missing:
        raise Refusal(
            *(Problem(ErrorCode.MISSING_ITEMS, Text(item["zh"], item["en"]), item["path"]) for item in missing)
        )


async def hand_in(work: Work, filing: Filing) -> None:
    """Keep form and files as they are handed in: later corrections change the filing, and not this."""
    found = await work.find(Document, _DOCUMENTS_LOCKED, filing.id)
    for document in found:
        await keep_document(work, document)
    work.session.append(
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


async def confirmed(work: Work, system: System) -> Grading | None:
    """The system's confirmed grading, None where it has none."""
    if system.current_grading_id is None:
        return None
    grading = await work.get(Grading, system.current_grading_id)
    return grading if grading.state is GradingState.CONFIRMED else None


async def _places(work: Work) -> Places:
    tenant = await work.session.get_one(Tenant, work.caller.tenant_id)
    districts = await work.session.scalars(select(District.division_code).where(District.tenant_id == tenant.id))
    return Places(tenant.division_code, frozenset(districts))


async def known(work: Work, unit: Organisation, system: System, grading: Grading) -> Known:
    """What the platform knows of a form before anything is entered."""
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
        places=await _places(work),
        supervising_unit=supervising.name if supervising else None,
        parent_system=parent.name if parent else None,
        parent_unit=parent_unit.name if parent_unit else None,
    )


def _not_now(zh: str, en: str, field: str) -> Refusal:
    return refuse(ErrorCode.INVALID_STATE, zh, en, field)
