"""What administrators do with organisations (机构): entering them, and keeping them up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import Role
from domain.checks import Checks, require_version
from domain.errors import ErrorCode, Problem, Refusal
from domain.filings.form import Table
from domain.organisations.entities import Organisation, OrganisationKind
from domain.organisations.record import OrganisationDetails, OrganisationRecord, contradictions
from domain.records import absent, read_record, within
from domain.tenants.entities import District
from domain.text import Text
from domain.work import Work

REGISTERED = tuple(OrganisationRecord.model_fields)


async def create_organisation(
    work: Work,
    *,
    kind: OrganisationKind,
    name: str,
    credit_code: str | None = None,
    authority_level: str | None = None,
    district_id: UUID | None = None,
    supervising_unit_id: UUID | None = None,
    details: Mapping[str, Any] | None = None,
) -> Organisation:
    """Enter a unit, a district office, an assessment body or a provider.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("createOrganisation")
    given = {
        "kind": kind,
        "name": name,
        "credit_code": credit_code,
        "authority_level": authority_level,
        "district_id": district_id,
        "supervising_unit_id": supervising_unit_id,
    }
    return await entered_organisation(work, Checks(), "createOrganisation", given, details)


async def entered_organisation(
    work: Work, checks: Checks, action: str, given: Mapping[str, Any], details: Mapping[str, Any] | None
) -> Organisation:
    """A new organisation by ``action`` (a mutation that enters one, alone or with what else it makes).

    Nothing is made where ``checks`` has problems, those that it had before among them.
    Raises: Refusal(NOT_FOUND, INVALID_INPUT).
    """
    record = await _registered(work, checks, given)
    kept = _details(checks, details)
    await _one_office(work, checks, record)
    checks.done()
    made = Organisation(tenant_id=work.caller.tenant_id, created_at=work.now, version=1)
    _write(made, record, REGISTERED)
    _write(made, kept, kept.model_fields_set)
    work.session.add(made)
    await work.session.flush()
    work.record(action, made, after=_shown(made, [*REGISTERED, *kept.model_fields_set]))
    return made


async def update_organisation(
    work: Work,
    *,
    organisation_id: UUID,
    version: int | None = None,
    name: str | None = None,
    credit_code: str | None = None,
    authority_level: str | None = None,
    district_id: UUID | None = None,
    supervising_unit_id: UUID | None = None,
    without_supervising_unit: bool = False,
    details: Mapping[str, Any] | None = None,
) -> Organisation:
    """Change what is given: the city's administrator anything, others their own organisation's ``details``.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT, CONFLICT).
    """
    work.require("updateOrganisation")
    found = await work.load(Organisation, organisation_id, field="organisationId", version=require_version(version))
    changes: dict[str, Any] = {
        "name": name,
        "credit_code": credit_code,
        "authority_level": authority_level,
        "district_id": district_id,
        "supervising_unit_id": supervising_unit_id,
    }
    changes = {field: value for field, value in changes.items() if value is not None}
    if without_supervising_unit:
        changes["supervising_unit_id"] = None
    if work.caller.role is not Role.CITY_OFFICE:
        work.require_own(found.id)
        _only_details(changes)
    checks = Checks()
    record = await _registered(work, checks, {**_present(found), **changes}, found, changes)
    kept = _details(checks, details)
    checks.done()
    fields = [*changes, *kept.model_fields_set]
    before = _shown(found, fields)
    _write(found, record, changes)
    _write(found, kept, kept.model_fields_set)
    found.version += 1
    work.record("updateOrganisation", found, before=before, after=_shown(found, fields))
    return found


