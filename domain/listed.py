"""Lists that are saved as a whole, such as a plan's measures: each entry is kept, changed or gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from domain.base import TenantRow
from domain.checks import Checks
from domain.work import Work

Entry = TypeVar("Entry", bound=TenantRow)


def known_entries(
    checks: Checks, given: Sequence[Mapping[str, Any]], present: Mapping[UUID, Entry], key: str, path: str
) -> list[Entry | None]:
    """For each entry given, the one that it changes (named by ``key``), or None where it is new."""
    found: list[Entry | None] = []
    for place, each in enumerate(given):
        id_ = each.get(key)
        if id_ is None:
            found.append(None)
            continue
        entry = present.get(id_)
        if entry is None:
            checks.wrong(f"{path}.{place}.{key}", "原列表中没有此项。", "There is no such entry in the list.")
        elif entry in found:
            checks.wrong(f"{path}.{place}.{key}", "同一项重复出现。", "The same entry is given twice.")
        found.append(entry)
    return found


async def replace_entries(
    work: Work,
    present: Mapping[UUID, Entry],
    kept: Sequence[Entry | None],
    values: Sequence[Mapping[str, Any]],
    make: Callable[[], Entry],
) -> list[Entry]:
    """The list as given: entries that are ``kept`` take their values, new ones are made, all others are deleted."""
    remaining = {each.id for each in kept if each is not None}
    for key, former in present.items():
        if key not in remaining:
            await work.session.delete(former)
    await work.session.flush()
    entries = []
    for place, (entry, given) in enumerate(zip(kept, values, strict=True)):
        changed = entry if entry is not None else make()
        for name, value in {**given, "position": place}.items():
            setattr(changed, name, value)
        if entry is None:
            work.session.add(changed)
        entries.append(changed)
    await work.session.flush()
    return entries
