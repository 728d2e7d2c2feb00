"""Some of the demo's letters and grading reports with their files, made as the platform makes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select

from domain.documents.kinds import DocumentKind
from domain.filings.entities import Filing
from domain.grading.entities import Grading, GradingState
from domain.grading.report import report_of
from domain.organisations.entities import Organisation, OrganisationKind
from domain.panels.entities import PanelCase, PanelConclusion
from domain.panels.opinion_document import KINDS, opinion_document_of
from domain.papers.entities import Paper
from domain.papers.issue import made_paper
from domain.papers.tasks import make_files
from domain.people.entities import Membership, User
from domain.replies.entities import ReplyKind, ReplyLetter, ReplyState
from domain.replies.letter import kind_of, letter_of, told_of
from domain.templates.forms import LetterKind
from domain.templates.use_cases import template_of
from domain.transaction import Transaction
from storage.database import Database
from storage.files import ObjectStore
from storage.papers.press import Press

REPORTS = 3


async def put_on_paper(database: Database, store: ObjectStore, tenant_id: UUID) -> None:
    """Papers of the demo's own unit: its latest reply of each kind, some gradings, an opinion of the panel."""
    async with database.transaction(tenant_id) as session:
        unit = await session.scalar(
            select(Membership.organisation_id)
            .join(User, (User.tenant_id == Membership.tenant_id) & (User.id == Membership.user_id))
            .where(Membership.tenant_id == tenant_id, User.username == "unit.filer")
        )
        papers = [paper async for paper in _letters(session, tenant_id, unit)]
        papers += [paper async for paper in _reports(session, tenant_id, unit)]
        papers += [paper async for paper in _opinions(session, tenant_id, unit)]
        for paper in papers:
            session.add(paper)
            await session.flush()
            await make_files(session, store, Press(), paper, paper.created_at)


async def _letters(session: Transaction, tenant_id: UUID, unit: UUID | None) -> AsyncIterator[Paper]:
    for kind in ReplyKind:
        found = await session.scalars(
            select(ReplyLetter)
            .where(ReplyLetter.tenant_id == tenant_id, ReplyLetter.unit_id == unit, ReplyLetter.kind == kind)
            .where(ReplyLetter.state == ReplyState.ISSUED)
            .order_by(ReplyLetter.id.desc())
            .limit(1)
        )
        for reply in found:
            assert reply.issued_at is not None and reply.issued_by_id is not None  # noqa: S101, PT018 - it is issued
            filing = await session.get_one(Filing, (tenant_id, reply.filing_id))
            office = await _office(session, tenant_id)
            yield made_paper(
                tenant_id,
                reply.issued_at,
                DocumentKind.REPLY_LETTER,
                office.id,
                reply.issued_by_id,
                await letter_of(
                    session,
                    reply,
                    filing,
                    office,
                    await told_of(session, filing),
                    await template_of(session, tenant_id, kind_of(reply)),
                ),
                reply_letter_id=reply.id,
            )


async def _reports(session: Transaction, tenant_id: UUID, unit: UUID | None) -> AsyncIterator[Paper]:
    found = await session.scalars(
        select(Grading)
        .where(Grading.tenant_id == tenant_id, Grading.unit_id == unit, Grading.state == GradingState.CONFIRMED)
        .order_by(Grading.id.desc())
        .limit(REPORTS)
    )
    for grading in found:
        assert grading.confirmed_at is not None and grading.confirmed_by_id is not None  # noqa: S101, PT018 - so it is
        yield made_paper(
            tenant_id,
            grading.confirmed_at,
            DocumentKind.GRADING_REPORT,
            grading.unit_id,
            grading.confirmed_by_id,
            await report_of(session, grading, await template_of(session, tenant_id, LetterKind.GRADING_REPORT)),
            grading_id=grading.id,
        )


async def _opinions(session: Transaction, tenant_id: UUID, unit: UUID | None) -> AsyncIterator[Paper]:
    found = await session.execute(
        select(PanelCase, PanelConclusion)
        .join(
            PanelConclusion,
            (PanelConclusion.tenant_id == PanelCase.tenant_id) & (PanelConclusion.case_id == PanelCase.id),
        )
        .where(PanelCase.tenant_id == tenant_id, PanelCase.unit_id == unit, PanelConclusion.level.is_not(None))
        .order_by(PanelCase.id.desc())
        .limit(1)
    )
    for case, conclusion in found:
        yield made_paper(
            tenant_id,
            conclusion.created_at,
            DocumentKind.OPINION_DOCUMENT,
            (await _office(session, tenant_id)).id,
            conclusion.concluded_by_id,
            await opinion_document_of(
                session, case, conclusion, await template_of(session, tenant_id, KINDS[case.purpose])
            ),
            panel_case_id=case.id,
        )


async def _office(session: Transaction, tenant_id: UUID) -> Organisation:
    found = await session.scalars(
        select(Organisation).where(
            Organisation.tenant_id == tenant_id, Organisation.kind == OrganisationKind.CITY_OFFICE
        )
    )
    return found.one()
