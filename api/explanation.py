"""Why somebody may, or may not, do something: the layers of a decision one after the other, for the operator.

Nothing here decides: it asks what decides, the account, the policy in use, the row scopes and the database, and tells
what each said.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import visitors

from api.reads.listings import GLOBAL_ID
from api.reads.sources import registry
from authz.envelope import FIXED
from authz.permissions import OWN, PERMISSIONS, PUBLIC, holders, shipped_lines, subject_name
from authz.policy import Line
from authz.scopes import scope, scope_values
from domain.access import Caller, Duty, Role
from domain.organisations.entities import Organisation
from domain.people.entities import Membership, ServiceAccount, User
from domain.policy.entities import PolicyChange, PolicyRule
from storage.settings import SetupError


@dataclass(frozen=True, slots=True)
class Layer:
    """What one layer says: whether it lets the caller through, and why."""

    name: str
    passes: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    """The layers for one membership; it may where all of them let it through."""

    membership: str
    layers: tuple[Layer, ...]

    @property
    def may(self) -> bool:
        """Whether every layer lets the caller through."""
        return all(layer.passes for layer in self.layers)


async def explain(
    session: AsyncSession, tenant_id: UUID, username: str, operation: str, identifier: str | None
) -> list[Explained]:
    """Each membership of ``username`` with what the layers say of ``operation`` (a mutation, or a list of the API).

    Raises: SetupError where there is no such person, or the identifier is none.
    """
    user = await session.scalar(select(User).where(User.tenant_id == tenant_id, User.username == username))
    if user is None:
        raise SetupError(f"There is no user {username} in this city.")
    account = _account(user)
    rules = await session.execute(
        select(PolicyRule.subject, PolicyRule.action).where(PolicyRule.tenant_id == tenant_id)
    )
    lines = frozenset((row.subject, row.action) for row in rules)
    program = await session.scalar(
        select(ServiceAccount).where(ServiceAccount.tenant_id == tenant_id, ServiceAccount.user_id == user.id)
    )
    found = []
    for membership, home in await _memberships(session, user):
        caller = _caller(membership, home)
        layers = [account, _in_force(membership)]
        if program is not None and operation in PERMISSIONS:
            layers.append(_key(program, operation))
        layers.append(await _policy(session, caller, lines, operation))
        if identifier is not None:
            layers += await _rows(session, caller, identifier)
        duties = "+".join(membership.duties)
        found.append(Explained(f"{membership.role}.{duties} @ {home.name} (mem_{membership.id})", tuple(layers)))
    return found


async def _memberships(session: AsyncSession, user: User) -> list[tuple[Membership, Organisation]]:
    rows = await session.execute(
        select(Membership, Organisation)
        .join(
            Organisation,
            (Organisation.tenant_id == Membership.tenant_id) & (Organisation.id == Membership.organisation_id),
        )
        .where(Membership.tenant_id == user.tenant_id, Membership.user_id == user.id)
        .order_by(Membership.id)
    )
    return [(row[0], row[1]) for row in rows]


def _caller(membership: Membership, home: Organisation) -> Caller:
    return Caller(
        tenant_id=membership.tenant_id,
        user_id=membership.user_id,
        membership_id=membership.id,
        session_id=uuid.UUID(int=0),
        role=membership.role,
        duties=frozenset(Duty[duty] for duty in membership.duties),
        organisation_id=home.id,
        district_id=home.district_id,
    )


def _account(user: User) -> Layer:
    if user.disabled_at is not None:
        return Layer("account", False, f"disabled since {user.disabled_at:%Y-%m-%d %H:%M}")
    if user.must_change_password:
        return Layer("account", False, "the first password has to be changed before anything else")
    return Layer("account", True, f"{user.kind.en}, in use")


def _in_force(membership: Membership) -> Layer:
    if membership.revoked_at is not None:
        return Layer("membership", False, f"revoked {membership.revoked_at:%Y-%m-%d %H:%M}")
    source = f", by the claims of {membership.provider}" if membership.provider else ""
    return Layer("membership", True, f"granted {membership.created_at:%Y-%m-%d}{source}")


def _key(program: ServiceAccount, operation: str) -> Layer:
    listed = operation in program.operations
    return Layer("key", listed, f"the service account {program.name!r} is {'' if listed else 'not '}for {operation}")


async def _policy(session: AsyncSession, caller: Caller, lines: frozenset[Line], operation: str) -> Layer:
    if operation in PUBLIC | OWN:
        return Layer("policy", True, "for everybody, whatever the policy says")
    if operation not in PERMISSIONS:
        return Layer("policy", True, "no mutation: reading is decided by rows alone")
    held = [subject_name((caller.role, None)), *(subject_name((caller.role, duty)) for duty in sorted(caller.duties))]
    allowing = [subject for subject in held if (subject, operation) in lines]
    source = await _source(session, caller.tenant_id, operation)
    if allowing:
        return Layer("policy", True, f"p, {allowing[0]}, {caller.tenant_id}, {operation}{source}")
    others = ", ".join(sorted(subject for subject, action in lines if action == operation)) or "nobody"
    return Layer("policy", False, f"no line for {' or '.join(held)}; allowed to {others}{source}")


async def _source(session: AsyncSession, tenant_id: UUID, operation: str) -> str:
    """Where the lines of an operation come from: the platform, or the city's last change of it."""
    change = await session.scalar(
        select(PolicyChange)
        .where(PolicyChange.tenant_id == tenant_id, PolicyChange.operation == operation)
        .order_by(PolicyChange.created_at.desc(), PolicyChange.id.desc())
        .limit(1)
    )
    if change is None:
        return f" ({'laid down by the platform' if operation in FIXED else 'as shipped'})"
    said = "allowed" if change.allowed else "no longer allowed"
    return f" (the city's: {said} to {subject_name((change.role, change.duty))} {change.created_at:%Y-%m-%d %H:%M})"


