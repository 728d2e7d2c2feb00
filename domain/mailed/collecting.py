"""Collecting packages from mailboxes (邮件收件): each archive becomes a document of the office's, and waits for it.

An e-mail is taken in a transaction of its own, together with how far the mailbox was read: once, whatever happens.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import Duty, Role
from domain.audit.entities import OutboxEvent
from domain.background import Background, TaskFailure
from domain.base import new_id
from domain.documents import quotas
from domain.documents.entities import Document, DocumentState, ScanState
from domain.documents.examination import Announced, Unexamined
from domain.documents.file_types import FILE_TYPES, suffix_of
from domain.documents.kinds import DocumentKind
from domain.documents.outcome import accept, reject
from domain.errors import Refusal
from domain.filings.entities import Filing
from domain.mailed.entities import MailboxPosition, MailedPackage, MailedPackageState
from domain.mailed.inbox import Inbox, InboxUnavailable, Letter, Mailbox
from domain.people.entities import Membership, User
from domain.ports import StoreUnavailable
from domain.tenants.entities import Tenant
from domain.text import Text
from domain.transaction import Transaction
from domain.work import Work

# How many e-mails of one mailbox are taken at a time; the others wait for the next.
MOST_LETTERS = 50
LONGEST = 200
UNKNOWN_SENDER = Text(
    "发件人不在许可名单内,附件未保存。请与单位核实,或请平台运维将其加入名单。",
    "The sender is not on the list, and nothing was kept. Ask the unit, or have the operator add the sender.",
)


@dataclass(frozen=True, slots=True)
class Holder:
    """The officer for whom a mailbox is read, and the office."""

    user_id: UUID
    organisation_id: UUID


async def collect(background: Background) -> None:
    """Take what has come into the city's mailboxes. Raises: TaskFailure when one of them cannot be read."""
    inbox, failures = background.inbox, []
    if inbox is None:
        return
    tenant = await background.session.get_one(Tenant, background.tenant_id)
    for mailbox in inbox.mailboxes(tenant.slug):
        try:
            await _read(background, inbox, mailbox)
        except (InboxUnavailable, Unexamined, StoreUnavailable) as error:
            reason = error.reason if isinstance(error, InboxUnavailable) else type(error).__name__
            failures.append(f"{mailbox.name}: {reason}")
    if failures:
        raise TaskFailure("; ".join(failures))


async def _read(background: Background, inbox: Inbox, mailbox: Mailbox) -> None:
    holder = await _holder(background.session, background.tenant_id, mailbox.account)
    if holder is None:
        raise InboxUnavailable("its account is no officer of an office")
    for _ in range(MOST_LETTERS):
        async with background.apart() as session:
            position = await _position(session, background, mailbox)
            letter = await inbox.next(mailbox, position.validity, position.last_uid)
            if letter is None:
                return
            await _take(background, session, holder, mailbox, letter)
            position.validity, position.last_uid = letter.validity, letter.uid


async def _holder(session: AsyncSession, tenant_id: UUID, login: str) -> Holder | None:
    found = await session.execute(
        select(Membership.user_id, Membership.organisation_id, Membership.duties)
        .join(User, (User.tenant_id == Membership.tenant_id) & (User.id == Membership.user_id))
        .where(
            Membership.tenant_id == tenant_id,
            User.username == login,
            User.disabled_at.is_(None),
            Membership.revoked_at.is_(None),
            Membership.role.in_((Role.CITY_OFFICE, Role.DISTRICT_OFFICE)),
        )
    )
    return next((Holder(row.user_id, row.organisation_id) for row in found if Duty.OFFICER in row.duties), None)


async def _position(session: AsyncSession, background: Background, mailbox: Mailbox) -> MailboxPosition:
    """How far the mailbox was read, locked: of two who read it, the second waits."""
    position = await session.scalar(
        select(MailboxPosition)
        .where(MailboxPosition.tenant_id == background.tenant_id, MailboxPosition.mailbox == mailbox.name)
        .with_for_update()
    )
    if position is None:
        position = MailboxPosition(
            tenant_id=background.tenant_id, created_at=background.now, mailbox=mailbox.name, validity=0, last_uid=0
        )
        session.add(position)
        await session.flush()
    return position


