"""An examination as JSON, from the process that made it to the one that asked."""

from __future__ import annotations

from pydantic import TypeAdapter

from domain.documents.examination import Examination

_OUTCOME = TypeAdapter(Examination)


def encoded(examination: Examination) -> bytes:
    """The examination as JSON."""
    return _OUTCOME.dump_json(examination)


def decoded(outcome: bytes) -> Examination:
    """The examination from its JSON. Raises: ValueError."""
    return _OUTCOME.validate_json(outcome)
