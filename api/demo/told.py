"""What the demo's people were told: of the last step of each of the demo unit's matters, delivered for real."""

from __future__ import annotations

from uuid import UUID

from api.demo.rows import CityRows, Row
from authz.access import Authority
from authz.policy import Line
from domain.background import Background
from domain.notifications.delivery import BATCH, deliver_events
from domain.tasks import TASKS
from storage.database import Database
from storage.files import ObjectStore
from storage.papers.press import Press
from storage.queue import Queue


def leave_events(rows: CityRows, unit: UUID) -> None:
    """Add the outbox's events: of the unit's filings and inquiries, and of the replies that wait to be issued."""
    filings = {row["id"]: row for row in rows.rows["filings"] if row["unit_id"] == unit}
    last: dict[UUID, Row] = {}
    for step in rows.rows["filing_transitions"]:
        if step["filing_id"] in filings and step["action"] != "createFiling":
            last[step["filing_id"]] = step
    replies = {row["filing_id"]: row for row in rows.rows["reply_letters"] if row["state"] == "ISSUED"}
    for key, step in last.items():
        if step["action"] == "issueReply":
            _event(rows, "issueReply", "ReplyLetter", replies[key], replies[key]["issued_by_id"])
        else:
            _event(rows, step["action"], "Filing", {**step, "id": key}, step["by_id"])
    for reply in rows.rows["reply_letters"]:
        if reply["state"] == "DRAFT":
            _event(rows, "draftReply", "ReplyLetter", reply, reply["drafted_by_id"])
    for inquiry in rows.rows["inquiries"]:
        action = "openInquiry" if inquiry["state"] == "OPEN" else "replyToInquiry"
        _event(rows, action, "Inquiry", inquiry, inquiry["opened_by_id"] if action == "openInquiry" else None)


async def tell(database: Database, store: ObjectStore, rows: CityRows) -> None:
    """Deliver them, as the platform does."""

    async def no_policy(_: UUID) -> frozenset[Line]:
        return frozenset()

    while True:
        async with database.transaction(rows.tenant_id) as session:
            background = Background(
                session=session,
                tenant_id=rows.tenant_id,
                files=store,
                papers=Press(),
                access=Authority(no_policy),
                jobs=Queue(TASKS),
                mail=None,
                now=rows.now,
                apart=lambda: database.transaction(rows.tenant_id),
            )
            if await deliver_events(background) < BATCH:
                return


def _event(rows: CityRows, action: str, subject_type: str, subject: Row, by: UUID | None) -> None:
    rows.add(
        "outbox_events",
        subject.get("issued_at") or subject["created_at"],
        event=action,
        subject_type=subject_type,
        subject_id=subject["id"],
        user_id=by,
    )
