"""Every kind of background work: its name in the queue, and what it runs. Names stay, for jobs outlive a release."""

from __future__ import annotations

from collections.abc import Mapping

from domain.background import Task, Tasks
from domain.imports import tasks as imports
from domain.notifications import tasks as notifications
from domain.notifications.mailing import mail
from domain.notifications.reminders import remind
from domain.papers.tasks import render

TASKS: Tasks = {
    "imports.run": Task(imports.run_import),
    "notifications.deliver": Task(notifications.deliver),
    "notifications.mail": Task(mail, priority=-1),
    "papers.render": Task(render),
    "reminders.send": Task(remind),
}
# Tasks that run for every tenant at their own times: cron, by China's clock.
SCHEDULES: Mapping[str, str] = {"reminders.send": "30 8,13 * * *"}
