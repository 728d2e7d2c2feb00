"""From a request's token to its caller; what HTTP calls 401 and 403."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from api.execution.platform import Platform
from api.http.errors import Code, request_error, unauthenticated, unavailable
from api.reads.listings import uuid_of
from authz.policy import PolicyError
from authz.tokens import Claims, InvalidToken
from domain.access import Caller
from storage.database import UNREACHABLE

_membership = uuid_of("mem")


class PlatformAuthenticator:
    """Knows tokens, sessions and memberships."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def authenticate(self, token: str | None, acting_as: str | None, language: str) -> Caller | None:
        """The caller, with the tenant's policy loaded; None without a token.

        Raises: RequestError(UNAUTHENTICATED) for a token that is not, or no longer, good; FORBIDDEN for a membership
        that is not the person's, or when there is none.
        """
        if token is None:
            return None
        platform = self._platform
        try:
            claims = platform.tokens.read(token, dt.datetime.now(dt.UTC))
        except InvalidToken:
            raise unauthenticated(
                "访问令牌无效或已过期。请续期或重新登录。",
                "The access token is wrong or has ended. Refresh the session, or sign in again.",
            ) from None
        key = None
        if acting_as is not None:
            key = _membership(acting_as.strip())
            if key is None:
                raise _not_yours()
        try:
            return await self._caller(claims, key, language)
        except UNREACHABLE as error:
            raise unavailable() from error

    async def _caller(self, claims: Claims, key: UUID | None, language: str) -> Caller:
        platform = self._platform
        caller = await platform.principals.caller(claims, key, language)
        if caller is None:
            if key is not None and await platform.principals.caller(claims, None, language) is not None:
                raise _not_yours()
            raise unauthenticated("登录已失效。请重新登录。", "The session has ended. Sign in again.")
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


def _not_yours() -> Exception:
    return request_error(
        Code.FORBIDDEN,
        "X-Acting-As 须为您名下有效身份的标识。",
        "X-Acting-As has to be the id of a membership of yours that is in force.",
    )
