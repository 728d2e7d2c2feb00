"""People of an organisation (人员与身份): inviting them, what they may act as, and what an administrator does for them.

The city office's administrator does so for everybody, others for their own organisation. Nobody does it for himself:
who hands out duties gives himself none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import any_, exists, func, literal, select

from domain.access import DUTIES, Duty, Role
from domain.base import new_id
from domain.checks import Checks
from domain.errors import ErrorCode, Problem, Refusal, refuse
from domain.organisations.entities import Organisation
from domain.people.entities import Membership, TotpCredential, User, UserKind
from domain.people.own import set_password
from domain.people.passwords import new_hash, random_password
from domain.people.service_accounts import ROLE_OF_KIND, require_administered
from domain.people.sign_in import end_sessions
from domain.tenants.limits import room_for_user
from domain.text import Text
from domain.work import Work

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,60}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Issued:
    """A user, and the password that was made for it: shown this once, and to be changed by its person."""

    user: User
    password: str


async def invite_user(
    work: Work,
    *,
    username: str,
    display_name: str,
    duties: Sequence[Duty],
    organisation_id: UUID | None = None,
    role: Role | None = None,
    email: str | None = None,
) -> Issued:
    """Make an account with a first membership; by e-mail, where there is a mail server, its person chooses a password.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("inviteUser")
    home = await _home(work, organisation_id)
    checks = Checks()
    login = username.strip().lower()
    await _free_name(work, checks, login)
    shown = checks.text(display_name, "displayName", required=True) or ""
    address = _email(checks, email)
    acting, held = _acting(work, checks, home, role, duties)
    checks.problems += await room_for_user(work.session, work.caller.tenant_id)
    checks.done()
    password = random_password()
    user = User(
        tenant_id=work.caller.tenant_id,
        id=new_id(),
        created_at=work.now,
        kind=UserKind.PERSON,
        username=login,
        display_name=shown,
        email=address,
        password_hash=await new_hash(password),
        must_change_password=True,
    )
    work.session.add(user)
    await work.session.flush()
    made = await _grant(work, user, home, acting, held)
    work.record("inviteUser", user, after={"username": login, "role": acting, "duties": made.duties})
    if address is not None:
        await work.enqueue("people.mail_link", username=login, invited=True)
    return Issued(user, password)


async def grant_membership(
    work: Work, *, user_id: UUID, duties: Sequence[Duty], organisation_id: UUID | None = None, role: Role | None = None
) -> Membership:
    """Let a person act in one more organisation or role.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT, INVALID_STATE, DUTY_SEPARATION).
    """
    work.require("grantMembership")
    home = await _home(work, organisation_id)
    user = await work.load(User, user_id, field="userId")
    work.require_another(user.id)
    checks = Checks()
    if user.kind is UserKind.PROGRAM:
        checks.wrong("userId", "服务账户只有一个身份。", "A service account has one membership only.")
    acting, held = _acting(work, checks, home, role, duties)
    checks.done()
    in_force = select(Membership.id).where(
        Membership.tenant_id == user.tenant_id,
        Membership.user_id == user.id,
        Membership.organisation_id == home.id,
        Membership.role == acting,
        Membership.revoked_at.is_(None),
    )
    if await work.session.scalar(in_force) is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "此人在该机构已有此角色的身份。变更职责请先撤销原身份。",
            "This person has the role there already. To change the duties, revoke that membership first.",
            "userId",
        )
    made = await _grant(work, user, home, acting, held)
    work.record("grantMembership", made, after={"role": acting, "duties": made.duties})
    return made


async def revoke_membership(work: Work, *, membership_id: UUID) -> Membership:
    """End a membership: nothing is seen or done under it from then on, on any worker.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE).
    """
    work.require("revokeMembership")
    found = await work.load(Membership, membership_id, field="membershipId")
    require_administered(work, found.organisation_id)
    if found.revoked_at is not None:
        raise refuse(ErrorCode.INVALID_STATE, "该身份已撤销。", "This membership was revoked already.", "membershipId")
    if found.role is Role.CITY_OFFICE and Duty.ADMIN in found.duties:
        await _not_the_last_admin(work, found)
    found.revoked_at = work.now
    work.record("revokeMembership", found, before={"role": found.role, "duties": found.duties})
    return found


