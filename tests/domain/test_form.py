"""The filing form: a draft may lack anything, a complete one lacks nothing, and the way there is always told."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from domain.documents.kinds import DocumentKind
from domain.errors import Problem
from domain.filings import form as forms
from domain.filings.consistency import Places, contradictions, read_entry
from domain.filings.dependent import out_of_place
from domain.filings.form import FilingForm, FilingFormEntry, GradingTable, Table, UnitTable, merge, problems_of
from domain.filings.missing import DERIVED, OPTIONAL, missing_items
from domain.filings.sample import SAMPLES, completed, entered, valid_value, with_value
from domain.text import Term

EVERYTHING = frozenset(DocumentKind)
levels = st.integers(2, 5)


def bare(annotation: Any) -> Any:
    """An annotation without None and constraints."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    some = [each for each in get_args(annotation) if each is not type(None)]
    if type(None) in get_args(annotation):
        return bare(some[0])
    return annotation


def leaves(table: type[Table], path: str) -> Iterator[tuple[str, Any]]:
    """Every question of a table: its path as the API shows it, and the type of its answer."""
    for field in table.model_fields.values():
        kind = bare(field.rebuild_annotation())
        place = f"{path}.{field.alias}"
        if isinstance(kind, type) and issubclass(kind, Table):
            yield from leaves(kind, place)
        else:
            yield place, kind


TABLES: dict[str, type[Table]] = {"unit": UnitTable, "system": forms.SystemTable, "grading": forms.GradingEntry}
QUESTIONS = dict(leaf for name, table in TABLES.items() for leaf in leaves(table, name))


def answers(path: str, kind: Any) -> st.SearchStrategy[Any]:
    """Valid answers to the question at ``path``, as a client sends them."""
    if path.endswith("postcode"):
        return st.from_regex("[0-9]{6}", fullmatch=True, alphabet="0123456789")
    if path.endswith("divisionCode"):
        return st.sampled_from(["110108", "320100", "540000"])
    if path.endswith("email"):
        return st.just("a@example.org")
    if get_origin(kind) is list:
        return st.lists(answers("", bare(get_args(kind)[0])), min_size=1, max_size=4)
    if issubclass(kind, Table):
        fields = {f.alias: answers("", bare(f.rebuild_annotation())) for f in kind.model_fields.values()}
        return st.fixed_dictionaries(fields).map(kind.model_validate).map(_in_place)
    if issubclass(kind, Term):
        return st.sampled_from([member.value for member in kind])
    plain: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(0, 100),
        dt.date: st.dates().map(dt.date.isoformat),
        str: st.text("甲乙ab1", min_size=1, max_size=9),
    }
    return plain[kind]


def _in_place(row: Table) -> dict[str, Any]:
    """The row without answers that its others do not call for."""
    stray = {name: None for name, _ in out_of_place(row)}
    return row.model_copy(update=stray).model_dump(mode="json", by_alias=True, exclude_none=True)


def required(form: FilingForm, level: int) -> list[str]:
    return [item.path for item in missing_items(form, level, EVERYTHING) if item.required]


def test_an_empty_form_lacks_a_valid_answer_to_known_questions_only() -> None:
    paths = required(FilingForm(), 3)
    assert len(paths) == len(set(paths)) > 30
    assert set(paths) <= set(QUESTIONS)


WORDS = {
    "unit.postcode": ("请填写:表一 03 邮政编码(6 位数字)。", "Fill in: table 1, 03 postcode, 6 digits."),
    "unit.leader.name": (
        "请填写:表一 05 单位负责人的姓名。",
        "Fill in: table 1, 05 leader in charge of security: name.",
    ),
    "grading.filledBy": ("请填写:表三 填表人。", "Fill in: table 3, filled in by."),
}


@pytest.mark.parametrize(("path", "words"), WORDS.items())
def test_what_is_missing_is_named_as_the_form_prints_it(path: str, words: tuple[str, str]) -> None:
    (message,) = [item.message for item in missing_items(FilingForm(), 2, ()) if item.path == path]
    assert message == words


def test_there_is_a_sample_for_every_question() -> None:
    assert set(SAMPLES) == set(QUESTIONS)


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_every_sample_can_be_entered_and_read_again(path: str) -> None:
    form = with_value(FilingForm(), path, valid_value(path))
    shown: Any = entered(form)
    for step in path.split("."):
        shown = shown[step]
    sample = valid_value(path)
    assert shown == sample
    assert FilingForm.model_validate(form.stored()) == form


@pytest.mark.parametrize("path", required(FilingForm(), 3))
def test_each_missing_item_can_be_filled_by_itself(path: str) -> None:
    left = required(with_value(FilingForm(), path, valid_value(path)), 3)
    assert left == [each for each in required(FilingForm(), 3) if each != path]


