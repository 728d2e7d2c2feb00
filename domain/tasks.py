"""Every kind of background work: its name in the queue, and what it runs. Names stay, for jobs outlive a release."""

from __future__ import annotations

from collections.abc import Mapping

from domain.audit import tasks as audit
from domain.background import Task, Tasks
from domain.documents import tasks as documents
from domain.filings import tasks as filings
from domain.imports import tasks as imports
from domain.mailed.collecting import collect
from domain.notifications import tasks as notifications
from domain.notifications.mailing import mail
from domain.notifications.reminders import remind
from domain.papers.tasks import render
from domain.people.reset import mail_link
from domain.selfinspections.tasks import open_self_inspections

TASKS: Tasks = {
    "audit.checkpoint": Task(audit.checkpoint, priority=-1),
    "audit.seal": Task(audit.seal),
    "documents.discard": Task(documents.discard_object, priority=-1),
    "documents.examine": Task(documents.examine, attempts=12),
    "documents.settle": Task(documents.settle, priority=-1),
    "documents.tidy": Task(documents.tidy, priority=-1),
    "filings.settle_due_dates": Task(filings.settle_due_dates),
    "imports.run": Task(imports.run_import, given_up=imports.give_up),
    "mailed.collect": Task(collect, attempts=1, priority=-1),
    "notifications.deliver": Task(notifications.deliver),
    "notifications.mail": Task(mail, priority=-1),
    "papers.render": Task(render),
    "people.mail_link": Task(mail_link),
    "reminders.send": Task(remind),
    "self_inspections.open": Task(open_self_inspections),
}
# Tasks that run for every tenant at their own times: cron, by China's clock.
SCHEDULES: Mapping[str, str] = {
    "audit.checkpoint": "7 * * * *",
    "audit.seal": "*/5 * * * *",
    "documents.tidy": "20 * * * *",
    "filings.settle_due_dates": "0 6 * * *",
    "mailed.collect": "*/5 * * * *",
    "self_inspections.open": "0 7 * * *",
    "reminders.send": "30 8,13 * * *",
}
