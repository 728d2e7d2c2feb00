"""What a client may write in a query, answered as GraphQL says: paging, filters, orderings, fragments, directives."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update

from api.schema import lists
from domain.systems.entities import System
from storage.database import Database
from tests.support import Api

ROOTS = {
    "districts": lists.DISTRICTS,
    "organisations": lists.ORGANISATIONS,
    "users": lists.USERS,
    "systems": lists.SYSTEMS,
    "gradings": lists.GRADINGS,
    "filings": lists.FILINGS,
    "monthlyReturns": lists.MONTHLY_RETURNS,
    "inquiries": lists.INQUIRIES,
    "knowledgeArticles": lists.KNOWLEDGE_ARTICLES,
    "auditEvents": lists.AUDIT_EVENTS,
}
ORDERINGS = [
    (root, order, direction)
    for root, listing in ROOTS.items()
    for order, direction in itertools.product(listing.orders, ("ASC", "DESC"))
]


def field_of(order: str) -> str:
    """The field that an ordering's value names."""
    first, *rest = order.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


async def everything(api: Api, root: str, order: str, direction: str, selection: str) -> list[dict[str, Any]]:
    return await api.all("city.admin", root, selection, f",orderBy:[{{field:{order},direction:{direction}}}]")


@pytest.mark.parametrize(("root", "order", "direction"), ORDERINGS)
async def test_pages_of_any_size_and_direction_make_up_the_list(
    api: Api, root: str, order: str, direction: str
) -> None:
    whole = [node["id"] for node in await everything(api, root, order, direction, "id")]
    assert len(set(whole)) == len(whole)
    ordering = f"orderBy:[{{field:{order},direction:{direction}}}]"
    info = "pageInfo{hasNextPage hasPreviousPage startCursor endCursor}"
    for size, (count, cursor, start, more) in itertools.product(
        (7, 53), (("first", "after", "endCursor", "hasNextPage"), ("last", "before", "startCursor", "hasPreviousPage"))
    ):
        found: list[str] = []
        at = None
        document = f"query($n:Int,$c:String){{{root}({count}:$n,{cursor}:$c,{ordering}){{edges{{node{{id}}}} {info}}}}}"
        while True:
            page = (await api.ask("city.admin", document, n=size, c=at))[root]
            ids = [edge["node"]["id"] for edge in page["edges"]]
            assert len(ids) <= size
            other = "hasPreviousPage" if more == "hasNextPage" else "hasNextPage"
            assert page["pageInfo"][other] is (at is not None)
            found = found + ids if count == "first" else ids + found
            if not page["pageInfo"][more]:
                break
            at = page["pageInfo"][start]
        assert found == whole


SHOWN = [each for each in ORDERINGS if each[:2] not in {("organisations", "CREATED_AT"), ("users", "CREATED_AT")}]


@pytest.mark.parametrize(("root", "order", "direction"), SHOWN)
async def test_a_list_is_in_its_order(api: Api, root: str, order: str, direction: str) -> None:
    field = field_of(order)
    values = [node[field] for node in await everything(api, root, order, direction, f"id {field}")]
    present = [value for value in values if value is not None]
    # PostgreSQL counts nulls as the greatest.
    nulls = [None] * (len(values) - len(present))
    assert values == (present + nulls if direction == "ASC" else nulls + present)
    if field not in {"name", "displayName", "title"}:  # texts are ordered as the database orders them
        assert present == sorted(present, reverse=direction == "DESC")


