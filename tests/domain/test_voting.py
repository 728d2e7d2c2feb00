"""From opinions to a conclusion: the majority, and what holds without one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.panels.voting import Majority, TieRule, concluded_level, concluded_verdict, suffices

levels = st.lists(st.integers(1, 5), min_size=1, max_size=12)
majorities = st.sampled_from(Majority)
SIMPLE, TWO_THIRDS = Majority
HIGHER, NONE = TieRule


@pytest.mark.parametrize(
    ("votes", "majority", "tie_rule", "level"),
    [
        ([2, 2, 3], SIMPLE, NONE, 2),
        ([2, 2, 3], TWO_THIRDS, NONE, 2),
        ([2, 2, 3, 3], SIMPLE, NONE, None),
        ([2, 2, 3, 3], SIMPLE, HIGHER, 3),
        ([2, 3, 4], SIMPLE, NONE, None),
        ([2, 3, 4], SIMPLE, HIGHER, 3),
        ([2, 2, 2, 3, 3], TWO_THIRDS, NONE, None),
        ([2, 2, 2, 3, 3], TWO_THIRDS, HIGHER, 2),
        ([4], TWO_THIRDS, NONE, 4),
        ([1, 1, 1, 5, 5, 5], SIMPLE, HIGHER, 5),
    ],
)
def test_a_conclusion(votes: list[int], majority: Majority, tie_rule: TieRule, level: int | None) -> None:
    assert concluded_level(votes, majority, tie_rule) == level


@pytest.mark.parametrize(
    ("votes", "majority", "tie_rule", "agrees"),
    [
        ("yyn", SIMPLE, NONE, True),
        ("ynn", SIMPLE, HIGHER, False),
        ("yynn", SIMPLE, NONE, None),
        ("yynn", SIMPLE, HIGHER, False),
        ("yyn", TWO_THIRDS, NONE, True),
        ("yyynn", TWO_THIRDS, NONE, None),
        ("yyynn", TWO_THIRDS, HIGHER, False),
        ("y", TWO_THIRDS, NONE, True),
    ],
)
def test_a_conclusion_on_a_plan(votes: str, majority: Majority, tie_rule: TieRule, agrees: bool | None) -> None:
    assert concluded_verdict([vote == "y" for vote in votes], majority, tie_rule) is agrees


@given(st.lists(st.booleans(), min_size=1, max_size=12), majorities, st.sampled_from(TieRule))
def test_a_plan_that_the_panel_agrees_with_has_the_majority(
    votes: list[bool], majority: Majority, tie_rule: TieRule
) -> None:
    concluded = concluded_verdict(votes, majority, tie_rule)
    assert (concluded is True) == suffices(sum(votes), len(votes), majority)
    assert concluded is not None or tie_rule is NONE


@given(levels, majorities)
def test_a_level_with_the_majority_is_the_conclusion_under_every_rule(votes: list[int], majority: Majority) -> None:
    for level in set(votes):
        if suffices(votes.count(level), len(votes), majority) and majority is SIMPLE:
            assert {concluded_level(votes, majority, rule) for rule in TieRule} == {level}


@given(levels, majorities, st.sampled_from(TieRule), st.randoms())
def test_the_order_of_opinions_does_not_matter(
    votes: list[int], majority: Majority, rule: TieRule, random: Random
) -> None:
    mixed = list(votes)
    random.shuffle(mixed)
    assert concluded_level(mixed, majority, rule) == concluded_level(votes, majority, rule)


@given(levels, majorities)
def test_from_high_there_is_always_a_level_that_half_would_reach(votes: list[int], majority: Majority) -> None:
    level = concluded_level(votes, majority, HIGHER)
    assert level in votes
    reaching = sum(vote >= level for vote in votes if level is not None)
    assert reaching * 2 >= len(votes)


@given(levels, st.integers(0, 4))
def test_raising_a_vote_never_lowers_the_conclusion(votes: list[int], place: int) -> None:
    before = concluded_level(votes, SIMPLE, HIGHER)
    raised = list(votes)
    raised[place % len(raised)] = min(5, raised[place % len(raised)] + 1)
    after = concluded_level(raised, SIMPLE, HIGHER)
    assert before is not None
    assert after is not None
    assert after >= before


@given(levels, majorities)
def test_without_a_majority_and_the_rule_there_is_no_conclusion(votes: list[int], majority: Majority) -> None:
    most = max(votes.count(level) for level in votes)
    concluded = concluded_level(votes, majority, NONE)
    assert (concluded is not None) == suffices(most, len(votes), majority)


def test_nobody_concludes_from_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        concluded_level([], SIMPLE, HIGHER)