@given(st.data(), levels)
@settings(max_examples=40, deadline=None)
def test_filling_what_is_missing_ends_with_nothing_missing(data: st.DataObject, level: int) -> None:
    form, steps = FilingForm(), 0
    while paths := required(form, level):
        path = data.draw(st.sampled_from(paths))
        form = with_value(form, path, data.draw(answers(path, QUESTIONS[path])))
        assert path not in required(form, level)
        steps += 1
    assert steps <= len(QUESTIONS)


@given(levels)
def test_a_completed_form_lacks_documents_only(level: int) -> None:
    form = completed(FilingForm(), level)
    assert missing_items(form, level, EVERYTHING) == []
    assert {item.path for item in missing_items(form, level, ())} <= set(DocumentKind)


CALLS_FOR = {
    ("unit.subordination", "OTHER"): ["unit.subordinationOther"],
    ("unit.unitType", "OTHER"): ["unit.unitTypeOther"],
    ("unit.industry", "OTHER"): ["unit.industryOther"],
    ("system.serviceScope", "CROSS_PROVINCE"): ["system.serviceScopeCount"],
    ("system.serviceScope", "CROSS_CITY"): ["system.serviceScopeCount"],
    ("system.serviceScope", "OTHER"): ["system.serviceScopeOther"],
    ("system.serviceAudience", "OTHER"): ["system.serviceAudienceOther"],
    ("system.networkCoverage", "OTHER"): ["system.networkCoverageOther"],
    ("system.networkNature", "OTHER"): ["system.networkNatureOther"],
    ("system.isSubsystem", True): ["system.parentSystem", "system.parentUnit"],
    ("grading.hasCompetentDepartment", True): ["grading.competentDepartment", "grading.departmentApproved"],
}
CALLS_FOR_IN_LISTS: list[tuple[str, Any, list[str]]] = [
    ("system.businessTypes", ["CONTROL", "OTHER"], ["system.businessOther"]),
    ("system.interconnections", ["OTHER"], ["system.interconnectionOther"]),
    ("system.keyProducts", [{"kind": "SERVER", "count": 1, "domesticUse": "PARTIAL"}], ["system.keyProducts"]),
    ("system.keyProducts", [{"kind": "OTHER", "count": 1, "domesticUse": "ALL"}], ["system.keyProducts"]),
    ("system.services", [{"kind": "OTHER", "used": True, "provider": "DOMESTIC"}], ["system.services"]),
    ("system.services", [{"kind": "OTHER", "used": False}], []),
]


@pytest.mark.parametrize(
    ("path", "answer", "then"), [*((*asked, then) for asked, then in CALLS_FOR.items()), *CALLS_FOR_IN_LISTS]
)
def test_an_answer_can_call_for_another(path: str, answer: Any, then: list[str]) -> None:
    without_companions = completed(FilingForm(), 3)
    assert required(with_value(without_companions, path, answer), 3) == then


def test_a_service_without_its_provider_is_pointed_out_and_does_not_stop_a_filing() -> None:
    form = with_value(completed(FilingForm(), 2), "system.services", [{"kind": "TRAINING", "used": True}])
    (item,) = missing_items(form, 2, EVERYTHING)
    assert (item.path, item.required) == ("system.services", False)
    assert "安全培训" in item.message.zh


ALWAYS = {"FILING_ARCHIVE"}
FROM_LEVEL_3 = {"TOPOLOGY", "ORGANISATION_AND_RULES", "PROTECTION_PLAN", "PRODUCT_LIST", "EXPERT_OPINION"}
DOCUMENTS = [
    # level, has a competent department, required, merely expected
    # Experts have reviewed the level, says the sample, so their opinion is expected where it is not owed.
    (2, False, ALWAYS, {"GRADING_REPORT", "EXPERT_OPINION"}),
    (2, True, ALWAYS, {"GRADING_REPORT", "EXPERT_OPINION"}),
    (3, False, ALWAYS | FROM_LEVEL_3, {"GRADING_REPORT", "ASSESSMENT_REPORT"}),
    (3, True, ALWAYS | FROM_LEVEL_3 | {"SUPERIOR_APPROVAL"}, {"GRADING_REPORT", "ASSESSMENT_REPORT"}),
    (4, False, ALWAYS | FROM_LEVEL_3, {"GRADING_REPORT", "ASSESSMENT_REPORT"}),
]


@pytest.mark.parametrize(("level", "supervised", "needed", "expected"), DOCUMENTS)
def test_documents_follow_the_level(level: int, supervised: bool, needed: set[str], expected: set[str]) -> None:
    form = with_value(completed(FilingForm(), level), "grading.hasCompetentDepartment", supervised)
    items = missing_items(completed(form, level), level, ())
    assert {item.path for item in items if item.required} == needed
    assert {item.path for item in items if not item.required} == expected


