"""A self-inspection's life: a table of what may follow what."""

from __future__ import annotations

from domain.selfinspections.entities import SelfInspectionState
from domain.transitions import Life, step

S = SelfInspectionState
_DRAFT = {"zh": "已报送的自查不能再改。", "en": "What was submitted stays as it is."}

LIFE = Life(
    "selfInspectionId",
    {
        "saveSelfInspection": step(S.DRAFT, to=None, **_DRAFT),
        "submitSelfInspection": step(S.DRAFT, to=S.SUBMITTED, **_DRAFT),
    },
)
