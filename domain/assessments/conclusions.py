"""What a report may conclude, by the edition of its template (测评结论): editions are data, each from its own day on.

From domain facts 5.3. Where an edition bounds a conclusion by a figure or by grave findings, a report that contradicts
itself is refused; the first edition has neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.text import Term


class Conclusion(Term):
    """What an assessment concludes (测评结论)."""

    CONFORMING = "CONFORMING", "符合", "conforming"
    BASICALLY_CONFORMING = "BASICALLY_CONFORMING", "基本符合", "basically conforming"
    NON_CONFORMING = "NON_CONFORMING", "不符合", "not conforming"
    EXCELLENT = "EXCELLENT", "优", "excellent"
    GOOD = "GOOD", "良", "good"
    FAIR = "FAIR", "中", "fair"
    POOR = "POOR", "差", "poor"


class ConclusionVocabulary(Term):
    """The edition of the report's template that a conclusion is worded by (结论用语版本)."""

    TEMPLATE_2007 = "TEMPLATE_2007", "2007 年起:符合、基本符合、不符合", "from 2007: three conclusions, no figure"
    TEMPLATE_2015 = "TEMPLATE_2015", "2015 年版:并给出得分", "edition 2015: with a score from 0 to 100"
    TEMPLATE_2019 = "TEMPLATE_2019", "2019 年版:优、良、中、差,并给出得分", "edition 2019: four grades, with a score"
    TEMPLATE_2025 = "TEMPLATE_2025", "2025 年版:并给出符合率", "edition 2025: with the rate of conformity"


class Figure(Term):
    """What a conclusion rests on in figures (量化结果)."""

    NONE = "NONE", "无", "none"
    SCORE = "SCORE", "得分", "score, 0 to 100"
    RATE = "RATE", "符合率", "rate of conformity, in percent"


@dataclass(frozen=True, slots=True)
class Bound:
    """When a conclusion is due: from ``least`` on (``above`` excludes it), with no graver findings than allowed."""

    conclusion: Conclusion
    least: float
    above: bool = False
    high: bool = False
    medium: bool = True

    def holds(self, figure: float, *, high: bool, medium: bool) -> bool:
        """Whether figure and findings lead here."""
        reached = figure > self.least if self.above else figure >= self.least
        return reached and (self.high or not high) and (self.medium or not medium)


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition: from which day on, its words, its figure, and the bounds, the best conclusion first."""

    since: dt.date
    words: Sequence[Conclusion]
    figure: Figure = Figure.NONE
    bounds: Sequence[Bound] = ()

    def due(self, figure: float, *, high: bool, medium: bool) -> Conclusion:
        """The conclusion that follows from a figure and from whether there are high or medium risks."""
        for bound in self.bounds:
            if bound.holds(figure, high=high, medium=medium):
                return bound.conclusion
        return self.words[-1]


C, V = Conclusion, ConclusionVocabulary
_CONFORMITY = (C.CONFORMING, C.BASICALLY_CONFORMING, C.NON_CONFORMING)

EDITIONS: Mapping[ConclusionVocabulary, Edition] = {
    V.TEMPLATE_2007: Edition(dt.date(2007, 6, 22), _CONFORMITY),
    V.TEMPLATE_2015: Edition(
        dt.date(2015, 1, 1), _CONFORMITY, Figure.SCORE, (Bound(C.CONFORMING, 100), Bound(C.BASICALLY_CONFORMING, 60))
    ),
    V.TEMPLATE_2019: Edition(
        dt.date(2019, 12, 1),
        (C.EXCELLENT, C.GOOD, C.FAIR, C.POOR),
        Figure.SCORE,
        (Bound(C.EXCELLENT, 90, medium=False), Bound(C.GOOD, 80), Bound(C.FAIR, 70)),
    ),
    # A grave risk (重大风险隐患) stands in the way of the first, not of the second.
    V.TEMPLATE_2025: Edition(
        dt.date(2025, 3, 20),
        _CONFORMITY,
        Figure.RATE,
        (Bound(C.CONFORMING, 90, above=True), Bound(C.BASICALLY_CONFORMING, 60, high=True)),
    ),
}


def in_force(day: dt.date) -> ConclusionVocabulary:
    """The edition that an assessment of ``day`` is worded by, the first one before them all."""
    begun = [each for each, edition in EDITIONS.items() if edition.since <= day]
    return begun[-1] if begun else V.TEMPLATE_2007
