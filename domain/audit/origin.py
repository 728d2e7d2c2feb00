"""From where something is done: the address and program of the request that is being answered.

The front of the HTTP server says so once for each request; whatever is written on the way bears it, whoever writes
it. Background work comes from nowhere.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """A request's address, user agent (as it was claimed, printable, shortened) and id in the log."""

    address: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


NOWHERE = Origin()
ORIGIN: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)


def address() -> str | None:
    """The address of the present request."""
    return ORIGIN.get().address


def user_agent() -> str | None:
    """The program that sent the present request, by its own account."""
    return ORIGIN.get().user_agent


def request_id() -> str | None:
    """The present request's id, under which the log has it."""
    return ORIGIN.get().request_id
