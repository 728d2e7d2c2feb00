"""A small real city for stateful tests: its own database, people of every role, and a clock that the test sets."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
from sqlalchemy import func, select

from api import operator
from authz.access import Authority
from domain.access import Caller, Duty, Role
from domain.audit.entities import AuditEvent
from domain.base import new_id
from domain.calendar import local_date
from domain.documents.entities import Document, DocumentState, ScanState
from domain.documents.kinds import DocumentKind
from domain.filings.entities import Filing, FilingState
from domain.grading.entities import Grading, GradingState
from domain.grading.levels import DEFAULT_MATRIX
from domain.inspections.coverage import settle_importance
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.panels.entities import ExpertAppointment
from domain.people.entities import Membership, User
from domain.policy.entities import PolicyRule
from domain.systems.entities import System
from domain.tasks import TASKS
from domain.tenants.entities import District
from domain.work import Work
from migrations import runner
from storage.database import Database
from storage.files import ObjectStore
from storage.queue import Queue
from storage.settings import Settings

T = TypeVar("T")
NAME = "试验市"
D, C, U = Role.DISTRICT_OFFICE, Role.CITY_OFFICE, Role.UNIT
LEVEL_2 = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "GENERAL"}]}
LEVEL_3 = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "SERIOUS"}]}


@dataclass(frozen=True)
class Person:
    """Somebody of the city, in words that the reference model understands as well."""

    name: str
    role: Role
    duties: frozenset[Duty]
    home: str


def _person(name: str, role: Role, home: str, *duties: Duty) -> Person:
    return Person(name, role, frozenset(duties), home)


# Two districts' units, and one that files with the city; some hold two duties whose steps are not for one person.
UNITS = {"east": "east", "west": "west", "bureau": None}
PEOPLE = (
    *(_person(f"{unit}.filer", U, unit, Duty.FILER) for unit in UNITS),
    *(_person(f"{unit}.approver", U, unit, Duty.APPROVER) for unit in UNITS),
    _person("east.both", U, "east", Duty.FILER, Duty.APPROVER),
    _person("bureau.both", U, "bureau", Duty.FILER, Duty.APPROVER),
    _person("east.office", D, "east office", Duty.OFFICER),
    _person("east.admin", D, "east office", Duty.ADMIN),
    _person("west.office", D, "west office", Duty.OFFICER),
    _person("officer", C, "city office", Duty.OFFICER),
    _person("leader", C, "city office", Duty.LEADER),
    _person("both", C, "city office", Duty.OFFICER, Duty.LEADER),
    _person("advisor", C, "city office", Duty.ADVISOR),
    _person("admin", C, "city office", Duty.ADMIN),
    *(_person(f"expert{number}", Role.EXPERT, "city office", Duty.EXPERT) for number in range(3)),
)
# Assessment bodies and their people, who have no part in filings.
BODIES = ("lab", "firm")
ASSESSORS = tuple(_person(f"{body}.assessor", Role.ASSESSOR, body, Duty.ASSESSOR) for body in BODIES)
EVERYBODY = (*PEOPLE, *ASSESSORS)
BY_NAME = {person.name: person for person in EVERYBODY}
SYSTEMS = ("east", "east", "west", "bureau", "bureau")


def filing_number(system: int) -> str:
    """The number of a system's filing, where the city has its filings from the start."""
    return f"11000000001-{system + 1:05d}"


class PastFiles(ObjectStore):
    """The object store, to which what a test's past kept is kept for a day: nothing can be locked until yesterday."""

    async def lock_until(self, key: str, until: dt.datetime) -> None:
        """Keep the object unchangeable, at least until tomorrow."""
        await super().lock_until(key, max(until, dt.datetime.now(dt.UTC) + dt.timedelta(days=1)))


