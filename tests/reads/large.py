"""A city of any size, made by a few statements: enough rows for PostgreSQL to choose plans as it does in earnest.

Rows are written as the superuser, without triggers and foreign keys: what matters is how many there are, and how
their values lie. Ids are numbers in the form of UUIDs, so that tests can name them (``key``).
"""

# ruff: noqa: S608 - statements are made of our own names and numbers

from __future__ import annotations

import uuid

import asyncpg

from tests.reads import large_subjects

TENANTS, DISTRICTS, UNITS, OFFICES, USERS, MEMBERSHIPS, SYSTEMS, GRADINGS, FILINGS, RETURNS, CASES = range(1, 12)
ASSIGNMENTS, ASSESSMENTS, EVENTS = range(12, 15)


def key(kind: int, number: int) -> uuid.UUID:
    """The id of the ``number``-th row of a kind, from 1."""
    return uuid.UUID(f"{kind:08x}-0000-7000-8000-{number:012x}")


def _key(kind: int, number: str) -> str:
    return f"('{kind:08x}-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


# One unit in ten files with the city; a unit supervises the nine after it; each system was filed three times.
STATEMENTS = (
    "INSERT INTO tenants VALUES ($t, $slug, '某市', '110000', false, now())",
    f"""
    INSERT INTO districts (tenant_id, id, created_at, name, division_code)
    SELECT $t, {_key(DISTRICTS, "n")}, now(), '第' || n || '区', (110100 + n)::text FROM generate_series(1, 16) n
    """,
    f"""
    INSERT INTO organisations (tenant_id, id, created_at, kind, name, authority_level, district_id,
      supervising_unit_id, version)
    SELECT $t, {_key(UNITS, "n")}, moment - n * interval '1 minute', 'UNIT', area || bureau || n,
      CASE WHEN n % 10 = 0 THEN 'CITY' ELSE 'DISTRICT' END,
      CASE WHEN n % 10 <> 0 THEN {_key(DISTRICTS, "1 + n % 16")} END,
      CASE WHEN n % 10 <> 1 THEN {_key(UNITS, "n - (n + 9) % 10")} END, 1
    FROM generate_series(1, $systems / 4) n,
      LATERAL (SELECT (ARRAY['东城','西城','朝阳','海淀','丰台','石景山','通州'])[1 + n % 7] AS area,
        (ARRAY['财政局','教育委员会','卫生健康委员会','档案馆','水务局','民政局'])[1 + n % 6] AS bureau) names,
      (SELECT timestamptz '2026-11-01 09:00+08' AS moment) moments
    """,
    f"""
    INSERT INTO organisations (tenant_id, id, created_at, kind, name, district_id, version)
    SELECT $t, {_key(OFFICES, "n")}, now(), CASE WHEN n = 1 THEN 'CITY_OFFICE' WHEN n < 18 THEN 'DISTRICT_OFFICE'
      WHEN n < 38 THEN 'ASSESSMENT_BODY' ELSE 'PROVIDER' END, '机构' || n,
      CASE WHEN n BETWEEN 2 AND 17 THEN {_key(DISTRICTS, "n - 1")} END, 1
    FROM generate_series(1, 60) n
    """,
    f"""
    INSERT INTO users (tenant_id, id, created_at, username, display_name, password_hash)
    SELECT $t, {_key(USERS, "n")}, now() - n * interval '1 minute', 'user' || n, '人员' || n, '-'
    FROM generate_series(1, $systems / 4) n
    """,
    f"""
    INSERT INTO memberships (tenant_id, id, created_at, user_id, organisation_id, role, duties)
    SELECT $t, {_key(MEMBERSHIPS, "n")}, now() - n * interval '1 minute', {_key(USERS, "n")}, {_key(UNITS, "n")},
      'UNIT', '{{FILER}}'
    FROM generate_series(1, $systems / 4) n
    """,
    f"""
    INSERT INTO systems (tenant_id, id, created_at, unit_id, district_id, name, code, important, level,
      parent_system_id, in_service_on, next_assessment_due_on, inspection_due_on, next_inspection_on, amendment_due,
      version)
    SELECT $t, {_key(SYSTEMS, "n")}, timestamptz '2026-11-01 09:00+08' - n * interval '1 minute', u.id, u.district_id,
      area || topic || '系统' || n, 'XT-' || n, n % 200 = 0,
      CASE WHEN n % 9 > 0 THEN CASE WHEN n % 500 = 1 THEN 5 ELSE 1 + n % 4 END END,
      CASE WHEN n % 20 = 0 THEN {_key(SYSTEMS, "n - 1")} END, date '2010-01-01' + n % 5000,
      CASE WHEN n % 3 > 0 THEN date '2026-01-01' + n % 900 END,
      CASE WHEN n % 200 = 0 THEN current_date - 30 + n / 200 END,
      CASE WHEN n % 400 = 0 THEN current_date - 20 + n / 200 END, false, 1
    FROM generate_series(1, $systems) n
    JOIN organisations u ON u.tenant_id = $t AND u.id = {_key(UNITS, "1 + n % ($systems / 4)")},
      LATERAL (SELECT
      (ARRAY['东城','西城','朝阳','海淀','丰台','石景山','通州'])[1 + n % 7] AS area,
      (ARRAY['门户网站','预算管理','公文交换','人事档案','应急指挥','地理信息'])[1 + n % 6] AS topic) names
    """,
    f"""
    INSERT INTO gradings (tenant_id, id, created_at, system_id, unit_id, state, matrix, business_information,
      business_information_level, system_service, system_service_level, level, security_mark, saved_by_id, version)
    SELECT tenant_id, {_key(GRADINGS, "n")}, created_at, id, unit_id,
      CASE n % 40 WHEN 0 THEN 'DRAFT' WHEN 1 THEN 'AWAITING_APPROVAL' ELSE 'CONFIRMED' END, '2008', '{{}}',
      coalesce(level, 1), '{{}}', 1, coalesce(level, 1), 'S1A1G1', {_key(USERS, "1")}, 1
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM systems WHERE tenant_id = $t) s
    """,
    f"""
    INSERT INTO monthly_returns (tenant_id, id, created_at, district_id, month, state, late, submitted_at, version)
    SELECT $t, {_key(RETURNS, "n")}, now(), {_key(DISTRICTS, "1 + n % 16")},
      (date '2016-01-01' + n / 16 * interval '1 month')::date,
      CASE WHEN n < 2050 THEN 'SUBMITTED' ELSE 'OPEN' END, n % 30 = 0, CASE WHEN n < 2050 THEN now() END, 1
    FROM generate_series(1, 2080) n
    """,
    f"""
    INSERT INTO filings (tenant_id, id, created_at, system_id, unit_id, grading_id, number, state, channel, level,
      authority, district_id, form_edition, form, missing_items, saved_by_id, submitted_at, review_due_on,
      review_due_provisional, monthly_return_id, version)
    SELECT s.tenant_id, {_key(FILINGS, "n")}, made, s.id, s.unit_id, {_key(GRADINGS, "1 + n % $systems")},
      CASE WHEN state IN ('ACCEPTED', 'REPLACED') THEN '110101' || lpad(n::text, 7, '0') || '-00001' END, state,
      CASE WHEN n % 400 = 0 THEN 'COURIER' ELSE 'ONLINE' END, greatest(2, coalesce(s.level, 2)),
      u.authority_level, u.district_id, '2008', '{{}}', '[]', {_key(USERS, "1")},
      CASE WHEN state <> 'DRAFT' THEN made + interval '1 day' END,
      CASE WHEN state NOT IN ('DRAFT', 'SUBMITTED', 'RECEIVED') THEN made::date + 14 END, false,
      CASE WHEN n % 3 = 0 AND u.district_id IS NOT NULL THEN {_key(RETURNS, "1 + n % 2000")} END, 1
    FROM (SELECT s.*, row_number() OVER (ORDER BY s.id) AS place FROM systems s WHERE tenant_id = $t) s
    JOIN organisations u ON u.tenant_id = s.tenant_id AND u.id = s.unit_id,
      generate_series(0, 2) turn,
      LATERAL (SELECT s.place + turn * $systems AS n) numbers,
      LATERAL (SELECT timestamptz '2026-11-01 09:00+08' - n * interval '1 minute' AS made,
        CASE WHEN turn > 0 THEN 'REPLACED' ELSE (ARRAY['ACCEPTED','ACCEPTED','ACCEPTED','ACCEPTED','DRAFT',
          'SUBMITTED','RECEIVED','UNDER_REVIEW','INCOMPLETE','WITHDRAWN'])[1 + s.place / 7 % 10] END AS state) states
    """,
    f"""
    INSERT INTO panel_cases (tenant_id, id, created_at, purpose, state, unit_id, system_id, filing_id, level, version)
    SELECT tenant_id, {_key(CASES, "n")}, created_at,
      CASE WHEN n % 79 = 0 THEN 'PLAN_REVIEW' ELSE 'FILING_RE_REVIEW' END,
      CASE WHEN n % 79 = 0 THEN 'OPEN' ELSE 'CONCLUDED' END, unit_id, system_id, id, level, 1
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM filings WHERE tenant_id = $t LIMIT 8500) f
    """,
    f"""
    INSERT INTO panel_assignments (tenant_id, id, created_at, case_id, expert_id, is_chair)
    SELECT $t, {_key(ASSIGNMENTS, "n")}, now(), {_key(CASES, "n")}, {_key(USERS, "1 + n % 500")}, false
    FROM generate_series(1, 2000) n
    """,
    """
    INSERT INTO assessment_bodies (tenant_id, id, created_at, body_code, accreditation_number, valid_from, valid_to,
      levels, status, version)
    SELECT $t, id, now(), lpad(n::text, 4, '0'), 'DJCP' || n, current_date - 100, current_date + 100, '{2,3}', 'ACTIVE',
      1
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM organisations WHERE tenant_id = $t
      AND kind = 'ASSESSMENT_BODY') bodies
    """,
    f"""
    INSERT INTO assessments (tenant_id, id, created_at, system_id, unit_id, body_id, state, under_way, level,
      organised_by, authority, district_id, important, due_on, number, version)
    SELECT s.tenant_id, {_key(ASSESSMENTS, "n")}, s.created_at, s.id, s.unit_id, {_key(OFFICES, "18 + n % 20")},
      CASE WHEN n % 40 = 0 THEN 'CONFIRMED' WHEN n % 7 = 0 THEN 'IN_PROGRESS' ELSE 'RECEIVED' END,
      n % 40 = 0 OR n % 7 = 0, greatest(2, s.level),
      CASE WHEN s.level > 2 THEN 'CITY_OFFICE' ELSE 'UNIT' END, u.authority_level,
      CASE u.authority_level WHEN 'DISTRICT' THEN u.district_id END, s.important, date '2026-06-01' + (n % 300)::int,
      '11010100001-' || lpad(n::text, 5, '0') || '-26-1101-01', 1
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM systems WHERE tenant_id = $t) s
    JOIN organisations u ON n % 4 = 0 AND u.tenant_id = s.tenant_id AND u.id = s.unit_id
    """,
    f"""
    INSERT INTO audit_events (tenant_id, id, created_at, action, outcome, user_id, organisation_id, subject_type,
      subject_id, transaction, digest)
    SELECT tenant_id, {_key(EVENTS, "n")}, created_at, CASE WHEN n % 50 = 0 THEN 'cancelFiling' ELSE 'saveFiling' END,
      CASE WHEN n % 40 = 0 THEN 'REFUSED' ELSE 'ACCEPTED' END, {_key(USERS, "1 + n % ($systems / 4)")}, unit_id,
      'Filing', id, -n, ''
    FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM filings WHERE tenant_id = $t) f
    """,
)
STATEMENTS = (*STATEMENTS, *large_subjects.statements(_key, filings=FILINGS, assessments=ASSESSMENTS))
# What the tables require of a row beyond its keys is not what this is about, and would tie it to every migration.
RELAX = """
    DO $$
    DECLARE
      each record;
    BEGIN
      FOR each IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
        WHERE contype = 'c' AND connamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.tab, each.conname);
      END LOOP;
      FOR each IN SELECT attrelid::regclass AS tab, attname FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND attnotnull
          AND attidentity = '' AND NOT EXISTS (
            SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey)) LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', each.tab, each.attname);
      END LOOP;
    END $$
"""
ENTRIES = """
    INSERT INTO search_entries (tenant_id, kind, subject_id, content, terms)
    SELECT tenant_id, '{table}', id, content, search_terms(tenant_id, '{table}', content, true)
    FROM (SELECT tenant_id, id, search_text(concat_ws(E'\\n', {columns})) AS content FROM {table}
      WHERE tenant_id = $t) found WHERE content <> ''
"""
FOUND = {"systems": "name, code", "organisations": "name", "assessments": "number"}


async def fill(superuser: asyncpg.Connection, number: int, systems: int) -> uuid.UUID:
    """Make the ``number``-th city with so many systems, and three times as many filings; ANALYZE is the caller's."""
    tenant = key(TENANTS, number)
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute(RELAX)
    for statement in (*STATEMENTS, *(ENTRIES.format(table=t, columns=c) for t, c in FOUND.items())):
        made = statement.replace("$t", f"'{tenant}'::uuid").replace("$systems", str(systems))
        await superuser.execute(made.replace("$slug", f"'city-{number}'"))
    return tenant
