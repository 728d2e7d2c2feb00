"""People (人员) and programs: accounts, what they may act as, what proves who they are, where they are signed in."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from domain.access import Role
from domain.base import TenantRow, refers, term, unique
from domain.text import Term

# What stands in place of a password's hash where there is none: no password has it.
LOCKED = "!"


class UserKind(Term):
    """Who is behind an account (账户类别)."""

    PERSON = "PERSON", "人员", "a person"
    PROGRAM = "PROGRAM", "程序", "a program, under a service account"


class User(TenantRow):
    """A person, or a program, with an account in one tenant; names are unique within it."""

    __tablename__ = "users"

    kind: Mapped[UserKind] = mapped_column(term(UserKind), default=UserKind.PERSON)
    username: Mapped[str]
    display_name: Mapped[str]
    email: Mapped[str | None]
    password_hash: Mapped[str]
    # The password is somebody else's choice: nothing else is done before it is changed.
    must_change_password: Mapped[bool] = mapped_column(default=False)
    disabled_at: Mapped[dt.datetime | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        unique("username"),
        CheckConstraint("username ~ '^[a-z0-9][a-z0-9._-]{1,60}$'", name="username"),
        Index(None, "tenant_id", "display_name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
    )


class Membership(TenantRow):
    """What a person may act as: a role and duties in one organisation, until revoked."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    role: Mapped[Role] = mapped_column(term(Role))
    duties: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    # The identity provider whose claims granted it, and which takes it back when they no longer do.
    provider: Mapped[str | None]
    revoked_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("user_id", "users"),
        refers("organisation_id", "organisations"),
        Index(
            "uq_memberships_one_in_force",
            "tenant_id",
            "user_id",
            "organisation_id",
            "role",
            unique=True,
            postgresql_where="revoked_at IS NULL",
        ),
        CheckConstraint("cardinality(duties) > 0", name="has_a_duty"),
        Index(None, "tenant_id", "user_id"),
        Index(None, "tenant_id", "organisation_id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "role", "created_at", "id"),
    )


class ServiceAccount(TenantRow):
    """A program's account (服务账户): one membership, the operations it is for, and keys in place of a password."""

    __tablename__ = "service_accounts"

    name: Mapped[str]
    user_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    organisation_id: Mapped[UUID]
    # The mutations that its keys are good for; with none it only reads.
    operations: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    created_by_id: Mapped[UUID]
    revoked_at: Mapped[dt.datetime | None]
    revoked_by_id: Mapped[UUID | None]

    __table_args__ = (
        refers("user_id", "users"),
        refers("membership_id", "memberships"),
        refers("organisation_id", "organisations"),
        refers("created_by_id", "users"),
        refers("revoked_by_id", "users"),
        unique("user_id"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by_id IS NULL)", name="revoked_by_somebody"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "organisation_id", "created_at", "id"),
    )


class ServiceAccountKey(TenantRow):
    """One secret of a service account (服务账户密钥), kept as a digest; while two overlap, both are good."""

    __tablename__ = "service_account_keys"

    service_account_id: Mapped[UUID]
    secret_digest: Mapped[str]
    expires_at: Mapped[dt.datetime]
    created_by_id: Mapped[UUID]
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("service_account_id", "service_accounts"),
        refers("created_by_id", "users"),
        Index(None, "tenant_id", "service_account_id", "id"),
    )


class SignInMethod(Term):
    """How a session was opened (登录方式)."""

    PASSWORD = "PASSWORD", "密码", "with the platform's own password"
    PROVIDER = "PROVIDER", "统一身份认证", "at an identity provider"


class SignInSession(TenantRow):
    """A sign-in (登录会话): its refresh token rotates; an old one used again ends the session."""

    __tablename__ = "sign_in_sessions"

    user_id: Mapped[UUID]
    method: Mapped[SignInMethod] = mapped_column(term(SignInMethod), default=SignInMethod.PASSWORD)
    address: Mapped[str | None]
    refresh_digest: Mapped[str]
    former_digest: Mapped[str | None]
    last_used_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    ended_because: Mapped[str | None]

    __table_args__ = (
        refers("user_id", "users"),
        unique("refresh_digest"),
        Index(None, "tenant_id", "former_digest"),
        Index(None, "tenant_id", "user_id"),
    )


class SignInAttempt(TenantRow):
    """A failed sign-in, kept to throttle the next ones."""

    __tablename__ = "sign_in_attempts"

    username: Mapped[str]
    address: Mapped[str]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index(None, "tenant_id", "username", "created_at"),
        Index(None, "tenant_id", "address", "created_at"),
    )


class TotpCredential(TenantRow):
    """A person's generator of one-time codes (动态口令, RFC 6238); ``secret`` is sealed, recovery codes are digests."""

    __tablename__ = "totp_credentials"

    user_id: Mapped[UUID]
    secret: Mapped[str]
    recovery_digests: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    confirmed_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    # The step of the last code that was taken: it, and those before it, are not taken again.
    last_step: Mapped[int | None] = mapped_column(BigInteger())

    __table_args__ = (
        refers("user_id", "users"),
        Index(
            "uq_totp_credentials_one_in_force",
            "tenant_id",
            "user_id",
            unique=True,
            postgresql_where="confirmed_at IS NOT NULL AND ended_at IS NULL",
        ),
        Index(None, "tenant_id", "user_id", "id"),
    )


class PasswordReset(TenantRow):
    """A link by which a person chooses a password (重置密码), good once and for a while."""

    __tablename__ = "password_resets"

    user_id: Mapped[UUID]
    digest: Mapped[str]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

    __table_args__ = (
        refers("user_id", "users"),
        Index(None, "tenant_id", "user_id", "created_at"),
    )


class ExternalIdentity(TenantRow):
    """Whom an identity provider (统一身份认证) means by a subject."""

    __tablename__ = "external_identities"

    user_id: Mapped[UUID]
    issuer: Mapped[str]
    subject: Mapped[str]

    __table_args__ = (
        refers("user_id", "users"),
        unique("issuer", "subject"),
        Index(None, "tenant_id", "user_id"),
    )
