"""What the domain needs of mailboxes (收件邮箱); ``storage.inbox`` implements it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.text import Text


class InboxUnavailable(Exception):  # noqa: N818 - an event, nobody's fault
    """The mail server does not answer, or not as it should; ``reason`` names neither address nor password."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail: where it stands in its mailbox, whom it says it is of, and the archives attached to it.

    With ``refusal`` it could not be read, and has no attachments; ``sender`` is empty where
    it is of nobody, or several.
    """

    validity: int
    uid: int
    message_id: str
    sender: str
    subject: str
    arrived_at: dt.datetime
    archives: Sequence[tuple[str, bytes]] = ()
    refusal: Text | None = None


class Mailbox(Protocol):
    """A mailbox as the operator declares it."""

    @property
    def name(self) -> str:
        """Its name in the declaration."""
        ...

    @property
    def account(self) -> str:
        """The login of the officer for whose office it is."""
        ...

    def takes(self, sender: str) -> bool:
        """Whether this sender's packages are taken."""
        ...


class Inbox(Protocol):
    """The mailboxes, where any are declared."""

    def mailboxes(self, city: str) -> Sequence[Mailbox]:
        """Those of a city, by its short name."""
        ...

    async def next(self, mailbox: Mailbox, validity: int, after: int) -> Letter | None:
        """The first e-mail behind UID ``after``; from the beginning where its UIDVALIDITY is another.

        Raises: InboxUnavailable.
        """
        ...
