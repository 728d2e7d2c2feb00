"""``/import-template/{kind}.xlsx``: the workbook to fill in for an import, with the city's own code lists."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from starlette.types import Receive, Scope, Send

from api.execution.platform import Platform
from api.http.attachments import attachment, send_error
from api.http.errors import Code, RequestError, internal, request_error, unauthenticated
from api.http.front import facts_of
from api.http.negotiation import language
from api.http.operations import Authenticator
from api.http.request import bearer, headers_of
from domain.access import Caller
from domain.imports.entities import ImportKind
from domain.imports.template import make_template
from domain.tenants.entities import District

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TemplateEndpoint:
    """The ASGI application at ``/import-template/{kind}.xlsx``."""

    def __init__(self, platform: Platform, authenticator: Authenticator) -> None:
        self._platform = platform
        self._authenticator = authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        spoken = "zh"
        try:
            headers = headers_of(scope)
            spoken = language(headers.get(b"accept-language", b"")[:1024])
            caller = await self._caller(headers, scope, spoken)
            kind = ImportKind[scope["path"].rpartition("/")[2].removesuffix(".xlsx").upper()]
            body = await self._make(kind, caller)
        except RequestError as refusal:
            await send_error(refusal, spoken, scope, send)
            return
        except Exception as error:
            await send_error(RequestError(internal(error)), spoken, scope, send)
            return
        given = attachment(f"{kind.zh}导入模板.xlsx", XLSX)
        given.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": body})

    async def _caller(self, headers: dict[bytes, bytes], scope: Scope, spoken: str) -> Caller:
        if scope["method"] != "GET":
            raise request_error(Code.METHOD_NOT_ALLOWED, "请使用 GET。", "Use GET.").with_headers((b"allow", b"GET"))
        acting_as = headers.get(b"x-acting-as")
        caller = await self._authenticator.authenticate(
            bearer(headers), acting_as.decode("latin-1") if acting_as else None, spoken
        )
        if caller is None:
            raise unauthenticated()
        facts_of(scope)["membership"] = str(caller.membership_id)
        return caller

    async def _make(self, kind: ImportKind, caller: Caller) -> bytes:
        async with self._platform.database.transaction(caller.tenant_id) as session:
            names = await session.scalars(
                select(District.name)
                .where(District.tenant_id == caller.tenant_id, self._platform.authority.rows(caller, District))
                .order_by(District.division_code)
                .params(self._platform.authority.values(caller))
            )
            districts = list(names)
        return await asyncio.to_thread(make_template, kind, districts)
