"""What the city's administrator does with its policy (权限)."""

import strawberry

from api.schema.mutations.adapter import Run, entity, key, may, mutation, payload, says
from api.schema.policy import PolicyChange
from domain.access import Duty, Role
from domain.policy import use_cases as policy


@strawberry.input(description="变更权限 / allowing an operation to a duty, or no longer")
class SetPermissionInput:
    """Allowing an operation to a duty, or no longer."""

    role: Role = says("角色", "whose role")
    duty: Duty | None = may("职责,不填为整个角色", "which duty; the whole role without")
    operation: str = says("操作(变更的名称)", "the mutation's name")
    allowed: bool = says("允许,或不再允许", "allowed, or no longer")
    reason: str = says("理由", "why")
    idempotency_key: str | None = key()


PolicyChangePayload = payload("PolicyChangePayload", "policy_change", PolicyChange, "权限变更", "the change")


@strawberry.type
class PolicyMutations:
    """What the city's administrator does with its policy."""

    set_permission: PolicyChangePayload = mutation(
        Run(policy.set_permission, entity("policyChange"), changes_access=True),
        SetPermissionInput,
        "变更本市的权限策略,限平台允许的范围,即时生效(市管理员) / change the city's policy within what the platform "
        "allows, at once (city admin)",
    )
