"""Signing in, continuing, signing out (登录)."""

import datetime as dt

import strawberry

from api.schema.common import UserError
from api.schema.mutations.adapter import ERRORS, Run, key, may, mutation, says
from api.schema.query import Viewer


@strawberry.input(description="登录 / signing in")
class SignInInput:
    """Signing in."""

    username: str = says("用户名,或 用户名@城市代号", "user name, or name@city")
    password: str = says("密码", "password")
    totp: str | None = may("动态口令(已启用时)", "one-time code, where enrolled")
    idempotency_key: str | None = key()


@strawberry.input(description="续期 / continuing a session")
class RefreshSessionInput:
    """Continuing a session."""

    refresh_token: str = says("续期令牌", "refresh token")
    idempotency_key: str | None = key()


@strawberry.input(description="退出 / signing out")
class SignOutInput:
    """Signing out."""

    idempotency_key: str | None = key()


@strawberry.type(description="登录结果 / who is signed in now")
class SignInPayload:
    """Who is signed in now."""

    access_token: str | None = says("访问令牌,15 分钟有效", "access token, good for 15 minutes")
    refresh_token: str | None = says("续期令牌,用一次即换", "refresh token, exchanged each time it is used")
    expires_at: dt.datetime | None = says("访问令牌有效期至", "when the access token ends")
    viewer: Viewer | None = says("登录者", "who is signed in")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="退出结果 / whether the session ended")
class SignOutPayload:
    """Whether the session ended."""

    signed_out: bool = says("是否已退出", "whether the session ended")
    user_errors: list[UserError] = says(*ERRORS)


_session = Run(None, lambda answer: answer)


@strawberry.type
class SessionMutations:
    """What is done before there is a caller."""

    sign_in: SignInPayload = mutation(_session, SignInInput, "登录 / sign in")
    refresh_session: SignInPayload = mutation(_session, RefreshSessionInput, "续期 / continue the session")
    sign_out: SignOutPayload = mutation(_session, SignOutInput, "退出 / sign out")