@dataclass
class Server:
    """A database of the test's own, and an event loop to use it from tests that are not asynchronous."""

    loop: asyncio.AbstractEventLoop
    database: Database
    files: PastFiles
    object_key: str = ""

    @classmethod
    def start(cls, settings: Settings) -> Server:
        """Make the database, migrated, and store the one file that all documents are."""
        loop = asyncio.new_event_loop()
        own = loop.run_until_complete(_own_database(settings))
        server = cls(loop, loop.run_until_complete(Database.open(own)), PastFiles(settings))
        loop.run_until_complete(server._store())
        return server

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result."""
        return self.loop.run_until_complete(coroutine)

    def stop(self) -> None:
        """End all connections."""
        self.run(self.database.close())
        self.loop.close()

    async def _store(self) -> None:
        import hashlib

        import httpx

        content = b"PK\x05\x06" + bytes(18)
        self.object_key = f"stateful/{uuid.uuid4()}"
        digest = hashlib.sha256(content).hexdigest()
        url, headers = await self.files.presign_put(
            self.object_key, len(content), digest, "application/zip", dt.timedelta(minutes=5)
        )
        async with httpx.AsyncClient(trust_env=False) as client:
            (await client.put(url, content=content, headers=headers)).raise_for_status()


async def _own_database(settings: Settings) -> Settings:
    assert settings.database_url
    assert settings.migration_database_url
    kept = json.loads(next(settings.data_dir.glob("postgres/server.json")).read_text())
    port = urlsplit(settings.database_url).port
    connection = await asyncpg.connect(f"postgresql://postgres:{kept['superuser']}@127.0.0.1:{port}/postgres")
    await connection.execute("CREATE DATABASE stateful OWNER dengbao TEMPLATE template0")
    await connection.close()

    def there(url: str) -> str:
        return f"{url.rpartition('/')[0]}/stateful"

    migration = there(settings.migration_database_url)
    await runner.upgrade(migration)
    return settings.model_copy(
        update={"database_url": there(settings.database_url), "migration_database_url": migration}
    )


@dataclass
class City:
    """One tenant with its people, units and systems; use cases are done as somebody, at a moment."""

    server: Server
    tenant: UUID
    authority: Authority
    organisations: dict[str, UUID] = field(default_factory=dict)
    districts: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, UUID] = field(default_factory=dict)
    systems: list[UUID] = field(default_factory=list)

    @classmethod
    def found(cls, server: Server, now: dt.datetime) -> City:
        """A new city, founded a day before ``now``, whose systems are graded."""
        return server.run(cls._found(server, now - dt.timedelta(days=1)))

    @classmethod
    async def _found(cls, server: Server, now: dt.datetime) -> City:
        slug = f"t{uuid.uuid4().hex[:16]}"
        tenant = await operator.create_tenant(server.database, slug, NAME, "110000", default=False)

        async def lines(_: UUID) -> frozenset[tuple[str, str]]:
            async with server.database.transaction(tenant) as session:
                found = await session.execute(select(PolicyRule.subject, PolicyRule.action))
                return frozenset((row.subject, row.action) for row in found)

        city = cls(server, tenant, Authority(lines))
        await city.authority.load(tenant)
        async with server.database.transaction(tenant) as session:
            for add in (city._places, city._people, city._graded):
                for row in add(now):  # each may point to the one before
                    session.add(row)
                    await session.flush()
            office = await session.scalar(
                select(Organisation.id).where(Organisation.kind == OrganisationKind.CITY_OFFICE)
            )
            assert office
            city.organisations["city office"] = office
            session.add_all(city._memberships(now))
        return city

    def _places(self, now: dt.datetime) -> list[Any]:
        made: list[Any] = []
        for number, name in enumerate(("east", "west"), 1):
            self.districts[name] = new_id()
            code = f"11010{number}"
            made.append(
                District(tenant_id=self.tenant, id=self.districts[name], created_at=now, name=name, division_code=code)
            )
        return made

    def _people(self, now: dt.datetime) -> list[Any]:
        made: list[Any] = []
        for name, district in UNITS.items():
            self.organisations[name] = new_id()
            made.append(
                Organisation(
                    tenant_id=self.tenant,
                    id=self.organisations[name],
                    created_at=now,
                    kind=OrganisationKind.UNIT,
                    name=name,
                    authority_level=AuthorityLevel.DISTRICT if district else AuthorityLevel.CITY,
                    district_id=self.districts.get(district or ""),
                )
            )
        for name, key in self.districts.items():
            self.organisations[f"{name} office"] = new_id()
            made.append(
                Organisation(
                    tenant_id=self.tenant,
                    id=self.organisations[f"{name} office"],
                    created_at=now,
                    kind=OrganisationKind.DISTRICT_OFFICE,
                    name=f"{name} office",
                    district_id=key,
                )
            )
        for name in BODIES:
            self.organisations[name] = new_id()
            made.append(
                Organisation(
                    tenant_id=self.tenant,
                    id=self.organisations[name],
                    created_at=now,
                    kind=OrganisationKind.ASSESSMENT_BODY,
                    name=name,
                )
            )
        for person in EVERYBODY:
            self.users[person.name] = new_id()
            made.append(
                User(
                    tenant_id=self.tenant,
                    id=self.users[person.name],
                    created_at=now,
                    username=person.name,
                    display_name=person.name,
                    password_hash="!",
                )
            )
        return made

    def _graded(self, now: dt.datetime) -> list[Any]:
        made: list[Any] = []
        for number, unit in enumerate(SYSTEMS):
            system, grading = new_id(), new_id()
            self.systems.append(system)
            of = {"tenant_id": self.tenant, "created_at": now, "unit_id": self.organisations[unit]}
            made += [
                System(
                    **of,
                    id=system,
                    name=f"system {number}",
                    code=f"{number}",
                    level=2,
                    security_mark="S2A2G2",
                    current_grading_id=grading,
                ),
                Grading(
                    **of,
                    id=grading,
                    system_id=system,
                    state=GradingState.CONFIRMED,
                    matrix=DEFAULT_MATRIX,
                    business_information=LEVEL_2,
                    business_information_level=2,
                    system_service=LEVEL_2,
                    system_service_level=2,
                    level=2,
                    security_mark="S2A2G2",
                    saved_by_id=self.users[f"{unit}.filer"],
                    confirmed_by_id=self.users[f"{unit}.approver"],
                    confirmed_at=now,
                ),
            ]
        return made

    def _memberships(self, now: dt.datetime) -> list[Any]:
        made: list[Any] = [
            Membership(
                tenant_id=self.tenant,
                created_at=now,
                user_id=self.users[person.name],
                organisation_id=self.organisations[person.home],
                role=person.role,
                duties=sorted(person.duties),
            )
            for person in EVERYBODY
        ]
        return made + [
            ExpertAppointment(
                tenant_id=self.tenant,
                created_at=now,
                user_id=self.users[person.name],
                fields=["LEVEL_PROTECTION"],
                valid_from=dt.date(2000, 1, 1),
                valid_until=dt.date(2099, 1, 1),
                employer_name="大学",
                appointed_by_id=self.users["officer"],
            )
            for person in PEOPLE
            if person.role is Role.EXPERT
        ]

    def file(self, levels: Sequence[int], important: Set[int], now: dt.datetime) -> None:
        """Let the systems have these levels, all filed and accepted, and some of them be important."""

        async def filed() -> None:
            async with self.server.database.transaction(self.tenant) as session:
                for number, key in enumerate(self.systems):
                    system = await session.get_one(System, (self.tenant, key))
                    system.level, system.important = levels[number], number in important
                    settle_importance(system, local_date(now))
                    filing = self._accepted(number, levels[number], system, now)
                    session.add(filing)
                    await session.flush()
                    system.current_filing_id = filing.id

        self.server.run(filed())

    def _accepted(self, number: int, level: int, system: System, now: dt.datetime) -> Filing:
        district = self.districts.get(UNITS[SYSTEMS[number]] or "")
        return Filing(
            tenant_id=self.tenant,
            id=new_id(),
            created_at=now,
            system_id=system.id,
            unit_id=system.unit_id,
            grading_id=system.current_grading_id,
            number=filing_number(number),
            state=FilingState.ACCEPTED,
            level=level,
            authority=AuthorityLevel.DISTRICT if district else AuthorityLevel.CITY,
            district_id=district,
            form_edition="2007",
            form={},
            saved_by_id=self.users[f"{SYSTEMS[number]}.filer"],
            submitted_at=now,
        )

    def caller(self, person: Person) -> Caller:
        """The person, signed in."""
        return Caller(
            self.tenant,
            self.users[person.name],
            new_id(),
            new_id(),
            person.role,
            person.duties,
            self.organisations[person.home],
            self.districts.get(person.home.removesuffix(" office")) if person.role is D else None,
        )

    def do(self, person: Person, now: dt.datetime, use_case: Callable[..., Awaitable[T]], **given: Any) -> T:
        """The use case, in a transaction. Raises: Refusal, and nothing was changed."""

        async def done() -> T:
            async with self.server.database.transaction(self.tenant) as session:
                work = Work(session, self.caller(person), self.authority, self.server.files, Queue(TASKS), now)
                return await use_case(work, **given)

        return self.server.run(done())

    def document(self, owner: str, kind: DocumentKind, now: dt.datetime, media_type: str = "application/zip") -> UUID:
        """A stored document of the organisation's."""
        key = new_id()

        async def stored() -> None:
            async with self.server.database.transaction(self.tenant) as session:
                session.add(
                    Document(
                        tenant_id=self.tenant,
                        id=key,
                        created_at=now,
                        owner_id=self.organisations[owner],
                        uploaded_by_id=self.users["officer"],
                        kind=kind,
                        filename=f"{kind}.zip",
                        media_type=media_type,
                        size=22,
                        sha256="0" * 64,
                        object_key=self.server.object_key,
                        state=DocumentState.STORED,
                        scan=ScanState.SKIPPED,
                        stored_at=now,
                    )
                )

        self.server.run(stored())
        return key

    def rows(self, *columns: Any, **where: Any) -> list[Any]:
        """What is in the database, every row of the city."""

        async def read() -> list[Any]:
            async with self.server.database.transaction(self.tenant) as session:
                return list((await session.execute(select(*columns).filter_by(**where))).all())

        return self.server.run(read())

    def read(self, *wanted: tuple[str, Any, str]) -> dict[str, list[Any]]:
        """Several tables' columns at one moment, by the names given: name, entity, columns."""

        async def read() -> dict[str, list[Any]]:
            async with self.server.database.transaction(self.tenant) as session:
                return {
                    name: list((await session.execute(select(*(getattr(entity, c) for c in columns.split())))).all())
                    for name, entity, columns in wanted
                }

        return self.server.run(read())

    def audited(self) -> Counter[str]:
        """How many audit events there are of each action."""

        async def read() -> Counter[str]:
            async with self.server.database.transaction(self.tenant) as session:
                found = await session.execute(select(AuditEvent.action, func.count()).group_by(AuditEvent.action))
                return Counter(dict(found.all()))

        return self.server.run(read())