async def update_user(work: Work, *, user_id: UUID, display_name: str | None = None, email: str | None = None) -> User:
    """Correct a person's name or e-mail address; an empty address takes it out.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("updateUser")
    user = await _theirs(work, user_id)
    checks = Checks()
    before = {"displayName": user.display_name, "email": user.email}
    if display_name is not None:
        user.display_name = checks.text(display_name, "displayName", required=True) or user.display_name
    if email is not None:
        user.email = _email(checks, email)
    checks.done()
    work.record("updateUser", user, before=before, after={"displayName": user.display_name, "email": user.email})
    return user


async def issue_password(work: Work, *, user_id: UUID, without_totp: bool = False) -> Issued:
    """A new first password for somebody who has lost the old one; all sessions end, and, if asked, one-time codes.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, DUTY_SEPARATION).
    """
    work.require("issuePassword")
    user = await _theirs(work, user_id)
    work.require_another(user.id)
    password = random_password()
    await set_password(work.session, user, await new_hash(password), must_change=True)
    await end_sessions(work.session, user.tenant_id, user.id, "an administrator issued a password", work.now)
    if without_totp:
        in_use = select(TotpCredential).where(
            TotpCredential.tenant_id == user.tenant_id,
            TotpCredential.user_id == user.id,
            TotpCredential.ended_at.is_(None),
        )
        for credential in await work.session.scalars(in_use.with_for_update()):
            credential.ended_at = work.now
    work.record("issuePassword", user, after={"withoutTotp": without_totp})
    return Issued(user, password)


async def set_user_disabled(work: Work, *, user_id: UUID, disabled: bool) -> User:
    """Keep a person out, or let in again; all sessions end at once.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, DUTY_SEPARATION).
    """
    work.require("setUserDisabled")
    user = await _theirs(work, user_id)
    work.require_another(user.id)
    before = {"disabled": user.disabled_at is not None}
    user.disabled_at = (user.disabled_at or work.now) if disabled else None
    if disabled:
        await end_sessions(work.session, user.tenant_id, user.id, "the account was disabled", work.now)
    work.record("setUserDisabled", user, before=before, after={"disabled": disabled})
    return user


async def _home(work: Work, organisation_id: UUID | None) -> Organisation:
    """The organisation that a membership is to be in. Raises: Refusal(NOT_FOUND, FORBIDDEN)."""
    key = organisation_id or work.caller.organisation_id
    home = await work.load(Organisation, key, field="organisationId", lock=False)
    require_administered(work, home.id)
    return home


async def _theirs(work: Work, user_id: UUID) -> User:
    """A person whom the caller administers: who also acts elsewhere is the city administrator's.

    Else an administrator of one organisation could take over what the person may do in another.
    Raises: Refusal(NOT_FOUND, FORBIDDEN).
    """
    user = await work.load(User, user_id, field="userId")
    if user.kind is UserKind.PROGRAM:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "程序由其服务账户管理。",
            "A program is administered through its service account.",
            "userId",
        )
    if work.caller.role is Role.CITY_OFFICE:
        return user
    elsewhere = select(
        exists().where(
            Membership.tenant_id == user.tenant_id,
            Membership.user_id == user.id,
            Membership.organisation_id != work.caller.organisation_id,
            Membership.revoked_at.is_(None),
        )
    )
    if await work.session.scalar(elsewhere):
        raise refuse(
            ErrorCode.FORBIDDEN,
            "此人在其他机构也有身份,请市信息办管理员办理。",
            "This person also acts for another organisation: ask the city office's administrator.",
            "userId",
        )
    return user


def _acting(
    work: Work, checks: Checks, home: Organisation, role: Role | None, duties: Sequence[Duty]
) -> tuple[Role, frozenset[Duty]]:
    """The role and duties of a membership in ``home``; experts alone have a role that is not their organisation's."""
    of_kind = ROLE_OF_KIND.get(home.kind)
    acting = Role[role] if role else of_kind
    held = frozenset(Duty[duty] for duty in duties)
    if acting is Role.EXPERT and work.caller.role is not Role.CITY_OFFICE:
        raise refuse(
            ErrorCode.FORBIDDEN,
            "专家身份由市信息办管理员授予。",
            "Experts are made by the city office's administrator.",
            "role",
        )
    if acting is None or acting not in {of_kind, Role.EXPERT}:
        checks.wrong("role", "该角色与机构类别不符。", "This role does not belong to an organisation of this kind.")
        return Role.EXPERT, held
    allowed = DUTIES[acting]
    if not held or not held <= allowed:
        checks.wrong(
            "duties",
            f"该角色的职责为:{'、'.join(sorted(allowed))},至少一项。",
            f"This role has the duties {', '.join(sorted(allowed))}; give at least one of them.",
        )
    return acting, held


async def _grant(work: Work, user: User, home: Organisation, role: Role, duties: frozenset[Duty]) -> Membership:
    made = Membership(
        tenant_id=user.tenant_id,
        id=new_id(),
        created_at=work.now,
        user_id=user.id,
        organisation_id=home.id,
        role=role,
        duties=sorted(duties),
    )
    work.session.add(made)
    await work.session.flush()
    return made


async def _free_name(work: Work, checks: Checks, login: str) -> None:
    if not USERNAME.fullmatch(login):
        checks.wrong(
            "username",
            "用户名为 2 至 61 个小写字母、数字、点、下划线或连字符,以字母或数字开头。",
            "A user name has 2 to 61 small letters, digits, dots, underscores or hyphens, and begins with one of the "
            "former two.",
        )
    elif await work.session.scalar(
        select(User.id).where(User.tenant_id == work.caller.tenant_id, User.username == login)
    ):
        checks.wrong("username", "该用户名已被使用,请另选。", "This user name is taken; choose another.")


def _email(checks: Checks, given: str | None) -> str | None:
    text = checks.text(given, "email")
    if text is not None and not EMAIL.fullmatch(text):
        checks.wrong("email", "电子邮件地址格式有误。", "This is no e-mail address.")
    return text


async def _not_the_last_admin(work: Work, leaving: Membership) -> None:
    """A city always has somebody who can administer it; the organisation is locked, so that two cannot both go last.

    Raises: Refusal(INVALID_STATE).
    """
    await work.session.get_one(Organisation, (leaving.tenant_id, leaving.organisation_id), with_for_update=True)
    others = await work.session.scalar(
        select(func.count())
        .select_from(Membership)
        .join(User, (User.tenant_id == Membership.tenant_id) & (User.id == Membership.user_id))
        .where(
            Membership.tenant_id == leaving.tenant_id,
            Membership.id != leaving.id,
            Membership.role == Role.CITY_OFFICE,
            literal(Duty.ADMIN.value) == any_(Membership.duties),
            Membership.revoked_at.is_(None),
            User.disabled_at.is_(None),
        )
    )
    if not others:
        words = Text(
            "这是本市最后一位管理员。请先授权另一人。", "This is the city's last administrator. Make another one first."
        )
        raise Refusal(Problem(ErrorCode.INVALID_STATE, words, "membershipId"))
