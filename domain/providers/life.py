"""The life of a recommendation (推荐): a table of what may follow what."""

from __future__ import annotations

from domain.providers.entities import Provider, RecommendationState
from domain.transitions import Life, step
from domain.work import Work

S = RecommendationState


def _mark(work: Work, provider: Provider, _: str, __: RecommendationState) -> None:
    """When it was withdrawn, where it is."""
    provider.withdrawn_at = work.now if provider.state is S.WITHDRAWN else None


LIFE = Life(
    "providerId",
    {
        "updateProvider": step(*S, to=None, zh="名录中的机构均可更新。", en="Any provider can be updated."),
        # Also before its validity ends: that is how it is renewed.
        "recommendProvider": step(*S, to=S.RECOMMENDED, zh="可随时推荐或续期。", en="It can always be recommended."),
        "withdrawRecommendation": step(
            S.RECOMMENDED, to=S.WITHDRAWN, zh="该机构的推荐已撤回。", en="The recommendation is withdrawn already."
        ),
    },
    _mark,
)
