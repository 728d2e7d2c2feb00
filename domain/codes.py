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

# Two characters for authority and kind, six digits of GB/T 2260, nine of the body, the check character.
_CREDIT_CODE = re.compile(f"[{_ALPHABET}]{{2}}[0-9]{{6}}[{_ALPHABET}]{{10}}")
_DIVISION_CODE = re.compile("[1-9][0-9]{5}")
# GB/T 2260: the first two digits are a province's, a municipality's or an autonomous region's.
PROVINCES = frozenset(
    f"{number}"
    for region in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        (71, 81, 82),
    )
    for number in region
)
_LARGEST_SERIAL = 99_999
_MOST_TIMES = 99

FILING_NUMBER = re.compile("[0-9]{11}-[0-9]{5}")


def credit_code(first_17: str) -> str:
    """A unified social credit code (统一社会信用代码): its first 17 characters with their check character.

    Raises: ValueError when ``first_17`` is not 17 characters of the standard's alphabet.
    """
    total = sum(_ALPHABET.index(char) * weight for char, weight in zip(first_17, _WEIGHTS, strict=True))
    return first_17 + _ALPHABET[(31 - total % 31) % 31]


def credit_code_problem(code: str) -> Text | None:
    """What is wrong with a social credit code, None when nothing is."""
    if not _CREDIT_CODE.fullmatch(code):
        return Text(
            "统一社会信用代码须为 18 位数字或大写字母(不含 I、O、S、V、Z),其中第 3 至 8 位为数字。",
            "A social credit code has 18 digits or capital letters (without I, O, S, V, Z); "
            "its third to eighth are digits.",
        )
    check = credit_code(code[:17])[-1]
    if code[-1] != check:
        return Text(
            f"统一社会信用代码校验位不符:前 17 位的校验位应为 {check}。请对照登记证书逐位核对。",
            f"The code's last character has to be {check} after these 17. Compare all of it with the certificate.",
        )
    return None


def division_code_problem(code: str) -> Text | None:
    """What is wrong with an administrative division code (行政区划代码, GB/T 2260), None when nothing is."""
    if _DIVISION_CODE.fullmatch(code):
        if code[:2] in PROVINCES:
            return None
        return Text(
            "行政区划代码的前两位须为省级代码(GB/T 2260),例如 110000。",
            "A division code's first two digits are a province's (GB/T 2260), such as 110000.",
        )
    return Text(
        "行政区划代码须为 6 位数字(GB/T 2260),例如 110000。",
        "A division code has 6 digits (GB/T 2260), such as 110000.",
    )


def filing_number(division_code: str, unit_serial: int, system_serial: int) -> str:
    """A filing's number: division (6), serial of the unit (5), a hyphen, serial of its system (5).

    Raises: ValueError when a serial does not fit its five digits.
    """
    if not (0 < unit_serial <= _LARGEST_SERIAL and 0 < system_serial <= _LARGEST_SERIAL):
        raise ValueError("a serial runs from 1 to 99999")
    return f"{division_code}{unit_serial:05d}-{system_serial:05d}"


def report_number(filing: str, year: int, body_code: str, times: int) -> str:
    """An assessment report's number: filing number, year in two digits, code of the body, times in the year.

    The later editions of a filing carry its number on (``/2``); the report's does without. Raises: ValueError when
    ``times`` does not fit its two digits.
    """
    if not 0 < times <= _MOST_TIMES:
        raise ValueError("times run from 1 to 99")
    return f"{filing.partition('/')[0]}-{year % 100:02d}-{body_code}-{times:02d}"


def verification_code() -> str:
    """A code, printed on a letter, that nobody can guess."""
    return "".join(secrets.choice(_UNAMBIGUOUS) for _ in range(12))
