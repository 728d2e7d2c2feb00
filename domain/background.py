"""What a task of background work works with, and what a task is.

A task runs in a transaction of its own, bound to the tenant that enqueued it. It may run more than once (a worker can
be killed after the work and before it says so), so that running it again has to leave the same behind.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter

from domain.access import Access
from domain.mailed.inbox import Inbox
from domain.ports import Files, Jobs, Mail, Papers, Signer
from domain.transaction import Transaction


class TaskFailure(Exception):  # noqa: N818 - an outcome of the task, not a fault of ours
    """The task cannot be done, for a reason that the operator may read; ``final`` when trying again is of no use."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.final = final


@dataclass(frozen=True, slots=True)
class Background:
    """One task's surroundings; ``session`` is bound to its tenant and committed when the task returns."""

    session: Transaction
    tenant_id: UUID
    files: Files
    papers: Papers
    access: Access
    jobs: Jobs
    # None where no mail server is configured.
    mail: Mail | None
    now: dt.datetime
    # A transaction of its own, for what has to be seen before the task ends (progress) or whatever becomes of it.
    apart: Callable[[], AbstractAsyncContextManager[Transaction]]
    # None where nothing is to be signed.
    signer: Signer | None = None
    # None where no mailbox is declared.
    inbox: Inbox | None = None

    async def enqueue(
        self, task: str, *, after: dt.timedelta | None = None, key: str | None = None, **payload: Any
    ) -> None:
        """Have ``task`` run once this one's transaction is committed; see ``Jobs.enqueue``."""
        await self.jobs.enqueue(self.session, self.tenant_id, task, payload, after=after, key=key)


@dataclass(frozen=True)
class Task:
    """One kind of background work: ``run(background, **payload)``, its payload's types being those it annotates."""

    run: Callable[..., Awaitable[None]]
    # How often it is tried in all; between two tries more and more time passes.
    attempts: int = 8
    first_delay: dt.timedelta = dt.timedelta(seconds=5)
    longest_delay: dt.timedelta = dt.timedelta(hours=1)
    # Takes what ``run`` takes, once it is not tried any more: what was begun is brought to an end that people see.
    given_up: Callable[..., Awaitable[None]] | None = field(default=None, kw_only=True)
    # Of two that wait, the one with the higher priority runs first.
    priority: int = field(default=0, kw_only=True)

    @cached_property
    def _fields(self) -> Mapping[str, TypeAdapter[Any]]:
        _, *names = inspect.signature(self.run).parameters
        hints = get_type_hints(self.run)
        return {name: TypeAdapter(hints[name]) for name in names}

    @cached_property
    def _required(self) -> frozenset[str]:
        parameters = inspect.signature(self.run).parameters
        return frozenset(name for name in self._fields if parameters[name].default is inspect.Parameter.empty)

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raises: TypeError unless ``payload`` has what the task takes, and no more."""
        given = payload.keys()
        if not self._required <= given <= self._fields.keys():
            raise TypeError(f"{self.run.__qualname__} takes {sorted(self._fields)}, not {sorted(given)}")

    def decode(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload as the task takes it, from JSON. Raises: TypeError, ValueError."""
        self.check(payload)
        return {name: self._fields[name].validate_python(value) for name, value in payload.items()}

    def delay(self, tried: int) -> dt.timedelta:
        """How long to wait after the ``tried``-th try failed."""
        longest = self.longest_delay / self.first_delay
        return self.first_delay * min(4.0 ** (tried - 1), longest)


Tasks = Mapping[str, Task]
