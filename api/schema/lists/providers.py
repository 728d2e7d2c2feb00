"""The paged list of the directory of providers."""

from __future__ import annotations

from sqlalchemy import Boolean, ColumnElement, FromClause, Text, and_, func

from api.reads.listings import Filter, by_relation, by_term, by_text, from_date, listing, until_date
from api.schema.common import TODAY, vocabulary
from api.schema.lists.wording import ORGANISATION_THAT, STATE
from domain.providers.entities import Provider, ProviderService, RecommendationState

for _term in (ProviderService, RecommendationState):
    vocabulary(_term)

# What ``in_force`` reads.
VALIDITY = ("state", "valid_from", "valid_until")


def in_force(t: FromClause) -> ColumnElement[bool]:
    """The recommendation holds today."""
    return and_(t.c.state == RecommendationState.RECOMMENDED.value, TODAY.between(t.c.valid_from, t.c.valid_until))


PROVIDERS = listing(
    "Provider",
    Provider,
    [
        by_term("state", "state", RecommendationState, STATE),
        Filter(
            "service",
            ProviderService,
            Text(),
            str,
            lambda t, v: v == func.any(t.c.services),
            frozenset({"services"}),
            "提供某类服务的 / that offer one service",
        ),
        Filter(
            "inForce",
            bool,
            Boolean(),
            bool,
            lambda t, v: in_force(t) == v,
            frozenset(VALIDITY),
            "推荐今日是否有效 / whether recommended today",
        ),
        from_date("endsFrom", "valid_until", "推荐有效期止不早于 / whose recommendation ends on this day or later"),
        until_date("endsUntil", "valid_until", "推荐有效期止不晚于 / whose recommendation ends by this day"),
        by_text(("description",), "服务说明含有 / whose description contains"),
        by_relation("organisation", "organisation_id", "Organisation", ORGANISATION_THAT),
    ],
    {"CREATED_AT": "created_at", "VALID_UNTIL": "valid_until"},
    "CREATED_AT",
)