async def test_filters_leave_what_they_say(api: Api) -> None:
    whole = await api.all("city.officer", "filings", "id state level authority submittedAt unit{id}")
    unit = whole[0]["unit"]["id"]
    moment = sorted(filing["submittedAt"] for filing in whole)[len(whole) // 2]
    cases = {
        "state:ACCEPTED": lambda f: f["state"] == "ACCEPTED",
        "states:[ACCEPTED,RE_REVIEW]": lambda f: f["state"] in {"ACCEPTED", "RE_REVIEW"},
        "states:WITHDRAWN": lambda f: f["state"] == "WITHDRAWN",
        "states:[]": lambda f: False,
        "state:null": lambda f: True,
        "level:3": lambda f: f["level"] == 3,
        "level:99": lambda f: False,
        "authority:CITY": lambda f: f["authority"] == "CITY",
        f'unitId:"{unit}"': lambda f: f["unit"]["id"] == unit,
        'unitId:"nonsense"': lambda f: False,
        f'unitId:"{unit.replace("org", "sys")}"': lambda f: False,
        f'submittedFrom:"{moment}"': lambda f: f["submittedAt"] >= moment,
        f'submittedBefore:"{moment}",level:2': lambda f: f["submittedAt"] < moment and f["level"] == 2,
        'reviewDueUntil:"1999-01-01"': lambda f: False,
    }
    for condition, keep in cases.items():
        found = await api.all("city.officer", "filings", "id", f",filter:{{{condition}}}")
        assert {each["id"] for each in found} == {each["id"] for each in whole if keep(each)}, condition


async def test_text_finds_every_word_in_any_case_and_width_and_nothing_by_wildcards(api: Api) -> None:
    whole = await api.all("city.officer", "systems", "name code")
    code = whole[0]["code"]
    cases = {
        "平台": lambda s: "平台" in s["name"],
        "政": lambda s: "政" in s["name"],
        "预算管理": lambda s: "预算管理" in s["name"],
        f"系统 {code.lower()}": lambda s: "系统" in s["name"] and code in s["code"],
        "系统\u3000管理": lambda s: "系统" in s["name"] and "管理" in s["name"],
        "统系": lambda s: "统系" in s["name"],
        "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in code): lambda s: code in s["code"],
        "%": lambda s: False,
        "_": lambda s: False,
        "\\": lambda s: False,
        " ": lambda s: True,
    }
    document = "query($t:String){systems(first:100,filter:{text:$t}){totalCount nodes{name} edges{node{code}}}}"
    for wanted, keep in cases.items():
        found = (await api.ask("city.officer", document, t=wanted))["systems"]
        expected = sorted(system["code"] for system in whole if keep(system))
        assert found["totalCount"] == len(expected), wanted
        if len(expected) <= 100:
            assert sorted(edge["node"]["code"] for edge in found["edges"]) == expected
    assert any(keep(system) for system in whole for wanted, keep in cases.items() if "管理" in wanted)


async def test_search_finds_what_the_lists_find(api: Api) -> None:
    kinds = ("systems", "organisations", "filings", "users")
    filtered = " ".join(f"{kind}(first:5,filter:{{text:$t}}){{totalCount nodes{{id}}}}" for kind in kinds)
    found = " ".join(f"{kind}(first:5){{totalCount nodes{{id}}}}" for kind in kinds)
    for person in ("city.officer", "unit.filer", "expert"):
        for wanted in ("平台", "海淀", "officer", "0001", "没有这样的"):
            lists_ = await api.ask(person, f"query($t:String){{{filtered}}}", t=wanted)
            together = await api.ask(person, f"query($t:String!){{search(text:$t){{{found}}}}}", t=wanted)
            assert together["search"] == lists_
    twice = await api.ask(
        "city.officer",
        """{ a:search(text:"平台"){systems{totalCount nodes{unit{systems(first:3){totalCount}}}}}
             b:search(text:"没有这样的"){systems{totalCount}} all:systems{totalCount} }""",
    )
    assert twice["b"]["systems"]["totalCount"] == 0 < twice["a"]["systems"]["totalCount"] < twice["all"]["totalCount"]
    # The text holds for the lists right below alone.
    assert any(node["unit"]["systems"]["totalCount"] > 1 for node in twice["a"]["systems"]["nodes"])


async def test_a_text_too_long_to_look_for_is_refused(api: Api) -> None:
    answer = await api.answer("city.officer", "query($t:String){systems(filter:{text:$t}){totalCount}}", t="政" * 201)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["errors"][0]["extensions"]["argument"] == "text"


async def test_what_is_renamed_is_found_by_its_new_name_only(database: Database, api: Api) -> None:
    tenant = await database.directory.resolve_tenant("beijing")
    assert tenant
    document = "query($t:String){systems(filter:{text:$t}){nodes{name}}}"
    async with database.transaction(tenant) as session:
        system = (await session.scalars(select(System).order_by(System.name).limit(1))).one()
        former, system.name = system.name, "罕见之名"
    try:
        assert (await api.ask("city.officer", document, t="罕见"))["systems"]["nodes"] == [{"name": "罕见之名"}]
        found = (await api.ask("city.officer", document, t=f"{former} {system.code}"))["systems"]["nodes"]
        assert found == []
    finally:
        async with database.transaction(tenant) as session:
            await session.execute(update(System).where(System.id == system.id).values(name=former))


async def test_the_same_filter_written_or_in_variables(api: Api) -> None:
    written = await api.ask("city.officer", "{filings(filter:{states:[ACCEPTED],level:2}){totalCount}}")
    for document, variables in (
        ("query($f:FilingFilter){filings(filter:$f){totalCount}}", {"f": {"states": ["ACCEPTED"], "level": 2}}),
        ("query($s:[FilingState!]){filings(filter:{states:$s,level:2}){totalCount}}", {"s": ["ACCEPTED"]}),
        ("query($s:FilingState!){filings(filter:{states:[$s],level:2}){totalCount}}", {"s": "ACCEPTED"}),
        ("query($l:Int=2){filings(filter:{states:[ACCEPTED],level:$l}){totalCount}}", {}),
    ):
        assert await api.ask("city.officer", document, **variables) == written


async def test_a_variable_that_changes_changes_the_answer_of_the_same_document(api: Api) -> None:
    document = """query($f:FilingFilter,$n:Int,$x:Boolean!){
      filings(first:$n,filter:$f){nodes{state level @include(if:$x)} totalCount}}"""
    for _ in range(2):  # the second time from the cache of plans
        for state, size, included in itertools.product(("ACCEPTED", "SUBMITTED", None), (1, 3), (True, False)):
            given = {"state": state} if state else None
            answer = (await api.ask("city.officer", document, f=given, n=size, x=included))["filings"]
            assert len(answer["nodes"]) == size
            assert all(state in {None, node["state"]} for node in answer["nodes"])
            assert all(("level" in node) is included for node in answer["nodes"])


async def test_aliases_fragments_and_typenames(api: Api) -> None:
    answer = await api.ask(
        "city.officer",
        """query { a: filings(first: 1) { ...F } b: filings(first: 2) { ...F __typename } __typename }
        fragment F on FilingConnection { n: nodes { ...G ... on Node { key: id } ... on Filing { level } } }
        fragment G on Filing { __typename s: state state system { name } system { __typename code } }""",
    )
    assert list(answer) == ["a", "b", "__typename"]
    assert answer["__typename"] == "Query"
    assert answer["b"]["__typename"] == "FilingConnection"
    first = answer["a"]["n"][0]
    assert list(first) == ["__typename", "s", "state", "system", "key", "level"]
    assert first == answer["b"]["n"][0]
    assert list(first["system"]) == ["name", "__typename", "code"]


async def test_skipped_everything_leaves_an_empty_object(api: Api) -> None:
    document = "query($x:Boolean!){viewer{user{id @skip(if:$x)}} districts @skip(if:$x){totalCount}}"
    answer = await api.ask("city.officer", document, x=True)
    assert answer == {"viewer": {"user": {}}}
    document = "query($x:Boolean!){filings(first:2){nodes{id @skip(if:$x)} edges{node{id @skip(if:$x)}}}}"
    answer = await api.ask("city.officer", document, x=True)
    assert answer == {"filings": {"nodes": [{}, {}], "edges": [{"node": {}}] * 2}}
    assert await api.ask("city.officer", "query($x:Boolean!){viewer @skip(if:$x){user{id}}}", x=True) == {}


async def test_a_global_id_of_one_kind_is_none_of_another(api: Api) -> None:
    filing = (await api.ask("city.officer", "{filings(first:1){nodes{id}}}"))["filings"]["nodes"][0]["id"]
    key = filing.partition("_")[2]
    ids = [f"{prefix}_{key}" for prefix in ("sys", "org", "doc", "rep", "ret", "grd", "xxx")] + [key, "", "fil_1"]
    answer = await api.ask("city.officer", 'query($ids:[ID!]!){nodes(ids:$ids){id} one:node(id:"x"){id}}', ids=ids)
    assert answer == {"nodes": [None] * len(ids), "one": None}


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ("first:101", "first"),
        ("first:-1", "first"),
        ("last:101", "last"),
        ("first:1,last:1", "first"),
        ('after:"x"', "cursor"),
        (f'after:"{base64.urlsafe_b64encode(orjson.dumps(["name,id", "x", "y"])).decode()}"', "cursor"),
        (f'after:"{base64.urlsafe_b64encode(orjson.dumps(["-created_at,-id", "x", "y"])).decode()}"', "cursor"),
        (f'after:"{base64.urlsafe_b64encode(orjson.dumps(["-created_at,-id"])).decode()}"', "cursor"),
        ("orderBy:[" + "{field:CREATED_AT}," * 5 + "]", "orderBy"),
    ],
)
async def test_arguments_that_cannot_be_used_are_refused(api: Api, arguments: str, word: str) -> None:
    token = await api.token("city.officer")
    answer = await api.post(f"{{filings({arguments}){{nodes{{id}}}}}}", token, {"accept-language": "en"})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert word in error["message"]


