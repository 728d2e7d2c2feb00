"""Levels follow from harms: the matrix cell by cell, and what holds for all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grading.levels import (
    BOXES,
    MATRICES,
    Harm,
    HarmDegree,
    HarmObject,
    MatrixEdition,
    determine,
    final_level,
    security_mark,
)

RIGHTS, ORDER, NATION = HarmObject
GENERAL, SERIOUS, ESPECIALLY = HarmDegree
MATRIX = {RIGHTS: (1, 2, 2), ORDER: (2, 3, 4), NATION: (3, 4, 5)}
harms = st.builds(Harm, st.sampled_from(HarmObject), st.sampled_from(HarmDegree))
levels = st.integers(1, 5)


@pytest.mark.parametrize(("harmed", "row"), MATRIX.items())
def test_the_matrix_cell_by_cell(harmed: HarmObject, row: tuple[int, ...]) -> None:
    assert tuple(determine([Harm(harmed, degree)]) for degree in HarmDegree) == row


# domain-facts.md 1.1: the stricter editions differ in one cell, especially serious harm to rights.
@pytest.mark.parametrize(
    ("edition", "cell"),
    [
        (MatrixEdition.GB_T_22240_2008, 2),
        (MatrixEdition.GA_T_1389_2017, 3),
        (MatrixEdition.REPORT_TEMPLATE_2025, 3),
    ],
)
def test_the_editions_differ_in_one_cell(edition: MatrixEdition, cell: int) -> None:
    for harmed, row in MATRIX.items():
        for degree, level in zip(HarmDegree, row, strict=True):
            expected = cell if (harmed, degree) == (RIGHTS, ESPECIALLY) else level
            assert determine([Harm(harmed, degree)], edition.code) == expected


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


# Every mark that the standard gives a baseline for; level 5 has none.
MARKS = {
    *("S1A1G1",),
    *("S1A2G2", "S2A2G2", "S2A1G2"),
    *("S1A3G3", "S2A3G3", "S3A3G3", "S3A2G3", "S3A1G3"),
    *("S1A4G4", "S2A4G4", "S3A4G4", "S4A4G4", "S4A3G4", "S4A2G4", "S4A1G4"),
}


def test_levels_1_to_4_give_the_sixteen_marks() -> None:
    assert {security_mark(s, a) for s in range(1, 5) for a in range(1, 5)} == MARKS
    assert len(MARKS) == 16


def test_each_edition_knows_every_harm() -> None:
    assert MATRICES.keys() == {edition.code for edition in MatrixEdition}
    for matrix in MATRICES.values():
        assert set(matrix) == {Harm(object_, degree) for object_ in HarmObject for degree in HarmDegree}


def test_the_form_has_eight_boxes() -> None:
    assert len(set(BOXES.values())) == 8


@given(harms)
def test_the_forms_box_ends_in_the_level(harm: Harm) -> None:
    assert BOXES[harm].endswith(f"-{determine([harm])}")
