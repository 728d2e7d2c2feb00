"""E-mail through a real SMTP server: once, without content, tried again when refused for now, given up for good."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, text

from domain.notifications.entities import Notification
from domain.notifications.kinds import NotificationKind
from domain.ports import MailRefused
from storage import queue
from storage.database import Database
from storage.mail import Smtp, mail_of
from storage.settings import Settings, SetupError
from tests.support import Api, BackgroundWork

KIND = NotificationKind.REPLY_DRAFTED


@dataclass
class Mailbox:
    """What arrived; ``answers`` are given to the next recipients instead of taking the mail."""

    arrived: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        assert isinstance(message, EmailMessage)
        self.arrived.append(message)
        return "250 OK"


def configured(port: int) -> Smtp:
    settings = Settings(
        smtp_url=f"smtp://127.0.0.1:{port}",
        mail_from="dengbao@example.gov.cn",
        public_url="https://djba.example.gov.cn/",
        _env_file=None,  # type: ignore[call-arg]
    )
    made = mail_of(settings)
    assert made
    return made


@pytest.fixture
async def mailbox(jobs: BackgroundWork, api: Api) -> AsyncIterator[Mailbox]:
    await jobs.run()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    handler = Mailbox()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    jobs.platform.mail = configured(port)
    yield handler
    jobs.platform.mail = None
    server.stop()


async def drafted(api: Api) -> None:
    """Something that the leader is told of."""
    waiting = await api.all("city.officer", "filings", "id replies{state}", ",filter:{state:UNDER_REVIEW}")
    filing = next(each["id"] for each in waiting if not any(reply["state"] == "DRAFT" for reply in each["replies"]))
    await api.do("city.officer", "draftReply", "replyLetter{id}", filingId=filing, kind="A", body="绝密内容")


async def test_a_notification_is_mailed_once_and_says_nothing_of_the_matter(
    api: Api, jobs: BackgroundWork, mailbox: Mailbox, database: Database
) -> None:
    await drafted(api)
    assert (await jobs.run()).count("notifications.mail") == 1
    (message,) = mailbox.arrived
    assert message["To"] == "city.leader@example.gov.cn"
    assert message["From"] == "dengbao@example.gov.cn"
    assert KIND.zh in message["Subject"]
    assert KIND.en in message["Subject"]
    body = message.get_content()
    assert KIND.zh in body
    assert KIND.en in body
    assert "https://djba.example.gov.cn/" in body
    assert "绝密内容" not in body
    # The same job once more: it was sent.
    tenant = await database.directory.resolve_tenant(None)
    assert tenant
    async with database.transaction(tenant) as session:
        sent = await session.scalar(select(Notification.id).where(Notification.mailed_at.is_not(None)))
        payload = {"notification_id": sent}
        await jobs.platform.jobs.enqueue(session, tenant, "notifications.mail", payload)
    await jobs.run()
    assert len(mailbox.arrived) == 1


async def test_refused_for_now_it_is_tried_again(
    api: Api, jobs: BackgroundWork, mailbox: Mailbox, database: Database
) -> None:
    mailbox.answers = ["451 4.3.0 try later"]
    await drafted(api)
    failures = [reason for _, reason in await jobs.outcomes() if reason]
    assert len(failures) == 1
    assert failures[0].startswith("SMTP 451")
    assert mailbox.arrived == []
    await jobs.make_due()
    await jobs.run()
    assert len(mailbox.arrived) == 1


async def test_refused_for_good_it_is_given_up_visibly(
    api: Api, jobs: BackgroundWork, mailbox: Mailbox, database: Database
) -> None:
    mailbox.answers = ["550 5.1.1 no such person city.leader"]
    await drafted(api)
    await jobs.outcomes()
    (failed,) = (each for each in await queue.list_jobs(database, "failed") if each.task == "notifications.mail")
    assert (failed.reason or "").startswith("SMTP 550")
    assert "city.leader" not in (failed.reason or "")
    assert await queue.drop_failed(database, failed.id)


async def test_who_declined_or_has_no_address_is_not_written_to(
    api: Api, jobs: BackgroundWork, mailbox: Mailbox, database: Database
) -> None:
    choose = {"kind": KIND.value, "inApp": True, "email": False}
    await api.do("city.leader", "setNotificationPreferences", "preferences{kind}", preferences=[choose])
    await drafted(api)
    await jobs.run()
    await api.do(
        "city.leader", "setNotificationPreferences", "preferences{kind}", preferences=[{**choose, "email": True}]
    )
    tenant = await database.directory.resolve_tenant(None)
    assert tenant
    change = text("UPDATE users SET email = :email WHERE username = 'city.leader'")
    async with database.transaction(tenant) as session:
        await session.execute(change, {"email": None})
    await drafted(api)
    await jobs.run()
    async with database.transaction(tenant) as session:
        await session.execute(change, {"email": "city.leader@example.gov.cn"})
    assert mailbox.arrived == []


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.cn\nBcc: b@example.cn", "x"),
        ("a@example.cn, b@example.cn", "x"),
        ("nobody", "x"),
        ("", "x"),
        ("a@example.cn", "x\r\nBcc: b@example.cn"),
    ],
)
async def test_nothing_can_begin_another_header(mailbox: Mailbox, jobs: BackgroundWork, to: str, subject: str) -> None:
    assert jobs.platform.mail
    with pytest.raises(MailRefused) as refused:
        await jobs.platform.mail.send(to, subject, "x", "k")
    assert refused.value.final
    assert mailbox.arrived == []


async def test_a_password_is_not_sent_in_the_clear(mailbox: Mailbox, jobs: BackgroundWork) -> None:
    """The server offers no TLS, so nothing is sent at all."""
    mail = jobs.platform.mail
    assert isinstance(mail, Smtp)
    port = mail.server.port
    settings = Settings(smtp_url=f"smtp://u:secret@127.0.0.1:{port}", mail_from="a@example.cn", _env_file=None)  # type: ignore[call-arg]
    with_password = mail_of(settings)
    assert with_password
    with pytest.raises(MailRefused) as refused:
        await with_password.send("b@example.cn", "x", "x", "k")
    assert "secret" not in refused.value.reason
    assert mailbox.arrived == []


@pytest.mark.parametrize(
    ("url", "sender"),
    [("http://x", "a@example.cn"), ("smtp://", "a@example.cn"), ("smtp://x", None), ("smtp://x", "a")],
)
def test_a_wrong_setting_is_told(url: str, sender: str | None) -> None:
    with pytest.raises(SetupError, match="DENGBAO_"):
        mail_of(Settings(smtp_url=url, mail_from=sender, _env_file=None))  # type: ignore[call-arg]


def test_without_a_server_nobody_is_written_to() -> None:
    assert mail_of(Settings(_env_file=None)) is None  # type: ignore[call-arg]
