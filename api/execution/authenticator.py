"""From a request's token, or a program's key, to its caller; what HTTP calls 401 and 403."""

from __future__ import annotations

import datetime as dt
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from api.execution.platform import Platform
from api.execution.refusals import Refused
from api.http.errors import Code, RequestError, request_error, unauthenticated, unavailable
from api.reads.listings import uuid_of
from authz.permissions import BEFORE_PASSWORD_CHANGE
from authz.policy import PolicyError
from authz.tokens import InvalidToken
from domain.access import Caller
from domain.people.service_accounts import PREFIX, ServiceKey, note_use
from storage.database import UNREACHABLE

_membership = uuid_of("mem")

Finder = Callable[[UUID | None, str], Awaitable[Caller | None]]
# What is refused because of who asks, or claims to.
TOLD = frozenset({Code.UNAUTHENTICATED, Code.FORBIDDEN})
NOTED_EVERY = dt.timedelta(hours=1)
REMEMBERED = 10_000
NO_KEY = ("密钥格式有误。请完整复制。", "This is no key of a service account. Copy it whole.")


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token, or key, it is, and how to find the caller; of a key that is not looked up yet, no account."""

    find: Finder
    tenant_id: UUID
    user_id: UUID | None
    # When the token says that it ends, in seconds since the epoch; a key says nothing.
    expires_at: float = math.inf


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom a token meant, until when it and its session are good, and what had been heard of everybody before."""

    caller: Caller
    until: float
    known: tuple[int, int, int]


