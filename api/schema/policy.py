"""The city's policy (权限): what each duty may do now, and how that has changed."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import strawberry

from api.http.errors import unauthenticated
from api.reads.sources import column, entity, global_id, to_one
from api.schema.city import User
from api.schema.common import Node
from authz.envelope import FIXED, is_shipped
from authz.permissions import PERMISSIONS, holders
from domain.access import Duty, Role
from domain.policy.entities import PolicyChange as PolicyChangeRow

if TYPE_CHECKING:
    from api.execution.platform import Platform
    from api.http.operations import Context


@entity(PolicyChangeRow, "pol")
@strawberry.type(description="权限变更 / one change of the city's policy")
class PolicyChange(Node):
    """One change of the city's policy."""

    id: strawberry.ID = global_id("pol")
    operation: str = column("operation", "操作 / the mutation")
    role: Role = column("role", "角色 / whose role")
    duty: Duty | None = column("duty", "职责,空为整个角色 / which duty; null: the whole role")
    allowed: bool = column("allowed", "允许或不再允许 / allowed, or no longer")
    reason: str = column("reason", "理由 / why")
    changed_by: User | None = to_one("changed_by_id", "变更人 / who changed it")
    created_at: dt.datetime = column("created_at", "时间 / when")


@strawberry.type(description="某职责对某操作的现行权限 / what a duty may do now")
class Permission:
    """What a duty may do now."""

    operation: str = strawberry.field(description="操作 / the mutation")
    role: Role = strawberry.field(description="角色 / role")
    duty: Duty = strawberry.field(description="职责 / duty")
    allowed: bool = strawberry.field(description="现在是否允许 / whether it is allowed now")
    shipped: bool = strawberry.field(description="平台出厂是否允许 / whether the platform's own policy allows it")
    fixed: bool = strawberry.field(description="本市不得变更 / whether no city may change it")


async def permissions(platform: "Platform", context: "Context", given: Mapping[str, Any]) -> list[Permission]:
    """Every operation with every duty of the roles that it is for."""
    caller = context.caller
    if caller is None:
        raise unauthenticated()
    return [
        Permission(
            operation=operation,
            role=role,
            duty=duty,
            allowed=platform.authority.decided(caller.tenant_id, role, duty, operation),
            shipped=is_shipped((role, duty), operation) or is_shipped((role, None), operation),
            fixed=operation in FIXED,
        )
        for operation, subjects in sorted(PERMISSIONS.items())
        for role, duty in holders()
        if role in {each for each, _ in subjects} and given.get("operation") in {None, operation}
    ]
