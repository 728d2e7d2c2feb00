"""Notifications by e-mail: what it is of, in one sentence, and where to sign in; nothing of the matter itself."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from domain.background import Background, TaskFailure
from domain.notifications.entities import Notification
from domain.people.entities import User
from domain.ports import MailRefused
from domain.text import Text

SUBJECT = "等保平台通知:{zh} / {en}"
BODY = Text(
    "{name},您好:\n\n{what}。请登录平台查看。\n{link}\n",
    "{what}. Sign in to the platform to see it.\n{link}\n",
)


async def mail(background: Background, notification_id: UUID) -> None:
    """Send one notification to its person, in both languages; what was sent is not sent again.

    It is locked meanwhile: of two who would send it, the second finds it sent. Raises: TaskFailure.
    """
    notification = await background.session.scalar(
        select(Notification)
        .where(Notification.tenant_id == background.tenant_id, Notification.id == notification_id)
        .with_for_update()
    )
    if background.mail is None or notification is None or notification.mailed_at is not None:
        return
    user = await background.session.get_one(User, (background.tenant_id, notification.user_id))
    if user.email is None or user.disabled_at is not None:
        return
    kind, link = notification.kind, background.mail.link or ""
    body = "\n".join(
        part.format(name=user.display_name, what=what, link=link)
        for part, what in ((BODY.zh, kind.zh), (BODY.en, kind.en))
    )
    try:
        await background.mail.send(user.email, SUBJECT.format(zh=kind.zh, en=kind.en), body, f"ntf_{notification.id}")
    except MailRefused as refused:
        raise TaskFailure(refused.reason, final=refused.final) from None
    notification.mailed_at = background.now
