"""What an accepted action changes of its subject, worked out from the row: no use case can leave it out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.alias_generators import to_camel
from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState
from sqlalchemy.orm.base import NO_VALUE

from domain.audit.redaction import SEALED_ENTITIES
from domain.base import TenantRow

# What says nothing of the matter.
TECHNICAL = frozenset({"tenant_id", "id", "created_at", "version"})
# Of a document within a row (a form), the places that differ are kept: so many, and so much of each.
MOST_PLACES, LONGEST = 200, 500

Changes = tuple[dict[str, Any], dict[str, Any]]


def changes_of(subject: TenantRow) -> Changes:
    """Values before and after of what was changed of ``subject`` since it was last written, by the API's names."""
    state: InstanceState[Any] = inspect(subject)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if type(subject).__name__ in SEALED_ENTITIES:
        return before, after
    for name, old in state.committed_state.items():
        if name in TECHNICAL or name not in state.mapper.column_attrs:
            continue
        former, new = (None if old is NO_VALUE else old), state.dict.get(name)
        for place, was, becomes in differences(to_camel(name), former, new):
            before[place], after[place] = was, becomes
    if state.key is None:  # a new row: there was nothing before
        before = {}
    return before, after


def differences(name: str, former: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """The places below ``name`` at which two values, documents or plain ones, differ: each with what it was and is."""
    if not isinstance(former, Mapping) and not isinstance(new, Mapping):
        if former != new:
            yield name, _plain(former), _plain(new)
        return
    was, becomes = dict(_leaves(name, former)), dict(_leaves(name, new))
    places = [place for place in {**was, **becomes} if was.get(place) != becomes.get(place)]
    for place in places[:MOST_PLACES]:
        yield place, was.get(place), becomes.get(place)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The single values of a document by their places, as ``form.unit.name``."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{number}", inner)
    elif value is not None:
        yield path, _plain(value)


def _plain(value: Any) -> Any:
    """A value as JSON has it, long texts cut."""
    if isinstance(value, str):
        return str(value)[:LONGEST]
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value][:MOST_PLACES]
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return str(value)[:LONGEST]
