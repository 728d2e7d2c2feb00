"""Every kind of background work: its name in the queue, and what it runs. Names stay, for jobs outlive a release."""

from __future__ import annotations

from domain.background import Tasks

TASKS: Tasks = {}
