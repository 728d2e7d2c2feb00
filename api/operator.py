"""What the deployment's operator does from the command line: tenants, users, and whether all is in order.

The operator has no role in any tenant; every write is still made as the application, bound to the one tenant.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from authz.permissions import shipped_lines
from domain.access import DUTIES, Duty, Role
from domain.base import new_id
from domain.organisations.entities import Organisation, OrganisationKind
from domain.people.entities import Membership, User
from domain.people.passwords import hash_password
from domain.policy.entities import PolicyChange, PolicyRule
from domain.tenants.entities import Tenant, TenantSettings
from domain.tenants.limits import room_for_user
from migrations.revision import head
from storage.database import Database
from storage.files import ObjectStore
from storage.settings import Settings, SetupError


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account that was just made; its password is shown this once."""

    username: str
    password: str


async def create_tenant(database: Database, slug: str, name: str, division_code: str, *, default: bool) -> UUID:
    """Make a city with its city office and the shipped policy. Raises: SetupError."""
    key, now = new_id(), dt.datetime.now(dt.UTC)
    try:
        async with database.transaction(key) as session:
            session.add(
                Tenant(id=key, slug=slug, name=name, division_code=division_code, is_default=default, created_at=now)
            )
            await session.flush()
            session.add(TenantSettings(tenant_id=key, id=key, created_at=now))
            session.add_all(
                PolicyRule(tenant_id=key, subject=subject, action=action) for subject, action in shipped_lines()
            )
            session.add(
                Organisation(
                    tenant_id=key, created_at=now, kind=OrganisationKind.CITY_OFFICE, name=f"{name}信息化工作办公室"
                )
            )
    except IntegrityError as error:
        raise SetupError(
            f"The city {slug!r} cannot be made: its slug or being the default is taken, or slug (a-z, 0-9, -) or "
            "division code (6 digits) is not well formed."
        ) from error
    return key


async def complete_policies(database: Database) -> int:
    """Give each city the shipped lines of operations that its policy has never heard of; how many lines that was.

    They came with a later version of the platform. What a city has taken back, or emptied altogether, stays so.
    """
    added = 0
    for city in await database.directory.list_tenants():
        key = city["id"]
        async with database.transaction(key) as session:
            known = set(await session.scalars(select(PolicyRule.action).where(PolicyRule.tenant_id == key).distinct()))
            if not known:
                continue
            known |= set(await session.scalars(select(PolicyChange.operation).where(PolicyChange.tenant_id == key)))
            new = [(subject, action) for subject, action in shipped_lines() if action not in known]
            session.add_all(PolicyRule(tenant_id=key, subject=subject, action=action) for subject, action in new)
            added += len(new)
    return added


async def tenant_called(database: Database, slug: str | None) -> UUID:
    """The tenant's key. Raises: SetupError."""
    key = await database.directory.resolve_tenant(slug)
    if key is None:
        known = ", ".join(row["slug"] for row in await database.directory.list_tenants()) or "none"
        raise SetupError(f"There is no city {slug or '(default)'}; known are: {known}. See `dengbao tenant create`.")
    return key


