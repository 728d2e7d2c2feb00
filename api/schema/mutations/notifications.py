"""What people do with what they were told (通知)."""

import strawberry

from api.schema.common import UserError
from api.schema.mutations.adapter import ERRORS, Answer, Run, key, may_ref, mutation, says
from api.schema.notifications import NotificationPreference
from domain.notifications import use_cases as notifications
from domain.notifications.entities import NotificationPreference as NotificationPreferenceRow
from domain.notifications.kinds import NotificationKind


@strawberry.input(description="通知标为已读 / marking notifications read")
class MarkNotificationsReadInput:
    """Marking notifications read."""

    notification_ids: list[strawberry.ID] | None = may_ref("ntf", "通知;不填则全部", "the notifications; all without")
    idempotency_key: str | None = key()


@strawberry.input(description="一项通知的方式 / by which ways to be told of one kind of thing")
class NotificationPreferenceInput:
    """By which ways to be told of one kind of thing."""

    kind: NotificationKind = says("事项", "of what")
    in_app: bool = says("站内通知", "on the platform")
    email: bool = says("电子邮件", "by e-mail")


@strawberry.input(description="设置通知方式 / by which ways to be told of what")
class SetNotificationPreferencesInput:
    """By which ways to be told of what."""

    preferences: list[NotificationPreferenceInput] = says("各事项;未列的不变", "by kind; others stay as they are")
    idempotency_key: str | None = key()


@strawberry.type(description="标为已读的结果 / how many are left unread")
class MarkNotificationsReadPayload:
    """How many are left unread."""

    unread_count: int | None = says("剩余未读数;未办成时为空", "how many are left, null when nothing was done")
    user_errors: list[UserError] = says(*ERRORS)


@strawberry.type(description="通知方式的设置 / all that the person has said")
class SetNotificationPreferencesPayload:
    """All that the person has said."""

    preferences: list[NotificationPreference] | None = says("全部设置;未办成时为空", "all that one has said")
    user_errors: list[UserError] = says(*ERRORS)


def _preferences(said: list[NotificationPreferenceRow]) -> Answer:
    shown = [
        {"id": f"prf_{each.id}", "kind": each.kind.value, "inApp": each.in_app, "email": each.email} for each in said
    ]
    return Answer({}, {"preferences": shown})


@strawberry.type
class NotificationMutations:
    """What people do with what they were told."""

    mark_notifications_read: MarkNotificationsReadPayload = mutation(
        Run(notifications.mark_notifications_read, lambda left: Answer({}, {"unreadCount": left})),
        MarkNotificationsReadInput,
        "将通知标为已读 / mark notifications as read",
    )
    set_notification_preferences: SetNotificationPreferencesPayload = mutation(
        Run(notifications.set_notification_preferences, _preferences),
        SetNotificationPreferencesInput,
        "设置通知方式 / choose by which ways to be told",
    )
