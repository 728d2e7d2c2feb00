"""Taking in filings that came by e-mail, courier or document exchange (线下备案): ``enterFiling``, row after row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import select

from domain.calendar import local_date
from domain.documents.entities import Document, DocumentState
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal
from domain.filings.drafting import fileable, known
from domain.filings.entities import Filing, FilingState
from domain.filings.form import FilingForm, GradingEntry
from domain.filings.office import enter_filing
from domain.filings.prefill import prefilled
from domain.imports.columns import FILINGS
from domain.imports.loading import Outcome, repeated, told, visible, wrong
from domain.imports.workbook import Row
from domain.organisations.entities import Organisation
from domain.records import FILL_IN
from domain.systems.entities import System
from domain.work import Work

SYSTEM_FIELDS = (
    "business_types", "business_description", "service_scope", "service_audience", "network_coverage",
    "network_nature", "interconnections", "assessor_name",
)  # fmt: skip
GRADING_FIELDS = ("expert_reviewed", "department_approved", "filled_by", "filled_on")
REQUIRED = ("unit_id", "system_id", "channel", "received_on", "document_id")
# A filing that was taken back does not stand in the way of the one that came after it.
TAKEN_BACK = (FilingState.WITHDRAWN, FilingState.CANCELLED)


class FilingLoader:
    """Takes in filings for an office's own units; each by the same use case as one that is entered by hand."""

    def __init__(self) -> None:
        self._seen: dict[Any, int] = {}

    async def load(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Enter the filings that are in order; the others' problems."""
        outcome = Outcome()
        systems = await _systems(work, rows)
        for row in rows:
            told(row, FILINGS, _absent(row))
            system = self._system(row, systems)
            if system is not None and not row.problems:
                await self._enter(work, row, system, outcome)
            outcome.problems += row.problems
        return outcome

    def _system(self, row: Row, systems: Mapping[tuple[str, str], System]) -> System | None:
        if not (row.values.get("unit_id") and row.values.get("system_id")):
            return None
        key = _key(row)
        repeated(row, FILINGS, self._seen, key, "system_id")
        system = systems.get(key)
        if system is None:
            wrong(
                row,
                FILINGS,
                "system_id",
                "没有找到该单位的此系统。请核对代码,或先导入系统。",
                "The unit has no such system. Check the codes, or import the systems first.",
            )
        return system

    @staticmethod
    async def _enter(work: Work, row: Row, system: System, outcome: Outcome) -> None:
        if await _is_there(work, row, system):
            outcome.unchanged += 1
            return
        archive = await _archive(work, row)
        if archive is None:
            return
        try:
            async with work.session.begin_nested():
                await enter_filing(
                    work,
                    system_id=system.id,
                    channel=row.values["channel"],  # type: ignore[arg-type]  # a vocabulary's name, as in an input
                    received_on=row.values["received_on"],  # type: ignore[arg-type]  # a column of days
                    form=await _form(work, row, system),
                    documents=[{"documentId": archive.id, "kind": DocumentKind.FILING_ARCHIVE}],
                )
                await work.session.flush()
        except Refusal as refusal:
            last = [replace(each, field=(each.field or "").rpartition(".")[2]) for each in refusal.problems]
            told(row, FILINGS, last)
            return
        outcome.created += 1


def _absent(row: Row) -> list[Problem]:
    return [
        Problem(ErrorCode.INVALID_INPUT, FILL_IN, to_camel(name)) for name in REQUIRED if row.values.get(name) is None
    ]


async def _systems(work: Work, rows: Sequence[Row]) -> dict[tuple[str, str], System]:
    """The systems of some rows, by their unit's code and their own."""
    codes = {_key(row)[0] for row in rows} - {""}
    units = await visible(
        work, Organisation, (Organisation.id, Organisation.credit_code), [Organisation.credit_code], codes
    )
    by_id = {unit.id: unit.credit_code for unit in units}
    keys = {(unit.id, _key(row)[1]) for row in rows for unit in units if unit.credit_code == _key(row)[0]}
    found = await visible(work, System, (System,), [System.unit_id, System.code], keys)
    return {(by_id[system.unit_id], system.code): system for (system,) in found}


async def _is_there(work: Work, row: Row, system: System) -> bool:
    """Whether this very filing was entered before: the same file may come twice."""
    found = await work.session.scalars(
        select(Filing.received_at).where(
            Filing.tenant_id == work.caller.tenant_id,
            Filing.system_id == system.id,
            Filing.channel == row.values["channel"],
            Filing.state.not_in(TAKEN_BACK),
            Filing.received_at.is_not(None),
        )
    )
    return any(local_date(moment) == row.values["received_on"] for moment in found if moment)


async def _archive(work: Work, row: Row) -> Document | None:
    """The uploaded archive that the row names: the caller's office's, and with no filing yet."""
    name = str(row.values["document_id"])
    found = await work.session.scalar(
        select(Document)
        .where(
            Document.tenant_id == work.caller.tenant_id,
            Document.owner_id == work.caller.organisation_id,
            Document.filename == name,
            Document.state == DocumentState.STORED,
            Document.filing_id.is_(None),
        )
        .order_by(Document.id.desc())
        .limit(1)
    )
    if found is None or found.is_attached:
        wrong(
            row,
            FILINGS,
            "document_id",
            "没有找到此名称的已上传文件。请先上传备案电子数据(requestUpload),文件名须一致且各不相同。",
            "No uploaded file has this name. Upload the archive first (requestUpload), each under a name of its own.",
        )
        return None
    return found


async def _form(work: Work, row: Row, system: System) -> dict[str, Any]:
    """What the row says, over what is prefilled. Raises: Refusal(INVALID_STATE) where nothing can be filed."""
    unit = await work.session.get_one(Organisation, (system.tenant_id, system.unit_id))
    form: FilingForm = prefilled(await known(work, unit, system, await fileable(work, system)))
    entered = set(GradingEntry.model_fields)
    return {
        "system": {**form.system.model_dump(exclude_none=True), **_said(row, SYSTEM_FIELDS)},
        "grading": {**form.grading.model_dump(include=entered, exclude_none=True), **_said(row, GRADING_FIELDS)},
    }


def _said(row: Row, fields: Sequence[str]) -> dict[str, Any]:
    return {name: row.values[name] for name in fields if row.values.get(name) is not None}


def _key(row: Row) -> tuple[str, str]:
    return str(row.values.get("unit_id") or "").strip().upper(), str(row.values.get("system_id") or "")
