"""The paged lists of what a person is told: work queue, notifications, trail, imports."""

from __future__ import annotations

from sqlalchemy import Boolean, false, func

from api.reads.listings import (
    Filter,
    before_moment,
    by_any_id,
    by_flag,
    by_id,
    by_relation,
    by_term,
    by_terms,
    by_word,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import TODAY, vocabulary
from api.schema.lists.wording import ORGANISATION_THAT, PERSON_THAT, STATE, STATES
from authz.waiting import WorkAction, WorkItem
from domain.audit.entities import AuditEvent, AuditOutcome
from domain.imports.entities import ImportKind, ImportMode, ImportProblem, ImportRun, ImportState
from domain.mailed.entities import MailedPackage, MailedPackageState
from domain.notifications.entities import Notification
from domain.notifications.kinds import NotificationKind

for _term in (AuditOutcome, ImportKind, ImportMode, ImportState, MailedPackageState, NotificationKind, WorkAction):
    vocabulary(_term)

WORK_ITEMS = listing(
    "WorkItem",
    WorkItem,
    [
        by_term("action", "action", WorkAction, "某事项的 / of one action"),
        by_terms("actions", "action", WorkAction, "所列事项之一的 / of one of these actions"),
        from_date("dueFrom", "due_on", "期限不早于 / due on this day or later"),
        until_date("dueUntil", "due_on", "期限不晚于 / due on this day or earlier"),
        Filter(
            "overdue",
            bool,
            Boolean(),
            bool,
            lambda t, v: func.coalesce(t.c.due_on < TODAY, false()) == v,
            frozenset({"due_on"}),
            "是否逾期 / whether overdue",
        ),
    ],
    {"DUE_ON": "due_on", "CREATED_AT": "created_at"},
    "DUE_ON",
)
NOTIFICATIONS = listing(
    "Notification",
    Notification,
    [
        by_flag("unread", "unread", "是否未读 / whether unread"),
        by_term("kind", "kind", NotificationKind, "某事项的 / of one kind"),
        by_terms("kinds", "kind", NotificationKind, "所列事项之一的 / of one of these kinds"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
AUDIT_EVENTS = listing(
    "AuditEvent",
    AuditEvent,
    [
        by_id("userId", "user_id", "usr", "某人的 / of one person"),
        by_id("organisationId", "organisation_id", "org", "某机构的 / of one organisation"),
        by_word("action", "action", "某事项的 / of one action"),
        by_any_id("subjectId", "subject_id", "某对象的 / done to one thing, of whatever kind"),
        by_term("outcome", "outcome", AuditOutcome, "某结果的 / with one outcome"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_relation("user", "user_id", "User", PERSON_THAT),
        by_relation("organisation", "organisation_id", "Organisation", ORGANISATION_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
IMPORT_RUNS = listing(
    "ImportRun",
    ImportRun,
    [
        by_term("state", "state", ImportState, STATE),
        by_terms("states", "state", ImportState, STATES),
        by_term("kind", "kind", ImportKind, "某类内容的 / of files of one kind"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
MAILED_PACKAGES = listing(
    "MailedPackage",
    MailedPackage,
    [
        by_term("state", "state", MailedPackageState, STATE),
        by_terms("states", "state", MailedPackageState, STATES),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
IMPORT_PROBLEMS = listing(
    "ImportProblem",
    ImportProblem,
    [by_id("runId", "run_id", "imp", "某次导入的 / of one import")],
    {"ROW": "row_number"},
    "ROW",
)
