"""The files that lists are written to, row after row, in constant memory: CSV and Excel."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import xlsxwriter

from api.exports.values import Cell

PIECE = 256 * 1024
# What Excel can hold.
SHEET_ROWS = 1_048_576
CELL_LENGTH = 32_767
# A spreadsheet takes a text that begins so for a formula, and carries it out (CWE-1236).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class ListFile(Protocol):
    """A file being written; not to be used by two threads at once."""

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Add rows; gives what of the file can be sent by now."""
        ...

    def finish(self) -> Iterator[bytes]:
        """The rest of the file."""
        ...

    def close(self) -> None:
        """Leave nothing behind."""
        ...


class CsvFile:
    """Comma-separated values (RFC 4180) in UTF-8 with the mark by which Excel knows it."""

    def __init__(self, title: str, headings: Sequence[str]) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")
        self._buffer.write("\ufeff")
        self._writer.writerow(map(_harmless, headings))

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Add rows; gives them as they are sent."""
        self._writer.writerows([_harmless(cell) for cell in row] for row in rows)
        made = self._buffer.getvalue().encode()
        self._buffer.seek(0)
        self._buffer.truncate()
        return made

    def finish(self) -> Iterator[bytes]:
        """What is left: the headings, where there were no rows."""
        yield self.write(())

    def close(self) -> None:
        """Nothing is kept."""


def _harmless(cell: Cell) -> str | int | float | None:
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS):
        return f"'{cell}"
    return cell


class ExcelFile:
    """An Excel workbook: rows go to a temporary file, the finished workbook is sent from another."""

    def __init__(self, title: str, headings: Sequence[str]) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="dengbao-export-"))
        self._path = self._folder / "list.xlsx"
        options = {
            "constant_memory": True,
            "tmpdir": str(self._folder),
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        }
        self._workbook = xlsxwriter.Workbook(str(self._path), options)
        self._bold = self._workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._moment = self._workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._workbook.add_format({"num_format": "yyyy-mm-dd"})
        self._headings = headings
        self._begin()

    def write(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Add rows; nothing can be sent before the workbook is whole."""
        for row in rows:
            if self._row == SHEET_ROWS:
                self._begin()
            for place, cell in enumerate(row):
                self._cell(place, cell)
            self._row += 1
        return b""

    def finish(self) -> Iterator[bytes]:
        """The workbook, piece by piece."""
        self._workbook.close()
        with self._path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def close(self) -> None:
        """Remove the temporary files."""
        if not self._workbook.fileclosed:  # what nobody wants any more is not packed
            for sheet in self._workbook.worksheets():
                sheet._opt_close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        """Another sheet: a longer list goes on in it."""
        self._sheet = self._workbook.add_worksheet()
        self._sheet.set_column(0, len(self._headings) - 1, 20)
        self._sheet.freeze_panes(1, 0)
        for place, heading in enumerate(self._headings):
            self._sheet.write_string(0, place, heading, self._bold)
        self._row = 1

    def _cell(self, place: int, cell: Cell) -> None:
        match cell:
            case None:
                pass
            case str():
                self._sheet.write_string(self._row, place, cell[:CELL_LENGTH])
            case dt.datetime():
                self._sheet.write_datetime(self._row, place, cell, self._moment)
            case dt.date():
                self._sheet.write_datetime(self._row, place, cell, self._day)
            case _:
                self._sheet.write_number(self._row, place, cell)


class Format:
    """How a list can be written out."""

    def __init__(self, media_type: str, file: type[CsvFile] | type[ExcelFile]) -> None:
        self.media_type = media_type
        self.file = file


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8; header=present", CsvFile),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ExcelFile),
}
