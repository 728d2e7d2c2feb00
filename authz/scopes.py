"""Which rows each role can see: one predicate per entity and role, from the table of the API's contract.

``scope(role, table)`` is used by reads, writes, counts, filters and searches alike. The caller enters only through the
bound parameters below, so that a statement made for a role serves everybody who has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    FromClause,
    Select,
    SelectBase,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    false,
    func,
    or_,
    select,
    true,
)

from authz.waiting import written
from domain.access import Caller, Duty, Role
from domain.assessments.entities import Assessment, AssessmentState
from domain.documents.entities import SUBJECTS, Document
from domain.filings.entities import Filing, FilingState
from domain.grading.entities import Grading, GradingState
from domain.imports.entities import ImportProblem, ImportRun
from domain.inquiries.entities import ArticleState, Inquiry, InquiryMessage, KnowledgeArticle
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.panels.entities import (
    ExpertAppointment,
    Opinion,
    PanelAssignment,
    PanelCase,
    PanelCaseState,
    PanelConclusion,
    PanelSession,
)
from domain.people.entities import Membership
from domain.replies.entities import ReplyLetter, ReplyState
from domain.returns.entities import MonthlyReturn, MonthlyReturnState

TENANT = bindparam("scope_tenant", None, type_=Uuid())
ORGANISATION = bindparam("scope_organisation", None, type_=Uuid())
DISTRICT = bindparam("scope_district", None, type_=Uuid())
USER = bindparam("scope_user", None, type_=Uuid())
MEMBERSHIP = bindparam("scope_membership", None, type_=Uuid())
ADMIN = bindparam("scope_admin", None, type_=Boolean())
DUTIES = bindparam("scope_duties", None, type_=ARRAY(Text()))

Rows = Callable[[FromClause], ColumnElement[bool]]

C, D, U, E, A = Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.UNIT, Role.EXPERT, Role.ASSESSOR


def scope_values(caller: Caller) -> dict[str, UUID | bool | list[str] | None]:
    """The bound parameters' values for a caller."""
    return {
        "scope_tenant": caller.tenant_id,
        "scope_organisation": caller.organisation_id,
        "scope_district": caller.district_id,
        "scope_user": caller.user_id,
        "scope_membership": caller.membership_id,
        "scope_admin": Duty.ADMIN in caller.duties,
        "scope_duties": sorted(duty.value for duty in caller.duties),
    }


@dataclass(frozen=True, slots=True)
class Reached:
    """How rows are come by: through ``column``, from rows of the table ``parent`` that the role can see."""

    column: str
    parent: str


@lru_cache(maxsize=4096)
def scope(role: Role, table: FromClause, reached: Reached | None = None) -> ColumnElement[bool]:
    """The rows of ``table`` (a mapped table or an alias of one) that ``role`` can see; of an unknown table, none.

    What being ``reached`` so says already of a row is not asked again.
    """
    name = _name(table)
    if name == "tenants":
        return table.c.id == TENANT
    rows = SCOPES.get(name, {}).get(role)
    if rows is None:
        return and_(table.c.tenant_id == TENANT, false())
    return and_(table.c.tenant_id == TENANT, _given(rows, reached)(table))


def reached_by(key: str, parent: FromClause) -> Reached:
    """Reached through the foreign key ``key`` from ``parent``, a table or an alias of one."""
    return Reached(key, _name(parent))


def hidden(role: Role, table: FromClause) -> frozenset[str]:
    """Columns that ``role`` cannot see even in rows that it can: read as null, refused in filters and orderings."""
    return HIDDEN.get((role, _name(table)), frozenset())


def _name(table: FromClause) -> str:
    return str(getattr(getattr(table, "element", table), "name", ""))


# --- pieces ---


def _all(_: FromClause) -> ColumnElement[bool]:
    return true()


def _own(column: str) -> Rows:
    return lambda t: t.c[column] == ORGANISATION


def _mine(column: str) -> Rows:
    return lambda t: t.c[column] == USER


@dataclass(frozen=True, slots=True)
class Both:
    """All of the conditions hold."""

    parts: tuple[Rows, ...]

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        return and_(*(part(t) for part in self.parts))


def _both(*conditions: Rows) -> Rows:
    return Both(conditions)


def _any(*conditions: Rows) -> Rows:
    return lambda t: or_(*(condition(t) for condition in conditions))


def _where(column: str, *values: str) -> Rows:
    return lambda t: t.c[column].in_(values) if len(values) > 1 else t.c[column] == values[0]


def _not(column: str, value: str) -> Rows:
    return lambda t: t.c[column] != value


