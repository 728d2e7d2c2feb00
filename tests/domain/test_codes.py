"""Codes are checked as their standards say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import (
    FILING_NUMBER,
    credit_code,
    credit_code_problem,
    division_code_problem,
    filing_number,
    verification_code,
)
from domain.templates.forms import FORMS, LetterKind
from domain.templates.numbers import prefix_of, written

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("known", ["91350100M000100Y43"])
def test_known_credit_codes_are_right(known: str) -> None:
    assert credit_code_problem(known) is None


bodies = st.from_regex(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{9}}", fullmatch=True, alphabet=ALPHABET)


@given(bodies, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, other: str) -> None:
    code = credit_code(body)
    assert credit_code_problem(code) is None
    if code[place] != other:
        problem = credit_code_problem(code[:place] + other + code[place + 1 :])
        assert problem is not None
        if place == 17:  # it says which character belongs there
            assert f"应为 {code[17]}" in problem.zh
            assert f"has to be {code[17]}" in problem.en


MALFORMED = {
    "too short": "91350100M000100Y4",
    "too long": "91350100M000100Y430",
    "a letter in the division": "9135O100M000100Y43",
    "a letter that the alphabet lacks": "91350100M0001I0Y43",
    "small letters": "91350100m000100y43",
    "full-width digits": "９1350100M000100Y43",
    "nothing": "",
}


@pytest.mark.parametrize("code", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_credit_code_is_told_its_form(code: str) -> None:
    problem = credit_code_problem(code)
    assert problem is not None
    assert "18" in problem.zh
    assert "18" in problem.en


@pytest.mark.parametrize(
    ("code", "right"),
    {"110000": True, "110108": True, "11010": False, "01010x": False, "990000": False, "820000": True}.items(),
)
def test_division_codes(code: str, right: bool) -> None:
    assert (division_code_problem(code) is None) is right


serials = st.integers(1, 99_999)


@given(serials, serials)
def test_a_filing_number_has_the_printed_form(unit: int, system: int) -> None:
    number = filing_number("110108", unit, system)
    assert FILING_NUMBER.fullmatch(number)
    assert (int(number[6:11]), int(number[12:])) == (unit, system)


@pytest.mark.parametrize("serials", [(0, 1), (1, 0), (100_000, 1), (1, 100_000)])
def test_a_serial_that_does_not_fit_is_no_number(serials: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="99999"):
        filing_number("110108", *serials)


def test_verification_codes_cannot_be_misread_and_do_not_repeat() -> None:
    codes = {verification_code() for _ in range(200)}
    assert len(codes) == 200
    assert {len(code) for code in codes} == {12}
    assert not set("".join(codes)) & set("01ILO")


def test_numbers_are_written_as_the_forms_print_them() -> None:
    assert filing_number("110000", 42, 7) == "11000000042-00007"
    assert FILING_NUMBER.fullmatch("11000000042-00007")
    prefixes = {kind: prefix_of(form.template, "北京市") for kind, form in FORMS.items() if form.template.number_prefix}
    assert written(prefixes[LetterKind.REPLY_A], 2026, 12) == "北京信息办备复〔2026〕12号"
    assert written(prefixes[LetterKind.OPINION_ON_PLAN], 2026, 1) == "北京等保专评改〔2026〕1号"
    assert len({*prefixes.values()}) == len(prefixes)
