"""The root of all subscriptions."""

import strawberry

from api.reads.sources import event
from api.schema import lists
from api.schema.filings import Filing
from api.schema.notifications import Notification


@strawberry.type(description="订阅 / what can be listened to")
class Subscription:
    """What can be listened to: what has changed is read again with the rows that the listener sees at that moment."""

    filing_changed: Filing = event(
        lists.FILINGS, "办理有变动的备案,限可见者 / a filing that something was done with, within the caller's rows"
    )
    notification_received: Notification = event(
        lists.NOTIFICATIONS, "本人的新通知 / a new notification of one's own", filtered=False, personal=True
    )