def _of_its_units(t: FromClause) -> ColumnElement[bool]:
    """The row's unit is a district-level unit of the caller's district."""
    unit = Organisation.__table__.alias()
    return exists(
        select(1).where(
            unit.c.tenant_id == TENANT,
            unit.c.id == t.c.unit_id,
            unit.c.district_id == DISTRICT,
            unit.c.authority_level == AuthorityLevel.DISTRICT,
        )
    )


def _among(column: ColumnElement[UUID], ids: SelectBase) -> ColumnElement[bool]:
    """The column is one of ``ids``, looked up first: beside an OR, PostgreSQL uses an index for a list only."""
    return column == any_(func.array(ids.scalar_subquery()))


def _own_or_supervised(column: str = "unit_id") -> Rows:
    def rows(t: FromClause) -> ColumnElement[bool]:
        supervised = Organisation.__table__.alias()
        units = select(supervised.c.id).where(
            supervised.c.tenant_id == TENANT,
            or_(supervised.c.supervising_unit_id == ORGANISATION, supervised.c.id == ORGANISATION),
        )
        return _among(t.c[column], units)

    return rows


def _subjects_of_cases(case_column: str) -> Select[tuple[UUID]]:
    """What the caller's panel cases, without those with a conflict, name in ``case_column``."""
    case, assignment = PanelCase.__table__.alias(), PanelAssignment.__table__.alias()
    return select(case.c[case_column]).where(
        case.c.tenant_id == TENANT,
        case.c[case_column].is_not(None),
        assignment.c.tenant_id == TENANT,
        assignment.c.case_id == case.c.id,
        assignment.c.expert_id == USER,
        assignment.c.conflict_declared_at.is_(None),
        assignment.c.released_at.is_(None),
    )


def _of_its_cases(case_column: str, row_column: str = "id") -> Rows:
    """A panel case assigned to the caller, without a conflict, names the row in ``case_column``."""
    return lambda t: _among(t.c[row_column], _subjects_of_cases(case_column))


def _gradings_of_cases(t: FromClause) -> ColumnElement[bool]:
    """The grading before the panel, or that of the filing before the panel."""
    filing = Filing.__table__.alias()
    of_filings = select(filing.c.grading_id).where(
        filing.c.tenant_id == TENANT, _among(filing.c.id, _subjects_of_cases("filing_id"))
    )
    return _among(t.c.id, _subjects_of_cases("grading_id").union_all(of_filings))


def _of_its_assessments(assessment_column: str, row_column: str) -> Rows:
    """The caller's body assesses, or was asked to assess, what the row's column names."""

    def rows(t: FromClause) -> ColumnElement[bool]:
        assessment = Assessment.__table__.alias()
        return _among(
            t.c[row_column],
            select(assessment.c[assessment_column]).where(
                assessment.c.tenant_id == TENANT,
                assessment.c.body_id == ORGANISATION,
                assessment.c.state != AssessmentState.DECLINED,
            ),
        )

    return rows


@dataclass(frozen=True, slots=True)
class Through:
    """The row that ``column`` points to is within the role's own rows of ``target``."""

    role: Role
    target: FromClause
    column: str

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        other = self.target.alias()
        return exists(select(1).where(other.c.id == t.c[self.column], scope(self.role, other)))


def _visible(role: Role, target: FromClause, column: str) -> Rows:
    return Through(role, target, column)


def _given(rows: Rows, reached: Reached | None) -> Rows:
    """What remains to be asked of rows that were reached so."""
    match rows:
        case Through(_, target, column) if reached == Reached(column, _name(target)):
            return _all
        case BySubject(_, subjects) if reached and reached.column in subjects:
            return _given(subjects[reached.column], reached)
        case Both(parts):
            return Both(tuple(_given(part, reached) for part in parts))
    return rows


def _of_visible_filings(role: Role) -> Rows:
    return _visible(role, Filing.__table__, "filing_id")


def _of_visible_inquiries(role: Role) -> Rows:
    return _visible(role, Inquiry.__table__, "inquiry_id")


def _of_visible_replies(role: Role) -> Rows:
    return _visible(role, ReplyLetter.__table__, "reply_letter_id")


def _of_visible_messages(role: Role) -> Rows:
    return _visible(role, InquiryMessage.__table__, "inquiry_message_id")


def _of_visible_gradings(role: Role) -> Rows:
    return _visible(role, Grading.__table__, "grading_id")


def _of_visible_cases(role: Role, column: str = "case_id") -> Rows:
    return _visible(role, PanelCase.__table__, column)


@dataclass(frozen=True, slots=True)
class BySubject:
    """A document's rows by whose it is: by the condition of the one key that is set, ``own`` where none is."""

    own: Rows
    subjects: Mapping[str, Rows]

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        chosen = [(t.c[key].is_not(None), condition(t)) for key, condition in self.subjects.items()]
        keys = [t.c[key] for key in SUBJECTS if key not in self.subjects]
        return case(*chosen, *((key.is_not(None), false()) for key in keys), else_=self.own(t))


