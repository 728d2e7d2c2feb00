"""How many accounts a city may have (租户限额); what it may store is in ``domain/documents/quotas.py``."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ErrorCode, Problem
from domain.people.entities import User
from domain.tenants.entities import Tenant
from domain.text import Text

FULL_OF_USERS = Text(
    "本市账户数已达上限 {most}。请停用不再使用的账户,或联系平台运维人员。",
    "The city has reached its limit of {most} accounts. Disable those no longer used, or ask the platform's operator.",
)


async def room_for_user(session: AsyncSession, tenant_id: UUID, field: str = "username") -> list[Problem]:
    """A problem where the city can have no further account; two who ask at once are asked one after the other."""
    query = select(Tenant.most_users).where(Tenant.id == tenant_id)
    most = await session.scalar(query)
    if most is None:
        return []
    await _one_at_a_time(session, tenant_id)
    there = await session.scalar(
        select(func.count()).select_from(User).where(User.tenant_id == tenant_id, User.disabled_at.is_(None))
    )
    return [Problem(ErrorCode.CONFLICT, FULL_OF_USERS.format(most=most), field)] if (there or 0) >= most else []


async def _one_at_a_time(session: AsyncSession, tenant_id: UUID) -> None:
    key = func.hashtextextended(f"limits {tenant_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))
