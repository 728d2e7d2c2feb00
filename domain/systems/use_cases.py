"""What units and the city office do with systems (信息系统)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from domain.assessments.entities import ENDED, Assessment
from domain.calendar import local_date
from domain.checks import Checks, require_version
from domain.errors import ErrorCode, Refusal, refuse
from domain.filings.entities import Filing, FilingState
from domain.inspections.coverage import settle_importance
from domain.organisations.entities import Organisation, OrganisationKind
from domain.records import absent, read_record
from domain.systems.entities import System
from domain.systems.record import REQUIRED, SystemRecord
from domain.text import Text
from domain.work import Work

S = FilingState
# What has to happen to a filing before its system can be retired. A draft was never handed in, and keeps nothing; an
# accepted filing is cancelled by the unit's approver once the system is retired (workflow.md, life of a filing).
FIRST: dict[FilingState, Text] = {
    S.SUBMITTED: Text("请先由审批人撤回该备案。", "Have the approver withdraw it first."),
    **dict.fromkeys(
        (S.RECEIVED, S.UNDER_REVIEW, S.RE_REVIEW),
        Text("请待其答复并办结后再停用。", "Wait for the reply, and retire the system when the filing is closed."),
    ),
    **dict.fromkeys(
        (S.INCOMPLETE, S.LEVEL_ADJUSTMENT),
        Text("请先重新提交并待其办结。", "Submit it again, and retire the system when the filing is closed."),
    ),
}


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
    given = {"name": name, "code": code, "in_service_on": in_service_on}
    return await add_system(work, "createSystem", unit, given, parent_system_id)


async def add_system(
    work: Work, action: str, unit: Organisation, given: Mapping[str, Any], parent_system_id: UUID | None = None
) -> System:
    """A new system of ``unit``, from the fields of its record; ``action`` is the mutation that enters it.

    Raises: Refusal(NOT_FOUND, INVALID_INPUT).
    """
    checks = Checks()
    record, problems = read_record(SystemRecord, given)
    checks.problems += problems + absent(record, REQUIRED, problems)
    if unit.kind is not OrganisationKind.UNIT:
        checks.wrong("unitId", "只有运营使用单位可以登记信息系统。", "Only units run systems.")
    parent = None
    if parent_system_id is not None:
        parent = await _parent(work, checks, parent_system_id, None)
    await _code_is_free(work, checks, record.code, unit.id, None)
    checks.done()
    system = System(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        version=1,
        unit_id=unit.id,
        name=record.name,
        code=record.code,
        in_service_on=record.in_service_on,
        parent_system_id=parent.id if parent else None,
    )
    work.session.add(system)
    await work.session.flush()
    work.record(action, system, after=_shown(system, ("name", "code", "in_service_on", "parent_system_id")))
    return system


async def update_system(
    work: Work,
    *,
    system_id: UUID,
    version: int | None = None,
    name: str | None = None,
    code: str | None = None,
    in_service_on: dt.date | None = None,
    parent_system_id: UUID | None = None,
    without_parent_system: bool = False,
) -> System:
    """Change what is given of a system in use.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("updateSystem")
    system = await work.load(System, system_id, field="systemId", version=require_version(version))
    work.require_own(system.unit_id)
    require_in_use(system)
    given: dict[str, Any] = {"name": name, "code": code, "in_service_on": in_service_on}
    given = {field: value for field, value in given.items() if value is not None}
    checks = Checks()
    record, problems = read_record(SystemRecord, given)
    checks.problems += problems + absent(record, [field for field in REQUIRED if field in given], problems)
    changes: dict[str, Any] = {field: getattr(record, field) for field in given}
    if parent_system_id is not None:
        changes["parent_system_id"] = (await _parent(work, checks, parent_system_id, system)).id
    elif without_parent_system:
        changes["parent_system_id"] = None
    await _code_is_free(work, checks, record.code, system.unit_id, system)
    checks.done()
    _change(work, "updateSystem", system, changes)
    return system


async def retire_system(
    work: Work, *, system_id: UUID, version: int | None = None, retired_on: dt.date | None = None
) -> System:
    """Take a system out of use, today or on an earlier day; nothing new can be graded or filed for it.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT, CONFLICT).
    """
    work.require("retireSystem")
    system = await work.load(System, system_id, field="systemId", version=version)
    work.require_own(system.unit_id)
    require_in_use(system)
    day = retired_on or local_date(work.now)
    checks = Checks()
    if day > local_date(work.now):
        checks.wrong("retiredOn", "停用日期不得晚于今天。", "A system cannot be retired in advance.")
    if system.in_service_on is not None and day < system.in_service_on:
        checks.wrong("retiredOn", "停用日期不得早于投入运行日期。", "It cannot have ended before it was in service.")
    checks.done()
    await _nothing_under_way(work, system)
    _change(work, "retireSystem", system, {"retired_on": day})
    return system


