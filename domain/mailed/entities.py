"""Packages that came by e-mail (邮件来件), and how far each mailbox was read."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, refers, term, unique
from domain.text import Term


class MailedPackageState(Term):
    """Where a package that came by e-mail stands (邮件来件状态)."""

    WAITING = "WAITING", "待确认", "the office has not entered it yet"
    ENTERED = "ENTERED", "已录入", "entered as a filing"
    REFUSED = "REFUSED", "已拒收", "it cannot be taken; the reason says why"


class MailedPackage(TenantRow):
    """One archive that was attached to one e-mail, the ``place``-th from 1 on; nothing is entered by itself.

    The message is known by its Message-ID, so that it is taken once, whatever becomes of the mailbox.
    """

    __tablename__ = "mailed_packages"

    organisation_id: Mapped[UUID]
    message_id: Mapped[str]
    place: Mapped[int]
    sender: Mapped[str]
    subject: Mapped[str]
    filename: Mapped[str]
    arrived_at: Mapped[dt.datetime]
    state: Mapped[MailedPackageState] = mapped_column(term(MailedPackageState), default=MailedPackageState.WAITING)
    reason_zh: Mapped[str | None]
    reason_en: Mapped[str | None]
    document_id: Mapped[UUID | None]
    filing_id: Mapped[UUID | None]

    __table_args__ = (
        refers("organisation_id", "organisations"),
        refers("document_id", "documents"),
        refers("filing_id", "filings"),
        unique("organisation_id", "message_id", "place"),
        CheckConstraint("(state = 'REFUSED') = (reason_zh IS NOT NULL)", name="refused_with_reason"),
        CheckConstraint("(state = 'ENTERED') = (filing_id IS NOT NULL)", name="entered_as_filing"),
        CheckConstraint("place > 0", name="place"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "organisation_id", "created_at", "id"),
        Index(None, "tenant_id", "document_id"),
    )


class MailboxPosition(TenantRow):
    """How far a mailbox was read: the last UID, which means something under this UIDVALIDITY only (RFC 3501, 2.3.1)."""

    __tablename__ = "mailbox_positions"

    mailbox: Mapped[str]
    validity: Mapped[int] = mapped_column(BigInteger())
    last_uid: Mapped[int] = mapped_column(BigInteger())

    __table_args__ = (ForeignKeyConstraint(["tenant_id"], ["tenants.id"]), unique("mailbox"))