async def _registered(
    work: Work,
    checks: Checks,
    given: Mapping[str, Any],
    found: Organisation | None = None,
    changes: Mapping[str, Any] | None = None,
) -> OrganisationRecord:
    """The record of ``given``, checked against itself and the city; ``changes`` are what differs from ``found``."""
    record, problems = read_record(OrganisationRecord, given)
    problems += absent(record, ("kind", "name"), problems)
    refused = {each.field for each in problems}
    problems += (each for each in contradictions(record) if each.field not in refused)
    checks.problems += problems
    changed = given if changes is None else changes
    if changed.get("district_id") is not None:
        await work.load(District, record.district_id, field="districtId", lock=False)
        if found is not None and found.kind is not OrganisationKind.UNIT:
            checks.wrong("districtId", "只有运营使用单位可以变更所属区县。", "Only a unit can change its district.")
    if changed.get("credit_code") and record.credit_code:
        await _is_free(work, checks, record.credit_code, found)
    if changed.get("supervising_unit_id") is not None:
        await _may_supervise(work, checks, record.supervising_unit_id, found)
    return record


async def _is_free(work: Work, checks: Checks, code: str, found: Organisation | None) -> None:
    holder = await work.session.scalar(
        select(Organisation.id).where(Organisation.tenant_id == work.caller.tenant_id, Organisation.credit_code == code)
    )
    if holder is not None and (found is None or holder != found.id):
        checks.wrong(
            "creditCode",
            "该统一社会信用代码已登记于另一机构,请核对。",
            "Another organisation is registered under this code; check it.",
        )


async def _may_supervise(work: Work, checks: Checks, key: UUID | None, found: Organisation | None) -> None:
    """The supervising unit is a unit, and nowhere below the one that it is to supervise.

    Each unit above is locked on the way: of two changes that would close a circle together, one fails.
    """
    above = await work.load(Organisation, key, field="supervisingUnitId")
    if above.kind is not OrganisationKind.UNIT:
        checks.wrong("supervisingUnitId", "主管部门须为运营使用单位。", "A supervising unit has to be a unit.")
        return
    while found is not None:
        if above.id == found.id:
            checks.wrong(
                "supervisingUnitId",
                "该单位受本单位主管,不能反过来作为主管部门。请另选。",
                "That unit is supervised by this one, directly or not; choose another.",
            )
            return
        if above.supervising_unit_id is None:
            return
        above = await work.session.get_one(
            Organisation, (above.tenant_id, above.supervising_unit_id), with_for_update=True
        )


async def _one_office(work: Work, checks: Checks, record: OrganisationRecord) -> None:
    if record.kind is OrganisationKind.CITY_OFFICE:
        checks.wrong("kind", "每个市只有一个市信息办。", "A city has one city office.")
    if record.kind is not OrganisationKind.DISTRICT_OFFICE or record.district_id is None:
        return
    office = await work.session.scalar(
        select(Organisation.id).where(
            Organisation.tenant_id == work.caller.tenant_id,
            Organisation.kind == OrganisationKind.DISTRICT_OFFICE,
            Organisation.district_id == record.district_id,
        )
    )
    if office is not None:
        checks.wrong("districtId", "该区县已有信息办。", "The district has its office already.")


def _details(checks: Checks, given: Mapping[str, Any] | None) -> OrganisationDetails:
    """What is given of the details; null leaves a detail as it is, an empty text takes it out."""
    kept, problems = read_record(
        OrganisationDetails, {field: value for field, value in (given or {}).items() if value is not None}
    )
    checks.problems += within("details", problems)
    return kept


def _only_details(changes: Mapping[str, Any]) -> None:
    words = Text(
        "此项由市信息办管理员维护,请与其联系。", "This is for the city office's administrator to change; ask there."
    )
    names = {"supervising_unit_id": "supervisingUnitId", "credit_code": "creditCode"}
    names |= {"authority_level": "authorityLevel", "district_id": "districtId"}
    if changes:
        raise Refusal(*(Problem(ErrorCode.FORBIDDEN, words, names.get(field, field)) for field in changes))


def _present(found: Organisation) -> dict[str, Any]:
    return {field: getattr(found, field) for field in REGISTERED}


def _write(found: Organisation, record: Table, fields: Any) -> None:
    for field in fields:
        setattr(found, field, getattr(record, field))


def _shown(found: Organisation, fields: Any) -> dict[str, Any]:
    """The fields' values as the audit trail keeps them."""
    return {field: None if (value := getattr(found, field)) is None else str(value) for field in fields}
