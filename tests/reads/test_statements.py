"""What of a document enters the SQL: response keys and page sizes. All other values are parameters."""

from __future__ import annotations

import pytest

from api.reads.plan import Plan
from api.schema.build import schema
from domain.access import Role
from storage.database import Database
from tests.reads.support import Compiled

# Documents that differ in literals alone; ids, texts, lists, levels, moments, cursors.
ALIKE = [
    ("{filings(filter:{level:%s}){nodes{id}}}", "2", "3"),
    ("{filings(filter:{states:%s}){nodes{id}}}", "[DRAFT]", "[ACCEPTED,SUBMITTED]"),
    ("{filings(filter:{not:{unit:{text:%s}}}){nodes{id}}}", '"海淀"', '"; DROP TABLE filings"'),
    ("{filings(filter:{submittedFrom:%s}){nodes{id}}}", '"2026-01-01T00:00:00Z"', '"2025-02-02T00:00:00+08:00"'),
    ("{node(id:%s){id}}", '"fil_00000000-0000-7000-8000-000000000001"', '"fil_00000000-0000-7000-8000-000000000002"'),
]


def plan_of(document: str, database: Database | None = None) -> Plan:
    return Compiled(schema(), database).plan(document, {}, Role.CITY_OFFICE)[0]  # type: ignore[arg-type]  # not run


@pytest.mark.parametrize(("document", "one", "other"), ALIKE)
def test_documents_that_differ_in_a_literal_are_one_statement(document: str, one: str, other: str) -> None:
    """So neither asyncpg's nor PostgreSQL's prepared statements are flooded by clients that write values out."""
    first, second = plan_of(document % one), plan_of(document % other)
    assert first.sql == second.sql
    assert first.arguments({}, CONTEXT) != second.arguments({}, CONTEXT)


def test_response_keys_are_quoted_names() -> None:
    assert 'AS "select"' in plan_of("{select:filings{totalCount}}").sql


CONTEXT = dict.fromkeys(
    f"scope_{name}"
    for name in ("tenant", "organisation", "district", "user", "membership", "admin", "duties", "language")
)
