"""A panel case's life (workflow.md, "Expert panel"): one table of what may follow what."""

from __future__ import annotations

from collections.abc import Mapping

from domain.panels.entities import PanelCaseState
from domain.transitions import Life, Step, step

S = PanelCaseState

_BEFORE_THE_CONCLUSION = {"zh": "评审已形成意见,不能再办理。", "en": "The panel has concluded; that stands."}
_WHILE_IN_REVIEW = {
    "zh": "只有评审中、意见尚未公开的事项可以提交意见。",
    "en": "Opinions are given while a case is in review and they are still sealed.",
}

STEPS: Mapping[str, Step[PanelCaseState]] = {
    "addPanelCase": step(S.OPEN, S.IN_REVIEW, S.OPINIONS_IN, to=None, **_BEFORE_THE_CONCLUSION),
    # Another expert is asked: what the others said is sealed again until that opinion is in.
    "assignExperts": step(S.OPEN, S.IN_REVIEW, S.OPINIONS_IN, to=S.IN_REVIEW, **_BEFORE_THE_CONCLUSION),
    "assignExperts.chair": step(S.IN_REVIEW, S.OPINIONS_IN, to=None, **_BEFORE_THE_CONCLUSION),
    "submitOpinion": step(S.IN_REVIEW, to=None, **_WHILE_IN_REVIEW),
    "submitOpinion.last": step(S.IN_REVIEW, to=S.OPINIONS_IN, **_WHILE_IN_REVIEW),
    "declareConflict": step(S.IN_REVIEW, S.OPINIONS_IN, to=None, **_BEFORE_THE_CONCLUSION),
    "declareConflict.last": step(S.IN_REVIEW, to=S.OPINIONS_IN, **_BEFORE_THE_CONCLUSION),
    # The opinions that are left are no quorum: the expert has to be replaced.
    "declareConflict.reopens": step(S.OPINIONS_IN, to=S.IN_REVIEW, **_BEFORE_THE_CONCLUSION),
    "dismissExpert": step(S.IN_REVIEW, S.OPINIONS_IN, to=None, **_BEFORE_THE_CONCLUSION),
    "dismissExpert.last": step(S.IN_REVIEW, to=S.OPINIONS_IN, **_BEFORE_THE_CONCLUSION),
    "closeOpinions": step(
        S.IN_REVIEW,
        to=S.OPINIONS_IN,
        zh="只有评审中的事项可以结束征求意见。",
        en="Only a case in review can be closed to opinions.",
    ),
    "concludePanelCase": step(
        S.OPINIONS_IN,
        to=S.CONCLUDED,
        zh="须专家意见齐备,或由组长、经办人结束征求意见(closeOpinions)后,方可形成结论。",
        en="A conclusion is drawn when all opinions are in, or were closed by chair or officer (closeOpinions).",
    ),
}

LIFE = Life("panelCaseId", STEPS)
