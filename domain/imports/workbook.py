"""A workbook from outside: looked at before it is opened, then read row by row, and never trusted.

Everything in it is bounded: what the archive unpacks to, how many rows and columns there are, how long a text is. Its
XML may define nothing (defusedxml), its formulas are not worked out, its links not followed.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from domain.imports.cells import Unreadable, Value, plain, read_cell
from domain.imports.column import Column
from domain.text import Text

DATA = "数据"
HEADINGS = 2
MAX_BYTES = 20 << 20
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_PARTS = 500
# What the parts of the archive may unpack to: rows are streamed, everything else is held.
MAX_ROWS_PART = 256 << 20
MAX_TEXTS_PART = 32 << 20
MAX_OTHER_PART = 4 << 20

NO_WORKBOOK = Text(
    "文件不是 Excel 工作簿(.xlsx),或已损坏。请使用平台提供的模板。",
    "The file is no Excel workbook (.xlsx), or is damaged. Use the platform's template.",
)
TOO_LARGE = Text(
    f"工作簿解压后过大。请只保留模板中的列,且不超过 {MAX_ROWS} 行。",
    f"The workbook unpacks to too much. Keep the template's columns only, and {MAX_ROWS} rows at most.",
)
DEFINES = Text(
    "工作簿的 XML 含有实体或类型定义,不予接受。请用 Excel 另存后再上传。",
    "The workbook's XML holds definitions of entities or types, which are not taken. Save it with Excel and try again.",
)
NO_ROWS = Text("“数据”工作表中没有数据行。", "The sheet 数据 has no rows.")


class Unusable(Exception):  # noqa: N818 - it is told to whoever sent the file
    """A file of which no row can be read, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong in a row: in one column, or (None) in the row as a whole."""

    row: int
    column: Column | None
    message: Text


@dataclass(slots=True)
class Row:
    """One row of a file by its number in the sheet: values by field, and what is wrong so far."""

    number: int
    values: dict[str, Value]
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook that was looked at: its data sheet, and in which place each column stands."""

    path: Path
    places: dict[int, Column]

    def letter(self, column: Column) -> str:
        """The letter over a column in the sheet."""
        return next(get_column_letter(place + 1) for place, each in self.places.items() if each is column)

    def count(self) -> int:
        """How many rows there are. Raises: Unusable where there are none, or too many."""
        many = sum(1 for _ in self._cells())
        if not many:
            raise Unusable(NO_ROWS)
        return many

    def rows(self, after: int = 0) -> Iterator[Row]:
        """The rows in their order, without the first ``after`` of them. Raises: Unusable."""
        for many, (number, cells) in enumerate(self._cells()):
            if many >= after:
                yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[Any]) -> Row:
        row = Row(number, {})
        for place, column in self.places.items():
            cell = cells[place] if place < len(cells) else None
            try:
                row.values[column.field] = read_cell(column, cell.value, cell.data_type) if cell is not None else None
            except Unreadable as unreadable:
                row.problems.append(RowProblem(number, column, unreadable.reason))
        return row

    def _cells(self) -> Iterator[tuple[int, Sequence[Any]]]:
        """The cells of each row that has any. Raises: Unusable."""
        for many, (number, cells) in enumerate(_filled(self.path)):
            if many >= MAX_ROWS:
                raise Unusable(
                    Text(f"超过 {MAX_ROWS} 行,请拆分为多个文件。", f"More than {MAX_ROWS} rows: split the file.")
                )
            yield number, cells


def open_workbook(path: Path, columns: Sequence[Column]) -> Workbook:
    """Look at the file and find ``columns`` in it. Raises: Unusable."""
    _look(path)
    heading = next((cells for number, cells in _sheet(path, 1, 1)), ())
    return Workbook(path, _places(heading, columns))


def _look(path: Path) -> None:
    """The archive before anything in it is unpacked. Raises: Unusable."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                raise Unusable(NO_WORKBOOK)
            if len(parts) > MAX_PARTS or any(part.file_size > _room(part.filename) for part in parts):
                raise Unusable(TOO_LARGE)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _defines_nothing(archive, part)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise Unusable(NO_WORKBOOK) from error


def _room(name: str) -> int:
    if name.startswith("xl/worksheets/"):
        return MAX_ROWS_PART
    return MAX_TEXTS_PART if name == "xl/sharedStrings.xml" else MAX_OTHER_PART


def _defines_nothing(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """A document's definitions stand before its first element. Raises: Unusable."""
    try:
        with archive.open(part) as file:
            next(iter(iterparse(file, events=("start",), forbid_dtd=True)), None)
    except DefusedXmlException as error:
        raise Unusable(DEFINES) from error
    except ParseError as error:
        raise Unusable(NO_WORKBOOK) from error


def _sheet(path: Path, first: int, last: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows of the data sheet with their numbers. Raises: Unusable."""
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        try:
            if DATA not in book.sheetnames:
                raise Unusable(
                    Text(f"没有名为“{DATA}”的工作表。请使用模板。", f"There is no sheet {DATA}. Use the template.")
                )
            sheet: Any = book[DATA]
            sheet.reset_dimensions()  # what a file says of its own size is not believed
            yield from enumerate(sheet.iter_rows(min_row=first, max_row=last, max_col=MAX_COLUMNS), start=first)
        finally:
            book.close()
    except DefusedXmlException as error:
        raise Unusable(DEFINES) from error
    except (*BROKEN, InvalidFileException) as error:
        raise Unusable(NO_WORKBOOK) from error


# What openpyxl raises over files that are not as they should be; it checks little itself.
BROKEN = (
    zipfile.BadZipFile, zlib.error, ParseError, OSError, EOFError, KeyError, ValueError, TypeError, IndexError,
    AttributeError, NotImplementedError, OverflowError, SyntaxError,
)  # fmt: skip


def _filled(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    # Gaps are read as empty rows: a row far down costs as much as all those above it, so there is an end to it.
    for number, cells in _sheet(path, HEADINGS + 1, HEADINGS + 2 * MAX_ROWS):
        if any(cell.value is not None and str(cell.value).strip() for cell in cells):
            yield number, cells


def _places(heading: Sequence[Any], columns: Sequence[Column]) -> dict[int, Column]:
    """In which place each column stands, by the headings of the first row. Raises: Unusable."""
    known = {plain(column.zh): column for column in columns}
    places: dict[int, Column] = {}
    unknown: list[str] = []
    for place, cell in enumerate(heading):
        words = str(cell.value).strip() if cell.value is not None else ""
        column = known.pop(plain(words).removesuffix("*"), None)
        if column is not None:
            places[place] = column
        elif words:
            unknown.append(words[:40])
    absent = [column.zh for column in known.values() if column.required]
    if absent or unknown:
        raise Unusable(_other_headings(absent, unknown[:10]))
    return places


def _other_headings(absent: Sequence[str], unknown: Sequence[str]) -> Text:
    zh, en = "第一行的标题与模板不符。", "The headings in the first row are not the template's."
    if absent:
        zh, en = f"{zh}缺少:{'、'.join(absent)}。", f"{en} Missing: {', '.join(absent)}."
    if unknown:
        zh, en = f"{zh}无法识别或重复:{'、'.join(unknown)}。", f"{en} Unknown or repeated: {', '.join(unknown)}."
    return Text(zh, en)
