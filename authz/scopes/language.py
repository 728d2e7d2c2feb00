"""What the tables of row scopes are written in: the caller's bound parameters, and the conditions made of them.

The caller enters only through the parameters, so that a statement made for a role serves everybody who has it.
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
    union_all,
)

from domain.access import Caller, Duty, Role
from domain.assessments.accreditation import AssessmentBody, sees_today
from domain.assessments.entities import Assessment, AssessmentState
from domain.documents.entities import SUBJECTS
from domain.organisations.entities import AuthorityLevel, Organisation
from domain.panels.entities import PanelAssignment, PanelCase

TENANT = bindparam("scope_tenant", None, type_=Uuid())
ORGANISATION = bindparam("scope_organisation", None, type_=Uuid())
DISTRICT = bindparam("scope_district", None, type_=Uuid())
USER = bindparam("scope_user", None, type_=Uuid())
MEMBERSHIP = bindparam("scope_membership", None, type_=Uuid())
SESSION = bindparam("scope_session", None, type_=Uuid())
ADMIN = bindparam("scope_admin", None, type_=Boolean())
DUTIES = bindparam("scope_duties", None, type_=ARRAY(Text()))

Rows = Callable[[FromClause], ColumnElement[bool]]

# Filled by the subjects' modules (``authz/scopes/__init__.py``): rows by table and role, and hidden columns.
SCOPES: dict[str, Mapping[Role, Rows]] = {}
HIDDEN: dict[tuple[Role, str], frozenset[str]] = {}

C, D, U, E, A = Role.CITY_OFFICE, Role.DISTRICT_OFFICE, Role.UNIT, Role.EXPERT, Role.ASSESSOR


def scope_values(caller: Caller) -> dict[str, UUID | bool | list[str] | None]:
    """The bound parameters' values for a caller."""
    return {
        "scope_tenant": caller.tenant_id,
        "scope_organisation": caller.organisation_id,
        "scope_district": caller.district_id,
        "scope_user": caller.user_id,
        "scope_membership": caller.membership_id,
        "scope_session": caller.session_id,
        "scope_admin": Duty.ADMIN in caller.duties,
        "scope_duties": sorted(duty.value for duty in caller.duties),
    }


@dataclass(frozen=True, slots=True)
class Reached:
    """How rows are come by: through ``column``, from rows of the table ``parent`` that the role can see."""

    column: str
    parent: str


# One row, by its own key.
BY_KEY = Reached("id", "")


@dataclass(frozen=True, slots=True)
class Named:
    """How a row is come by: a row of the table ``parent`` that the role can see names it in ``column``."""

    column: str
    parent: str


Way = Reached | Named


@lru_cache(maxsize=4096)
def scope(role: Role, table: FromClause, reached: Way | None = None) -> ColumnElement[bool]:
    """The rows of ``table`` (a mapped table or an alias of one) that ``role`` can see; of an unknown table, none.

    What being ``reached`` so says already of a row is not asked again, and of few rows each is asked about.
    """
    name = _name(table)
    if name == "tenants":
        return table.c.id == TENANT
    rows = SCOPES.get(name, {}).get(role)
    if rows is None:
        return and_(table.c.tenant_id == TENANT, false())
    return and_(table.c.tenant_id == TENANT, _given(role, rows, reached)(table))


def reached_by(key: str | None, parent: FromClause | None) -> Reached | None:
    """Reached through the foreign key ``key`` from ``parent``, a table or an alias of one; None where there is none."""
    return None if key is None or parent is None else Reached(key, _name(parent))


def named_by(key: str, parent: FromClause) -> Named:
    """Named by the foreign key ``key`` of a row of ``parent``, a table or an alias of one."""
    return Named(key, _name(parent))


def hidden(role: Role, table: FromClause) -> frozenset[str]:
    """Columns that ``role`` cannot see even in rows that it can: read as null, refused in filters and orderings."""
    return HIDDEN.get((role, _name(table)), frozenset())


def _name(table: FromClause) -> str:
    return str(getattr(getattr(table, "element", table), "name", ""))


def everything(_: FromClause) -> ColumnElement[bool]:
    """Every row of the tenant."""
    return true()


def own(column: str) -> Rows:
    """The column names the caller's organisation."""
    return lambda t: t.c[column] == ORGANISATION


def mine(column: str) -> Rows:
    """The column names the caller."""
    return lambda t: t.c[column] == USER


@dataclass(frozen=True, slots=True)
class Both:
    """All of the conditions hold."""

    parts: tuple[Rows, ...]

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        return and_(*(part(t) for part in self.parts))


def both(*conditions: Rows) -> Rows:
    """All of the conditions hold."""
    return Both(conditions)


@dataclass(frozen=True, slots=True)
class Either:
    """One of the conditions holds."""

    parts: tuple[Rows, ...]

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        return or_(*(part(t) for part in self.parts))


def either(*conditions: Rows) -> Rows:
    """One of the conditions holds."""
    return Either(conditions)


def where(column: str, *values: str) -> Rows:
    """The column has one of the values."""
    return lambda t: t.c[column].in_(values) if len(values) > 1 else t.c[column] == values[0]


def but_not(column: str, *values: str) -> Rows:
    """The column has none of the values."""
    return lambda t: t.c[column].not_in(values) if len(values) > 1 else t.c[column] != values[0]


def of_its_units(t: FromClause) -> ColumnElement[bool]:
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


def among(column: ColumnElement[UUID], ids: SelectBase) -> ColumnElement[bool]:
    """The column is one of ``ids``, looked up first: beside an OR, PostgreSQL uses an index for a list only."""
    return column == any_(func.array(ids.scalar_subquery()))


