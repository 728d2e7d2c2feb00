"""How a paper comes to be: its words are kept with the step that issues it, its files are made afterwards."""

from __future__ import annotations

from uuid import UUID

from domain.documents.kinds import DocumentKind
from domain.papers.content import Content, stored
from domain.papers.entities import Paper
from domain.work import Work


async def issue_paper(work: Work, kind: DocumentKind, owner_id: UUID, content: Content, **subject: UUID) -> Paper:
    """Keep ``content`` as the paper of its one ``subject`` (``grading_id=…``), and have its PDF and Word file made."""
    paper = Paper(
        tenant_id=work.caller.tenant_id,
        created_at=work.now,
        kind=kind,
        owner_id=owner_id,
        made_by_id=work.caller.user_id,
        content=stored(content),
        **subject,
    )
    work.session.add(paper)
    await work.session.flush()
    await work.enqueue("papers.render", paper_id=paper.id)
    return paper
