"""The trail as files for an outsider, who checks them without us (``clients/audit_verifier.py``)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.checkpoints import Checkpoint
from domain.audit.content import LINES
from domain.audit.entities import AuditSeal
from domain.audit.merkle import moment
from domain.audit.sealing import BEFORE_ALL

AFTER_ALL = 2**63 - 1
IN_STEPS = {"yield_per": 500}


async def write_trail(
    session: AsyncSession, tenant_id: UUID, checkpoints: Sequence[Checkpoint], folder: Path
) -> tuple[int, int]:
    """Write ``events.jsonl``, ``seals.jsonl`` and ``checkpoints.jsonl``; how many events and seals."""
    # The operator's command does nothing else meanwhile.
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240
    events = seals = 0
    with (folder / "events.jsonl").open("w", encoding="utf-8") as file:
        given = {"tenant": tenant_id, "after": BEFORE_ALL, "through": AFTER_ALL}
        async for event in await session.stream(LINES, given, execution_options=IN_STEPS):
            file.write(event.content + "\n")
            events += 1
    with (folder / "seals.jsonl").open("w", encoding="utf-8") as file:
        query = select(AuditSeal).where(AuditSeal.tenant_id == tenant_id).order_by(AuditSeal.number)
        async for seal in await session.stream_scalars(query.execution_options(**IN_STEPS)):
            file.write(json.dumps(shown(seal)) + "\n")
            seals += 1
    with (folder / "checkpoints.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(checkpoint)) + "\n" for checkpoint in checkpoints)
    return events, seals


def shown(seal: AuditSeal) -> dict[str, str | int]:
    """A seal as outsiders read it: all that enters its root, and the root."""
    return {
        "tenant": str(seal.tenant_id),
        "number": seal.number,
        "former_root": seal.former_root,
        "tree": seal.tree,
        "events": seal.events,
        "total": seal.total,
        "at": moment(seal.created_at),
        "root": seal.root,
    }
