"""A city changes its policy (权限变更) within what the platform allows; every change is kept, with who and why."""

from __future__ import annotations

from sqlalchemy import delete, select

from domain.access import Duty, Role
from domain.checks import Checks
from domain.errors import ErrorCode, Problem, Refusal
from domain.policy.entities import PolicyChange, PolicyRule
from domain.tenants.entities import TenantSettings
from domain.text import Text
from domain.work import Work


async def set_permission(
    work: Work, *, role: Role, operation: str, allowed: bool, reason: str, duty: Duty | None = None
) -> PolicyChange:
    """Allow ``operation`` to a role's duty (None: to the whole role), or no longer.

    It holds on every worker as soon as they hear of it, well within a second. Changes of one city come one after the
    other, so that two cannot do together what neither may do alone.
    Raises: Refusal(FORBIDDEN, INVALID_INPUT, INVALID_STATE).
    """
    work.require("setPermission")
    tenant = work.caller.tenant_id
    await work.session.get_one(TenantSettings, (tenant, tenant), with_for_update=True)
    checks = Checks()
    why = checks.text(reason, "reason", required=True) or ""
    rules = await work.session.execute(
        select(PolicyRule.subject, PolicyRule.action).where(PolicyRule.tenant_id == tenant)
    )
    lines = frozenset((row.subject, row.action) for row in rules)
    acting, held = Role[role], Duty[duty] if duty else None
    subject = f"{acting}.{held}" if held else str(acting)
    objection = work.access.objection(lines, acting, held, operation, allowed=allowed)
    if objection is not None:
        checks.problems.append(Problem(ErrorCode.INVALID_INPUT, objection, "operation"))
    checks.done()
    if ((subject, operation) in lines) is allowed:
        raise Refusal(Problem(ErrorCode.INVALID_STATE, _already(allowed=allowed), "allowed"))
    if allowed:
        work.session.add(PolicyRule(tenant_id=tenant, subject=subject, action=operation))
    else:
        await work.session.execute(
            delete(PolicyRule).where(
                PolicyRule.tenant_id == tenant, PolicyRule.subject == subject, PolicyRule.action == operation
            )
        )
    made = PolicyChange(
        tenant_id=tenant,
        created_at=work.now,
        operation=operation,
        role=acting,
        duty=held,
        allowed=allowed,
        reason=why,
        changed_by_id=work.caller.user_id,
    )
    work.session.add(made)
    await work.session.flush()
    shown = {"operation": operation, "subject": subject}
    work.record(
        "setPermission",
        made,
        before={**shown, "allowed": not allowed},
        after={**shown, "allowed": allowed, "reason": why},
    )
    return made


def _already(*, allowed: bool) -> Text:
    if allowed:
        return Text("该项已经允许。", "This is allowed already.")
    return Text(
        "没有这一条授权可撤销;若经由整个角色取得,请撤销角色的授权并授予各职责。",
        "There is no such line. Where it comes with the whole role, allow its duties and take back the role's.",
    )
