"""The template of each kind of file: headings, drop-downs, instructions, code lists, an example."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_range_abs

from domain.imports.column import Column, Holds
from domain.imports.columns import COLUMNS
from domain.imports.entities import ImportKind
from domain.imports.workbook import DATA, HEADINGS, MAX_ROWS
from domain.text import Text

INSTRUCTIONS, CODES = "填写说明", "代码表"
ABOUT = (
    Text("在“数据”工作表第 3 行起填写,每行一条;标题行不要改动。", "Fill in 数据 from row 3 on; keep its headings."),
    Text("标有 * 的列必填;有下拉列表的列请从中选择。", "Columns marked * are required; choose from the lists."),
    Text(f"每个文件至多 {MAX_ROWS} 行。", f"A file may have {MAX_ROWS} rows."),
    Text("已登记的记录按其代码更新,空单元格不改动原值。", "What is known is updated; an empty cell changes nothing."),
    Text("请粘贴数值,不要使用公式。代码列已设为文本格式。", "Paste values, no formulas. Code columns are text."),
)  # fmt: skip
EDITION = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
TABLE = (Text("列", "Column"), Text("必填", "Required"), Text("说明", "How to fill it in"), Text("示例", "Example"))


def make_template(kind: ImportKind, districts: Sequence[str]) -> bytes:
    """The workbook for files of ``kind``; ``districts`` are the names to choose from."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False})
    book.set_properties({"title": f"{kind.zh}导入模板", "created": EDITION})  # the same bytes each time
    columns = COLUMNS[kind]
    data, instructions = (book.add_worksheet(name) for name in (DATA, INSTRUCTIONS))
    chosen = list(_lists(columns, districts))
    lists = _write_codes(book, book.add_worksheet(CODES), chosen) if chosen else {}
    _write_data(book, data, columns, lists)
    _write_instructions(book, instructions, columns)
    book.close()
    return made.getvalue()


def _write_codes(book: Any, sheet: Any, lists: Sequence[tuple[Column, list[str]]]) -> Mapping[str, str]:
    """The code lists, a column each, under the first heading that it serves; where each stands, by the field."""
    bold = book.add_format({"bold": True})
    found: dict[str, str] = {}
    places: dict[tuple[str, ...], int] = {}
    for column, choices in lists:
        known, place = len(places), places.setdefault(tuple(choices), len(places))
        found[column.field] = f"='{CODES}'!{xl_range_abs(1, place, max(len(choices), 1), place)}"
        if place < known:
            continue
        sheet.set_column(place, place, 28)
        sheet.write_string(0, place, column.zh, bold)
        for number, choice in enumerate(choices, start=1):
            sheet.write_string(number, place, choice)
    return found


def _lists(columns: Sequence[Column], districts: Sequence[str]) -> Iterator[tuple[Column, list[str]]]:
    for column in columns:
        if column.terms is not None:
            yield column, [member.zh for member in column.choices]
        elif column.holds is Holds.YES_NO:
            yield column, ["是", "否"]
        elif column.holds is Holds.DISTRICT and districts:
            yield column, list(districts)


def _write_data(book: Any, sheet: Any, columns: Sequence[Column], lists: Mapping[str, str]) -> None:
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDEBF7"})
    second = book.add_format({"italic": True, "text_wrap": True, "valign": "top", "font_color": "#666666"})
    text = book.add_format({"num_format": "@"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.freeze_panes(HEADINGS, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(14, 2 * len(column.zh) + 2), day if column.holds is Holds.DATE else text)
        sheet.write_string(0, place, f"{column.zh}*" if column.required else column.zh, bold)
        sheet.write_string(1, place, column.en, second)
        if column.hint:
            sheet.write_comment(0, place, f"{column.hint.zh}\n{column.hint.en}", {"x_scale": 2})
        if column.field in lists and column.holds is not Holds.TERMS:
            wrong = {"error_title": "不在列表中", "error_message": "请从下拉列表中选择。 / Choose from the list."}
            choice = {"validate": "list", "source": lists[column.field], **wrong}
            sheet.data_validation(HEADINGS, place, HEADINGS + MAX_ROWS - 1, place, choice)


def _write_instructions(book: Any, sheet: Any, columns: Sequence[Column]) -> None:
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 60, wrapped)
    sheet.set_column(3, 3, 26)
    for number, words in enumerate(ABOUT):
        sheet.write_string(number, 0, f"{number + 1}. {words.zh} / {words.en}")
    top = len(ABOUT) + 1
    for place, words in enumerate(TABLE):
        sheet.write_string(top, place, f"{words.zh} / {words.en}", bold)
    for number, column in enumerate(columns, start=top + 1):
        sheet.write_string(number, 0, f"{column.zh} / {column.en}")
        sheet.write_string(number, 1, "是 / yes" if column.required else "")
        sheet.write_string(number, 2, f"{column.hint.zh} / {column.hint.en}" if column.hint else "")
        sheet.write_string(number, 3, column.example)
