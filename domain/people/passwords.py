"""Passwords: argon2id with OWASP's parameters; hashing runs beside the event loop, a few at a time."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# 19 MiB and two passes, on one lane: OWASP's recommendation; at most two at once, so that sign-ins stay bounded.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_at_once = asyncio.Semaphore(2)
MIN_LENGTH = 10
MAX_LENGTH = 200

# What an unknown person's password is checked against, so that it takes as long as a known one's.
NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The hash to keep of a password."""
    return _hasher.hash(password)


async def verify_password(kept: str, password: str) -> bool:
    """Whether ``password`` is the one behind the hash ``kept``."""
    async with _at_once:
        return await asyncio.to_thread(_matches, kept, password)


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
