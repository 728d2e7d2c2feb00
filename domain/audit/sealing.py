"""The one sealer of a tenant's trail: after the commit, without keeping any writer waiting.

Writers insert events with their digest and the number of their transaction, and take no lock. The sealer takes those
of transactions that are older than the oldest one still running (so that none can come in between any more), in the
order of (transaction, id), and chains the root of their Merkle tree to the seal before. It never touches an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

import structlog
from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.entities import AuditEvent, AuditSeal
from domain.audit.merkle import NOTHING, Tree, seal_root
from domain.base import new_id

log = structlog.get_logger(component="audit")

# Events of one seal, unless a single transaction wrote more.
BATCH = 5_000
# An event that is not sealed by then waits for a transaction that has been running for too long.
LAG = dt.timedelta(minutes=15)
BEFORE_ALL = -(2**63)

# One sealer at a time; it is ours until the transaction ends.
OURS = text("SELECT pg_try_advisory_xact_lock(hashtextextended('audit seal ' || :tenant, 0))")
SETTLED = text(
    """
    SELECT digest, transaction FROM audit_events
    WHERE tenant_id = :tenant AND transaction > :after
      AND transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    ORDER BY transaction, id LIMIT :most
    """
)
OF_TRANSACTION = text(
    "SELECT digest, transaction FROM audit_events WHERE tenant_id = :tenant AND transaction = :number ORDER BY id"
)


async def seal_events(session: AsyncSession, tenant_id: UUID, now: dt.datetime, batch: int = BATCH) -> int:
    """Seal what can be sealed; how many events. Does nothing while another sealer is at it."""
    if not await session.scalar(OURS, {"tenant": str(tenant_id)}):
        return 0
    last, sealed = await last_seal(session, tenant_id), 0
    while events := await _settled(session, tenant_id, last.through if last else BEFORE_ALL, batch):
        last = _seal(tenant_id, last, events, now)
        session.add(last)
        await session.flush()
        sealed += len(events)
    await _warn_of_lag(session, tenant_id, last, now)
    return sealed


async def last_seal(session: AsyncSession, tenant_id: UUID) -> AuditSeal | None:
    """The head of the chain."""
    newest = select(AuditSeal).where(AuditSeal.tenant_id == tenant_id).order_by(AuditSeal.number.desc()).limit(1)
    return await session.scalar(newest)


async def unsealed(session: AsyncSession, tenant_id: UUID, last: AuditSeal | None) -> tuple[int, dt.datetime | None]:
    """How many events no seal covers yet, and when the oldest of them was written."""
    beyond = AuditEvent.transaction > (last.through if last else BEFORE_ALL)
    counted = select(func.count(), func.min(AuditEvent.created_at)).where(AuditEvent.tenant_id == tenant_id, beyond)
    count, oldest = (await session.execute(counted)).one()
    return count, oldest


async def _settled(session: AsyncSession, tenant_id: UUID, after: int, batch: int) -> Sequence[Row[tuple[str, int]]]:
    """The next events whose turn in the order is certain: whole transactions, about ``batch`` events."""
    given = {"tenant": tenant_id, "after": after, "most": batch + 1}
    events = (await session.execute(SETTLED, given)).all()
    if len(events) <= batch:
        return events
    cut = events[-1].transaction
    if events[0].transaction == cut:
        return (await session.execute(OF_TRANSACTION, {"tenant": tenant_id, "number": cut})).all()
    return [event for event in events if event.transaction != cut]


def _seal(
    tenant_id: UUID, last: AuditSeal | None, events: Sequence[Row[tuple[str, int]]], now: dt.datetime
) -> AuditSeal:
    tree = Tree()
    for event in events:
        tree.add(event.digest)
    number, total, former = (last.number + 1, last.total, last.root) if last else (1, 0, NOTHING)
    total += tree.size
    return AuditSeal(
        tenant_id=tenant_id,
        id=new_id(),
        created_at=now,
        number=number,
        events=tree.size,
        total=total,
        through=events[-1].transaction,
        tree=tree.root(),
        former_root=former,
        root=seal_root(tenant_id, number, former, tree.root(), tree.size, total, now),
    )


async def _warn_of_lag(session: AsyncSession, tenant_id: UUID, last: AuditSeal | None, now: dt.datetime) -> None:
    _, waiting = await unsealed(session, tenant_id, last)
    if waiting is not None and now - waiting > LAG:
        log.warning("sealing lags: a transaction runs for too long", tenant=str(tenant_id), since=waiting.isoformat())
