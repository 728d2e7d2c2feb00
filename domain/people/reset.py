"""A forgotten password: a link by e-mail, good once. Who asks never learns whether an account exists."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.background import Background, TaskFailure
from domain.errors import ErrorCode, Problem
from domain.people.entities import LOCKED, PasswordReset, User, UserKind
from domain.people.own import checked_hash, set_password
from domain.people.sign_in import audit, digest_of, end_sessions
from domain.ports import MailRefused
from domain.text import Text

RESET_LIFE = dt.timedelta(minutes=30)
INVITATION_LIFE = dt.timedelta(days=7)
# So many links a person is sent within the hour, whoever asks for them.
LINKS_AN_HOUR = 3

NO_LINK = Problem(
    ErrorCode.INVALID_INPUT,
    Text("链接无效、已用过或已过期。请重新申请。", "The link is wrong, was used, or has ended. Ask for another."),
    "token",
)
SUBJECT = Text("等保平台:设置密码", "set your password")
BODY = Text(
    "{name},您好:\n\n请用以下链接为账户 {login} 设置密码,{until} 前有效,只能用一次。如非本人申请,请忽略。\n{link}\n",
    "Set the password of your account {login} by this link, good once until {until}. If you did not ask, ignore it.\n"
    "{link}\n",
)


@dataclass(frozen=True, slots=True)
class ResetToken:
    """The token of a link: whose city, which link, and the secret that proves it."""

    tenant_id: UUID
    reset_id: UUID
    secret: str

    def __str__(self) -> str:
        return f"{self.tenant_id.hex}.{self.reset_id.hex}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> ResetToken | None:
        """The parts of ``text``, or None when it is no token of ours."""
        try:
            tenant, reset, secret = text.strip().split(".")
            return cls(UUID(tenant), UUID(reset), secret)
        except ValueError:
            return None


async def mail_link(background: Background, username: str, invited: bool = False) -> None:
    """Send a person a link to choose a password by, where there is such a person and a mail server.

    The token is made here and is in no queue; a job that runs again sends another one. Raises: TaskFailure.
    """
    user = await background.session.scalar(
        select(User).where(User.tenant_id == background.tenant_id, User.username == username)
    )
    if background.mail is None or user is None or user.email is None or user.disabled_at is not None:
        return
    # Who signs in elsewhere has no password here; neither has a program.
    if user.kind is UserKind.PROGRAM or user.password_hash == LOCKED:
        return
    if await _links_of(background, user) >= LINKS_AN_HOUR:
        return
    made = PasswordReset(
        tenant_id=user.tenant_id,
        created_at=background.now,
        user_id=user.id,
        digest="",
        expires_at=background.now + (INVITATION_LIFE if invited else RESET_LIFE),
    )
    secret = secrets.token_urlsafe(32)
    made.digest = digest_of(secret)
    background.session.add(made)
    await background.session.flush()
    link = f"{background.mail.link or ''}#resetToken={ResetToken(user.tenant_id, made.id, secret)}"
    until = made.expires_at.astimezone(dt.timezone(dt.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")
    body = "\n".join(
        part.format(name=user.display_name, login=user.username, until=until, link=link) for part in (BODY.zh, BODY.en)
    )
    try:
        await background.mail.send(user.email, f"{SUBJECT.zh} / {SUBJECT.en}", body, f"rst_{made.id}")
    except MailRefused as refused:
        raise TaskFailure(refused.reason, final=refused.final) from None


async def reset_password(session: AsyncSession, token: ResetToken, password: str, now: dt.datetime) -> Problem | None:
    """Choose a password by a link; all sessions end, and so do the other links. None when it is done.

    Raises: Refusal(INVALID_INPUT) for a password that will not do, which leaves the link good.
    """
    found = await session.scalar(
        select(PasswordReset)
        .where(PasswordReset.tenant_id == token.tenant_id, PasswordReset.id == token.reset_id)
        .with_for_update()
    )
    if (
        found is None
        or found.used_at is not None
        or found.expires_at <= now
        or not secrets.compare_digest(found.digest, digest_of(token.secret))
    ):
        return NO_LINK
    user = await session.get_one(User, (found.tenant_id, found.user_id), with_for_update=True)
    if user.disabled_at is not None:
        return NO_LINK
    await set_password(session, user, await checked_hash(user, password, "newPassword"))
    open_links = select(PasswordReset).where(
        PasswordReset.tenant_id == user.tenant_id, PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None)
    )
    for link in await session.scalars(open_links.with_for_update()):
        link.used_at = now
    await end_sessions(session, user.tenant_id, user.id, "the password was reset", now)
    audit(session, "resetPassword", user, user.id, now, {"by": "link"})
    return None


async def _links_of(background: Background, user: User) -> int:
    """How many links the person was sent within the hour."""
    count = await background.session.scalar(
        select(func.count()).where(
            PasswordReset.tenant_id == user.tenant_id,
            PasswordReset.user_id == user.id,
            PasswordReset.created_at > background.now - dt.timedelta(hours=1),
        )
    )
    return count or 0
