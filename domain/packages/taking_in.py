"""Taking in a filing package that came to an office (材料包接收): what it says, and its attachments as documents.

Everything is read again from what was stored; nothing that the package says opens rows that its reader may not see.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.base import new_id
from domain.checks import Checks
from domain.documents import quotas
from domain.documents.attach import attachable
from domain.documents.entities import Document, DocumentState
from domain.documents.examination import Examination
from domain.documents.file_types import FILE_TYPES, suffix_of
from domain.documents.keeping import content_key, copy_content
from domain.documents.kinds import DocumentKind
from domain.documents.outcome import accept
from domain.documents.uploads import URL_TIME
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.filings.drafting import confirmed
from domain.organisations.entities import Organisation, OrganisationKind
from domain.packages.layout import FORM, Unreadable
from domain.packages.reading import Package, PackedFile, read_package
from domain.records import within
from domain.systems.entities import System
from domain.work import Preparation, Work

FIELD = "packageId"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A package that was unpacked: what it says, and what is wrong with it; with problems nothing was stored.

    Its attachments lie in the store under ``keys``, one each, which their documents will have.
    """

    package: Package
    keys: Sequence[UUID] = ()
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A package that is sound: the document it came as, what it says, and the keys of its attachments."""

    document: Document
    package: Package
    keys: Sequence[UUID]

    @property
    def form(self) -> Mapping[str, Any]:
        """The form as it would be entered."""
        return self.package.form


async def prepare(preparation: Preparation, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Unpack the package that ``packageId`` names, and store its attachments, as ``enter_filing``'s ``package``.

    All that takes long is done here, while no transaction is open. What is stored is removed after a while where it was
    not entered. A package that cannot be entered is left for ``enter_filing`` to refuse.
    Raises: Refusal(UPLOAD_REJECTED) beyond a quota, StoreUnavailable.
    """
    if given.get("packageId") is None:
        return {}
    try:
        async with preparation.apart() as work:
            work.require("enterFiling")
            (document,) = await attachable(work, [given["packageId"]], FIELD, DocumentKind.FILING_ARCHIVE)
    except Refusal:
        return {}
    with tempfile.TemporaryDirectory(prefix="dengbao-package-") as folder:
        try:
            package = read_package(await preparation.files.unpack(document.object_key, Path(folder)))
        except Unreadable as unreadable:
            unreadable_ = Problem(ErrorCode.UPLOAD_REJECTED, unreadable.reason, FIELD)
            return {"package": Prepared(Package(), problems=[unreadable_])}
        if package.problems:
            return {"package": Prepared(package, problems=within(FIELD, package.problems))}
        return {"package": Prepared(package, await _stored(preparation, package.attachments))}


async def _stored(preparation: Preparation, attachments: Sequence[PackedFile]) -> list[UUID]:
    """Put the attachments into the store, each as an upload and as its content: the keys of their documents to be."""
    async with preparation.apart() as work:
        async with work.session.begin_nested() as trial:
            await quotas.reserve(work, sum(each.file.digests.size for each in attachments))
            await trial.rollback()
        documents = [_document(work, new_id(), each) for each in attachments]
        unused = [{"key": key} for each in documents for key in (each.object_key, content_key(each))]
        await work.jobs.enqueue_all(work.session, work.caller.tenant_id, "documents.discard", unused, after=URL_TIME)
    for document, packed in zip(documents, attachments, strict=True):
        await preparation.files.put_file(document.object_key, packed.file.path, document.media_type)
        await copy_content(preparation.files, document)
    return [document.id for document in documents]


async def opened(work: Work, package_id: UUID, prepared: Prepared | None, problems: Sequence[Problem]) -> Opened:
    """The package, as it was prepared.

    Raises: Refusal(NOT_FOUND, INVALID_INPUT, UPLOAD_REJECTED, CONFLICT) with all that is wrong, after the ``problems``
    found before.
    """
    (document,) = await attachable(work, [package_id], FIELD, DocumentKind.FILING_ARCHIVE)
    if prepared is None:
        raise refuse(
            ErrorCode.CONFLICT,
            "材料包刚才尚不能使用,请再试一次。",
            "A moment ago the package could not be used yet. Try again.",
            FIELD,
        )
    if prepared.problems:
        raise Refusal(*problems, *prepared.problems)
    return Opened(document, prepared.package, prepared.keys)


