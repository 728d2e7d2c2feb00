"""Numbers and codes: social credit codes (GB 32100), filing numbers, letter numbers, verification codes."""

from __future__ import annotations

import re
import secrets

from domain.text import Text

# GB 32100-2015: 31 characters (no I, O, S, V, Z), weights of powers of three.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
# Without characters that are mistaken for one another when read from paper.
_UNAMBIGUOUS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

FILING_NUMBER = re.compile(r"\d{11}-\d{5}")


def credit_code(first_17: str) -> str:
    """A unified social credit code (统一社会信用代码): its first 17 characters with their check character."""
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + _ALPHABET[(31 - total % 31) % 31]


def credit_code_problem(code: str) -> Text | None:
    """What is wrong with a social credit code, None when nothing is."""
    if len(code) != 18 or not set(code) <= set(_ALPHABET):
        return Text(
            "统一社会信用代码须为 18 位数字或大写字母(不含 I、O、S、V、Z)。",
            "A social credit code has 18 digits or capital letters (without I, O, S, V, Z).",
        )
    if credit_code(code[:17]) != code:
        return Text("统一社会信用代码校验位不符,请核对。", "The check character of the social credit code is wrong.")
    return None


def filing_number(division_code: str, unit_serial: int, system_serial: int) -> str:
    """A filing's number: division (6), serial of the unit (5), a hyphen, serial of its system (5)."""
    return f"{division_code}{unit_serial:05d}-{system_serial:05d}"


def letter_number(city: str, year: int, sequence: int) -> str:
    """A reply letter's number, in the form of official letters: issuer, year in 〔〕, running number."""
    return f"{city.removesuffix('市')}信息办备复〔{year}〕{sequence}号"


def verification_code() -> str:
    """A code, printed on a letter, that nobody can guess."""
    return "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(12))
