"""Requests sent twice: the same key with the same input gets the first answer again, and nothing is done twice."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from domain.audit.entities import IdempotencyKey
from domain.errors import ErrorCode, refuse
from domain.work import Work

MAX_KEY = 200


async def recall(work: Work, action: str, key: str, given: Any) -> dict[str, Any] | None:
    """The answer kept under ``key``; None: this is the first request, and ``keep`` has to follow.

    Waits while a request with the same key is under way.
    Raises: Refusal(INVALID_INPUT) for a key that is too long, or was used with another input.
    """
    if not 0 < len(key) <= MAX_KEY:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            f"幂等键须为 1 至 {MAX_KEY} 个字符。",
            f"An idempotency key has from 1 to {MAX_KEY} characters.",
            "idempotencyKey",
        )
    row = {
        "tenant_id": work.caller.tenant_id,
        "user_id": work.caller.user_id,
        "action": action,
        "key": key,
    }
    digest = _digest(given)
    taken = await work.session.scalar(
        insert(IdempotencyKey)
        .values(**row, input_digest=digest, answer={}, created_at=work.now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if taken is not None:
        return None
    kept = await work.session.get_one(IdempotencyKey, tuple(row.values()))
    if kept.input_digest != digest:
        raise refuse(
            ErrorCode.INVALID_INPUT,
            "该幂等键已用于另一请求。请换用新的键。",
            "This idempotency key was used with another input. Take a new one.",
            "idempotencyKey",
        )
    return kept.answer


async def keep(work: Work, action: str, key: str, answer: dict[str, Any]) -> None:
    """Keep the answer to the request that ``recall`` let through."""
    await work.session.execute(
        update(IdempotencyKey)
        .where(
            IdempotencyKey.tenant_id == work.caller.tenant_id,
            IdempotencyKey.user_id == work.caller.user_id,
            IdempotencyKey.action == action,
            IdempotencyKey.key == key,
        )
        .values(answer=answer)
    )


def _digest(given: Any) -> str:
    return hashlib.sha256(json.dumps(given, sort_keys=True, default=str).encode()).hexdigest()
