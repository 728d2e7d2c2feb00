"""``/import-template/{kind}.xlsx``: the workbook to fill in for an import, with the city's own code lists."""

from __future__ import annotations

import asyncio

from sqlalchemy import select
from starlette.types import Receive, Scope, Send

from api.execution.platform import Platform
from api.http.attachments import send_error, send_file
from api.http.callers import signed_in
from api.http.errors import Code, RequestError, internal, request_error
from api.http.negotiation import language
from api.http.operations import Authenticator
from api.http.request import headers_of
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
        await send_file(f"{kind.zh}导入模板.xlsx", XLSX, body, send)

    async def _caller(self, headers: dict[bytes, bytes], scope: Scope, spoken: str) -> Caller:
        if scope["method"] != "GET":
            raise request_error(Code.METHOD_NOT_ALLOWED, "请使用 GET。", "Use GET.").with_headers((b"allow", b"GET"))
        return await signed_in(self._authenticator, headers, scope, spoken)

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
