"""From events to notifications: the outbox is read in its order and told by the table of ``rules``.

At least once, and the same again: a person is told once of an occasion. Nobody is told of what they may not see; that
is asked with the row scopes that every read has.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import any_, func, select, true, update
from sqlalchemy.dialects.postgresql import insert

from domain.access import Caller, Duty
from domain.audit.entities import OutboxEvent
from domain.background import Background
from domain.base import TenantRow, new_id
from domain.entities import Base
from domain.notifications.entities import Notification, NotificationPreference
from domain.notifications.kinds import NotificationKind
from domain.notifications.rules import RULES, Audience, Rule
from domain.organisations.entities import Organisation
from domain.people.entities import Membership, User

log = structlog.get_logger(component="notifications")

BATCH = 50
# Rows of one statement; a statement takes 32,767 parameters.
ROWS = 1_000
NO_SESSION = UUID(int=0)
# Without a preference: on the platform, and by e-mail.
TOLD = (True, True)


def subject_class(name: str) -> type[TenantRow] | None:
    """The mapped class that events call by this name."""
    for mapper in Base.registry.mappers:
        if mapper.class_.__name__ == name and issubclass(mapper.class_, TenantRow):
            return mapper.class_
    return None


def rules_of(event: OutboxEvent) -> Sequence[Rule]:
    """Who is told of an event: rows of the table."""
    return RULES.get(f"{event.subject_type}.{event.event}", ())


async def deliver_events(background: Background) -> int:
    """Deliver the tenant's next events, at most ``BATCH``, in their order; how many there were.

    One process at a time does so for a tenant; another one returns at once. What cannot be delivered is given to the
    queue, to be tried again by itself, and holds nothing up.
    """
    session = background.session
    lock = func.hashtextextended(f"outbox {background.tenant_id}", 0)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        return 0
    events = (
        await session.scalars(
            select(OutboxEvent)
            .where(OutboxEvent.tenant_id == background.tenant_id, OutboxEvent.delivered_at.is_(None))
            .order_by(OutboxEvent.sequence)
            .limit(BATCH)
        )
    ).all()
    for event in events:
        if rules_of(event):
            await _deliver_or_hand_on(background, event)
    delivered = update(OutboxEvent).where(
        OutboxEvent.tenant_id == background.tenant_id, OutboxEvent.id.in_([event.id for event in events])
    )
    if events:
        await session.execute(delivered.values(delivered_at=background.now))
    return len(events)


async def _deliver_or_hand_on(background: Background, event: OutboxEvent) -> None:
    try:
        async with background.session.begin_nested():
            await deliver_event(background, event)
    except Exception as error:
        log.warning("event not delivered", key=str(event.id), action=event.event, error=type(error).__name__)
        await background.enqueue("notifications.deliver", event_id=event.id)


async def deliver_event(background: Background, event: OutboxEvent) -> None:
    """Tell of one event whoever is to be told."""
    entity = subject_class(event.subject_type)
    subject = await background.session.get(entity, (event.tenant_id, event.subject_id)) if entity else None
    if subject is None:
        return
    for each in rules_of(event):
        if each.when(subject):
            occasion = f"{each.kind} {subject.id}" if each.once else f"{each.kind} {event.id}"
            await tell(background, each.kind, each.to, subject, occasion, at=event.created_at, but=event.user_id)


async def tell(
    background: Background,
    kind: NotificationKind,
    to: Iterable[Audience],
    subject: TenantRow,
    occasion: str,
    *,
    at: dt.datetime | None = None,
    due_on: dt.date | None = None,
    but: UUID | None = None,
) -> None:
    """Tell the audiences of ``subject``, each person once for ``occasion``; ``but`` is who did it and knows."""
    found: dict[UUID, Caller] = {}
    for audience in to:
        for caller in await _candidates(background, audience, subject):
            if caller.user_id != but:
                found.setdefault(caller.user_id, caller)
    readers = await _readers(background, list(found.values()), subject)
    preferences = await _preferences(background, kind, [caller.user_id for caller in readers])
    rows = [
        {
            "tenant_id": background.tenant_id,
            "id": new_id(),
            "created_at": at or background.now,
            "user_id": caller.user_id,
            "membership_id": caller.membership_id,
            "kind": kind,
            "occasion": occasion,
            "subject_type": type(subject).__name__,
            "subject_id": subject.id,
            "due_on": due_on,
            "in_app": preferences.get(caller.user_id, TOLD)[0],
            "unread": True,
        }
        for caller in readers
    ]
    for start in range(0, len(rows), ROWS):
        made = await background.session.execute(
            insert(Notification)
            .values(rows[start : start + ROWS])
            .on_conflict_do_nothing()
            .returning(Notification.id, Notification.user_id)
        )
        if background.mail is not None:
            await _mail(background, [row.id for row in made if preferences.get(row.user_id, TOLD)[1]])


async def _mail(background: Background, keys: Sequence[UUID]) -> None:
    """A job for each notification whose person has an address."""
    rows = await background.session.scalars(
        select(Notification.id)
        .join(User, (User.tenant_id == Notification.tenant_id) & (User.id == Notification.user_id))
        .where(Notification.tenant_id == background.tenant_id, Notification.id.in_(keys), User.email.is_not(None))
    )
    payloads = [{"notification_id": key} for key in rows]
    await background.jobs.enqueue_all(background.session, background.tenant_id, "notifications.mail", payloads)


async def _candidates(background: Background, audience: Audience, subject: TenantRow) -> list[Caller]:
    """Whom the table names, as the callers that they would be."""
    rows = await background.session.execute(
        select(
            Membership.user_id, Membership.id, Membership.duties, Membership.organisation_id, Organisation.district_id
        )
        .where(
            Membership.tenant_id == background.tenant_id,
            Organisation.tenant_id == Membership.tenant_id,
            Organisation.id == Membership.organisation_id,
            User.tenant_id == Membership.tenant_id,
            User.id == Membership.user_id,
            Membership.role == audience.role,
            true() if audience.duty is None else any_(Membership.duties) == audience.duty.value,
            Membership.revoked_at.is_(None),
            User.disabled_at.is_(None),
            audience.whose(subject),
        )
        .order_by(Membership.id)
    )
    return [
        Caller(
            tenant_id=background.tenant_id,
            user_id=row.user_id,
            membership_id=row.id,
            session_id=NO_SESSION,
            role=audience.role,
            duties=frozenset(Duty[duty] for duty in row.duties),
            organisation_id=row.organisation_id,
            district_id=row.district_id,
        )
        for row in rows
    ]


async def _readers(background: Background, callers: Sequence[Caller], subject: TenantRow) -> list[Caller]:
    """Those who can see the subject: asked once for all who see the same rows."""
    alike: dict[Any, list[Caller]] = defaultdict(list)
    entity = type(subject)
    for caller in callers:
        person = caller.user_id if background.access.is_personal(caller.role, entity) else None
        alike[caller.role, caller.organisation_id, Duty.ADMIN in caller.duties, person].append(caller)
    found: list[Caller] = []
    for same in alike.values():
        query = select(entity.id).where(
            entity.tenant_id == background.tenant_id, entity.id == subject.id, background.access.rows(same[0], entity)
        )
        if await background.session.scalar(query.params(background.access.values(same[0]))) is not None:
            found += same
    return found


async def _preferences(
    background: Background, kind: NotificationKind, people: Sequence[UUID]
) -> dict[UUID, tuple[bool, bool]]:
    """In-app and e-mail, of those who have said."""
    said = NotificationPreference
    rows = await background.session.execute(
        select(said.user_id, said.in_app, said.email).where(
            said.tenant_id == background.tenant_id, said.kind == kind, said.user_id.in_(people)
        )
    )
    return {row.user_id: (row.in_app, row.email) for row in rows}
