"""What a use case works with: one transaction, one caller, and the few things every write does alike.

A use case asks ``require`` first, loads its aggregate through ``load`` (locked, and only within the caller's rows),
moves it by its transition table, and ``record``s what it did: one audit event and one outbox event, committed
with the rows or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, Select, Uuid, bindparam, inspect, select

from domain.access import Access, Caller
from domain.audit.changes import changes_of
from domain.audit.entities import AuditEvent, OutboxEvent
from domain.base import TenantRow
from domain.errors import ErrorCode, not_found, refuse
from domain.ports import Files, Jobs
from domain.transaction import Transaction

Entity = TypeVar("Entity", bound=TenantRow)

# The parameters of statements that are made once: the caller's tenant, and a row's key.
TENANT = bindparam("row_tenant", type_=Uuid())
KEY = bindparam("row_key", type_=Uuid())


@lru_cache(maxsize=1024)
def _by_key(entity: type[TenantRow], rows: ColumnElement[bool], *, lock: bool) -> Select[Any]:
    """The statement that finds one row, made once: to make it, and to see that it is the same, costs more than it."""
    query = select(*inspect(entity).columns).where(entity.tenant_id == TENANT, entity.id == KEY, rows)
    return query.with_for_update(of=entity) if lock else query


@dataclass(frozen=True, slots=True)
class Preparation:
    """What comes before a use case, outside of its transaction: ``apart`` begins a short one of its own."""

    files: Files
    apart: Callable[[], AbstractAsyncContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Work:
    """One use case's surroundings; ``session`` is bound to the caller's tenant and inside its transaction."""

    session: Transaction
    caller: Caller
    access: Access
    files: Files
    jobs: Jobs
    now: dt.datetime

    def require(self, action: str) -> None:
        """Refuse unless the caller's role and duties allow ``action``.

        Raises: Refusal(FORBIDDEN).
        """
        if not self.access.may(self.caller, action):
            raise refuse(
                ErrorCode.FORBIDDEN,
                "您当前的身份和职责不能办理此事。请换用有此职责的身份,或请管理员授权。",
                "Your present role and duties do not cover this. Act under a membership that does, "
                "or ask your administrator.",
            )

    async def load(
        self,
        entity: type[Entity],
        key: UUID | None,
        *,
        field: str,
        version: int | None = None,
        lock: bool = True,
    ) -> Entity:
        """The row ``key`` of ``entity``, locked, if the caller may see it.

        ``field`` is the input's field that named it. ``key`` None means that the given id was none of ours.
        Raises: Refusal(NOT_FOUND), or Refusal(CONFLICT) when ``version`` is given and not the row's.
        """
        if key is None:
            raise not_found(field)
        query = _by_key(entity, self.access.rows(self.caller, entity), lock=lock)
        found = await self.rows(query, key, **self.access.values(self.caller))
        if not found:
            raise not_found(field)
        row = self.session.loaded(entity, found[0], anew=False)
        if version is not None and version != getattr(row, "version"):  # noqa: B009 - not every entity has one
            raise refuse(
                ErrorCode.CONFLICT,
                "该记录已被他人修改。请重新载入后再试。",
                "Somebody changed this in the meantime. Load it again and repeat your change.",
                "version",
            )
        return row

    async def get(self, entity: type[Entity], key: UUID, *, lock: bool = False) -> Entity:
        """The row ``key`` of ``entity``, to which one of the caller's rows points: it is asked of no scope.

        What is locked is read anew, as it may have changed; what was changed here has to be flushed before.
        """
        return await self.session.get_one(entity, (self.caller.tenant_id, key), with_for_update=lock)

    async def rows(self, statement: Executable, key: UUID | None = None, **values: Any) -> list[tuple[Any, ...]]:
        """What ``statement``, one that is made once (on ``TENANT`` and mostly ``KEY``), yields for the tenant."""
        return await self.session.fetch(statement, {TENANT.key: self.caller.tenant_id, KEY.key: key, **values})

    async def find(self, entity: type[Entity], statement: Executable, key: UUID | None = None) -> list[Entity]:
        """The entities that ``statement`` finds, made once like those of ``rows``, with all columns of ``entity``."""
        return [self.session.loaded(entity, row, anew=False) for row in await self.rows(statement, key)]

    def require_own(self, unit_id: UUID) -> None:
        """Refuse unless the caller acts for the unit itself: a supervising unit sees, and does not do, its work.

        Raises: Refusal(FORBIDDEN).
        """
        if unit_id != self.caller.organisation_id:
            raise refuse(
                ErrorCode.FORBIDDEN,
                "此事须由该单位自行办理。",
                "This is for the unit itself to do.",
            )

    def require_another(self, person_id: UUID) -> None:
        """Refuse the person who did the step before. Raises: Refusal(DUTY_SEPARATION)."""
        if person_id == self.caller.user_id:
            raise refuse(
                ErrorCode.DUTY_SEPARATION,
                "此步骤须由上一步办理人以外的人员办理。",
                "Another person than the one who did the step before has to do this.",
            )

    async def enqueue(
        self, task: str, *, after: dt.timedelta | None = None, key: str | None = None, **payload: Any
    ) -> None:
        """Have ``task`` run once this transaction is committed; see ``domain.ports.Jobs.enqueue``."""
        await self.jobs.enqueue(self.session, self.caller.tenant_id, task, payload, after=after, key=key)

    def record(
        self,
        action: str,
        subject: TenantRow,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Write the audit event and the outbox event of ``action`` (a mutation's name) on ``subject``.

        What was changed of the subject is kept anyhow; ``before`` and ``after`` add what its row does not say.
        """
        kind = type(subject).__name__
        former, new = changes_of(subject)
        self.session.append(
            AuditEvent(
                tenant_id=self.caller.tenant_id,
                created_at=self.now,
                action=action,
                user_id=self.caller.user_id,
                membership_id=self.caller.membership_id,
                organisation_id=self.caller.organisation_id,
                subject_type=kind,
                subject_id=subject.id,
                before={**former, **(before or {})} or None,
                after={**new, **(after or {})} or None,
            )
        )
        self.session.append(
            OutboxEvent(
                tenant_id=self.caller.tenant_id,
                created_at=self.now,
                event=action,
                subject_type=kind,
                subject_id=subject.id,
                user_id=self.caller.user_id,
            )
        )
