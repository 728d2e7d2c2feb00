"""Refused attempts in the trail: each in a transaction of its own, and never more than an attacker's disk is worth.

Whoever is refused again and again gets ``EACH`` events within ``WINDOW``; what follows is counted in memory, and one
event at the window's end says how much it was. Sign-ins that failed count for the account that they named, or together
for a whole city where there is no such account. So do tokens and keys that are refused: of a session that has ended,
for another's membership; what we did not sign names nobody, and is in the log alone.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.errors import Code
from api.reads.listings import prefix_of, uuid_of
from api.reads.sources import registry
from domain.access import Caller
from domain.audit.entities import AuditEvent, AuditOutcome
from domain.audit.origin import ORIGIN, Origin
from domain.errors import Problem
from storage.database import UNREACHABLE

log = structlog.get_logger(component="audit")

EACH = 50
WINDOW = dt.timedelta(minutes=10)
# Kinds of refusals that are told apart in what is counted together.
KINDS = 40
NAME_LENGTH = 64

Transaction = Callable[[UUID], AbstractAsyncContextManager[AsyncSession]]
Who = tuple[UUID, UUID | None]


@dataclass(frozen=True, slots=True)
class Refused:
    """One refused attempt: of whom, at what, why, and what the input named."""

    tenant_id: UUID
    action: str
    problems: Sequence[Problem] = ()
    caller: Caller | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    # Who it claimed to be, where nobody is signed in, and whose account that is, if anybody's.
    claimed: str | None = None
    account_id: UUID | None = None
    # Why, where it was refused before there was an input that could have problems.
    code: Code | None = None

    @property
    def user_id(self) -> UUID | None:
        """Who was refused, or whose account it was that somebody tried to get into."""
        return self.caller.user_id if self.caller else self.account_id

    @property
    def reason(self) -> str:
        """The codes of its problems."""
        if self.code is not None:
            return self.code.value
        return ", ".join(dict.fromkeys(problem.code.value for problem in self.problems))


@dataclass(slots=True)
class _Window:
    """What one person was refused lately."""

    recorded: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    ends: asyncio.Task[None] | None = None


class Refusals:
    """Records refused attempts of one worker."""

    def __init__(self, transaction: Transaction, *, each: int = EACH, window: dt.timedelta = WINDOW) -> None:
        self._transaction = transaction
        self._each = each
        self._window = window
        self._windows: dict[Who, _Window] = {}

    async def note(self, refused: Refused) -> None:
        """Record an attempt, or count it; that this fails does not change what the caller is answered."""
        who = (refused.tenant_id, refused.user_id)
        window = self._windows.get(who)
        if window is None:
            window = self._windows[who] = _Window()
            window.ends = asyncio.create_task(self._end(who))
        if window.recorded < self._each:
            window.recorded += 1
            await self._write(refused.tenant_id, lambda: _event(refused))
            return
        kind = f"{refused.action} {refused.reason}"
        window.counted[kind if kind in window.counted or len(window.counted) < KINDS else "…"] += 1

    async def close(self) -> None:
        """Write what was counted so far."""
        ends = [window.ends for window in self._windows.values() if window.ends]
        for task in ends:
            task.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
        for who in list(self._windows):
            await self._settle(who)

    async def _end(self, who: Who) -> None:
        # The task was started by one request, and speaks of many.
        ORIGIN.set(Origin())
        await asyncio.sleep(self._window.total_seconds())
        await self._settle(who)

    async def _settle(self, who: Who) -> None:
        window = self._windows.pop(who, None)
        if window is not None and window.counted:
            await self._write(who[0], lambda: _summary(who, window.counted))

    async def _write(self, tenant_id: UUID, make: Callable[[], AuditEvent]) -> None:
        try:
            async with self._transaction(tenant_id) as session:
                session.add(make())
        except (*UNREACHABLE, asyncpg.PostgresError, DBAPIError, TimeoutError) as error:
            log.warning("a refused attempt was not recorded", error=type(error).__name__)


def _event(refused: Refused) -> AuditEvent:
    caller = refused.caller
    account = ("User", refused.account_id) if refused.account_id else None
    type_name, key = _subject(refused.given) or account or ("Tenant", refused.tenant_id)
    fields = sorted({problem.field for problem in refused.problems if problem.field})
    after: dict[str, Any] = {"fields": fields} if fields else {}
    if refused.claimed is not None:
        after["username"] = refused.claimed[:NAME_LENGTH]
    return AuditEvent(
        tenant_id=refused.tenant_id,
        created_at=dt.datetime.now(dt.UTC),
        action=refused.action,
        outcome=AuditOutcome.REFUSED,
        reason=refused.reason,
        user_id=refused.user_id,
        membership_id=caller.membership_id if caller else None,
        organisation_id=caller.organisation_id if caller else None,
        subject_type=type_name,
        subject_id=key,
        after=after or None,
    )


def _summary(who: Who, counted: Counter[str]) -> AuditEvent:
    """Many attempts in one event; from where is not said, as they need not have come from one place."""
    tenant_id, user_id = who
    return AuditEvent(
        tenant_id=tenant_id,
        created_at=dt.datetime.now(dt.UTC),
        action="repeatedlyRefused",
        outcome=AuditOutcome.REFUSED,
        attempts=counted.total(),
        user_id=user_id,
        subject_type="Tenant",
        subject_id=tenant_id,
        after=dict(counted.most_common()),
    )


def _subject(given: Mapping[str, Any]) -> tuple[str, UUID] | None:
    """What the input's first id names, whether or not there is such a thing."""
    for value in given.values():
        prefix = prefix_of(value)
        if prefix is not None and prefix in registry.by_prefix:
            name = registry.by_prefix[prefix]
            key = uuid_of(prefix)(value)
            if key is not None:
                return registry.by_type[name].model.__name__, key
    return None
