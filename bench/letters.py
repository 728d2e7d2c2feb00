"""Letters: how many a worker on one core makes in a minute, PDF and Word, stored and under lock.

Replies that were issued get their papers; the jobs that make the files are the platform's own, and so is the worker.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from api.jobs.process import work
from bench.processes import peak_memory, processor_seconds
from bench.report import Report
from bench.run import Run
from domain.documents.entities import Document
from domain.documents.kinds import DocumentKind
from domain.filings.entities import Filing
from domain.organisations.entities import Organisation, OrganisationKind
from domain.papers.entities import Paper
from domain.papers.issue import made_paper
from domain.replies.entities import ReplyLetter, ReplyState
from domain.replies.letter import kind_of, letter_of, told_of
from domain.tasks import TASKS
from domain.templates.use_cases import template_of
from domain.transaction import Transaction
from storage.database import Database
from storage.queue import Queue
from storage.settings import Settings

LETTERS, WARM, GOAL = 200, 10, 600
LONGEST = 240  # seconds: what takes longer does not come to an end
PUBLIC_URL = "https://djba.example.gov.cn"
MADE = "SELECT count(*) FROM documents WHERE tenant_id = $1 AND created_at >= $2 AND kind = 'REPLY_LETTER'"


@dataclass(frozen=True, slots=True)
class Made:
    """So many letters, two files each, in so many seconds; the worker's processor seconds and memory in MB."""

    letters: int
    seconds: float
    processor: float
    memory: float

    @property
    def a_minute(self) -> float:
        """Letters a minute."""
        return self.letters / self.seconds * 60


async def measure(run: Run) -> list[Made]:
    """One worker, bound to one core, takes them off the queue; the first few are its start and not counted."""
    settings = run.stack.settings.model_copy(update={"public_url": PUBLIC_URL})
    database = await Database.open(settings)
    try:
        began = await run.stack.superuser.fetchval("SELECT now()")
        issued = await _issue(database, run)

        async def made(files: int) -> float:
            async with asyncio.timeout(LONGEST):
                while True:
                    if await run.stack.superuser.fetchval(MADE, run.stack.tenant_id, began) >= files:
                        return time.perf_counter()
                    await asyncio.sleep(0.02)

        process = multiprocessing.get_context("spawn").Process(target=_work, args=(settings,), daemon=True)
        process.start()
        assert process.pid is not None
        try:
            started, used = await made(2 * WARM), processor_seconds(process.pid)
            ended = await made(2 * issued)
            used = processor_seconds(process.pid) - used
            return [Made(issued - WARM, ended - started, used, peak_memory(process.pid))]
        finally:
            process.terminate()
            process.join(20)
    finally:
        await database.close()


def show(report: Report, found: Sequence[Made]) -> None:
    """The table of letters."""
    report.table(
        "Letters",
        "Issued replies without a paper get one; a worker bound to one core makes PDF and Word file, stores both under "
        "lock and notes them. PostgreSQL and the object store are on the same machine.",
        ("letters", "a minute", "worker's ms a letter", "worker's peak memory"),
        (
            (
                f"{each.letters:,}",
                f"{each.a_minute:,.0f}",
                f"{each.processor / each.letters * 1000:.0f}",
                f"{each.memory:.0f} MB",
            )
            for each in found
        ),
    )
    for each in found:
        report.goal("letters a minute on one core, PDF and Word, stored and locked", each.a_minute, GOAL)


def _work(settings: Settings) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    asyncio.run(work(settings))


async def _issue(database: Database, run: Run) -> int:
    """Papers of so many replies, with the jobs that make their files; how many there are."""
    async with database.transaction(run.stack.tenant_id) as session:
        papers = [await _paper(session, run, reply) for reply in await _replies(session, run)]
        session.add_all(papers)
        await session.flush()
        queue = Queue(TASKS)
        for paper in papers:
            await queue.enqueue(session, run.stack.tenant_id, "papers.render", {"paper_id": paper.id})
    return len(papers)


async def _replies(session: Transaction, run: Run) -> Sequence[ReplyLetter]:
    found = await session.scalars(
        select(ReplyLetter)
        .outerjoin(Paper, (Paper.tenant_id == ReplyLetter.tenant_id) & (Paper.reply_letter_id == ReplyLetter.id))
        .where(ReplyLetter.tenant_id == run.stack.tenant_id, ReplyLetter.state == ReplyState.ISSUED, Paper.id.is_(None))
        # Some of a grown city's have a file, which would stay as it is.
        .where(ReplyLetter.id.not_in(select(Document.reply_letter_id).where(Document.reply_letter_id.is_not(None))))
        .limit(LETTERS + WARM)
    )
    return found.all()


async def _paper(session: Transaction, run: Run, reply: ReplyLetter) -> Paper:
    tenant = run.stack.tenant_id
    filing = await session.get_one(Filing, (tenant, reply.filing_id))
    offices = select(Organisation).where(
        Organisation.tenant_id == tenant, Organisation.kind == OrganisationKind.CITY_OFFICE
    )
    office = (await session.scalars(offices)).one()
    assert reply.issued_at is not None
    assert reply.issued_by_id is not None
    chosen = await template_of(session, tenant, kind_of(reply))
    content = await letter_of(session, reply, filing, office, await told_of(session, filing), chosen)
    return made_paper(
        tenant,
        reply.issued_at,
        DocumentKind.REPLY_LETTER,
        office.id,
        reply.issued_by_id,
        content,
        reply_letter_id=reply.id,
    )
