"""From a session to a ``Caller``: which memberships are in force, and which one the person acts under."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from authz.tokens import Claims
from domain.access import Caller, Duty, Role

REMEMBERED = 10_000

# A session in force, its user and the memberships in force, the oldest first.
MEMBERSHIPS_OF_SESSION = """
SELECT m.id, m.role, m.duties, m.organisation_id, o.district_id
FROM sign_in_sessions s
JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id
JOIN organisations o ON o.tenant_id = m.tenant_id AND o.id = m.organisation_id
WHERE s.tenant_id = $1 AND s.id = $2 AND s.user_id = $3 AND s.ended_at IS NULL AND s.expires_at > now()
  AND u.disabled_at IS NULL AND m.revoked_at IS NULL
ORDER BY m.id
"""

FetchRows = Callable[[UUID, str, Sequence[Any]], Awaitable[Sequence[Any]]]
Key = tuple[UUID, UUID | None, str]


class Principals:
    """Loads callers and remembers them until a notice says that a tenant's people have changed.

    ``live`` tells whether notices arrive; while they do not, nothing is remembered.
    """

    def __init__(self, fetch_rows: FetchRows, live: Callable[[], bool]) -> None:
        self._fetch_rows = fetch_rows
        self._live = live
        self._callers: OrderedDict[Key, Caller] = OrderedDict()
        self._generation = 0

    async def caller(self, claims: Claims, acting_as: UUID | None, language: str) -> Caller | None:
        """Who acts under the membership ``acting_as`` (None: the oldest), or None when nobody may."""
        key = (claims.session_id, acting_as, language)
        known = self._callers.get(key)
        if known is not None and self._live():
            return known
        generation = self._generation
        caller = await self._load(claims, acting_as, language)
        # A notice that came meanwhile may be about what we have just read.
        if caller is not None and self._live() and generation == self._generation:
            self._callers[key] = caller
            if len(self._callers) > REMEMBERED:
                self._callers.popitem(last=False)
        return caller

    async def _load(self, claims: Claims, acting_as: UUID | None, language: str) -> Caller | None:
        rows = await self._fetch_rows(
            claims.tenant_id, MEMBERSHIPS_OF_SESSION, (claims.tenant_id, claims.session_id, claims.user_id)
        )
        row = next((row for row in rows if acting_as is None or row["id"] == acting_as), None)
        if row is None:
            return None
        return Caller(
            tenant_id=claims.tenant_id,
            user_id=claims.user_id,
            membership_id=row["id"],
            session_id=claims.session_id,
            role=Role[row["role"]],
            duties=frozenset(Duty[duty] for duty in row["duties"]),
            organisation_id=row["organisation_id"],
            district_id=row["district_id"],
            language=language,
        )

    def invalidate(self, tenant_id: UUID | None = None) -> None:
        """The people of a tenant (None: of all) have changed, or may have."""
        self._generation += 1
        for key in [key for key, caller in self._callers.items() if tenant_id in {None, caller.tenant_id}]:
            del self._callers[key]
