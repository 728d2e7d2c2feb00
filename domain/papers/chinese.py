"""How papers write dates and numbers in Chinese."""

from __future__ import annotations

import datetime as dt

_DIGITS = "〇一二三四五六七八九"
# From then on dates are written in Arabic digits (GB/T 9704-2012, 7.3.5.4); before, in Chinese ones (GB/T 9704-1999).
ARABIC_SINCE = dt.date(2012, 7, 1)
LAST = 99


def official_date(day: dt.date) -> str:
    """The day as an official document bears it: 二〇〇七年十一月二十四日, or 2026年11月24日."""
    if day >= ARABIC_SINCE:
        return f"{day.year}年{day.month}月{day.day}日"
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    return f"{year}年{numeral(day.month)}月{numeral(day.day)}日"


def numeral(number: int) -> str:
    """A number from 1 to 99 in Chinese. Raises: ValueError for any other."""
    if not 1 <= number <= LAST:
        raise ValueError(f"numerals run from 1 to {LAST}")
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def level_name(level: int) -> str:
    """A security level by its name: 第三级."""
    return f"第{numeral(level)}级"


# Marks that are typed in half width and printed in full width among Chinese characters.
_MARKS = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01"}
_OPENING, _CLOSING = {"(": "\uff08"}, {")": "\uff09"}
_HAN = (0x2E80, 0x2FA1F)


def punctuated(text: str) -> str:
    """``text`` with its marks in full width where they stand beside Chinese (GB/T 15834); brackets go in pairs."""
    made: list[str] = []
    open_: list[bool] = []
    for at, char in enumerate(text):
        before = made[-1] if at else ""
        after = text[at + 1] if at + 1 < len(text) else ""
        if char in _OPENING:
            open_.append(_chinese(before) or _chinese(after))
            made.append(_OPENING[char] if open_[-1] else char)
        elif char in _CLOSING:
            wide = open_.pop() if open_ else _chinese(before)
            made.append(_CLOSING[char] if wide else char)
        elif char in _MARKS and (_chinese(before) or _chinese(after)):
            made.append(_MARKS[char])
        else:
            made.append(char)
    return "".join(made)


def _chinese(char: str) -> bool:
    """Whether a character is Chinese, or a mark of Chinese text."""
    return bool(char) and (_HAN[0] <= ord(char) <= _HAN[1] or char in "“”‘’…—")