async def subject_of(
    work: Work, opened_: Opened, problems: Sequence[Problem]
) -> tuple[UUID | None, Mapping[str, Any] | None]:
    """The system that the form names, among those of the caller's units; else the system to enter.

    Raises: Refusal(INVALID_INPUT) where the form names no unit of the caller's, or several.
    """
    entry, checks = opened_.package.entry, Checks()
    name = entry.unit.unit_name if entry.unit else None
    number = entry.system.system_number if entry.system else None
    units = await _units_called(work, name) if name else []
    if len(units) != 1:
        checks.wrong(
            f"{FIELD}.{FORM}.unit.unitName",
            f"本机关管辖范围内没有(或不止一个)名为“{name or ''}”的单位。请核对,或填写 systemId 或 system。",
            f"There is not exactly one unit of yours called “{name or ''}”. Check it, or give systemId or system.",
        )
    if number is None:
        checks.wrong(
            f"{FIELD}.{FORM}.system.systemNumber",
            "备案表没有系统编号。请填写 systemId 或 system。",
            "The form has no number of the system. Give systemId or system.",
        )
    if checks.problems or entry.system is None:
        raise Refusal(*problems, *checks.problems)
    system_id = await work.session.scalar(
        select(System.id).where(
            System.tenant_id == work.caller.tenant_id, System.unit_id == units[0], System.code == number
        )
    )
    if system_id is not None:
        return system_id, None
    table = entry.system
    return None, {
        "unitId": units[0],
        "name": table.system_name or "",
        "code": number,
        "inServiceOn": table.in_service_on,
    }


async def _units_called(work: Work, name: str) -> Sequence[UUID]:
    query = select(Organisation.id).where(
        Organisation.tenant_id == work.caller.tenant_id,
        Organisation.kind == OrganisationKind.UNIT,
        Organisation.name == name,
    )
    rows = work.access.rows(work.caller, Organisation)
    if rows is not None:
        query = query.where(rows)
    found = await work.session.scalars(query.limit(2), work.access.values(work.caller))
    return found.all()


async def grading_of(work: Work, opened_: Opened, system_id: UUID | None) -> Mapping[str, Any] | None:
    """The grading that the package has, unless the unit has graded the system on the platform, which holds.

    Raises: Refusal(NOT_FOUND).
    """
    filed = opened_.package.grading
    if filed is None:
        return None
    if system_id is not None:
        former = await confirmed(work, await work.load(System, system_id, field="systemId"))
        if former is not None and not former.as_filed:
            return None
    return filed.entered()


async def unpacked_documents(work: Work, opened_: Opened) -> list[Mapping[str, Any]]:
    """The package and each of its attachments as documents: ``{"documentId", "kind"}``.

    An attachment was scanned when the package was looked into, file by file: what was said of that holds for it.
    Raises: Refusal(UPLOAD_REJECTED) beyond a quota.
    """
    attachments = opened_.package.attachments
    await quotas.reserve(work, sum(each.file.digests.size for each in attachments))
    made: list[Mapping[str, Any]] = [{"documentId": opened_.document.id, "kind": DocumentKind.FILING_ARCHIVE}]
    for key, each in zip(opened_.keys, attachments, strict=True):
        document = _document(work, key, each)
        work.session.add(document)
        await accept(work.session, work.jobs, document, Examination(opened_.document.scan), work.now)
        made.append({"documentId": document.id, "kind": each.kind})
    return made


def _document(work: Work, key: UUID, packed: PackedFile) -> Document:
    return Document(
        tenant_id=work.caller.tenant_id,
        id=key,
        created_at=work.now,
        owner_id=work.caller.organisation_id,
        uploaded_by_id=work.caller.user_id,
        kind=packed.kind,
        filename=packed.filename,
        media_type=FILE_TYPES[suffix_of(packed.filename)].media_type,
        size=packed.file.digests.size,
        sha256=packed.file.digests.sha256,
        object_key=f"{work.caller.tenant_id}/uploads/{key}",
        state=DocumentState.CHECKING,
        received_bytes=packed.file.digests.size,
    )
