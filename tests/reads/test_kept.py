"""What the database keeps in the shape in which lists and views need it, so that reading it costs nothing more."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, get_nullable_type, is_list_type, is_object_type
from sqlalchemy import text

from api.schema.build import schema
from domain.access import Role
from domain.filings.form import FilingForm
from storage.database import Database
from tests.reads.support import Compiled
from tests.support import Api

CITIES = ("beijing", "tianjin")


def ordered(given: str) -> Any:
    """JSON with the order of its keys."""
    return json.loads(given, object_pairs_hook=list)


def form_type() -> GraphQLObjectType:
    found = schema().type_map["FilingForm"]
    assert isinstance(found, GraphQLObjectType)
    return found


def everything(type_: GraphQLObjectType) -> str:
    """All fields of a type, in their order."""
    parts = ((name, get_named_type(field.type)) for name, field in type_.fields.items())
    return "{" + " ".join(n + (everything(t) if isinstance(t, GraphQLObjectType) else "") for n, t in parts) + "}"


@pytest.mark.parametrize("table", ["filings", "filing_submissions"])
async def test_every_form_is_kept_whole_and_in_its_order(api: Api, database: Database, table: str) -> None:
    for city in CITIES:
        tenant = await database.directory.resolve_tenant(city)
        assert tenant
        async with database.transaction(tenant) as session:
            kept = list(await session.scalars(text(f"SELECT form::text FROM {table}")))  # noqa: S608
        assert kept
        for each in kept:
            whole = FilingForm.model_validate_json(each).stored()
            assert ordered(each) == ordered(json.dumps(whole))


def test_forms_that_are_there_were_completed_with_all_fields_of_today() -> None:
    """Whoever adds a field to the form completes the stored ones in a migration, and names that migration here."""

    def shape(type_: GraphQLObjectType) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in type_.fields.items():
            part = get_named_type(field.type)
            listed = is_list_type(get_nullable_type(field.type))
            made = shape(part) if isinstance(part, GraphQLObjectType) else None
            found[name] = [made] if made and listed else made
        return found

    completed = importlib.import_module("migrations.versions.0019_forms_as_shown").FORM
    assert json.dumps(completed) == json.dumps(shape(form_type()))


async def test_a_form_that_is_taken_whole_is_the_one_that_is_put_together(api: Api) -> None:
    whole = everything(form_type())
    fields = whole.replace("unit{unitName", "unit{first:unitName", 1)
    assert is_object_type(form_type())
    document = f"{{filings(first:30){{nodes{{form{whole}}}}}}}"
    handed_on = (await api.ask("city.officer", document))["filings"]["nodes"]
    shaped = (await api.ask("city.officer", document.replace(whole, fields)))["filings"]["nodes"]
    for one, other in zip(handed_on, shaped, strict=True):
        unit = other["form"]["unit"]
        assert list(one["form"]["unit"]) == ["unitName" if key == "first" else key for key in unit]
        unit["unitName"] = unit.pop("first")
        assert one == other


@pytest.mark.parametrize(
    ("change", "taken_apart"),
    [
        (("", ""), False),
        (("{unit{unitName ", "{unit{"), True),
        (("unitName province", "province unitName"), True),
        (("{unit", "{mine:unit"), True),
        (("{unit", "{__typename unit"), True),
        (("leader{name", "leader{called:name"), True),
    ],
)
def test_a_form_of_which_anything_else_is_asked_is_taken_apart(change: tuple[str, str], taken_apart: bool) -> None:
    document = f"{{filings{{nodes{{form{everything(form_type()).replace(*change, 1)}}}}}}}"
    plan, _, _ = Compiled(schema(), None).plan(document, {}, Role.CITY_OFFICE)  # type: ignore[arg-type]  # not run
    same, _, _ = Compiled(schema(), None).plan(  # type: ignore[arg-type]  # not run
        document.replace("{form", "{again:form"), {}, Role.CITY_OFFICE
    )
    assert ("jsonb_to_record" in plan.sql) is taken_apart
    assert plan.objects == same.objects


async def test_a_system_follows_its_unit_to_another_district(api: Api, database: Database) -> None:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    units = (
        "SELECT o.id, o.district_id, (SELECT id FROM districts WHERE id <> o.district_id LIMIT 1) AS other"
        " FROM organisations o WHERE authority_level = 'DISTRICT' AND EXISTS"
        " (SELECT FROM systems s WHERE s.unit_id = o.id) LIMIT 1"
    )
    systems = "SELECT DISTINCT district_id FROM systems WHERE unit_id = :unit"
    moved = "UPDATE organisations SET authority_level = :level, district_id = :district WHERE id = :unit"
    async with database.transaction(tenant) as session:
        unit = (await session.execute(text(units))).one()
        assert list(await session.scalars(text(systems), {"unit": unit.id})) == [unit.district_id]
        for level, district in (("DISTRICT", unit.other), ("CITY", None), ("DISTRICT", unit.district_id)):
            await session.execute(text(moved), {"level": level, "district": district, "unit": unit.id})
            assert list(await session.scalars(text(systems), {"unit": unit.id})) == [district]


async def test_what_a_system_is_found_by_is_what_the_search_says_of_it(api: Api, database: Database) -> None:
    wrong = "SELECT count(*) FROM systems WHERE found_by IS DISTINCT FROM search_text(concat_ws(E'\\n', name, code))"
    renamed = (
        "UPDATE systems SET name = name || 'Ｘt平台①', found_by = 'else' WHERE code = (SELECT min(code) FROM systems)"
    )
    for city in CITIES:
        tenant = await database.directory.resolve_tenant(city)
        assert tenant
        async with database.transaction(tenant) as session:
            assert await session.scalar(text("SELECT count(*) FROM systems"))
            assert await session.scalar(text(wrong)) == 0
            await session.execute(text(renamed))
            assert await session.scalar(text(wrong)) == 0
            await session.rollback()
