"""Signing in and what belongs to it: mutations of nobody's policy, before there is a caller or for oneself."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from api.execution.platform import Platform
from api.execution.tenancies import suspended
from api.http.errors import unauthenticated
from api.http.operations import Context
from api.reads.listings import uuid_of
from authz.tokens import Claims
from domain.access import Caller
from domain.errors import ErrorCode, Problem, Refusal
from domain.people import own, totp
from domain.people.entities import User
from domain.people.passwords import MAX_LENGTH, verify_password
from domain.people.reset import NO_LINK, ResetToken, reset_password
from domain.people.sign_in import (
    REJECTED,
    STALE,
    Attempt,
    RefreshToken,
    SignedIn,
    begin_attempt,
    refresh_session,
    sign_in,
    sign_out,
    take_back,
)
from domain.text import Text
from domain.work import Work

_session = uuid_of("ses")
# Passwords that a worker tries at once; whoever comes meanwhile waits, holding nothing.
AT_ONCE = 2
NOT_PRESENT = Problem(
    ErrorCode.INVALID_INPUT,
    Text("当前密码不正确。", "This is not your present password."),
    "currentPassword",
)


@dataclass(frozen=True, slots=True)
class SessionAnswer:
    """Plain values of a payload, problems, and who is signed in now."""

    values: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    caller: Caller | None = None


class Sessions:
    """Carries out the mutations of ``UNGOVERNED``."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._mutations: Mapping[str, Callable[[Mapping[str, Any], Context, dt.datetime], Awaitable[SessionAnswer]]] = {
            "signIn": self._sign_in,
            "refreshSession": self._refresh,
            "signOut": self._sign_out,
            "changePassword": self._change_password,
            "requestPasswordReset": self._request_reset,
            "resetPassword": self._reset,
            "enrolTotp": self._enrol,
            "confirmTotp": self._confirm,
            "disableTotp": self._disable,
            "revokeSession": self._revoke,
        }

    async def run(self, name: str, given: Mapping[str, Any], context: Context) -> SessionAnswer:
        """One of these mutations by its name."""
        try:
            return await self._mutations[name](given, context, dt.datetime.now(dt.UTC))
        except Refusal as refusal:
            return _refused(*refusal.problems)

    # --- before there is a caller ---

    async def tenant_of(self, name: str, given: Mapping[str, Any]) -> UUID | None:
        """The city that a request of somebody who is not signed in was about."""
        if name == "refreshSession":
            token = RefreshToken.parse(str(given["refreshToken"]))
            found = token and await self._platform.database.directory.has_tenant(token.tenant_id)
            return token.tenant_id if token and found else None
        return (await self._named(given["username"]))[1] if "username" in given else None

    async def account_of(self, username: str) -> UUID | None:
        """The account that somebody who is not signed in named; None where there is none, which takes as long."""
        name, tenant_id = await self._named(username)
        if tenant_id is None:
            return None
        async with self._platform.database.transaction(tenant_id) as session:
            query = select(User.id).where(User.tenant_id == tenant_id, User.username == name[:64])
            account: UUID | None = await session.scalar(query)
            return account

    async def _sign_in(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        name, tenant_id = await self._named(given["username"])
        if tenant_id is None:
            return _refused(REJECTED)
        async with self._turn:
            begun, right = await self._try(tenant_id, name, given["password"], context, now)
            if isinstance(begun, Problem):
                return _refused(begun)
            async with self._platform.database.transaction(tenant_id) as session:
                code, seals = given.get("totp"), self._platform.seals
                answer = await sign_in(session, begun, right=right, totp=code, seals=seals, now=now)
        return await self._signed_in(answer, context, now)

    async def _refresh(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        token = RefreshToken.parse(str(given["refreshToken"]))
        if token is None:
            return _refused(STALE)
        async with self._platform.database.transaction(token.tenant_id) as session:
            answer = await refresh_session(session, token, now)
        return await self._signed_in(answer, context, now)

    async def _request_reset(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        """Whether there is such a person is looked up by the job, so that nobody can tell it by the time it takes."""
        name, tenant_id = await self._named(given["username"])
        if tenant_id is not None:
            platform = self._platform
            async with platform.database.transaction(tenant_id) as session:
                begun = await begin_attempt(session, tenant_id, name, context.address, now)
                if isinstance(begun, Problem):
                    return _refused(begun)
                payload = {"username": name[:64]}
                await platform.jobs.enqueue(session, tenant_id, "people.mail_link", payload, key=name[:64])
        return SessionAnswer({"requested": True})

    async def _reset(self, given: Mapping[str, Any], _: Context, now: dt.datetime) -> SessionAnswer:
        token = ResetToken.parse(given["token"])
        if token is None:
            return _refused(NO_LINK)
        async with self._platform.database.transaction(token.tenant_id) as session:
            problem = await reset_password(session, token, given["newPassword"], now)
        if problem is not None:
            return _refused(problem)
        self._forget(token.tenant_id)
        return SessionAnswer({"changed": True})

    # --- for oneself ---

    async def _sign_out(self, _: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        caller = _caller(context)
        async with self._platform.database.transaction(caller.tenant_id) as session:
            await sign_out(session, caller.tenant_id, caller.session_id, now)
        self._forget(caller.tenant_id)
        return SessionAnswer({"signedOut": True})

    async def _change_password(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        """The present password is throttled as at sign-in: a token that was stolen is no way to guess it."""
        caller = _caller(context)
        platform = self._platform
        async with platform.database.transaction(caller.tenant_id) as session:
            own.require_person(self._work(session, caller, now))
            user = await session.get_one(User, (caller.tenant_id, caller.user_id))
        async with self._turn:
            begun, right = await self._try(caller.tenant_id, user.username, given["currentPassword"], context, now)
        if isinstance(begun, Problem):
            return _refused(begun)
        if not right:
            return _refused(NOT_PRESENT)
        async with platform.database.transaction(caller.tenant_id) as session:
            await take_back(session, begun)
        async with platform.database.transaction(caller.tenant_id) as session:
            await own.change_password(self._work(session, caller, now), new_password=given["newPassword"])
        self._forget(caller.tenant_id)
        return SessionAnswer({"changed": True})

    async def _enrol(self, _: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        made = await self._own(context, now, lambda work: totp.enrol_totp(work, self._platform.seals))
        return SessionAnswer({"secret": made.secret, "uri": made.uri})

    async def _confirm(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        seals = self._platform.seals
        codes = await self._own(context, now, lambda work: totp.confirm_totp(work, seals, totp=given["totp"]))
        return SessionAnswer({"confirmed": True, "recoveryCodes": codes})

    async def _disable(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        seals = self._platform.seals
        await self._own(context, now, lambda work: totp.disable_totp(work, seals, totp=given["totp"]))
        return SessionAnswer({"disabled": True})

    async def _revoke(self, given: Mapping[str, Any], context: Context, now: dt.datetime) -> SessionAnswer:
        key = _session(given["sessionId"]) or UUID(int=0)
        await self._own(context, now, lambda work: own.revoke_session(work, session_id=key))
        self._forget(_caller(context).tenant_id)
        return SessionAnswer({"revoked": True})

    # --- pieces ---

    async def _own(self, context: Context, now: dt.datetime, use_case: Callable[[Work], Awaitable[Any]]) -> Any:
        """What a person does with the own account, in a transaction. Raises: Refusal."""
        caller = _caller(context)
        async with self._platform.database.transaction(caller.tenant_id) as session:
            work = self._work(session, caller, now)
            own.require_person(work)
            return await use_case(work)

    async def _named(self, username: str) -> tuple[str, UUID | None]:
        """The name within its city, and the city: None where there is none."""
        name, _, city = str(username).strip().partition("@")
        return name.lower(), await self._platform.database.directory.resolve_tenant(city.lower() or None)

    async def _try(
        self, tenant_id: UUID, name: str, password: str, context: Context, now: dt.datetime
    ) -> tuple[Attempt | Problem, bool]:
        """The attempt, counted, and whether the password is right; or the problem that it was one too many."""
        async with self._platform.database.transaction(tenant_id) as session:
            begun = await begin_attempt(session, tenant_id, name, context.address, now)
        if isinstance(begun, Problem):
            return begun, False
        return begun, await verify_password(begun.password_hash, password[: MAX_LENGTH + 1])

    def _work(self, session: Any, caller: Caller, now: dt.datetime) -> Work:
        platform = self._platform
        return Work(session, caller, platform.authority, platform.files, platform.jobs, now)

    def _forget(self, tenant_id: UUID) -> None:
        """Other workers hear of it in a moment; this one does not wait."""
        self._platform.principals.invalidate(tenant_id)

    async def _signed_in(self, answer: SignedIn | Problem, context: Context, now: dt.datetime) -> SessionAnswer:
        if isinstance(answer, Problem):
            return _refused(answer)
        platform = self._platform
        if not await platform.tenancies.is_served(answer.tenant_id):
            raise suspended()
        token, expires_at = platform.tokens.issue(
            answer.tenant_id, answer.user_id, answer.session_id, now, answer.expires_at
        )
        claims = Claims(answer.tenant_id, answer.user_id, answer.session_id, int(expires_at.timestamp()))
        caller = await platform.principals.caller(claims, None, context.language)
        values = {
            "accessToken": token,
            "refreshToken": answer.refresh_token,
            "expiresAt": expires_at.isoformat(),
            "passwordChangeRequired": answer.must_change_password,
        }
        return SessionAnswer(values, caller=None if answer.must_change_password else caller)


def _caller(context: Context) -> Caller:
    """Who asks. Raises: RequestError when nobody is signed in."""
    if context.caller is None:
        raise unauthenticated()
    return context.caller


NOTHING = ("signedOut", "changed", "requested", "confirmed", "disabled", "revoked", "passwordChangeRequired")


def _refused(*problems: Problem) -> SessionAnswer:
    return SessionAnswer(dict.fromkeys(NOTHING, False), problems)
