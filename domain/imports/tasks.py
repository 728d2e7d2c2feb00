"""Imports in the background: a file's rows are read in batches, checked, and written.

All or nothing, and a dry run, are one transaction that is taken back in the end: a worker that is killed leaves
nothing, and the next begins anew. Row by row, each batch is written together with how far the import has come: the
next worker goes on from there. Progress and problems are seen while it runs.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, select, text, update

from domain.access import Caller, Duty
from domain.audit.entities import OutboxEvent
from domain.background import Background, TaskFailure
from domain.base import new_id
from domain.documents.entities import Document
from domain.imports.columns import COLUMNS
from domain.imports.entities import ENDED, ImportKind, ImportMode, ImportProblem, ImportRun, ImportState
from domain.imports.filings import FilingLoader
from domain.imports.loading import Loader, Outcome
from domain.imports.locks import LocksLater
from domain.imports.systems import SystemLoader
from domain.imports.units import UnitLoader
from domain.imports.use_cases import may_import
from domain.imports.workbook import Row, RowProblem, Unusable, Workbook, open_workbook
from domain.organisations.entities import Organisation
from domain.people.entities import Membership
from domain.ports import Files
from domain.text import Text
from domain.transaction import Transaction
from domain.work import Work

BATCH = 500
# Beyond, problems are counted and no longer kept: whoever has so many does not read them one by one.
MAX_KEPT = 10_000

LOADERS: Mapping[ImportKind, Callable[[], Loader]] = {
    ImportKind.UNITS: UnitLoader,
    ImportKind.SYSTEMS: SystemLoader,
    ImportKind.FILINGS: FilingLoader,
}

NO_LONGER = Text(
    "发起导入的身份已失效或无此权限,未导入。", "The membership that started the import is no longer in force."
)
NOTHING = Text(
    "有问题的行见下,更正后重新导入;本次未写入任何数据。", "Rows have problems; nothing was imported. Correct them."
)

GIVEN_UP = Text(
    "导入多次意外中断,已停止。逐行导入时已处理的行有效;请重新发起,已登记的记录不会重复。若再次发生,请联系管理员。",
    "The import was interrupted too often and has been given up. What was written row by row stays; start it again, "
    "nothing is taken in twice. Tell the administrator if it happens again.",
)


async def run_import(background: Background, run_id: UUID) -> None:
    """Carry out an import; one that has ended already is left alone, unless it was given up and is tried anew."""
    if not await _is_ours(background, run_id):
        raise TaskFailure("another worker is at it")
    run = await background.session.get(ImportRun, (background.tenant_id, run_id))
    if run is None or (run.state in ENDED and run.state is not ImportState.FAILED):
        return
    background.session.expunge(run)
    importing = _Importing(background, run, LOADERS[run.kind]())
    try:
        await importing.carry_out()
    except Exception:
        await importing.note(state=ImportState.INTERRUPTED)
        raise


async def give_up(background: Background, run_id: UUID) -> None:
    """End an import that the queue no longer tries; whoever started it is told."""
    run = await background.session.get(ImportRun, (background.tenant_id, run_id))
    if run is None or run.state in ENDED:
        return
    background.session.expunge(run)
    await _Importing(background, run, LOADERS[run.kind]()).end(ImportState.FAILED, GIVEN_UP)


async def _is_ours(background: Background, run_id: UUID) -> bool:
    """Whether no other worker is at this import; it is ours until the task's transaction ends."""
    taken = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
    return bool(await background.session.scalar(taken, {"key": f"import {run_id}"}))


