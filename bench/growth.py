"""Grows the demo's cities inside the database: copies of all that a unit owns, each two hours older than the last.

A copied row keeps its values. Its key, and every key that points to a copied row, is made again from the original's
and the copy's number, so that no mapping is needed and each table is one INSERT … SELECT. Names, codes and numbers
differ as the unique keys demand. Whoever measures sees the same newest rows whatever the size.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Column, Date, DateTime, Table

from domain.entities import Base
from domain.search.entities import SEARCHED, SearchEntry

OTHER_TENANTS = 5
OTHERS_SHARE = 20  # each of them has this part of the city's filings

# What hangs on a unit, the largest first, so that all workers have something to do until the end.
COPIED = (
    "documents", "filing_submissions", "filings", "filing_transitions", "gradings", "reply_letters", "review_periods",
    "systems", "grading_transitions", "organisations", "panel_cases", "panel_assignments", "assessments",
    "assessment_transitions", "assessment_milestones", "assessment_reports", "assessment_findings",
)  # fmt: skip
# Columns with the key of a copied row; other keys (of people, districts, bodies, monthly returns) stay as they are.
KEYS = frozenset(
    {
        "id", "unit_id", "owner_id", "supervising_unit_id", "system_id", "parent_system_id", "grading_id",
        "current_grading_id", "filing_id", "current_filing_id", "replaces_id", "case_id", "panel_case_id",
        "reply_letter_id", "assessment_id", "report_id", "repeats_id", "closed_by_report_id", "assessment_report_id",
    }
)  # fmt: skip
# A number that begins with division, unit and system: the unit's serial differs.
NUMBER = (
    "left(o.number, 6) || to_char(substr(o.number, 7, 5)::int + copy * 100, 'FM9999900000') || substr(o.number, 12)"
)
DIFFERENT = {
    "documents.owner_id": "CASE WHEN o.owner_id IN (SELECT id FROM original.organisations WHERE kind = 'UNIT')"
    " THEN original.again(o.owner_id, copy) ELSE o.owner_id END",
    "organisations.name": "o.name || '第' || copy || '分中心'",
    "organisations.credit_code": "left(o.credit_code, 8) || lpad(to_hex(copy), 5, '0') || right(o.credit_code, 5)",
    "organisations.unit_serial": "o.unit_serial + copy * 100",
    "systems.name": "o.name || '第' || copy || '期'",
    "systems.code": "o.code || '-' || copy",
    "filings.number": NUMBER,
    "assessments.number": NUMBER,
    "assessment_reports.number": NUMBER,
    "reply_letters.number": "replace(o.number, '号', '之' || copy || '号')",
}
# A plan is not copied, and has one case.
ONLY = {"organisations": "o.kind = 'UNIT'", "panel_cases": "o.rectification_plan_id IS NULL"}

WORKERS = 2
# The rows are whole, as those they are copies of: foreign keys need not be asked, nor triggers told.
SESSION = """
SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB';
SET maintenance_work_mem = '256MB'; SET max_parallel_maintenance_workers = 0
"""

# A UUIDv7 with the original's randomness, older by the copy's age, ending in the copy's number.
PREPARE = """
CREATE SCHEMA original;
CREATE FUNCTION original.again(id uuid, copy int) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (
    lpad(to_hex(('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint - copy * 7200000::bigint), 12, '0')
    || substr(id::text, 15, 4) || substr(id::text, 20, 4) || substr(id::text, 25, 4) || lpad(to_hex(copy), 8, '0')
  )::uuid
$$;
"""
# Indexes that enforce no constraint are dropped and made anew: quicker, and the same for whoever reads.
INDEXES = """
SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relnamespace = 'public'::regnamespace AND t.relname = ANY ($1)
  AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = i.indexrelid)
"""


class City:
    """The demo's first city, which grows, and the others beside it; made by ``prepare``, ended by ``close``."""

    def __init__(self, workers: Sequence[asyncpg.Connection], progress: Callable[[str], None]) -> None:
        self._workers = workers
        self._progress = progress
        self._shares: dict[UUID, int] = {}
        self._copies: dict[UUID, int] = {}

    @classmethod
    async def prepare(
        cls, connect: Callable[[], Awaitable[asyncpg.Connection]], tenant_id: UUID, progress: Callable[[str], None]
    ) -> City:
        """Keep the demo's rows aside, and make more cities of the second one's; ``connect`` as a superuser."""
        workers = [await connect() for _ in range(WORKERS)]
        for worker in workers:
            await worker.execute(SESSION)
        city = cls(workers, progress)
        await workers[0].execute(PREPARE)
        for name in Base.metadata.tables:
            await workers[0].execute(f"CREATE TABLE original.{name} AS TABLE {name}")
        second = await workers[0].fetchval("SELECT id FROM tenants WHERE id <> $1", tenant_id)
        others = [second, *[await city._another(second, number) for number in range(1, OTHER_TENANTS)]]
        city._shares = {tenant_id: 1, **dict.fromkeys(others, OTHERS_SHARE)}
        return city

    async def grow(self, filings: int) -> None:
        """Copy until the city has so many filings, and the others their part."""
        started = time.perf_counter()
        indexes = await drop_indexes(self._workers[0], [*COPIED, SearchEntry.__tablename__])
        wanted = await self._wanted(filings)
        await self._share_out([(copying(Base.metadata.tables[name]), each) for name in COPIED for each in wanted])
        await self._share_out(
            [(entering(name), (each,)) for name in COPIED if name in SEARCHED for each in self._shares]
        )
        await self._share_out([(index, ()) for index in indexes])
        if await self._workers[0].fetchval(WRONG_ENTRIES):
            raise RuntimeError("search entries are made otherwise by now: see `entering`")
        await self._workers[0].execute("VACUUM (ANALYZE)")
        await self._workers[0].execute("CHECKPOINT")
        self._progress(f"grown to {filings:,} filings in {time.perf_counter() - started:.0f} s")

    async def close(self) -> None:
        """End its connections."""
        for worker in self._workers:
            await worker.close()

    async def _wanted(self, filings: int) -> list[tuple[UUID, int, int]]:
        """For each city, which copies of it are still to be made."""
        found = []
        for tenant_id, share in self._shares.items():
            size = await self._workers[0].fetchval(
                "SELECT count(*) FROM original.filings WHERE tenant_id = $1", tenant_id
            )
            first, last = self._copies.get(tenant_id, 0) + 1, filings // share // size - 1
            if first <= last:
                found.append((tenant_id, first, last))
                self._copies[tenant_id] = last
        return found

    async def _share_out(self, statements: Sequence[tuple[str, Sequence[object]]]) -> None:
        """Run the statements, each by whoever of the workers is free."""
        waiting = iter(statements)

        async def work(worker: asyncpg.Connection) -> None:
            for statement, arguments in waiting:
                await worker.execute(statement, *arguments)

        await asyncio.gather(*(work(worker) for worker in self._workers))

    async def _another(self, model: UUID, number: int) -> UUID:
        """A city more, with the same rows as ``model``, among the originals too."""
        owner = self._workers[0]
        made: UUID = await owner.fetchval(
            "INSERT INTO tenants (id, slug, name, division_code, is_default, created_at)"
            " SELECT uuidv7(), slug || $2::int, name || $2::int, division_code, false, created_at"
            " FROM tenants WHERE id = $1 RETURNING id",
            model,
            number,
        )
        for name, table in Base.metadata.tables.items():
            if "tenant_id" in table.columns and table is not SearchEntry.__table__:  # whose hashes are the tenant's own
                # A tenant's one row of something goes by the tenant's own key.
                values = [
                    f"CASE {column.name} WHEN $1 THEN $2 ELSE {column.name} END"
                    if column.name in {"tenant_id", "id"}
                    else f'"{column.name}"'
                    for column in stored(table)
                ]
                for target in (f"original.{name}", name):
                    await owner.execute(
                        f"INSERT INTO {target} ({_names(table)})"
                        f" SELECT {', '.join(values)} FROM original.{name} WHERE tenant_id = $1",
                        model,
                        made,
                    )
        return made


def stored(table: Table) -> list[Column[Any]]:
    """The columns that are written, and not made by the database."""
    return [column for column in table.columns if column.identity is None and column.computed is None]


def copying(table: Table, kept: frozenset[str] = frozenset(), source: str = "", which: str = "true") -> str:
    """The statement that copies rows of tenant $1 as copies number $2 to $3; keys in ``kept`` stay as they are.

    They are the original ones, or those of ``source``, a table beside them; of these, those of ``which`` (``o``) holds.
    """
    values = [_copied(table.name, column, KEYS - kept) for column in stored(table)]
    return (
        f"INSERT INTO {table.name} ({_names(table)}) SELECT {', '.join(values)}"
        f" FROM generate_series($2::int, $3::int) AS copy, original.{source or table.name} AS o"
        f" WHERE o.tenant_id = $1 AND {ONLY.get(table.name, 'true')} AND {which}"
    )


async def drop_indexes(connection: asyncpg.Connection, tables: Sequence[str]) -> list[str]:
    """Drop the tables' indexes that enforce no constraint: how to make them again."""
    found = await connection.fetch(INDEXES, tables)
    for index in found:
        await connection.execute(f"DROP INDEX {index['name']}")
    return [index["definition"] for index in found]


def _copied(table: str, column: Column[Any], keys: frozenset[str]) -> str:
    """A copy's value of a column."""
    value = f'o."{column.name}"'
    if column.name in KEYS - keys:
        return value
    if f"{table}.{column.name}" in DIFFERENT:
        return DIFFERENT[f"{table}.{column.name}"]
    if column.name in keys:
        return f"original.again({value}, copy)"
    if isinstance(column.type, DateTime):
        return f"{value} - copy * interval '2 hours'"
    return f"{value} - copy / 12" if isinstance(column.type, Date) else value


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in stored(table))


def entering(table: str) -> str:
    """The statement that makes the search entries of tenant $1 which no trigger has made.

    It says at once for all rows what ``search_terms`` says for each, which would take three times as long.
    """
    columns = ", ".join(SEARCHED[table])
    return f"""
        INSERT INTO search_entries (tenant_id, kind, subject_id, content, terms)
        SELECT $1, '{table}', id, content, (
          SELECT array_agg(DISTINCT hashtextextended(term, seed)) FROM (
            SELECT substr(content, place, 1) FROM generate_series(1, length(content)) AS place
            UNION ALL SELECT substr(content, place, 2) FROM generate_series(1, length(content) - 1) AS place
          ) AS parts (term))
        FROM (SELECT hashtextextended($1::uuid || '{table}', 0) AS seed) AS seeds, LATERAL (
          SELECT id, search_text(concat_ws(E'\\n', {columns})) AS content FROM {table} t
          WHERE tenant_id = $1 AND NOT EXISTS (SELECT FROM search_entries e
            WHERE e.tenant_id = $1 AND e.kind = '{table}' AND e.subject_id = t.id) OFFSET 0) AS found
        WHERE content <> ''"""


# Entries that say something else than a trigger would have.
WRONG_ENTRIES = """
SELECT count(*) FROM (SELECT * FROM search_entries TABLESAMPLE SYSTEM (1) LIMIT 200) e,
  LATERAL (SELECT search_terms(tenant_id, kind, content, true) AS made) m
WHERE NOT (terms @> made AND terms <@ made)
"""