def _by_subject(own: Rows, **subjects: Rows) -> Rows:
    return BySubject(own, subjects)


def _with_cases(role: Role) -> Rows:
    """A session with a case that the role can see."""

    def rows(t: FromClause) -> ColumnElement[bool]:
        of_session = PanelCase.__table__.alias()
        return exists(select(1).where(of_session.c.session_id == t.c.id, scope(role, of_session)))

    return rows


def _unsealed(t: FromClause) -> ColumnElement[bool]:
    """The case's opinions are open."""
    open_case = PanelCase.__table__.alias()
    return exists(
        select(1).where(
            open_case.c.tenant_id == TENANT,
            open_case.c.id == t.c.case_id,
            open_case.c.state.in_((PanelCaseState.OPINIONS_IN, PanelCaseState.CONCLUDED)),
        )
    )


def _colleagues(t: FromClause) -> ColumnElement[bool]:
    """The person has a membership in force in the caller's organisation."""
    membership = Membership.__table__.alias()
    return _among(
        t.c.id,
        select(membership.c.user_id).where(
            membership.c.tenant_id == TENANT,
            membership.c.organisation_id == ORGANISATION,
            membership.c.revoked_at.is_(None),
        ),
    )


def _for_admins(rows: Rows) -> Rows:
    return lambda t: and_(ADMIN, rows(t))


def _waits_for(role: Role, whose: Rows) -> Rows:
    """What waits for one of the caller's duties, and not for another person than the caller."""
    return lambda t: and_(
        t.c.role == written(role.value),
        t.c.duty == func.any(DUTIES),
        t.c.not_user_id.is_distinct_from(USER),
        whose(t),
    )


# --- the table ---

