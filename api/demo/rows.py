"""One city's rows, made deterministically from its name and a day: everything in the forms that the workflow gives it.

Nothing is written here: ``CityRows`` gathers rows by table, in an order in which they can be inserted.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.demo.accounts import ACCOUNTS
from api.demo.names import BUREAUS, DESCRIPTIONS, HARMS, PEOPLE, PROVIDERS, SUFFIXES, Bureau, City
from authz.permissions import shipped_lines
from domain.access import Role
from domain.calendar import SHANGHAI
from domain.codes import credit_code
from domain.grading.levels import DEFAULT_MATRIX, Harm, HarmDegree, HarmObject, determine, security_mark

Row = dict[str, Any]
LOCKED = "!"  # no password has this hash
OPEN_STATES = 7


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the demo that was put into the object store."""

    filename: str
    media_type: str
    size: int
    sha256: str
    object_key: str
    # What an archive holds: names, sizes, digests.
    entries: Sequence[tuple[str, int, str]] = ()


@dataclass(slots=True)
class CityRows:
    """The rows of one city; ``today`` is the day the demo is made for."""

    city: City
    now: dt.datetime
    password_hash: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    users: dict[str, UUID] = field(default_factory=dict)
    organisations: dict[str, UUID] = field(default_factory=dict)
    districts: dict[str, UUID] = field(default_factory=dict)
    random: random.Random = field(init=False)
    tenant_id: UUID = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(f"dengbao {self.city.slug}")  # noqa: S311 - a demo, to be the same each time
        self.tenant_id = self.new_id(self.ago(400))

    def new_id(self, moment: dt.datetime) -> UUID:
        """A UUIDv7 of ``moment``, the same each time."""
        millis = int(moment.timestamp() * 1000)
        value = (millis << 80) | (7 << 76) | (self.random.getrandbits(12) << 64) | (2 << 62)
        return UUID(int=value | self.random.getrandbits(62))

    def ago(self, days: int, hour: int = 10) -> dt.datetime:
        """A moment so many days before the demo's day."""
        day = self.now.astimezone(SHANGHAI) - dt.timedelta(days=days)
        return day.replace(hour=hour, minute=self.random.randrange(60), second=0, microsecond=0)

    def add(self, table: str, moment: dt.datetime, **values: Any) -> UUID:
        """Add a row of an entity: its key."""
        key = self.new_id(moment)
        self.rows[table].append({"tenant_id": self.tenant_id, "id": key, "created_at": moment, **values})
        return key

    def document(self, file: StoredFile, moment: dt.datetime, kind: str, owner: UUID, by: UUID, **values: Any) -> UUID:
        """Add the row of a file that is in the store; ``values`` say whose document it is: its key."""
        told = {name: getattr(file, name) for name in ("filename", "media_type", "size", "sha256", "object_key")}
        state = {"state": "STORED", "scan": "SKIPPED", "stored_at": moment}
        if values:
            state["attached_at"] = moment
        return self.add("documents", moment, owner_id=owner, uploaded_by_id=by, kind=kind, **told, **state, **values)

    def base(self) -> None:
        """The tenant with its policy, districts, offices, bodies, and the people of the demo's accounts."""
        began = self.ago(400)
        self.rows["tenants"].append(
            {
                "id": self.tenant_id,
                "slug": self.city.slug,
                "name": self.city.name,
                "division_code": self.city.division_code,
                "is_default": self.city.slug == "beijing",
                "created_at": began,
            }
        )
        self.rows["tenant_settings"].append(
            {"tenant_id": self.tenant_id, "id": self.tenant_id, "created_at": began, "version": 1}
        )
        self.rows["policy_rules"] = [
            {"tenant_id": self.tenant_id, "subject": subject, "action": action} for subject, action in shipped_lines()
        ]
        for name, code in self.city.districts.items():
            self.districts[name] = self.add(
                "districts", began, name=name, division_code=code, mailbox=f"djba-{code}@example.gov.cn"
            )
        self._organisation(f"{self.city.name}信息化工作办公室", began, "CITY_OFFICE")
        for name, key in self.districts.items():
            self._organisation(f"{name}信息化工作办公室", began, "DISTRICT_OFFICE", district_id=key)
        for number in ("一", "二", "三"):
            self._organisation(f"{self.city.name}信息安全测评中心第{number}实验室", began, "ASSESSMENT_BODY")
        for name in PROVIDERS:
            self._organisation(f"{self.city.name}{name}", began, "PROVIDER")

    def units(self) -> list[UUID]:
        """The units: the demo's own first (district level), then its subordinates, city bureaus, districts' bureaus."""
        began = self.ago(380)
        demo = self.city.demo_district
        names: list[tuple[str, Bureau, str | None]] = [(f"{demo}{BUREAUS[0].name}", BUREAUS[0], demo)]
        names += [(f"{self.city.name.removesuffix('市')}市{each.name}", each, None) for each in BUREAUS]
        districts = list(self.city.districts)
        while len(names) < self.city.units:
            number = len(names)
            district = districts[number * 5 % len(districts)]
            bureau = BUREAUS[number * 7 % len(BUREAUS)]
            name = f"{district}{bureau.name}"
            if name in {each[0] for each in names}:
                district = districts[(number * 5 + number // len(BUREAUS) + 1) % len(districts)]
                bureau = next(b for b in BUREAUS if f"{district}{b.name}" not in {each[0] for each in names})
                name = f"{district}{bureau.name}"
            names.append((name, bureau, district))
        found = [self._unit(number, *each, began) for number, each in enumerate(names)]
        # The last unit in the demo's district is supervised by the demo's own.
        for row in self.rows["organisations"]:
            if row["id"] == found[-1]:
                row["supervising_unit_id"] = found[0]
        return found

    def _unit(self, number: int, name: str, bureau: Bureau, district: str | None, began: dt.datetime) -> UUID:
        code = self.city.districts[district] if district else self.city.division_code
        person = self.random.sample(PEOPLE, 2)
        key = self._organisation(
            name,
            began,
            "UNIT",
            credit_code=credit_code(f"11{code}{number:09d}"),
            authority_level="DISTRICT" if district else "CITY",
            district_id=self.districts[district] if district else None,
            province=self.city.name,
            city=self.city.name,
            county=district or "市本级",
            address=f"{district or self.city.name}政务路 {number + 1} 号",
            postcode=self.city.postcode,
            unit_type="GOVERNMENT",
            subordination="COUNTY" if district else "PROVINCE",
            industry=bureau.industry if bureau.industry != "OTHER" else "LABOUR",
            responsible_department="信息中心",
            leader_name=person[0],
            leader_title="副局长",
            leader_phone=f"{self.city.area_code}-6{number:07d}",
            leader_email=f"leader{number}@example.gov.cn",
            contact_name=person[1],
            contact_title="工程师",
            contact_phone=f"{self.city.area_code}-8{number:07d}",
            contact_mobile=f"139{number:08d}",
            contact_email=f"contact{number}@example.gov.cn",
        )
        filer, approver = (
            ("unit.filer", "unit.approver") if number == 0 else (f"u{number}.filer", f"u{number}.approver")
        )
        self.person(filer, person[1], key, Role.UNIT, "FILER", began)
        self.person(approver, person[0], key, Role.UNIT, "APPROVER", began)
        if number == 0:
            self.person("unit.admin", person[0], key, Role.UNIT, "ADMIN", began)
        return key

    def accounts(self, homes: dict[Role, UUID]) -> None:
        """The demo's accounts but the unit's, which came with it."""
        began = self.ago(390)
        for number, account in enumerate(ACCOUNTS):
            if account.username not in self.users:
                name = PEOPLE[(number * 3) % len(PEOPLE)]
                self.person(account.username, name, homes[account.role], account.role, account.duty, began)

    def program(self, name: str, home: UUID, role: Role, duty: str, operations: list[str], moment: dt.datetime) -> None:
        """A program's account with a key that nobody knows: whoever administers it makes the next one."""
        key = self.new_id(moment)
        user = self.person(f"program.{key.hex}", name, home, role, duty, moment)
        self.rows["users"][-1] |= {"kind": "PROGRAM", "email": None}
        admin = self.users["city.admin"]
        account = self.add(
            "service_accounts",
            moment,
            name=name,
            user_id=user,
            membership_id=self.rows["memberships"][-1]["id"],
            organisation_id=home,
            operations=operations,
            created_by_id=admin,
        )
        self.add(
            "service_account_keys",
            moment,
            service_account_id=account,
            secret_digest=digest(f"{key}".encode()),
            expires_at=self.ago(-60),
            created_by_id=admin,
        )

    def person(self, username: str, name: str, home: UUID, role: Role, duty: str, moment: dt.datetime) -> UUID:
        """A user with one membership; only the demo's accounts have a password."""
        demo = username in {account.username for account in ACCOUNTS}
        key = self.add(
            "users",
            moment,
            username=username,
            display_name=name,
            email=f"{username}@example.gov.cn",
            password_hash=self.password_hash if demo else LOCKED,
        )
        self.users[username] = key
        self.add("memberships", moment, user_id=key, organisation_id=home, role=role.value, duties=[duty])
        return key

    def system(self, unit: Row, bureau: Bureau, number: int) -> Row:
        """One system of a unit."""
        name = bureau.systems[number % len(bureau.systems)] + SUFFIXES[number // len(bureau.systems) % len(SUFFIXES)]
        made = self.ago(370 - number % 60)
        key = self.add(
            "systems",
            made,
            unit_id=unit["id"],
            name=name,
            code=f"{self.city.short}-{unit['credit_code'][-4:]}-{number + 1:03d}",
            important=number % 5 == 0,
            # Every other one so long that its inspection may be overdue.
            important_since=(made - dt.timedelta(days=400 if number % 2 else 0)).date() if number % 5 == 0 else None,
            version=1,
            in_service_on=(made - dt.timedelta(days=200)).date(),
        )
        row = self.rows["systems"][-1]
        row["description"] = DESCRIPTIONS[number % len(DESCRIPTIONS)]
        assert row["id"] == key  # noqa: S101 - just added
        return row

    def grading(self, system: Row, s: int, a: int, state: str, people: tuple[UUID, UUID], days: int) -> Row:
        """A grading of a system, with harms that lead to these levels."""
        moment = self.ago(days)
        confirmed = state in {"CONFIRMED", "SUPERSEDED"}
        key = self.add(
            "gradings",
            moment,
            system_id=system["id"],
            unit_id=system["unit_id"],
            state=state,
            matrix=DEFAULT_MATRIX,
            business_information=_determination(s, "业务信息"),
            business_information_level=s,
            system_service=_determination(a, "系统服务"),
            system_service_level=a,
            level=max(s, a),
            security_mark=security_mark(s, a),
            description=system["description"],
            saved_by_id=people[0],
            submitted_at=None if state in {"DRAFT", "IN_EXPERT_REVIEW"} else moment + dt.timedelta(hours=2),
            confirmed_by_id=people[1] if confirmed else None,
            confirmed_at=moment + dt.timedelta(days=1) if confirmed else None,
            version=1,
        )
        self._history(self.rows["gradings"][-1], people)
        if state == "CONFIRMED":
            system["level"], system["security_mark"] = max(s, a), security_mark(s, a)
            system["current_grading_id"] = key
        return self.rows["gradings"][-1]

    def _history(self, grading: Row, people: tuple[UUID, UUID]) -> None:
        """The steps that led to a grading's state; what comes of the experts is not among them."""
        steps: list[tuple[str, str | None, str, dt.datetime, UUID]]
        steps = [("saveGrading", None, "DRAFT", grading["created_at"], people[0])]
        if grading["submitted_at"] is not None:
            steps.append(("submitGrading", "DRAFT", "AWAITING_APPROVAL", grading["submitted_at"], people[0]))
        if grading["confirmed_at"] is not None:
            steps.append(("confirmGrading", "AWAITING_APPROVAL", "CONFIRMED", grading["confirmed_at"], people[1]))
        for action, before, after, moment, by in steps:
            self.add(
                "grading_transitions",
                moment,
                grading_id=grading["id"],
                action=action,
                from_state=before,
                to_state=after,
                by_id=by,
            )

    def _organisation(self, name: str, moment: dt.datetime, kind: str, **values: Any) -> UUID:
        key = self.add("organisations", moment, kind=kind, name=name, version=1, **values)
        self.organisations[name] = key
        return key


def _determination(level: int, what: str) -> Row:
    harmed, degree = HARMS[level]
    assert determine([Harm(HarmObject[harmed], HarmDegree[degree])]) == level  # noqa: S101 - the table above is right
    return {
        "harms": [{"object": harmed, "degree": degree}],
        "description": f"{what}见系统描述。",
        "reasoning": f"{what}受到破坏时,{HarmObject[harmed].zh}受到{HarmDegree[degree].zh}。",
    }


def digest(content: bytes) -> str:
    """A file's SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
