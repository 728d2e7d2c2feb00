"""People whom an identity provider vouches for: known by issuer and subject, with the memberships that it grants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.access import DUTIES, Duty, Role
from domain.base import new_id
from domain.organisations.entities import Organisation
from domain.people.entities import LOCKED, ExternalIdentity, Membership, User, UserKind
from domain.people.members import USERNAME
from domain.people.service_accounts import ROLE_OF_KIND
from domain.people.sign_in import audit


@dataclass(frozen=True, slots=True)
class Grant:
    """A membership that claims call for; the organisation by its name or social credit code."""

    organisation: str
    role: Role
    duties: frozenset[Duty]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is by the word of a provider that is believed."""

    provider: str
    issuer: str
    subject: str
    username: str
    display_name: str
    email: str | None
    grants: tuple[Grant, ...]
    link_usernames: bool = False


async def accept(session: AsyncSession, tenant_id: UUID, who: Identity, now: dt.datetime) -> User | None:
    """The person, made where it is new, with the memberships that the provider grants now; None where it may not enter.

    A user name that is taken is another person's, unless the operator has declared both to be the same. Memberships
    that people have granted stay as they are.
    """
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"{tenant_id} {who.issuer} {who.subject}", 0)))
    )
    user = await _known(session, tenant_id, who) or await _new(session, tenant_id, who, now)
    if user is None or user.disabled_at is not None or user.kind is UserKind.PROGRAM:
        return None
    await _keep_memberships(session, user, who, now)
    await session.flush()
    return user


async def _known(session: AsyncSession, tenant_id: UUID, who: Identity) -> User | None:
    found: User | None = await session.scalar(
        select(User)
        .join(
            ExternalIdentity,
            (ExternalIdentity.tenant_id == User.tenant_id) & (ExternalIdentity.user_id == User.id),
        )
        .where(
            User.tenant_id == tenant_id,
            ExternalIdentity.issuer == who.issuer,
            ExternalIdentity.subject == who.subject,
        )
    )
    return found


async def _new(session: AsyncSession, tenant_id: UUID, who: Identity, now: dt.datetime) -> User | None:
    name = who.username.strip().lower()
    if not USERNAME.fullmatch(name):
        return None
    user = await session.scalar(select(User).where(User.tenant_id == tenant_id, User.username == name))
    if user is not None and not who.link_usernames:
        return None
    if user is None:
        user = User(
            tenant_id=tenant_id,
            id=new_id(),
            created_at=now,
            kind=UserKind.PERSON,
            username=name,
            display_name=who.display_name[:200] or name,
            email=who.email,
            password_hash=LOCKED,
            must_change_password=False,
        )
        session.add(user)
        await session.flush()
    session.add(
        ExternalIdentity(tenant_id=tenant_id, created_at=now, user_id=user.id, issuer=who.issuer, subject=who.subject)
    )
    audit(session, "acceptIdentity", user, user.id, now, {"provider": who.provider})
    return user


async def _keep_memberships(session: AsyncSession, user: User, who: Identity, now: dt.datetime) -> None:
    wanted: dict[tuple[UUID, Role], frozenset[Duty]] = {}
    for grant in who.grants:
        home = await _organisation(session, user.tenant_id, grant)
        if home is not None:
            key = (home.id, grant.role)
            wanted[key] = wanted.get(key, frozenset()) | (grant.duties & DUTIES[grant.role])
    held = await session.scalars(
        select(Membership)
        .where(Membership.tenant_id == user.tenant_id, Membership.user_id == user.id, Membership.revoked_at.is_(None))
        .with_for_update()
    )
    for membership in held.all():
        key = (membership.organisation_id, membership.role)
        same = key in wanted and frozenset(membership.duties) == wanted[key]
        if membership.provider != who.provider:
            wanted.pop(key, None)  # people have granted it: it is theirs
        elif same:
            del wanted[key]
        else:
            membership.revoked_at = now
            audit(session, "revokeMembership", membership, user.id, now, {"provider": who.provider})
    await session.flush()
    for (organisation_id, role), duties in wanted.items():
        if duties:
            made = Membership(
                tenant_id=user.tenant_id,
                id=new_id(),
                created_at=now,
                user_id=user.id,
                organisation_id=organisation_id,
                role=role,
                duties=sorted(duties),
                provider=who.provider,
            )
            session.add(made)
            audit(session, "grantMembership", made, user.id, now, {"provider": who.provider})


async def _organisation(session: AsyncSession, tenant_id: UUID, grant: Grant) -> Organisation | None:
    """The organisation that a rule names, where there is just one and the role belongs to its kind."""
    named = or_(Organisation.name == grant.organisation, Organisation.credit_code == grant.organisation)
    found = (await session.scalars(select(Organisation).where(Organisation.tenant_id == tenant_id, named))).all()
    if len(found) != 1 or grant.role not in {ROLE_OF_KIND.get(found[0].kind), Role.EXPERT}:
        return None
    return found[0]
