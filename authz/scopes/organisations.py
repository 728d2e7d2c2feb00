"""Rows of the city: its organisations, districts, calendar and settings."""

from __future__ import annotations

from collections.abc import Mapping

from authz.scopes.language import (
    DISTRICT,
    A,
    C,
    D,
    E,
    Rows,
    U,
    both,
    either,
    everything,
    of_its_assessments,
    of_its_cases,
    own_or_supervised,
    where,
)
from domain.access import Role
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind

# Offices, assessment bodies and providers are known to everybody in the city.
_public = where(
    "kind",
    OrganisationKind.CITY_OFFICE,
    OrganisationKind.DISTRICT_OFFICE,
    OrganisationKind.ASSESSMENT_BODY,
    OrganisationKind.PROVIDER,
)
_district_units = both(where("authority_level", AuthorityLevel.DISTRICT), lambda t: t.c.district_id == DISTRICT)
_every_role: Mapping[Role, Rows] = dict.fromkeys(Role, everything)

SCOPES: Mapping[str, Mapping[Role, Rows]] = {
    Organisation.__tablename__: {
        C: everything,
        D: either(_public, _district_units),
        U: either(_public, own_or_supervised("id")),
        E: either(_public, of_its_cases("unit_id")),
        A: either(_public, of_its_assessments("unit_id", "id")),
    },
    "districts": _every_role,
    "calendar_days": _every_role,
    "tenant_settings": _every_role,
}

_CONTACT = frozenset({"contact_name", "contact_title", "contact_phone", "contact_mobile", "contact_email"})
_NAMING = frozenset({"tenant_id", "id", "kind", "name", "version", "created_at"})
_DETAILS = frozenset(Organisation.__table__.c.keys()) - _NAMING

HIDDEN: Mapping[tuple[Role, str], frozenset[str]] = {
    (E, Organisation.__tablename__): _DETAILS,
    (A, Organisation.__tablename__): _DETAILS - _CONTACT,
}
