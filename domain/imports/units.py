"""Taking in units (运营使用单位): known by their credit codes; the same rules as for one that is entered by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.base import new_id
from domain.imports.columns import UNITS
from domain.imports.loading import Change, Outcome, closes_circle, differing, repeated, told, visible, write, wrong
from domain.imports.workbook import Row
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.organisations.record import OrganisationDetails, OrganisationRecord, contradictions
from domain.records import absent, read_record
from domain.tenants.entities import District
from domain.work import Work

REGISTERED = ("name", "credit_code", "authority_level", "district_id", "supervising_unit_id")
DETAILS = tuple(OrganisationDetails.model_fields)
ACTIONS = ("createOrganisation", "updateOrganisation")


class UnitLoader:
    """Takes in units: the city's any, a district office's those of its own level and district."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    async def load(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Write the units that are in order; the others' problems."""
        batch = await _Batch.of(work, rows)
        changes: list[Change] = []
        for row in rows:
            change = batch.change(row, self._seen)
            if change is not None:
                changes.append(change)
        outcome = await write(work, Organisation, changes, ACTIONS)
        outcome.problems = [problem for row in rows for problem in row.problems]
        return outcome


class _Batch:
    """What has to be known of the city to check some rows, read in a few statements."""

    def __init__(
        self,
        work: Work,
        known: Mapping[str, Any],
        taken: frozenset[str],
        districts: Mapping[str, UUID],
        above: dict[UUID, UUID],
    ) -> None:
        self._caller = work.caller
        self._known = known
        self._taken = taken
        self._districts = districts
        self._above = above
        self._new: dict[str, UUID] = {}

    @classmethod
    async def of(cls, work: Work, rows: Sequence[Row]) -> _Batch:
        codes = {_code(row.values.get(name)) for row in rows for name in ("credit_code", "supervising_unit_id")} - {""}
        of_tenant = Organisation.tenant_id == work.caller.tenant_id
        known = await visible(work, Organisation, list(Organisation.__table__.c), [Organisation.credit_code], codes)
        holders = await work.session.scalars(
            select(Organisation.credit_code).where(of_tenant, Organisation.credit_code.in_(codes))
        )
        taken = frozenset(code for code in holders if code)
        districts = await work.session.execute(
            select(District.id, District.name, District.division_code).where(
                District.tenant_id == work.caller.tenant_id
            )
        )
        above = await work.session.execute(
            select(Organisation.id, Organisation.supervising_unit_id).where(
                of_tenant, Organisation.supervising_unit_id.is_not(None)
            )
        )
        places = {word: key for key, name, code in districts for word in (name, code)}
        return cls(
            work,
            {row.credit_code: row for row in known},
            taken,
            places,
            {row.id: row.supervising_unit_id for row in above},
        )

    def change(self, row: Row, seen: dict[str, int]) -> Change | None:
        """What a row amounts to; None when something is wrong with it."""
        code = _code(row.values.get("credit_code"))
        found = self._known.get(code)
        given: dict[str, Any] = {**row.values, "kind": OrganisationKind.UNIT, "credit_code": code or None}
        given["district_id"] = self._district(row)
        given["supervising_unit_id"] = self._supervisor(row)
        if found is not None:
            self._fill_in(given, found)
        record, problems = read_record(OrganisationRecord, {name: given.get(name) for name in ("kind", *REGISTERED)})
        details, more = read_record(OrganisationDetails, {name: row.values.get(name) for name in DETAILS})
        problems += absent(record, ("name",), problems)
        refused = {each.field for each in problems}
        problems += (each for each in contradictions(record) if each.field not in refused)
        told(row, UNITS, problems + more)
        if code:
            repeated(row, UNITS, seen, code, "credit_code")
        self._check_place(row, record, found)
        if row.problems:
            return None
        values = {name: getattr(record, name) for name in REGISTERED}
        values |= {name: getattr(details, name) for name in DETAILS}
        return self._made(code, found, values)

    def _made(self, code: str, found: Any, values: dict[str, Any]) -> Change:
        key = found.id if found is not None else new_id()
        if values["supervising_unit_id"] is not None:
            self._above[key] = values["supervising_unit_id"]
        self._new[code] = key
        if found is None:
            return Change(key, {**values, "kind": OrganisationKind.UNIT})
        before = {name: getattr(found, name) for name in values}
        return Change(key, differing(before, values), before, found.version)

    @staticmethod
    def _fill_in(given: dict[str, Any], found: Any) -> None:
        """An empty cell leaves what is registered as it is."""
        for name in REGISTERED:
            if given.get(name) is None:
                given[name] = getattr(found, name)

    def _district(self, row: Row) -> UUID | None:
        word = row.values.get("district_id")
        key = self._districts.get(str(word)) if word else None
        if word and key is None:
            wrong(row, UNITS, "district_id", "本市没有该区县,请从下拉列表中选择。", "The city has no such district.")
        return key

    def _supervisor(self, row: Row) -> UUID | None:
        code = _code(row.values.get("supervising_unit_id"))
        if not code:
            return None
        found = self._known.get(code)
        key = found.id if found is not None and found.kind == OrganisationKind.UNIT else self._new.get(code)
        if key is None:
            wrong(
                row,
                UNITS,
                "supervising_unit_id",
                "没有找到该主管部门:须为已登记且您可查看的单位,或列在前面的行中。",
                "No such unit: it has to be registered and yours to see, or stand further up.",
            )
        own = self._known.get(_code(row.values.get("credit_code")))
        if key is not None and own is not None and closes_circle(self._above, own.id, key):
            wrong(
                row,
                UNITS,
                "supervising_unit_id",
                "该单位受本单位主管,不能反过来作为主管部门。",
                "That unit is supervised by this one, directly or not.",
            )
        return key

    def _check_place(self, row: Row, record: OrganisationRecord, found: Any) -> None:
        """The unit is the caller's to enter."""
        code = record.credit_code
        if found is None and code in self._taken:
            wrong(
                row,
                UNITS,
                "credit_code",
                "该代码已由其他主管机关登记,请与市信息办联系。",
                "The code is registered with another authority; ask the city office.",
            )
        elif found is not None and found.kind != OrganisationKind.UNIT:
            wrong(row, UNITS, "credit_code", "该代码登记的机构不是运营使用单位。", "That organisation is no unit.")
        if self._caller.role is not Role.DISTRICT_OFFICE:
            return
        if record.authority_level not in {None, AuthorityLevel.DISTRICT}:
            wrong(
                row, UNITS, "authority_level", "区县信息办只登记区县级单位。", "A district office enters its own level."
            )
        if record.district_id not in {None, self._caller.district_id}:
            wrong(row, UNITS, "district_id", "只能登记本区县的单位。", "This is another district's unit.")


def _code(value: Any) -> str:
    return str(value or "").strip().upper()
