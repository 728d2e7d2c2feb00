"""What a password has to be, and one-time codes by the standard's own vectors."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.people.passwords import problems_of
from domain.people.totp import PERIOD, code_at, matching_step
from storage.seals import KeySeals

# RFC 6238, appendix B, SHA-1: seconds since the epoch, and the last six of the eight digits.
VECTORS = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037"}
SECRET = b"12345678901234567890"


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // PERIOD) == code


def moment(step: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(step * PERIOD + 7, dt.UTC)


@given(st.integers(10**6, 10**8), st.integers(-5, 5))
def test_a_code_is_good_a_step_early_or_late_and_once(step: int, late: int) -> None:
    code = code_at(SECRET, step)
    # Six digits may agree by chance with a neighbour's.
    near = {each for each in range(step + late - 1, step + late + 2) if code_at(SECRET, each) == code}
    assert matching_step(SECRET, code, moment(step + late), None) == max(near, default=None)
    assert matching_step(SECRET, code, moment(step), step + 2) is None


@pytest.mark.parametrize(
    ("password", "how_many"),
    [
        ("Vesuv-1944!", 0),
        ("山高水长 Hui 2026", 0),
        ("correct horse battery", 0),
        ("short1!", 1),
        ("alllowercase", 1),
        ("Password123!", 1),
        ("Qwerty-123456", 1),
        ("Aa1!Aa1!Aa1!Aa1!", 1),
        ("Zhang.San-77x", 1),
        ("x" * 201, 2),
        ("admin", 3),
    ],
)
def test_all_that_is_wrong_with_a_password_is_told(password: str, how_many: int) -> None:
    assert len(list(problems_of(password, "zhang.san", "张三"))) == how_many


@given(st.binary(max_size=100))
def test_what_is_sealed_is_opened_under_its_own_key_and_purpose_only(content: bytes) -> None:
    seals = KeySeals(b"k" * 32, "one thing")
    sealed = seals.seal(content)
    assert seals.open(sealed) == content
    for other in (KeySeals(b"k" * 32, "another"), KeySeals(b"l" * 32, "one thing")):
        with pytest.raises(ValueError, match="not sealed"):
            other.open(sealed)