async def _take(background: Background, session: Transaction, holder: Holder, mailbox: Mailbox, letter: Letter) -> None:
    """Every archive of the e-mail that was not taken before; of an e-mail that cannot be read, that it came."""
    refusal = letter.refusal
    if refusal is None and letter.archives and not mailbox.takes(letter.sender):
        refusal = UNKNOWN_SENDER
    if refusal is not None and not letter.archives:
        note = await _note(background, session, holder, letter, 1, "", refusal)
        if note is not None and mailbox.takes(letter.sender):
            _tell(session, note)
    for place, (filename, content) in enumerate(letter.archives, 1):
        note = await _note(background, session, holder, letter, place, filename, refusal)
        if note is not None and refusal is None:
            await _keep(background, session, holder, note, content)
        if note is not None and mailbox.takes(letter.sender):  # of strangers nobody is told
            _tell(session, note)


async def _note(
    background: Background,
    session: AsyncSession,
    holder: Holder,
    letter: Letter,
    place: int,
    filename: str,
    refusal: Text | None,
) -> MailedPackage | None:
    """That it came; None where that is known."""
    known = exists().where(
        MailedPackage.tenant_id == background.tenant_id,
        MailedPackage.organisation_id == holder.organisation_id,
        MailedPackage.message_id == letter.message_id,
        MailedPackage.place == place,
    )
    if await session.scalar(select(known)):
        return None
    note = MailedPackage(
        tenant_id=background.tenant_id,
        created_at=background.now,
        organisation_id=holder.organisation_id,
        message_id=letter.message_id,
        place=place,
        sender=_shown(letter.sender),
        subject=_shown(letter.subject),
        filename=_shown(filename),
        arrived_at=min(letter.arrived_at, background.now),
    )
    if refusal is not None:
        _refuse(note, refusal)
    session.add(note)
    await session.flush()
    return note


async def _keep(
    background: Background, session: AsyncSession, holder: Holder, note: MailedPackage, content: bytes
) -> None:
    """Store the archive and look into it, like an upload. Raises: Unexamined, StoreUnavailable."""
    try:
        await quotas.reserve_for(session, background.tenant_id, holder.user_id, len(content), background.now)
    except Refusal as refusal:
        _refuse(note, refusal.problems[0].message)
        return
    document = _document(background, holder, note, content)
    await background.files.put(document.object_key, content, document.media_type)
    session.add(document)
    await session.flush()
    note.document_id = document.id
    announced = Announced(document.object_key, document.filename, document.size, document.sha256, proven=True)
    found = await background.files.examine(announced, _unheard)
    document.scan = found.scan
    if found.rejection is None:
        await accept(session, background.jobs, document, found, background.now)
    else:
        await reject(session, background.jobs, document, found.rejection)
        _refuse(note, found.rejection)


def _document(background: Background, holder: Holder, note: MailedPackage, content: bytes) -> Document:
    key = new_id()
    return Document(
        tenant_id=background.tenant_id,
        id=key,
        created_at=background.now,
        owner_id=holder.organisation_id,
        uploaded_by_id=holder.user_id,
        kind=DocumentKind.FILING_ARCHIVE,
        filename=note.filename,
        media_type=FILE_TYPES[suffix_of(note.filename)].media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        object_key=f"{background.tenant_id}/uploads/{key}",
        state=DocumentState.CHECKING,
        scan=ScanState.PENDING,
        received_bytes=len(content),
    )


def _tell(session: Transaction, note: MailedPackage) -> None:
    """Have the office's officers be notified, together with what they are told of."""
    session.append(
        OutboxEvent(
            tenant_id=note.tenant_id,
            created_at=note.created_at,
            event="collectPackage",
            subject_type=type(note).__name__,
            subject_id=note.id,
        )
    )


def _refuse(note: MailedPackage, reason: Text) -> None:
    note.state = MailedPackageState.REFUSED
    note.reason_zh, note.reason_en = reason


def _shown(text: str) -> str:
    """A stranger's words as they are kept: one line, nothing that is not to be seen, its end whole."""
    line = "".join(char for char in PurePosixPath(text.replace("\\", "/")).name if char.isprintable())
    return line[-LONGEST:]


async def _unheard(_: int) -> None:
    """Nobody waits for news of what is done in the background."""


async def mark_entered(work: Work, package_id: UUID, filing: Filing) -> None:
    """The package was entered; where it came by e-mail, it waits no longer."""
    note = await work.session.scalar(
        select(MailedPackage)
        .where(MailedPackage.tenant_id == work.caller.tenant_id, MailedPackage.document_id == package_id)
        .with_for_update()
    )
    if note is not None:
        note.state, note.filing_id = MailedPackageState.ENTERED, filing.id