async def set_system_importance(work: Work, *, system_id: UUID, important: bool, version: int | None = None) -> System:
    """Mark a system important (重要信息系统), or no longer so.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, CONFLICT).
    """
    work.require("setSystemImportance")
    system = await work.load(System, system_id, field="systemId", version=version)
    require_in_use(system)
    _change(work, "setSystemImportance", system, {"important": important})
    await work.session.execute(
        update(Assessment)
        .where(Assessment.tenant_id == system.tenant_id, Assessment.system_id == system.id)
        .values(important=important)
    )
    settle_importance(system, local_date(work.now))
    return system


def require_in_use(system: System) -> None:
    """Refuse what cannot be done for a retired system. Raises: Refusal(INVALID_STATE)."""
    if system.retired_on is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            f"该系统已于 {system.retired_on} 停用,不能再办理此事。",
            f"The system was retired on {system.retired_on}; this can no longer be done for it.",
            "systemId",
        )


async def _parent(work: Work, checks: Checks, key: UUID, system: System | None) -> System:
    """The system that it is to be part of: in use, and itself no part of it, at whatever depth.

    Each system above is locked on the way: of two changes that would close a circle together, one fails.
    """
    above = parent = await work.load(System, key, field="parentSystemId")
    if parent.retired_on is not None:
        checks.wrong("parentSystemId", "上级系统已停用,请另选。", "That system is retired; choose another.")
    while system is not None:
        if above.id == system.id:
            checks.wrong(
                "parentSystemId",
                "该系统是本系统的分系统,不能反过来作为上级系统。请另选。",
                "That system is part of this one, directly or not; choose another.",
            )
            break
        if above.parent_system_id is None:
            break
        above = await work.session.get_one(System, (above.tenant_id, above.parent_system_id), with_for_update=True)
    return parent


async def _code_is_free(work: Work, checks: Checks, code: str | None, unit_id: UUID, system: System | None) -> None:
    if code is None:
        return
    holder = await work.session.scalar(
        select(System.id).where(
            System.tenant_id == work.caller.tenant_id, System.unit_id == unit_id, System.code == code
        )
    )
    if holder is not None and (system is None or holder != system.id):
        checks.wrong(
            "code", "本单位已有此编号的系统,请另行编号。", "The unit has a system with this code; choose another."
        )


async def _nothing_under_way(work: Work, system: System) -> None:
    """No filing, assessment or part of the system is under way or in use. Raises: Refusal(INVALID_STATE)."""
    filing = await work.session.scalar(
        select(Filing).where(
            Filing.tenant_id == system.tenant_id, Filing.system_id == system.id, Filing.state.in_(FIRST)
        )
    )
    if filing is not None:
        remedy = FIRST[filing.state]
        raise _not_yet(
            f"该系统有办理中的备案(当前状态:{filing.state.zh})。{remedy.zh}",
            f"A filing of the system is under way (its state is {filing.state.value}). {remedy.en}",
        )
    assessment = await work.session.scalar(
        select(Assessment.state).where(
            Assessment.tenant_id == system.tenant_id,
            Assessment.system_id == system.id,
            Assessment.state.not_in(ENDED),
        )
    )
    if assessment is not None:
        raise _not_yet(
            f"该系统有进行中的等级测评(当前状态:{assessment.zh})。请先由其组织方取消,或待其办结。",
            f"An assessment of the system is under way (its state is {assessment.value}). "
            "Have it called off by who organised it, or wait for its end.",
        )
    part = await work.session.scalar(
        select(System.name)
        .where(System.tenant_id == system.tenant_id, System.parent_system_id == system.id, System.retired_on.is_(None))
        .limit(1)
    )
    if part is not None:
        raise _not_yet(
            "该系统尚有在用的分系统。请先停用分系统,或为其另定上级系统。",
            "Parts of the system are still in use. Retire them first, or give them another parent.",
        )


def _not_yet(zh: str, en: str) -> Refusal:
    return refuse(ErrorCode.INVALID_STATE, zh, en, "systemId")


def _change(work: Work, action: str, system: System, changes: dict[str, Any]) -> None:
    before = _shown(system, changes)
    for field, value in changes.items():
        setattr(system, field, value)
    system.version += 1
    work.record(action, system, before=before, after=_shown(system, changes))


def _shown(system: System, fields: Any) -> dict[str, Any]:
    """The fields' values as the audit trail keeps them."""
    shown = {field: getattr(system, field) for field in fields}
    return {field: value if isinstance(value, bool) or value is None else str(value) for field, value in shown.items()}
