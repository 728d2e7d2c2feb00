"""The floor: each view as one would write it by hand, one statement that makes the JSON, the tenant bound alike."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from uuid import UUID

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.views import ASSESSMENTS, VIEWS, View
from storage.database import Database
from storage.settings import Settings


def create(settings: Settings) -> Starlette:
    """The application; the tenant is the default one."""
    database: Database
    tenant: UUID

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal database, tenant
        database = await Database.open(settings)
        found = await database.directory.resolve_tenant(None)
        assert found is not None
        tenant = found
        yield
        await database.close()

    def endpoint(view: View) -> Route:
        sql = view.sql

        async def answer(request: Request) -> Response:
            given = [_value(name, request.query_params[name]) for name in view.parameters]
            body = await database.reads.fetch_json(tenant, sql, (tenant, *given))
            return Response(b'{"data":' + body + b"}", media_type="application/json")

        return Route(f"/{view.name}", answer)

    return Starlette(routes=[endpoint(view) for view in (*VIEWS, ASSESSMENTS)], lifespan=lifespan)


def _value(name: str, text: str) -> UUID | str:
    return UUID(text) if name == "id" else text


def serve(settings: Settings, port: int) -> None:
    """Serve until terminated."""
    uvicorn.run(create(settings), port=port, log_config=None, access_log=False, loop="uvloop")
