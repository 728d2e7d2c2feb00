"""What is done with systems (信息系统)."""

import datetime as dt

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, may_ref, mutation, payload, ref, says, version
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


@strawberry.input(description="变更信息系统;未给出的项不变 / changing a system; what is not given stays")
class UpdateSystemInput:
    """Changing a system."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    name: str | None = may("名称", "name")
    code: str | None = may("单位自编编号", "the unit's own number for it")
    in_service_on: dt.date | None = may("投入运行日期", "in service since")
    parent_system_id: strawberry.ID | None = may_ref("sys", "上级系统", "the system it is part of")
    without_parent_system: bool | None = may("不再是分系统", "it is no longer part of another")
    idempotency_key: str | None = key()


@strawberry.input(description="停用信息系统 / retiring a system")
class RetireSystemInput:
    """Retiring a system."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    retired_on: dt.date | None = may("停用日期,默认今天", "retired on, today by default")
    version: int | None = version()
    idempotency_key: str | None = key()


@strawberry.input(description="标定重要信息系统 / marking a system important, or not")
class SetSystemImportanceInput:
    """Marking a system important, or not."""

    system_id: strawberry.ID = ref("sys", "信息系统", "the system")
    important: bool = says("是否重要信息系统", "whether it is important")
    version: int | None = version()
    idempotency_key: str | None = key()


SystemPayload = payload("SystemPayload", "system", System, "信息系统", "the system")

_system = entity("system")


@strawberry.type
class SystemMutations:
    """What is done with systems."""

    create_system: SystemPayload = mutation(
        Run(systems.create_system, _system), CreateSystemInput, "登记信息系统(填报人) / enter a system (filer)"
    )
    update_system: SystemPayload = mutation(
        Run(systems.update_system, _system), UpdateSystemInput, "变更信息系统(填报人) / change a system (filer)"
    )
    retire_system: SystemPayload = mutation(
        Run(systems.retire_system, _system), RetireSystemInput, "停用信息系统(填报人) / retire a system (filer)"
    )
    set_system_importance: SystemPayload = mutation(
        Run(systems.set_system_importance, _system),
        SetSystemImportanceInput,
        "标定重要信息系统(市经办人) / mark a system important, or not (city officer)",
    )
