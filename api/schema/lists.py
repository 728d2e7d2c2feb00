"""The paged lists: what each can be filtered and ordered by. Everything here has an index led by the tenant."""

from __future__ import annotations

from sqlalchemy import Boolean, false, func

from api.reads.listings import (
    Filter,
    before_moment,
    by_flag,
    by_id,
    by_level,
    by_relation,
    by_term,
    by_terms,
    by_text,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import TODAY, vocabulary
from authz.waiting import WorkAction, WorkItem
from domain.access import Role
from domain.audit.entities import AuditEvent
from domain.filings.entities import Filing, FilingChannel, FilingState
from domain.grading.entities import Grading, GradingState
from domain.imports.entities import ImportKind, ImportMode, ImportProblem, ImportRun, ImportState
from domain.inquiries.entities import ArticleState, Inquiry, InquiryState, InquiryTopic, KnowledgeArticle
from domain.notifications.entities import Notification
from domain.notifications.kinds import NotificationKind
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.panels.entities import (
    ExpertAppointment,
    PanelCase,
    PanelCaseState,
    PanelPurpose,
    PanelSession,
    PanelSessionState,
)
from domain.people.entities import Membership, User
from domain.replies.entities import ReplyKind, ReplyState
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.systems.entities import System
from domain.tenants.entities import CalendarDay, District

for _term in (
    ArticleState,
    AuthorityLevel,
    FilingChannel,
    FilingState,
    GradingState,
    ImportKind,
    ImportMode,
    ImportState,
    InquiryState,
    InquiryTopic,
    MonthlyReturnState,
    NotificationKind,
    OrganisationKind,
    PanelCaseState,
    PanelPurpose,
    PanelSessionState,
    ReplyKind,
    ReplyState,
    Role,
    WorkAction,
):
    vocabulary(_term)

UNIT = "某单位的 / of one unit"
SYSTEM = "某系统的 / of one system"
DISTRICT = "某区县的 / of one district"
STATE = "处于某状态的 / in one state"
UNIT_THAT = "其单位符合条件的 / whose unit matches"
SYSTEM_THAT = "其系统符合条件的 / whose system matches"
DISTRICT_THAT = "其区县符合条件的 / whose district matches"
PERSON_THAT = "其人员符合条件的 / whose person matches"
ORGANISATION_THAT = "其机构符合条件的 / whose organisation matches"
STATES = "处于所列状态之一的 / in one of these states"

DISTRICTS = listing(
    "District",
    District,
    [by_text(("name",), "名称含有 / whose name contains")],
    {"DIVISION_CODE": "division_code", "NAME": "name"},
    "DIVISION_CODE",
)
CALENDAR_DAYS = listing(
    "CalendarDay",
    CalendarDay,
    [
        from_date("dayFrom", "day", "此日起 / from this day on"),
        until_date("dayUntil", "day", "至此日 / up to this day"),
    ],
    {"DAY": "day"},
    "DAY",
)
ORGANISATIONS = listing(
    "Organisation",
    Organisation,
    [
        by_term("kind", "kind", OrganisationKind, "某类机构 / of one kind"),
        by_terms("kinds", "kind", OrganisationKind, "所列类别之一的 / of one of these kinds"),
        by_term("authorityLevel", "authority_level", AuthorityLevel, "市级或区县级 / filing at one level"),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_id("supervisingUnitId", "supervising_unit_id", "org", "某主管部门下属的 / supervised by one unit"),
        by_text(("name",), "名称含有 / whose name contains"),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
        by_relation(
            "supervisingUnit",
            "supervising_unit_id",
            "Organisation",
            "其主管部门符合条件的 / whose supervising unit matches",
        ),
    ],
    {"NAME": "name", "CREATED_AT": "created_at"},
    "NAME",
)
USERS = listing(
    "User",
    User,
    [by_text(("display_name", "username"), "姓名或用户名含有 / whose name contains")],
    {"DISPLAY_NAME": "display_name", "CREATED_AT": "created_at"},
    "DISPLAY_NAME",
)
MEMBERSHIPS = listing(
    "Membership",
    Membership,
    [
        by_id("userId", "user_id", "usr", "某人的 / of one person"),
        by_id("organisationId", "organisation_id", "org", "某机构的 / in one organisation"),
        by_term("role", "role", Role, "某角色的 / with one role"),
        by_relation("user", "user_id", "User", PERSON_THAT),
        by_relation("organisation", "organisation_id", "Organisation", ORGANISATION_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "CREATED_AT",
)
SYSTEMS = listing(
    "System",
    System,
    [
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("parentSystemId", "parent_system_id", "sys", "某系统的分系统 / part of one system"),
        by_level("level", "level", "某级别的 / of one level"),
        by_flag("important", "important", "是否重要信息系统 / whether marked important"),
        from_date("inServiceFrom", "in_service_on", "投入运行不早于 / in service on this day or later"),
        until_date("inServiceUntil", "in_service_on", "投入运行不晚于 / in service on this day or earlier"),
        by_text(("name", "code"), "名称或编号含有 / whose name or code contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation(
            "parentSystem", "parent_system_id", "System", "其上级系统符合条件的 / part of a system that matches"
        ),
        by_relation(
            "currentGrading", "current_grading_id", "Grading", "其现行定级符合条件的 / whose grading in force matches"
        ),
        by_relation(
            "currentFiling", "current_filing_id", "Filing", "其现行备案符合条件的 / whose filing in force matches"
        ),
    ],
    {"NAME": "name", "CREATED_AT": "created_at", "LEVEL": "level"},
    "NAME",
)
GRADINGS = listing(
    "Grading",
    Grading,
    [
        by_term("state", "state", GradingState, STATE),
        by_terms("states", "state", GradingState, STATES),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("unitId", "unit_id", "org", UNIT),
        by_level("level", "level", "某级别的 / of one level"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
FILINGS = listing(
    "Filing",
    Filing,
    [
        by_term("state", "state", FilingState, STATE),
        by_terms("states", "state", FilingState, STATES),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("districtId", "district_id", "dis", DISTRICT),
        by_id("monthlyReturnId", "monthly_return_id", "ret", "某月报中的 / in one monthly return"),
        by_term("authority", "authority", AuthorityLevel, "市级或区县级 / filed at one level"),
        by_term("channel", "channel", FilingChannel, "某渠道的 / that came by one way"),
        by_level("level", "level", "某级别的 / of one level"),
        from_moment("submittedFrom", "submitted_at", "提交于此时起 / submitted at this moment or later"),
        before_moment("submittedBefore", "submitted_at", "提交于此时前 / submitted before this moment"),
        from_date("reviewDueFrom", "review_due_on", "审核期限不早于 / due on this day or later"),
        until_date("reviewDueUntil", "review_due_on", "审核期限不晚于 / due on this day or earlier"),
        by_text(("number",), "备案编号含有 / whose number contains"),
        by_relation("unit", "unit_id", "Organisation", UNIT_THAT),
        by_relation("system", "system_id", "System", SYSTEM_THAT),
        by_relation("grading", "grading_id", "Grading", "所据定级符合条件的 / whose grading matches"),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
        by_relation(
            "monthlyReturn", "monthly_return_id", "MonthlyReturn", "所在月报符合条件的 / whose monthly return matches"
        ),
    ],
    {"CREATED_AT": "created_at", "SUBMITTED_AT": "submitted_at", "REVIEW_DUE_ON": "review_due_on"},
    "-CREATED_AT",
)
MONTHLY_RETURNS = listing(
    "MonthlyReturn",
    MonthlyReturn,
    [
        by_term("state", "state", MonthlyReturnState, STATE),
        by_terms("states", "state", MonthlyReturnState, STATES),
        by_id("districtId", "district_id", "dis", DISTRICT),
        from_date("monthFrom", "month", "月份不早于(该月首日) / this month or later, by its first day"),
        until_date("monthUntil", "month", "月份不晚于(该月首日) / this month or earlier, by its first day"),
        by_flag("late", "late", "是否逾期 / whether handed in late"),
        by_relation("district", "district_id", "District", DISTRICT_THAT),
    ],
    {"MONTH": "month"},
    "-MONTH",
)
INQUIRIES = listing(
    "Inquiry",
    Inquiry,
    [
        by_term("state", "state", InquiryState, STATE),
        by_terms("states", "state", InquiryState, STATES),
        by_id("unitId", "unit_id", "org", UNIT),
        by_term("topic", "topic", InquiryTopic, "某一事项的 / on one topic"),
        by_terms("topics", "topic", InquiryTopic, "所列事项之一的 / on one of these topics"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
        by_text(("title",), "标题含有 / whose title contains"),
    ],
    {"LAST_MESSAGE_AT": "last_message_at", "CREATED_AT": "created_at"},
    "-LAST_MESSAGE_AT",
)
KNOWLEDGE_ARTICLES = listing(
    "KnowledgeArticle",
    KnowledgeArticle,
    [
        by_term("state", "state", ArticleState, STATE),
        by_term("topic", "topic", InquiryTopic, "某一事项的 / on one topic"),
        by_terms("topics", "topic", InquiryTopic, "所列事项之一的 / on one of these topics"),
        by_id("inquiryId", "inquiry_id", "inq", "出自某咨询的(仅市信息办) / from one inquiry (city office only)"),
        from_moment("publishedFrom", "created_at", "发布于此时起 / published at this moment or later"),
        before_moment("publishedBefore", "created_at", "发布于此时前 / published before this moment"),
        by_text(("title", "question", "answer"), "标题、问题或答复含有 / whose title, question or answer contains"),
    ],
    {"PUBLISHED_AT": "created_at", "TITLE": "title"},
    "-PUBLISHED_AT",
)
PANEL_SESSIONS = listing(
    "PanelSession",
    PanelSession,
    [
        by_term("state", "state", PanelSessionState, STATE),
        by_terms("states", "state", PanelSessionState, STATES),
        by_term("purpose", "purpose", PanelPurpose, "某一目的的 / for one purpose"),
        from_date("heldFrom", "held_on", "会议不早于 / held on this day or later"),
        until_date("heldUntil", "held_on", "会议不晚于 / held on this day or earlier"),
        by_text(("place", "note"), "地点或备注含有 / whose place or note contains"),
    ],
    {"HELD_ON": "held_on", "CREATED_AT": "created_at"},
    "-HELD_ON",
)
PANEL_CASES = listing(
    "PanelCase",
    PanelCase,
    [
        by_term("state", "state", PanelCaseState, STATE),
        by_terms("states", "state", PanelCaseState, STATES),
        by_term("purpose", "purpose", PanelPurpose, "某一目的的 / for one purpose"),
        by_id("sessionId", "session_id", "pss", "某评审会的 / of one session"),
        by_id("unitId", "unit_id", "org", UNIT),
        by_id("systemId", "system_id", "sys", SYSTEM),
        by_id("filingId", "filing_id", "fil", "某备案的 / of one filing"),
        by_id("gradingId", "grading_id", "grd", "某定级的 / of one grading"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
EXPERT_APPOINTMENTS = listing(
    "ExpertAppointment",
    ExpertAppointment,
    [
        by_id("userId", "user_id", "usr", "某人的 / of one person"),
        from_date("endsFrom", "valid_until", "聘期止不早于此日 / whose term ends on this day or later"),
        until_date("endsUntil", "valid_until", "聘期止不晚于此日 / whose term ends on this day or earlier"),
        by_text(("employer_name",), "工作单位含有 / whose employer's name contains"),
    ],
    {"CREATED_AT": "created_at", "VALID_UNTIL": "valid_until"},
    "-CREATED_AT",
)
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
IMPORT_PROBLEMS = listing(
    "ImportProblem",
    ImportProblem,
    [by_id("runId", "run_id", "imp", "某次导入的 / of one import")],
    {"ROW": "row_number"},
    "ROW",
)
