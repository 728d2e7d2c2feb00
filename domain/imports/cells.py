"""From a cell to a value: whatever a spreadsheet makes of what was typed, read as it was meant, or told as it is."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from domain.imports.column import Column, Holds
from domain.text import Term, Text

CellValue = str | int | float | bool | dt.datetime | dt.date | dt.time | dt.timedelta | None
Value = str | int | dt.date | bool | list[str] | None

# Excel keeps 15 digits of a number: what is longer came through changed.
DIGITS = 15
MAX_TEXT = 5000
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")

FORMULA = Text("单元格含公式,请改为粘贴数值。", "The cell holds a formula; paste its value instead.")
BROKEN = Text("单元格为错误值,请更正。", "The cell holds an error value; correct it.")
NUMBER = Text(
    "该列须为文本:以数值录入的长代码会丢失末位,请将单元格设为文本后重新录入。",
    "This column is text: a long code that is entered as a number loses its last digits. "
    "Format the cell as text and enter it again.",
)
TOO_LONG = Text(f"不得超过 {MAX_TEXT} 个字,请缩短。", f"May have {MAX_TEXT} characters; shorten it.")
NO_DAY = Text("须为日期,例如 2026-11-24。", "Has to be a date such as 2026-11-24.")
NO_NUMBER = Text("须为整数。", "Has to be a whole number.")
NO_ANSWER = Text("请填“是”或“否”。", "Say 是 (yes) or 否 (no).")
_ANSWERS = {
    **dict.fromkeys(("是", "有", "yes", "y", "true", "1"), True),
    **dict.fromkeys(("否", "无", "no", "n", "false", "0"), False),
}
_BETWEEN = re.compile("[、,，;；]")


class Unreadable(Exception):  # noqa: N818 - it is told to whoever made the file
    """A cell whose value cannot be used, and why."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def read_cell(column: Column, value: CellValue, data_type: str) -> Value:
    """The value of a cell (``data_type`` as openpyxl names it); None where it is empty.

    Raises: Unreadable.
    """
    if data_type in {"f", "e"}:
        raise Unreadable(FORMULA if data_type == "f" else BROKEN)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if column.holds is Holds.DATE:
        return _day(value)
    text = _text(value)
    if column.holds is Holds.NUMBER:
        return _number(text)
    if column.holds is Holds.YES_NO:
        return _yes(text)
    if column.holds is Holds.TERMS and column.terms is not None:
        return [_term(column.choices, part) for part in _BETWEEN.split(text) if part.strip()]
    return text if column.terms is None else _term(column.choices, text)


def _text(value: CellValue) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return str(value)
    if isinstance(value, int | float):
        if not math.isfinite(value) or abs(value) >= 10**DIGITS:
            raise Unreadable(NUMBER)
        return str(int(value)) if value == int(value) else repr(value)
    text = str(value).strip()
    if len(text) > MAX_TEXT:
        raise Unreadable(TOO_LONG)
    return text


def _day(value: CellValue) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    found = _DAY.fullmatch(_text(value))
    try:
        if found is not None:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise Unreadable(NO_DAY)


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", unicodedata.normalize("NFKC", text)):
        raise Unreadable(NO_NUMBER)
    return int(text)


def _yes(text: str) -> bool:
    answer = _ANSWERS.get(plain(text))
    if answer is None:
        raise Unreadable(NO_ANSWER)
    return answer


def _term(terms: Sequence[Term], text: str) -> str:
    """The one of ``terms`` by its Chinese or English term, its name or its code."""
    member = _words(terms).get(plain(text))
    if member is None:
        some = [member.zh for member in terms][:12]
        raise Unreadable(
            Text(
                f"须为下拉列表中的值:{'、'.join(some)}{' 等' if len(some) < len(terms) else ''}。",
                f"Has to be one of the list: {', '.join(member.value for member in terms[:12])}"
                f"{', …' if len(some) < len(terms) else ''}.",
            )
        )
    return member


def plain(words: str) -> str:
    """Words as they are compared: blanks around, width and case do not count."""
    return unicodedata.normalize("NFKC", words).strip().casefold()


@cache
def _words(terms: Sequence[Term]) -> dict[str, str]:
    found: dict[str, str] = {}
    for member in terms:
        for word in (member.zh, member.en, member.value, member.code):
            if word:
                found.setdefault(plain(word), member.value)
    return found
