"""Who calls, and what a use case needs to know of what the caller may do.

The implementation is in ``authz``; the domain only states what it asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement

from domain.text import Term, Text


class Role(Term):
    """The part an organisation or a person plays in the workflow (角色)."""

    CITY_OFFICE = "CITY_OFFICE", "市信息办", "city office"
    DISTRICT_OFFICE = "DISTRICT_OFFICE", "区县信息办", "district office"
    UNIT = "UNIT", "运营使用单位", "unit that runs systems"
    EXPERT = "EXPERT", "专家", "member of the expert panel"
    ASSESSOR = "ASSESSOR", "测评机构", "assessment body"


class Duty(Term):
    """What a membership lets a person do within its role (职责)."""

    OFFICER = "OFFICER", "经办人", "handles cases"
    LEADER = "LEADER", "签发领导", "signs"
    ADVISOR = "ADVISOR", "安全中心咨询员", "security centre advisor"
    ADMIN = "ADMIN", "管理员", "administrator"
    FILER = "FILER", "填报人", "prepares gradings and filings"
    APPROVER = "APPROVER", "审批人", "approves and submits"
    EXPERT = "EXPERT", "评审专家", "gives opinions"
    ASSESSOR = "ASSESSOR", "测评师", "carries out assessments"


# The duties that there are within each role.
DUTIES: Mapping[Role, frozenset[Duty]] = {
    Role.CITY_OFFICE: frozenset({Duty.OFFICER, Duty.LEADER, Duty.ADVISOR, Duty.ADMIN}),
    Role.DISTRICT_OFFICE: frozenset({Duty.OFFICER, Duty.ADMIN}),
    Role.UNIT: frozenset({Duty.FILER, Duty.APPROVER, Duty.ADMIN}),
    Role.EXPERT: frozenset({Duty.EXPERT}),
    Role.ASSESSOR: frozenset({Duty.ASSESSOR, Duty.ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person, or a program with its key, acting under one membership of one tenant."""

    tenant_id: UUID
    user_id: UUID
    membership_id: UUID
    session_id: UUID
    role: Role
    duties: frozenset[Duty]
    organisation_id: UUID
    district_id: UUID | None
    language: str = "zh"
    # A program's key is good for these mutations alone; None: a person, for whom duties decide.
    operations: frozenset[str] | None = None
    # The password is one that somebody else made: it has to be changed before anything else.
    must_change_password: bool = False

    @property
    def is_program(self) -> bool:
        """Whether a service account calls (``session_id`` then is its key's)."""
        return self.operations is not None


class Access(Protocol):
    """The questions a use case asks before it reads or writes."""

    def may(self, caller: Caller, action: str) -> bool:
        """Whether the caller's role and duties allow the mutation named ``action`` (its GraphQL name)."""
        ...

    def objection(
        self, lines: Set[tuple[str, str]], role: Role, duty: Duty | None, operation: str, *, allowed: bool
    ) -> Text | None:
        """Why a city whose policy is ``lines`` (subject, action) may not make this change of it; None when it may."""
        ...

    def rows(self, caller: Caller, entity: Any) -> ColumnElement[bool]:
        """The predicate that leaves the rows of ``entity`` (a mapped class) the caller may see."""
        ...

    def is_personal(self, role: Role, entity: Any) -> bool:
        """Whether ``rows`` differ between people of one role in one organisation."""
        ...

    def values(self, caller: Caller) -> Mapping[str, Any]:
        """The parameters of a statement that holds such a predicate."""
        ...
