"""Assessment bodies (测评机构) and their accreditation (资质): the one place that says what a body may do, and when.

Nothing expires by a job: the day in China is compared with the accreditation's term whenever it matters, here for what
a body does and in SQL for what it sees (workflow.md, level assessment; domain facts 5.4).
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    FromClause,
    Index,
    SmallInteger,
    Text,
    case,
    cast,
    literal,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TODAY, TenantRow, Versioned, refers, term, unique
from domain.errors import ErrorCode, Problem
from domain.text import Term
from domain.text import Text as Words
from domain.work import Work


class AccreditationStatus(Term):
    """Where an accreditation stands (资质状态); EXPIRED is never written down, it follows from the term."""

    ACTIVE = "ACTIVE", "有效", "in force"
    RECTIFYING = "RECTIFYING", "整改中", "under rectification: finishes nothing and takes nothing new"
    SUSPENDED = "SUSPENDED", "暂停", "suspended"
    REVOKED = "REVOKED", "取消", "withdrawn for good"
    EXPIRED = "EXPIRED", "已过期", "past its term"


S = AccreditationStatus
DECIDED = (S.ACTIVE, S.RECTIFYING, S.SUSPENDED, S.REVOKED)
# While it stands so, a body still sees what it assesses; acting takes ACTIVE.
SEEING = (S.ACTIVE, S.RECTIFYING)
_DECIDED_ONLY = "status IN ('ACTIVE', 'RECTIFYING', 'SUSPENDED', 'REVOKED')"
_STAFF = ("senior_assessors", "intermediate_assessors", "junior_assessors")


class AssessmentBody(Versioned, TenantRow):
    """What makes an organisation an assessment body, known by the organisation's own key: code and accreditation.

    ``valid_from`` and ``valid_to`` are both included; staff are counted by assessors' grades (测评师等级).
    """

    __tablename__ = "assessment_bodies"

    # The four digits that its reports carry in their numbers.
    body_code: Mapped[str]
    accreditation_number: Mapped[str | None]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    levels: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()), default=list)
    status: Mapped[AccreditationStatus | None] = mapped_column(term(AccreditationStatus))
    senior_assessors: Mapped[int] = mapped_column(default=0)
    intermediate_assessors: Mapped[int] = mapped_column(default=0)
    junior_assessors: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        refers("id", "organisations"),
        unique("body_code"),
        unique("accreditation_number"),
        CheckConstraint("body_code ~ '^[0-9]{4}$'", name="body_code"),
        CheckConstraint(
            "num_nonnulls(accreditation_number, valid_from, valid_to, status) IN (0, 4)", name="accreditation_whole"
        ),
        CheckConstraint("valid_to >= valid_from", name="term"),
        CheckConstraint(_DECIDED_ONLY, name="status_decided"),
        CheckConstraint(f"least({', '.join(_STAFF)}) >= 0", name="staff"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "valid_to", "id"),
    )


class AccreditationChange(TenantRow):
    """One decision on a body's accreditation (资质变更记录): all of it as it then was, why, by whom."""

    __tablename__ = "accreditation_changes"

    body_id: Mapped[UUID]
    accreditation_number: Mapped[str]
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date]
    levels: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger()))
    status: Mapped[AccreditationStatus] = mapped_column(term(AccreditationStatus))
    senior_assessors: Mapped[int]
    intermediate_assessors: Mapped[int]
    junior_assessors: Mapped[int]
    reason: Mapped[str | None]
    by_id: Mapped[UUID]

    __table_args__ = (
        refers("body_id", "assessment_bodies"),
        refers("by_id", "users"),
        CheckConstraint(_DECIDED_ONLY, name="status_decided"),
        Index(None, "tenant_id", "body_id", "id"),
    )


# What a decision sets, and a line of the history keeps.
ACCREDITATION = ("accreditation_number", "valid_from", "valid_to", "levels", "status", *_STAFF)


def status_on(body: AssessmentBody, day: dt.date) -> AccreditationStatus | None:
    """Where the accreditation stands on ``day``; None where there is none. A withdrawn one stays withdrawn."""
    if body.status in {None, S.REVOKED} or body.valid_to is None:
        return body.status
    return S.EXPIRED if body.valid_to < day else body.status


def status_today(t: FromClause) -> ColumnElement[str]:
    """The same in SQL, as of today in China."""
    expired = (t.c.status != S.REVOKED.value) & (t.c.valid_to < TODAY)
    return case((expired, literal(S.EXPIRED.value, Text())), else_=cast(t.c.status, Text()))


def sees_today(t: FromClause) -> ColumnElement[bool]:
    """In SQL: whether the accreditation lets the body see today what it assesses."""
    return t.c.status.in_([each.value for each in SEEING]) & TODAY.between(t.c.valid_from, t.c.valid_to)


def problem_with(body: AssessmentBody | None, day: dt.date, level: int | None, field: str) -> Problem | None:
    """Why the body may do nothing on ``day`` (for a system of ``level``), None where it may."""
    status = status_on(body, day) if body is not None else None
    if body is None or status is None or body.valid_from is None:
        return _not_accredited(field, "该机构没有测评资质。", "The body has no accreditation.")
    if status is not S.ACTIVE:
        return _not_accredited(
            field,
            f"该机构的测评资质当前为“{status.zh}”,不能承担和办理测评。请联系市信息办。",
            f"The body's accreditation is {status.value}; it can take and do nothing. Ask the city office.",
        )
    if body.valid_from > day:
        return _not_accredited(
            field,
            f"该机构的测评资质自 {body.valid_from} 起生效。",
            f"The body's accreditation begins on {body.valid_from}.",
        )
    if level is not None and level not in body.levels:
        levels = "、".join(str(each) for each in sorted(body.levels))
        return _not_accredited(
            field,
            f"该机构的资质不含第 {level} 级(可测评:第 {levels} 级)。请另选机构。",
            f"The body is not accredited for level {level} (but for {levels}). Choose another.",
        )
    return None


def _not_accredited(field: str, zh: str, en: str) -> Problem:
    return Problem(ErrorCode.NOT_ACCREDITED, Words(zh, en), field)


async def body_of(work: Work, organisation_id: UUID | None) -> AssessmentBody | None:
    """The assessment body that an organisation is."""
    return await work.session.get(AssessmentBody, (work.caller.tenant_id, organisation_id))
