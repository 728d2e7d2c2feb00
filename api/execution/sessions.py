"""The session's own mutations: signing in, continuing, signing out. They come before there is a caller."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.execution.platform import Platform
from api.http.endpoint import Context
from api.http.errors import unauthenticated
from authz.tokens import Claims
from domain.access import Caller
from domain.errors import Problem
from domain.people.sign_in import REJECTED, STALE, RefreshToken, SignedIn, refresh_session, sign_in, sign_out


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """Plain values of a payload, problems, and who is signed in now."""

    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    caller: Caller | None = None


class Sessions:
    """Carries out signIn, refreshSession and signOut."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def run(self, name: str, given: Mapping[str, Any], context: Context) -> SessionAnswer:
        """One of the session's mutations by its name."""
        now = dt.datetime.now(dt.UTC)
        if name == "signIn":
            return await self._sign_in(given, context, now)
        if name == "refreshSession":
            return await self._refresh(given, context, now)
        return await self._sign_out(context, now)

    async def _sign_in(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        name, _, city = str(given["username"]).strip().partition("@")
        tenant_id = await self._platform.database.directory.resolve_tenant(city.lower() or None)
        if tenant_id is None:
            return _refused(REJECTED)
        async with self._platform.database.transaction(tenant_id) as session:
            answer = await sign_in(session, tenant_id, name, given["password"], context.address, now)
        return await self._signed_in(answer, context, now)

    async def _refresh(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        token = RefreshToken.parse(str(given["refreshToken"]))
        if token is None:
            return _refused(STALE)
        async with self._platform.database.transaction(token.tenant_id) as session:
            answer = await refresh_session(session, token, now)
        return await self._signed_in(answer, context, now)

    async def _sign_out(self, context: Context, now: dt.datetime) -> SessionAnswer:
        caller = context.caller
        if caller is None:
            raise unauthenticated()
        async with self._platform.database.transaction(caller.tenant_id) as session:
            await sign_out(session, caller.tenant_id, caller.session_id, now)
        # Other workers hear of it in a moment; this one does not wait.
        self._platform.principals.invalidate(caller.tenant_id)
        return SessionAnswer({"signedOut": True})

    async def _signed_in(self, answer: SignedIn | Problem, context: Context, now: dt.datetime) -> SessionAnswer:
        if isinstance(answer, Problem):
            return _refused(answer)
        platform = self._platform
        token, expires_at = platform.tokens.issue(answer.tenant_id, answer.user_id, answer.session_id, now)
        claims = Claims(answer.tenant_id, answer.user_id, answer.session_id, int(expires_at.timestamp()))
        caller = await platform.principals.caller(claims, None, context.language)
        values = {
            "accessToken": token,
            "refreshToken": answer.refresh_token,
            "expiresAt": expires_at.isoformat(),
        }
        return SessionAnswer(values, caller=caller)


def _refused(problem: Problem) -> SessionAnswer:
    return SessionAnswer({"signedOut": False}, (problem,))
