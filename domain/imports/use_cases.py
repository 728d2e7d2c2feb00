"""Starting an import (批量导入): the file is there already; its rows are read in the background."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from domain.access import Caller, Duty, Role
from domain.documents.entities import Document, DocumentState
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.imports.entities import ImportKind, ImportMode, ImportRun, ImportState
from domain.imports.workbook import MAX_BYTES
from domain.text import Text
from domain.work import Work

# Who may import what; which rows they may touch is a matter of their role's rows. Offices enter units and systems in
# bulk because a city starts with what it has on paper (issue 5, item 7); a unit's own systems are its filer's.
MAY_IMPORT: Mapping[ImportKind, frozenset[tuple[Role, Duty]]] = {
    ImportKind.UNITS: frozenset(
        {(Role.CITY_OFFICE, Duty.ADMIN), (Role.CITY_OFFICE, Duty.OFFICER), (Role.DISTRICT_OFFICE, Duty.OFFICER)}
    ),
    ImportKind.SYSTEMS: frozenset(
        {(Role.UNIT, Duty.FILER), (Role.CITY_OFFICE, Duty.OFFICER), (Role.DISTRICT_OFFICE, Duty.OFFICER)}
    ),
    ImportKind.FILINGS: frozenset({(Role.CITY_OFFICE, Duty.OFFICER), (Role.DISTRICT_OFFICE, Duty.OFFICER)}),
}


def may_import(caller: Caller, kind: ImportKind) -> bool:
    """Whether one of the caller's duties covers files of ``kind``."""
    return any((caller.role, duty) in MAY_IMPORT[kind] for duty in caller.duties)


async def start_import(
    work: Work, *, document_id: UUID, kind: ImportKind, mode: ImportMode, dry_run: bool = False
) -> ImportRun:
    """Have the rows of an uploaded workbook taken in, or with ``dry_run`` only checked.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("startImport")
    kind = ImportKind[kind]
    document = await work.load(Document, document_id, field="documentId", lock=False)
    work.require_own(document.owner_id)
    if not may_import(work.caller, kind):
        raise refuse(
            ErrorCode.FORBIDDEN,
            f"您当前的身份和职责不能导入{kind.zh}。",
            f"Your present role and duties do not cover importing {kind.en}.",
            "kind",
        )
    _check(document)
    run = ImportRun(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        version=1,
        organisation_id=work.caller.organisation_id,
        started_by_id=work.caller.user_id,
        membership_id=work.caller.membership_id,
        role=work.caller.role,
        document_id=document.id,
        kind=kind,
        mode=ImportMode[mode],
        dry_run=dry_run,
        state=ImportState.WAITING,
    )
    work.session.add(run)
    await work.session.flush()
    await work.enqueue("imports.run", run_id=str(run.id))
    work.record("startImport", run, after={"kind": run.kind, "mode": run.mode, "dryRun": dry_run})
    return run


def _check(document: Document) -> None:
    """Raises: Refusal(INVALID_STATE, INVALID_INPUT)."""
    if document.state is not DocumentState.STORED:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该文件尚未上传完成。请先调用 completeUpload。",
            "The document is not stored yet. Complete its upload first.",
            "documentId",
        )
    problems: list[Text] = []
    if not document.filename.lower().endswith(".xlsx"):
        problems.append(Text("请上传 Excel 工作簿(.xlsx)。", "Upload an Excel workbook (.xlsx)."))
    if document.size > MAX_BYTES:
        limit = MAX_BYTES >> 20
        problems.append(Text(f"工作簿不得超过 {limit} MiB。", f"A workbook may have {limit} MiB."))
    if problems:
        raise Refusal(*(Problem(ErrorCode.INVALID_INPUT, each, "documentId") for each in problems))
