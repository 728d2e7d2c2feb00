"""Every kind of background work: its name in the queue, and what it runs. Names stay, for jobs outlive a release."""

from __future__ import annotations

from collections.abc import Mapping

from domain.background import Task, Tasks
from domain.filings import tasks as filings
from domain.imports import tasks as imports
from domain.notifications import tasks as notifications
from domain.notifications.mailing import mail
from domain.notifications.reminders import remind
from domain.papers.tasks import render
from domain.people.reset import mail_link

TASKS: Tasks = {
    "filings.settle_due_dates": Task(filings.settle_due_dates),
    "imports.run": Task(imports.run_import),
    "notifications.deliver": Task(notifications.deliver),
    "notifications.mail": Task(mail, priority=-1),
    "papers.render": Task(render),
    "people.mail_link": Task(mail_link),
    "reminders.send": Task(remind),
}
# Tasks that run for every tenant at their own times: cron, by China's clock.
SCHEDULES: Mapping[str, str] = {"filings.settle_due_dates": "0 6 * * *", "reminders.send": "30 8,13 * * *"}
