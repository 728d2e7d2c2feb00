"""Signing in by the word of an identity provider: its tokens as bearers, and the browser's way (code with PKCE)."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
import orjson
import structlog
from sqlalchemy import select

from authz.providers import Provider, ProviderError, key_id, unverified_issuer, verify
from authz.tokens import Claims
from domain.people.entities import SignInMethod, SignInSession
from domain.people.external import Identity, accept
from domain.people.sign_in import HANDOVER_LIFE, SignedIn, audit, digest_of, open_session
from domain.ports import Seals
from storage.database import Database
from storage.declared import OutgoingError, ask_json, require_declared
from storage.settings import Settings

log = structlog.get_logger(component="providers")

REMEMBERED = 10_000
KEYS_LAST = 3600.0
# A key that is not known is asked for again at most so often, whatever tokens come.
KEYS_AGAIN = 30.0
REQUEST_LIFE = 600


@dataclass(slots=True)
class _Known:
    """What is remembered of a provider."""

    metadata: dict[str, Any] = field(default_factory=dict)
    keys: dict[str | None, jwt.PyJWK] = field(default_factory=dict)
    asked_at: float = float("-inf")
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class IdentityProviders:
    """The declared providers; keys are remembered, tokens as long as they last."""

    def __init__(self, providers: tuple[Provider, ...], database: Database, seals: Seals, settings: Settings) -> None:
        self._settings = settings
        self._by_name = {each.name: each for each in providers}
        self._by_issuer = {(each.issuer, each.client_id): each for each in providers}
        self._known = {each.name: _Known() for each in providers}
        self._database = database
        self._seals = seals
        self._bearers: OrderedDict[str, Claims] = OrderedDict()

    # --- bearer tokens ---

    async def claims(self, token: str) -> Claims | None:
        """The session that stands for a provider's token, opened when it is first seen; None for what is none."""
        digest = digest_of(f"bearer {token}")
        known = self._bearers.get(digest)
        if known is not None:
            return known if known.expires_at > time.time() else None
        issuer = unverified_issuer(token)
        for provider in self._by_issuer.values():
            if provider.issuer != issuer:
                continue
            try:
                given = await self._verified(provider, token)
            except (ProviderError, OutgoingError) as error:
                log.info("token refused", provider=provider.name, error=str(error))
                continue
            found = await self._session_of(provider, given, digest)
            if found is not None:
                self._bearers[digest] = found
                if len(self._bearers) > REMEMBERED:
                    self._bearers.popitem(last=False)
            return found
        return None

    async def _session_of(self, provider: Provider, given: dict[str, Any], digest: str) -> Claims | None:
        tenant_id = await self._database.directory.resolve_tenant(provider.city)
        if tenant_id is None:
            return None
        now = dt.datetime.now(dt.UTC)
        ends = dt.datetime.fromtimestamp(given["exp"], dt.UTC)
        async with self._database.transaction(tenant_id) as session:
            user = await accept(session, tenant_id, _identity(provider, given), now)
            if user is None:
                return None
            # Accepting one subject comes one after the other, so that a token has one session.
            opened = await session.scalar(
                select(SignInSession).where(
                    SignInSession.tenant_id == tenant_id, SignInSession.refresh_digest == digest
                )
            )
            if opened is None:
                opened = SignInSession(
                    tenant_id=tenant_id,
                    created_at=now,
                    user_id=user.id,
                    method=SignInMethod.PROVIDER,
                    refresh_digest=digest,
                    expires_at=ends,
                )
                session.add(opened)
                await session.flush()
                audit(session, "signIn", opened, user.id, now, {"method": "PROVIDER", "provider": provider.name})
            return Claims(tenant_id, user.id, opened.id, int(ends.timestamp()))

    # --- browsers ---

    async def begin(self, name: str, redirect_uri: str) -> tuple[str, str]:
        """Where to send the browser, and what its cookie has to bring back. Raises: ProviderError, OutgoingError."""
        provider = self._provider(name)
        metadata = await self._metadata(provider)
        verifier, state, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": provider.client_id,
                "redirect_uri": redirect_uri,
                "scope": provider.scopes,
                "state": state,
                "nonce": nonce,
                "code_challenge": challenge,
                "code_challenge_method": "S256",
            }
        )
        kept = {"p": name, "v": verifier, "s": state, "n": nonce, "t": int(time.time())}
        return f"{metadata['authorization_endpoint']}?{query}", self._seals.seal(orjson.dumps(kept))

    async def complete(
        self, name: str, redirect_uri: str, code: str, state: str, cookie: str, address: str
    ) -> SignedIn | None:
        """The session of whoever the provider says has come back; None where it may not enter.

        Raises: ProviderError, OutgoingError.
        """
        provider = self._provider(name)
        kept = self._kept(cookie)
        if kept["p"] != name or not secrets.compare_digest(kept["s"], state):
            raise ProviderError("the answer is to another request")
        if time.time() - kept["t"] > REQUEST_LIFE:
            raise ProviderError("the request was too long ago")
        metadata = await self._metadata(provider)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": provider.client_id,
            "code_verifier": kept["v"],
        }
        auth = (provider.client_id, provider.client_secret) if provider.client_secret else None
        answer = await ask_json(self._settings, metadata["token_endpoint"], _hosts(provider), form, auth)
        given = await self._verified(provider, str(answer.get("id_token", "")), kept["n"])
        tenant_id = await self._database.directory.resolve_tenant(provider.city)
        if tenant_id is None:
            return None
        now = dt.datetime.now(dt.UTC)
        async with self._database.transaction(tenant_id) as session:
            user = await accept(session, tenant_id, _identity(provider, given), now)
            if user is None:
                return None
            return await open_session(session, user, SignInMethod.PROVIDER, address, HANDOVER_LIFE, now)

    def _kept(self, cookie: str) -> dict[str, Any]:
        try:
            kept: dict[str, Any] = orjson.loads(self._seals.open(cookie))
        except ValueError:
            raise ProviderError("the cookie is not ours") from None
        return kept

    def _provider(self, name: str) -> Provider:
        if name not in self._by_name:
            raise ProviderError("there is no such provider")
        return self._by_name[name]

    # --- what providers say of themselves ---

    async def _verified(self, provider: Provider, token: str, nonce: str | None = None) -> dict[str, Any]:
        wanted = key_id(token)
        known = self._known[provider.name]
        if _key(known, wanted) is None or time.monotonic() - known.asked_at > KEYS_LAST:
            await self._ask_keys(provider, wanted)
        key = _key(known, wanted)
        if key is None:
            raise ProviderError("signed by no key of the provider")
        return verify(provider, key, token, nonce)

    async def _ask_keys(self, provider: Provider, wanted: str | None) -> None:
        known = self._known[provider.name]
        async with known.lock:
            age = time.monotonic() - known.asked_at
            if age < KEYS_AGAIN or (_key(known, wanted) is not None and age <= KEYS_LAST):
                return
            known.asked_at = time.monotonic()
            metadata = await self._metadata(provider)
            given = (await ask_json(self._settings, metadata["jwks_uri"], _hosts(provider))).get("keys", [])
            known.keys = {}
            for each in given:
                try:
                    key = jwt.PyJWK(each)
                except (jwt.PyJWTError, KeyError, ValueError, TypeError):
                    continue  # a kind of key that we know nothing of
                if key.public_key_use in {None, "sig"}:
                    known.keys[key.key_id] = key

    async def _metadata(self, provider: Provider) -> dict[str, Any]:
        known = self._known[provider.name]
        if not known.metadata:
            url = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = await ask_json(self._settings, url, _hosts(provider))
            if found.get("issuer") != provider.issuer:
                raise ProviderError("the provider calls itself another")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                require_declared(str(found.get(name)), _hosts(provider))
            known.metadata = found
        return known.metadata


def _key(known: _Known, wanted: str | None) -> jwt.PyJWK | None:
    """The key that a token names; one that names none is by the only key there is (OpenID Connect Core, 10.1)."""
    if wanted is None and len(known.keys) == 1:
        return next(iter(known.keys.values()))
    return known.keys.get(wanted)


def _hosts(provider: Provider) -> frozenset[str]:
    return frozenset({urlsplit(provider.issuer).netloc.lower(), *(each.lower() for each in provider.hosts)})


def _identity(provider: Provider, claims: dict[str, Any]) -> Identity:
    name = str(claims.get(provider.username_claim) or claims["sub"])
    email = claims.get("email") if claims.get("email_verified") else None
    return Identity(
        provider=provider.name,
        issuer=provider.issuer,
        subject=str(claims["sub"]),
        username=name,
        display_name=str(claims.get("name") or name),
        email=str(email) if email else None,
        grants=provider.grants(claims),
        link_usernames=provider.link_usernames,
    )