async def _rows(session: AsyncSession, caller: Caller, identifier: str) -> list[Layer]:
    """Whether the row is in the city at all (row-level security), and among those that the role sees (scope)."""
    match = GLOBAL_ID.fullmatch(identifier)
    name = registry.by_prefix.get(match[1]) if match else None
    if match is None or name is None:
        raise SetupError(f"{identifier} is no id of the API: they look like fil_0190… .")
    table = registry.by_type[name].table.alias("t")
    key = UUID(match[2])
    there = await session.scalar(select(func.count()).select_from(table).where(table.c.id == key))
    if not there:
        why = f"no {name} with this id in this city: another city's does not exist here"
        return [Layer("row-level security", False, why)]
    predicate = scope(caller.role, table)
    seen = await session.scalar(
        select(func.count()).select_from(table).where(table.c.id == key, predicate).params(scope_values(caller))
    )
    return [
        Layer("row-level security", True, f"the {name} is this city's"),
        Layer("row scope", bool(seen), f"{caller.role} on {name}: {_written(predicate, caller)}"),
    ]


def _written(predicate: ColumnElement[bool], caller: Caller) -> str:
    """The predicate in SQL as it is for this caller, to be asked of the database as it stands."""
    values = scope_values(caller)

    def own(part: Any, **_: Any) -> Any:
        return literal(values[part.key], part.type) if isinstance(part, BindParameter) and part.key in values else None

    named = visitors.replacement_traverse(predicate, {}, own)  # type: ignore[call-overload]  # takes any part
    made = named.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    return " ".join(str(made).split())


def matrix(lines: frozenset[Line]) -> Iterator[tuple[str, dict[tuple[Role, Duty], str], bool]]:
    """Each operation, what each duty may (``✓`` shipped, ``+`` the city's, ``−`` taken back), whether it is fixed."""
    shipped = frozenset(shipped_lines())
    for operation in sorted(PERMISSIONS):
        cells = {}
        for role, duty in holders():
            subjects = (subject_name((role, None)), subject_name((role, duty)))
            now = any((subject, operation) in lines for subject in subjects)
            before = any((subject, operation) in shipped for subject in subjects)
            cells[role, duty] = {(True, True): "✓", (True, False): "+", (False, True): "−"}.get((now, before), "")
        yield operation, cells, operation in FIXED
