"""Signing in and out: throttled, audited, with a refresh token that changes each time it is used.

These use cases come before there is a caller. A failure has to be remembered as well, so they answer with a
``Problem`` instead of raising: whoever calls them commits in either case.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.entities import AuditEvent
from domain.errors import ErrorCode, Problem
from domain.people.entities import SignInAttempt, SignInSession, User
from domain.people.passwords import MAX_LENGTH, NOBODY, verify_password
from domain.text import Text

SESSION_LIFE = dt.timedelta(days=30)
THROTTLE_WINDOW = dt.timedelta(minutes=15)
FAILURES_PER_NAME = 10
FAILURES_PER_ADDRESS = 100

REJECTED = Problem(
    ErrorCode.INVALID_INPUT,
    Text("用户名或密码不正确。请核对后重试。", "The username or the password is wrong. Check both and try again."),
    "password",
)
STALE = Problem(
    ErrorCode.INVALID_INPUT,
    Text("登录已失效。请重新登录。", "The sign-in is no longer valid. Sign in again."),
    "refreshToken",
)
THROTTLED = Problem(
    ErrorCode.RATE_LIMITED,
    Text("登录失败次数过多。请在 15 分钟后再试。", "Too many failed sign-ins. Try again in 15 minutes."),
    "username",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and the refresh token that continues it; the token is shown once and kept as a digest only."""

    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    refresh_token: str


async def sign_in(
    session: AsyncSession, tenant_id: UUID, username: str, password: str, address: str, now: dt.datetime
) -> SignedIn | Problem:
    """Open a session for ``username`` (without its ``@city``); problems: RATE_LIMITED, INVALID_INPUT."""
    name = username.strip().lower()[:64]
    if await _throttled(session, tenant_id, name, address, now):
        return THROTTLED
    user = await session.scalar(select(User).where(User.tenant_id == tenant_id, User.username == name))
    # A disabled account answers, and takes as long, as a wrong password does.
    right = await verify_password(user.password_hash if user else NOBODY, password[: MAX_LENGTH + 1])
    if user is None or not right or user.disabled_at is not None:
        session.add(SignInAttempt(tenant_id=tenant_id, created_at=now, username=name, address=address))
        return REJECTED
    secret = secrets.token_urlsafe(32)
    opened = SignInSession(
        tenant_id=tenant_id,
        created_at=now,
        user_id=user.id,
        refresh_digest=_digest(secret),
        expires_at=now + SESSION_LIFE,
    )
    session.add(opened)
    await session.flush()
    _audit(session, "signIn", opened, now)
    return _signed_in(opened, secret)


async def refresh_session(session: AsyncSession, token: RefreshToken, now: dt.datetime) -> SignedIn | Problem:
    """Exchange a refresh token for the next one; one that was exchanged before ends its session."""
    kept = await session.scalar(
        select(SignInSession)
        .where(SignInSession.tenant_id == token.tenant_id, SignInSession.id == token.session_id)
        .with_for_update()
    )
    if kept is None or kept.ended_at is not None or kept.expires_at <= now:
        return STALE
    digest = _digest(token.secret)
    if not secrets.compare_digest(digest, kept.refresh_digest):
        if kept.former_digest is not None and secrets.compare_digest(digest, kept.former_digest):
            _end(session, kept, "a refresh token was used twice", now)
        return STALE
    secret = secrets.token_urlsafe(32)
    kept.former_digest, kept.refresh_digest = kept.refresh_digest, _digest(secret)
    return _signed_in(kept, secret)


async def sign_out(session: AsyncSession, tenant_id: UUID, session_id: UUID, now: dt.datetime) -> None:
    """End a session; its access token is refused from then on."""
    kept = await session.get(SignInSession, (tenant_id, session_id), with_for_update=True)
    if kept is not None and kept.ended_at is None:
        _end(session, kept, "signed out", now)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, taken apart: whose it claims to be, and the secret that proves it."""

    tenant_id: UUID
    session_id: UUID
    secret: str

    def __str__(self) -> str:
        return f"{self.tenant_id.hex}.{self.session_id.hex}.{self.secret}"

    @classmethod
    def parse(cls, text: str) -> RefreshToken | None:
        """The parts of ``text``, or None when it is no refresh token of ours."""
        try:
            tenant, session, secret = text.split(".")
            return cls(UUID(tenant), UUID(session), secret)
        except ValueError:
            return None


async def _throttled(session: AsyncSession, tenant_id: UUID, name: str, address: str, now: dt.datetime) -> bool:
    recent = (SignInAttempt.tenant_id == tenant_id, SignInAttempt.created_at > now - THROTTLE_WINDOW)
    by_name = select(func.count()).where(*recent, SignInAttempt.username == name).scalar_subquery()
    by_address = select(func.count()).where(*recent, SignInAttempt.address == address).scalar_subquery()
    row = (await session.execute(select(by_name, by_address))).one()
    return bool(row[0] >= FAILURES_PER_NAME or row[1] >= FAILURES_PER_ADDRESS)


def _end(session: AsyncSession, kept: SignInSession, because: str, now: dt.datetime) -> None:
    kept.ended_at, kept.ended_because = now, because
    _audit(session, "signOut", kept, now, {"because": because})


def _audit(
    session: AsyncSession,
    action: str,
    subject: SignInSession,
    now: dt.datetime,
    after: dict[str, str] | None = None,
) -> None:
    session.add(
        AuditEvent(
            tenant_id=subject.tenant_id,
            created_at=now,
            action=action,
            user_id=subject.user_id,
            subject_type="SignInSession",
            subject_id=subject.id,
            after=after,
        )
    )


def _signed_in(kept: SignInSession, secret: str) -> SignedIn:
    return SignedIn(kept.tenant_id, kept.user_id, kept.id, str(RefreshToken(kept.tenant_id, kept.id, secret)))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
