"""Exports: any list that a caller sees, whole, as a file (导出).

The rows are those of the same compiled read, with the same scopes, hidden columns and filters; only the page is left
out. They are read through one cursor, so that they are all of one moment, and are never in memory together.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import asyncpg
from graphql import GraphQLSchema, print_ast

from api.execution.platform import Platform
from api.execution.variables import judge
from api.exports.columns import Sheet, read_sheet
from api.exports.files import FORMATS, Format, ListFile
from api.exports.values import reader
from api.http.documents import PreparedOperation
from api.http.errors import Code, request_error, unavailable
from api.reads.compiler import Compiler
from api.reads.plan import context_of
from api.reads.plans import Trace
from domain.access import Caller
from domain.audit.entities import AuditEvent
from domain.calendar import SHANGHAI
from storage.database import UNREACHABLE

BATCH = 500
# At a time, by one worker: each holds a connection, and a snapshot that PostgreSQL has to keep.
AT_ONCE = 2
LONGEST = dt.timedelta(minutes=10)
MAX_KEPT = 4000


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was granted: its file's name and type, and its bytes as they are made."""

    filename: str
    media_type: str
    pieces: AsyncGenerator[bytes, None]


class Exports:
    """Writes lists out for one schema."""

    def __init__(self, schema: GraphQLSchema, platform: Platform) -> None:
        self._schema = schema
        self._platform = platform
        self._places = asyncio.Semaphore(AT_ONCE)

    def open(self, operation: PreparedOperation, variables: dict[str, Any], caller: Caller, suffix: str) -> Export:
        """The export of the one list that ``operation`` asks for, in the format ``suffix`` of ``FORMATS``.

        Raises: RequestError, here or with the first piece.
        """
        given = judge(self._schema, operation, variables)
        compiler = Compiler(self._schema, operation, caller.role, Trace(given))
        query = self._schema.query_type
        assert query is not None  # noqa: S101 - every schema has one
        roots = compiler.selections.collect(query, [operation.operation.selection_set])
        sheet = read_sheet(self._schema, compiler.selections, roots)
        plan = compiler.every(sheet.definition, sheet.root, sheet.nodes)
        title = sheet.title.in_language(caller.language)
        stamp = dt.datetime.now(SHANGHAI).strftime("%Y%m%d-%H%M")
        arguments = plan.arguments(given, context_of(caller))
        job = _Writing(self._platform, caller, sheet, FORMATS[suffix], plan.sql, arguments, _asked(sheet, given))
        return Export(f"{title}-{stamp}.{suffix}", FORMATS[suffix].media_type, self._one_of_few(job, title))

    async def _one_of_few(self, job: _Writing, title: str) -> AsyncGenerator[bytes, None]:
        if self._places.locked():
            raise request_error(
                Code.RATE_LIMITED,
                "正在进行的导出过多,请稍后再试。",
                "Too many exports are under way. Try again in a moment.",
            ).with_headers((b"retry-after", b"10"))
        async with self._places, asyncio.timeout(LONGEST.total_seconds()):
            pieces = job.pieces(title)
            try:
                async for piece in pieces:
                    yield piece
            finally:
                await pieces.aclose()


@dataclass(frozen=True, slots=True)
class _Writing:
    """One export under way."""

    platform: Platform
    caller: Caller
    sheet: Sheet
    format: Format
    sql: str
    arguments: list[Any]
    asked: str

    async def pieces(self, title: str) -> AsyncGenerator[bytes, None]:
        """The file's bytes; a piece may be empty, which lets the reader stop."""
        language = self.caller.language
        headings = [column.heading.in_language(language) for column in self.sheet.columns]
        file: ListFile = await asyncio.to_thread(self.format.file, title, headings)
        rows, complete = 0, False
        try:
            read = reader(self.sheet.columns, language)
            async for batch in self._batches():
                rows += len(batch)
                # In a thread: making a workbook's rows is work, and others are waiting for the loop.
                yield await asyncio.to_thread(file.write, map(read, batch))
            rest = file.finish()
            while (piece := await asyncio.to_thread(next, rest, None)) is not None:
                yield piece
            complete = True
        finally:
            file.close()
            await asyncio.shield(self._record(rows, complete))

    async def _batches(self) -> AsyncGenerator[list[bytes], None]:
        reads = self.platform.database.reads
        try:
            async with reads.open_cursor(self.caller.tenant_id, self.sql, self.arguments) as fetch:
                while batch := await fetch(BATCH):
                    yield batch
        except asyncpg.QueryCanceledError:
            raise request_error(
                Code.UNAVAILABLE,
                "查询耗时过长,已停止。请加筛选条件后重试。",
                "This took too long and was stopped. Narrow the filter.",
            ) from None
        except UNREACHABLE as error:
            raise unavailable() from error

    async def _record(self, rows: int, complete: bool) -> None:
        """The trail of an export: which list, how narrowed, how many rows left the platform."""
        caller = self.caller
        async with self.platform.database.transaction(caller.tenant_id) as session:
            session.add(
                AuditEvent(
                    tenant_id=caller.tenant_id,
                    created_at=dt.datetime.now(dt.UTC),
                    action="export",
                    user_id=caller.user_id,
                    membership_id=caller.membership_id,
                    organisation_id=caller.organisation_id,
                    subject_type="Tenant",
                    subject_id=caller.tenant_id,
                    before=None,
                    after={
                        "list": self.sheet.root[0].name.value,
                        "columns": [".".join(column.path) for column in self.sheet.columns],
                        "asked": self.asked,
                        "rows": rows,
                        "complete": complete,
                    },
                )
            )


def _asked(sheet: Sheet, variables: dict[str, Any]) -> str:
    """The list's filter and order as they were written, with the variables' values."""
    arguments = ", ".join(print_ast(argument) for argument in sheet.root[0].arguments or ())
    return f"{arguments} {variables if variables else ''}".strip()[:MAX_KEPT]
