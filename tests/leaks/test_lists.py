"""Leaks through lists: filters, orderings, counts, pages and figures as oracles about what may not be seen.

Lists, filters and orderings are all that the schema offers; what is hidden from whom is what the scopes declare.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, get_named_type, get_nullable_type

from api.reads.listings import LISTINGS, Relation
from api.reads.sources import Connection, registry, source_of
from api.schema.build import schema
from authz.scopes import HIDDEN
from domain.access import Role
from tests.e2e.oracle import PREFIXES, Viewer, Worlds
from tests.leaks.test_graph import ROLES, ids_in
from tests.support import Api

PEOPLE = {Role.CITY_OFFICE: "city.officer", Role.DISTRICT_OFFICE: "district.officer", Role.UNIT: "unit.filer",
          Role.EXPERT: "expert", Role.ASSESSOR: "assessor"}  # fmt: skip
AT_ONCE = 14
VALUES = {"String": ('"甲"', '"0"'), "Int": ("1", "4"), "Boolean": ("true", "false"),
          "Date": ('"2020-01-01"', '"2030-01-01"'),
          "DateTime": ('"2020-01-01T00:00:00Z"', '"2030-01-01T00:00:00Z"')}  # fmt: skip


def roots() -> dict[str, str]:
    """The query's paged lists by their entities' types."""
    query = schema().query_type
    assert query
    sources = {name: source_of(field) for name, field in query.fields.items()}
    return {source.listing.name: name for name, source in sources.items() if isinstance(source, Connection)}


ROOTS = roots()


def two_values(listing: str, name: str) -> tuple[str, str]:
    """Two values that a field of a list's filter may be given, written as literals."""
    type_ = schema().get_type(f"{listing}Filter")
    assert isinstance(type_, GraphQLInputObjectType)
    given = type_.fields[name].type
    named = get_named_type(given)
    if isinstance(named, GraphQLInputObjectType):
        one, other = "{}", "{not:{}}"
    elif isinstance(named, GraphQLEnumType):
        one, other = next(iter(named.values)), list(named.values)[-1]
    elif named.name == "ID":
        offered = LISTINGS[listing].filters[name]
        one = other = f'"{offered.name}"'
    else:
        one, other = VALUES[named.name]
    listed = isinstance(get_nullable_type(given), GraphQLList)
    return (f"[{one}]", f"[{other}]") if listed else (one, other)


def hidden_filters() -> Iterator[tuple[Role, str, str]]:
    """Role, list and field: the filters that read a column which is hidden from the role."""
    for (role, table), columns in HIDDEN.items():
        for name, listing in LISTINGS.items():
            if listing.model.__tablename__ == table:
                yield from ((role, name, each.name) for each in listing.filters.values() if each.needs & columns)


def hidden_orders() -> Iterator[tuple[Role, str, str]]:
    """Role, list and value: the orderings by a column that is hidden from the role."""
    for (role, table), columns in HIDDEN.items():
        for name, listing in LISTINGS.items():
            if listing.model.__tablename__ == table:
                yield from ((role, name, value) for value, column in listing.orders.items() if column in columns)


FILTERS, ORDERS = list(hidden_filters()), list(hidden_orders())
REFUSED = "此项对您的角色不可见,不能据以筛选或排序。请去掉该条件。"


async def refusals(api: Api, role: Role, *asked: str) -> list[dict[str, Any]]:
    """The one error of each of these lists, none of which has any data."""
    found = []
    for each in asked:
        answer = await api.answer(PEOPLE[role], f"{{outer:{each}}}")
        assert answer.get("data") in (None, {"outer": None}), answer
        (error,) = answer["errors"]
        found.append(error)
    return found


def test_something_is_hidden() -> None:
    """The tests below have something to try."""
    assert len({listing for _, listing, _ in FILTERS}) >= 2
    assert ORDERS


