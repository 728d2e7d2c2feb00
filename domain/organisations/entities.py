"""Organisations (机构): the city office, district offices, units, assessment bodies and providers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import TenantRow, Versioned, refers, term, unique
from domain.text import Term


class OrganisationKind(Term):
    """What an organisation is in the workflow (机构类别)."""

    CITY_OFFICE = "CITY_OFFICE", "市信息办", "city office"
    DISTRICT_OFFICE = "DISTRICT_OFFICE", "区县信息办", "district office"
    UNIT = "UNIT", "运营使用单位", "unit that runs systems"
    ASSESSMENT_BODY = "ASSESSMENT_BODY", "测评机构", "assessment body"
    PROVIDER = "PROVIDER", "安全服务机构", "security service provider"


class AuthorityLevel(Term):
    """With which authority a unit files (备案层级): the city office or its district office."""

    CITY = "CITY", "市级", "files with the city office"
    DISTRICT = "DISTRICT", "区县级", "files with its district office"


class Organisation(Versioned, TenantRow):
    """One organisation; a unit may have a supervising unit (主管部门), itself a unit."""

    __tablename__ = "organisations"

    kind: Mapped[OrganisationKind] = mapped_column(term(OrganisationKind))
    name: Mapped[str]
    credit_code: Mapped[str | None]
    authority_level: Mapped[AuthorityLevel | None] = mapped_column(term(AuthorityLevel))
    district_id: Mapped[UUID | None]
    supervising_unit_id: Mapped[UUID | None]
    # The five digits that a unit's filings carry in their number, given once.
    unit_serial: Mapped[int | None]
    province: Mapped[str | None]
    city: Mapped[str | None]
    county: Mapped[str | None]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    unit_type: Mapped[str | None]
    subordination: Mapped[str | None]
    industry: Mapped[str | None]
    responsible_department: Mapped[str | None]
    leader_name: Mapped[str | None]
    leader_title: Mapped[str | None]
    leader_phone: Mapped[str | None]
    leader_email: Mapped[str | None]
    contact_name: Mapped[str | None]
    contact_title: Mapped[str | None]
    contact_phone: Mapped[str | None]
    contact_mobile: Mapped[str | None]
    contact_email: Mapped[str | None]

    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        refers("district_id", "districts"),
        refers("supervising_unit_id", "organisations"),
        unique("credit_code"),
        unique("unit_serial"),
        CheckConstraint("(kind = 'UNIT') = (authority_level IS NOT NULL)", name="authority_level_of_units"),
        CheckConstraint(
            "district_id IS NOT NULL OR NOT (kind = 'DISTRICT_OFFICE' OR authority_level = 'DISTRICT')",
            name="district_known",
        ),
        CheckConstraint("supervising_unit_id IS DISTINCT FROM id", name="not_its_own_supervisor"),
        Index(None, "tenant_id", "kind", "name", "id"),
        Index(None, "tenant_id", "name", "id"),
        Index(None, "tenant_id", "created_at", "id"),
        Index(None, "tenant_id", "district_id", "authority_level", "id"),
        Index(None, "tenant_id", "district_id", "name", "id"),
        Index(None, "tenant_id", "supervising_unit_id", "id"),
    )
