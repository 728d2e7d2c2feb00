"""Background work on the audit trail."""

from __future__ import annotations

from domain.audit.checkpoints import keep_checkpoint
from domain.audit.sealing import seal_events
from domain.background import Background, TaskFailure


async def seal(background: Background) -> None:
    """Seal what was written since the last time."""
    await seal_events(background.session, background.tenant_id, background.now)


async def checkpoint(background: Background) -> None:
    """Seal, and put a signed checkpoint of the chain's head under object lock."""
    await seal_events(background.session, background.tenant_id, background.now)
    signer = background.signer
    if signer is None:
        raise TaskFailure("this process has no key to sign with", final=True)
    await keep_checkpoint(background.session, background.tenant_id, background.files, signer, background.now)
