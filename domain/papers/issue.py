"""How a paper comes to be: its words are kept with the step that issues it, its files are made afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from uuid import UUID

from domain.codes import verification_code
from domain.documents.kinds import DocumentKind
from domain.papers.content import Content, stored
from domain.papers.entities import Paper
from domain.work import Work


async def issue_paper(work: Work, kind: DocumentKind, owner_id: UUID, content: Content, **subject: UUID) -> Paper:
    """Keep ``content`` as the paper of its one ``subject`` (``grading_id=…``), and have its PDF and Word file made."""
    caller = work.caller
    paper = made_paper(caller.tenant_id, work.now, kind, owner_id, caller.user_id, content, **subject)
    work.session.append(paper)
    await work.enqueue("papers.render", paper_id=paper.id)
    return paper


def made_paper(
    tenant_id: UUID,
    at: dt.datetime,
    kind: DocumentKind,
    owner_id: UUID,
    made_by_id: UUID,
    content: Content,
    **subject: UUID,
) -> Paper:
    """The paper that says ``content``; what has a number gets a code as well, by which it is verified."""
    if content.number and not content.code:
        content = replace(content, code=verification_code())
    return Paper(
        tenant_id=tenant_id,
        created_at=at,
        kind=kind,
        owner_id=owner_id,
        made_by_id=made_by_id,
        number=content.number,
        verification_code=content.code,
        content=stored(content),
        **subject,
    )
