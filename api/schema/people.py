"""Where people are signed in (登录会话); programs (服务账户) and their keys."""

import datetime as dt

import strawberry

from api.reads.sources import column, entity, expression, global_id, to_many, to_one
from api.schema.city import Membership, Organisation, User
from api.schema.common import Node, vocabulary
from authz.scopes import SESSION
from domain.people.entities import ServiceAccount as ServiceAccountRow
from domain.people.entities import ServiceAccountKey as ServiceAccountKeyRow
from domain.people.entities import SignInMethod, SignInSession

vocabulary(SignInMethod)


@entity(SignInSession, "ses")
@strawberry.type(description="登录会话 / where one is signed in")
class Session(Node):
    """Where one is signed in."""

    id: strawberry.ID = global_id("ses")
    method: SignInMethod = column("method", "登录方式 / how it was opened")
    address: str | None = column("address", "登录地址 / from which address")
    created_at: dt.datetime = column("created_at", "登录时间 / when it was opened")
    last_used_at: dt.datetime | None = column("last_used_at", "最近续期 / when it was last continued")
    expires_at: dt.datetime = column("expires_at", "有效期至 / until when it can be continued")
    current: bool = expression(lambda t: t.c.id == SESSION, "是否为本次登录 / whether it is the one that asks")


@entity(ServiceAccountKeyRow, "svk")
@strawberry.type(description="服务账户的密钥,不含密钥本身 / a program's key, without its secret")
class ServiceAccountKey(Node):
    """A program's key, without its secret."""

    id: strawberry.ID = global_id("svk")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was made")
    created_by: User | None = to_one("created_by_id", "创建人 / who made it")
    expires_at: dt.datetime = column("expires_at", "有效期至 / until when it is good")
    revoked_at: dt.datetime | None = column("revoked_at", "撤销时间 / when it was revoked")
    last_used_at: dt.datetime | None = column(
        "last_used_at", "最近使用,精确到小时 / when it was last used, to the hour"
    )


@entity(ServiceAccountRow, "sva")
@strawberry.type(description="服务账户:程序以一个身份办理 / a program's account: one membership, with keys")
class ServiceAccount(Node):
    """A program's account."""

    id: strawberry.ID = global_id("sva")
    name: str = column("name", "名称 / what it is for")
    organisation: Organisation | None = to_one("organisation_id", "机构 / for whom it acts")
    user: User | None = to_one("user_id", "其用户,见于记录 / as whom it appears in records")
    membership: Membership | None = to_one("membership_id", "其身份 / the membership that it acts under")
    operations: list[str] = column("operations", "可办理的变更操作,空为只读 / the mutations it is for; none: it reads")
    keys: list[ServiceAccountKey] = to_many("service_account_id", "密钥,新者在前 / its keys, the newest first", "-id")
    created_at: dt.datetime = column("created_at", "创建时间 / when it was made")
    created_by: User | None = to_one("created_by_id", "创建人 / who made it")
    revoked_at: dt.datetime | None = column("revoked_at", "撤销时间 / when it was revoked")
    in_force: bool = expression(lambda t: t.c.revoked_at.is_(None), "是否有效 / whether it is in force", "revoked_at")
