"""Every ordering and every filter that a list offers is served by an index, under the policies, for every role.

Each operation is compiled as for a client, prepared and run once under EXPLAIN ANALYZE in a city of 50,000 filings,
with the plan that PostgreSQL keeps for any values (a generic plan, the worst of those it may choose). What counts is
how many rows it touched for a page of twenty: that must not grow with the city.
"""

from __future__ import annotations

import base64
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import orjson
import pytest

from api.http.documents import Documents
from api.reads.compiler import Compiler
from api.reads.listings import Filter, Listing
from api.reads.plan import Plan, context_of
from api.reads.plans import Trace
from api.reads.sources import Connection, source_of
from api.schema.build import schema
from authz.scopes import hidden
from domain.access import Caller, Duty, Role
from migrations import runner
from storage.settings import Settings
from tests.migrations.test_catalogue import superuser
from tests.reads import large, large_subjects
from tests.reads.large import key

SYSTEMS = 17_000
# A page is 20 rows, and one more. A few thousand are what PostgreSQL may walk past rather than sort, at any size of the
# city: rows of others (a district has a sixteenth of the city's), or a value's many neighbours.
MOST = 5_000
TENANT = key(large.TENANTS, 1)
# Lists of which a city has a few hundred rows at most, whatever it does.
SMALL = {
    "districts": "a city's districts are a few dozen",
    "monthlyReturns": "one row a district and month",
    "panelSessions": "a panel meets a few times a month",
    "expertAppointments": "a panel has some dozens of experts",
    "assessmentBodies": "a city knows some dozens of bodies",
    "assessmentPlans": "one row a year",
    "campaigns": "a few a year",
    "inspectionBatches": "twelve a campaign",
    "providers": "a city recommends some dozens",
    "serviceAccounts": "a city has some dozens of programs",
    "policyChanges": "a city's policy changes a few times a year",
    "calendarDays": "some forty a year",
    "importRuns": "some hundreds a year",
    "mailedPackages": "an office gets some hundreds a year by e-mail",
}
# Filters by a value that is met again and again, and the ordering in which they are read from an index of their own;
# in others the list is walked past the rows without it.
SPREAD = {
    ("systems", "level"): "NAME",
    ("systems", "important"): "NAME",
    ("filings", "authority"): "CREATED_AT",
    ("filings", "channel"): "CREATED_AT",
    ("filings", "level"): "CREATED_AT",
    ("assessments", "level"): "CREATED_AT",
    ("assessments", "state"): "DUE_ON",
    ("assessments", "important"): "DUE_ON",
    ("assessments", "underWay"): "DUE_ON",
    ("assessments", "authority"): "CREATED_AT",
    ("knowledgeArticles", "topic"): "PUBLISHED_AT",
    ("knowledgeArticles", "topics"): "PUBLISHED_AT",
    ("inquiries", "state"): "LAST_MESSAGE_AT",
    ("inquiries", "topic"): "LAST_MESSAGE_AT",
    ("inspections", "campaignId"): "PLANNED_ON",
    ("inspections", "batchId"): "PLANNED_ON",
    ("inspections", "level"): "PLANNED_ON",
    ("inspections", "state"): "PLANNED_ON",
    ("selfInspections", "level"): "DUE_ON",
    ("selfInspections", "late"): "DUE_ON",
    ("rectificationPlans", "level"): "CREATED_AT",
    ("rectificationPlans", "important"): "CREATED_AT",
    ("rectificationPlans", "state"): "CREATED_AT",
    ("rectificationPlans", "overdue"): "NEXT_DUE_ON",
}
# Whose rows of a list are found through another table, by no column of their own: PostgreSQL reads these tables whole
# and joins them while they are as small as here, so that rows touched say nothing of what a larger city comes to.
# Everybody else's pages of the same lists are held to the bound.
_BY_UNIT = "a unit's row says whether it is the district's: the row itself does not"
THROUGH = {
    "inquiries": {"district office": _BY_UNIT},
    "overdueNotices": {"district office": _BY_UNIT},
    "rectificationPlans": {"district office": _BY_UNIT},
    "rectificationMeasures": {"district office": f"its plan's: {_BY_UNIT}"},
    "riskAssessments": {"district office": _BY_UNIT},
    "riskFindings": {"district office": f"its assessment's: {_BY_UNIT}"},
    "assessmentFindings": {
        "district office": f"its report's: {_BY_UNIT}",
        "assessor": "an assessment's body sees it, of which a finding says nothing",
    },
    "reviewPeriods": dict.fromkeys(
        ("district office", "unit", "supervising unit"),
        "its filing's, of whose unit and district a period says nothing",
    ),
}
# A range of one column is an index's in the order of that column; in another's order it is walked or sorted.
RANGES = ("From", "Until", "Before")
# Several values at once: PostgreSQL goes on planning these anew, as what is best hangs on the values.
PLANNED_ANEW = ("kinds", "states")


