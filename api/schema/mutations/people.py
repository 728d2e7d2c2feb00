"""What administrators do with people and what they may act as (人员与身份)."""

import strawberry

from api.schema.city import Membership, User
from api.schema.mutations.adapter import Answer, Run, entity, key, may, may_ref, mutation, payload, ref, says
from domain.access import Duty, Role
from domain.people import members
from domain.people.members import Issued

USER_ID = ("usr", "用户", "the person")
ORGANISATION = ("org", "机构,默认本机构", "the organisation; one's own without")
ROLE = ("角色;默认依机构类别,专家须写明", "role; the organisation's own without, EXPERT has to be said")


@strawberry.input(description="邀请人员 / a new person with a first membership")
class InviteUserInput:
    """A new person with a first membership."""

    username: str = says("用户名", "user name")
    display_name: str = says("姓名", "name")
    email: str | None = may("电子邮件;有邮件服务时寄送设置密码的链接", "e-mail; a link to choose a password goes there")
    organisation_id: strawberry.ID | None = may_ref(*ORGANISATION)
    role: Role | None = may(*ROLE)
    duties: list[Duty] = says("职责", "duties")
    idempotency_key: str | None = key()


@strawberry.input(description="更正人员资料 / correcting a person's name or address")
class UpdateUserInput:
    """Correcting a person's name or address."""

    user_id: strawberry.ID = ref(*USER_ID)
    display_name: str | None = may("姓名", "name")
    email: str | None = may("电子邮件;空文本表示清除", "e-mail; an empty text takes it out")
    idempotency_key: str | None = key()


@strawberry.input(description="停用或恢复账户 / keeping a person out, or letting in again")
class SetUserDisabledInput:
    """Keeping a person out, or letting in again."""

    user_id: strawberry.ID = ref(*USER_ID)
    disabled: bool = says("是否停用", "whether to keep out")
    idempotency_key: str | None = key()


@strawberry.input(description="重置他人密码 / a new first password for somebody")
class IssuePasswordInput:
    """A new first password for somebody."""

    user_id: strawberry.ID = ref(*USER_ID)
    without_totp: bool | None = may("同时停用其动态口令(设备遗失)", "also do without the one-time codes (device lost)")
    idempotency_key: str | None = key()


@strawberry.input(description="授予身份 / one more membership")
class GrantMembershipInput:
    """One more membership."""

    user_id: strawberry.ID = ref(*USER_ID)
    organisation_id: strawberry.ID | None = may_ref(*ORGANISATION)
    role: Role | None = may(*ROLE)
    duties: list[Duty] = says("职责", "duties")
    idempotency_key: str | None = key()


@strawberry.input(description="撤销身份 / ending a membership")
class RevokeMembershipInput:
    """Ending a membership."""

    membership_id: strawberry.ID = ref("mem", "身份", "the membership")
    idempotency_key: str | None = key()


UserPayload = payload("UserPayload", "user", User, "人员", "the person")
MembershipPayload = payload("MembershipPayload", "membership", Membership, "身份", "the membership")
# The password is in the first answer alone: it is kept nowhere, also not under an idempotency key.
IssuedPasswordPayload = payload(
    "IssuedPasswordPayload",
    "user",
    User,
    "人员与初始密码;密码只在首次答复中给出,须由本人修改",
    "the person, with a first password in the first answer only, which the person has to change",
    initial_password=str,
)


def _issued(made: Issued) -> Answer:
    return Answer({"user": made.user.id}, {}, once={"initialPassword": made.password})


@strawberry.type
class PeopleMutations:
    """What administrators do with people and what they may act as."""

    invite_user: IssuedPasswordPayload = mutation(
        Run(members.invite_user, _issued),
        InviteUserInput,
        "新建人员账户及其身份(市管理员;其他管理员限本机构) / a new person (city admin; others in their organisation)",
    )
    update_user: UserPayload = mutation(
        Run(members.update_user, entity("user")), UpdateUserInput, "更正姓名、邮箱 / correct name and e-mail address"
    )
    set_user_disabled: UserPayload = mutation(
        Run(members.set_user_disabled, entity("user"), changes_access=True),
        SetUserDisabledInput,
        "停用账户,即时生效;或恢复 / keep a person out, at once, or let in again",
    )
    issue_password: IssuedPasswordPayload = mutation(
        Run(members.issue_password, _issued, changes_access=True),
        IssuePasswordInput,
        "重置他人的密码 / a new first password for somebody who has lost the old one",
    )
    grant_membership: MembershipPayload = mutation(
        Run(members.grant_membership, entity("membership"), changes_access=True),
        GrantMembershipInput,
        "授予身份,不得授予本人 / let a person act in one more organisation or role; never oneself",
    )
    revoke_membership: MembershipPayload = mutation(
        Run(members.revoke_membership, entity("membership"), changes_access=True),
        RevokeMembershipInput,
        "撤销身份,即时生效 / end a membership, at once",
    )