@pytest.mark.parametrize("person", ROLES)
async def test_filter_on_unreadable_relation_matches_nothing(api: Api, worlds: Worlds, person: str) -> None:
    """Row 5: a filter reached related rows that reading would not have shown, and so answered questions about them."""
    viewer = Viewer.called(worlds["beijing"], person)
    for name, listing in LISTINGS.items():
        relations = [each for each in listing.filters.values() if isinstance(each, Relation)]
        if name not in ROOTS or not relations or any(_is_hidden(viewer, name, each) for each in relations):
            continue
        both = " ".join(
            f"r{n}:{ROOTS[name]}(first:100,filter:{{{each.name}:{{}}}}){{totalCount nodes{{id}}}} "
            f"n{n}:{ROOTS[name]}(first:100,filter:{{not:{{{each.name}:{{}}}}}}){{totalCount nodes{{id}}}}"
            for n, each in enumerate(relations)
        )
        answer = await api.ask(person, f"{{all:{ROOTS[name]}(first:100){{totalCount}} {both}}}")
        table = str(listing.model.__tablename__)
        rows = viewer.all.rows[table]
        for n, each in enumerate(relations):
            target = str(registry.by_type[each.target].model.__tablename__)
            seen = {UUID(key.partition("_")[2]) for key in viewer.visible(target)}
            assert answer[f"r{n}"]["totalCount"] + answer[f"n{n}"]["totalCount"] == answer["all"]["totalCount"]
            for alias, holds in ((f"r{n}", True), (f"n{n}", False)):
                found = [rows[UUID(node["id"].partition("_")[2])] for node in answer[alias]["nodes"]]
                assert all((row[each.key] in seen) is holds for row in found), (name, each.name)


def _is_hidden(viewer: Viewer, name: str, relation: Relation) -> bool:
    table = str(LISTINGS[name].model.__tablename__)
    known = table in PREFIXES and str(registry.by_type[relation.target].model.__tablename__) in PREFIXES
    return not known or bool(HIDDEN.get((Role(viewer.role), table), frozenset()) & relation.needs)


@pytest.mark.parametrize(("role", "listing", "field"), FILTERS)
async def test_filter_startswith_hidden_column_same_error_as_unknown(
    api: Api, role: Role, listing: str, field: str
) -> None:
    """Row 6: filters on a hidden column, asked value by value, spelt it out. Whatever the value, the refusal is one."""
    asked = [f"{ROOTS[listing]}(filter:{{{field}:{value}}}){{totalCount}}" for value in two_values(listing, field)]
    one, other = await refusals(api, role, *asked)
    assert one == other
    assert (one["message"], one["extensions"]["argument"]) == (REFUSED, f"filter.{field}")


async def test_text_does_not_find_by_what_is_hidden(api: Api, worlds: Worlds) -> None:
    """Row 6: nor does a search; what is hidden from a role is not among what its texts are looked for in."""
    for role, person in PEOPLE.items():
        columns = HIDDEN.get((role, "organisations"), frozenset())
        viewer = Viewer.called(worlds["beijing"], person)
        units = [row for row in viewer.all.values("organisations") if viewer.organisations(row)]
        for column in columns & {"credit_code", "contact_phone", "leader_name", "address"}:
            text = next((row[column] for row in units if row["kind"] == "UNIT" and row[column]), None)
            if text is None or any(text in row["name"] for row in units):
                continue
            asked = """query($t:String!){organisations(filter:{text:$t}){totalCount}
                       search(text:$t){organisations{totalCount}}}"""
            answer = await api.ask(person, asked, t=text)
            assert answer["organisations"]["totalCount"] == answer["search"]["organisations"]["totalCount"] == 0


@pytest.mark.parametrize(("role", "listing", "value"), ORDERS)
async def test_order_by_hidden_column_rejected(api: Api, role: Role, listing: str, value: str) -> None:
    """Row 7: the order of rows told what a hidden column holds; so did one within other rows."""
    order = f"orderBy:[{{field:{value},direction:%s}}]"
    asked = [f"{ROOTS[listing]}({order % way}){{nodes{{id}}}}" for way in ("ASC", "DESC")]
    asked += [f"{ROOTS[listing]}(orderBy:[{{field:CREATED_AT}},{{field:{value}}}]){{nodes{{id}}}}"]
    if listing == "System":
        asked += [f"organisations{{nodes{{systems({order % 'ASC'}){{nodes{{id}}}}}}}}"]
    for error in await refusals(api, role, *asked):
        assert error["message"] == REFUSED


