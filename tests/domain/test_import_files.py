"""Files to be imported: what cells hold is read as it was meant; what could do harm is refused with a reason."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.imports import workbook
from domain.imports.cells import CellValue, Unreadable, Value, read_cell
from domain.imports.columns import COLUMNS, FILINGS, SYSTEMS, UNITS, Column, Holds
from domain.imports.entities import ImportKind
from domain.imports.template import make_template
from domain.imports.workbook import Unusable, open_workbook
from domain.organisations.entities import AuthorityLevel

BY_FIELD = {(kind, column.field): column for kind, columns in COLUMNS.items() for column in columns}
CODE, LEVEL = BY_FIELD[ImportKind.UNITS, "credit_code"], BY_FIELD[ImportKind.UNITS, "authority_level"]
INDUSTRY = BY_FIELD[ImportKind.UNITS, "industry"]
DAY = BY_FIELD[ImportKind.SYSTEMS, "in_service_on"]
TYPES, REVIEWED = BY_FIELD[ImportKind.FILINGS, "business_types"], BY_FIELD[ImportKind.FILINGS, "expert_reviewed"]

READ: list[tuple[Column, CellValue, Value]] = [
    (CODE, " 91350100M000100Y43 ", "91350100M000100Y43"),
    (CODE, 110101, "110101"),
    (CODE, 110101.0, "110101"),
    (CODE, "   ", None),
    (CODE, None, None),
    (LEVEL, "区县级", "DISTRICT"),
    (LEVEL, "district", "DISTRICT"),
    (INDUSTRY, "财政", "FINANCE"),
    (INDUSTRY, 34, "FINANCE"),
    (BY_FIELD[ImportKind.UNITS, "subordination"], "省(自治区、直辖市)", "PROVINCE"),
    (DAY, dt.datetime(2020, 5, 1), dt.date(2020, 5, 1)),  # noqa: DTZ001 - as openpyxl gives it
    (DAY, "2020-5-1", dt.date(2020, 5, 1)),
    (DAY, "2020年5月1日", dt.date(2020, 5, 1)),
    (DAY, 20200501, dt.date(2020, 5, 1)),
    (TYPES, "内部办公、公众服务", ["INTERNAL_OFFICE", "PUBLIC_SERVICE"]),
    (REVIEWED, "是", True),
    (REVIEWED, "无", False),
    (REVIEWED, True, True),
]


@pytest.mark.parametrize(("column", "value", "meant"), READ)
def test_a_cell_is_read_as_it_was_meant(column: Column, value: CellValue, meant: Value) -> None:
    assert read_cell(column, value, "s") == meant


UNREAD: list[tuple[Column, CellValue, str]] = [
    (CODE, 911101080000000010.0, "n"),  # 15 digits are kept, the others are gone
    (CODE, "=1+1", "f"),
    (CODE, "#REF!", "e"),
    (CODE, "x" * 5001, "s"),
    (LEVEL, "省级", "s"),
    (DAY, "2020-02-30", "s"),
    (DAY, "last year", "s"),
    (TYPES, "内部办公、娱乐", "s"),
    (REVIEWED, "也许", "s"),
]


@pytest.mark.parametrize(("column", "value", "kind"), UNREAD)
def test_what_cannot_be_meant_is_told(column: Column, value: CellValue, kind: str) -> None:
    with pytest.raises(Unreadable) as told:
        read_cell(column, value, kind)
    assert told.value.reason.zh
    assert told.value.reason.en


@given(st.sampled_from([*UNITS, *SYSTEMS, *FILINGS]), st.one_of(st.text(), st.integers(), st.floats(), st.booleans()))
def test_no_cell_is_too_strange(column: Column, value: Any) -> None:
    try:
        read = read_cell(column, value, "s")
    except Unreadable:
        return
    assert read is None or isinstance(read, str | int | dt.date | bool | list)


# --- templates ---


def test_only_ways_past_the_platform_can_be_chosen_for_a_filing_that_is_entered() -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_template(ImportKind.FILINGS, [])))
    ways = next(cells for cells in book["代码表"].iter_cols(values_only=True) if cells[0] == "收到渠道")
    assert [each for each in ways[1:] if each] == ["电子邮件", "专人送达", "公文交换"]
    channel = next(column for column in COLUMNS[ImportKind.FILINGS] if column.field == "channel")
    assert read_cell(channel, "专人送达", "s") == "COURIER"
    with pytest.raises(Unreadable, match="EMAIL, COURIER, DOCUMENT_EXCHANGE"):
        read_cell(channel, "在线填报", "s")


@pytest.mark.parametrize("kind", ImportKind)
def test_a_template_can_be_filled_in_and_read(tmp_path: Path, kind: ImportKind) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_template(kind, ["海淀区", "东城区"])))
    data = book[workbook.DATA]
    columns = COLUMNS[kind]
    with_lists = any(column.choices or column.holds in {Holds.YES_NO, Holds.DISTRICT} for column in columns)
    assert book.sheetnames == ["数据", "填写说明", *(["代码表"] if with_lists else [])]
    assert [cell.value for cell in data[2]] == [column.en for column in columns]
    chosen = {next(iter(validation.sqref.ranges)).min_col for validation in data.data_validations.dataValidation}
    lists = [
        number for number, column in enumerate(columns, 1) if column.holds in {Holds.TERM, Holds.DISTRICT, Holds.YES_NO}
    ]
    assert sorted(chosen) == lists
    for number, column in enumerate(columns, 1):
        data.cell(3, number).value = column.example or None
    path = tmp_path / "filled.xlsx"
    book.save(path)
    [row] = open_workbook(path, columns).rows()
    assert row.number == 3
    assert row.problems == []
    assert all(row.values[column.field] is not None for column in columns if column.example)


# --- files that are refused ---


def written(path: Path, fill: Callable[[Any], None] = lambda _: None) -> Path:
    book = openpyxl.load_workbook(io.BytesIO(make_template(ImportKind.SYSTEMS, [])))
    fill(book)
    book.save(path)
    return path


def with_part(path: Path, name: str, content: bytes) -> Path:
    """The workbook with one part of its archive exchanged."""
    parts = {}
    with zipfile.ZipFile(path) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, old in {**parts, name: content}.items():
            archive.writestr(part, old)
    return path


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
SHEET = "xl/worksheets/sheet1.xml"


def no_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and nothing more")


def no_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "x")


def entities(path: Path) -> None:
    with_part(written(path), SHEET, ENTITY + b"<worksheet>&b;</worksheet>")


def external_entity(path: Path) -> None:
    dtd = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>'
    with_part(written(path), "xl/styles.xml", dtd)


def bomb(path: Path) -> None:
    written(path)
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as part,
    ):
        part.write(b"<worksheet>")
        for _ in range(257):
            part.write(b" " * (1 << 20))


def many_texts(path: Path) -> None:
    with_part(written(path), "xl/sharedStrings.xml", b"<sst>" + b" " * (33 << 20))


def many_parts(path: Path) -> None:
    written(path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(600):
            archive.writestr(f"x/{number}", "")


def broken_xml(path: Path) -> None:
    with_part(written(path), "xl/workbook.xml", b"<workbook><sheets>")


def no_sheet(path: Path) -> None:
    written(path, lambda book: setattr(book["数据"], "title", "别的"))


def other_headings(path: Path) -> None:
    def fill(book: Any) -> None:
        book["数据"]["B1"].value = "编码"

    written(path, fill)


def no_rows(path: Path) -> None:
    written(path)


def huge_sheet(path: Path) -> None:
    row = '<row r="{0}"><c r="B{0}" t="inlineStr"><is><t>x</t></is></c></row>'
    head = "".join(
        f'<c r="{letter}1" t="inlineStr"><is><t>{column.zh}</t></is></c>'
        for letter, column in zip("ABCDE", SYSTEMS, strict=True)
    )
    rows = "".join(row.format(number) for number in range(3, 20_005))
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        f'<row r="1">{head}</row>{rows}</sheetData></worksheet>'
    )
    with_part(written(path), SHEET, xml.encode())


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "no archive": (no_zip, "不是 Excel"),
    "an archive of something else": (no_workbook, "不是 Excel"),
    "entities that multiply": (entities, "实体"),
    "an external entity": (external_entity, "实体"),
    "a sheet that unpacks to too much": (bomb, "过大"),
    "texts that unpack to too much": (many_texts, "过大"),
    "too many parts": (many_parts, "过大"),
    "XML that breaks off": (broken_xml, "不是 Excel"),
    "no data sheet": (no_sheet, "没有名为"),
    "other headings": (other_headings, "标题"),
    "no rows": (no_rows, "没有数据行"),
    "too many rows": (huge_sheet, "超过 20000 行"),
}


@pytest.mark.parametrize(("make", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    tmp_path: Path, make: Callable[[Path], None], reason: str
) -> None:
    path = tmp_path / "file.xlsx"
    make(path)
    with pytest.raises(Unusable) as refused:
        open_workbook(path, SYSTEMS).count()
    assert reason in refused.value.reason.zh
    assert refused.value.reason.en


def test_a_row_far_down_is_not_looked_for(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book["数据"]["B3"].value = "a"
        book["数据"]["B1048576"].value = "b"

    assert open_workbook(written(tmp_path / "file.xlsx", fill), SYSTEMS).count() == 1


def test_gaps_between_rows_do_not_count_and_formulas_are_told(tmp_path: Path) -> None:
    def fill(book: Any) -> None:
        book["数据"]["B4"].value = "a"
        book["数据"]["C9"].value = "=HYPERLINK(1)"

    rows = list(open_workbook(written(tmp_path / "file.xlsx", fill), SYSTEMS).rows())
    assert [row.number for row in rows] == [4, 9]
    assert [(each.row, each.column and each.column.field) for each in rows[1].problems] == [(9, "name")]


def test_every_code_has_a_way_in(tmp_path: Path) -> None:
    assert {column.holds for columns in COLUMNS.values() for column in columns} == set(Holds)
    assert LEVEL.terms is AuthorityLevel
