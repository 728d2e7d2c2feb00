"""What waits for whom (待办): worked out from the rows themselves, by one table, and never stored.

A row of the table says of which things in which state, what has to be done, by whom (role and duty, the organisation or
person, and who must not, having done the step before) and by when. The rows become one sub-select of which a person's
queue is a part, so that it is filtered, ordered, counted and paged like any other list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Interval,
    Text,
    Uuid,
    and_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.access import Duty, Role
from domain.assessments.entities import Assessment, AssessmentState
from domain.base import Base, TenantRow
from domain.filings.entities import Filing, FilingState
from domain.grading.entities import Grading, GradingState
from domain.inquiries.entities import Inquiry, InquiryState
from domain.inspections.entities import Inspection, InspectionState, OrderState, RectificationOrder
from domain.mailed.entities import MailedPackage, MailedPackageState
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.panels.entities import (
    ExpertAppointment,
    Opinion,
    PanelAssignment,
    PanelCase,
    PanelCaseState,
    PanelSession,
)
from domain.rectification.entities import PlanState, RectificationMeasure, RectificationPlan
from domain.replies.entities import ReplyLetter, ReplyState
from domain.returns.entities import MonthlyReturn, MonthlyReturnState
from domain.selfinspections.entities import SelfInspection, SelfInspectionState
from domain.systems.entities import System
from domain.text import Term

TENANT = bindparam("scope_tenant", None, type_=Uuid())
C, D, U, E, B = Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.UNIT, Role.EXPERT, Role.ASSESSOR


class WorkAction(Term):
    """What has to be done (待办事项); the name is the mutation's that does it, or begins it."""

    SUBMIT_GRADING = "SUBMIT_GRADING", "完成并提交定级", "finish a grading and submit it"
    CONFIRM_GRADING = "CONFIRM_GRADING", "审批定级", "confirm or return a grading"
    COMPLETE_FILING = "COMPLETE_FILING", "补齐备案材料", "complete a filing's form and documents"
    SUBMIT_FILING = "SUBMIT_FILING", "提交备案", "submit a complete filing"
    WITHDRAW_FILING = "WITHDRAW_FILING", "撤回无须备案的备案", "withdraw a filing that is no longer called for"
    RESUBMIT_FILING = "RESUBMIT_FILING", "重新提交备案", "submit a filing again"
    ADJUST_LEVEL = "ADJUST_LEVEL", "调整定级", "grade the system anew, as the experts advise"
    RECEIVE_FILING = "RECEIVE_FILING", "接收备案", "receive a filing"
    ENTER_FILING = "ENTER_FILING", "录入经邮件收到的备案材料", "enter a package that came by e-mail"
    SUBMIT_MONTHLY_RETURN = "SUBMIT_MONTHLY_RETURN", "报送月报", "hand in the monthly return"
    DRAFT_REPLY = "DRAFT_REPLY", "审核并拟复函", "review a filing and draft the reply"
    ISSUE_REPLY = "ISSUE_REPLY", "签发复函", "issue or return a reply"
    ASSIGN_EXPERTS = "ASSIGN_EXPERTS", "安排评审、指派专家", "put a case on a session and assign its experts"
    CONCLUDE_CASE = "CONCLUDE_CASE", "形成评审结论", "conclude a case"
    SUBMIT_OPINION = "SUBMIT_OPINION", "出具评审意见", "give an opinion on a case"
    NOTIFY_INSPECTION = "NOTIFY_INSPECTION", "通知单位将受检查", "notify the unit of an inspection"
    START_INSPECTION = "START_INSPECTION", "开展检查", "carry out an inspection on its day"
    DRAFT_ORDER = "DRAFT_ORDER", "记录检查结果,拟整改通知或结案", "record findings, draft the order or close"
    ISSUE_ORDER = "ISSUE_ORDER", "签发整改通知书", "issue or return a rectification order"
    RESPOND_TO_ORDER = "RESPOND_TO_ORDER", "整改并反馈", "rectify, and respond to the order"
    CLOSE_INSPECTION = "CLOSE_INSPECTION", "审核整改反馈并结案", "judge the response, and close the inspection"
    SAVE_SELF_INSPECTION = "SAVE_SELF_INSPECTION", "开展系统自查", "answer a self-inspection's items"
    SUBMIT_SELF_INSPECTION = "SUBMIT_SELF_INSPECTION", "报送系统自查", "submit a self-inspection"
    ANSWER_INQUIRY = "ANSWER_INQUIRY", "答复咨询", "answer an inquiry"
    ORGANISE_ASSESSMENT = "ORGANISE_ASSESSMENT", "为计划中的测评指定机构", "give a planned assessment to a body"
    RECORD_FUNDING = "RECORD_FUNDING", "落实并登记测评经费", "secure an assessment's funding and record it"
    ACCEPT_ASSESSMENT = "ACCEPT_ASSESSMENT", "接受或谢绝测评委托", "take or decline an assessment"
    UPLOAD_ASSESSMENT_REPORT = (
        "UPLOAD_ASSESSMENT_REPORT",
        "完成测评并上传报告",
        "finish an assessment, upload its report",
    )
    CONFIRM_ASSESSMENT_REPORT = "CONFIRM_ASSESSMENT_REPORT", "确认测评报告", "confirm an assessment's report"
    RECEIVE_ASSESSMENT_REPORT = "RECEIVE_ASSESSMENT_REPORT", "接收或退回测评报告", "receive or return a report"
    SAVE_RECTIFICATION_PLAN = "SAVE_RECTIFICATION_PLAN", "完善整改方案", "complete or revise a rectification plan"
    SUBMIT_RECTIFICATION_PLAN = "SUBMIT_RECTIFICATION_PLAN", "提交整改方案", "submit a rectification plan"
    REVIEW_RECTIFICATION_PLAN = (
        "REVIEW_RECTIFICATION_PLAN",
        "审核整改方案",
        "approve or return a plan on which the panel has concluded",
    )
    UPDATE_MEASURE = "UPDATE_MEASURE", "落实整改措施", "carry out a measure and report on it"
    COMPLETE_RECTIFICATION = "COMPLETE_RECTIFICATION", "办结整改", "complete a rectification with evidence"
    CLOSE_INQUIRY = "CLOSE_INQUIRY", "查看答复并办结咨询", "read the answer, then close the inquiry or ask further"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of the table. ``subject`` is what the item is about; ``joined`` what else its conditions need.

    Whose it is: of everybody with ``duty`` (None: whichever) in ``role``, in the ``organisation`` (of units) or
    ``district``, or of one ``person``; ``but`` is who may not do it. ``due`` is the last day, ``since`` when it began.
    """

    action: WorkAction
    role: Role
    duty: Duty | None
    subject: FromClause
    where: ColumnElement[bool]
    since: ColumnElement[Any]
    joined: Sequence[FromClause] = ()
    organisation: ColumnElement[Any] | None = None
    district: ColumnElement[Any] | None = None
    person: ColumnElement[Any] | None = None
    but: ColumnElement[Any] | None = None
    due: ColumnElement[Any] | None = None


def _of(entity: type[Base], name: str) -> FromClause:
    return entity.__table__.alias(name)


grading, filing, reply = _of(Grading, "grading"), _of(Filing, "filing"), _of(ReplyLetter, "reply")
unit, return_, inquiry = _of(Organisation, "unit"), _of(MonthlyReturn, "monthly_return"), _of(Inquiry, "inquiry")
case, session, assignment = _of(PanelCase, "panel_case"), _of(PanelSession, "session"), _of(PanelAssignment, "asked")
assessment = _of(Assessment, "assessment")
plan, measure = _of(RectificationPlan, "plan"), _of(RectificationMeasure, "measure")
other, opinion = _of(ReplyLetter, "waiting_reply"), _of(Opinion, "opinion")
mailed = _of(MailedPackage, "mailed_package")
system, appointment = _of(System, "system"), _of(ExpertAppointment, "appointment")


def _same(table: FromClause, column: str, other_: FromClause) -> ColumnElement[bool]:
    """``table.column`` points to ``other_``, in the caller's city."""
    return and_(other_.c.tenant_id == TENANT, other_.c.id == table.c[column])


