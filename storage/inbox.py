"""Mailboxes over IMAP (RFC 3501), as a TOML file declares them; they are read only, and left as they are.

The library waits for its answers, so it waits in a thread. An e-mail is parsed within bounds; what is wrong with one is
told of it, and the next is read.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import email
import email.policy
import imaplib
import re
import ssl
import tomllib
from collections.abc import Iterator, Sequence
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, FilePath, ValidationError

from domain.documents.file_types import ARCHIVES, suffix_of
from domain.mailed.inbox import InboxUnavailable, Letter, Mailbox
from domain.text import Text
from storage.settings import Settings, SetupError

SECONDS = 30.0
PORTS = {"imap": 143, "imaps": 993}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# An e-mail that is larger is refused unread; with base64 this is an archive of some 70 MB.
MOST_BYTES, MOST_PARTS, MOST_ARCHIVES = 96 << 20, 500, 10
TOO_LARGE = Text(
    "邮件超过 {limit} MiB,未读取。请单位改用平台上传。",
    "The e-mail has more than {limit} MiB and was not read. Ask the unit to upload it instead.",
)
UNREADABLE = Text(
    "邮件格式有误,无法读取附件。请单位重新发送。",
    "The e-mail is malformed and its attachments cannot be read. Ask the unit to send it again.",
)
TOO_MANY = Text(
    "邮件附件过多(最多 {limit} 个压缩包)。请单位分几封发送。",
    "The e-mail has too many attachments ({limit} archives are the most). Ask the unit to send several.",
)
# What the library stumbles over is the e-mail's fault, and one e-mail must not keep all others from being read.
MALFORMED = (Exception,)
SIZE, DATE = re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb'INTERNALDATE "[^"]+"')


class Declared(BaseModel):
    """``[[mailbox]]``: whose it is, where, and from whom packages are taken (an address, or ``@domain``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
    city: str
    account: str
    url: str
    senders: Annotated[tuple[str, ...], Field(min_length=1)]
    security: Literal["tls", "starttls", "none"] = "tls"
    # Certificates (PEM) of the authorities that the server's has to be of; the system's where it is not given.
    authority: FilePath | None = None

    def takes(self, sender: str) -> bool:
        """Whether the sender is on the list."""
        address = sender.lower()
        domain = "@" + address.rpartition("@")[2]
        return bool(address) and any(each.lower() in {address, domain} for each in self.senders)


class Imap:
    """Reads declared mailboxes; implements the domain's ``Inbox``."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        self._declared = {each.name: each for each in declared}

    def mailboxes(self, city: str) -> Sequence[Declared]:
        """Those of a city."""
        return [each for each in self._declared.values() if each.city == city]

    async def next(self, mailbox: Mailbox, validity: int, after: int) -> Letter | None:
        """See ``domain.mailed.inbox.Inbox``."""
        try:
            return await asyncio.to_thread(_next, self._declared[mailbox.name], validity, after)
        except (imaplib.IMAP4.error, OSError) as error:
            # Not the server's own words: they may quote the account.
            raise InboxUnavailable(type(error).__name__) from None


def inbox_of(settings: Settings) -> Imap | None:
    """What reads mailboxes, None where none are declared. Raises: SetupError for a declaration that cannot be meant."""
    path = settings.mailboxes
    if path is None:
        return None
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("mailbox", [])
        declared = [Declared.model_validate(each) for each in given]
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"DENGBAO_MAILBOXES: {path} cannot be read as TOML ({type(error).__name__}).") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise SetupError(f"DENGBAO_MAILBOXES: {wrong}.") from None
    names = [each.name for each in declared]
    if len(set(names)) < len(names):
        raise SetupError("DENGBAO_MAILBOXES: two mailboxes have one name. Name them apart.")
    for each in declared:
        parts = urlsplit(each.url)
        if parts.scheme != "imap" or not parts.hostname or not parts.username or parts.password is None:
            raise SetupError(f"DENGBAO_MAILBOXES: {each.name}: url is imap://<user>:<password>@host[:port][/folder].")
        if each.security == "none" and parts.hostname not in LOOPBACK:
            raise SetupError(f"DENGBAO_MAILBOXES: {each.name}: only this very host is asked without TLS.")
    return Imap(declared)


def _next(mailbox: Declared, validity: int, after: int) -> Letter | None:
    with _opened(mailbox) as connection:
        current = _number(connection.response("UIDVALIDITY")[1])
        last = after if current == validity else 0
        _, (found,) = connection.uid("SEARCH", f"UID {last + 1}:*")
        # Of an empty range the last e-mail is given.
        uids = sorted(uid for uid in map(int, (found or b"").split()) if uid > last)
        return _letter(connection, current, uids[0]) if uids else None


@contextlib.contextmanager
def _opened(mailbox: Declared) -> Iterator[imaplib.IMAP4]:
    """The mailbox, open for reading only."""
    parts = urlsplit(mailbox.url)
    host, context = parts.hostname or "", ssl.create_default_context(cafile=mailbox.authority)
    connection: imaplib.IMAP4
    if mailbox.security == "tls":
        connection = imaplib.IMAP4_SSL(host, parts.port or PORTS["imaps"], ssl_context=context, timeout=SECONDS)
    else:
        connection = imaplib.IMAP4(host, parts.port or PORTS["imap"], timeout=SECONDS)
    try:
        if mailbox.security == "starttls":
            connection.starttls(context)
        connection.login(unquote(parts.username or ""), unquote(parts.password or ""))
        answer, _ = connection.select(f'"{unquote(parts.path.lstrip("/")) or "INBOX"}"', readonly=True)
        if answer != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield connection
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            connection.logout()


def _letter(connection: imaplib.IMAP4, validity: int, uid: int) -> Letter:
    _, told = connection.uid("FETCH", str(uid), "(RFC822.SIZE INTERNALDATE)")
    facts = b" ".join(each if isinstance(each, bytes) else each[0] for each in told if each)
    size = SIZE.search(facts)
    too_large = size is None or int(size[1]) > MOST_BYTES
    _, fetched = connection.uid("FETCH", str(uid), "(BODY.PEEK[HEADER])" if too_large else "(BODY.PEEK[])")
    raw = next((each[1] for each in fetched if isinstance(each, tuple)), b"")
    made = read_letter(raw, validity, uid, _arrival(facts))
    if too_large:
        return _without_archives(made, TOO_LARGE.format(limit=MOST_BYTES >> 20))
    return made


def _number(told: Sequence[object]) -> int:
    """A number that the server tells. Raises: imaplib.IMAP4.error."""
    (given,) = told
    if not isinstance(given, bytes) or not given.isdigit():
        raise imaplib.IMAP4.error("no number")
    return int(given)


def _arrival(facts: bytes) -> dt.datetime:
    stamp = DATE.search(facts)
    moment = imaplib.Internaldate2tuple(stamp[0]) if stamp else None
    if moment is None:
        return dt.datetime.now(dt.UTC)
    return dt.datetime(*moment[:6]).astimezone(dt.UTC)


def read_letter(raw: bytes, validity: int, uid: int, arrived_at: dt.datetime) -> Letter:
    """An e-mail as it is kept: what it says of itself, and its archives; with a refusal where it cannot be read."""
    named = f"<{validity}.{uid}>"
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # noqa: S101 - what this policy makes
        made = Letter(
            validity,
            uid,
            str(message.get("Message-ID") or "").strip()[:500] or named,
            _sender(message),
            str(message.get("Subject") or ""),
            arrived_at,
        )
    except MALFORMED:
        return Letter(validity, uid, named, "", "", arrived_at, refusal=UNREADABLE)
    try:
        archives = list(_archives(message))
    except MALFORMED:
        return _without_archives(made, UNREADABLE)
    if len(archives) > MOST_ARCHIVES:
        return _without_archives(made, TOO_MANY.format(limit=MOST_ARCHIVES))
    return Letter(validity, uid, made.message_id, made.sender, made.subject, arrived_at, archives)


def _archives(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """The archives among the attachments. Raises: whatever is wrong with them."""
    for number, part in enumerate(message.walk()):
        if number > MOST_PARTS:
            raise ValueError("too many parts")
        filename = part.get_filename() or ""
        if suffix_of(filename) in ARCHIVES and not part.is_multipart():
            content = part.get_payload(decode=True)
            if not isinstance(content, bytes) or not content:
                raise ValueError("an attachment without content")
            yield filename, content


def _sender(message: EmailMessage) -> str:
    """The address of the one it is from; nothing where it is of nobody or of several."""
    header = message.get("From")
    addresses = header.addresses if isinstance(header, AddressHeader) else ()
    return addresses[0].addr_spec if len(addresses) == 1 else ""


def _without_archives(letter: Letter, refusal: Text) -> Letter:
    return Letter(
        letter.validity, letter.uid, letter.message_id, letter.sender, letter.subject, letter.arrived_at, (), refusal
    )
