"""``/filings/{id}/form.pdf`` and ``.docx``: a filing's printed form, set anew each time, for who sees the filing."""

from __future__ import annotations

import datetime as dt

from starlette.types import Receive, Scope, Send

from api.execution.platform import Platform
from api.http.attachments import send_error, send_file
from api.http.callers import signed_in
from api.http.errors import Code, RequestError, internal, request_error, told
from api.http.negotiation import language
from api.http.operations import Authenticator
from api.http.request import headers_of
from api.reads.listings import uuid_of
from api.schema.mutations.adapter import NOWHERE
from domain.access import Caller
from domain.documents.file_types import FILE_TYPES
from domain.errors import Refusal
from domain.filings.printing import Printing, print_filing
from domain.work import Work

SUFFIXES = (".pdf", ".docx")


class FormEndpoint:
    """The ASGI application at ``/filings/{id}/form.{suffix}``."""

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
            printing = await self._printing(caller, scope["path_params"]["id"])
            suffix = "." + scope["path"].rpartition(".")[2]
            papers = self._platform.papers
            make = papers.form_pdf if suffix == ".pdf" else papers.form_word
            body = await make(printing.form)
        except RequestError as refusal:
            await send_error(refusal, spoken, scope, send)
            return
        except Exception as error:
            await send_error(RequestError(internal(error)), spoken, scope, send)
            return
        await send_file(f"{printing.filename}{suffix}", FILE_TYPES[suffix].media_type, body, send)

    async def _caller(self, headers: dict[bytes, bytes], scope: Scope, spoken: str) -> Caller:
        if scope["method"] != "GET":
            raise request_error(Code.METHOD_NOT_ALLOWED, "请使用 GET。", "Use GET.").with_headers((b"allow", b"GET"))
        return await signed_in(self._authenticator, headers, scope, spoken)

    async def _printing(self, caller: Caller, given: str) -> Printing:
        platform = self._platform
        try:
            async with platform.database.transaction(caller.tenant_id) as session:
                work = Work(session, caller, platform.authority, platform.files, platform.jobs, dt.datetime.now(dt.UTC))
                return await print_filing(work, filing_id=uuid_of("fil")(given) or NOWHERE)
        except Refusal as refusal:
            raise told(refusal) from refusal
