"""How much may be uploaded (存储配额): by a person, and by all of a city.

What a person has is one row, locked while more is asked for: two requests at once cannot both have what is left. The
city's is the sum over its people as it was committed. Files that are stored once for several people count for each.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from domain.documents.entities import Document, StorageUse
from domain.errors import ErrorCode, refuse
from domain.tenants.entities import TenantSettings
from domain.work import Work

GIB = 1 << 30


async def reserve(work: Work, size: int) -> None:
    """Count ``size`` bytes as the caller's. Raises: Refusal(UPLOAD_REJECTED) when it is more than is left."""
    await reserve_for(work.session, work.caller.tenant_id, work.caller.user_id, size, work.now)


async def reserve_for(session: AsyncSession, tenant: UUID, person: UUID, size: int, now: dt.datetime) -> None:
    """Count ``size`` bytes as a person's. Raises: Refusal(UPLOAD_REJECTED) when it is more than is left."""
    settings = await session.get_one(TenantSettings, (tenant, tenant))
    added = insert(StorageUse).values(tenant_id=tenant, id=person, created_at=now, bytes=size)
    added = added.on_conflict_do_update(index_elements=["tenant_id", "id"], set_={"bytes": StorageUse.bytes + size})
    used = await session.scalar(added.returning(StorageUse.bytes)) or 0
    if used > settings.person_storage_quota:
        raise refuse(
            ErrorCode.UPLOAD_REJECTED,
            f"您上传的文件总量超过配额({_gib(settings.person_storage_quota)})。请联系管理员提高配额。",
            f"Your uploads would exceed your quota ({_gib(settings.person_storage_quota)}). Ask your administrator "
            "to raise it.",
            "size",
        )
    whole = await session.scalar(select(func.sum(StorageUse.bytes)).where(StorageUse.tenant_id == tenant))
    if (whole or 0) > settings.storage_quota:
        raise refuse(
            ErrorCode.UPLOAD_REJECTED,
            "本市文件总量已达配额。请联系平台运维提高配额。",
            "The city's files have reached their quota. Ask the platform's operator to raise it.",
            "size",
        )


async def release(session: AsyncSession, document: Document) -> None:
    """The document's bytes are no longer its uploader's."""
    await session.execute(
        update(StorageUse)
        .where(StorageUse.tenant_id == document.tenant_id, StorageUse.id == document.uploaded_by_id)
        .values(bytes=func.greatest(StorageUse.bytes - document.size, 0))
    )


def _gib(size: int) -> str:
    return f"{size / GIB:g} GiB"
