"""Filters: and, or, not, and relations; what they may not be asked, and that they tell no more than reading does."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from graphql import parse_value, value_from_ast_untyped

from tests.support import Api

# Where something hidden may stand in a filter or an ordering, with the argument's path.
HIDING_PLACES = [
    ("organisations(filter:{authorityLevel:DISTRICT})", "filter.authorityLevel"),
    ('organisations(filter:{districtId:"dis_x"})', "filter.districtId"),
    ("organisations(filter:{district:{}})", "filter.district"),
    ("organisations(filter:{not:{authorityLevel:CITY}})", "filter.not.authorityLevel"),
    ("organisations(filter:{or:[{kind:UNIT},{authorityLevel:CITY}]})", "filter.or.1.authorityLevel"),
    (
        "organisations(filter:{and:[{or:[{not:{and:[{not:{authorityLevel:CITY}}]}}]}]})",
        "filter.and.0.or.0.not.and.0.not.authorityLevel",
    ),
    ("systems(filter:{unit:{authorityLevel:CITY}})", "filter.unit.authorityLevel"),
    ("filings(filter:{system:{not:{unit:{supervisingUnit:{}}}}})", "filter.system.not.unit.supervisingUnit"),
]


@pytest.mark.parametrize("person", ["expert", "assessor"])
@pytest.mark.parametrize(("asked", "argument"), HIDING_PLACES)
async def test_what_a_role_cannot_see_is_refused_alike_wherever_it_filters(
    api: Api, person: str, asked: str, argument: str
) -> None:
    answer = await api.answer(person, f"{{outer:{asked}{{totalCount}}}}")
    (error,) = answer["errors"]
    assert error == {
        "message": "此项对您的角色不可见,不能据以筛选或排序。请去掉该条件。",
        "path": ["outer"],
        "extensions": {"code": "BAD_USER_INPUT", "argument": argument},
    }
    # In variables it is the same, and a filter that is not given asks for nothing.
    root, _, given = asked.partition("(filter:")
    kind = root[0].upper() + root[1:-1]
    document = f"query($f:{kind}Filter){{outer:{root}(filter:$f){{totalCount}}}}"
    written = _written(given.removesuffix(")"))
    assert (await api.answer(person, document, f=written))["errors"] == [error]
    await api.ask(person, document, f={"kind": "UNIT"} if root == "organisations" else {})
    await api.ask(person, document, f={"not": None, "and": None})


def _written(literal: str) -> Any:
    """A literal of GraphQL as JSON."""
    return value_from_ast_untyped(parse_value(literal))


@pytest.mark.parametrize("person", ["district.officer", "unit.filer", "expert", "assessor"])
async def test_a_filter_says_of_related_rows_what_reading_them_says(api: Api, person: str) -> None:
    """Rows out of sight match nothing, whatever is asked of them; so neither a filter nor its complement tells more."""
    whole = {each["id"]: each for each in await api.all(person, "filings", "id system{id level} grading{id level}")}
    for relation, condition in itertools.product(("system", "grading"), ("{}", "{level:3}", "{not:{level:3}}")):
        argument = f",filter:{{{relation}:{condition}}}"
        found = {each["id"] for each in await api.all(person, "filings", "id", argument)}
        shown = {
            key
            for key, row in whole.items()
            if row[relation] and (condition == "{}" or (row[relation]["level"] == 3) is (condition == "{level:3}"))
        }
        assert found == shown
        argument = f",filter:{{not:{{{relation}:{condition}}}}}"
        assert {each["id"] for each in await api.all(person, "filings", "id", argument)} == whole.keys() - shown


async def test_conditions_combine(api: Api) -> None:
    filings = {each["id"]: each for each in await api.all("city.officer", "filings", "id state level unit{name}")}

    async def found(condition: str) -> set[str]:
        return {each["id"] for each in await api.all("city.officer", "filings", "id", f",filter:{{{condition}}}")}

    def where(keep: Any) -> set[str]:
        return {key for key, row in filings.items() if keep(row)}

    accepted, third = "state:ACCEPTED", "level:3"
    both = where(lambda row: row["state"] == "ACCEPTED" and row["level"] == 3)
    either = where(lambda row: row["state"] == "ACCEPTED" or row["level"] == 3)
    assert await found(f"{accepted},{third}") == await found(f"and:[{{{accepted}}},{{{third}}}]") == both
    assert await found(f"or:[{{{accepted}}},{{{third}}}]") == either
    assert await found(f"not:{{or:[{{{accepted}}},{{{third}}}]}}") == filings.keys() - either
    assert await found("or:[]") == set()
    assert await found("and:[]") == await found("and:[{},{}]") == filings.keys()
    assert await found("not:{}") == set()
    assert await found(f"and:{{not:{{{accepted}}}}}") == filings.keys() - where(lambda row: row["state"] == "ACCEPTED")
    name = next(iter(filings.values()))["unit"]["name"]
    assert await found(f'unit:{{text:"{name}"}}') == where(lambda row: name in row["unit"]["name"])


@pytest.mark.parametrize(
    ("condition", "limit", "maximum", "actual"),
    [
        ("{not:" * 8 + "{}" + "}" * 8, "filterDepth", 7, 8),
        ("{system:" + "{parentSystem:" * 7 + "{}" + "}" * 8, "filterDepth", 7, 8),
        ("{or:[" + "{level:3}," * 101 + "]}", "filterConditions", 100, 101),
        ("{not:" * 100 + "{}" + "}" * 100, "inputDepth", 20, 21),
    ],
)
@pytest.mark.parametrize("way", ["literal", "variable"])
async def test_filters_beyond_a_limit_are_refused_by_name(
    api: Api, condition: str, limit: str, maximum: int, actual: int, way: str
) -> None:
    if way == "literal":
        answer = await api.answer("city.officer", f"{{filings(filter:{condition}){{totalCount}}}}")
    else:
        document = "query($f:FilingFilter){filings(filter:$f){totalCount}}"
        answer = await api.answer("city.officer", document, f=_written(condition))
    (error,) = answer["errors"]
    given = error["extensions"]
    assert (given["code"], given["limit"], given["maximum"]) == ("OPERATION_TOO_COMPLEX", limit, maximum)
    if limit != "inputDepth":
        assert given["actual"] == actual
        assert error["path"] == ["filings"]
