"""Codes are checked as their standards say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import FILING_NUMBER, credit_code, credit_code_problem, filing_number, letter_number


@pytest.mark.parametrize("known", ["91350100M000100Y43"])
def test_known_credit_codes_are_right(known: str) -> None:
    assert credit_code_problem(known) is None


bodies = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)


@given(bodies, st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_is_found(body: str, place: int, other: str) -> None:
    code = credit_code(body)
    assert credit_code_problem(code) is None
    if code[place] != other:
        assert credit_code_problem(code[:place] + other + code[place + 1 :]) is not None


def test_numbers_are_written_as_the_forms_print_them() -> None:
    assert filing_number("110000", 42, 7) == "11000000042-00007"
    assert FILING_NUMBER.fullmatch("11000000042-00007")
    assert letter_number("北京市", 2026, 12) == "北京信息办备复〔2026〕12号"
