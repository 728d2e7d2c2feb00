"""What a scope leaves out where rows are named by rows that are seen: in every city, none is shown by that alone."""

from __future__ import annotations

from uuid import uuid4

import pytest
from graphql import get_named_type
from sqlalchemy import func, select

from api.reads.sources import ToOne, registry, source_of
from api.schema.build import schema
from authz.scopes import BY_KEY, Named, scope, scope_values
from domain.access import Caller, Duty, Role
from domain.entities import Base
from domain.people.entities import Membership
from storage.database import Database
from tests.support import Api, demo_cities


def _left_out() -> list[tuple[Role, str, str, str]]:
    """Role, parent, its foreign key and the table that it names, wherever naming asks for less than reading does."""
    found = []
    for type_name, parent in registry.by_type.items():
        for field in schema().type_map[type_name].fields.values():  # type: ignore[attr-defined]  # an object type
            source = source_of(field)
            if not isinstance(source, ToOne) or source.key is None:
                continue
            target = registry.by_type[get_named_type(field.type).name].table
            for role in Role:
                way = Named(source.key, str(parent.model.__tablename__))
                if str(scope(role, target, way)) != str(scope(role, target, BY_KEY)):
                    found.append((role, str(parent.model.__tablename__), source.key, str(target.name)))
    return sorted(set(found))


LEFT_OUT = _left_out()


def test_only_the_units_of_units_rows_follow_from_them() -> None:
    assert {(role, target) for role, _, _, target in LEFT_OUT} == {(Role.UNIT, "organisations")}
    assert {("filings", "unit_id"), ("systems", "unit_id"), ("gradings", "unit_id")} <= {
        (parent, key) for _, parent, key, _ in LEFT_OUT
    }


@pytest.mark.parametrize(("role", "parent", "key", "target"), LEFT_OUT)
async def test_what_is_named_is_seen(
    api: Api, database: Database, role: Role, parent: str, key: str, target: str
) -> None:
    for tenant_id in (await demo_cities(database)).values():
        async with database.transaction(tenant_id) as session:
            held = await session.scalars(select(Membership).where(Membership.role == role))
            for organisation_id in {each.organisation_id for each in held}:
                caller = Caller(
                    tenant_id, uuid4(), uuid4(), uuid4(), role, frozenset({Duty.FILER}), organisation_id, None
                )
                rows, named = Base.metadata.tables[parent].alias(), Base.metadata.tables[target].alias()
                unseen = (
                    select(func.count())
                    .select_from(rows.outerjoin(named, (named.c.id == rows.c[key]) & scope(role, named)))
                    .where(scope(role, rows), rows.c[key].is_not(None), named.c.id.is_(None))
                )
                assert await session.scalar(unseen, scope_values(caller)) == 0
