"""The printed form: cells fill each table without gap or overlap, boxes say what the form says."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from domain.documents.kinds import DocumentKind
from domain.filings.form import FilingForm
from domain.filings.form_terms import Industry, ProductKind, ServiceKind
from domain.filings.prefill import with_derived
from domain.filings.printed import Cover, printed
from domain.filings.sample import completed, with_value
from domain.packages.filed import FiledGrading, determined
from domain.papers.sheets import PrintedForm, Sheet
from tests.packages import AT, GRADING


def complete() -> FilingForm:
    grading = determined(FiledGrading.model_validate(GRADING))
    return with_derived(completed(FilingForm(), 3), grading, {DocumentKind.TOPOLOGY: "拓扑图.pdf"})


def on_paper(form: FilingForm) -> PrintedForm:
    return printed(form, Cover(), AT)


def texts(sheet: Sheet) -> str:
    return "\n".join(cell.text for row in sheet.rows for cell in row)


MANY = with_value(
    FilingForm(),
    "system.keyProducts",
    [{"kind": "OTHER", "count": n, "domesticUse": "NONE", "other": f"产品{n}"} for n in range(4)],
)


@pytest.mark.parametrize("form", [FilingForm(), complete(), MANY], ids=["empty", "complete", "many rows"])
def test_every_place_of_every_table_is_one_cells(form: FilingForm) -> None:
    for sheet in on_paper(form).sheets:
        taken: set[tuple[int, int]] = set()
        for at, row in enumerate(sheet.rows):
            place = 0
            for cell in row:
                while (at, place) in taken:
                    place += 1
                covered = set(product(range(at, at + cell.rows), range(place, place + cell.columns)))
                assert not covered & taken, (sheet.caption, cell)
                taken |= covered
        assert taken == set(product(range(len(sheet.rows)), range(len(sheet.widths)))), sheet.caption


def test_the_four_tables_have_all_that_the_form_asks() -> None:
    made = on_paper(FilingForm())
    assert [sheet.caption.partition(" ")[2] for sheet in made.sheets] == [
        "单位基本情况",
        "信息系统情况",
        "信息系统定级情况",
        "第三级以上信息系统提交材料情况",
    ]
    numbers = [{f"{n:02} " for n in range(1, last + 1)} for last in (15, 13, 9, 7)]
    for sheet, wanted in zip(made.sheets, numbers, strict=True):
        assert {cell.text[:3] for row in sheet.rows for cell in row if cell.label} >= wanted, sheet.caption
    first, second, *_ = map(texts, made.sheets)
    assert all(f"☐{term.code} {term.zh}" in first for term in Industry)
    assert all(f"{term.code} {term.zh}" in second for term in (*ProductKind, *ServiceKind))
    assert not any("☑" in texts(sheet) for sheet in made.sheets)


def test_boxes_are_ticked_as_the_form_says() -> None:
    unit, system, grading, materials = map(texts, on_paper(complete()).sheets)
    assert "☑49 发展改革" in unit
    assert unit.count("☑") == 3
    assert "☑4 内部办公  ☑5 公众服务" in system
    assert "☑部分使用及使用率 60 %" in system
    assert "☐4-3 对社会秩序和公共利益造成严重损害" in grading  # of the system service
    assert "☑4-3 对社会秩序和公共利益造成严重损害" in grading  # of the business information
    assert "☐第一级  ☐第二级  ☑第三级  ☐第四级  ☐第五级" in grading
    assert "附件名称:拓扑图.pdf" in materials
    assert materials.count("☑有") == 1
    assert materials.count("☑无") == 6


def test_the_cover_has_what_is_known_and_room_for_the_rest() -> None:
    cover = Cover("11010813001", dt.date(2026, 11, 1), "示例信息办", dt.date(2026, 11, 3))
    given = dict(printed(complete(), cover, AT).cover)
    assert given["备案表编号"] == "11010813001"
    assert (given["备案日期"], given["受理日期"]) == ("2026年11月1日", "2026年11月3日")
    assert set(dict(printed(FilingForm(), Cover(), AT).cover).values()) == {""}
