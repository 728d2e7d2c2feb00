"""The list view as one would write it by hand: one statement that makes the JSON, the tenant bound in the same way."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from storage.database import Database
from storage.settings import Settings

SQL = """
SELECT row_to_json(r) FROM (SELECT (SELECT row_to_json(c) FROM (SELECT (
  SELECT coalesce(json_agg(o), '[]') FROM (
    SELECT 'fil_' || f.id AS id, f.number, f.state, f.level, f.submitted_at AS "submittedAt",
      f.review_due_on AS "reviewDueOn",
      (SELECT row_to_json(s) FROM (SELECT 'sys_' || y.id AS id, y.name, y.security_mark AS "securityMark"
        FROM systems y WHERE y.tenant_id = $1 AND y.id = f.system_id) s) AS system,
      (SELECT row_to_json(u) FROM (SELECT 'org_' || n.id AS id, n.name
        FROM organisations n WHERE n.tenant_id = $1 AND n.id = f.unit_id) u) AS unit,
      (SELECT coalesce(json_agg(d), '[]') FROM (SELECT 'doc_' || m.id AS id, m.kind, m.filename, m.size
        FROM documents m WHERE m.tenant_id = $1 AND m.filing_id = f.id ORDER BY m.id LIMIT 3) d) AS documents,
      (SELECT coalesce(json_agg(p), '[]') FROM (SELECT l.number, l.kind, l.state, l.issued_at AS "issuedAt"
        FROM reply_letters l WHERE l.tenant_id = $1 AND l.filing_id = f.id ORDER BY l.id DESC LIMIT 1) p) AS replies
    FROM filings f WHERE f.tenant_id = $1 AND f.state <> 'DRAFT'
    ORDER BY f.created_at DESC, f.id DESC LIMIT 50) o
  ) AS nodes) c) AS filings) r
"""

QUERY = """query List { filings(first: 50) { nodes {
  id number state level submittedAt reviewDueOn
  system { id name securityMark } unit { id name }
  documents(first: 3) { id kind filename size } replies(first: 1) { number kind state issuedAt } } } }"""


def create(settings: Settings) -> Starlette:
    """The application; the tenant is the default one."""
    database: Database | None = None
    tenant: UUID | None = None

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal database, tenant
        database = await Database.open(settings)
        tenant = await database.directory.resolve_tenant(None)
        yield
        await database.close()

    async def filings(_: Request) -> Response:
        assert database is not None
        assert tenant is not None
        body = await database.reads.fetch_json(tenant, SQL, (tenant,))
        return Response(b'{"data":' + body + b"}", media_type="application/json")

    return Starlette(routes=[Route("/filings", filings)], lifespan=lifespan)