inspection, order = _of(Inspection, "inspection"), _of(RectificationOrder, "rectification_order")
self_inspection, drafted = _of(SelfInspection, "self_inspection"), _of(RectificationOrder, "drafted_order")

_required = cast(literal('[{"required": true}]', Text()), JSONB())
_lacks_something = filing.c.missing_items.op("@>", is_comparison=True)(_required)
_plan_lacks_something = plan.c.missing_items.op("@>", is_comparison=True)(_required)
_plan_is_the_units = plan.c.state.in_((PlanState.DRAFT.value, PlanState.RETURNED.value))
_no_reply_waits = ~(
    select(literal(1))
    .select_from(other)
    .where(other.c.tenant_id == TENANT, other.c.filing_id == filing.c.id, other.c.state == ReplyState.DRAFT.value)
    .correlate(filing)
    .exists()
)
_not_yet_said = ~(
    select(literal(1))
    .select_from(opinion)
    .where(opinion.c.tenant_id == TENANT, opinion.c.case_id == case.c.id, opinion.c.expert_id == assignment.c.expert_id)
    .correlate(case, assignment)
    .exists()
)
_no_order_waits = ~(
    select(literal(1))
    .select_from(drafted)
    .where(
        drafted.c.tenant_id == TENANT,
        drafted.c.inspection_id == inspection.c.id,
        drafted.c.state == OrderState.DRAFT.value,
    )
    .correlate(inspection)
    .exists()
)
_today = literal_column("(now() AT TIME ZONE 'Asia/Shanghai')::date", Date())
_term_runs = (
    select(literal(1))
    .select_from(appointment)
    .where(
        appointment.c.tenant_id == TENANT,
        appointment.c.user_id == assignment.c.expert_id,
        appointment.c.dismissed_at.is_(None),
        appointment.c.valid_from <= _today,
        appointment.c.valid_until >= _today,
    )
    .correlate(assignment)
    .exists()
)
_months_last_day = cast(return_.c.month + cast(literal("1 month - 1 day", Text()), Interval()), Date())
# Level 1 is not filed.
_is_filed, _not_filed = (
    (_same(filing, "system_id", system) & each) for each in (system.c.level > 1, system.c.level == 1)
)
_sent_back = filing.c.state.in_((FilingState.INCOMPLETE.value, FilingState.LEVEL_ADJUSTMENT.value))


