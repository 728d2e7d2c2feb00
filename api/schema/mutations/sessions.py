"""Signing in, continuing, signing out (登录), and what people do with their own account."""

import datetime as dt

import strawberry

from api.schema.common import UserError
from api.schema.mutations.adapter import ERRORS, Run, key, may, mutation, ref, says
from api.schema.query import Viewer


@strawberry.input(description="登录 / signing in")
class SignInInput:
    """Signing in."""

    username: str = says("用户名,或 用户名@城市代号", "user name, or name@city")
    password: str = says("密码", "password")
    totp: str | None = may("动态口令或恢复码(已启用时)", "one-time code or recovery code, where enrolled")
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


@strawberry.input(description="修改密码 / choosing another password")
class ChangePasswordInput:
    """Choosing another password."""

    current_password: str = says("当前密码", "the present password")
    new_password: str = says("新密码", "the new one")
    idempotency_key: str | None = key()


@strawberry.input(description="申请重置密码的链接 / asking for a link to choose a password by")
class RequestPasswordResetInput:
    """Asking for a link to choose a password by."""

    username: str = says("用户名,或 用户名@城市代号", "user name, or name@city")
    idempotency_key: str | None = key()


@strawberry.input(description="凭链接设置密码 / choosing a password by a link")
class ResetPasswordInput:
    """Choosing a password by a link."""

    token: str = says("链接中的令牌", "the link's token")
    new_password: str = says("新密码", "the new password")
    idempotency_key: str | None = key()


@strawberry.input(description="登记动态口令 / enrolling a generator of one-time codes")
class EnrolTotpInput:
    """Enrolling a generator of one-time codes."""

    idempotency_key: str | None = key()


@strawberry.input(description="以一个动态口令确认 / by a one-time code")
class TotpInput:
    """By a one-time code."""

    totp: str = says("动态口令;停用时也可用恢复码", "a one-time code; to switch off, a recovery code will do")
    idempotency_key: str | None = key()


@strawberry.input(description="撤销一处登录 / ending one of one's sessions")
class RevokeSessionInput:
    """Ending one of one's sessions."""

    session_id: strawberry.ID = ref("ses", "登录会话", "the session")
    idempotency_key: str | None = key()


@strawberry.type(description="登录结果 / who is signed in now")
class SignInPayload:
    """Who is signed in now."""

    access_token: str | None = says("访问令牌,15 分钟有效", "access token, good for 15 minutes")
    refresh_token: str | None = says("续期令牌,用一次即换", "refresh token, exchanged each time it is used")
    expires_at: dt.datetime | None = says("访问令牌有效期至", "when the access token ends")
    password_change_required: bool = says(
        "须先修改密码(changePassword),此前不能办理其他事项", "whether nothing else can be done before changePassword"
    )
    viewer: Viewer | None = says("登录者;须先修改密码时为空", "who is signed in; null before the password is changed")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="退出结果 / whether the session ended")
class SignOutPayload:
    """Whether the session ended."""

    signed_out: bool = says("是否已退出", "whether the session ended")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="密码修改结果 / whether the password is another one now")
class ChangePasswordPayload:
    """Whether the password is another one now; all other sessions have ended then."""

    changed: bool = says("是否已修改", "whether it was changed")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="申请结果;不透露账户是否存在 / taken note of, whether or not there is such an account")
class RequestPasswordResetPayload:
    """Taken note of, whether or not there is such an account."""

    requested: bool = says("已受理", "taken note of")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="登记结果 / a secret for an authenticator")
class EnrolTotpPayload:
    """A secret for an authenticator, shown this once."""

    secret: str | None = says("密钥(Base32)", "the secret in base32")
    uri: str | None = says("二维码内容(otpauth)", "what goes into the QR code")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="确认结果 / one-time codes are in use now")
class ConfirmTotpPayload:
    """One-time codes are in use now."""

    confirmed: bool = says("是否已启用", "whether codes are asked for from now on")
    recovery_codes: list[str] | None = says(
        "恢复码,各用一次,只显示这一次", "recovery codes, each good once; shown once"
    )
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="停用结果 / one-time codes are no longer in use")
class DisableTotpPayload:
    """One-time codes are no longer in use."""

    disabled: bool = says("是否已停用", "whether they are no longer asked for")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="撤销结果 / the session has ended")
class RevokeSessionPayload:
    """The session has ended."""

    revoked: bool = says("是否已撤销", "whether it ended")
    user_errors: list[UserError] = says(*ERRORS)


_session = Run(None, lambda answer: answer)


@strawberry.type
class SessionMutations:
    """What is done before there is a caller, or for oneself."""

    sign_in: SignInPayload = mutation(_session, SignInInput, "登录 / sign in")
    refresh_session: SignInPayload = mutation(_session, RefreshSessionInput, "续期 / continue the session")
    sign_out: SignOutPayload = mutation(_session, SignOutInput, "退出 / sign out")
    change_password: ChangePasswordPayload = mutation(
        _session, ChangePasswordInput, "修改密码,其他登录随之失效 / choose another password; other sessions end"
    )
    request_password_reset: RequestPasswordResetPayload = mutation(
        _session, RequestPasswordResetInput, "忘记密码:向登记的邮箱发送链接 / have a link sent to one's e-mail address"
    )
    reset_password: ChangePasswordPayload = mutation(
        _session, ResetPasswordInput, "凭链接设置密码 / choose a password by such a link"
    )
    enrol_totp: EnrolTotpPayload = mutation(_session, EnrolTotpInput, "登记动态口令 / enrol one-time codes")
    confirm_totp: ConfirmTotpPayload = mutation(
        _session, TotpInput, "以一个动态口令确认并启用 / put them in use by a first code"
    )
    disable_totp: DisableTotpPayload = mutation(_session, TotpInput, "停用动态口令 / do without them")
    revoke_session: RevokeSessionPayload = mutation(
        _session, RevokeSessionInput, "撤销本人的一处登录,即时生效 / end one of one's own sessions, at once"
    )
