"""Signing in and out: throttled, audited, with a refresh token that changes each time it is used.

These use cases come before there is a caller. A failure has to be remembered as well, so they answer with a
``Problem`` instead of raising: whoever calls them commits in either case, and puts it on record.

An attempt is counted before its password is looked at, and taken back when it was right: however many come at once, on
however many workers, no more passwords are tried than the limits allow. Nothing is held while a password is hashed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.audit.entities import AuditEvent
from domain.base import TenantRow
from domain.errors import ErrorCode, Problem
from domain.people.entities import SignInAttempt, SignInMethod, SignInSession, User
from domain.people.passwords import NOBODY
from domain.people.totp import credential_of, take_code
from domain.ports import Seals
from domain.text import Text

SESSION_LIFE = dt.timedelta(days=30)
# How long a session opened at an identity provider waits for its client to come and continue it.
HANDOVER_LIFE = dt.timedelta(minutes=2)
THROTTLE_WINDOW = dt.timedelta(minutes=15)
FAILURES_PER_NAME = 10
FAILURES_PER_ADDRESS = 100

REJECTED = Problem(
    ErrorCode.INVALID_INPUT,
    Text("用户名或密码不正确。请核对后重试。", "The username or the password is wrong. Check both and try again."),
    "password",
)
CODE_MISSING = Problem(
    ErrorCode.INVALID_INPUT,
    Text(
        "该账户已启用动态口令。请填写动态口令或恢复码。",
        "This account uses one-time codes. Give a code, or a recovery code.",
    ),
    "totp",
)
CODE_REJECTED = Problem(
    ErrorCode.INVALID_INPUT,
    Text(
        "动态口令不正确或已用过。请等待下一个口令后重试。",
        "The one-time code is wrong or was used already. Wait for the next one and try again.",
    ),
    "totp",
)
STALE = Problem(
    ErrorCode.INVALID_INPUT,
    Text("登录已失效。请重新登录。", "The sign-in is no longer valid. Sign in again."),
    "refreshToken",
)
THROTTLED = Problem(
    ErrorCode.RATE_LIMITED,
    Text("失败次数过多。请在 15 分钟后再试。", "Too many failures. Try again in 15 minutes."),
    "username",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session, and the refresh token that continues it; the token is shown once and kept as a digest only."""

    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    refresh_token: str
    expires_at: dt.datetime
    must_change_password: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A password that is about to be tried: counted already, with what it has to be compared to."""

    tenant_id: UUID
    id: UUID
    address: str
    user_id: UUID | None
    password_hash: str


async def begin_attempt(
    session: AsyncSession, tenant_id: UUID, username: str, address: str, now: dt.datetime
) -> Attempt | Problem:
    """Count an attempt at the account ``username`` (without its ``@city``) from ``address``; or RATE_LIMITED."""
    name = username.strip().lower()[:64]
    # Those at one name, and those from one address, are counted one after the other, on whatever worker.
    for whose in (f"name {name}", f"address {address}"):
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{tenant_id} {whose}", 0))))
    user = await session.scalar(select(User).where(User.tenant_id == tenant_id, User.username == name))
    if await _throttled(session, tenant_id, name, address, now):
        return THROTTLED
    attempt = SignInAttempt(tenant_id=tenant_id, created_at=now, username=name, address=address)
    session.add(attempt)
    await session.flush()
    # A disabled account answers, and takes as long, as a wrong password does.
    usable = user is not None and user.disabled_at is None
    return Attempt(
        tenant_id,
        attempt.id,
        address,
        user.id if user else None,
        user.password_hash if user is not None and usable else NOBODY,
    )


async def take_back(session: AsyncSession, attempt: Attempt) -> None:
    """The attempt was no failure: it does not count."""
    await session.execute(
        delete(SignInAttempt).where(SignInAttempt.tenant_id == attempt.tenant_id, SignInAttempt.id == attempt.id)
    )


async def sign_in(
    session: AsyncSession, attempt: Attempt, *, right: bool, totp: str | None, seals: Seals, now: dt.datetime
) -> SignedIn | Problem:
    """Open a session where the password was ``right``, and the one-time code is where there is one; or a problem."""
    user = await session.get(User, (attempt.tenant_id, attempt.user_id)) if attempt.user_id else None
    if user is None or not right or user.disabled_at is not None or user.password_hash != attempt.password_hash:
        return REJECTED
    credential = await credential_of(session, user.tenant_id, user.id)
    if credential is not None and not (totp or "").strip():
        await take_back(session, attempt)
        return CODE_MISSING
    if credential is not None and not take_code(credential, seals, totp or "", now):
        return CODE_REJECTED
    await take_back(session, attempt)
    return await open_session(session, user, SignInMethod.PASSWORD, attempt.address, SESSION_LIFE, now)


async def open_session(
    session: AsyncSession, user: User, method: SignInMethod, address: str, life: dt.timedelta, now: dt.datetime
) -> SignedIn:
    """A new session of ``user``."""
    secret = secrets.token_urlsafe(32)
    opened = SignInSession(
        tenant_id=user.tenant_id,
        created_at=now,
        user_id=user.id,
        method=method,
        address=address or None,
        refresh_digest=digest_of(secret),
        expires_at=now + life,
    )
    session.add(opened)
    await session.flush()
    audit(session, "signIn", opened, user.id, now, {"method": method.value, "address": address})
    return _signed_in(opened, secret, must_change_password=user.must_change_password)


async def refresh_session(session: AsyncSession, token: RefreshToken, now: dt.datetime) -> SignedIn | Problem:
    """Exchange a refresh token for the next one; one that was exchanged before ends its session."""
    kept = await session.scalar(
        select(SignInSession)
        .where(SignInSession.tenant_id == token.tenant_id, SignInSession.id == token.session_id)
        .with_for_update()
    )
    if kept is None or kept.ended_at is not None or kept.expires_at <= now:
        return STALE
    user = await session.get_one(User, (kept.tenant_id, kept.user_id))
    if not secrets.compare_digest(digest_of(token.secret), kept.refresh_digest):
        # Who knows the session's id has held one of its tokens: this one was exchanged before, and is in two hands.
        end_session(session, kept, "a refresh token was used twice", now)
        return STALE
    if user.disabled_at is not None:
        return STALE
    secret = secrets.token_urlsafe(32)
    kept.former_digest, kept.refresh_digest = kept.refresh_digest, digest_of(secret)
    if kept.last_used_at is None:
        kept.expires_at = kept.created_at + SESSION_LIFE
    kept.last_used_at = now
    return _signed_in(kept, secret, must_change_password=user.must_change_password)


async def sign_out(session: AsyncSession, tenant_id: UUID, session_id: UUID, now: dt.datetime) -> None:
    """End a session; its access token is refused from then on."""
    kept = await session.get(SignInSession, (tenant_id, session_id), with_for_update=True)
    if kept is not None and kept.ended_at is None:
        end_session(session, kept, "signed out", now)


async def end_sessions(
    session: AsyncSession, tenant_id: UUID, user_id: UUID, because: str, now: dt.datetime, *, but: UUID | None = None
) -> None:
    """End all sessions of a person, ``but`` one."""
    await session.execute(
        update(SignInSession)
        .where(
            SignInSession.tenant_id == tenant_id,
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.id != but if but else SignInSession.id.is_not(None),
        )
        .values(ended_at=now, ended_because=because)
    )


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


def end_session(session: AsyncSession, kept: SignInSession, because: str, now: dt.datetime) -> None:
    """End one session; its tokens are refused from then on."""
    kept.ended_at, kept.ended_because = now, because
    audit(session, "signOut", kept, kept.user_id, now, {"because": because})


def audit(
    session: AsyncSession, action: str, subject: TenantRow, user_id: UUID, now: dt.datetime, after: dict[str, str]
) -> None:
    """An audit event of somebody who has no membership yet, or for whom it does not matter."""
    session.add(
        AuditEvent(
            tenant_id=subject.tenant_id,
            created_at=now,
            action=action,
            user_id=user_id,
            subject_type=type(subject).__name__,
            subject_id=subject.id,
            after=after,
        )
    )


def digest_of(secret: str) -> str:
    """What is kept of a secret that is too long to be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _signed_in(kept: SignInSession, secret: str, *, must_change_password: bool) -> SignedIn:
    token = str(RefreshToken(kept.tenant_id, kept.id, secret))
    return SignedIn(kept.tenant_id, kept.user_id, kept.id, token, kept.expires_at, must_change_password)
