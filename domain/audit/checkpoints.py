"""Checkpoints (检查点): the head of a tenant's chain, signed, kept under object lock where the platform cannot undo it.

The chain alone does not show that its end was cut off. A checkpoint does, wherever a copy of it is kept.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.entities import AuditSeal
from domain.audit.merkle import checkpoint_statement, moment
from domain.audit.sealing import last_seal
from domain.ports import Files, Signer

# Logs are to be kept for six months at least (Cybersecurity Law art. 21 (3)); ours as long as what was submitted.
KEPT = dt.timedelta(days=3650)
MEDIA_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of where the chain stood; ``signature`` and ``key`` in hex, ``at`` as it was signed."""

    tenant: str
    number: int
    root: str
    total: int
    at: str
    key: str
    signature: str

    def is_signed_by(self, key: str) -> bool:
        """Whether the signature is good under the public key ``key``, in hex."""
        at = dt.datetime.fromisoformat(self.at)
        statement = checkpoint_statement(UUID(self.tenant), self.number, self.root, self.total, at)
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(self.signature), statement)
        except (InvalidSignature, ValueError):
            return False
        return True


def folder(tenant_id: UUID) -> str:
    """Where a tenant's checkpoints are kept in the object store."""
    return f"{tenant_id}/audit/checkpoints/"


def sign_head(seal: AuditSeal, signer: Signer, now: dt.datetime) -> Checkpoint:
    """The checkpoint of a seal."""
    statement = checkpoint_statement(seal.tenant_id, seal.number, seal.root, seal.total, now)
    return Checkpoint(
        tenant=str(seal.tenant_id),
        number=seal.number,
        root=seal.root,
        total=seal.total,
        at=moment(now),
        key=signer.public_key,
        signature=signer.sign(statement),
    )


async def keep_checkpoint(
    session: AsyncSession, tenant_id: UUID, files: Files, signer: Signer, now: dt.datetime
) -> Checkpoint | None:
    """Sign the chain's head and lock it away, unless it was done already; None where there is nothing to sign."""
    head = await last_seal(session, tenant_id)
    if head is None:
        return None
    key = f"{folder(tenant_id)}{head.number:010}.json"
    if await files.stat(key) is None:
        made = sign_head(head, signer, now)
        await files.put(key, json.dumps(asdict(made)).encode(), MEDIA_TYPE, until=now + KEPT)
        return made
    return Checkpoint(**json.loads(await files.read(key)))


async def kept_checkpoints(tenant_id: UUID, files: Files) -> list[Checkpoint]:
    """What the object store has kept, by number."""
    keys = await files.keys(folder(tenant_id))
    return [Checkpoint(**json.loads(await files.read(key))) for key in keys]
