"""What waits for a person (待办)."""

import datetime as dt

import strawberry
from sqlalchemy import false, func

from api.reads.sources import column, entity, expression, global_id, to_any
from api.schema.common import TODAY, Node, vocabulary
from authz.waiting import WorkAction
from authz.waiting import WorkItem as WorkItemRow
from domain.access import Duty

vocabulary(WorkAction)


@entity(WorkItemRow, "wrk")
@strawberry.type(description="待办:等待此人办理的一件事 / something that waits for the person")
class WorkItem(Node):
    """Something that waits for the person."""

    id: strawberry.ID = global_id("wrk")
    action: WorkAction = column("action", "须办的事 / what has to be done")
    duty: Duty | None = column("duty", "以何职责,不限职责时为空 / by which duty, null where any will do")
    subject_type: str = column("subject_type", "对象类型 / the kind of thing it is about")
    subject: Node | None = to_any("subject_type", "subject_id", "对象 / the thing itself")
    due_on: dt.date | None = column("due_on", "期限,无期限时为空 / the last day, null where there is none")
    overdue: bool = expression(
        lambda t: func.coalesce(t.c.due_on < TODAY, false()), "是否逾期 / whether that day has passed", "due_on"
    )
    waiting_since: dt.datetime | None = column("created_at", "何时起等待 / since when it waits")
