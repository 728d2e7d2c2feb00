"""What people were told (通知), and by which ways they want to be told."""

import datetime as dt

import strawberry
from sqlalchemy import Text, case, literal

from api.reads.sources import column, entity, expression, global_id, to_any, to_one
from api.schema.city import Membership
from api.schema.common import Node
from api.schema.filings import LANGUAGE
from domain.notifications.entities import Notification as NotificationRow
from domain.notifications.entities import NotificationPreference as NotificationPreferenceRow
from domain.notifications.kinds import NotificationKind


@entity(NotificationRow, "ntf")
@strawberry.type(description="通知 / something that a person was told")
class Notification(Node):
    """Something that a person was told."""

    id: strawberry.ID = global_id("ntf")
    kind: NotificationKind = column("kind", "事项 / what it is of")
    title: str = expression(
        lambda t: case(
            (
                LANGUAGE == "en",
                case(*((t.c.kind == kind.value, literal(kind.en, Text())) for kind in NotificationKind)),
            ),
            else_=case(*((t.c.kind == kind.value, literal(kind.zh, Text())) for kind in NotificationKind)),
        ),
        "标题 / what it says",
        "kind",
    )
    subject_type: str = column("subject_type", "对象类型 / the kind of thing it is about")
    subject: Node | None = to_any(
        "subject_type", "subject_id", "对象,不再可见时为空 / the thing itself, null once out of sight"
    )
    membership: Membership | None = to_one("membership_id", "涉及的身份 / the membership that it concerns")
    due_on: dt.date | None = column("due_on", "期限 / by when something is to be done")
    created_at: dt.datetime = column("created_at", "时间 / when")
    unread: bool = column("unread", "是否未读 / whether unread")
    read_at: dt.datetime | None = column("read_at", "阅读时间 / when it was read")


@entity(NotificationPreferenceRow, "prf")
@strawberry.type(description="通知方式的设置 / by which ways a person wants to be told of one kind of thing")
class NotificationPreference(Node):
    """By which ways a person wants to be told of one kind of thing."""

    id: strawberry.ID = global_id("prf")
    kind: NotificationKind = column("kind", "事项 / of what")
    in_app: bool = column("in_app", "站内通知 / on the platform")
    email: bool = column("email", "电子邮件 / by e-mail")