async def test_what_would_return_too_much_is_refused_before_it_is_asked(api: Api) -> None:
    document = "{organisations(first:100){nodes{systems(first:100){nodes{filings(first:100){nodes{id}}}}}}}"
    answer = await api.answer("city.officer", document)
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "OPERATION_TOO_COMPLEX"
    assert error["extensions"]["limit"] == "objects"


async def test_what_is_over_the_limits_of_a_result_is_refused_clearly(api: Api) -> None:
    alias = "a" * 64
    answer = await api.answer("city.officer", f"{{{alias}:districts{{totalCount}}}}")
    assert answer["errors"][0]["extensions"]["code"] == "OPERATION_TOO_COMPLEX"
    answer = await api.answer("city.officer", "query($i:[ID!]!){nodes(ids:$i){id}}", i=["x"] * 101)
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("arguments", ["last:2", "first:2", 'last:2,filter:{text:"nothing is called so"}'])
@pytest.mark.parametrize("selection", ["totalCount", "pageInfo{__typename}", "edges{__typename}", "__typename"])
async def test_a_list_of_which_little_is_selected_is_one_object(api: Api, arguments: str, selection: str) -> None:
    answer = await api.ask("city.officer", f"{{systems({arguments}){{{selection}}}}}")
    assert isinstance(answer["systems"], dict)
    if selection == "totalCount":
        whole = await api.ask("city.officer", "{systems{totalCount}}")
        assert answer["systems"]["totalCount"] == (0 if "nothing" in arguments else whole["systems"]["totalCount"])


