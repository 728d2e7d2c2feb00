"""What units do with their systems (信息系统)."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import exists, select

from domain.checks import Checks
from domain.organisations.entities import Organisation, OrganisationKind
from domain.systems.entities import System
from domain.work import Work


async def create_system(
    work: Work,
    *,
    name: str,
    code: str,
    in_service_on: dt.date | None = None,
    parent_system_id: UUID | None = None,
    unit_id: UUID | None = None,
) -> System:
    """Enter a system of the caller's unit, or of a unit that it supervises (``unit_id``).

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("createSystem")
    unit = await work.load(Organisation, unit_id or work.caller.organisation_id, field="unitId", lock=False)
    checks = Checks()
    given_name = checks.text(name, "name", required=True)
    given_code = checks.text(code, "code", required=True, limit=60)
    if unit.kind is not OrganisationKind.UNIT:
        checks.wrong("unitId", "只有运营使用单位可以登记信息系统。", "Only units run systems.")
    parent = None
    if parent_system_id is not None:
        parent = await work.load(System, parent_system_id, field="parentSystemId", lock=False)
    taken = exists().where(
        System.tenant_id == work.caller.tenant_id, System.unit_id == unit.id, System.code == given_code
    )
    if given_code and await work.session.scalar(select(taken)):
        checks.wrong(
            "code", "本单位已有此编号的系统,请另行编号。", "The unit has a system with this code; choose another."
        )
    checks.done()
    system = System(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        unit_id=unit.id,
        name=given_name or "",
        code=given_code or "",
        in_service_on=in_service_on,
        parent_system_id=parent.id if parent else None,
    )
    work.session.add(system)
    await work.session.flush()
    work.record("createSystem", system, after={"name": system.name, "code": system.code})
    return system
