"""Service accounts (服务账户): programs act under one membership, with keys that end and are exchanged.

A program prepares and reports; what a person answers for by name (signing, approving, giving an opinion,
administering) no key can do, whatever the city's policy says.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import Duty, Role
from domain.base import new_id
from domain.checks import Checks
from domain.errors import ErrorCode, refuse
from domain.organisations.entities import Organisation, OrganisationKind
from domain.people.entities import LOCKED, Membership, ServiceAccount, ServiceAccountKey, User, UserKind
from domain.tenants.limits import room_for_user
from domain.work import Work

ROLE_OF_KIND = {
    OrganisationKind.CITY_OFFICE: Role.CITY_OFFICE,
    OrganisationKind.DISTRICT_OFFICE: Role.DISTRICT_OFFICE,
    OrganisationKind.UNIT: Role.UNIT,
    OrganisationKind.ASSESSMENT_BODY: Role.ASSESSOR,
}
# What a program may be given, by role.
PROGRAM_DUTIES = {
    Role.CITY_OFFICE: frozenset({Duty.OFFICER}),
    Role.DISTRICT_OFFICE: frozenset({Duty.OFFICER}),
    Role.UNIT: frozenset({Duty.FILER}),
    Role.ASSESSOR: frozenset({Duty.ASSESSOR}),
}
KEY_DAYS, MOST_KEY_DAYS = 90, 366
OVERLAP_HOURS, MOST_OVERLAP_HOURS = 24, 24 * 14
PREFIX = "dbk_"


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """A key as its program holds it: ``dbk_<tenant>.<key>.<secret>``; only the secret's digest is kept."""

    tenant_id: UUID
    key_id: UUID
    secret: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.tenant_id.hex}.{self.key_id.hex}.{self.secret}"

    @property
    def digest(self) -> str:
        """What is kept of the secret, which is too long to be guessed."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @classmethod
    def parse(cls, text: str) -> ServiceKey | None:
        """The parts of ``text``, or None when it is no key of ours."""
        try:
            tenant, key, secret = text.removeprefix(PREFIX).split(".")
            return cls(UUID(tenant), UUID(key), secret)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Keyed:
    """A service account, and the key that was made for it: shown this once."""

    account: ServiceAccount
    key: str


async def create_service_account(
    work: Work,
    *,
    name: str,
    duties: Sequence[Duty],
    organisation_id: UUID | None = None,
    operations: Sequence[str] = (),
    expires_in_days: int = KEY_DAYS,
) -> Keyed:
    """Make a program's account in an organisation (None: the caller's own), with its first key.

    ``operations`` are the mutations that its keys are good for; with none it only reads.
    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_INPUT).
    """
    work.require("createServiceAccount")
    home = await work.load(
        Organisation, organisation_id or work.caller.organisation_id, field="organisationId", lock=False
    )
    require_administered(work, home.id)
    checks = Checks()
    title = checks.text(name, "name", required=True) or ""
    role = _role(checks, home)
    held = _duties(checks, role, duties)
    wanted = sorted(set(operations))
    _operations(work, checks, role, held, wanted)
    life = within(checks, expires_in_days, "expiresInDays", MOST_KEY_DAYS)
    checks.problems += await room_for_user(work.session, work.caller.tenant_id, "name")
    checks.done()
    assert role is not None  # noqa: S101 - else there was a problem
    key = new_id()
    user = User(
        tenant_id=work.caller.tenant_id,
        id=key,
        created_at=work.now,
        kind=UserKind.PROGRAM,
        username=f"program.{key.hex}",
        display_name=title,
        password_hash=LOCKED,
    )
    membership = Membership(
        tenant_id=work.caller.tenant_id,
        id=new_id(),
        created_at=work.now,
        user_id=user.id,
        organisation_id=home.id,
        role=role,
        duties=sorted(held),
    )
    account = ServiceAccount(
        tenant_id=work.caller.tenant_id,
        id=new_id(),
        created_at=work.now,
        name=title,
        user_id=user.id,
        membership_id=membership.id,
        organisation_id=home.id,
        operations=wanted,
        created_by_id=work.caller.user_id,
    )
    for row in (user, membership, account):
        work.session.add(row)
        await work.session.flush()
    made = _new_key(work, account, dt.timedelta(days=life))
    work.record(
        "createServiceAccount",
        account,
        after={"name": title, "role": role, "duties": sorted(held), "operations": wanted, "keyDays": life},
    )
    return Keyed(account, made)


async def rotate_service_account_key(
    work: Work,
    *,
    service_account_id: UUID,
    overlap_hours: int = OVERLAP_HOURS,
    expires_in_days: int = KEY_DAYS,
) -> Keyed:
    """Make a further key; the present ones end after ``overlap_hours`` (0: at once), so that a program can change over.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE, INVALID_INPUT).
    """
    work.require("rotateServiceAccountKey")
    account = await _in_force(work, service_account_id)
    checks = Checks()
    life = within(checks, expires_in_days, "expiresInDays", MOST_KEY_DAYS)
    overlap = within(checks, overlap_hours, "overlapHours", MOST_OVERLAP_HOURS, least=0)
    checks.done()
    ends = work.now + dt.timedelta(hours=overlap)
    for former in await _keys(work, account):
        if overlap == 0:
            former.revoked_at = work.now
        former.expires_at = min(former.expires_at, ends)
    made = _new_key(work, account, dt.timedelta(days=life))
    work.record("rotateServiceAccountKey", account, after={"overlapHours": overlap, "keyDays": life})
    return Keyed(account, made)


async def revoke_service_account(work: Work, *, service_account_id: UUID) -> ServiceAccount:
    """End a program's account for good: its keys, its membership, its user.

    Raises: Refusal(FORBIDDEN, NOT_FOUND, INVALID_STATE).
    """
    work.require("revokeServiceAccount")
    account = await _in_force(work, service_account_id)
    account.revoked_at, account.revoked_by_id = work.now, work.caller.user_id
    tenant = work.caller.tenant_id
    membership = await work.session.get_one(Membership, (tenant, account.membership_id), with_for_update=True)
    user = await work.session.get_one(User, (tenant, account.user_id), with_for_update=True)
    membership.revoked_at = user.disabled_at = work.now
    for key in await _keys(work, account):
        key.revoked_at = work.now
    work.record("revokeServiceAccount", account, before={"name": account.name})
    return account


async def note_use(session: AsyncSession, tenant_id: UUID, key_id: UUID, now: dt.datetime) -> None:
    """Keep when a key was last used."""
    key = await session.get(ServiceAccountKey, (tenant_id, key_id))
    if key is not None:
        key.last_used_at = now


def require_administered(work: Work, organisation_id: UUID) -> None:
    """Refuse unless the caller administers the organisation: the city office's administrator all, others their own.

    Raises: Refusal(FORBIDDEN).
    """
    if work.caller.role is not Role.CITY_OFFICE:
        work.require_own(organisation_id)


def within(checks: Checks, value: int, field: str, most: int, *, least: int = 1) -> int:
    """A whole number that has to lie between two others."""
    if not least <= value <= most:
        checks.wrong(field, f"须为 {least} 至 {most}。", f"This is from {least} to {most}.")
    return value


def _role(checks: Checks, home: Organisation) -> Role | None:
    role = ROLE_OF_KIND.get(home.kind)
    if role is None:
        checks.wrong(
            "organisationId", "该类机构不在平台上办理业务。", "Organisations of this kind do nothing on the platform."
        )
    return role


def _duties(checks: Checks, role: Role | None, duties: Sequence[Duty]) -> frozenset[Duty]:
    held = frozenset(Duty[duty] for duty in duties)
    allowed = PROGRAM_DUTIES[role] if role else held
    if not held or not held <= allowed:
        names = "、".join(sorted(allowed))
        checks.wrong(
            "duties",
            f"服务账户的职责只能是:{names}。签发、审批、评审与管理须由人员办理。",
            f"A program's duties here are: {', '.join(sorted(allowed))}. Signing, approving, giving opinions and "
            "administering are for people.",
        )
    return held & allowed


def _operations(
    work: Work, checks: Checks, role: Role | None, duties: frozenset[Duty], operations: Sequence[str]
) -> None:
    """Each operation is one that the duties cover in this city."""
    if role is None:
        return
    program = replace(work.caller, role=role, duties=duties, operations=frozenset(operations))
    beyond = [each for each in operations if not work.access.may(program, each)]
    if beyond:
        shown = ", ".join(each[:60] for each in beyond[:20])
        checks.wrong(
            "operations",
            f"所选职责不能办理:{shown}。请核对操作名,或改选职责。",
            f"These duties do not cover: {shown}. Check the names, or choose other duties.",
        )


def _new_key(work: Work, account: ServiceAccount, life: dt.timedelta) -> str:
    made = ServiceKey(account.tenant_id, new_id(), secrets.token_urlsafe(32))
    work.session.add(
        ServiceAccountKey(
            tenant_id=made.tenant_id,
            id=made.key_id,
            created_at=work.now,
            service_account_id=account.id,
            secret_digest=made.digest,
            expires_at=work.now + life,
            created_by_id=work.caller.user_id,
        )
    )
    return str(made)


async def _in_force(work: Work, key: UUID) -> ServiceAccount:
    account = await work.load(ServiceAccount, key, field="serviceAccountId")
    require_administered(work, account.organisation_id)
    if account.revoked_at is not None:
        raise refuse(
            ErrorCode.INVALID_STATE,
            "该服务账户已撤销,不能恢复。请另建。",
            "This service account was revoked, which is for good; make another one.",
            "serviceAccountId",
        )
    return account


async def _keys(work: Work, account: ServiceAccount) -> Sequence[ServiceAccountKey]:
    """Its keys that are not revoked, locked."""
    found = await work.session.scalars(
        select(ServiceAccountKey)
        .where(
            ServiceAccountKey.tenant_id == account.tenant_id,
            ServiceAccountKey.service_account_id == account.id,
            ServiceAccountKey.revoked_at.is_(None),
        )
        .with_for_update()
    )
    return found.all()
