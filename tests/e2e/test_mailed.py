"""Packages by e-mail, through a real IMAP server (pymap): taken once, looked into, and entered by the office alone."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import socket
import ssl
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from domain.mailed.inbox import Inbox, InboxUnavailable
from storage.embedded.certificates import make_identity
from storage.inbox import Declared, Imap, inbox_of, read_letter
from storage.settings import Settings, SetupError
from tests.e2e.flows import done
from tests.e2e.panel_flows import today
from tests.e2e.test_packages import form_of
from tests.packages import AT, package
from tests.support import Api, BackgroundWork

USER, PASSWORD = "filing@example.gov.cn", "letter-box"
SELECTION = "id state sender subject filename reason document{id state kind} filing{id}"


@dataclass
class Server:
    """A running IMAP server with one mailbox."""

    port: int

    def receive(self, message: EmailMessage | bytes) -> None:
        """An e-mail arrives."""
        with imaplib.IMAP4("127.0.0.1", self.port) as connection:
            connection.login(USER, PASSWORD)
            given = message if isinstance(message, bytes) else message.as_bytes()
            answer, _ = connection.append("INBOX", "", imaplib.Time2Internaldate(time.time()), given)
            assert answer == "OK"

    def flags(self) -> list[bytes]:
        """The flags of all that is there."""
        with imaplib.IMAP4("127.0.0.1", self.port) as connection:
            connection.login(USER, PASSWORD)
            connection.select("INBOX", readonly=True)
            return [each for each in connection.fetch("1:*", "(FLAGS)")[1] if isinstance(each, bytes)]

    @property
    def url(self) -> str:
        """Its address with the password."""
        return f"imap://{USER.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(*tls: str) -> Iterator[Server]:
    """A server of the test's own, which offers TLS (STARTTLS) by the arguments that it is given."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), *tls, "dict"]
    process = subprocess.Popen(  # noqa: S603 - a server of the test's own
        [*command, "--demo-user", USER, "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.05)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running("--no-tls") as made:
        yield made


def declared(url: str, **given: Any) -> Declared:
    made = {"name": "haidian", "city": "beijing", "account": "district.officer", "senders": ("@example.gov.cn",)}
    return Declared.model_validate({**made, "url": url, "security": "none", **given})


@pytest.fixture
async def collecting(jobs: BackgroundWork) -> AsyncIterator[Any]:
    """Has the mailboxes read, once for each call: the reasons why that failed."""
    former = jobs.platform.inbox

    async def collect(inbox: Inbox) -> list[str | None]:
        jobs.platform.inbox = inbox
        await jobs.run()
        async with jobs.database.transaction(await _tenant(jobs)) as session:
            await jobs.platform.jobs.enqueue(session, await _tenant(jobs), "mailed.collect", {})
        return [reason for task, reason in await jobs.outcomes() if task == "mailed.collect"]

    yield collect
    jobs.platform.inbox = former


async def _tenant(jobs: BackgroundWork) -> uuid.UUID:
    rows = await jobs.database.directory.list_tenants()
    return next(row["id"] for row in rows if row["slug"] == "beijing")


def letter(subject: str, *archives: tuple[str, bytes], sender: str = "unit@example.gov.cn") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, USER, subject
    message["Message-ID"] = f"<{uuid.uuid4()}@example.gov.cn>"
    message.set_content("随信附上备案材料。")
    for filename, content in archives:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return message


async def came(api: Api, subject: str, who: str = "district.officer") -> list[dict[str, Any]]:
    found = await api.all(who, "mailedPackages", SELECTION)
    return [each for each in found if each["subject"] == subject]


async def waits_for(api: Api, who: str, package_: str) -> tuple[list[str], list[str]]:
    """What the person has to do about the package, and what they were told of it."""
    queued = "{viewer{workQueue(first:100,filter:{action:ENTER_FILING}){nodes{action subject{id}}}}}"
    items = (await api.ask(who, queued))["viewer"]["workQueue"]["nodes"]
    heard = "{viewer{notifications(first:100){nodes{kind subject{id}}}}}"
    told = (await api.ask(who, heard))["viewer"]["notifications"]["nodes"]
    here = {"id": package_}
    return (
        [each["action"] for each in items if each["subject"] == here],
        [each["kind"] for each in told if each["subject"] == here],
    )


async def test_a_package_by_e_mail_waits_for_the_office_and_is_entered_by_it(
    api: Api, server: Server, collecting: Any, tmp_path: Path
) -> None:
    subject = f"备案材料 {uuid.uuid4()}"
    message = letter(subject, ("材料包.zip", package(tmp_path, await form_of(api))), ("照片.jpg", b"\xff\xd8\xff"))
    server.receive(letter("没有附件"))
    server.receive(message)
    inbox = Imap([declared(server.url)])
    assert await collecting(inbox) == [None]
    (waiting,) = await came(api, subject)
    assert (waiting["state"], waiting["sender"], waiting["filename"]) == (
        "WAITING",
        "unit@example.gov.cn",
        "材料包.zip",
    )
    assert await waits_for(api, "district.officer", waiting["id"]) == (["ENTER_FILING"], ["PACKAGE_ARRIVED"])
    assert await waits_for(api, "city.officer", waiting["id"]) == ([], [])
    assert waiting["document"] == {"id": waiting["document"]["id"], "state": "STORED", "kind": "FILING_ARCHIVE"}
    # Nothing happened to the mailbox; read again, or come again, it is taken once.
    assert not any(b"Seen" in each for each in server.flags())
    server.receive(message)
    assert await collecting(inbox) == [None]
    assert await came(api, subject) == [waiting]
    # It is the office's alone, and a filing only once the office enters it.
    assert await came(api, subject, "city.officer") == []
    given = {"packageId": waiting["document"]["id"], "channel": "EMAIL", "receivedOn": today().isoformat()}
    filing = await done(api, "district.officer", "enterFiling", "filing{id channel missingItems{path}}", **given)
    assert filing["channel"] == "EMAIL"
    assert filing["missingItems"]
    (entered,) = await came(api, subject)
    assert (entered["state"], entered["filing"]) == ("ENTERED", {"id": filing["id"]})
    assert await waits_for(api, "district.officer", waiting["id"]) == ([], ["PACKAGE_ARRIVED"])


HOSTILE = {
    "damaged": ("unit@example.gov.cn", b"PK\x03\x04 and nothing more", "damaged"),
    "not an archive": ("unit@example.gov.cn", b"%PDF-1.4", "not of the type"),
    "of a stranger": ("somebody@example.com", b"PK\x03\x04", "not on the list"),
    "of two at once": ("unit@example.gov.cn, b@example.gov.cn", b"PK\x03\x04", "not on the list"),
}


async def test_what_cannot_be_taken_is_told_with_the_reason(api: Api, server: Server, collecting: Any) -> None:
    subjects = {name: f"{name} {uuid.uuid4()}" for name in HOSTILE}
    for name, (sender, content, _) in HOSTILE.items():
        server.receive(letter(subjects[name], ("../../材料.zip", content), sender=sender))
    assert await collecting(Imap([declared(server.url)])) == [None]
    token = await api.token("district.officer")
    document = f"{{mailedPackages(first:100){{nodes{{{SELECTION}}}}}}}"
    found = (await api.post(document, token, {"accept-language": "en"})).json()["data"]["mailedPackages"]["nodes"]
    by_subject = {each["subject"]: each for each in found}
    for name, (_, _, reason) in HOSTILE.items():
        refused = by_subject[subjects[name]]
        assert (refused["state"], refused["filename"]) == ("REFUSED", "材料.zip")
        assert reason in refused["reason"]
        assert (refused["document"] or {"state": "REJECTED"})["state"] == "REJECTED"
        told = [] if "not on the list" in reason else ["PACKAGE_REFUSED"]  # a stranger is nobody's business
        assert await waits_for(api, "district.officer", refused["id"]) == ([], told)


async def test_a_mailbox_that_cannot_be_read_is_told_to_the_operator_without_its_password(
    server: Server, collecting: Any
) -> None:
    wrong = server.url.replace(PASSWORD, "another-word")
    nobody = declared(server.url, name="nobody", account="unit.filer")
    silent = declared("imap://a:b@127.0.0.1:1", name="silent")
    (reason,) = await collecting(Imap([declared(wrong, name="wrong"), nobody, silent]))
    assert all(name in reason for name in ("wrong", "nobody", "silent"))
    assert "another-word" not in reason


@dataclass
class Secured:
    """Two ways into one mailbox by TLS, and the files of two authorities: the server's own, and another."""

    urls: dict[str, str]
    own: Path
    other: Path


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    folder, identity = tmp_path_factory.mktemp("imap"), make_identity("mail")
    own, other, certificate, key = (folder / name for name in ("own.pem", "other.pem", "certificate.pem", "key.pem"))
    own.write_bytes(identity.authority)
    other.write_bytes(make_identity("somebody").authority)
    certificate.write_bytes(identity.certificate)
    key.write_bytes(identity.key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    with running("--cert", str(certificate), "--key", str(key)) as offering, running("--no-tls") as inner:

        async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while piece := await reader.read(1 << 16):
                    writer.write(piece)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

        async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            there, back = await asyncio.open_connection("127.0.0.1", inner.port)
            await asyncio.gather(pipe(reader, back), pipe(there, writer), return_exceptions=True)

        front = await asyncio.start_server(accepted, ("127.0.0.1", "127.0.0.2"), free_port(), ssl=context)
        async with front:
            whole = Server(front.sockets[0].getsockname()[1]).url
            yield Secured({"tls": whole, "starttls": offering.url}, own, other)


async def next_of(secured_: Secured, security: str, **given: Any) -> str | None:
    """Why the mailbox cannot be read; None where it can."""
    url = given.pop("url", secured_.urls[security])
    mailbox = declared(url, security=security, **given)
    try:
        await Imap([mailbox]).next(mailbox, 0, 0)
    except InboxUnavailable as refused:
        return refused.reason
    return None


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_server_has_to_be_of_a_known_authority(secured: Secured, security: str) -> None:
    assert await next_of(secured, security, authority=secured.own) is None
    for stranger in ({}, {"authority": secured.other}):
        assert await next_of(secured, security, **stranger) == "SSLCertVerificationError"


async def test_a_server_has_to_be_the_one_that_was_named_and_to_speak_tls(secured: Secured, server: Server) -> None:
    elsewhere = secured.urls["tls"].replace("127.0.0.1", "127.0.0.2")
    assert await next_of(secured, "tls", url=elsewhere, authority=secured.own) == "SSLCertVerificationError"
    # One that offers no TLS gets no password.
    assert await next_of(secured, "starttls", url=server.url, authority=secured.own) == "abort"


MESSAGES = {
    "nothing": b"",
    "no header": b"\xff\xfe\x00\x01",
    "a header without end": b"Subject: " + b"x" * 100_000,
    "a broken charset": b"Subject: =?no-such?B?////?=\r\nFrom: =?x?Q?=\r\n\r\n",
    "parts without end": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\nx\r\n" * 2000,
    "nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(100)
    ),
    "no base64": b"Content-Type: application/zip; name=x.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%%",
    "two senders": b"From: a@x, b@x\r\nFrom: c@x\r\n\r\n",
}


@pytest.mark.parametrize("raw", MESSAGES.values(), ids=MESSAGES.keys())
def test_no_e_mail_keeps_the_others_from_being_read(raw: bytes) -> None:
    made = read_letter(raw, 1, 7, AT)
    assert (made.uid, made.arrived_at) == (7, AT)
    assert made.message_id
    assert made.refusal is None or not made.archives


_MAILBOX = '[[mailbox]]\nname="a"\ncity="x"\naccount="y"\n'
DECLARATIONS = {
    "no TOML": ("[[mailbox]", "TOML"),
    "no senders": (_MAILBOX + 'url="imap://u:p@h"\nsenders=[]', "senders"),
    "no password": (_MAILBOX + 'url="imap://h"\nsenders=["@x"]', "url"),
    "in the open": (_MAILBOX + 'url="imap://u:p@h"\nsenders=["@x"]\nsecurity="none"', "TLS"),
    "no authority": (_MAILBOX + 'url="imap://u:p@h"\nsenders=["@x"]\nauthority="/nowhere.pem"', "authority"),
    "one name for two": ((_MAILBOX + 'url="imap://u:p@h"\nsenders=["@x"]\n') * 2, "name"),
}


@pytest.mark.parametrize(("text", "word"), DECLARATIONS.values(), ids=DECLARATIONS.keys())
def test_a_declaration_that_cannot_be_meant(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "mailboxes.toml").write_text(text)
    settings = Settings(mailboxes=tmp_path / "mailboxes.toml", _env_file=None)  # type: ignore[call-arg]
    with pytest.raises(SetupError, match=word):
        inbox_of(settings)


def test_without_a_declaration_nothing_is_collected() -> None:
    assert inbox_of(Settings(_env_file=None)) is None  # type: ignore[call-arg]