@given(st.sets(st.sampled_from(DocumentKind)))
def test_an_attached_document_is_not_missing(attached: set[DocumentKind]) -> None:
    lacking = {item.path for item in missing_items(completed(FilingForm(), 3), 3, attached)}
    everything = {item.path for item in missing_items(completed(FilingForm(), 3), 3, ())}
    assert lacking == everything - attached


BEIJING = Places("110000", frozenset({"110101", "110108"}))
SERVER = {"kind": "SERVER", "count": 1, "domesticUse": "ALL"}
# What cannot be right: what is entered, and every place that is told.
CONTRADICTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"unit": {"systemTotal": 3, "level2Count": 2, "level3Count": 2}}, ["unit.systemTotal"]),
    ({"unit": {"systemTotal": 4, "level2Count": 2, "level3Count": 2}}, []),
    ({"unit": {"systemTotal": 9, "level2Count": 2}}, []),
    ({"unit": {"divisionCode": "110199"}}, ["unit.divisionCode"]),
    ({"unit": {"divisionCode": "110108"}}, []),
    ({"unit": {"divisionCode": "110100"}}, []),
    ({"unit": {"divisionCode": "320100"}}, []),
    ({"unit": {"subordination": "COUNTY", "subordinationOther": "派出"}}, ["unit.subordinationOther"]),
    ({"unit": {"subordination": "OTHER", "subordinationOther": "派出"}}, []),
    ({"unit": {"unitType": "PARTY", "unitTypeOther": "x", "industry": "WATER", "industryOther": "y"}},
     ["unit.unitTypeOther", "unit.industryOther"]),
    ({"system": {"businessTypes": ["CONTROL"], "businessOther": "x"}}, ["system.businessOther"]),
    ({"system": {"serviceScope": "CITY", "serviceScopeCount": 2}}, ["system.serviceScopeCount"]),
    ({"system": {"serviceScope": "CROSS_CITY", "serviceScopeCount": 0}}, ["system.serviceScopeCount"]),
    ({"system": {"isSubsystem": False, "parentSystem": "x", "parentUnit": "y"}},
     ["system.parentSystem", "system.parentUnit"]),
    ({"system": {"keyProducts": [{**SERVER, "domesticPercent": 60}]}}, ["system.keyProducts.0.domesticPercent"]),
    ({"system": {"keyProducts": [{**SERVER, "domesticUse": "PARTIAL", "domesticPercent": 100}]}},
     ["system.keyProducts.0.domesticPercent"]),
    ({"system": {"keyProducts": [SERVER, {**SERVER, "other": "x"}]}}, ["system.keyProducts.1.other"]),
    ({"system": {"keyProducts": [SERVER, SERVER]}}, ["system.keyProducts.1.kind"]),
    ({"system": {"services": [{"kind": "TRAINING", "used": False, "provider": "DOMESTIC"}]}},
     ["system.services.0.provider"]),
    ({"grading": {"hasCompetentDepartment": False, "competentDepartment": "x", "departmentApproved": True}},
     ["grading.competentDepartment", "grading.departmentApproved"]),
]  # fmt: skip


def told(given: dict[str, Any]) -> list[Problem]:
    entry, problems = read_entry(given)
    return [*problems, *contradictions(entry, BEIJING)]


@pytest.mark.parametrize(("given", "places"), CONTRADICTIONS)
def test_what_contradicts_itself_is_told_at_its_place(given: dict[str, Any], places: list[str]) -> None:
    found = told(given)
    assert [problem.field for problem in found] == [f"form.{place}" for place in places]
    assert all(problem.message.zh and problem.message.en for problem in found)


def test_contradictions_are_told_beside_answers_that_cannot_be_read() -> None:
    found = told(
        {
            "unit": {"postcode": "x", "systemTotal": 1, "level2Count": 2, "leader": {"email": "nobody"}},
            "system": {
                "isSubsystem": False,
                "parentUnit": "y",
                "keyProducts": [{"kind": "SERVER"}],
                "services": [{"kind": "TRAINING", "used": False, "provider": "DOMESTIC"}],
            },
            "grading": {"noSuchField": 1},
        }
    )
    assert {problem.field for problem in found} == {
        "form.unit.postcode",
        "form.unit.leader.email",
        "form.unit.systemTotal",
        "form.system.parentUnit",
        "form.system.keyProducts.0.count",
        "form.system.keyProducts.0.domesticUse",
        "form.system.services.0.provider",
        "form.grading.noSuchField",
    }


