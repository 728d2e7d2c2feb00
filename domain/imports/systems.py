"""Taking in systems (信息系统): known by unit and code; the same rules as for one that is entered by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.base import new_id
from domain.imports.columns import SYSTEMS
from domain.imports.loading import Change, Outcome, closes_circle, differing, repeated, told, visible, write, wrong
from domain.imports.workbook import Row
from domain.organisations.entities import Organisation, OrganisationKind
from domain.records import absent, read_record
from domain.systems.entities import System
from domain.systems.record import REQUIRED, SystemRecord
from domain.work import Work

FIELDS = tuple(SystemRecord.model_fields)
ACTIONS = ("createSystem", "updateSystem")
Key = tuple[UUID, str]


class SystemLoader:
    """Takes in systems: a unit's own, or those of an office's units."""

    def __init__(self) -> None:
        self._seen: dict[Key, int] = {}

    async def load(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Write the systems that are in order; the others' problems."""
        units = await _units(work, rows)
        batch = await _Batch.of(work, rows, units)
        changes: list[Change] = []
        for row in rows:
            unit = _unit(work, row, units)
            change = batch.change(row, unit, self._seen)
            if change is not None:
                changes.append(change)
        outcome = await write(work, System, changes, ACTIONS)
        outcome.problems = [problem for row in rows for problem in row.problems]
        return outcome


async def _units(work: Work, rows: Sequence[Row]) -> dict[str, UUID]:
    """The units of some rows, by credit code; a unit's own filer may leave the code out."""
    columns = (Organisation.id, Organisation.credit_code)
    codes = {_code(row) for row in rows} - {""}
    of_kind = (Organisation.id, Organisation.credit_code, Organisation.kind)
    found = await visible(work, Organisation, of_kind, [Organisation.credit_code], codes)
    units = {row.credit_code: row.id for row in found if row.kind is OrganisationKind.UNIT}
    if work.caller.role is Role.UNIT:
        own = await work.session.execute(
            select(*columns).where(
                Organisation.tenant_id == work.caller.tenant_id, Organisation.id == work.caller.organisation_id
            )
        )
        (key, code) = own.one()
        return {"": key, str(code): key}
    return units


def _unit(work: Work, row: Row, units: Mapping[str, UUID]) -> UUID | None:
    code = _code(row)
    unit = units.get(code)
    if unit is None and not code:
        wrong(row, SYSTEMS, "unit_id", "请填写单位的统一社会信用代码。", "Give the unit's social credit code.")
    elif unit is None and work.caller.role is Role.UNIT:
        wrong(row, SYSTEMS, "unit_id", "只能导入本单位的系统。", "Only your own unit's systems can be imported.")
    elif unit is None:
        wrong(
            row,
            SYSTEMS,
            "unit_id",
            "没有找到该单位。请核对代码,或先导入单位。",
            "No such unit. Check the code, or import the units first.",
        )
    return unit


class _Batch:
    """What has to be known of the units' systems to check some rows."""

    def __init__(self, known: Mapping[Key, Any], above: dict[UUID, UUID]) -> None:
        self._known = known
        self._above = above
        self._new: dict[Key, UUID] = {}

    @classmethod
    async def of(cls, work: Work, rows: Sequence[Row], units: Mapping[str, UUID]) -> _Batch:
        keys: set[Key] = set()
        for row in rows:
            unit = units.get(_code(row))
            if unit is not None:
                keys |= {(unit, str(row.values[name])) for name in ("code", "parent_system_id") if row.values.get(name)}
        known = await visible(work, System, list(System.__table__.c), [System.unit_id, System.code], keys)
        above = await work.session.execute(
            select(System.id, System.parent_system_id).where(
                System.tenant_id == work.caller.tenant_id,
                System.unit_id.in_({unit for unit, _ in keys}),
                System.parent_system_id.is_not(None),
            )
        )
        return cls({(row.unit_id, row.code): row for row in known}, {row.id: row.parent_system_id for row in above})

    def change(self, row: Row, unit: UUID | None, seen: dict[Key, int]) -> Change | None:
        """What a row amounts to; None when something is wrong with it."""
        record, problems = read_record(SystemRecord, {name: row.values.get(name) for name in FIELDS})
        found = self._known.get((unit, record.code)) if unit and record.code else None
        required = [name for name in REQUIRED if found is None or name == "code"]
        told(row, SYSTEMS, problems + absent(record, required, problems))
        if unit is None or record.code is None:
            return None
        repeated(row, SYSTEMS, seen, (unit, record.code), "code")
        if found is not None and found.retired_on is not None:
            wrong(row, SYSTEMS, "code", "该系统已停用,不能更新。", "This system is retired and cannot be changed.")
        parent = self._parent(row, unit, found)
        if row.problems:
            return None
        values = {**{name: getattr(record, name) for name in FIELDS}, "parent_system_id": parent}
        return self._made((unit, record.code), found, values)

    def _made(self, key: Key, found: Any, values: dict[str, Any]) -> Change:
        id_ = found.id if found is not None else new_id()
        if values["parent_system_id"] is not None:
            self._above[id_] = values["parent_system_id"]
        self._new[key] = id_
        if found is None:
            return Change(id_, {**values, "unit_id": key[0], "important": False})
        before = {name: getattr(found, name) for name in values}
        return Change(id_, differing(before, values), before, found.version)

    def _parent(self, row: Row, unit: UUID, found: Any) -> UUID | None:
        code = row.values.get("parent_system_id")
        if not code:
            return None
        key = (unit, str(code))
        known = self._known.get(key)
        parent: UUID | None = known.id if known is not None else self._new.get(key)
        if parent is None:
            wrong(
                row,
                SYSTEMS,
                "parent_system_id",
                "本单位没有此编号的系统,前面的行中也没有。",
                "The unit has no system with this code, nor does a row further up.",
            )
        elif known is not None and known.retired_on is not None:
            wrong(
                row, SYSTEMS, "parent_system_id", "上级系统已停用,请另选。", "That system is retired; choose another."
            )
        elif found is not None and closes_circle(self._above, found.id, parent):
            wrong(
                row,
                SYSTEMS,
                "parent_system_id",
                "该系统是本系统的分系统,不能反过来作为上级系统。",
                "That system is part of this one, directly or not.",
            )
        return parent


def _code(row: Row) -> str:
    return str(row.values.get("unit_id") or "").strip().upper()