# Offices, assessment bodies and providers are known to everybody in the city.
_public = _where(
    "kind",
    OrganisationKind.CITY_OFFICE,
    OrganisationKind.DISTRICT_OFFICE,
    OrganisationKind.ASSESSMENT_BODY,
    OrganisationKind.PROVIDER,
)
_submitted = _not("state", FilingState.DRAFT)
_issued = _where("state", ReplyState.ISSUED)
_every_role: Mapping[Role, Rows] = dict.fromkeys(Role, _all)
_district_units = _both(_where("authority_level", AuthorityLevel.DISTRICT), lambda t: t.c.district_id == DISTRICT)

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Organisation.__tablename__: {
        C: _all,
        D: _any(_public, _district_units),
        U: _any(_public, _own_or_supervised("id")),
        E: _any(_public, _of_its_cases("unit_id")),
        A: _any(_public, _of_its_assessments("unit_id", "id")),
    },
    "districts": _every_role,
    "calendar_days": _every_role,
    "systems": {
        C: _all,
        D: _of_its_units,
        U: _own_or_supervised(),
        E: _of_its_cases("system_id"),
        A: _of_its_assessments("system_id", "id"),
    },
    Grading.__tablename__: {
        # One that was once before the experts stays visible, also while it is a draft again.
        C: _any(_not("state", GradingState.DRAFT), lambda t: t.c.advice_requested_at.is_not(None)),
        D: _both(_where("state", GradingState.CONFIRMED), _of_its_units),
        U: _own_or_supervised(),
        E: _gradings_of_cases,
        A: _both(_where("state", GradingState.CONFIRMED), _of_its_assessments("system_id", "system_id")),
    },
    Filing.__tablename__: {
        C: _submitted,
        D: _both(_submitted, lambda t: t.c.district_id == DISTRICT),
        U: _own_or_supervised(),
        E: _of_its_cases("filing_id"),
        A: _both(_where("state", FilingState.ACCEPTED), _of_its_assessments("system_id", "system_id")),
    },
    "grading_transitions": {role: _of_visible_gradings(role) for role in Role},
    "filing_transitions": {role: _of_visible_filings(role) for role in Role},
    "review_periods": {role: _of_visible_filings(role) for role in Role},
    "filing_submissions": {role: _of_visible_filings(role) for role in Role},
    Document.__tablename__: {
        C: _by_subject(
            _own("owner_id"),
            filing_id=_of_visible_filings(C),
            inquiry_message_id=_all,
            grading_id=_of_visible_gradings(C),
            panel_case_id=_all,
            reply_letter_id=_all,
        ),
        D: _by_subject(
            _own("owner_id"),
            filing_id=_of_visible_filings(D),
            inquiry_message_id=_of_visible_messages(D),
            grading_id=_of_visible_gradings(D),
            reply_letter_id=_of_visible_replies(D),
        ),
        U: _by_subject(
            _own_or_supervised("owner_id"),
            filing_id=_own_or_supervised("owner_id"),
            inquiry_message_id=_of_visible_messages(U),
            grading_id=_of_visible_gradings(U),
            panel_case_id=_of_visible_cases(U, "panel_case_id"),
            reply_letter_id=_of_visible_replies(U),
        ),
        E: _by_subject(
            _own("owner_id"),
            filing_id=_of_visible_filings(E),
            grading_id=_of_visible_gradings(E),
            panel_case_id=_of_visible_cases(E, "panel_case_id"),
        ),
        A: _by_subject(_own("owner_id"), filing_id=_of_visible_filings(A), grading_id=_of_visible_gradings(A)),
    },
    ReplyLetter.__tablename__: {
        C: _all,
        D: _both(_issued, _of_visible_filings(D)),
        U: _both(_issued, _own_or_supervised()),
    },
    MonthlyReturn.__tablename__: {
        C: _where("state", MonthlyReturnState.SUBMITTED),
        D: lambda t: t.c.district_id == DISTRICT,
    },
    PanelCase.__tablename__: {
        C: _all,
        U: _both(_where("state", PanelCaseState.CONCLUDED), _own("unit_id")),
        E: _of_its_cases("id"),
    },
    PanelSession.__tablename__: {C: _all, U: _with_cases(U), E: _with_cases(E)},
    PanelAssignment.__tablename__: {C: _all, E: _mine("expert_id")},
    # Sealed from everybody but who gave it, until all are in or they are closed.
    Opinion.__tablename__: {
        C: _unsealed,
        E: _both(_of_its_cases("id", "case_id"), _any(_mine("expert_id"), _unsealed)),
    },
    PanelConclusion.__tablename__: {role: _of_visible_cases(role) for role in (C, U, E)},
    ExpertAppointment.__tablename__: {C: _all, E: _mine("user_id")},
    "tenant_settings": _every_role,
    Assessment.__tablename__: {
        C: _all,
        D: _of_its_units,
        U: _own_or_supervised(),
        A: _both(_own("body_id"), _not("state", AssessmentState.DECLINED)),
    },
    Inquiry.__tablename__: {C: _all, D: _of_its_units, U: _own("unit_id")},
    InquiryMessage.__tablename__: {role: _of_visible_inquiries(role) for role in (C, D, U)},
    KnowledgeArticle.__tablename__: {
        **dict.fromkeys((D, U, E, A), _where("state", ArticleState.PUBLISHED)),
        C: _all,
    },
    ImportRun.__tablename__: dict.fromkeys((C, D, U), _own("organisation_id")),
    ImportProblem.__tablename__: {role: _visible(role, ImportRun.__table__, "run_id") for role in (C, D, U)},
    "audit_events": {
        C: _for_admins(_all),
        D: _for_admins(_own("organisation_id")),
        U: _for_admins(_own("organisation_id")),
        E: _mine("user_id"),
        A: _for_admins(_own("organisation_id")),
    },
    "work_items": {
        C: _waits_for(C, _all),
        D: _waits_for(D, lambda t: t.c.district_id == DISTRICT),
        U: _waits_for(U, _own("organisation_id")),
        E: _waits_for(E, _mine("user_id")),
    },
    "notifications": dict.fromkeys(Role, _both(_mine("user_id"), lambda t: t.c.in_app)),
    "notification_preferences": dict.fromkeys(Role, _mine("user_id")),
    "users": {
        C: _all,
        D: _any(_colleagues, _mine("id")),
        U: _any(_colleagues, _mine("id")),
        E: _mine("id"),
        A: _any(_colleagues, _mine("id")),
    },
    Membership.__tablename__: {
        C: _all,
        D: _any(_own("organisation_id"), _mine("user_id")),
        U: _any(_own("organisation_id"), _mine("user_id")),
        E: _mine("user_id"),
        A: _any(_own("organisation_id"), _mine("user_id")),
    },
}

_CONTACT = frozenset({"contact_name", "contact_title", "contact_phone", "contact_mobile", "contact_email"})
_NAMING = frozenset({"tenant_id", "id", "kind", "name", "version", "created_at"})
_DETAILS = frozenset(Organisation.__table__.c.keys()) - _NAMING

HIDDEN: Mapping[tuple[Role, str], frozenset[str]] = {
    (E, Organisation.__tablename__): _DETAILS,
    (A, Organisation.__tablename__): _DETAILS - _CONTACT,
    # Whose question an article answers is the city office's alone to know.
    **dict.fromkeys(((role, KnowledgeArticle.__tablename__) for role in (D, U, E, A)), frozenset({"inquiry_id"})),
}
