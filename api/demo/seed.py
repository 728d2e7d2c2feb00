"""Fills an empty database and object store with the demo's cities.

The files go through the platform's own way in: a presigned PUT that the store checks, then a look at what came. The
rows are made in memory and inserted table by table, in one transaction a city.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

import httpx
from sqlalchemy import insert

from api.demo.accounts import PASSWORD
from api.demo.assessments import assessment_bodies, assessments
from api.demo.files import sample
from api.demo.filings import Filings, in_turn
from api.demo.imports import imports
from api.demo.inquiries import consultation
from api.demo.inspections import inspections
from api.demo.mailed import mailed
from api.demo.names import BUREAUS, CITIES
from api.demo.panels import panel
from api.demo.papers import put_on_paper
from api.demo.rectification import follow_cases, rectification
from api.demo.rows import CityRows, Row, StoredFile, digest
from api.demo.told import leave_events, tell
from domain.access import Role
from domain.calendar import SHANGHAI
from domain.documents.kinds import DocumentKind
from domain.entities import Base
from domain.people.passwords import hash_password
from storage.database import Database
from storage.files import ObjectStore
from storage.settings import SetupError

TABLES = (
    "tenants", "tenant_settings", "policy_rules", "districts", "organisations", "users", "calendar_days",
    "memberships", "service_accounts", "service_account_keys", "counters", "systems", "gradings",
    "grading_transitions", "monthly_returns", "filings",
    "filing_transitions", "filing_submissions", "reply_letters", "review_periods", "inquiries", "inquiry_messages",
    "knowledge_articles", "assessment_bodies", "accreditation_changes", "assessment_plans", "assessments",
    "assessment_transitions", "assessment_milestones", "assessment_reports", "assessment_findings",
    "inspection_campaigns", "campaign_partners", "inspection_batches", "inspections",
    "inspection_findings", "rectification_orders", "order_responses", "overdue_notices", "self_inspections",
    "self_inspection_answers",
    "providers", "risk_assessments", "risk_findings", "rectification_plans", "rectification_measures",
    "rectification_plan_transitions", "documents", "archive_entries", "mailed_packages",
    "import_runs", "import_problems", "expert_appointments", "panel_sessions", "panel_cases", "panel_assignments",
    "opinions", "panel_conclusions", "outbox_events",
)  # fmt: skip
KINDS = (
    DocumentKind.FILING_ARCHIVE,
    DocumentKind.TOPOLOGY,
    DocumentKind.ORGANISATION_AND_RULES,
    DocumentKind.PROTECTION_PLAN,
    DocumentKind.PRODUCT_LIST,
    DocumentKind.EXPERT_OPINION,
    DocumentKind.SUPERIOR_APPROVAL,
    DocumentKind.ASSESSMENT_REPORT,
    DocumentKind.RISK_ASSESSMENT_REPORT,
    DocumentKind.RECTIFICATION_PLAN,
    DocumentKind.OTHER,
)
VARIANTS = 4
LEVELS = (2, 3, 2, 2, 1, 3, 2, 4, 2, 3)
# The demo's unit has a filing in every state; two of its drafts are complete, two are not.
OF_THE_DEMO_UNIT = (
    "DRAFT", "DRAFT", "DRAFT", "DRAFT", "SUBMITTED", "RECEIVED", "UNDER_REVIEW", "INCOMPLETE", "RE_REVIEW",
    "LEVEL_ADJUSTMENT", "ACCEPTED", "WITHDRAWN", "CANCELLED", "UNDER_REVIEW", "ACCEPTED",
)  # fmt: skip
OTHERS = (
    "ACCEPTED", "UNDER_REVIEW", "ACCEPTED", "SUBMITTED", "ACCEPTED", "RECEIVED", "INCOMPLETE", "ACCEPTED", "DRAFT",
    "UNDER_REVIEW", "ACCEPTED", "WITHDRAWN", "ACCEPTED", "RE_REVIEW", "CANCELLED", "LEVEL_ADJUSTMENT",
)  # fmt: skip
# Which systems have a grading that is not confirmed, by their place in the city; ADVISED: back from the experts.
ON_THEIR_WAY = {11: "DRAFT", 17: "IN_EXPERT_REVIEW", 23: "AWAITING_APPROVAL", 29: "ADVISED"}
OFFLINE = ("EMAIL", "COURIER", "DOCUMENT_EXCHANGE")
BY_UNITS_ALONE = frozenset({"DRAFT", "SUBMITTED", "WITHDRAWN"})
EARLIER = 260  # days ago, before anything that is still under way


async def seed_demo(database: Database, store: ObjectStore, progress: Callable[[str], None]) -> bool:
    """Make the demo's cities where there is none at all; says whether it did."""
    if await database.directory.list_tenants():
        return False
    now = dt.datetime.now(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0)
    password_hash = hash_password(PASSWORD)
    for city in CITIES:
        progress(f"正在生成演示数据:{city.name} / demo data of {city.slug}")
        rows = CityRows(city, now, password_hash)
        files = await _upload(store, rows)
        await _insert(database, fill(rows, files))
        await put_on_paper(database, store, rows.tenant_id)
        await tell(database, store, rows)
    return True


