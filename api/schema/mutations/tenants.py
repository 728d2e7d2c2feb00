"""What a city decides for itself (租户设置)."""

import strawberry

from api.schema.city import Tenant
from api.schema.common import BigInt
from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload
from domain.grading.levels import MatrixEdition
from domain.panels.voting import Majority, TieRule
from domain.tenants import settings


@strawberry.input(description="租户设置;只改所给各项 / settings; what is given is changed")
class SetTenantSettingsInput:
    """The settings to change."""

    version: int | None = may("必填:读取时的版本", "required: the version that was read")
    panel_quorum: int | None = may("专家评审法定人数", "how many opinions a conclusion needs")
    panel_majority: Majority | None = may("表决多数", "how many of them have to agree")
    panel_tie_rule: TieRule | None = may("未达多数时的规则", "what holds where no level has the majority")
    grading_matrix: MatrixEdition | None = may(
        "定级矩阵版本,用于此后保存的定级", "the matrix of gradings saved from now on"
    )
    person_storage_quota: BigInt | None = may("每人存储配额(字节)", "how many bytes one person may upload")
    retention_years: int | None = may(
        "文件保存年限,用于此后提交的文件", "for how many years files handed in from now on are kept"
    )
    idempotency_key: str | None = key()


TenantPayload = payload("TenantPayload", "tenant", Tenant, "城市", "the city")


@strawberry.type
class TenantMutations:
    """What a city decides for itself."""

    set_tenant_settings: TenantPayload = mutation(
        Run(settings.set_tenant_settings, entity("tenant")),
        SetTenantSettingsInput,
        "修改租户设置(市管理员) / change the city's settings (city admin)",
    )