async def create_user(
    database: Database,
    tenant_id: UUID,
    username: str,
    display_name: str,
    role: Role,
    duties: frozenset[Duty],
    organisation: str | None = None,
    *,
    must_change: bool = True,
) -> NewUser:
    """Make an account with a random password, acting in ``organisation`` (None: the city office).

    Nothing else is done with it before its person has chosen a password (``must_change``).

    Raises: SetupError.
    """
    if not duties or duties - DUTIES[role]:
        allowed = ", ".join(sorted(DUTIES[role]))
        raise SetupError(f"{role} has the duties {allowed}; name at least one of them.")
    now, password = dt.datetime.now(dt.UTC), secrets.token_urlsafe(15)
    async with database.transaction(tenant_id) as session:
        wanted = select(Organisation).where(Organisation.tenant_id == tenant_id)
        wanted = wanted.where(
            Organisation.name == organisation if organisation else Organisation.kind == OrganisationKind.CITY_OFFICE
        )
        found = (await session.scalars(wanted.limit(2))).all()
        if len(found) != 1:
            raise SetupError(f"There is {'more than one' if found else 'no'} organisation {organisation or ''}.")
        for problem in await room_for_user(session, tenant_id):
            raise SetupError(problem.message.en)
        taken = select(User.id).where(User.tenant_id == tenant_id, User.username == username)
        if await session.scalar(taken):
            raise SetupError(f"There is a user {username} already.")
        user = User(
            tenant_id=tenant_id,
            created_at=now,
            username=username,
            display_name=display_name,
            password_hash=hash_password(password),
            must_change_password=must_change,
        )
        session.add(user)
        try:
            await session.flush()
        except IntegrityError as error:
            raise SetupError(f"{username!r} is no user name: a-z, 0-9, dots, hyphens, from 2 to 61.") from error
        session.add(
            Membership(
                tenant_id=tenant_id,
                created_at=now,
                user_id=user.id,
                organisation_id=found[0].id,
                role=role,
                duties=sorted(duties),
            )
        )
    return NewUser(username, password)


async def ensure_administrator(database: Database) -> NewUser | None:
    """Where there is no city yet: one that can be renamed by making others, with its administrator; else None."""
    if await database.directory.list_tenants():
        return None
    key = await create_tenant(database, "city", "本市", "000000", default=True)
    return await create_user(database, key, "admin", "管理员", Role.CITY_OFFICE, frozenset({Duty.ADMIN}))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: whether it holds, and what to do where it does not."""

    what: str
    holds: bool
    advice: str = ""


async def check(settings: Settings) -> list[Finding]:
    """Whether everything is reachable and in step."""
    return [*await _check_database(settings), *await _check_store(settings)]


async def _check_database(settings: Settings) -> list[Finding]:
    try:
        database = await Database.open(settings)
    except SetupError as error:
        return [Finding("database", False, str(error))]
    try:
        revision = await database.revision()
        facts = await database.facts()
        return [
            Finding("database reachable", True),
            await _check_sessions(database, settings),
            Finding(
                f"schema at {revision or 'nothing'}", revision == head(), f"Run `dengbao migrate` (needs {head()})."
            ),
            Finding(
                f"server version {facts['version']}",
                facts["number"] >= 150009,
                "Use PostgreSQL 15.9, 16.5, 17.1 or 18.",
            ),
            Finding(
                "application role owns nothing, is no superuser, passes no row-level security",
                not facts["privileged"],
                "Connect as dengbao_app, or as a role that may become it.",
            ),
            Finding(
                f"character type {facts['ctype']}",
                facts["ctype"] not in {"C", "POSIX"},
                "Make the database with LC_CTYPE C.UTF-8, or searches for Chinese text find nothing.",
            ),
        ]
    except (OSError, asyncpg.PostgresError) as error:
        return [Finding("database", False, f"{type(error).__name__}: run `dengbao migrate`, check the server's log.")]
    finally:
        await database.close()


async def _check_sessions(database: Database, settings: Settings) -> Finding:
    """Notifications and the queue need a session of their own, also where a pooler lends connections to the rest."""
    what = f"sessions for notifications and the queue ({settings.database_pooling} pooling)"
    try:
        async with database.connection() as connection:
            await connection.execute("LISTEN dengbao_check")
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        return Finding(what, False, f"{type(error).__name__}: set DENGBAO_DATABASE_DIRECT_URL to the server itself.")
    return Finding(what, True)


async def _check_store(settings: Settings) -> list[Finding]:
    try:
        store = ObjectStore(settings)
        await store.ensure_bucket()
        locks = await store.has_object_lock()
    except SetupError as error:
        return [Finding("object store", False, str(error))]
    return [
        Finding("object store reachable", True),
        Finding("bucket has object lock", locks, "Make the bucket with object lock: it cannot be added afterwards."),
    ]
