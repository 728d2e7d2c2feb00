"""``Authority``: the implementation of the domain's ``Access``, over every tenant's present policy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.sql import visitors

from authz.envelope import objection
from authz.policy import Decisions, Line, PolicyError, decide
from authz.scopes import MEMBERSHIP, USER, scope, scope_values
from domain.access import Caller, Duty, Role
from domain.text import Text

LoadLines = Callable[[UUID], Awaitable[frozenset[Line]]]


class Authority:
    """Knows each tenant's decisions; equal policies share them.

    A policy that was invalidated stays in use until ``load`` has exchanged it, so that no request sees half of one.
    """

    def __init__(self, load_lines: LoadLines) -> None:
        self._load_lines = load_lines
        self._by_tenant: dict[UUID, Decisions] = {}
        self._by_lines: dict[frozenset[Line], Decisions] = {}
        self._fresh: set[UUID] = set()
        self._loading: dict[UUID, asyncio.Lock] = {}
        self.generation = 0

    def may(self, caller: Caller, action: str) -> bool:
        """Whether one of the caller's duties covers ``action``, and its key where it is a program's.

        Raises: PolicyError when no policy was loaded.
        """
        decisions = self._by_tenant.get(caller.tenant_id)
        if decisions is None:
            raise PolicyError("no policy was loaded for the tenant")
        if caller.operations is not None and action not in caller.operations:
            return False
        return any((caller.role, duty, action) in decisions for duty in caller.duties)

    def decided(self, tenant_id: UUID, role: Role, duty: Duty, action: str) -> bool:
        """Whether the policy in use allows ``action`` to a duty."""
        return (role, duty, action) in self._by_tenant.get(tenant_id, frozenset())

    def objection(
        self, lines: Set[Line], role: Role, duty: Duty | None, operation: str, *, allowed: bool
    ) -> Text | None:
        """See ``domain.access.Access``."""
        return objection(lines, (role, duty), operation, allowed=allowed)

    def rows(self, caller: Caller, entity: Any) -> ColumnElement[bool]:
        """The rows of a mapped class that the caller's role can see; ``values`` says who the caller is."""
        return scope(caller.role, entity.__table__)

    def is_personal(self, role: Role, entity: Any) -> bool:
        """Whether the rows depend on who the person is, and not only on the organisation."""
        return any(part is USER or part is MEMBERSHIP for part in visitors.iterate(scope(role, entity.__table__)))

    def values(self, caller: Caller) -> Mapping[str, Any]:
        """The parameters of ``rows``."""
        return scope_values(caller)

    async def load(self, tenant_id: UUID) -> None:
        """Make sure that the tenant's present policy is the one in use. Raises: PolicyError when it is empty."""
        if tenant_id in self._fresh:
            return
        # Whoever comes while it is being loaded waits: there may be no former policy to go by.
        async with self._loading.setdefault(tenant_id, asyncio.Lock()):
            if tenant_id in self._fresh:
                return
            generation = self.generation
            lines = await self._load_lines(tenant_id)
            decisions = self._by_lines.get(lines)
            if decisions is None:
                decisions = await asyncio.to_thread(decide, sorted(lines), str(tenant_id))
                self._by_lines[lines] = decisions
            self._by_tenant[tenant_id] = decisions
            # A notice that came meanwhile may be about lines that we had read already.
            if generation == self.generation:
                self._fresh.add(tenant_id)

    def invalidate(self, tenant_id: UUID | None = None) -> None:
        """The tenant's policy (None: everybody's) has changed, or may have."""
        self.generation += 1
        if tenant_id is None:
            self._fresh.clear()
        else:
            self._fresh.discard(tenant_id)