async def test_introspection_beside_data(api: Api) -> None:
    answer = await api.ask(
        "city.officer",
        '{__type(name:"Filing"){name kind} districts{totalCount} ...F} fragment F on Query{__schema{queryType{name}}}',
    )
    assert answer["__type"] == {"name": "Filing", "kind": "OBJECT"}
    assert answer["districts"]["totalCount"] == 16
    assert answer["__schema"] == {"queryType": {"name": "Query"}}


async def test_an_entry_of_the_trail_shows_what_it_is_about(api: Api) -> None:
    made = await api.do("unit.filer", "createSystem", "system{id}", name="留痕平台", code="TRAIL")
    harms = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "GENERAL"}]}
    system = made["system"]["id"]
    draft = await api.do(
        "unit.filer", "saveGrading", "grading{id}", systemId=system, businessInformation=harms, systemService=harms
    )
    selection = "action subjectType subject{__typename id ...on System{name unit{id}} ...on Grading{level}}"
    # Signing in is an entry, too, for whoever asks first.
    entries = (await api.ask("city.admin", f"{{auditEvents(first:9){{nodes{{{selection}}}}}}}"))["auditEvents"]["nodes"]
    grading, entry = (
        next(each for each in entries if each["action"] == action) for action in ("saveGrading", "createSystem")
    )
    assert {**entry["subject"], "unit": None} == {
        "__typename": "System",
        "id": system,
        "name": "留痕平台",
        "unit": None,
    }
    # The city office sees no drafts, whatever leads to them.
    assert draft["grading"]["id"]
    assert (grading["subjectType"], grading["subject"]) == ("Grading", None)