def fill(rows: CityRows, files: dict[DocumentKind, list[StoredFile]]) -> CityRows:
    """All rows of a city."""
    city = rows.city
    rows.base()
    units = rows.units()
    homes = {
        Role.CITY_OFFICE: rows.organisations[f"{city.name}信息化工作办公室"],
        Role.DISTRICT_OFFICE: rows.organisations[f"{city.demo_district}信息化工作办公室"],
        Role.EXPERT: rows.organisations[f"{city.name}信息化工作办公室"],
        Role.ASSESSOR: rows.organisations[f"{city.name}信息安全测评中心第一实验室"],
    }
    rows.accounts(homes)
    began = rows.ago(200)
    rows.program("测评管理系统接口", homes[Role.ASSESSOR], Role.ASSESSOR, "ASSESSOR", [], began)
    rows.program("业务台账同步接口", units[0], Role.UNIT, "FILER", ["createSystem", "updateSystem"], began)
    assessment_bodies(rows)
    # The city's own holiday, past, so that no demo's review is due otherwise.
    rows.add(
        "calendar_days",
        rows.ago(320),
        day=rows.ago(300).date(),
        working=False,
        reason="市庆活动调休",
        decided_by_id=rows.users["city.admin"],
    )
    by_key = {row["id"]: row for row in rows.rows["organisations"]}
    filings = Filings(rows, files)
    for number, key in enumerate(units):
        prefix = "unit" if number == 0 else f"u{number}"
        filings.units[key] = by_key[key]
        filings.people[key] = (rows.users[f"{prefix}.filer"], rows.users[f"{prefix}.approver"])
    _systems(rows, filings, [by_key[key] for key in units])
    _older(rows, filings)
    rectification(rows, filings)
    assessments(rows, filings, files[DocumentKind.ASSESSMENT_REPORT])
    panel(rows, filings.counters)
    follow_cases(rows)
    offices = {"city.officer": homes[Role.CITY_OFFICE], "district.officer": homes[Role.DISTRICT_OFFICE]}
    imports(rows, files[DocumentKind.OTHER][0], {**offices, "unit.filer": units[0]})
    mailed(rows, files[DocumentKind.FILING_ARCHIVE][0], offices)
    consultation(rows, filings, files[DocumentKind.TOPOLOGY])
    inspections(rows, units[0], filings.counters)
    rows.rows["counters"] = [
        {"tenant_id": rows.tenant_id, "series": series, "value": value}
        for series, value in filings.counters.items()
        if series not in {"b", "c"}
    ]
    leave_events(rows, units[0])
    return rows


def _systems(rows: CityRows, filings: Filings, units: list[Row]) -> None:
    """The units' systems, each graded and, from level 2 on, filed: the demo's unit first."""
    demo, *others = units
    for number, state in enumerate(OF_THE_DEMO_UNIT):
        system, grading = _graded(rows, filings, demo, number, level=3 if number in {1, 3, 9} else 2)
        filings.make(system, grading, state, complete=state != "DRAFT" or number < 2)
    states = in_turn(*OTHERS)
    for number in range(len(OF_THE_DEMO_UNIT), rows.city.systems):
        unit = others[number % len(others)]
        own = sum(row["unit_id"] == unit["id"] for row in rows.rows["systems"])
        system, grading = _graded(rows, filings, unit, own, level=LEVELS[number % len(LEVELS)])
        if grading["level"] > 1 and grading["state"] == "CONFIRMED":
            state = next(states)
            if state == "RECEIVED" and unit["authority_level"] == "CITY":
                state = "UNDER_REVIEW"
            age = 25 if state == "UNDER_REVIEW" and number % 9 == 0 else None  # some are overdue
            # Every seventh came on paper.
            channel = OFFLINE[number % 3] if number % 7 == 0 and state not in BY_UNITS_ALONE else "ONLINE"
            complete = state != "DRAFT" or number % 2 == 0
            filings.make(system, grading, state, complete=complete, age=age, channel=channel)


