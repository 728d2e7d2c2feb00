"""Identity providers (统一身份认证) as the operator declares them, and what is believed of the tokens they sign.

Nothing in a token says where its key is found, or which algorithm holds: both are the declaration's.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import jwt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.access import Duty, Role
from domain.people.external import Grant

LEEWAY_SECONDS = 30
MAX_LIFE = dt.timedelta(days=1)
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]


class ProviderError(Exception):
    """A provider's declaration, or its answer, cannot be used."""


class Rule(BaseModel):
    """Who has ``value`` in ``claim`` (or among its values) acts in ``organisation`` with these duties."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str
    value: str
    organisation: str
    role: Role
    duties: Annotated[tuple[Duty, ...], Field(min_length=1)]

    def holds(self, claims: Mapping[str, Any]) -> bool:
        """Whether the claims say so."""
        given = claims.get(self.claim)
        return given == self.value or (isinstance(given, list) and self.value in given)


class Provider(BaseModel):
    """One provider, of one city."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[a-z0-9-]{1,40}$")]
    city: str
    issuer: str
    client_id: str
    client_secret: str | None = None
    algorithms: Annotated[tuple[Algorithm, ...], Field(min_length=1)] = ("RS256",)
    # Further hosts, beside the issuer's own, that its discovery document may send us to.
    hosts: tuple[str, ...] = ()
    scopes: str = "openid profile"
    username_claim: str = "preferred_username"
    # Whether a user name of ours that the provider also uses is the same person.
    link_usernames: bool = False
    rules: tuple[Rule, ...] = Field(default=(), alias="rule")

    def grants(self, claims: Mapping[str, Any]) -> tuple[Grant, ...]:
        """The memberships that the claims call for."""
        held = [rule for rule in self.rules if rule.holds(claims)]
        return tuple(Grant(rule.organisation, rule.role, frozenset(rule.duties)) for rule in held)


def read_providers(path: Path) -> tuple[Provider, ...]:
    """The providers that a TOML file declares (``[[provider]]``). Raises: ProviderError."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")).get("provider", [])
        return tuple(Provider.model_validate(each) for each in given)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ProviderError(f"{path} cannot be read as TOML ({type(error).__name__}).") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ProviderError(f"{path}: {wrong}.") from None


def unverified_issuer(token: str) -> str | None:
    """Whom a token says it is of, to find the declaration by; nothing of it is believed yet."""
    try:
        issuer = jwt.decode(token, options={"verify_signature": False}).get("iss")
    except jwt.InvalidTokenError:
        return None
    return issuer if isinstance(issuer, str) else None


def key_id(token: str) -> str | None:
    """Which of the provider's keys a token says it is signed by. Raises: ProviderError."""
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.InvalidTokenError:
        raise ProviderError("no token") from None


def verify(provider: Provider, key: jwt.PyJWK, token: str, nonce: str | None = None) -> dict[str, Any]:
    """The claims of a token: signed by ``key`` with an algorithm of the declaration, of its issuer, for us, in time.

    Raises: ProviderError.
    """
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=list(provider.algorithms),
            issuer=provider.issuer,
            audience=provider.client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except (jwt.InvalidTokenError, TypeError, ValueError):
        raise ProviderError("the token is not good") from None
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if several and claims.get("azp") != provider.client_id:
        raise ProviderError("the token is for another party")
    if nonce is not None and claims.get("nonce") != nonce:
        raise ProviderError("the token answers another request")
    return claims
