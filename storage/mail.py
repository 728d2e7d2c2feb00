"""E-mail through the SMTP server that the settings name (RFC 5321, 5322)."""

from __future__ import annotations

from dataclasses import dataclass
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import (
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from domain.ports import MailRefused
from storage.settings import Settings, SetupError

SECONDS = 20
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Smtp:
    """Sends through one server. ``smtp://`` takes STARTTLS where it is offered, and needs it for a password."""

    server: SplitResult
    sender: Address
    link: str | None

    async def send(self, to: str, subject: str, body: str, key: str) -> None:
        """See ``domain.ports.Mail``."""
        message = self._message(to, subject, body, key)
        user, password = self.server.username, self.server.password
        scheme = self.server.scheme
        try:
            await aiosmtplib.send(
                message,
                hostname=self.server.hostname,
                port=self.server.port or PORTS[scheme],
                username=unquote(user) if user else None,
                password=unquote(password) if password else None,
                use_tls=scheme == "smtps",
                start_tls=True if scheme == "smtp+starttls" or (user and scheme == "smtp") else None,
                timeout=SECONDS,
            )
        except (SMTPException, OSError) as error:
            # Neither address nor the server's own words: what is told of it is seen by the operator.
            code = _code(error)
            answer = f"SMTP {code}" if code else type(error).__name__
            raise MailRefused(answer, final=code is not None and code >= 500) from None

    def _message(self, to: str, subject: str, body: str, key: str) -> EmailMessage:
        """Headers are made by the library, which refuses what could begin another one. Raises: MailRefused."""
        message = EmailMessage()
        try:
            message["From"] = self.sender
            message["To"] = Address(addr_spec=to)
            message["Subject"] = subject
            message["Message-ID"] = f"<{key}@{self.sender.domain}>"
            message["Auto-Submitted"] = "auto-generated"
        except (ValueError, HeaderParseError, IndexError):
            raise MailRefused("the address or a header is not well formed", final=True) from None
        message.set_content(body)
        return message


def mail_of(settings: Settings) -> Smtp | None:
    """What sends e-mail, None where no server is named. Raises: SetupError for a server that cannot be meant."""
    if settings.smtp_url is None:
        return None
    server = urlsplit(settings.smtp_url)
    if server.scheme not in PORTS or not server.hostname:
        raise SetupError("DENGBAO_SMTP_URL is smtp://, smtp+starttls:// or smtps://, then user:password@host:port.")
    try:
        sender = Address(addr_spec=settings.mail_from or "")
    except (ValueError, HeaderParseError, IndexError):
        sender = Address()
    if not sender.domain:
        raise SetupError("DENGBAO_SMTP_URL is set: DENGBAO_MAIL_FROM has to be the address to send from.")
    return Smtp(server, sender, settings.public_url)


def _code(error: Exception) -> int | None:
    """The server's reply code; of several the gravest that may pass."""
    if isinstance(error, SMTPRecipientsRefused):
        return min(each.code for each in error.recipients)
    if isinstance(error, SMTPResponseException | SMTPRecipientRefused | SMTPSenderRefused):
        return int(error.code)
    return None
