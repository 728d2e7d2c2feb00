"""A new filing's form holds what the platform already knows, and never fails over what it knows wrongly."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import domain.entities  # noqa: F401 - all tables are known before an entity is made
from domain.base import new_id
from domain.codes import credit_code
from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm
from domain.filings.missing import missing_items
from domain.filings.prefill import Known, prefilled, with_derived
from domain.filings.sample import completed
from domain.grading.entities import Grading
from domain.organisations.entities import Organisation
from domain.systems.entities import System

UNIT: Mapping[str, Any] = {
    "name": "示例局",
    "credit_code": credit_code("11110108000000001"),
    "province": "北京市",
    "city": "北京市",
    "county": "海淀区",
    "address": "示例路 1 号",
    "postcode": "100031",
    "subordination": "PREFECTURE",
    "unit_type": "GOVERNMENT",
    "industry": "FINANCE",
    "responsible_department": "信息处",
    "leader_name": "王建国",
    "leader_phone": "010-55550101",
    "contact_name": "李敏",
    "contact_phone": "010-55550102",
}
GENERAL_HARM_TO_ORDER = {"harms": [{"object": "SOCIAL_ORDER_PUBLIC_INTEREST", "degree": "GENERAL"}]}
TWO_HARMS = {
    "harms": [
        {"object": "NATIONAL_SECURITY", "degree": "GENERAL"},
        {"object": "LEGITIMATE_RIGHTS", "degree": "ESPECIALLY_SERIOUS"},
    ]
}


def grading() -> Grading:
    return Grading(
        business_information=TWO_HARMS,
        business_information_level=3,
        system_service=GENERAL_HARM_TO_ORDER,
        system_service_level=2,
        level=3,
        # Already the second of June in China.
        confirmed_at=dt.datetime(2026, 6, 1, 17, 0, tzinfo=dt.UTC),
    )


def known(unit: Mapping[str, Any] = UNIT, **more: Any) -> Known:
    system = System(name="审批系统", code="SP-1", in_service_on=dt.date(2020, 5, 1), parent_system_id=None)
    return Known(
        **{
            "unit": Organisation(**unit),
            "system": system,
            "grading": grading(),
            "levels": {1: 5, 2: 2, 3: 1},
            "system_total": 9,
            **more,
        }
    )


def test_what_is_known_of_the_unit_and_the_system_is_filled_in() -> None:
    form = prefilled(known())
    assert (form.unit.unit_name, form.unit.division_code, form.unit.industry) == ("示例局", "110108", "FINANCE")
    assert (form.unit.system_total, form.unit.level_2_count, form.unit.level_3_count) == (9, 2, 1)
    assert (form.unit.level_4_count, form.unit.level_5_count) == (0, 0)
    assert (form.system.system_name, form.system.system_number) == ("审批系统", "SP-1")
    assert form.system.in_service_on == dt.date(2020, 5, 1)
    assert not [item for item in missing_items(form, 3, ()) if item.path.startswith("unit.")]


def test_the_grading_gives_levels_boxes_and_the_day_in_china() -> None:
    table = prefilled(known()).grading
    assert (table.business_information_level, table.system_service_level, table.level) == (3, 2, 3)
    assert (table.business_information_boxes, table.system_service_boxes) == (["2-2", "5-3"], ["3-2"])
    assert table.graded_on == dt.date(2026, 6, 2)


def test_a_supervising_unit_approved_the_level_before_there_was_a_filing() -> None:
    supervised = prefilled(known(supervising_unit="主管局")).grading
    assert (supervised.has_competent_department, supervised.competent_department) == (True, "主管局")
    assert supervised.department_approved is True
    alone = prefilled(known()).grading
    assert (alone.has_competent_department, alone.competent_department) == (False, None)


def test_a_subsystem_names_its_parent() -> None:
    system = System(name="子系统", code="SP-2", in_service_on=None, parent_system_id=new_id())
    form = prefilled(known(system=system, parent_system="平台", parent_unit="平台局"))
    assert (form.system.is_subsystem, form.system.parent_system, form.system.parent_unit) == (True, "平台", "平台局")


UNFIT = [
    ("postcode", "1000", "unit.postcode"),
    ("name", "字" * 201, "unit.unitName"),
    ("industry", "NO_SUCH", "unit.industry"),
    ("leader_phone", "1" * 41, "unit.leader.phone"),
    ("credit_code", "91ABCDEFM000100Y43", "unit.divisionCode"),
    ("credit_code", None, "unit.divisionCode"),
    ("leader_name", None, "unit.leader.name"),
]


@pytest.mark.parametrize(("column", "value", "asked"), UNFIT)
def test_what_does_not_fit_the_form_is_asked_for_and_the_rest_is_kept(column: str, value: Any, asked: str) -> None:
    form = prefilled(known({**UNIT, column: value}))
    assert [item.path for item in missing_items(form, 3, ()) if item.path.startswith("unit.")] == [asked]


@given(st.fixed_dictionaries({column: st.none() | st.text() for column in UNIT}))
def test_no_record_of_a_unit_stops_a_filing_from_being_begun(unit: dict[str, str | None]) -> None:
    form = prefilled(known({**unit, "name": unit["name"] or "某单位"}))
    assert FilingForm.model_validate(form.stored()) == form


def test_table_4_lists_what_is_there_and_what_is_not() -> None:
    form = with_derived(FilingForm(), grading(), {DocumentKind.TOPOLOGY: "拓扑.pdf"})
    rows = {row.kind: (row.present, row.filename) for row in form.attachments}
    assert len(rows) == 7
    assert rows.pop(DocumentKind.TOPOLOGY) == (True, "拓扑.pdf")
    assert set(rows.values()) == {(False, None)}


def test_level_2_owes_no_table_4() -> None:
    second = grading()
    second.level = 2
    assert with_derived(FilingForm(), second, {}).attachments == []


@pytest.mark.parametrize("there", [True, False])
def test_the_grading_report_is_known_from_the_documents(there: bool) -> None:
    documents = {DocumentKind.GRADING_REPORT: "定级报告.docx"} if there else {}
    assert with_derived(FilingForm(), grading(), documents).grading.has_grading_report is there


def test_a_regrading_changes_what_follows_from_it_and_nothing_that_was_entered() -> None:
    form = completed(prefilled(known()), 3)
    second = grading()
    second.business_information_level, second.level = 2, 2
    changed = with_derived(form, second, {})
    assert (changed.grading.level, changed.grading.filled_by) == (2, form.grading.filled_by)
    assert (changed.unit, changed.system) == (form.unit, form.system)


def test_that_the_experts_reviewed_is_known_from_the_grading_alone_when_they_did() -> None:
    entered = completed(prefilled(known()), 3)
    before = entered.grading.expert_reviewed
    assert with_derived(entered, grading(), {}).grading.expert_reviewed is before
    advised = grading()
    advised.expert_opinion = {"level": 3}
    assert with_derived(entered, advised, {}).grading.expert_reviewed is True