def caller(role: Role, user: int, organisation: uuid.UUID, district: uuid.UUID | None = None) -> Caller:
    duties = frozenset({Duty.ADMIN})
    return Caller(TENANT, key(large.USERS, user), uuid.uuid4(), uuid.uuid4(), role, duties, organisation, district)


CALLERS = {
    "city office": caller(Role.CITY_OFFICE, 1, key(large.OFFICES, 1)),
    "district office": caller(Role.DISTRICT_OFFICE, 2, key(large.OFFICES, 2), key(large.DISTRICTS, 1)),
    "unit": caller(Role.UNIT, 12, key(large.UNITS, 12)),
    "supervising unit": caller(Role.UNIT, 11, key(large.UNITS, 11)),
    "expert": caller(Role.EXPERT, 5, key(large.OFFICES, 1)),
    "assessor": caller(Role.ASSESSOR, 3, key(large.OFFICES, 20)),
}


def subject(kind: str, number: int) -> uuid.UUID:
    """The id of a row that hangs on a system, or that such a row points to."""
    return key(large_subjects.KIND[kind], number)


# A value for each filter by its name, one that few rows have where there is a choice; a list of values: each is tried.
VALUES: dict[str, list[Any]] = {
    "unitId": [f"org_{key(large.UNITS, 12)}"],
    "organisationId": [f"org_{key(large.UNITS, 12)}"],
    "supervisingUnitId": [f"org_{key(large.UNITS, 11)}"],
    "systemId": [f"sys_{key(large.SYSTEMS, 77)}"],
    "parentSystemId": [f"sys_{key(large.SYSTEMS, 19)}"],
    "districtId": [f"dis_{key(large.DISTRICTS, 3)}"],
    "monthlyReturnId": [f"ret_{key(large.RETURNS, 7)}"],
    "userId": [f"usr_{key(large.USERS, 5)}"],
    "level": [5, 3],
    "action": ["cancelFiling"],
    "outcome": ["REFUSED", "ACCEPTED"],
    "subjectId": [f"fil_{key(large.FILINGS, 7)}"],
    "important": [True, False],
    "late": [True],
    "authority": ["CITY", "DISTRICT"],
    "authorityLevel": ["CITY"],
    "channel": ["COURIER", "ONLINE"],
    "kind": ["PROVIDER", "UNIT"],
    "kinds": [["PROVIDER", "ASSESSMENT_BODY"]],
    "role": ["EXPERT", "UNIT"],
    "text": ["海淀 系统12", "系统", "没有"],
    "createdFrom": ["2026-10-31T00:00:00+08:00"],
    "createdBefore": ["2026-10-20T00:00:00+08:00"],
    "submittedFrom": ["2026-10-31T00:00:00+08:00"],
    "submittedBefore": ["2026-10-20T00:00:00+08:00"],
    "reviewDueFrom": ["2026-11-10"],
    "reviewDueUntil": ["2026-10-20"],
    "nextAssessmentDueFrom": ["2028-01-01"],
    "nextAssessmentDueUntil": ["2026-02-01"],
    "dueFrom": ["2027-03-01"],
    "dueUntil": ["2026-06-05"],
    "bodyId": [f"bod_{key(large.OFFICES, 20)}"],
    "planId": [f"apl_{key(large.OFFICES, 20)}"],
    "organisedBy": ["CITY_OFFICE", "UNIT"],
    "underWay": [True, False],
    "assessmentStanding": ["OVERDUE", "NEVER"],
    "inspectionStanding": ["OVERDUE", "INSPECTED"],
    "inspectionDueFrom": ["2001-01-01", "2100-01-01"],
    "inspectionDueUntil": ["2001-01-01", "2100-01-01"],
    "overdue": [True, False],
    "inServiceFrom": ["2023-01-01"],
    "inServiceUntil": ["2011-01-01"],
    "monthFrom": ["2026-01-01"],
    "monthUntil": ["2016-06-01"],
    "topic": ["REPLY", "FILING"],
    "topics": [["REPLY", "ASSESSMENT"]],
    "inquiryId": [f"inq_{subject('inquiries', 79)}"],
    "purpose": ["PLAN_REVIEW", "FILING_RE_REVIEW"],
    "sessionId": [f"pss_{key(large.OFFICES, 1)}"],
    "filingId": [f"fil_{key(large.FILINGS, 79)}"],
    "gradingId": [f"grd_{key(large.GRADINGS, 79)}"],
    "rectificationPlanId": [f"rpl_{subject('rectification_plans', 79)}"],
    "reportId": [f"asr_{subject('assessment_reports', 8)}"],
    "open": [True, False],
    "area": ["PERSONNEL", "AREA_BOUNDARY"],
    "severity": ["HIGH", "LOW"],
    "campaignId": [f"cmp_{subject('campaigns', 8)}"],
    "batchId": [f"bat_{subject('batches', 8)}"],
    "plannedFrom": ["2027-04-01"],
    "plannedUntil": ["2025-06-10"],
    "responseDueFrom": ["2027-05-01"],
    "responseDueUntil": ["2025-07-10"],
    "endedFrom": ["2027-04-01"],
    "endedUntil": ["2025-06-10"],
    "providerId": [f"prv_{subject('providers', 8)}"],
    "assessedFrom": ["2027-04-01"],
    "assessedUntil": ["2025-06-10"],
    "riskAssessmentId": [f"ras_{subject('risk_assessments', 79)}"],
    "treatment": ["AVOID", "MITIGATE"],
    "closed": [True, False],
    "nextDueFrom": ["2027-04-01"],
    "nextDueUntil": ["2025-06-10"],
    "riskFindingId": [f"rfn_{subject('risk_findings', 79)}"],
    "assessmentFindingId": [f"asf_{subject('assessment_findings', 79)}"],
    "inspectionFindingId": [f"ifi_{subject('inspection_findings', 79)}"],
    "runId": [f"imp_{subject('import_runs', 2)}"],
    "publishedFrom": ["2026-10-31T00:00:00+08:00"],
    "publishedBefore": ["2026-10-20T00:00:00+08:00"],
}
# Of a state in which a district has no filing at all, its office's list is still walked to the end.
SEVERAL: dict[tuple[str, str], list[Any]] = {
    ("filings", "states"): [["UNDER_REVIEW", "INCOMPLETE"]],
    ("reviewPeriods", "outcome"): ["LATE", "RUNNING"],
    ("panelCases", "states"): [["OPEN", "IN_REVIEW"]],
    ("inquiries", "states"): [["OPEN", "ANSWERED"]],
    ("inspections", "states"): [["IN_PROGRESS", "RESPONDED"]],
    ("riskAssessments", "states"): [["SUBMITTED"]],
    ("rectificationPlans", "states"): [["SUBMITTED", "APPROVED"]],
    ("selfInspections", "states"): [["DRAFT"]],
}
STATES = {
    "filings": ["RE_REVIEW", "UNDER_REVIEW"],
    "gradings": ["AWAITING_APPROVAL"],
    "monthlyReturns": ["OPEN"],
    "assessments": ["CONFIRMED"],
    "inquiries": ["OPEN", "CLOSED"],
    "knowledgeArticles": ["WITHDRAWN"],
    "panelCases": ["OPEN"],
    "inspections": ["IN_PROGRESS"],
    "selfInspections": ["DRAFT", "SUBMITTED"],
    "riskAssessments": ["SUBMITTED"],
    "rectificationPlans": ["SUBMITTED"],
}