@dataclass(frozen=True, slots=True)
class OfUnits:
    """The column names the caller's unit, or one that it supervises."""

    column: str

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        unit = Organisation.__table__.alias()
        supervised = select(unit.c.id).where(unit.c.tenant_id == TENANT, unit.c.supervising_unit_id == ORGANISATION)
        # The own one need not be looked for; the others are one range of an index.
        return among(t.c[self.column], union_all(select(ORGANISATION), supervised))

    @staticmethod
    def units() -> Select[tuple[UUID]]:
        """The units' keys."""
        unit = Organisation.__table__.alias()
        return select(unit.c.id).where(
            unit.c.tenant_id == TENANT, or_(unit.c.supervising_unit_id == ORGANISATION, unit.c.id == ORGANISATION)
        )


def own_or_supervised(column: str = "unit_id") -> Rows:
    """The column names the caller's unit, or one that it supervises."""
    return OfUnits(column)


def spread(role: Role, table: FromClause) -> tuple[str, Select[tuple[UUID]]] | None:
    """A column that in all of the role's rows has one of a few values, and these; None where the scope names none.

    PostgreSQL takes a list that it has to look up for ten values, whatever it holds: of one unit's rows it would look
    for the newest among everybody's. Whoever reads a page asks for each value's instead, beside the scope itself.
    """
    match SCOPES.get(_name(table), {}).get(role):
        case OfUnits(column) | Both((*_, OfUnits(column))):
            return column, OfUnits.units()
    return None


def subjects_of_cases(case_column: str) -> Select[tuple[UUID]]:
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


def of_its_cases(case_column: str, row_column: str = "id") -> Rows:
    """A panel case assigned to the caller, without a conflict, names the row in ``case_column``."""
    return lambda t: among(t.c[row_column], subjects_of_cases(case_column))


@dataclass(frozen=True, slots=True)
class OfItsAssessments:
    """The caller's body assesses, or was asked to assess, what ``row`` names, and its accreditation holds.

    Of many rows it is asked by a list of all that the body assesses, ``each`` of a few by itself: such a list is long.
    """

    assessed: str
    row: str
    each: bool = False

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        assessment, body = Assessment.__table__.alias(), AssessmentBody.__table__.alias()
        seeing = exists(select(1).where(body.c.tenant_id == TENANT, body.c.id == ORGANISATION, sees_today(body)))
        asked = (
            assessment.c.tenant_id == TENANT,
            assessment.c.body_id == ORGANISATION,
            assessment.c.state != AssessmentState.DECLINED,
        )
        if self.each:
            return and_(seeing, exists(select(1).where(*asked, assessment.c[self.assessed] == t.c[self.row])))
        return among(t.c[self.row], select(assessment.c[self.assessed]).where(*asked, seeing))


def of_its_assessments(assessment_column: str, row_column: str) -> Rows:
    """The caller's body assesses, or was asked to assess, what the row's column names, and its accreditation holds."""
    return OfItsAssessments(assessment_column, row_column)


@dataclass(frozen=True, slots=True)
class Through:
    """The row that ``column`` points to is within the role's own rows of ``target``."""

    role: Role
    target: FromClause
    column: str

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        other = self.target.alias()
        return exists(select(1).where(other.c.id == t.c[self.column], scope(self.role, other)))


def visible(role: Role, target: FromClause, column: str) -> Rows:
    """What ``column`` points to is within the role's rows of ``target``."""
    return Through(role, target, column)


def _given(role: Role, rows: Rows, reached: Way | None) -> Rows:
    """What remains to be asked of rows that were reached so."""
    match rows:
        case Through(_, target, column) if reached == Reached(column, _name(target)):
            return everything
        case BySubject(_, subjects) if isinstance(reached, Reached) and reached.column in subjects:
            return _given(role, subjects[reached.column], reached)
        case OfUnits("id") if isinstance(reached, Named) and _names_its_units(role, reached):
            return everything
        case OfItsAssessments(assessed, row) if reached:
            return OfItsAssessments(assessed, row, each=True)
        case Both(parts):
            return Both(tuple(_given(role, part, reached) for part in parts))
        case Either(parts):
            given = tuple(_given(role, part, reached) for part in parts)
            return everything if any(part is everything for part in given) else Either(given)
    return rows


def _names_its_units(role: Role, named: Named) -> bool:
    """Whether all rows of the table that the role sees name one of the caller's units in the column."""
    match SCOPES.get(named.parent, {}).get(role):
        case OfUnits(column):
            return column == named.column
        case Both(parts):
            return OfUnits(named.column) in parts
    return False


@dataclass(frozen=True, slots=True)
class BySubject:
    """A document's rows by whose it is: by the condition of the one key that is set, ``own`` where none is."""

    own: Rows
    subjects: Mapping[str, Rows]

    def __call__(self, t: FromClause) -> ColumnElement[bool]:
        chosen = [(t.c[key].is_not(None), condition(t)) for key, condition in self.subjects.items()]
        keys = [t.c[key] for key in SUBJECTS if key not in self.subjects]
        return case(*chosen, *((key.is_not(None), false()) for key in keys), else_=self.own(t))


def by_subject(own_rows: Rows, **subjects: Rows) -> Rows:
    """A document's rows, by whose it is: a condition per key, and one for where no key is set."""
    return BySubject(own_rows, subjects)


def for_admins(rows: Rows) -> Rows:
    """The rows, for who is an administrator; none for others."""
    return lambda t: and_(ADMIN, rows(t))