def _graded(rows: CityRows, filings: Filings, unit: Row, number: int, *, level: int) -> tuple[Row, Row]:
    bureau = next((each for each in BUREAUS if each.name in unit["name"]), BUREAUS[0])
    system = rows.system(unit, bureau, number)
    lower = max(1, level - number % 2)
    s, a = (level, lower) if number % 3 else (lower, level)
    people = filings.people[unit["id"]]
    if number % 8 == 7:
        rows.grading(system, max(1, s - 1), max(1, a - 1), "SUPERSEDED", people, 340)
    # A few are still on their way, so that every state of a grading is there.
    state = ON_THEIR_WAY.get(len(rows.rows["systems"]) % 37, "CONFIRMED")
    if unit["id"] == next(iter(filings.units)):
        state = "CONFIRMED"
    if "supervising_unit_id" in unit:
        people = (people[0], filings.people[unit["supervising_unit_id"]][1])
    grading = rows.grading(system, s, a, "DRAFT" if state == "ADVISED" else state, people, 300 - number)
    if state in {"ADVISED", "IN_EXPERT_REVIEW"}:
        grading["advice_requested_at"] = rows.ago(20 - number % 10)
    if state == "CONFIRMED" and "supervising_unit_id" in unit:
        name = filings.units[unit["supervising_unit_id"]]["name"]
        grading["supervisor_approval"] = {"unit": name, "at": grading["confirmed_at"].isoformat()}
    return system, grading


def _older(rows: CityRows, filings: Filings) -> None:
    """Earlier filings of the same systems, until the city has as many as it should."""
    systems = {row["id"]: row for row in rows.rows["systems"]}
    gradings = {row["system_id"]: row for row in rows.rows["gradings"] if row["state"] == "CONFIRMED"}
    recent = list(rows.rows["filings"])
    for number, later in enumerate(recent * 2):
        if len(rows.rows["filings"]) >= rows.city.filings:
            break
        system = systems[later["system_id"]]
        state = "REPLACED" if later["state"] == "ACCEPTED" and "replaces_id" not in later else "WITHDRAWN"
        current = system.get("current_filing_id")
        earlier = filings.make(system, gradings[system["id"]], state, age=EARLIER + number % 30)
        if state == "REPLACED":
            later["replaces_id"] = earlier["id"]
            system["current_filing_id"] = current
    # What is replaced has to be there before what replaces it.
    rows.rows["filings"].sort(key=lambda row: row["created_at"])


async def _upload(store: ObjectStore, rows: CityRows) -> dict[DocumentKind, list[StoredFile]]:
    """The city's sample files, put where its units would put theirs, and in the same way."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        stored = await asyncio.gather(
            *(_put(store, client, rows, kind, variant) for kind in KINDS for variant in range(VARIANTS))
        )
    return {kind: list(stored[number * VARIANTS : (number + 1) * VARIANTS]) for number, kind in enumerate(KINDS)}


async def _put(
    store: ObjectStore, client: httpx.AsyncClient, rows: CityRows, kind: DocumentKind, variant: int
) -> StoredFile:
    """One file through a presigned PUT, looked at again. Raises: SetupError when the store did not keep it."""
    file = sample(kind, rows.city.name, variant)
    sha256, size = digest(file.content), len(file.content)
    key = f"{rows.tenant_id}/content/{sha256}"
    url, headers = await store.presign_put(key, size, sha256, file.media_type, dt.timedelta(minutes=5))
    (await client.put(url, content=file.content, headers=headers)).raise_for_status()
    found = await store.stat(key)
    if found is None or found.size != size or found.sha256 not in {None, sha256}:
        raise SetupError(f"The object store did not keep {file.filename} as it was sent.")
    entries = [(name, len(each), digest(each)) for name, each in file.members.items()]
    return StoredFile(file.filename, file.media_type, size, sha256, key, entries)


async def _insert(database: Database, rows: CityRows) -> None:
    tables = Base.metadata.tables
    async with database.transaction(rows.tenant_id) as session:
        for name in TABLES:
            given = rows.rows[name]
            if given:
                columns = [column for column in tables[name].columns if column.identity is None]
                await session.execute(
                    insert(tables[name]), [{c.name: row.get(c.name, _default(c)) for c in columns} for row in given]
                )


def _default(column: Any) -> Any:
    """What the entity itself would have put in."""
    default = column.default
    if default is None:
        return None
    return default.arg(None) if default.is_callable else default.arg