class PlatformAuthenticator:
    """Knows tokens, sessions and memberships.

    Whom a person's token meant is remembered for as long as nothing is heard of people, policies or cities:
    whatever is heard, of whichever city, every layer is asked again.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._admitted_before: OrderedDict[tuple[str, str | None, str], Admitted] = OrderedDict()
        self._last_used: dict[UUID, dt.datetime] = {}

    async def authenticate(
        self, token: str | None, acting_as: str | None, language: str, *, asked: Set[str] = frozenset()
    ) -> Caller | None:
        """The caller, with the tenant's policy loaded; None without a token.

        Raises: RequestError(UNAUTHENTICATED) for a token that is not, or no longer, good; FORBIDDEN for a membership
        that is not the person's, and for a first password that has to be changed before what is ``asked``.
        """
        if token is None:
            return None
        before = self._admitted_before.get((token, acting_as, language))
        if before is not None and self._holds(before):
            self._platform.tenancies.count(before.caller.tenant_id)
            return before.caller
        key, known = _named(acting_as), self._known()
        try:
            bearer = await self._bearer(token)
            try:
                caller = await self._admitted(bearer, key, language, asked)
            except RequestError as refused:
                if refused.code in TOLD:
                    await self._record(bearer, key, refused.code)
                raise
            session_ends = self._platform.principals.until(caller.session_id, key, language)
            if session_ends is not None:
                until = min(bearer.expires_at, session_ends.timestamp())
                self._remember((token, acting_as, language), Admitted(caller, until, known))
        except UNREACHABLE as error:
            raise unavailable() from error
        return caller

    async def renew(self, token: str, acting_as: str | None, language: str) -> tuple[Caller, float]:
        """The caller as it is now, for what goes on for long, and for how many seconds its token is good.

        No request is counted, and none recorded. Raises: as ``authenticate``.
        """
        try:
            bearer = await self._bearer(token)
            caller = await self._admitted(bearer, _named(acting_as), language, frozenset(), counted=False)
        except UNREACHABLE as error:
            raise unavailable() from error
        return caller, bearer.expires_at - dt.datetime.now(dt.UTC).timestamp()

    def _known(self) -> tuple[int, int, int]:
        """What has been heard of people, policies and cities; it differs after every notice."""
        platform = self._platform
        return platform.principals.generation, platform.authority.generation, platform.tenancies.generation

    def _holds(self, before: Admitted) -> bool:
        return self._platform.listener.live and before.known == self._known() and before.until > time.time()

    def _remember(self, key: tuple[str, str | None, str], admitted: Admitted) -> None:
        """Keep whom a token meant; not of programs, whose use is noted, nor of who may only change a password."""
        if admitted.caller.is_program or admitted.caller.must_change_password:
            return
        self._admitted_before[key] = admitted
        self._admitted_before.move_to_end(key)
        if len(self._admitted_before) > REMEMBERED:
            self._admitted_before.popitem(last=False)

    async def _admitted(
        self, bearer: Bearer, key: UUID | None, language: str, asked: Set[str], *, counted: bool = True
    ) -> Caller:
        caller = await self._caller(bearer.find, key, language, counted=counted)
        if caller.must_change_password and not (asked and asked <= BEFORE_PASSWORD_CHANGE):
            raise request_error(
                Code.FORBIDDEN,
                "密码由管理员设定,请先用 changePassword 修改。",
                "An administrator made your password: change it first (changePassword).",
                passwordChangeRequired=True,
            )
        return caller

    async def _record(self, bearer: Bearer, acting_as: UUID | None, code: Code) -> None:
        """Keep in the trail that somebody came with what no longer opens anything, or acted as somebody else."""
        if bearer.user_id is None and not await self._platform.database.directory.has_tenant(bearer.tenant_id):
            return
        given = {"actingAs": f"mem_{acting_as}"} if acting_as else {}
        refused = Refused(bearer.tenant_id, "authenticate", given=given, account_id=bearer.user_id, code=code)
        await self._platform.refusals.note(refused)

    async def _bearer(self, token: str) -> Bearer:
        """Who is behind ``token``, as it says. Raises: RequestError for what is no token of ours."""
        principals = self._platform.principals
        if token.startswith(PREFIX):
            service_key = ServiceKey.parse(token)
            if service_key is None:
                raise unauthenticated(*NO_KEY)
            return Bearer(partial(principals.program, service_key), service_key.tenant_id, None)
        try:
            claims = self._platform.tokens.read(token, dt.datetime.now(dt.UTC))
        except InvalidToken:
            providers = self._platform.providers
            found = await providers.claims(token) if providers else None
            if found is None:
                raise unauthenticated(
                    "访问令牌无效或已过期。请续期或重新登录。",
                    "The access token is wrong or has ended. Refresh the session, or sign in again.",
                ) from None
            claims = found
        return Bearer(partial(principals.caller, claims), claims.tenant_id, claims.user_id, claims.expires_at)

    async def _caller(self, find: Finder, key: UUID | None, language: str, *, counted: bool) -> Caller:
        platform = self._platform
        caller = await find(key, language)
        if caller is None:
            if key is not None and await find(None, language) is not None:
                raise _not_yours()
            raise unauthenticated(
                "登录或密钥已失效。请重新登录,或换用新的密钥。",
                "The session or the key has ended. Sign in again, or take the present key.",
            )
        await platform.tenancies.admit(caller.tenant_id, counted=counted)
        if caller.is_program:
            await self._note_use(caller)
        if not platform.listener.live:
            platform.authority.invalidate(caller.tenant_id)
        try:
            await platform.authority.load(caller.tenant_id)
        except PolicyError:
            raise request_error(
                Code.FORBIDDEN,
                "本市的权限策略为空,任何人都不能办理业务。请联系平台运维人员。",
                "The city's permission policy is empty, and nobody may do anything. Ask the platform's operator.",
            ) from None
        return caller

    async def _note_use(self, caller: Caller) -> None:
        """Keep when a program's key was used, to the hour, so that one can see which is still in use."""
        now = dt.datetime.now(dt.UTC)
        if now - self._last_used.get(caller.session_id, dt.datetime.min.replace(tzinfo=dt.UTC)) < NOTED_EVERY:
            return
        self._last_used[caller.session_id] = now
        async with self._platform.database.transaction(caller.tenant_id) as session:
            await note_use(session, caller.tenant_id, caller.session_id, now)


def _named(acting_as: str | None) -> UUID | None:
    """The membership that is named, None where none is. Raises: RequestError(FORBIDDEN) for what is no name of one."""
    key = None if acting_as is None else _membership(acting_as.strip())
    if acting_as is not None and key is None:
        raise _not_yours()
    return key


def _not_yours() -> Exception:
    return request_error(
        Code.FORBIDDEN,
        "X-Acting-As 须为您名下有效身份的标识。",
        "X-Acting-As has to be the id of a membership of yours that is in force.",
    )