@given(levels)
def test_a_completed_form_contradicts_nothing(level: int) -> None:
    assert told(entered(completed(FilingForm(), level))) == []


def test_the_counts_are_to_include_the_system_itself() -> None:
    form = with_value(completed(FilingForm(), 3), "unit.level3Count", 0)
    assert [(item.path, item.required) for item in missing_items(form, 3, EVERYTHING)] == [("unit.level3Count", False)]
    assert missing_items(form, 2, EVERYTHING) == []


def test_an_assessed_system_names_who_assessed_it() -> None:
    services = [{"kind": "LEVEL_ASSESSMENT", "used": True, "provider": "DOMESTIC"}]
    form = with_value(completed(FilingForm(), 2), "system.services", services)
    assert [(item.path, item.required) for item in missing_items(form, 2, EVERYTHING)] == [
        ("system.assessorName", False)
    ]
    assert missing_items(with_value(form, "system.assessorName", "某中心"), 2, EVERYTHING) == []


def test_what_is_given_replaces_that_table_and_no_other() -> None:
    form = completed(FilingForm(), 2)
    changed = merge(form, FilingFormEntry.model_validate({"unit": {"unitName": "新单位"}}))
    assert changed.unit == UnitTable(unit_name="新单位")
    assert (changed.system, changed.grading) == (form.system, form.grading)


def test_derived_fields_stay_and_cannot_be_entered() -> None:
    form = FilingForm(grading=GradingTable(level=3, filled_by="甲"))
    changed = merge(form, FilingFormEntry.model_validate({"grading": {"filledBy": "乙"}}))
    assert (changed.grading.level, changed.grading.filled_by) == (3, "乙")
    for place in DERIVED:
        name = GradingTable.model_fields[place.removeprefix("grading.")].alias
        with pytest.raises(ValidationError, match="extra_forbidden"):
            FilingFormEntry.model_validate({"grading": {name: None}})


REFUSED: list[tuple[str, Any, str]] = [
    ("unit.postcode", "1000", "6 位数字"),
    ("unit.postcode", "１０００３１", "6 位数字"),
    ("unit.divisionCode", "11010a", "6 位数字"),
    ("unit.divisionCode", "990108", "省级"),
    ("unit.leader.email", "nobody", "电子邮件"),
    ("unit.unitName", "字" * 201, "200"),
    ("unit.unitName", "a\x00b", "不可打印"),
    ("unit.unitName", "\ud800", "文字"),
    ("unit.level2Count", -1, "不得小于 0"),
    ("unit.systemTotal", 1.5, "整数"),
    ("unit.industry", "NO_SUCH", "TELECOM"),
    ("system.businessDescription", "字" * 4001, "4000"),
    ("system.inServiceOn", "2007-02-30", "日期"),
    ("system.isSubsystem", "maybe", "true"),
    ("system.services", [{"kind": "TRAINING", "used": False}] * 51, "50"),
    ("system.noSuchField", 1, "没有此项"),
]


@pytest.mark.parametrize(("path", "value", "remedy"), REFUSED)
def test_a_wrong_answer_is_refused_at_its_place_with_the_remedy(path: str, value: Any, remedy: str) -> None:
    with pytest.raises(ValidationError) as refused:
        with_value(FilingForm(), path, value)
    (problem,) = problems_of(refused.value, "form")
    assert problem.field == f"form.{path}"
    assert remedy in problem.message.zh
    assert problem.message.en


def test_all_problems_are_told_at_once_with_rows_counted_from_zero() -> None:
    row = {"kind": "SERVER", "count": 1, "domesticUse": "ALL"}
    entry = {"unit": {"postcode": "x"}, "system": {"key_products": [row, {**row, "domesticPercent": 101}]}}
    with pytest.raises(ValidationError) as refused:
        FilingFormEntry.model_validate(entry)
    places = [problem.field for problem in problems_of(refused.value, "form")]
    assert places == ["form.unit.postcode", "form.system.keyProducts.1.domesticPercent"]


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_blank_is_no_answer(blank: str) -> None:
    for path in ("unit.unitName", "unit.postcode", "unit.leader.email"):
        assert with_value(completed(FilingForm(), 2), path, blank) == with_value(completed(FilingForm(), 2), path, None)


def test_a_box_ticked_twice_is_ticked() -> None:
    form = with_value(FilingForm(), "system.businessTypes", ["CONTROL", "OTHER", "CONTROL"])
    assert form.system.business_types == ["CONTROL", "OTHER"]


def test_optional_questions_are_never_asked_for() -> None:
    optional = {".".join(to_camel(step) for step in place.split(".")) for place in OPTIONAL}
    assert optional <= set(QUESTIONS)
    assert not optional & set(required(FilingForm(), 5))
