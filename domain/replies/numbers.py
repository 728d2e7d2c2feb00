"""How reply letters are numbered (文号): per city, year and kind, in the form of official letters.

The issuer's short name says the kind: 备复 accepts, 备补 asks for what is missing, 备审 sends to re-review.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.calendar import local_date
from domain.numbering import next_number
from domain.replies.entities import ReplyKind
from domain.work import Work

FORMS: Mapping[ReplyKind, str] = {
    ReplyKind.A: "{city}信息办备复〔{year}〕{number}号",
    ReplyKind.B: "{city}信息办备补〔{year}〕{number}号",
    ReplyKind.C: "{city}信息办备审〔{year}〕{number}号",
}


def series(kind: ReplyKind, year: int) -> str:
    """The name of a year's running numbers for one kind of letter."""
    return f"reply:{kind}:{year}"


def written(kind: ReplyKind, city: str, year: int, number: int) -> str:
    """A letter's number as it is printed."""
    return FORMS[kind].format(city=city.removesuffix("市"), year=year, number=number)


async def take_letter_number(work: Work, kind: ReplyKind, city: str) -> str:
    """The next letter's number; others of the kind wait until this transaction ends."""
    year = local_date(work.now).year
    return written(kind, city, year, await next_number(work, series(kind, year)))
