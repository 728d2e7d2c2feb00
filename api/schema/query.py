"""The root of all reads."""

import datetime as dt
from typing import Any

import strawberry

from api.reads.sources import (
    NodeById,
    ToMany,
    ToOne,
    Virtual,
    argument,
    computed,
    connection,
    found,
    read,
    searching,
)
from api.schema import lists, planning, policy, review, templates
from api.schema.assessments import Assessment, AssessmentBody, AssessmentFinding, AssessmentPlan
from api.schema.audit import AuditEvent
from api.schema.city import CalendarDay, District, Membership, Organisation, Tenant, User
from api.schema.common import Connection, Node
from api.schema.filings import Filing, MonthlyReturn, ReviewPeriod
from api.schema.imports import ImportProblem, ImportRun
from api.schema.inquiries import Inquiry, KnowledgeArticle
from api.schema.inspections import Inspection, InspectionBatch, InspectionCampaign, OverdueNotice, SelfInspection
from api.schema.mailed import MailedPackage
from api.schema.notifications import Notification, NotificationPreference
from api.schema.panels import ExpertAppointment, PanelCase, PanelSession
from api.schema.people import ServiceAccount, Session
from api.schema.providers import Provider
from api.schema.rectification import RectificationMeasure, RectificationPlan, RiskAssessment, RiskFinding
from api.schema.statistics import Statistics
from api.schema.systems import Grading, System
from api.schema.work import WorkItem
from authz.scopes import MEMBERSHIP, TENANT, USER
from domain.templates.forms import LetterKind


@strawberry.type(description="当前登录者 / who is signed in")
class Viewer:
    """Who is signed in."""

    user: User | None = read(ToOne(lambda _, t: t.c.id == USER), "人员 / the person")
    membership: Membership | None = read(
        ToOne(lambda _, t: t.c.id == MEMBERSHIP), "当前身份 / the membership acted under"
    )
    memberships: list[Membership] = read(
        ToMany(lambda _, t: (t.c.user_id == USER) & t.c.revoked_at.is_(None)), "有效身份 / memberships in force"
    )
    sessions: list[Session] = read(
        ToMany(lambda _, t: t.c.user_id == USER, ("-created_at", "-id")), "本人的登录,新者在前 / where one is signed in"
    )
    work_queue: Connection[WorkItem] = connection(
        lists.WORK_ITEMS, "待办,先到期者在前 / what waits for the person, what is due first goes first"
    )
    notifications: Connection[Notification] = connection(lists.NOTIFICATIONS, "通知 / what the person was told")
    notification_preferences: list[NotificationPreference] = read(
        ToMany(lambda _, t: t.c.user_id == USER, ("kind",)),
        "通知方式的设置 / how the person wants to be told",
    )
    tenant: Tenant | None = read(ToOne(lambda _, t: t.c.id == TENANT), "所在城市 / the city")


@strawberry.type(description="检索结果,按类别 / what a text finds, kind by kind")
class SearchResults:
    """What a text finds, kind by kind: the lists of the root, each within the caller's rows."""

    systems: Connection[System] = found(lists.SYSTEMS, "名称或编号含有的信息系统 / systems")
    organisations: Connection[Organisation] = found(lists.ORGANISATIONS, "名称含有的机构 / organisations")
    filings: Connection[Filing] = found(lists.FILINGS, "备案编号含有的备案 / filings, by their numbers")
    users: Connection[User] = found(lists.USERS, "姓名或用户名含有的人员 / people")
    campaigns: Connection[InspectionCampaign] = found(
        lists.CAMPAIGNS, "名称或报告文号含有的检查工作 / inspection campaigns"
    )
    inquiries: Connection[Inquiry] = found(lists.INQUIRIES, "标题含有的咨询 / inquiries")
    rectification_plans: Connection[RectificationPlan] = found(
        lists.RECTIFICATION_PLANS, "名称含有的整改方案 / rectification plans"
    )
    knowledge_articles: Connection[KnowledgeArticle] = found(
        lists.KNOWLEDGE_ARTICLES, "含有的知识库条目 / knowledge articles"
    )


