"""What every kind of import does with its rows: check them in batches, write those in order, tell the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from pydantic.alias_generators import to_camel
from sqlalchemy import insert, select, tuple_, update

from domain.audit.entities import AuditEvent
from domain.base import TenantRow, new_id
from domain.errors import Problem
from domain.imports.column import Column
from domain.imports.workbook import Row, RowProblem
from domain.text import Text
from domain.work import Work


@dataclass(slots=True)
class Outcome:
    """What came of a batch of rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)


class Loader(Protocol):
    """Takes in the rows of one kind of file; made anew for each import, told its batches in order."""

    async def load(self, work: Work, rows: Sequence[Row]) -> Outcome:
        """Write the rows that are in order; the others' problems. ``work`` may be another's each time."""
        ...


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is in order: the key of what it is about, its values, and those from before (None: it is new)."""

    key: UUID
    values: Mapping[str, Any]
    before: Mapping[str, Any] | None = None
    version: int = 0


def told(row: Row, columns: Iterable[Column], problems: Iterable[Problem]) -> None:
    """Add problems of an input to a row, each in the column that fills the input's field.

    A cell that could not be read is told once: that its value is missing follows from it.
    """
    unread = {each.column.field for each in row.problems if each.column}
    by_field = {to_camel(column.field): column for column in columns if column.field not in unread}
    skipped = {to_camel(name) for name in unread}
    row.problems += (
        RowProblem(row.number, by_field.get(each.field or ""), each.message)
        for each in problems
        if each.field not in skipped
    )


def wrong(row: Row, columns: Iterable[Column], field_: str, zh: str, en: str) -> None:
    """Add one thing that is wrong with the cell of ``field_``."""
    column = next((column for column in columns if column.field == field_), None)
    row.problems.append(RowProblem(row.number, column, Text(zh, en)))


def repeated(row: Row, columns: Iterable[Column], seen: dict[Any, int], key: Any, field_: str) -> None:
    """Tell a row whose ``key`` an earlier row has."""
    earlier = seen.setdefault(key, row.number)
    if earlier != row.number:
        wrong(row, columns, field_, f"与第 {earlier} 行重复,请只保留一行。", f"Row {earlier} has it too; keep one.")


async def visible(
    work: Work, entity: type[TenantRow], columns: Sequence[Any], by: Sequence[Any], keys: Collection[Any]
) -> list[Any]:
    """The rows of ``entity`` whose ``by`` is among ``keys``, locked, as far as the caller sees them."""
    if not keys:
        return []
    place = by[0].in_(keys) if len(by) == 1 else tuple_(*by).in_(keys)
    query = (
        select(*columns)
        .where(entity.tenant_id == work.caller.tenant_id, place, work.access.rows(work.caller, entity))
        .order_by(entity.id)  # two imports lock in the same order
        .params(work.access.values(work.caller))
    )
    return list(await work.session.execute(query.with_for_update(of=entity)))


async def write(work: Work, entity: type[TenantRow], changes: Sequence[Change], names: tuple[str, str]) -> Outcome:
    """Write the changes and their trail in a few statements; ``names`` are the actions that they amount to."""
    new = [change for change in changes if change.before is None]
    changed = [change for change in changes if change.before is not None and change.values]
    tenant = {"tenant_id": work.caller.tenant_id}
    if new:
        rows = [{**tenant, "id": c.key, "created_at": work.now, "version": 1, **c.values} for c in new]
        await work.session.execute(insert(entity), rows)
    if changed:
        rows = [{**tenant, "id": c.key, "version": c.version + 1, **c.values} for c in changed]
        for alike in _by_fields(rows):
            await work.session.execute(update(entity), alike)
    trail = [_trail(work, entity, names[change.before is not None], change) for change in (*new, *changed)]
    if trail:
        await work.session.execute(insert(AuditEvent), trail)
    return Outcome(len(new), len(changed), len(changes) - len(new) - len(changed))


def _by_fields(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows that set the same columns go in one statement."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    return groups.values()


def _trail(work: Work, entity: type[TenantRow], action: str, change: Change) -> dict[str, Any]:
    caller = work.caller
    before = change.before
    return {
        "tenant_id": caller.tenant_id,
        "id": new_id(),
        "created_at": work.now,
        "action": action,
        "user_id": caller.user_id,
        "membership_id": caller.membership_id,
        "organisation_id": caller.organisation_id,
        "subject_type": entity.__name__,
        "subject_id": change.key,
        "before": None if before is None else {name: plain(before[name]) for name in change.values},
        "after": {name: plain(value) for name, value in change.values.items()},
    }


def plain(value: Any) -> str | None:
    """A value as the audit trail keeps it."""
    return None if value is None else str(value)


def differing(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What ``given`` (None: says nothing) would change."""
    return {name: value for name, value in given.items() if value is not None and value != before[name]}


def closes_circle(above: Mapping[UUID, UUID], key: UUID, parent: UUID) -> bool:
    """Whether ``key`` stands above ``parent`` already, or is it."""
    place: UUID | None = parent
    for _ in range(len(above) + 1):
        if place == key:
            return True
        place = above.get(place) if place else None
        if place is None:
            return False
    return True