@dataclass(slots=True)
class _Importing:
    """One import under way."""

    background: Background
    run: ImportRun
    loader: Loader
    kept: int = 0

    async def carry_out(self) -> None:
        """From the stored file to its end."""
        caller = await self._caller()
        if caller is None:
            await self.end(ImportState.REFUSED, NO_LONGER)
            return
        as_one = self.run.dry_run or self.run.mode is ImportMode.ALL_OR_NOTHING
        await self._begin(anew=as_one)
        with tempfile.TemporaryDirectory(prefix="dengbao-import-") as folder:
            try:
                book = await self._open(Path(folder))
                await (self._as_one(book, caller) if as_one else self._row_by_row(book, caller))
            except Unusable as unusable:
                await self.end(ImportState.REFUSED, unusable.reason)

    # --- the two ways ---

    async def _as_one(self, book: Workbook, caller: Caller) -> None:
        """Everything in one transaction, which is taken back when anything is wrong, or nothing was to be done."""
        session = self.background.session
        locks = LocksLater(self.background.files)
        work = self._work(session, caller, locks.as_files())
        problems = 0
        async with session.begin_nested() as attempt:
            async for rows in _batches(book.rows()):
                outcome = await self.loader.load(work, rows)
                await session.flush()
                session.expunge_all()
                problems += len(outcome.problems)
                async with self.background.apart() as apart:
                    await self._progress(apart, book, len(rows), outcome)
            if problems or self.run.dry_run:
                await attempt.rollback()
        if problems and not self.run.dry_run:
            await self.end(ImportState.REFUSED, NOTHING)
            return
        if not self.run.dry_run:
            await locks.lock()
        await self.end(ImportState.DONE)

    async def _row_by_row(self, book: Workbook, caller: Caller) -> None:
        """Each batch with its progress in a transaction of its own."""
        async for rows in _batches(book.rows(after=self.run.rows_done)):
            async with self.background.apart() as apart:
                outcome = await self.loader.load(self._work(apart, caller), rows)
                await self._progress(apart, book, len(rows), outcome)
        await self.end(ImportState.DONE)

    # --- steps ---

    async def _open(self, folder: Path) -> Workbook:
        document = await self.background.session.get_one(Document, (self.run.tenant_id, self.run.document_id))
        path = folder / "file.xlsx"
        await self.background.files.fetch(document.object_key, path)
        book = await asyncio.to_thread(open_workbook, path, COLUMNS[self.run.kind])
        await self.note(rows_total=await asyncio.to_thread(book.count))
        return book

    async def _begin(self, *, anew: bool) -> None:
        """The import runs; where it starts anew, nothing of an earlier attempt counts."""
        state: dict[str, Any] = dict.fromkeys(("ended_at", "reason_zh", "reason_en"))
        state |= {"state": ImportState.RUNNING, "begun_at": self.run.begun_at or self.background.now}
        if anew:
            state |= dict.fromkeys(("rows_done", "created", "updated", "unchanged", "problem_count"), 0)
            async with self.background.apart() as apart:
                await apart.execute(
                    delete(ImportProblem).where(
                        ImportProblem.tenant_id == self.run.tenant_id, ImportProblem.run_id == self.run.id
                    )
                )
        else:
            self.kept = self.run.problem_count
        await self.note(**state)

    async def note(self, **values: Any) -> None:
        """Set what others see of the run, at once."""
        async with self.background.apart() as apart:
            await apart.execute(self._this().values(**values, version=ImportRun.version + 1))

    async def _progress(self, session: Transaction, book: Workbook, rows: int, outcome: Outcome) -> None:
        """So many more rows were dealt with, and this came of them."""
        room = max(MAX_KEPT - self.kept, 0)
        kept = [_kept(self.run, book, self.background.now, each) for each in outcome.problems[:room]]
        if kept:
            await session.execute(insert(ImportProblem), kept)
        self.kept += len(outcome.problems)
        await session.execute(
            self._this().values(
                rows_done=ImportRun.rows_done + rows,
                created=ImportRun.created + outcome.created,
                updated=ImportRun.updated + outcome.updated,
                unchanged=ImportRun.unchanged + outcome.unchanged,
                problem_count=ImportRun.problem_count + len(outcome.problems),
                version=ImportRun.version + 1,
            )
        )

    async def end(self, state: ImportState, reason: Text | None = None) -> None:
        """The run has ended, together with what it wrote."""
        session = self.background.session
        values: dict[str, Any] = {"state": state, "ended_at": func.now(), "version": ImportRun.version + 1}
        if reason is not None:
            values |= {"reason_zh": reason.zh, "reason_en": reason.en}
        await session.execute(self._this().values(**values))
        event = {"event": "endImport", "subject_type": "ImportRun", "subject_id": self.run.id}
        row = {"tenant_id": self.run.tenant_id, "id": new_id(), "created_at": self.background.now, **event}
        await session.execute(insert(OutboxEvent), [row])

    def _this(self) -> Any:
        return (
            update(ImportRun)
            .where(ImportRun.tenant_id == self.run.tenant_id, ImportRun.id == self.run.id)
            .execution_options(synchronize_session=False)
        )

    # --- for whom ---

    async def _caller(self) -> Caller | None:
        """Who acts: whoever started the import, if the membership is in force and covers it still."""
        run, session = self.run, self.background.session
        found = await session.execute(
            select(Membership.duties, Organisation.district_id)
            .join(
                Organisation,
                (Organisation.tenant_id == Membership.tenant_id) & (Organisation.id == Membership.organisation_id),
            )
            .where(
                Membership.tenant_id == run.tenant_id,
                Membership.id == run.membership_id,
                Membership.revoked_at.is_(None),
            )
        )
        row = found.one_or_none()
        if row is None:
            return None
        caller = Caller(
            tenant_id=run.tenant_id,
            user_id=run.started_by_id,
            membership_id=run.membership_id,
            session_id=run.id,
            role=run.role,
            duties=frozenset(Duty[duty] for duty in row.duties),
            organisation_id=run.organisation_id,
            district_id=row.district_id,
        )
        allowed = self.background.access.may(caller, "startImport") and may_import(caller, run.kind)
        return caller if allowed else None

    def _work(self, session: Transaction, caller: Caller, files: Files | None = None) -> Work:
        given = self.background
        return Work(session, caller, given.access, files or given.files, given.jobs, given.now)


def _kept(run: ImportRun, book: Workbook, now: dt.datetime, problem: RowProblem) -> dict[str, Any]:
    column = problem.column
    return {
        "tenant_id": run.tenant_id,
        "id": new_id(),
        "created_at": now,
        "run_id": run.id,
        "row_number": problem.row,
        "column_letter": book.letter(column) if column else None,
        "heading_zh": column.zh if column else None,
        "heading_en": column.en if column else None,
        "message_zh": problem.message.zh,
        "message_en": problem.message.en,
    }


async def _batches(rows: Iterable[Row]) -> AsyncIterator[list[Row]]:
    """Rows as they are read, in a thread, some at a time."""
    reading = iter(rows)
    while batch := await asyncio.to_thread(lambda: list(itertools.islice(reading, BATCH))):
        yield batch
