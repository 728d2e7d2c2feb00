"""Reading the headers that choose the answer's form: media type, language, and what the body is said to be."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

JSON = b"application/json"
GRAPHQL_JSON = b"application/graphql-response+json"
EVENT_STREAM = b"text/event-stream"

# GraphQL over HTTP, "Legacy Watershed": who does not say what it wants gets the older type.
OFFERED = (JSON, GRAPHQL_JSON, EVENT_STREAM)
RANGES = {b"*/*": 0, b"application/*": 1}


class ContentType(NamedTuple):
    """A body's media type and charset, both lower case; charset is empty when none was given."""

    media: bytes
    charset: bytes


@lru_cache(maxsize=256)
def media_type(accept: bytes) -> bytes | None:
    """The offered type that an ``Accept`` header prefers, or None when it takes neither (RFC 9110 12.5.1).

    An empty header takes everything. Between equals the order of the header decides.
    """
    if not accept.strip():
        return JSON
    # Per offered type: the quality its most specific range gave it, and where in the header that stood.
    best: dict[bytes, tuple[int, float, int]] = {}
    for position, item in enumerate(accept.lower().split(b",")):
        wanted, *parameters = (part.strip() for part in item.split(b";"))
        quality = _quality(parameters)
        for offered in OFFERED:
            # A stream of events is for those who name it.
            specific = 2 if wanted == offered else -1 if offered == EVENT_STREAM else RANGES.get(wanted, -1)
            if specific >= 0 and specific > best.get(offered, (-1,))[0]:
                best[offered] = (specific, quality, -position)
    taken = {offered: rank for offered, rank in best.items() if rank[1] > 0}
    if not taken:
        return None
    # OFFERED's first wins where all is equal.
    return max((offered for offered in OFFERED if offered in taken), key=lambda offered: taken[offered][1:])


@lru_cache(maxsize=256)
def language(accept_language: bytes) -> str:
    """``"en"`` when an ``Accept-Language`` header ranks English above Chinese, otherwise ``"zh"``."""
    ranks = {b"zh": -1.0, b"en": -1.0}
    for position, item in enumerate(accept_language.lower().split(b",")):
        tag, *parameters = (part.strip() for part in item.split(b";"))
        primary = tag.split(b"-")[0]
        if primary in ranks and (quality := _quality(parameters)) > 0:
            ranks[primary] = max(ranks[primary], quality - position * 1e-6)
    return "en" if ranks[b"en"] > ranks[b"zh"] else "zh"


@lru_cache(maxsize=256)
def content_type(value: bytes) -> ContentType:
    """The parts of a ``Content-Type`` header that matter here."""
    media, *parameters = (part.strip().lower() for part in value.split(b";"))
    charset = next((p[8:].strip(b"\"' ") for p in parameters if p.startswith(b"charset=")), b"")
    return ContentType(media, charset)


def _quality(parameters: list[bytes]) -> float:
    """The ``q`` among a header item's parameters, from 0 to 1; what is not a number counts as not wanted."""
    for parameter in parameters:
        if parameter.startswith(b"q="):
            text = parameter[2:]
            # Digits and one point only: float() would also read "inf", "1e999" and "1_0".
            return min(float(text), 1.0) if text.replace(b".", b"", 1).isdigit() and len(text) < 8 else 0.0
    return 1.0
