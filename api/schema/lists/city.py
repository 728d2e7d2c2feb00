"""The paged lists of the city: districts, calendar, organisations, people."""

from __future__ import annotations

from api.reads.listings import (
    before_moment,
    by_id,
    by_name,
    by_relation,
    by_term,
    by_terms,
    by_text,
    from_date,
    from_moment,
    listing,
    until_date,
)
from api.schema.common import vocabulary
from api.schema.lists.wording import DISTRICT, DISTRICT_THAT, ORGANISATION_THAT, PERSON_THAT
from domain.access import Role
from domain.organisations.entities import AuthorityLevel, Organisation, OrganisationKind
from domain.people.entities import Membership, ServiceAccount, User, UserKind
from domain.policy.entities import PolicyChange
from domain.tenants.entities import CalendarDay, District

for _term in (AuthorityLevel, OrganisationKind, Role, UserKind):
    vocabulary(_term)

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
POLICY_CHANGES = listing(
    "PolicyChange",
    PolicyChange,
    [
        by_name("operation", "operation", "某项操作的 / of one operation"),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
SERVICE_ACCOUNTS = listing(
    "ServiceAccount",
    ServiceAccount,
    [
        by_id("organisationId", "organisation_id", "org", "某机构的 / of one organisation"),
        by_relation("organisation", "organisation_id", "Organisation", ORGANISATION_THAT),
        from_moment("createdFrom", "created_at", "此时起 / from this moment on"),
        before_moment("createdBefore", "created_at", "此时前 / before this moment"),
    ],
    {"CREATED_AT": "created_at"},
    "-CREATED_AT",
)
