"""How opinions become a conclusion: quorum, majority, and what is done where there is none.

The source (workflow.md, "Expert panel") says that the conclusion follows the tenant's quorum and majority, and leaves
open what those are and what happens when votes are split: all three are settings of the tenant, and the shipped ones
are this project's decision (docs/PANEL.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from domain.text import Term


class Majority(Term):
    """How many of the opinions have to agree (表决多数)."""

    SIMPLE = "SIMPLE", "过半数", "more than half"
    TWO_THIRDS = "TWO_THIRDS", "三分之二以上", "two thirds or more"


class TieRule(Term):
    """What holds where no level has the majority (未达多数时的规则)."""

    HIGHER_LEVEL = "HIGHER_LEVEL", "从高:取至少半数专家认为应达到的最高级别", "the highest level that half would reach"
    NO_CONCLUSION = "NO_CONCLUSION", "不形成结论,须增派专家", "no conclusion; more experts are asked"


DEFAULT_QUORUM = 3
MOST_QUORUM = 99


def suffices(votes: int, opinions: int, majority: Majority) -> bool:
    """Whether ``votes`` of ``opinions`` are the majority."""
    if majority is Majority.TWO_THIRDS:
        return votes * 3 >= opinions * 2
    return votes * 2 > opinions


def concluded_level(levels: Sequence[int], majority: Majority, tie_rule: TieRule) -> int | None:
    """The level that the panel concludes on from the levels recommended; None where it comes to none.

    Without a majority ``HIGHER_LEVEL`` takes the highest level that at least half of the experts would reach or
    exceed: of 2, 3, 4 it is 3, of 2, 2, 3, 3 it is 3. Raises: ValueError when there are no levels.
    """
    if not levels:
        raise ValueError("a conclusion rests on at least one opinion")
    most, votes = max(Counter(levels).items(), key=lambda item: (item[1], item[0]))
    if suffices(votes, len(levels), majority):
        return most
    if tie_rule is TieRule.NO_CONCLUSION:
        return None
    return sorted(levels)[len(levels) // 2]


def concluded_verdict(agreeing: Sequence[bool], majority: Majority, tie_rule: TieRule) -> bool | None:
    """Whether the panel agrees with a plan, from whether each expert does; None where it comes to no conclusion.

    Without a majority either way ``HIGHER_LEVEL``, the careful rule, sends the plan back. Raises: ValueError when there
    are no opinions.
    """
    if not agreeing:
        raise ValueError("a conclusion rests on at least one opinion")
    agree, opinions = sum(agreeing), len(agreeing)
    if suffices(agree, opinions, majority):
        return True
    if suffices(opinions - agree, opinions, majority) or tie_rule is TieRule.HIGHER_LEVEL:
        return False
    return None
