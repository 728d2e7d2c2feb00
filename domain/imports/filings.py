"""Taking in filings that came by e-mail, courier or document exchange (线下备案): ``enterFiling``, row after row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel, to_snake
from sqlalchemy import select

from domain.calendar import local_date
from domain.documents.entities import Document, DocumentState
from domain.documents.kinds import DocumentKind
from domain.errors import ErrorCode, Problem, Refusal
from domain.filings.consistency import LISTS
from domain.filings.entities import Filing, FilingState
from domain.filings.form import FilingForm, GradingEntry, SystemTable, Table
from domain.filings.office import enter
from domain.grading.levels import CHOSEN, HarmChoice
from domain.imports.filing_columns import FILINGS
from domain.imports.loading import Outcome, repeated, told, visible, wrong
from domain.imports.workbook import Row
from domain.organisations.entities import Organisation
from domain.records import FILL_IN
from domain.systems.entities import System
from domain.work import Work

GRADED = ("business_information", "system_service")
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
        known = await _known(work, rows)
        for row in rows:
            told(row, FILINGS, _absent(row))
            entry = self._entry(row, known)
            if entry is not None and not row.problems:
                await self._enter(work, row, entry, outcome)
            outcome.problems += row.problems
        return outcome

    def _entry(self, row: Row, known: Known) -> dict[str, Any] | None:
        """Which system the row is about: one that is there, or one to be entered with it."""
        if not (row.values.get("unit_id") and row.values.get("system_id")):
            return None
        key = _key(row)
        repeated(row, FILINGS, self._seen, key, "system_id")
        if key in known.systems:
            return {"system_id": known.systems[key].id, "system": None}
        if key[0] not in known.units:
            wrong(
                row,
                FILINGS,
                "unit_id",
                "没有找到此单位。请核对代码,或先导入单位。",
                "There is no such unit; import it first.",
            )
            return None
        if row.values.get("system_name") is None:
            wrong(
                row,
                FILINGS,
                "system_id",
                "该单位没有此编号的系统。请核对代码;尚未登记的系统请另填系统名称和定级。",
                "The unit has no such system. Check the code; of a new system, give name and grading as well.",
            )
            return None
        system = {"unitId": known.units[key[0]], "name": row.values["system_name"], "code": key[1]}
        return {"system_id": None, "system": {**system, "inServiceOn": row.values.get("in_service_on")}}

    @staticmethod
    async def _enter(work: Work, row: Row, entry: Mapping[str, Any], outcome: Outcome) -> None:
        if entry["system_id"] is not None and await _is_there(work, row, entry["system_id"]):
            outcome.unchanged += 1
            return
        archive = await _archive(work, row)
        if archive is None:
            return
        try:
            async with work.session.begin_nested():
                await enter(
                    work,
                    **entry,
                    grading=_grading(row),
                    channel=row.values["channel"],  # type: ignore[arg-type]  # a vocabulary's name, as in an input
                    received_on=row.values["received_on"],  # type: ignore[arg-type]  # a column of days
                    fill=partial(_form, row),
                    documents=[{"documentId": archive.id, "kind": DocumentKind.FILING_ARCHIVE}],
                )
                await work.session.flush()
        except Refusal as refusal:
            told(row, FILINGS, [replace(each, field=_column_of(row, each.field or "")) for each in refusal.problems])
            return
        outcome.created += 1


def _absent(row: Row) -> list[Problem]:
    return [
        Problem(ErrorCode.INVALID_INPUT, FILL_IN, to_camel(name)) for name in REQUIRED if row.values.get(name) is None
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """What there is already of what some rows name: units by their code, systems by their unit's code and their own."""

    units: Mapping[str, UUID]
    systems: Mapping[tuple[str, str], System]


async def _known(work: Work, rows: Sequence[Row]) -> Known:
    codes = {_key(row)[0] for row in rows} - {""}
    units = await visible(
        work, Organisation, (Organisation.id, Organisation.credit_code), [Organisation.credit_code], codes
    )
    by_id = {unit.id: unit.credit_code for unit in units}
    keys = {(unit.id, _key(row)[1]) for row in rows for unit in units if unit.credit_code == _key(row)[0]}
    found = await visible(work, System, (System,), [System.unit_id, System.code], keys)
    systems = {(by_id[system.unit_id], system.code): system for (system,) in found}
    return Known({code: key for key, code in by_id.items()}, systems)


async def _is_there(work: Work, row: Row, system_id: UUID) -> bool:
    """Whether this very filing was entered before: the same file may come twice."""
    found = await work.session.scalars(
        select(Filing.received_at).where(
            Filing.tenant_id == work.caller.tenant_id,
            Filing.system_id == system_id,
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


def _grading(row: Row) -> dict[str, Any] | None:
    """The grading as it was filed, where the row says anything of it."""
    harms = {name: row.values.get(name) for name in GRADED}
    if not any(harms.values()):
        return None
    determined = {to_camel(name): {"harms": _harms(chosen)} for name, chosen in harms.items()}
    return {**determined, "gradedOn": row.values.get("graded_on")}


def _harms(chosen: Any) -> list[dict[str, str]]:
    found = (CHOSEN[HarmChoice[choice]] for choice in chosen or ())
    return [{"object": harm.object.value, "degree": harm.degree.value} for harm in found]


def _form(row: Row, form: FilingForm) -> dict[str, Any]:
    """What the row says, over what is prefilled."""
    entered = set(GradingEntry.model_fields)
    products = {name: given for name in LISTS if (given := _rows(row, name))}
    return {
        "system": {**form.system.model_dump(exclude_none=True), **_said(row, SystemTable), **products},
        "grading": {**form.grading.model_dump(include=entered, exclude_none=True), **_said(row, GradingEntry)},
    }


def _said(row: Row, table: type[Table]) -> dict[str, Any]:
    return {name: value for name in table.model_fields if (value := row.values.get(name)) is not None}


def _rows(row: Row, name: str) -> list[dict[str, Any]]:
    """The form's rows of a list that has its columns by kind, such as ``key_products.SERVER.count``."""
    found: dict[str, dict[str, Any]] = {}
    for field, value in row.values.items():
        if value is not None and field.startswith(f"{name}."):
            _, kind, cell = field.split(".")
            found.setdefault(kind, {"kind": kind})[cell] = value
    return list(found.values())


# Where an input's field has another name than the column that fills it.
ELSEWHERE = {
    "system.name": "system_name",
    "system.code": "system_id",
    "grading": "business_information",
    "grading.businessInformation.harms": "business_information",
    "grading.systemService.harms": "system_service",
}


def _column_of(row: Row, path: str) -> str:
    """The input's field as its column's is written: of a list's row, that of its kind."""
    if path in ELSEWHERE:
        return to_camel(ELSEWHERE[path])
    steps = path.split(".")
    name = to_snake(steps[2]) if len(steps) > 3 else ""
    if name in LISTS:
        kind = _rows(row, name)[int(steps[3])]["kind"]
        first = next(column.field for column in FILINGS if column.field.startswith(f"{name}.{kind}."))
        return to_camel(f"{name}.{kind}.{to_snake(steps[4])}" if len(steps) > 4 and steps[4] != "kind" else first)
    return steps[-1]


def _key(row: Row) -> tuple[str, str]:
    return str(row.values.get("unit_id") or "").strip().upper(), str(row.values.get("system_id") or "")
