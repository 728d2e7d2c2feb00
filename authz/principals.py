"""From a session, or a program's key, to a ``Caller``: which memberships are in force, and which one is acted under."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from secrets import compare_digest
from typing import Any
from uuid import UUID

from authz.tokens import Claims
from domain.access import Caller, Duty, Role
from domain.people.service_accounts import ServiceKey

REMEMBERED = 10_000

# A session in force, its user and the memberships in force, the oldest first.
MEMBERSHIPS_OF_SESSION = """
SELECT m.id, m.user_id, m.role, m.duties, m.organisation_id, o.district_id, s.expires_at, u.must_change_password
FROM sign_in_sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
JOIN organisations o ON o.tenant_id = m.tenant_id AND o.id = m.organisation_id
WHERE s.tenant_id = $1 AND s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND s.expires_at > now()
  AND u.disabled_at IS NULL AND m.revoked_at IS NULL
ORDER BY m.id
"""
# A program's key in force, with the membership of its account.
MEMBERSHIP_OF_KEY = """
SELECT m.id, m.user_id, m.role, m.duties, m.organisation_id, o.district_id, k.expires_at, k.secret_digest, a.operations
FROM service_account_keys k
JOIN service_accounts a ON a.tenant_id = k.tenant_id AND a.id = k.service_account_id
JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.user_id
JOIN memberships m ON m.tenant_id = a.tenant_id AND m.id = a.membership_id
JOIN organisations o ON o.tenant_id = m.tenant_id AND o.id = m.organisation_id
WHERE k.tenant_id = $1 AND k.id = $2 AND k.revoked_at IS NULL AND k.expires_at > now()
  AND a.revoked_at IS NULL AND u.disabled_at IS NULL AND m.revoked_at IS NULL
"""

FetchRows = Callable[[UUID, str, Sequence[Any]], Awaitable[Sequence[Any]]]
# Session or key with its secret's digest, acting membership, language.
Key = tuple[UUID, str, UUID | None, str]
Known = tuple[Caller, dt.datetime]


class Principals:
    """Loads callers and remembers them until their session or key ends, or a notice says that people have changed.

    ``live`` tells whether notices arrive; while they do not, nothing is remembered.
    """

    def __init__(self, fetch_rows: FetchRows, live: Callable[[], bool]) -> None:
        self._fetch_rows = fetch_rows
        self._live = live
        self._callers: OrderedDict[Key, Known] = OrderedDict()
        self.generation = 0

    async def caller(self, claims: Claims, acting_as: UUID | None, language: str) -> Caller | None:
        """Who acts under the membership ``acting_as`` (None: the oldest), or None when nobody may."""

        async def load() -> Known | None:
            given = (claims.tenant_id, claims.session_id, claims.user_id)
            rows = await self._fetch_rows(claims.tenant_id, MEMBERSHIPS_OF_SESSION, given)
            row = next((row for row in rows if acting_as is None or row["id"] == acting_as), None)
            return row and _known(row, claims.tenant_id, claims.session_id, language, None)

        return await self._remembered((claims.session_id, "", acting_as, language), load)

    async def program(self, key: ServiceKey, acting_as: UUID | None, language: str) -> Caller | None:
        """The program that holds ``key``, under its account's one membership; None when the key is not good."""

        async def load() -> Known | None:
            rows = await self._fetch_rows(key.tenant_id, MEMBERSHIP_OF_KEY, (key.tenant_id, key.key_id))
            row = next((row for row in rows if acting_as is None or row["id"] == acting_as), None)
            if row is None or not compare_digest(row["secret_digest"], key.digest):
                return None
            return _known(row, key.tenant_id, key.key_id, language, frozenset(row["operations"]))

        return await self._remembered((key.key_id, key.digest, acting_as, language), load)

    async def _remembered(self, key: Key, load: Callable[[], Awaitable[Known | None]]) -> Caller | None:
        known = self._callers.get(key)
        if known is not None and self._live() and known[1] > dt.datetime.now(dt.UTC):
            return known[0]
        generation = self.generation
        loaded = await load()
        # A notice that came meanwhile may be about what we have just read.
        if loaded is not None and self._live() and generation == self.generation:
            self._callers[key] = loaded
            if len(self._callers) > REMEMBERED:
                self._callers.popitem(last=False)
        return loaded and loaded[0]

    def until(self, session_id: UUID, acting_as: UUID | None, language: str) -> dt.datetime | None:
        """When the session of a caller that is remembered ends; None where none is."""
        known = self._callers.get((session_id, "", acting_as, language))
        return known and known[1]

    def invalidate(self, tenant_id: UUID | None = None) -> None:
        """The people of a tenant (None: of all) have changed, or may have."""
        self.generation += 1
        for key in [key for key, (caller, _) in self._callers.items() if tenant_id in {None, caller.tenant_id}]:
            del self._callers[key]


def _known(row: Any, tenant_id: UUID, session_id: UUID, language: str, operations: frozenset[str] | None) -> Known:
    """The caller of a row, and the moment from which on it is none any more."""
    caller = Caller(
        tenant_id=tenant_id,
        user_id=row["user_id"],
        membership_id=row["id"],
        session_id=session_id,
        role=Role[row["role"]],
        duties=frozenset(Duty[duty] for duty in row["duties"]),
        organisation_id=row["organisation_id"],
        district_id=row["district_id"],
        language=language,
        operations=operations,
        must_change_password=operations is None and row["must_change_password"],
    )
    return caller, row["expires_at"]
