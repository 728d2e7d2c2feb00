"""Access tokens: signed statements (EdDSA JWT) of who is signed in, good for a quarter of an hour."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LIFE = dt.timedelta(minutes=15)
ISSUER = "dengbao"
KEY_BYTES = 32
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says; ``expires_at`` in seconds since the epoch."""

    tenant_id: UUID
    user_id: UUID
    session_id: UUID
    expires_at: int


class InvalidToken(Exception):  # noqa: N818 - the caller's state rather than a fault
    """Not a token of ours, or no longer valid."""


class Tokens:
    """Issues and reads access tokens under one Ed25519 key, given as its 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self._private = Ed25519PrivateKey.from_private_bytes(key)
        self._public = self._private.public_key()
        # Verifying costs as much as a small statement, and clients send the same token many times.
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def issue(
        self, tenant_id: UUID, user_id: UUID, session_id: UUID, now: dt.datetime, until: dt.datetime | None = None
    ) -> tuple[str, dt.datetime]:
        """A token and the moment at which it ends, its session's end (``until``) at the latest."""
        expires_at = min(now + LIFE, until or now + LIFE).replace(microsecond=0)
        claims = {
            "iss": ISSUER,
            "sub": str(user_id),
            "ten": str(tenant_id),
            "sid": str(session_id),
            "exp": int(expires_at.timestamp()),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA"), expires_at

    def read(self, token: str, now: dt.datetime) -> Claims:
        """What ``token`` says. Raises: InvalidToken."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verify(token)
            self._verified[token] = claims
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        if claims.expires_at <= now.timestamp():
            self._verified.pop(token, None)
            raise InvalidToken
        return claims

    def _verify(self, token: str) -> Claims:
        try:
            claims = jwt.decode(
                token,
                self._public,
                algorithms=["EdDSA"],
                issuer=ISSUER,
                options={"require": ["exp", "sub"], "verify_exp": False},
            )
            return Claims(UUID(claims["ten"]), UUID(claims["sub"]), UUID(claims["sid"]), int(claims["exp"]))
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None