@pytest.mark.parametrize(("role", "listing", "field"), FILTERS)
async def test_hidden_column_inside_and_or_not_depth_5(api: Api, role: Role, listing: str, field: str) -> None:
    """Row 8: the guard looked at a filter's outermost fields only."""
    value, _ = two_values(listing, field)
    asked = [
        f"{ROOTS[listing]}(filter:{{and:[{{or:[{{}},{{not:{{and:[{{not:{{{field}:{value}}}}}]}}}}]}}]}}){{totalCount}}"
    ]
    for name, other in LISTINGS.items():
        for each in other.filters.values():
            table = str(other.model.__tablename__)
            hidden = HIDDEN.get((role, table), frozenset()) & each.needs
            if isinstance(each, Relation) and each.target == listing and name in ROOTS and not hidden:
                way = f"{{or:[{{not:{{{each.name}:{{not:{{{field}:{value}}}}}}}}}]}}"
                asked.append(f"{ROOTS[name]}(filter:{way}){{totalCount}}")
    for error in await refusals(api, role, *asked):
        assert error["message"] == REFUSED


@pytest.mark.parametrize("person", ["city.officer", "assessor"])
async def test_node_id_type_prefix_swap_all_pairs(api: Api, worlds: Worlds, person: str) -> None:
    """Row 15: an id read as one of another type gave the row, or slipped past the type's own rule."""
    viewer = Viewer.called(worlds["beijing"], person)
    swapped = []
    for table in PREFIXES:
        key = min(viewer.visible(table), default="").partition("_")[2]
        swapped += [f"{other}_{key}" for name, other in PREFIXES.items() if key and name != table]
    assert len(swapped) > 500
    # A body and its organisation, and others alike, share their key by design: such an id is a row's own.
    rows = {key for name in PREFIXES for key in viewer.visible(name)}
    for start in range(0, len(swapped), 100):
        asked = [each for each in swapped[start : start + 100] if each not in rows]
        nodes = (await api.ask(person, "query($i:[ID!]!){nodes(ids:$i){id}}", i=asked))["nodes"]
        assert not any(nodes)


FIGURES = {
    "filingsByState": "filings", "filingsByLevel": "filings", "filingsByDistrict": "filings",
    "reviewPunctuality": "reviewPeriods", "inspectionsByState": "inspections", "selfInspections": "selfInspections",
    "riskAssessments": "riskAssessments", "riskFindings": "riskFindings", "rectificationPlans": "rectificationPlans",
    "rectificationMeasures": "rectificationMeasures", "panelCases": "panelCases", "assessmentsByState": "assessments",
    "assessmentFindings": "assessmentFindings",
}  # fmt: skip


@pytest.mark.parametrize("person", ROLES)
async def test_count_sum_groupby_equals_visible_rows(api: Api, worlds: Worlds, person: str) -> None:
    """Row 17: figures were counted over rows that their list would not have shown."""
    asked = " ".join(f"{name}{{count}}" for name in FIGURES)
    counts = " ".join(f"{name}(first:1){{totalCount}}" for name in sorted(set(FIGURES.values())))
    answer = await api.ask(person, f"{{statistics{{{asked}}} {counts}}}")
    for name, root in FIGURES.items():
        assert sum(each["count"] for each in answer["statistics"][name]) == answer[root]["totalCount"], name
    seen = len(Viewer.called(worlds["beijing"], person).visible("filings"))
    assert answer["filings"]["totalCount"] == seen


async def test_aggregate_arg_column_authorized(api: Api) -> None:
    """Row 18: an aggregate read a column that reading hides. A role that may not see what figures are by has none."""
    figures = "{statistics{inspectionCoverage{inspectionStanding count}}}"
    for role, person in PEOPLE.items():
        hidden = "inspection_due_on" in HIDDEN.get((role, "systems"), frozenset())
        shown = (await api.ask(person, figures))["statistics"]["inspectionCoverage"]
        assert (shown == []) is hidden, person
    asked = "statistics{filingsByState(filter:{system:{inspectionStanding:OVERDUE}}){count}}"
    (error,) = (await api.answer("unit.filer", f"{{{asked}}}"))["errors"]
    assert error["message"] == REFUSED


async def test_small_groups_are_of_ones_own_rows(api: Api) -> None:
    """A figure of one row tells of that row: so it is of rows that the caller reads as well, however it filters."""
    asked = """query($f:FilingFilter){statistics{filingsByDistrict(filter:$f){authority district{id} count}}
               filings(first:1,filter:$f){totalCount}}"""
    offices = (await api.ask("city.officer", "{districts(first:50){nodes{id}}}"))["districts"]["nodes"]
    for person in ROLES:
        for district in offices:
            answer = await api.ask(person, asked, f={"districtId": district["id"]})
            counted = sum(each["count"] for each in answer["statistics"]["filingsByDistrict"])
            assert counted == answer["filings"]["totalCount"]
    own = (await api.ask("district.officer", "{viewer{membership{organisation{district{id}}}}}"))["viewer"]
    mine = own["membership"]["organisation"]["district"]["id"]
    figures = (await api.ask("district.officer", asked))["statistics"]["filingsByDistrict"]
    assert {each["district"]["id"] for each in figures} == {mine}


