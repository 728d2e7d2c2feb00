"""How papers write dates, numbers and marks in Chinese."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.papers.chinese import level_name, numeral, official_date, punctuated

WIDE = {",": "\uff0c", ":": "\uff1a", ";": "\uff1b", "?": "\uff1f", "!": "\uff01", "(": "\uff08", ")": "\uff09"}


def wide(text: str) -> str:
    """``text`` with every mark in full width."""
    return "".join(WIDE.get(char, char) for char in text)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (dt.date(2007, 11, 24), "二〇〇七年十一月二十四日"),
        (dt.date(2010, 10, 10), "二〇一〇年十月十日"),
        (dt.date(2012, 6, 30), "二〇一二年六月三十日"),
        (dt.date(2012, 7, 1), "2012年7月1日"),
        (dt.date(2026, 11, 24), "2026年11月24日"),
    ],
)
def test_dates_are_written_as_the_standard_of_their_day_has_them(day: dt.date, written: str) -> None:
    assert official_date(day) == written


@pytest.mark.parametrize(("number", "written"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")])
def test_numerals(number: int, written: str) -> None:
    assert numeral(number) == written


@pytest.mark.parametrize("number", [0, 100, -1])
def test_there_are_no_other_numerals(number: int) -> None:
    with pytest.raises(ValueError, match="numerals"):
        numeral(number)


def test_levels() -> None:
    assert [level_name(level) for level in range(1, 6)] == ["第一级", "第二级", "第三级", "第四级", "第五级"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("经审核,现函复如下:", wide("经审核,现函复如下:")),
        ("第三级(S3A2G3)。", wide("第三级(S3A2G3)。")),
        ("办法(公通字〔2007〕43号)和", wide("办法(公通字〔2007〕43号)和")),
        ("如期(2026年),再报", wide("如期(2026年),再报")),
        ("于 10:30 到, see http://a.b/c?d=e", "于 10:30 到" + wide(",") + " see http://a.b/c?d=e"),
        ("编号为1101-1,等级(S3),S3A2", "编号为1101-1" + wide(",") + "等级" + wide("(S3),") + "S3A2"),
        ("f(x), g(y)!", "f(x), g(y)!"),
        ("(a)(中", "(a)" + wide("(") + "中"),
        (")", ")"),
    ],
)
def test_marks_beside_chinese_are_in_full_width_and_others_are_not(typed: str, printed: str) -> None:
    assert punctuated(typed) == printed


@given(st.text())
def test_nothing_but_marks_is_changed(text: str) -> None:
    narrow = {full: half for half, full in WIDE.items()}
    printed = punctuated(text)
    assert len(printed) == len(text)
    assert all(after in (before, WIDE.get(before)) for before, after in zip(text, printed, strict=True))
    assert punctuated("".join(narrow.get(char, char) for char in printed)) == punctuated(
        "".join(narrow.get(char, char) for char in text)
    )