def _assessment(*states: AssessmentState) -> ColumnElement[bool]:
    return assessment.c.state.in_([state.value for state in states])


def _filing(state: FilingState) -> ColumnElement[bool]:
    return filing.c.state == state.value


def _inspection(state: InspectionState) -> ColumnElement[bool]:
    return inspection.c.state == state.value


def _self_inspection(*and_also: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(self_inspection.c.state == SelfInspectionState.DRAFT.value, *and_also)


def _mailed_to(kind: OrganisationKind) -> ColumnElement[bool]:
    waits = mailed.c.state == MailedPackageState.WAITING.value
    return and_(waits, _same(mailed, "organisation_id", unit), unit.c.kind == kind.value)


W, A, AS = Waiting, WorkAction, AssessmentState
TABLE: Sequence[Waiting] = (
    W(
        A.SUBMIT_GRADING, U, Duty.FILER, grading, grading.c.state == GradingState.DRAFT.value, grading.c.created_at,
        organisation=grading.c.unit_id,
    ),
    W(
        A.CONFIRM_GRADING, U, Duty.APPROVER, grading,
        and_(grading.c.state == GradingState.AWAITING_APPROVAL.value, _same(grading, "unit_id", unit)),
        grading.c.submitted_at, joined=(unit,),
        organisation=func.coalesce(unit.c.supervising_unit_id, unit.c.id), but=grading.c.saved_by_id,
    ),
    W(
        A.COMPLETE_FILING, U, Duty.FILER, filing,
        and_(filing.c.state.in_((FilingState.DRAFT.value, FilingState.INCOMPLETE.value)), _lacks_something),
        filing.c.created_at, organisation=filing.c.unit_id,
    ),
    W(
        A.SUBMIT_FILING, U, Duty.APPROVER, filing, and_(_filing(FilingState.DRAFT), ~_lacks_something),
        filing.c.created_at, organisation=filing.c.unit_id, but=filing.c.saved_by_id,
    ),
    W(
        A.RESUBMIT_FILING, U, Duty.APPROVER, filing, and_(_sent_back, ~_lacks_something, _is_filed),
        filing.c.replied_at, joined=(system,), organisation=filing.c.unit_id, but=filing.c.saved_by_id,
    ),
    W(
        A.WITHDRAW_FILING, U, Duty.APPROVER, filing, and_(_sent_back, _not_filed), filing.c.replied_at,
        joined=(system,), organisation=filing.c.unit_id,
    ),
    W(
        A.ADJUST_LEVEL, U, Duty.FILER, filing, and_(_filing(FilingState.LEVEL_ADJUSTMENT), _is_filed),
        filing.c.replied_at, joined=(system,), organisation=filing.c.unit_id,
    ),
    W(
        A.RECEIVE_FILING, D, Duty.OFFICER, filing,
        and_(_filing(FilingState.SUBMITTED), filing.c.authority == AuthorityLevel.DISTRICT.value),
        filing.c.submitted_at, district=filing.c.district_id,
    ),
    W(
        A.RECEIVE_FILING, C, Duty.OFFICER, filing,
        and_(_filing(FilingState.SUBMITTED), filing.c.authority == AuthorityLevel.CITY.value), filing.c.submitted_at,
    ),
    W(
        A.ENTER_FILING, D, Duty.OFFICER, mailed, _mailed_to(OrganisationKind.DISTRICT_OFFICE), mailed.c.created_at,
        joined=(unit,), district=unit.c.district_id,
    ),
    W(
        A.ENTER_FILING, C, Duty.OFFICER, mailed, _mailed_to(OrganisationKind.CITY_OFFICE), mailed.c.created_at,
        joined=(unit,),
    ),
    W(
        A.SUBMIT_MONTHLY_RETURN, D, Duty.OFFICER, return_, return_.c.state == MonthlyReturnState.OPEN.value,
        return_.c.created_at, district=return_.c.district_id, due=_months_last_day,
    ),
    W(
        A.DRAFT_REPLY, C, Duty.OFFICER, filing, and_(_filing(FilingState.UNDER_REVIEW), _no_reply_waits),
        filing.c.review_started_at, due=filing.c.review_due_on,
    ),
    W(
        A.ISSUE_REPLY, C, Duty.LEADER, reply,
        and_(reply.c.state == ReplyState.DRAFT.value, _same(reply, "filing_id", filing)), reply.c.created_at,
        joined=(filing,), but=reply.c.drafted_by_id, due=filing.c.review_due_on,
    ),
    W(
        A.ASSIGN_EXPERTS, C, Duty.OFFICER, case, case.c.state == PanelCaseState.OPEN.value, case.c.created_at,
    ),
    W(
        A.CONCLUDE_CASE, C, Duty.OFFICER, case,
        and_(case.c.state == PanelCaseState.OPINIONS_IN.value, _same(case, "session_id", session)), case.c.created_at,
        joined=(session,), due=session.c.held_on,
    ),
    W(
        A.SUBMIT_OPINION, E, Duty.EXPERT, case,
        and_(
            case.c.state == PanelCaseState.IN_REVIEW.value, _same(case, "session_id", session),
            assignment.c.tenant_id == TENANT, assignment.c.case_id == case.c.id,
            assignment.c.conflict_declared_at.is_(None), assignment.c.released_at.is_(None), _not_yet_said, _term_runs,
        ),
        assignment.c.created_at, joined=(session, assignment), person=assignment.c.expert_id, due=session.c.held_on,
    ),
    W(
        A.NOTIFY_INSPECTION, C, Duty.OFFICER, inspection,
        and_(_inspection(InspectionState.SCHEDULED), inspection.c.notified_at.is_(None)), inspection.c.created_at,
        due=inspection.c.planned_on,
    ),
    W(
        A.START_INSPECTION, C, Duty.OFFICER, inspection,
        and_(_inspection(InspectionState.SCHEDULED), inspection.c.notified_at.is_not(None)),
        inspection.c.notified_at, due=inspection.c.planned_on,
    ),
    W(
        A.DRAFT_ORDER, C, Duty.OFFICER, inspection, and_(_inspection(InspectionState.IN_PROGRESS), _no_order_waits),
        inspection.c.created_at,
    ),
    W(
        A.ISSUE_ORDER, C, Duty.LEADER, order, order.c.state == OrderState.DRAFT.value, order.c.created_at,
        but=order.c.drafted_by_id,
    ),
    W(
        A.RESPOND_TO_ORDER, U, Duty.APPROVER, inspection, _inspection(InspectionState.ORDER_ISSUED),
        inspection.c.order_issued_at, organisation=inspection.c.unit_id, due=inspection.c.response_due_on,
    ),
    W(
        A.CLOSE_INSPECTION, C, Duty.OFFICER, inspection, _inspection(InspectionState.RESPONDED),
        inspection.c.order_issued_at,
    ),
    W(
        A.SAVE_SELF_INSPECTION, U, Duty.FILER, self_inspection,
        _self_inspection(self_inspection.c.answered < self_inspection.c["items"]), self_inspection.c.created_at,
        organisation=self_inspection.c.unit_id, due=self_inspection.c.due_on,
    ),
    W(
        A.SUBMIT_SELF_INSPECTION, U, Duty.APPROVER, self_inspection,
        _self_inspection(self_inspection.c.answered == self_inspection.c["items"]), self_inspection.c.created_at,
        organisation=self_inspection.c.unit_id, but=self_inspection.c.saved_by_id, due=self_inspection.c.due_on,
    ),
    W(
        A.ANSWER_INQUIRY, C, Duty.ADVISOR, inquiry, inquiry.c.state == InquiryState.OPEN.value,
        inquiry.c.last_message_at,
    ),
    W(
        A.ORGANISE_ASSESSMENT, C, Duty.OFFICER, assessment, _assessment(AS.PLANNED), assessment.c.created_at,
        due=assessment.c.due_on,
    ),
    W(
        A.RECORD_FUNDING, U, Duty.FILER, assessment,
        and_(_assessment(AS.PLANNED, AS.COMMISSIONED, AS.IN_PROGRESS), assessment.c.funding.is_(None)),
        assessment.c.created_at, organisation=assessment.c.unit_id,
    ),
    W(
        A.ACCEPT_ASSESSMENT, B, Duty.ASSESSOR, assessment, _assessment(AS.COMMISSIONED), assessment.c.created_at,
        organisation=assessment.c.body_id,
    ),
    W(
        A.UPLOAD_ASSESSMENT_REPORT, B, Duty.ASSESSOR, assessment, _assessment(AS.IN_PROGRESS, AS.RETURNED),
        assessment.c.accepted_at, organisation=assessment.c.body_id, due=assessment.c.due_on,
    ),
    W(
        A.CONFIRM_ASSESSMENT_REPORT, U, Duty.APPROVER, assessment, _assessment(AS.REPORT_UPLOADED),
        assessment.c.created_at, organisation=assessment.c.unit_id, due=assessment.c.due_on,
    ),
    W(
        A.RECEIVE_ASSESSMENT_REPORT, D, Duty.OFFICER, assessment,
        and_(_assessment(AS.CONFIRMED), assessment.c.authority == AuthorityLevel.DISTRICT.value),
        assessment.c.created_at, district=assessment.c.district_id, due=assessment.c.due_on,
    ),
    W(
        A.RECEIVE_ASSESSMENT_REPORT, C, Duty.OFFICER, assessment,
        and_(_assessment(AS.CONFIRMED), assessment.c.authority == AuthorityLevel.CITY.value),
        assessment.c.created_at, due=assessment.c.due_on,
    ),
    W(
        A.SAVE_RECTIFICATION_PLAN, U, Duty.FILER, plan,
        and_(_plan_is_the_units, or_(_plan_lacks_something, plan.c.state == PlanState.RETURNED.value)),
        func.coalesce(plan.c.reviewed_at, plan.c.created_at), organisation=plan.c.unit_id,
    ),
    W(
        A.SUBMIT_RECTIFICATION_PLAN, U, Duty.APPROVER, plan, and_(_plan_is_the_units, ~_plan_lacks_something),
        func.coalesce(plan.c.reviewed_at, plan.c.created_at), organisation=plan.c.unit_id,
    ),
    W(
        A.REVIEW_RECTIFICATION_PLAN, C, Duty.OFFICER, plan,
        and_(
            plan.c.state == PlanState.IN_PANEL_REVIEW.value, _same(plan, "panel_case_id", case),
            case.c.state == PanelCaseState.CONCLUDED.value,
        ),
        case.c.concluded_at, joined=(case,),
    ),
    W(
        A.UPDATE_MEASURE, U, Duty.FILER, measure, measure.c.under_way, measure.c.created_at,
        organisation=measure.c.unit_id, due=measure.c.due_on,
    ),
    W(
        A.COMPLETE_RECTIFICATION, U, Duty.FILER, plan,
        and_(plan.c.state == PlanState.IN_PROGRESS.value, plan.c.progress == 100), plan.c.submitted_at,
        organisation=plan.c.unit_id,
    ),
    W(
        A.CLOSE_INQUIRY, U, None, inquiry, inquiry.c.state == InquiryState.ANSWERED.value, inquiry.c.last_message_at,
        organisation=inquiry.c.unit_id,
    ),
)  # fmt: skip

_SUBJECTS: Sequence[type[TenantRow]] = (
    Grading,
    Filing,
    MailedPackage,
    ReplyLetter,
    MonthlyReturn,
    PanelCase,
    Inquiry,
    Assessment,
    Inspection,
    RectificationOrder,
    SelfInspection,
    RectificationPlan,
    RectificationMeasure,
)
_CLASSES = {entity.__tablename__: entity.__name__ for entity in _SUBJECTS}


def written(word: str) -> ColumnElement[str]:
    """A word of ours, written into the statement: PostgreSQL then leaves out what is for other roles."""
    return bindparam(None, word, type_=Text(), literal_execute=True)


def _branch(row: Waiting) -> Any:
    """One row of the table as a select; an item's key is made of its subject, action and, where it is one's, person."""
    person: ColumnElement[Any] = null() if row.person is None else row.person
    parts = cast(row.subject.c.id, Text()) + written(f" {row.action.value} ")
    key = parts if row.person is None else parts + cast(row.person, Text())
    of: Any = row.subject
    columns = {
        "id": cast(func.md5(key), Uuid()),
        "tenant_id": row.subject.c.tenant_id,
        "created_at": cast(row.since, DateTime(timezone=True)),
        "action": written(row.action.value),
        "role": written(row.role.value),
        "duty": cast(null(), Text()) if row.duty is None else written(row.duty.value),
        "organisation_id": cast(_or_null(row.organisation), Uuid()),
        "district_id": cast(_or_null(row.district), Uuid()),
        "user_id": cast(person, Uuid()),
        "not_user_id": cast(_or_null(row.but), Uuid()),
        "due_on": cast(_or_null(row.due), Date()),
        "subject_type": written(_CLASSES[of.element.name]),
        "subject_id": row.subject.c.id,
    }
    made = select(*(value.label(name) for name, value in columns.items())).select_from(row.subject, *row.joined)
    return made.where(row.subject.c.tenant_id == TENANT, row.where)


def _or_null(column: ColumnElement[Any] | None) -> ColumnElement[Any]:
    return null() if column is None else column


WORK_ITEMS = union_all(*(_branch(row) for row in TABLE)).subquery("work_items")


class WorkItem(Base):
    """Something that waits for somebody; see ``TABLE``."""

    __tablename__ = "work_items"
    __table__ = WORK_ITEMS
    __mapper_args__ = {"primary_key": [WORK_ITEMS.c.tenant_id, WORK_ITEMS.c.id]}