def _by_id(source: NodeById, name: str, annotation: object, description: str) -> Any:
    made = read(source, description)
    made.arguments = [argument(name, annotation, "全局标识 / opaque global id")]
    return made


@strawberry.type(description="查询 / all that can be read")
class Query:
    """All that can be read."""

    viewer: Viewer | None = read(Virtual(), "当前登录者,未登录时为空 / who is signed in, null when nobody is")
    node: Node | None = _by_id(NodeById(), "id", strawberry.ID, "按标识取对象 / an object by its id")
    nodes: list[Node | None] = _by_id(
        NodeById(many=True), "ids", list[strawberry.ID], "按标识取多个对象 / objects by ids"
    )
    search: SearchResults | None = searching("检索系统、机构、备案、人员、咨询与知识库 / looks for a text everywhere")
    districts: Connection[District] = connection(lists.DISTRICTS, "区县 / districts")
    organisations: Connection[Organisation] = connection(lists.ORGANISATIONS, "机构 / organisations")
    users: Connection[User] = connection(lists.USERS, "用户 / people")
    memberships: Connection[Membership] = connection(lists.MEMBERSHIPS, "身份 / memberships")
    service_accounts: Connection[ServiceAccount] = connection(lists.SERVICE_ACCOUNTS, "服务账户 / programs' accounts")
    permissions: list[policy.Permission] = computed(
        policy.permissions,
        "本市现行权限,逐项操作、逐个职责 / what each duty may do in this city now",
        argument("operation", str | None, "只列某项操作 / of one operation only"),
    )
    letter_templates: list[templates.LetterForm] = computed(
        templates.letter_templates,
        "各种公文的模板(市信息办) / the templates of papers, for the city office",
        argument("kind", LetterKind | None, "只列某种公文 / of one kind only"),
    )
    letter_preview: templates.LetterPreview = computed(
        templates.letter_preview,
        "以样例内容预览某种公文(市管理员) / how a paper of a kind would look, with facts of nobody (city admin)",
        argument("kind", LetterKind, "公文种类 / the kind"),
        argument("template", templates.LetterTemplateInput | None, "拟用的模板,不填为现用的 / the one in use without"),
    )
    policy_changes: Connection[policy.PolicyChange] = connection(
        lists.POLICY_CHANGES, "权限变更的历史 / how the policy has changed"
    )
    systems: Connection[System] = connection(lists.SYSTEMS, "信息系统 / systems")
    gradings: Connection[Grading] = connection(lists.GRADINGS, "定级 / gradings")
    filings: Connection[Filing] = connection(lists.FILINGS, "备案 / filings")
    monthly_returns: Connection[MonthlyReturn] = connection(lists.MONTHLY_RETURNS, "月报 / monthly returns")
    inquiries: Connection[Inquiry] = connection(lists.INQUIRIES, "咨询 / inquiries")
    knowledge_articles: Connection[KnowledgeArticle] = connection(
        lists.KNOWLEDGE_ARTICLES, "知识库:已发布的答复 / the knowledge base: published answers"
    )
    panel_sessions: Connection[PanelSession] = connection(lists.PANEL_SESSIONS, "评审会 / sessions of the panel")
    panel_cases: Connection[PanelCase] = connection(lists.PANEL_CASES, "评审事项 / cases before the panel")
    expert_appointments: Connection[ExpertAppointment] = connection(
        lists.EXPERT_APPOINTMENTS, "专家聘任 / appointments to the panel"
    )
    assessment_bodies: Connection[AssessmentBody] = connection(lists.ASSESSMENT_BODIES, "测评机构 / assessment bodies")
    assessment_plans: Connection[AssessmentPlan] = connection(
        lists.ASSESSMENT_PLANS, "年度测评计划(市信息办) / yearly plans, of the city office"
    )
    assessments: Connection[Assessment] = connection(lists.ASSESSMENTS, "等级测评 / level assessments")
    assessment_findings: Connection[AssessmentFinding] = connection(
        lists.ASSESSMENT_FINDINGS, "测评发现的问题 / what assessments found"
    )
    assessment_plan_proposal: planning.PlanProposal = computed(
        planning.assessment_plan_proposal,
        "某年应测评系统的计划建议(市经办人) / what a year's plan would hold, for the city office",
        argument("year", int, "年度:今年或明年 / this year or the next"),
        argument("first", int | None, "只取前几项(至多 1000;默认 100) / only so many, 1000 at most, 100 by default"),
    )
    campaigns: Connection[InspectionCampaign] = connection(lists.CAMPAIGNS, "检查工作 / inspection campaigns")
    inspection_batches: Connection[InspectionBatch] = connection(
        lists.INSPECTION_BATCHES, "滚动检查的批次(市) / batches of the rolling programme, for the city office"
    )
    inspections: Connection[Inspection] = connection(lists.INSPECTIONS, "检查 / inspections")
    overdue_notices: Connection[OverdueNotice] = connection(
        lists.OVERDUE_NOTICES, "逾期警告与通报 / warnings that an order was not answered in time"
    )
    self_inspections: Connection[SelfInspection] = connection(lists.SELF_INSPECTIONS, "系统自查 / self-inspections")
    review_periods: Connection[ReviewPeriod] = connection(
        lists.REVIEW_PERIODS, "各次备案审核及其期限 / reviews of filings, each run of the clock"
    )
    statistics: Statistics | None = read(Virtual(), "统计,限可见的数据 / statistics within the caller's rows")
    risk_assessments: Connection[RiskAssessment] = connection(lists.RISK_ASSESSMENTS, "风险评估 / risk assessments")
    risk_findings: Connection[RiskFinding] = connection(lists.RISK_FINDINGS, "发现的风险 / risks that were found")
    rectification_plans: Connection[RectificationPlan] = connection(
        lists.RECTIFICATION_PLANS, "整改方案 / rectification plans"
    )
    rectification_measures: Connection[RectificationMeasure] = connection(
        lists.RECTIFICATION_MEASURES, "整改措施,先到期者在前 / measures, what is due first goes first"
    )
    providers: Connection[Provider] = connection(
        lists.PROVIDERS, "推荐机构名录 / the directory of recommended providers"
    )
    calendar_days: Connection[CalendarDay] = connection(
        lists.CALENDAR_DAYS, "本市对单日的工作日调整 / the city's own rulings on single days"
    )
    working_days: review.WorkingDay = computed(
        review.working_days,
        "某日之后的第 count 个工作日,依本市日历 / the count-th working day after a day, by the city's calendar",
        argument("from", dt.date, "起算日(不计) / the day after which to count"),
        argument("count", int, "第几个(1 至 1000) / which one, 1 to 1000"),
    )
    verify_letter: review.LetterVerification = computed(
        review.verify_letter,
        "公文(复函、通知书、意见书、回执、报告)真伪查验,任何人可用 / "
        "whether a numbered paper is genuine, for anyone who holds it",
        argument("number", str, "文号 / its number"),
        argument("code", str, "验证码 / its verification code"),
        open_to_all=True,
    )
    filing_changes: list[review.FieldChange] | None = computed(
        review.filing_changes,
        "逐项比较两个版本(备案或某次提交),任一不可见时为空 / "
        "two versions place by place, each a filing or a submission; null unless both can be seen",
        argument("from", strawberry.ID, "原版本 / the former version"),
        argument("to", strawberry.ID, "现版本 / the later version"),
    )
    monthly_return_overview: list[review.MonthlyReturnStanding] = computed(
        review.monthly_return_overview,
        "各区县某月月报报送情况(市);本区县的(区县) / "
        "how every district stands with a month's return, for the city office; its own for a district office",
        argument("month", dt.date, "月份中任一日 / any day of the month"),
    )
    mailed_packages: Connection[MailedPackage] = connection(
        lists.MAILED_PACKAGES, "经电子邮件收到的备案材料(本机关) / packages that came to one's office by e-mail"
    )
    import_runs: Connection[ImportRun] = connection(
        lists.IMPORT_RUNS, "批量导入(本机构) / imports of one's organisation"
    )
    import_problems: Connection[ImportProblem] = connection(
        lists.IMPORT_PROBLEMS, "导入问题(本机构) / problems of one's organisation's imports"
    )
    audit_events: Connection[AuditEvent] = connection(lists.AUDIT_EVENTS, "审计记录(须有管理员职责) / the audit trail")
