"""Levels follow from harms: the matrix cell by cell, and what holds for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grading.levels import BOXES, HarmDegree, HarmObject, Harm, determine, final_level, security_mark

RIGHTS, ORDER, NATION = HarmObject
GENERAL, SERIOUS, ESPECIALLY = HarmDegree
MATRIX = {RIGHTS: (1, 2, 2), ORDER: (2, 3, 4), NATION: (3, 4, 5)}
harms = st.builds(Harm, st.sampled_from(HarmObject), st.sampled_from(HarmDegree))
levels = st.integers(1, 5)


@pytest.mark.parametrize(("harmed", "row"), MATRIX.items())
def test_the_matrix_cell_by_cell(harmed: HarmObject, row: tuple[int, ...]) -> None:
    assert tuple(determine([Harm(harmed, degree)]) for degree in HarmDegree) == row


@given(st.lists(harms, min_size=1), harms)
def test_another_harm_never_lowers_the_level(some: list[Harm], another: Harm) -> None:
    assert determine([*some, another]) == max(determine(some), determine([another]))


def test_no_harm_no_level() -> None:
    with pytest.raises(ValueError, match="at least one"):
        determine([])


@given(levels, levels)
def test_the_mark_names_both_levels_and_the_higher(s: int, a: int) -> None:
    assert security_mark(s, a) == f"S{s}A{a}G{final_level(s, a)}"
    assert final_level(s, a) >= s
    assert final_level(s, a) in {s, a}


@given(harms)
def test_the_forms_box_ends_in_the_level(harm: Harm) -> None:
    assert BOXES[harm].endswith(f"-{determine([harm])}")
