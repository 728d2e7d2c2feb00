"""What is done with systems (信息系统)."""

import datetime as dt

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, says
from api.schema.systems import System
from domain.systems import use_cases as systems


@strawberry.input(description="登记信息系统 / entering a system")
class CreateSystemInput:
    """Entering a system."""

    name: str = says("名称", "name")
    code: str = says("单位自编编号", "the unit's own number for it")
    in_service_on: dt.date | None = may("投入运行日期", "in service since")
    parent_system_id: strawberry.ID | None = may_ref("sys", "上级系统", "the system it is part of")
    unit_id: strawberry.ID | None = may_ref(
        "org", "为下属单位登记时的单位", "the unit, when entered for a supervised one"
    )
    idempotency_key: str | None = key()


SystemPayload = payload("SystemPayload", "system", System, "信息系统", "the system")


@strawberry.type
class SystemMutations:
    """What is done with systems."""

    create_system: SystemPayload = mutation(
        Run(systems.create_system, entity("system")), CreateSystemInput, "登记信息系统(填报人) / enter a system (filer)"
    )
