"""One-time codes (动态口令): RFC 6238 with what every authenticator knows, SHA-1, six digits, thirty seconds.

A code is taken once: its step is kept, and it and those before it are refused from then on. Whoever lost the generator
has recovery codes, each good once.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import ErrorCode, Refusal, refuse
from domain.people.entities import TotpCredential, User
from domain.ports import Seals
from domain.work import Work

SECRET_BYTES = 20  # RFC 4226, 4: as long as what SHA-1 gives
PERIOD = 30
DIGITS = 6
# A clock may be one step early or late (RFC 6238, 5.2).
DRIFT = 1
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
ISSUER = "等保平台"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret for an authenticator, in base32 and as the URI behind a QR code; shown this once."""

    secret: str
    uri: str


async def enrol_totp(work: Work, seals: Seals) -> Enrolment:
    """Make a secret; it is asked for at sign-in once ``confirm_totp`` has seen a code of it.

    Raises: Refusal(INVALID_STATE) where one is in force.
    """
    if await credential_of(work.session, work.caller.tenant_id, work.caller.user_id) is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "动态口令已启用。更换前请先停用。",
            "One-time codes are in use already. Switch them off before you enrol anew.",
        )
    user = await work.session.get_one(User, (work.caller.tenant_id, work.caller.user_id))
    secret = secrets.token_bytes(SECRET_BYTES)
    made = TotpCredential(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        user_id=user.id,
        secret=seals.seal(secret),
        recovery_digests=[],
    )
    work.session.add(made)
    await work.session.flush()
    work.record("enrolTotp", made)
    shown = base64.b32encode(secret).decode()
    label = quote(f"{ISSUER}:{user.username}")
    return Enrolment(
        shown,
        f"otpauth://totp/{label}?secret={shown}&issuer={quote(ISSUER)}&algorithm=SHA1&digits={DIGITS}&period={PERIOD}",
    )


async def confirm_totp(work: Work, seals: Seals, *, totp: str) -> list[str]:
    """Put the secret enrolled last in force, by a code of it; the recovery codes, shown this once.

    Raises: Refusal(INVALID_STATE) where nothing waits to be confirmed, Refusal(INVALID_INPUT) for a wrong code.
    """
    waiting = await work.session.scalar(
        select(TotpCredential)
        .where(
            TotpCredential.tenant_id == work.caller.tenant_id,
            TotpCredential.user_id == work.caller.user_id,
            TotpCredential.confirmed_at.is_(None),
            TotpCredential.ended_at.is_(None),
        )
        .order_by(TotpCredential.id.desc())
        .limit(1)
        .with_for_update()
    )
    if waiting is None:
        raise refuse(ErrorCode.INVALID_STATE, "请先登记(enrolTotp)。", "Enrol first (enrolTotp).")
    step = matching_step(seals.open(waiting.secret), totp, work.now, None)
    if step is None:
        raise _wrong()
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    waiting.confirmed_at, waiting.last_step = work.now, step
    waiting.recovery_digests = [_digest(code) for code in codes]
    work.record("confirmTotp", waiting)
    return codes


async def disable_totp(work: Work, seals: Seals, *, totp: str) -> None:
    """Do without one-time codes from now on, by a last code or a recovery code.

    Raises: Refusal(INVALID_STATE, INVALID_INPUT).
    """
    found = await credential_of(work.session, work.caller.tenant_id, work.caller.user_id)
    if found is None:
        raise refuse(ErrorCode.INVALID_STATE, "动态口令未启用。", "One-time codes are not in use.")
    if not take_code(found, seals, totp, work.now):
        raise _wrong()
    found.ended_at = work.now
    work.record("disableTotp", found)


async def credential_of(session: AsyncSession, tenant_id: UUID, user_id: UUID) -> TotpCredential | None:
    """A person's credential in force, locked: of two who bring one code at once, the second finds it taken."""
    found: TotpCredential | None = await session.scalar(
        select(TotpCredential)
        .where(
            TotpCredential.tenant_id == tenant_id,
            TotpCredential.user_id == user_id,
            TotpCredential.confirmed_at.is_not(None),
            TotpCredential.ended_at.is_(None),
        )
        .with_for_update()
    )
    return found


def take_code(credential: TotpCredential, seals: Seals, given: str, now: dt.datetime) -> bool:
    """Whether ``given`` is a code, or a recovery code, that was not taken before; it is from now on."""
    step = matching_step(seals.open(credential.secret), given, now, credential.last_step)
    if step is not None:
        credential.last_step = step
        return True
    digest = _digest(given)
    if digest in credential.recovery_digests:
        credential.recovery_digests = [each for each in credential.recovery_digests if each != digest]
        return True
    return False


def matching_step(secret: bytes, given: str, now: dt.datetime, after: int | None) -> int | None:
    """The step beyond ``after`` whose code ``given`` is, None where there is none near ``now``."""
    present = int(now.timestamp()) // PERIOD
    text = given.replace(" ", "")
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        right = hmac.compare_digest(code_at(secret, step).encode(), text.encode())
        if right and (after is None or step > after):
            found = step
    return found


def code_at(secret: bytes, step: int) -> str:
    """The code of a step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()


def _wrong() -> Refusal:
    return refuse(
        ErrorCode.INVALID_INPUT,
        "动态口令不正确或已用过。请等待下一个口令,并核对设备时间。",
        "The code is wrong or was used already. Wait for the next one, and check the device's clock.",
        "totp",
    )
