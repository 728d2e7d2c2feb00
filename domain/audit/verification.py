"""Is the trail what was sealed? Every event, every seal and every kept checkpoint is gone through again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.checkpoints import Checkpoint
from domain.audit.content import LINES
from domain.audit.entities import AuditSeal
from domain.audit.merkle import NOTHING, Tree, leaf, seal_root
from domain.audit.sealing import BEFORE_ALL

# Findings beyond are counted and not told: one deleted event can be told of a thousand.
TOLD = 100


@dataclass(slots=True)
class Verdict:
    """How many seals, events and checkpoints were gone through, and what is wrong, each in a sentence."""

    seals: int = 0
    events: int = 0
    checkpoints: int = 0
    wrong: list[str] = field(default_factory=list)
    untold: int = 0

    def add(self, finding: str) -> None:
        """Something is wrong."""
        if len(self.wrong) < TOLD:
            self.wrong.append(finding)
        else:
            self.untold += 1

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong


async def verify_trail(
    session: AsyncSession, tenant_id: UUID, checkpoints: Sequence[Checkpoint], *keys: str
) -> Verdict:
    """Go through a tenant's trail; ``keys`` are the public keys of which one has to have signed each checkpoint."""
    verdict = Verdict()
    roots: dict[int, tuple[str, int]] = {}
    former = AuditSeal(number=0, root=NOTHING, total=0, through=BEFORE_ALL)
    async for seal in _seals(session, tenant_id):
        await _check_events(session, former, seal, verdict)
        _check_chain(former, seal, verdict)
        roots[seal.number] = (seal.root, seal.total)
        former = seal
        verdict.seals += 1
    for checkpoint in checkpoints:
        _check_checkpoint(checkpoint, tenant_id, roots, keys, verdict)
    return verdict


async def _seals(session: AsyncSession, tenant_id: UUID) -> AsyncIterator[AuditSeal]:
    query = select(AuditSeal).where(AuditSeal.tenant_id == tenant_id).order_by(AuditSeal.number)
    async for seal in await session.stream_scalars(query.execution_options(yield_per=500)):
        yield seal


async def _check_events(session: AsyncSession, former: AuditSeal, seal: AuditSeal, verdict: Verdict) -> None:
    tree = Tree()
    given = {"tenant": seal.tenant_id, "after": former.through, "through": seal.through}
    async for event in await session.stream(LINES, given, execution_options={"yield_per": 500}):
        if leaf(event.content) != event.digest:
            verdict.add(f"event {event.id} was changed: what it says does not give its digest")
        tree.add(event.digest)
    verdict.events += tree.size
    if tree.size != seal.events:
        fate = "missing" if tree.size < seal.events else "added"
        verdict.add(f"seal {seal.number} is of {seal.events} events and {tree.size} are there: some are {fate}")
    elif tree.root() != seal.tree:
        verdict.add(f"seal {seal.number} is of other events, or of the same in another order")


def _check_chain(former: AuditSeal, seal: AuditSeal, verdict: Verdict) -> None:
    if seal.number != former.number + 1:
        verdict.add(f"after seal {former.number} comes {seal.number}: seals are missing")
    elif seal.former_root != former.root or seal.total != former.total + seal.events:
        verdict.add(f"seal {seal.number} does not follow from seal {former.number}")
    expected = seal_root(
        seal.tenant_id, seal.number, seal.former_root, seal.tree, seal.events, seal.total, seal.created_at
    )
    if seal.root != expected:
        verdict.add(f"seal {seal.number} was changed: what it says does not give its root")


def _check_checkpoint(
    checkpoint: Checkpoint, tenant_id: UUID, roots: dict[int, tuple[str, int]], keys: Sequence[str], verdict: Verdict
) -> None:
    verdict.checkpoints += 1
    what = f"checkpoint {checkpoint.number} of {checkpoint.at}"
    if not any(map(checkpoint.is_signed_by, keys)) or checkpoint.tenant != str(tenant_id):
        verdict.add(f"{what} is not signed by this platform for this city")
    elif checkpoint.number not in roots:
        verdict.add(f"{what} names a seal that is not there: the end of the trail was cut off")
    elif roots[checkpoint.number] != (checkpoint.root, checkpoint.total):
        verdict.add(f"{what} has another root than its seal: the trail was written anew")