def lists() -> dict[str, Listing]:
    """The lists at the root, by their fields."""
    query = schema().query_type
    assert query
    found = {name: source_of(field) for name, field in query.fields.items()}
    return {name: source.listing for name, source in found.items() if isinstance(source, Connection)}


LISTS = {name: listing for name, listing in lists().items() if name not in SMALL}


def orderings() -> Iterator[tuple[str, str, str]]:
    for name, listing in LISTS.items():
        for order, direction in itertools.product(listing.orders, ("ASC", "DESC")):
            yield name, order, direction


def filters() -> Iterator[tuple[str, str, Any]]:
    for name, listing in LISTS.items():
        for filter_ in sorted(listing.filters):
            values = VALUES.get(filter_, [])
            if filter_ in {"state", "states"}:
                values = [[each] if filter_ == "states" else each for each in STATES.get(name, [])]
            values = SEVERAL.get((name, filter_), values)
            for value in values:
                yield name, filter_, value


@pytest.fixture(scope="module")
async def city(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The application's connection to a database of its own with three cities, the first a large one."""
    assert settings.migration_database_url
    assert settings.database_url
    server = await asyncpg.connect(await superuser(settings))
    await server.execute("CREATE DATABASE large_city OWNER dengbao TEMPLATE template0")
    await server.close()
    await runner.upgrade(settings.migration_database_url.rpartition("/")[0] + "/large_city")
    owner = await asyncpg.connect((await superuser(settings)).rpartition("/")[0] + "/large_city")
    for number, systems in enumerate((SYSTEMS, 500, 500), 1):
        await large.fill(owner, number, systems)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    connection = await asyncpg.connect(settings.database_url.rpartition("/")[0] + "/large_city")
    await connection.execute(f"SET app.tenant = '{TENANT}'; SET jit = off")
    yield connection
    await connection.close()


DOCUMENTS = Documents(schema())
SELECTED = "{edges{cursor node{id}} pageInfo{hasNextPage hasPreviousPage}}"


def compiled(document: str, variables: dict[str, Any], who: Caller) -> Plan:
    operation = DOCUMENTS.prepare(document)
    compiler = Compiler(schema(), operation, who.role, Trace(variables))
    query = schema().query_type
    assert query
    return compiler.query(query, compiler.selections.collect(query, [operation.operation.selection_set]))


async def touched(city: asyncpg.Connection, document: str, variables: dict[str, Any], person: str) -> int:
    """How many rows of tables the operation reads, those that it then leaves out included."""
    plan = compiled(document, variables, CALLERS[person])
    arguments = plan.arguments(variables, context_of(CALLERS[person]))
    await city.execute(f"PREPARE asked AS {plan.sql}")
    try:
        call = f"asked({','.join(map(literal, arguments))})" if arguments else "asked"
        explained = await city.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE {call}")
    finally:
        await city.execute("DEALLOCATE asked")
    top = orjson.loads(explained)[0]["Plan"]
    whole = {node["Relation Name"] for node in nodes(top) if node["Node Type"] == "Seq Scan" and node["Actual Loops"]}
    assert not whole & {LISTS[name].model.__tablename__ for name in LISTS}, "read from end to end"
    return round(sum(map(rows_read, nodes(top))))


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a plan, and all below it."""
    yield node
    for below in node.get("Plans", ()):
        yield from nodes(below)


def rows_read(node: dict[str, Any]) -> float:
    """How many rows of a table a node reads."""
    if "Relation Name" not in node:
        return 0
    left_out = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
    return float(node["Actual Loops"] * (node["Actual Rows"] + left_out))


def literal(value: Any) -> str:
    """A value as EXECUTE takes it."""
    if value is None or isinstance(value, bool | int):
        return {None: "NULL", True: "true", False: "false"}.get(value, str(value))
    if isinstance(value, list | tuple):
        return f"ARRAY[{','.join(map(literal, value))}]::text[]"
    return "'" + str(value).replace("'", "''") + "'"


async def cursor_at(city: asyncpg.Connection, listing: Listing, order: str, direction: str, part: float) -> str | None:
    """The cursor of a row in the list, past a ``part`` of the tenant's rows, or of one without a value (2)."""
    column, table = listing.orders[order], listing.model.__tablename__
    signature = ("-" if direction == "DESC" else "") + f"{column},{'-' if direction == 'DESC' else ''}id"
    has = "IS NULL" if part > 1 else "IS NOT NULL"
    row = await city.fetchrow(
        f"SELECT to_json({column})::text, id FROM {table} WHERE {column} {has} ORDER BY {column} {direction}, "  # noqa: S608
        f"id {direction} OFFSET (SELECT count(*) * {part if part <= 1 else 0} FROM {table} WHERE {column} {has})::int "
        "LIMIT 1"
    )
    if row is None:
        return None
    value = None if row[0] is None else orjson.loads(row[0])
    return base64.urlsafe_b64encode(orjson.dumps([signature, value, str(row[1])])).decode()


@pytest.mark.parametrize(("name", "order", "direction"), list(orderings()))
async def test_a_page_costs_the_same_wherever_it_lies(
    city: asyncpg.Connection, name: str, order: str, direction: str
) -> None:
    ordered = f"orderBy:[{{field:{order},direction:{direction}}}]"
    found: dict[str, int] = {}
    listing = LISTS[name]
    middle = await cursor_at(city, listing, order, direction, 0.6)
    beyond = await cursor_at(city, listing, order, direction, 2)
    await city.execute("SET plan_cache_mode = force_generic_plan")
    for person, who in CALLERS.items():
        if person in THROUGH.get(name, ()):
            continue
        if listing.orders[order] in hidden(who.role, listing.model.__table__):
            continue  # refused, as a filter is
        for how, cursor in (("first", None), ("last", None), ("first", middle), ("last", middle), ("first", beyond)):
            place = {"first": "after", "last": "before"}[how]
            if cursor is None:
                document, variables = f"{{{name}({how}:20,{ordered}){SELECTED}}}", {}
            else:
                document = f"query($c:String){{{name}({how}:20,{place}:$c,{ordered}){SELECTED}}}"
                variables = {"c": cursor}
            rows = await touched(city, document, variables, person)
            if rows > MOST:
                found[f"{person}: {how} {'' if cursor is None else place}"] = rows
    assert not found


@pytest.mark.parametrize(("name", "filter_", "value"), list(filters()))
async def test_a_filter_costs_the_same_in_any_ordering(
    city: asyncpg.Connection, name: str, filter_: str, value: Any
) -> None:
    listing = LISTS[name]
    variables = {"f": {filter_: value}}
    found: dict[str, int] = {}
    offered = listing.filters[filter_]
    # Those that are read value by value are planned once.
    anew = filter_ in PLANNED_ANEW and not (isinstance(offered, Filter) and offered.each)
    await city.execute(f"SET plan_cache_mode = force_{'custom' if anew else 'generic'}_plan")
    for order, direction in itertools.product(served(name, filter_), ("ASC", "DESC")):
        head = f"query($f:{listing.name}Filter){{{name}(first:20,filter:$f"
        document = f"{head},orderBy:[{{field:{order},direction:{direction}}}]){{nodes{{id}}}}}}"
        for person in ("city office", "district office", "unit", "expert"):
            if person in THROUGH.get(name, ()):
                continue
            if hidden(CALLERS[person].role, listing.model.__table__) & {*offered.needs, listing.orders[order]}:
                continue  # refused, which tests/e2e/test_filters.py is about
            rows = await touched(city, document, variables, person)
            # Each of several values may take as much as one.
            if rows > MOST * (len(value) if isinstance(value, list) else 1):
                found[f"{person}: {order} {direction}"] = rows
    assert not found


def served(name: str, filter_: str) -> list[str]:
    """The orderings in which a filter is an index's."""
    listing = LISTS[name]
    if filter_.endswith(RANGES):
        own = [order for order, column in listing.orders.items() if column in listing.filters[filter_].needs]
        return own or [listing.default[0]]
    return [SPREAD[name, filter_]] if (name, filter_) in SPREAD else list(listing.orders)


def test_every_filter_is_tried_where_there_are_rows() -> None:
    tried = {(name, filter_) for name, filter_, _ in filters()}
    offered = {
        (name, filter_) for name in LISTS for filter_, each in LISTS[name].filters.items() if isinstance(each, Filter)
    }
    assert offered <= tried, f"without a value: {sorted(offered - tried)}"


@pytest.mark.parametrize("text", ["海淀 预算管理", "海淀", "系统", "平台"])
async def test_a_text_finds_the_same_rows_however_many_there_are(city: asyncpg.Connection, text: str) -> None:
    """2,400 systems have 海淀 in their names, more than the search lists: who sees few of them still finds those."""
    everything = await city.fetch("SELECT unit_id, name FROM systems")
    district = "SELECT id FROM organisations WHERE authority_level = 'DISTRICT' AND district_id = $1"
    units = {row[0] for row in await city.fetch(district, key(large.DISTRICTS, 1))}
    seen = {
        "city office": lambda _: True,
        "district office": lambda unit: unit in units,
        "unit": lambda unit: unit == key(large.UNITS, 12),
    }
    document = "query($t:String){systems(first:100,filter:{text:$t}){totalCount edges{node{name}}}}"
    for person, sees in seen.items():
        expected = [
            row["name"]
            for row in everything
            if sees(row["unit_id"]) and all(word in row["name"] for word in text.split())
        ]
        plan = compiled(document, {"t": text}, CALLERS[person])
        answer = orjson.loads(await city.fetchval(plan.sql, *plan.arguments({"t": text}, context_of(CALLERS[person]))))
        found = answer["systems"]
        assert found["totalCount"] == len(expected)
        names = [edge["node"]["name"] for edge in found["edges"]]
        assert names == sorted(names)
        assert set(names) <= set(expected)
        assert len(names) == min(len(expected), 100)


MARK = "zz_mark_zz"


def test_compiler_only_binds() -> None:
    """What a client writes as a value is a parameter; only response keys enter the statement, quoted (leaks.md 46)."""
    document = f"""{{
      {MARK.upper()}: systems(first:3, filter:{{text:"{MARK}", unitId:"{MARK}"}}) {{ nodes {{ name }} }}
      filings(filter:{{state:ACCEPTED, states:[DRAFT], submittedFrom:"2026-01-01T00:00:00Z"}}) {{ nodes {{ id }} }}
      node(id:"{MARK}") {{ id }}
    }}"""
    plan = compiled(document, {}, CALLERS["city office"])
    assert MARK not in plan.sql
    assert "2026-01-01" not in plan.sql
    assert f'"{MARK.upper()}"' in plan.sql