@pytest.mark.parametrize("person", ["expert", "assessor"])
async def test_alias_does_not_bypass_masking(api: Api, person: str) -> None:
    """Row 19: a redacted field was shown under another name, or under the name of one that is not redacted."""
    hidden = "name:creditCode kind2:kind id2:creditCode contactName2:leaderName a:address version:postcode"
    nested = f"{{systems(first:20){{nodes{{id:id unit{{{hidden}}}}}}}}}"
    units = [node["unit"] for node in (await api.ask(person, nested))["systems"]["nodes"]]
    assert units
    for unit in units:
        assert [unit[each] for each in ("name", "id2", "contactName2", "a", "version")] == [None] * 5
    listed = await api.all(person, "organisations", hidden, ",filter:{kind:UNIT}")
    assert all(node["name"] is node["id2"] is None for node in listed)


@pytest.mark.parametrize("person", ROLES)
async def test_pages_edges_total_count_has_next_scoped(api: Api, worlds: Worlds, person: str) -> None:
    """Row 20: nodes were guarded, and edges, counts and the page's ends were not."""
    viewer = Viewer.called(worlds["beijing"], person)
    tables = {registry.by_prefix[prefix]: table for table, prefix in PREFIXES.items()}
    lists = {ROOTS[name]: tables[name] for name in ROOTS if name in tables}
    parts = "totalCount nodes{id} edges{node{id}} pageInfo{hasNextPage hasPreviousPage startCursor endCursor}"
    answer: dict[str, Any] = {}
    for start in range(0, len(lists), AT_ONCE):
        some = list(lists)[start : start + AT_ONCE]
        asked = " ".join(f"{root}(first:100){{{parts}}} l_{root}:{root}(last:1){{{parts}}}" for root in some)
        answer |= await api.ask(person, f"{{{asked}}}")
    for root, table in lists.items():
        page, last, visible = answer[root], answer[f"l_{root}"], viewer.visible(table)
        assert page["totalCount"] == last["totalCount"] == len(visible), root
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert set(ids_in(page)) | set(ids_in(last)) <= visible
        assert page["pageInfo"]["hasNextPage"] is (len(visible) > 100)
        assert last["pageInfo"]["hasPreviousPage"] is (len(visible) > 1)
        assert (page["pageInfo"]["startCursor"] is None) is (not visible)


@pytest.mark.parametrize("person", ROLES)
async def test_total_count_independent_of_page_limit(api: Api, person: str) -> None:
    """Row 22: how many rows a page may have changed how many there were said to be."""
    pages = ("", "(first:1)", "(first:100)", "(last:1)", "(last:100)", "(first:0)")
    for root in ("filings", "systems", "gradings", "organisations"):
        asked = " ".join(f"a{n}:{root}{page}{{totalCount}}" for n, page in enumerate(pages))
        answer = await api.ask(person, f"{{{asked} page:{root}(first:1){{pageInfo{{endCursor}}}}}}")
        counts = {answer[f"a{n}"]["totalCount"] for n in range(len(pages))}
        if after := answer["page"]["pageInfo"]["endCursor"]:
            later = await api.ask(person, f"query($a:String){{{root}(first:1,after:$a){{totalCount}}}}", a=after)
            counts.add(later[root]["totalCount"])
        assert len(counts) == 1, (root, counts)


async def test_a_cursor_of_anothers_page_opens_nothing(api: Api) -> None:
    """A cursor names values and no rights: with another's, of any city, one goes on in one's own rows."""
    own = {node["id"] for node in await api.all("unit.filer", "filings", "id")}
    for other in ("city.officer", "city.officer@tianjin"):
        page = await api.ask(other, "{filings(first:3){pageInfo{endCursor startCursor}}}")
        for cursor in page["filings"]["pageInfo"].values():
            asked = "query($a:String){filings(first:100,after:$a){nodes{id} edges{node{id}}}}"
            assert set(ids_in(await api.ask("unit.filer", asked, a=cursor))) <= own
